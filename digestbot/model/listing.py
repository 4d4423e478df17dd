"""Listing days: what a source lists for one day, what of it is stored, and whether it is complete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ListingState(StrEnum):
    """How far one listing day is."""

    FILLING = "filling"  #: due, and it may still grow
    STALE = "stale"  #: due, and the source still shows an earlier day
    CLOSED = "closed"  #: done
    MISSED = "missed"  #: its closing time came and we had nothing of it: it is asked for afterwards


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingDay:
    """One day of a source's calendar. All instants aware UTC."""

    day: date
    opens: datetime  #: from then on it should be there
    full: datetime  #: from then on nothing more is put into it: two equal polls say that all of it was read
    closes: datetime  #: done then, whatever came


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One listing day of one part (an arXiv category) of one source."""

    source: str
    part: str  #: "" for a source that is not divided
    day: date
    state: ListingState
    got: tuple[str, ...] = ()  #: its ids, sorted; of a paper's later version with that version: "2611.00001v2"
    expected: int | None = None  #: how many there are, as the source says; None: it does not say
    equal_polls: int = 0  #: polls in a row that found the same, once the day was full
    changed: datetime | None = None  #: when its ids changed last
    updated: datetime  #: the last poll that counted for it
    checked: datetime | None = None  #: when it was asked for once more after its end, and all of that answered
    tries: int = 0  #: how often that was tried without

    @property
    def done(self) -> bool:
        """Whether nothing more is expected."""
        return self.state is ListingState.CLOSED

    @property
    def missing(self) -> int:
        """How many papers are known to be missing."""
        return max((self.expected or 0) - len(self.got), 0)
