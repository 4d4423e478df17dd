"""The loop of the daemon: APScheduler calls the rounds every few seconds. What is due stands in the database.

APScheduler asks the wall clock: a clock set back by an hour would stop its interval job for an hour. Here it is given a
time zone whose now moves with the monotonic clock (`MonotonicZone`), so that a wall clock that is set, in either
direction and however far, neither stops a turn nor repeats one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.triggers.base import BaseTrigger

from digestbot.daemon.stopping import Leaving
from digestbot.system.process import run_id

log = logging.getLogger(__name__)

TICK = 15.0  #: seconds between two looks: a digest is at most that late
GRACE = 7.0  #: seconds all rounds together have to end in when we are asked to stop

Round = Callable[[asyncio.Event], Awaitable[None]]


class MonotonicZone(tzinfo):
    """UTC as it was when this was made, moved on by the monotonic clock.

    APScheduler asks for the time by `datetime.now(zone)`, which calls `fromutc` with the wall clock's time; that is
    ignored here.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun, self._start = clock(), datetime.now(UTC)

    def fromutc(self, _: datetime) -> datetime:
        """The start and the seconds that have passed since."""
        return (self._start + timedelta(seconds=self._clock() - self._begun)).replace(tzinfo=self)

    def utcoffset(self, _: datetime | None) -> timedelta:
        """None."""
        return timedelta(0)

    def dst(self, _: datetime | None) -> timedelta:
        """None."""
        return timedelta(0)

    def tzname(self, _: datetime | None) -> str:
        """Shown in log lines of APScheduler."""
        return "monotonic"


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """An APScheduler trigger: at once, then every so many seconds. Its own interval trigger reads the wall clock."""

    __slots__ = ("interval",)

    def __init__(self, seconds: float) -> None:
        self.interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next turn; turns that were missed are made up for by one."""
        return now if previous_fire_time is None else previous_fire_time + self.interval


@dataclass(slots=True)
class Signals:
    """What was asked of the process from outside."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    wake: asyncio.Event = field(default_factory=asyncio.Event)  #: look at once
    reread: bool = False  #: whoever reads the configuration reads it again, and sets this back
    leaving: Leaving | None = None  #: ends the process in time; None where the process is not ours to end
    _asked: bool = False

    def listen(self) -> None:
        """SIGTERM and SIGINT stop after what is in the air, a second one at once. SIGHUP reloads.

        The handlers are the interpreter's and not the loop's: a loop that stands is asked to stop all the same.
        """
        loop = asyncio.get_running_loop()

        def asked(*_: object) -> None:
            if self._asked:
                os._exit(130)
            self._asked = True
            if self.leaving is not None:
                self.leaving.asked()
            loop.call_soon_threadsafe(self._stop)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, asked)
        loop.add_signal_handler(signal.SIGHUP, self._asked_to_reload)

    def _stop(self) -> None:
        log.info("stopping: what is in the air finishes first")
        self.stop.set()

    def _asked_to_reload(self) -> None:
        log.info("asked to read the configuration again")
        self.reread = True
        self.wake.set()


async def run(
    rounds: Mapping[str, Round],
    *,
    tick: float = TICK,
    signals: Signals | None = None,
    on_turn: Callable[[], None] = lambda: None,
) -> None:
    """Start every round each `tick` seconds, side by side, never two of one name, until a signal comes.

    `on_turn` is called once a turn, before the rounds. The round named "poll" is cut short at the end: a poll that was
    cut short has written nothing, and the next one asks again. The others get seven seconds.
    """
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    signals = signals or Signals()
    signals.listen()
    running: dict[str, asyncio.Task[None]] = {}

    async def turn() -> None:  # async, so that APScheduler calls it on the loop and not in a thread
        on_turn()
        for name, act in rounds.items():
            if name not in running or running[name].done():
                running[name] = asyncio.create_task(_guarded(name, act, signals.stop), name=name)

    scheduler = AsyncIOScheduler(timezone=MonotonicZone())
    scheduler.start()
    while not signals.stop.is_set():
        scheduler.add_job(turn, Every(tick), id="turn", replace_existing=True, coalesce=True, misfire_grace_time=None)
        await _asked(signals)
    scheduler.shutdown(wait=False)
    if polling := running.get("poll"):
        polling.cancel()
    await _ended(running.values(), GRACE)
    for task in running.values():
        task.cancel()
    await _ended(running.values(), 1)


async def _ended(tasks: Iterable[asyncio.Task[None]], seconds: float) -> None:
    """When all have ended, or the time is over."""
    if left := [task for task in tasks if not task.done()]:
        await asyncio.wait(left, timeout=seconds)


async def _asked(signals: Signals) -> None:
    """Wait for a signal to stop, or to look at once."""
    asked = [asyncio.ensure_future(event.wait()) for event in (signals.stop, signals.wake)]
    try:
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    finally:
        signals.wake.clear()
        for one in asked:
            one.cancel()


async def _guarded(name: str, act: Round, stop: asyncio.Event) -> None:
    """A round that fails is logged, and the next one begins all the same."""
    run_id.set("")  # each round is a run of its own
    try:
        await act(stop)
    except Exception:
        log.exception("this round of %s failed; the next begins in a moment", name)
