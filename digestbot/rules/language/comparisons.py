"""Comparisons of counts and of dates that are only as precise as they were given."""

from __future__ import annotations

import operator as op
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from digestbot.model import PartialDate

COMPARE_NUMBERS: Final[dict[str, Callable[[int, int], bool]]] = {
    "<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge, "=": op.eq,
}  # fmt: skip


def date_span(date: PartialDate) -> tuple[datetime, datetime]:
    """Returns the first and the last instant that a date can mean."""
    first = date.earliest()
    try:
        match date.precision:
            case "year":
                after = first.replace(year=first.year + 1)
            case "month":
                after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
            case "day":
                after = first + timedelta(days=1)
            case _:
                after = first + timedelta(seconds=1)
    except (ValueError, OverflowError):  # 9999 ends with the calendar
        return first, datetime.max.replace(tzinfo=UTC)
    return first, after - timedelta(microseconds=1)


def compare_dates(mine: PartialDate, operator: str, asked: PartialDate) -> bool | None:
    """Compares two dates as intervals: True, False, or None where the precision decides (`2026` against `>2026-06-01`)."""
    (first, last), (begin, end) = date_span(mine), date_span(asked)
    match operator:
        case "<":
            sure, never = last < begin, first >= begin
        case "<=":
            sure, never = last <= end, first > end
        case ">":
            sure, never = first > end, last <= end
        case ">=":
            sure, never = first >= begin, last < begin
        case _:
            sure, never = first >= begin and last <= end, last < begin or first > end
    return True if sure else False if never else None
