"""The ticker: looks for what is due and adds jobs for it. Every worker may be it; one at a time is, by lease (leader election)."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta

from digestbot.acts.delivery.deliver import recover_stale
from digestbot.acts.jobs import SILENT, Added, add_due_jobs, refuse_wrong_clock
from digestbot.acts.rounds import before_composing
from digestbot.acts.upkeep.clock import note_jump, note_round
from digestbot.app.wiring import App
from digestbot.daemon.heartbeat import ClockWatch
from digestbot.daemon.live_config import LiveApp
from digestbot.daemon.loop import Signals
from digestbot.daemon.place import leave_place, take_place
from digestbot.daemon.service import tell_alarm
from digestbot.errors import AlreadyRunning, ClockWrong, DigestbotError
from digestbot.system.service_manager import notify

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)  #: without a sign of life for so long another worker ticks


class Ticker:
    """Ticks while this process has the place of the daemon, and tries to get it while it has not."""

    def __init__(self, live: LiveApp, signals: Signals, *, silent: timedelta = SILENT) -> None:
        self.live, self.signals, self.silent = live, signals, silent
        self.ticking = False
        self._clocks, self._jumps = ClockWatch(live.app.clock), list[tuple[datetime, datetime]]()

    async def run(self, tick: float) -> None:
        """Until the process is asked to stop. A database in trouble costs a tick, not the ticker."""
        while not self.signals.stop.is_set():
            self.live.heartbeat.beat()
            notify("WATCHDOG=1")
            if (jump := self._clocks.look()) is not None:
                self._jumps.append(jump)
            try:
                await asyncio.to_thread(self._turn)
            except ClockWrong as error:
                log.error("this worker ends: %s", error)
                self.signals.stop.set()
            except DigestbotError as error:
                log.error("nothing was looked for: %s", error)
            except Exception:
                log.exception("nothing was looked for")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked(), tick)

    async def _asked(self) -> None:
        events = [asyncio.create_task(event.wait()) for event in (self.signals.stop, self.signals.wake)]
        try:
            await asyncio.wait(events, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.signals.wake.clear()
            for event in events:
                event.cancel()

    def _turn(self) -> None:
        refuse_wrong_clock(self.live.app.store, self.live.app.clock())
        asked, self.signals.reread = self.signals.reread, False
        self.live.applies = self._has_place()
        app = self.live.refresh(asked=asked)
        if self.live.applies:
            while self._jumps:
                note_jump(app.store, app.policy.server, *self._jumps.pop(0))
            added = tick(app, silent=self.silent)
            if added.rescued:
                log.warning("a worker is gone: %d of its jobs wait again", added.rescued)

    def _has_place(self) -> bool:
        try:
            take_place(self.live.app, lease=LEASE)
        except AlreadyRunning:
            if self.ticking:
                log.warning("another worker looks for what is due from here on")
            self.ticking = False
            return False
        if not self.ticking:
            log.info("this worker looks for what is due")
        self.ticking = True
        return True

    def leave(self) -> None:
        """Another worker may tick at once."""
        if self.ticking:
            with suppress(DigestbotError):
                leave_place(self.live.app)


def tick(app: App, *, silent: timedelta = SILENT) -> Added:
    """Look once."""
    note_round(app.store, app.policy.server, now=app.clock())
    before_composing(app.mailer(), app.clock())
    recover_stale(app.store, app.policy, now=app.clock())
    names = [s.name for s in app.setups]
    added = add_due_jobs(
        app.store, names, app.digest_settings, wait=app.config.delivery.wait_for_sources, now=app.clock(),
        silent=silent,
    )  # fmt: skip
    tell_alarm(app)
    return added
