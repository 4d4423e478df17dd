"""Rhythm: how often the best of a topic comes, with which digest, and from which time its papers are. Pure.

The list comes with the first digest on or after its day: a mail that could not be delivered, a pause or a machine that slept only
move it to the next digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from digestbot.digest.selection.schedule import DAYS, NAMES
from digestbot.errors import ScheduleError
from digestbot.model import Slot, Span, Subscriber, Topic

FORMS = 'Write "weekly", "weekly fri" or "monthly"'
PLACES = 10  #: of a best list whose topic has no limit
_FORM = re.compile(r"(weekly|monthly)(?:\s+(?:on\s+)?([a-z]+))?\Z")
_LENGTH = {Span.WEEK: timedelta(days=7), Span.MONTH: timedelta(days=31)}
_LATE_FOR = {Span.WEEK: timedelta(days=7), Span.MONTH: timedelta(days=14)}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Weekly on a weekday, or monthly."""

    span: Span
    weekday: int = 0  #: 0 is Monday; of a month always its first day

    @classmethod
    def parse(cls, text: str) -> Rhythm:
        """Reads `weekly`, `weekly fri`, `monthly`. Raises ScheduleError."""
        return _parsed(text)

    @property
    def length(self) -> timedelta:
        """How long before a digest a paper may have come first."""
        return _LENGTH[self.span]

    @property
    def late_for(self) -> timedelta:
        """How long before that, when its votes rose since."""
        return _LATE_FOR[self.span]

    def began(self, day: date) -> date:
        """The day on which the week or month of `day` begins."""
        if self.span is Span.MONTH:
            return day.replace(day=1)
        return day - timedelta(days=(day.weekday() - self.weekday) % 7)

    def comes(self, day: date, last: date | None) -> bool:
        """Whether the list comes with a digest of `day`. `last` is the day of the digest before it that arrived."""
        return last is None or last < self.began(day)

    def words(self) -> str:
        """`the first digest from Friday on`."""
        return (
            "the first digest of the month"
            if self.span is Span.MONTH
            else f"the first digest from {NAMES[self.weekday]} on"
        )


@lru_cache(maxsize=256)
def _parsed(text: str) -> Rhythm:
    found = _FORM.match(text.strip().lower())
    days = [n for n, day in enumerate(DAYS) if found and found[2] and (found[2] == day or found[2] == NAMES[n].lower())]
    if found is None or (found[2] and (not days or found[1] == "monthly")):
        raise ScheduleError(f"{text!r} is no rhythm", fix=FORMS)
    return Rhythm(Span.MONTH if found[1] == "monthly" else Span.WEEK, days[0] if days else 0)


def rhythm_of(wish: Topic | Subscriber) -> Rhythm | None:
    """The rhythm that somebody wants for a topic or for the edition; None for everything as it comes."""
    return Rhythm.parse(wish.best) if wish.best else None


def coming(
    subscriber: Subscriber, wishes: Iterable[Topic | Subscriber], at: datetime, last: datetime | None
) -> list[Rhythm]:
    """The rhythms whose list comes with a digest of `at`. `last` is when the digest before it was due, if it arrived."""
    return [r for wish in wishes if (r := rhythm_of(wish)) is not None and comes(subscriber, r, at, last)]


def comes(subscriber: Subscriber, rhythm: Rhythm, at: datetime, last: datetime | None) -> bool:
    """Whether a list of this rhythm comes with a digest of `at`, by the days of the subscriber's zone."""
    zone = ZoneInfo(subscriber.time_zone)
    return rhythm.comes(at.astimezone(zone).date(), last.astimezone(zone).date() if last else None)


def next_with(subscriber: Subscriber, rhythm: Rhythm, slots: Iterable[Slot], last: datetime | None) -> Slot | None:
    """The first of `slots` with which the list comes; None when with none of them."""
    for slot in slots:
        if comes(subscriber, rhythm, slot.due, last):
            return slot
        last = slot.due
    return None
