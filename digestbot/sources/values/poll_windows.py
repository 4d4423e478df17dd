"""From which day on a source is asked whose requests name days. The days overlap those of the last poll."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

READ = "read"  #: how the names begin under which a source remembers how far it was read
FURTHEST = 30  #: days a poll reaches back at most, however long nobody polled


def first_day(state: Mapping[str, Any], now: datetime, look_back: int, key: str = READ) -> date:
    """Returns the day before the last one that was read to its end: more may have come later on that day.

    Without one, `look_back` days ago. Days are UTC.
    """
    read = str(state.get(key, ""))
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", read):
        return now.date() - timedelta(days=look_back)
    return max(date.fromisoformat(read) - timedelta(days=1), now.date() - timedelta(days=FURTHEST))


def read_to_the_end(now: datetime, key: str = READ) -> dict[str, str]:
    """Returns the state to keep after the last page. `now` is the end of reading; the overlap covers a midnight."""
    return {key: now.date().isoformat()}
