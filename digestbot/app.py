"""The wiring: a checked configuration becomes a store, sources, a channel and templates. The only place they meet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from digestbot import plugins, settings
from digestbot.acts import worker
from digestbot.acts.poll import SourceSetup
from digestbot.errors import ConfigError, ConfigProblem, NotFound
from digestbot.settings import Config
from digestbot.store import Store

if TYPE_CHECKING:  # heavy, and needed by some commands only
    from digestbot.acts.deliver import Policy
    from digestbot.acts.dispatch import Desk
    from digestbot.acts.publish import Press
    from digestbot.channels import Channel
    from digestbot.digest.render import Templates
    from digestbot.model import Digest, Message, Subscriber
    from digestbot.transport.http import HttpTransport


def load(main: Path) -> Config:
    """Read and check the configuration. Raises ConfigError with every problem of all files."""
    if not main.is_file():
        what = f"there is no configuration file {main}"
        raise ConfigError((ConfigProblem(file=str(main), what=what, detail="Write one with: digestbot init"),))
    texts = []
    for path in settings.files(main):
        try:
            texts.append((_shown(path), path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError((ConfigProblem(file=_shown(path), what=f"cannot be read: {error}"),)) from error
    return settings.read(
        texts,
        root=main.resolve().parent.parent,
        kinds=plugins.Kinds(plugins.SOURCES),
        channels=plugins.Kinds(plugins.CHANNELS).keys(),
        environ=os.environ,
        read_secret=lambda path: path.read_text(encoding="utf-8").strip(),
    )


def _shown(path: Path) -> str:
    """As a person would name it from where they stand."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@dataclass(frozen=True)
class App:
    """A configuration with everything that hangs on it, opened when it is first needed."""

    config: Config
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    store_url: str = ""  #: in place of the configured one

    @cached_property
    def store(self) -> Store:
        """The database, brought to our schema, with the configuration's people and sources in it."""
        from digestbot.acts.people import sync
        from digestbot.store.database import open_store

        store = open_store(self.store_url or self.config.store.url, root=self.config.root)
        store.migrate()
        sources = [(s.name, s.kind) for s in self.config.sources]
        sync(store, self.config.subscribers, sources, now=self.clock())
        return store

    @cached_property
    def setups(self) -> tuple[SourceSetup, ...]:
        """The sources as the poll wants them."""
        kinds = plugins.Kinds(plugins.SOURCES)
        return tuple(
            SourceSetup(
                name=s.name, kind=s.kind, source=kinds[s.kind].from_options(s.options), every=s.every, pause=s.pause
            )
            for s in self.config.sources
        )

    def transport(self) -> HttpTransport:
        """The network; opened by `async with`."""
        from digestbot.transport.http import HttpTransport

        return HttpTransport(self.config.site.contact, allow_private=self.config.fetch.allow_private)

    @cached_property
    def templates(self) -> Templates:
        """Ours, and those that override them."""
        from digestbot.digest.render import Templates

        return Templates.load(self.config.site.templates)

    @cached_property
    def desk(self) -> Desk:
        """What every digest has in common."""
        from digestbot.acts.dispatch import Desk

        return Desk(
            site=self.config.site.name,
            domain=self.config.delivery.domain,
            contact=self.config.site.contact,
            topics={t.name: t.query for t in self.config.topics},
            titles={s.name: s.title for s in self.config.sources if s.title},
        )

    @cached_property
    def press(self) -> Press:
        """Where feeds go, and what the edition is."""
        from digestbot.acts.publish import EditionRule, Press

        edition = self.config.edition
        return Press(
            site=self.config.site.name,
            zone=self.config.site.time_zone,
            path=self.config.feeds.path,
            home=self.config.site.base_url,
            edition=EditionRule(query=edition.query, sources=edition.sources, limit=edition.limit, closes=edition.closes),
            topics=self.config.topics,
        )

    @cached_property
    def policy(self) -> Policy:
        """What the operator decided about deliveries."""
        from digestbot.acts.deliver import Policy

        smtp = self.config.smtp
        by_smtp = self.config.delivery.channel == "smtp" and smtp is not None
        return Policy(
            on_unknown=self.config.delivery.on_unknown,
            unknown_after=self.config.delivery.unknown_after,
            per_day=smtp.per_day if by_smtp and smtp else None,
            server=f"{smtp.host}:{smtp.port}" if by_smtp and smtp else self.config.delivery.channel,
        )

    def channel(self) -> Channel:
        """The way out that is configured."""
        kind: Channel = plugins.Kinds(plugins.CHANNELS)[self.config.delivery.channel].from_config(self.config)
        return kind

    def build(self, digest: Digest) -> Message:
        """The mail of a digest."""
        from digestbot.mail.build import build

        return build(
            digest,
            subject=self.templates.subject(digest),
            html=self.templates.html(digest),
            text=self.templates.text(digest),
            sender=self.config.delivery.sender,
            unsubscribe_mailto=self.config.site.contact,
        )

    def subscriber(self, who: str) -> Subscriber:
        """By id or address. Raises NotFound with the nearest names."""
        with self.store.reading() as tx:
            found = tx.people.get(who)
            if found is not None and found.status != "removed":
                return found
            known = [s.ref for s in tx.people.all()]
        from difflib import get_close_matches

        near = get_close_matches(who, known, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known[:10]) or 'none; see config/subscribers'}"
        raise NotFound(f"no subscriber {who!r}", fix=hint)

    def source_names(self, names: Sequence[str]) -> Sequence[str]:
        """The same names, checked. Raises NotFound."""
        known = [s.name for s in self.config.sources]
        for name in names:
            if name not in known:
                raise NotFound(f"no source {name!r}", fix=f"known: {', '.join(known) or 'none'}")
        return names

    def in_memory(self) -> App:
        """The same configuration over an empty database that is gone with the process."""
        return replace(self, store_url="sqlite://")

    @property
    def owner(self) -> str:
        """This process, for leases."""
        return worker.name()

    @contextmanager
    def opened(self) -> Iterator[App]:
        """Closes the store at the end, if it was opened."""
        try:
            yield self
        finally:
            if "store" in self.__dict__:
                self.store.close()


def kinds() -> Mapping[str, object]:
    """All installed kinds of sources."""
    return plugins.Kinds(plugins.SOURCES)
