"""When a digest is due."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.digest.selection.schedule import Schedule
from digestbot.errors import ScheduleError


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(text: str, after: str, until: str, tz: str = "Europe/Berlin") -> list[str]:
    return [f"{s.due:%Y-%m-%d %H:%M}" for s in Schedule.parse(text, tz).slots(utc(after), utc(until))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("weekdays 07:30", ["2026-11-23 06:30", "2026-11-24 06:30", "2026-11-25 06:30", "2026-11-26 06:30", "2026-11-27 06:30"]),
        ("weekends at 9:00", ["2026-11-28 08:00", "2026-11-29 08:00"]),
        ("mon,thu 08:00", ["2026-11-23 07:00", "2026-11-26 07:00"]),
        ("Monday 08:00", ["2026-11-23 07:00"]),
        ("every 3d", ["2026-11-24 00:00", "2026-11-27 00:00"]),
        ("30 7 * * 1-5", ["2026-11-23 06:30", "2026-11-24 06:30", "2026-11-25 06:30", "2026-11-26 06:30", "2026-11-27 06:30"]),
        ("0 12 25 * *", ["2026-11-25 11:00"]),
        ("0 6,18 * * sun", ["2026-11-29 05:00", "2026-11-29 17:00"]),
    ],
)  # fmt: skip
def test_a_week_of_slots_is_what_the_words_say(text: str, expected: list[str]) -> None:
    week = due(text, "2026-11-22T23:00", "2026-11-29T22:59")
    assert [x for x in week if x >= "2026-11-23"] == expected


def test_the_night_with_two_half_past_two_has_one_slot() -> None:
    assert due("daily 02:30", "2026-10-24T12:00", "2026-10-25T12:00") == ["2026-10-25 00:30"]


def test_the_night_without_half_past_two_has_a_slot_at_the_end_of_the_gap() -> None:
    assert due("daily 02:30", "2026-03-28T12:00", "2026-03-29T12:00") == ["2026-03-29 01:00"]


def test_two_wall_times_inside_one_gap_are_one_slot() -> None:
    assert due("0,30 2 * * *", "2026-03-28T12:00", "2026-03-29T12:00") == ["2026-03-29 01:00"]


@pytest.mark.parametrize(
    ("tz", "day"),
    [("Australia/Lord_Howe", "2026-10-04"), ("Pacific/Apia", "2011-12-30"), ("Africa/Casablanca", "2026-02-15")],
)
def test_odd_zones_never_double_or_stall(tz: str, day: str) -> None:
    begin = utc(f"{day}T00:00") - timedelta(days=3)
    slots = Schedule.parse("daily 02:15", tz).slots(begin, begin + timedelta(days=6))
    assert len({s.key for s in slots}) == len(slots) >= 5
    assert slots == sorted(slots, key=lambda s: s.due)


def test_the_key_is_the_wall_time_and_for_every_the_instant() -> None:
    assert Schedule.parse("daily 07:30", "Europe/Berlin").next(utc("2026-11-23T00:00")).key == "2026-11-23T07:30"
    assert Schedule.parse("every 6h", "Europe/Berlin").next(utc("2026-11-23T01:00")).key == "2026-11-23T06:00:00Z"


@given(
    st.sampled_from(["daily 02:30", "weekdays 07:30", "every 6h", "*/20 1-3 * * *", "15 0 1 1 *"]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
    st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1)),
)
def test_next_is_always_later_and_never_the_same_key_twice(text: str, tz: str, at: datetime) -> None:
    schedule, now = Schedule.parse(text, tz), at.replace(tzinfo=UTC)
    first = schedule.next(now)
    second = schedule.next(first.due)
    assert now < first.due < second.due
    assert first.key != second.key


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("weekdys 07:30", 'Did you mean "weekdays"?'),
        ("daily 25:00", "no time of day"),
        ("every 1m", "too often"),
        ("61 7 * * *", "outside 0 to 59"),
        ("0 0 31 2 *", "never comes"),
        ("sometimes", "no schedule"),
        ("", "no schedule"),
        ("* * * *", "no schedule"),
    ],
)
def test_a_schedule_that_cannot_be_read_says_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ScheduleError, match=says):
        Schedule.parse(text, "UTC")


def test_a_zone_that_does_not_exist_names_the_nearest() -> None:
    with pytest.raises(ScheduleError, match="Europe/Berlin"):
        Schedule.parse("daily 07:30", "Europe/Berln")


@given(st.text(max_size=40), st.sampled_from(["UTC", "Europe/Berlin"]))
def test_no_text_breaks_the_parser(text: str, tz: str) -> None:
    with suppress(ScheduleError):
        Schedule.parse(text, tz).next(utc("2026-11-23T00:00"))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("monthly 08:00", ["01-01", "02-01", "03-01"]),
        ("monthly 15 08:00", ["01-15", "02-15", "03-15"]),
        ("monthly 31 08:00", ["01-31", "02-28", "03-31"]),
        ("monthly on the 30th at 08:00", ["01-30", "02-28", "03-30"]),
        ("Monthly last 08:00", ["01-31", "02-28", "03-31"]),
    ],
)
def test_a_day_of_every_month_is_its_last_one_where_the_month_is_shorter(text: str, days: list[str]) -> None:
    start = datetime(2027, 1, 1, tzinfo=UTC)
    slots = Schedule.parse(text, "UTC").slots(start, start + timedelta(days=90))
    assert [f"{slot.local:%m-%d}" for slot in slots] == days
    assert not Schedule.parse(text, "UTC").months_without()


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("0 8 31 * *", ["February", "April", "June", "September", "November"]),
        ("0 8 30 * *", ["February"]),
        ("0 8 29,31 * *", ["February"]),
        ("0 8 1,31 * *", []),
        ("0 8 31 1,4 *", ["April"]),
        ("0 8 31 * mon", []),
    ],
)
def test_a_cron_line_tells_the_months_it_leaves_out(text: str, months: list[str]) -> None:
    assert Schedule.parse(text, "UTC").months_without() == months


def test_a_day_that_no_month_has_is_a_mistake() -> None:
    for text in ("monthly 32 08:00", "monthly 0 08:00", "monthly 5 25:00"):
        with pytest.raises(ScheduleError):
            Schedule.parse(text, "UTC")
