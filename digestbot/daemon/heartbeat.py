"""Heartbeat: whether the loop still comes round, and whether the wall clock went on as time did.

A thread watches the loop, because a loop that stands cannot report itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

log = logging.getLogger(__name__)

TICKS = 5  #: so many ticks without a turn, and the loop stands
SLIP = timedelta(seconds=90)  #: a wall clock that time servers correct moves less


def time_since_boot() -> float:
    """Seconds since boot, with the time the machine was asleep where the system tells it."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()


@dataclass(slots=True)
class Heartbeat:
    """When the loop came round last."""

    tick: float
    monotonic: Callable[[], float] = time.monotonic
    _last: float | None = None

    def beat(self) -> None:
        """The loop has come round."""
        self._last = self.monotonic()

    @property
    def standing_for(self) -> float:
        """Seconds for which the loop stands; 0 while it comes round, and before it has begun."""
        late = 0.0 if self._last is None else self.monotonic() - self._last
        return late if late > TICKS * self.tick else 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Log from a thread that the loop stands, and that it goes on again, until the block ends."""
        ended = threading.Event()
        thread = threading.Thread(target=self._watch, args=(ended,), name="watchdog", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(1)

    def _watch(self, ended: threading.Event) -> None:
        told = False
        while not ended.wait(self.tick):
            late = self.standing_for
            if late and not told:
                log.error("the loop has not come round for %.0f s: nothing is polled or sent", late)
            elif told and not late:
                log.warning("the loop goes on again")
            told = bool(late)


@dataclass(slots=True)
class ClockWatch:
    """Compares the wall clock with the time since boot, from one look to the next."""

    wall: Callable[[], datetime]
    boot: Callable[[], float] = time_since_boot
    _last: tuple[datetime, float] | None = field(default=None)

    def look(self) -> tuple[datetime, datetime] | None:
        """(what the wall clock should show, what it shows) when it was set since the last look; else None."""
        now, ran = self.wall(), self.boot()
        last, self._last = self._last, (now, ran)
        if last is None:
            return None
        expected = last[0] + timedelta(seconds=ran - last[1])
        return (expected, now) if abs(now - expected) > SLIP else None
