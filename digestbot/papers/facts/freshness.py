"""Freshness: which entries are archive material when they arrive, and so no news. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from digestbot.model import Entry, PartialDate

ARCHIVED_BY_ANNOUNCEMENT = timedelta(days=7)  #: a listing day longer ago
ARCHIVED_BY_DATE = timedelta(days=14)  #: in a first poll, and for papers without a listing day that come in numbers
ARCHIVED_IF_FEW = timedelta(days=60)  #: for a few papers of a known source: journals list papers weeks later
MANY = 10  #: late papers in one reply: more are an archive that a source shows


def archived_on_arrival(
    entries: Sequence[Entry], *, now: datetime, previous_poll: datetime | None, listed: PartialDate | None = None
) -> frozenset[int]:
    """Returns the places of the entries that are archive material: they are recorded and are no news.

    `previous_poll` is None in the first poll of a source. An entry with a listing day is archived when that day is more
    than seven days ago; after a longer silence the limit is the silence, at most 14 days. An entry without a listing day
    is archived when its own date is more than 14 days ago and many such come at once, else when it is more than 60 days
    ago. In a first poll both limits are 14 days, and the newest list (`listed`) is never archived: it is what the source
    shows today. A date that may mean a recent instant archives nothing.
    """
    ages = [_age(e, now) for e in entries]
    late = sum(age > ARCHIVED_BY_DATE and e.announced is None for e, age in zip(entries, ages, strict=True))
    announced = published = ARCHIVED_BY_DATE
    spared: PartialDate | None = listed
    if previous_poll is not None:
        announced = min(max(ARCHIVED_BY_ANNOUNCEMENT, now - previous_poll), ARCHIVED_BY_DATE)
        published = ARCHIVED_BY_DATE if late > MANY else ARCHIVED_IF_FEW
        spared = None
    return frozenset(
        at
        for at, (e, age) in enumerate(zip(entries, ages, strict=True))
        if age > (published if e.announced is None else announced) and not (spared and e.announced == spared)
    )


def _age(entry: Entry, now: datetime) -> timedelta:
    """Time since the last instant the entry's date can mean; zero without a date."""
    given = next((d for d in (entry.announced, entry.published) if d is not None and not d.is_zero), None)
    return timedelta() if given is None else max(now - _latest(given), timedelta())


def _latest(given: PartialDate) -> datetime:
    begin = given.earliest()
    match given.precision:
        case "year":
            return begin + timedelta(days=365)
        case "month":
            return begin + timedelta(days=31)
        case "day":
            return begin + timedelta(days=1)
        case _:
            return begin
