"""arXiv's announcements: Sunday to Thursday at 20:00 in New York, but for its holidays. Pure.

https://info.arxiv.org/help/availability.html. The holidays differ from year to year and are published late; those
below are the ones that recur in its lists. A holiday missing here is found out by the empty list, one too many by the
papers that come: both only cost a word.

The announcement of an evening is the listing day of the next morning: its feeds bear that date and are made at midnight.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digestbot.model import ListingDay

NEW_YORK = ZoneInfo("America/New_York")
AT = time(20, 0)
FREEZE = time(14, 0)  #: what was submitted until then is in the announcement of that evening; for Sunday's until Friday
_NEVER = frozenset({4, 5})  #: Friday and Saturday
_DAY = timedelta(days=1)


def announcements(after: datetime, until: datetime) -> Iterator[datetime]:
    """The announcements in (after, until], aware UTC."""
    day = after.astimezone(NEW_YORK).date()
    while day <= until.astimezone(NEW_YORK).date():
        moment = datetime.combine(day, AT, NEW_YORK).astimezone(UTC)
        if after < moment <= until and day.weekday() not in _NEVER and day not in holidays(day.year):
            yield moment
        day += _DAY


def quiet(after: datetime, until: datetime) -> str:
    """Returns why nothing can have come in (after, until], "" when something should have. Looks at a week at most."""
    if until - after > timedelta(days=7) or next(announcements(after, until), None) is not None:
        return ""
    days = {after.astimezone(NEW_YORK).date() + _DAY * n for n in range((until - after).days + 2)}
    if any(day in holidays(day.year) for day in days):
        return "announces nothing on a holiday"
    return "announces nothing on Friday and Saturday evenings" if any(d.weekday() in _NEVER for d in days) else ""


def listing_days(after: datetime, until: datetime) -> list[ListingDay]:
    """The listing days that open in (after, until]."""
    evenings = announcements(after - _DAY, until)  # each opens four hours later
    days = (listing_day(evening.astimezone(NEW_YORK).date() + _DAY) for evening in evenings)
    return [day for day in days if after < day.opens <= until]


def listing_day(day: date) -> ListingDay:
    """Returns a listing day: complete at its midnight in New York, and shown until the next midnight."""
    opens = datetime.combine(day, time(), NEW_YORK).astimezone(UTC)
    closes = datetime.combine(day + _DAY, time(), NEW_YORK).astimezone(UTC)
    return ListingDay(day=day, opens=opens, full=opens, closes=closes)


def submitted_for(day: date) -> tuple[datetime, datetime]:
    """Returns (after, until], aware UTC, of the submissions that a listing day announces, except those held back."""
    evening = datetime.combine(day - _DAY, AT, NEW_YORK).astimezone(UTC)
    earlier = list(announcements(evening - 10 * _DAY, evening - timedelta(seconds=1)))
    return _freeze(earlier[-1]), _freeze(evening)


def listed_on(submitted: datetime) -> date:
    """Returns the listing day of a paper submitted then, unless it was held back."""
    evenings = announcements(submitted - _DAY, submitted + 10 * _DAY)
    evening = next(e for e in evenings if submitted <= _freeze(e))
    return evening.astimezone(NEW_YORK).date() + _DAY


def _freeze(evening: datetime) -> datetime:
    day = evening.astimezone(NEW_YORK).date()
    day -= _DAY * 2 if day.weekday() == 6 else timedelta()
    return datetime.combine(day, FREEZE, NEW_YORK).astimezone(UTC)


def holidays(year: int) -> frozenset[date]:
    """Evenings without an announcement that recur in the lists of 2023 and 2025; Memorial Day is not among them."""
    thanksgiving = _nth(year, 11, 3, 4)
    return frozenset({
        date(year, 1, 1), _nth(year, 1, 0, 3), date(year, 6, 19), date(year, 7, 4),
        _nth(year, 9, 0, 1), thanksgiving, date(year, 12, 24), date(year, 12, 25), date(year, 12, 31),
    })  # fmt: skip


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))
