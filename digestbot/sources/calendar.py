"""arXiv's announcements: Sunday to Thursday at 20:00 in New York, but for its holidays. Pure.

https://info.arxiv.org/help/availability.html. The holidays differ from year to year and are published late; those
below are the ones that recur. A day missing here costs nothing but a word: the slot reads "nothing new".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
AT = time(20, 0)
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
    """Why nothing can have come in (after, until]; "" when something should have. At most a week is looked at."""
    if until - after > timedelta(days=7) or next(announcements(after, until), None) is not None:
        return ""
    days = {after.astimezone(NEW_YORK).date() + _DAY * n for n in range((until - after).days + 2)}
    if any(day in holidays(day.year) for day in days):
        return "announces nothing on a holiday"
    return "announces nothing on Friday and Saturday evenings" if any(d.weekday() in _NEVER for d in days) else ""


def holidays(year: int) -> frozenset[date]:
    """Evenings without an announcement that recur every year."""
    thanksgiving = _nth(year, 11, 3, 4)
    return frozenset({
        date(year, 1, 1), _nth(year, 1, 0, 3), _last_monday(year, 5), date(year, 6, 19), date(year, 7, 4),
        _nth(year, 9, 0, 1), thanksgiving, date(year, 12, 24), date(year, 12, 25), date(year, 12, 31),
    })  # fmt: skip


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _last_monday(year: int, month: int) -> date:
    last = date(year, month, 28) + timedelta(days=3)
    return last - timedelta(days=last.weekday())
