"""Clock: write down that the wall clock was set, and free what was dated by a clock that was ahead.

A clock that is set back leaves moments in the future: a mail that waits for next year, a server that is not asked for
days. Nobody chose them, so they count from now on.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digestbot.model import State
from digestbot.store import Store, Transaction

log = logging.getLogger(__name__)

JUMP = "clock was set"
LAST_ROUND = "last round"
SLIP = timedelta(minutes=5)  #: clocks of two machines, or before and after a correction, differ by less
LONGEST_RETRY = timedelta(hours=30)  #: no delivery waits longer for its next try: a day's cap, and some
LONGEST_BREAK = timedelta(hours=30)  #: no mail server is left alone longer
TOLD_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockJump:
    """A wall clock that was set."""

    at: datetime  #: what it showed afterwards
    by: timedelta  #: how far; negative: back

    @property
    def words(self) -> str:
        """`set back by 5 days`."""
        seconds = abs(self.by.total_seconds())
        count, unit = next((round(seconds / n), u) for n, u in _UNITS if seconds >= n)
        return f"set {'back' if self.by < timedelta(0) else 'forward'} by {count} {unit}{'s' if count > 1 else ''}"


_UNITS = ((365.25 * 86_400, "year"), (86_400, "day"), (3600, "hour"), (60, "minute"), (0, "second"))


def note_round(store: Store, server: str, *, now: datetime) -> ClockJump | None:
    """Note when this round was. When the last one was later than now, the clock was set back: that is noted too."""
    with store.transaction() as tx:
        last = tx.site.timestamp(LAST_ROUND)
        tx.site.set_timestamp(LAST_ROUND, at=now)
        if last is None or last <= now + SLIP:
            return None
        return _record(tx, ClockJump(at=now, by=now - last), server)


def note_jump(store: Store, server: str, expected: datetime, shown: datetime) -> ClockJump:
    """Note that the clock showed `shown` where it should have shown `expected`."""
    with store.transaction() as tx:
        tx.site.set_timestamp(LAST_ROUND, at=shown)
        return _record(tx, ClockJump(at=shown, by=shown - expected), server)


def _record(tx: Transaction, jump: ClockJump, server: str) -> ClockJump:
    tx.site.set_note(JUMP, at=jump.at, text=str(jump.by.total_seconds()))
    log.warning("the clock was %s", jump.words)
    if jump.by < timedelta(0):
        _free(tx, server, jump.at)
    return jump


def _free(tx: Transaction, server: str, now: datetime) -> None:
    """What waits for a moment that only a wrong clock can have chosen waits no longer."""
    waiting = tx.outbox.list_deliveries((State.PENDING, State.DEFERRED), most=100_000)
    late = [row.id for row in waiting if row.next_at > now + LONGEST_RETRY]
    if late:
        tx.outbox.bring_forward(late, now=now)
    breaker = tx.breakers.breaker_of(server)
    if breaker.open_until is not None and breaker.open_until > now + LONGEST_BREAK:
        tx.breakers.set_breaker(server, replace(breaker, open_until=now))


def last_jump(tx: Transaction, now: datetime) -> ClockJump | None:
    """The last time the clock was set, when that was in the last days."""
    note = tx.site.note(JUMP)
    if note is None or not -TOLD_FOR < now - note.at < TOLD_FOR:
        return None
    return ClockJump(at=note.at, by=timedelta(seconds=float(note.text)))
