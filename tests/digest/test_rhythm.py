"""With which digest the best of a topic comes."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from digestbot.digest.selection.rhythm import Rhythm, next_with
from digestbot.digest.selection.schedule import Schedule
from digestbot.errors import ScheduleError
from digestbot.testing.builders import NOW, subscriber

MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "day", "last", "comes"),
    [
        ("weekly", MONDAY, date(2026, 11, 20), True),
        ("weekly", date(2026, 11, 24), MONDAY, False),
        ("weekly", date(2026, 11, 24), date(2026, 11, 20), True),  # nothing arrived on Monday
        ("weekly", MONDAY, MONDAY, False),  # a second digest of that day
        ("weekly fri", FRIDAY, date(2026, 11, 26), True),
        ("weekly on Friday", date(2026, 11, 26), date(2026, 11, 25), False),
        ("monthly", date(2026, 12, 1), date(2026, 11, 30), True),
        ("monthly", date(2026, 11, 30), date(2026, 11, 2), False),
        ("monthly", MONDAY, None, True),
    ],
)
def test_the_list_comes_with_the_first_digest_from_its_day_on(
    text: str, day: date, last: date | None, comes: bool
) -> None:
    assert Rhythm.parse(text).comes(day, last) is comes


@pytest.mark.parametrize("text", ["", "daily", "weekly fridays", "monthly fri", "fri", "weekly 08:00"])
def test_what_is_no_rhythm_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ScheduleError, match="is no rhythm"):
        Rhythm.parse(text)


def test_the_next_digest_with_the_list_is_found_on_the_readers_calendar() -> None:
    person = subscriber(schedule="weekdays 07:30")
    slots = Schedule.parse(person.schedule, person.time_zone).slots(NOW, datetime(2026, 12, 10, tzinfo=NOW.tzinfo))
    found = next_with(person, Rhythm.parse("weekly thu"), slots, NOW)
    assert found is not None
    assert found.key == "2026-11-26T07:30"
