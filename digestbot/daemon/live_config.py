"""LiveApp: the configuration in force while a process runs. It follows the files, and keeps the last good one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from digestbot import settings
from digestbot.acts.answers.plan import How, changes
from digestbot.acts.people.sync import confirm_missing, is_doubted
from digestbot.app.config_files import checked, read_texts
from digestbot.app.wiring import App
from digestbot.daemon.heartbeat import Heartbeat
from digestbot.daemon.loop import TICK
from digestbot.errors import ConfigError

log = logging.getLogger(__name__)


class LiveApp:
    """Holds the App in force. `refresh` replaces it when the files have changed."""

    def __init__(self, app: App) -> None:
        self.app, self._seen = app, _state_of(app)
        self.heartbeat = Heartbeat(TICK)
        self.wake: Callable[[], None] = _nobody  #: asks the daemon of this process, if it is one, to look at once
        self.applies = True  #: False: another process makes people, sources and rules those of the files
        self._doubting = True  #: looked at with the first round

    def refresh(self, *, asked: bool = False) -> App:
        """Take over what changed in the files, or read them in any case when somebody `asked`; the App in force.

        When the files have errors, those are logged and everything stays as it was.
        """
        now = _state_of(self.app)
        if asked and self.applies:
            confirm_missing(self.app.database)
        if (now == self._seen and not asked) or self.app.main is None:
            if (
                self._doubting and self.applies
            ):  # people are missing in the files: believed once it has held for a while
                self._apply(self.app)
            return self.app
        try:
            texts = read_texts(self.app.main)
            config = checked(texts, self.app.main, self.app.config)
        except ConfigError as error:
            for problem in (p for p in error.problems if p.severity == "error"):
                log.error("configuration not taken over, the last good one stays: %s", problem)
            self._seen = now
            return self.app
        old = self.app.config
        for name in ("store", "web", "root"):
            if getattr(config, name) != getattr(old, name):
                log.warning("a change of %s needs a restart; until then the old one is used", name)
        new = self.app.having(replace(config, store=old.store, web=old.web, root=old.root), tuple(texts))
        if self.applies:
            self._apply_changes(new)
        else:
            new.leave_to_others()
            self._doubting = True  # looked at when this process is the one that applies
        log.info("configuration taken over: %d sources, %d subscribers", len(config.sources), len(config.subscribers))
        self.app, self._seen = new, now  # where the store refused it, the next look tries again
        return new

    def _apply_changes(self, new: App) -> None:
        same = {id(person) for person in self.app.config.subscribers}
        read = [person for person in new.config.subscribers if id(person) not in same]
        there = {person.ref for person in new.config.subscribers}
        found = changes(new.database, read, there, new.source_kinds, new.rules, now=new.clock())
        self._apply(new)
        for change in found:
            if not (self._doubting and (change.what, change.how) == ("subscriber", How.REMOVED)):
                log.info("%s %s: %s", change.what, change.name, change.how)

    def _apply(self, app: App) -> None:
        """People, sources and rules are those of this configuration from here on."""
        app.apply_to(app.database)
        app.__dict__["store"] = app.database
        self._doubting = is_doubted(app.database)


def _nobody() -> None:
    """Another process looks at its next tick."""


def _state_of(app: App) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file a configuration is made of; templates too."""
    files = list(settings.files(app.main)) if app.main else []
    if (own := app.config.site.templates) is not None:
        files += sorted(path for path in own.rglob("*") if path.is_file())
    found = []
    for path in files:
        with suppress(OSError):
            state = path.stat()
            found.append((str(path), state.st_mtime_ns, state.st_size))
    return tuple(found)
