"""Clocks: every zone there is, every change of offset to come, and clocks that jump."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from sizes import size

from digestbot.acts.digests.due import due_slots
from digestbot.acts.digests.preview import preview_digest
from digestbot.acts.intake.poll import is_due
from digestbot.acts.people.sync import plan_first_slots
from digestbot.digest.selection.schedule import Schedule
from digestbot.store import SourceRow
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, entry, subscriber, topic
from digestbot.testing.site import DESK, TestSite

DAY, HOUR, QUARTER = timedelta(days=1), timedelta(hours=1), timedelta(minutes=15)
FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2037, 12, 31, tzinfo=UTC)


@cache
def changes() -> dict[str, tuple[datetime, ...]]:
    """Zone → the instants between 2020 and 2037 at which its offset changes; zones that behave alike once; usually every eighth."""
    found: dict[tuple[timedelta | None, tuple[datetime, ...]], str] = {}
    for name in sorted(available_timezones())[:: size(8, full=1)]:
        zone = ZoneInfo(name)
        moments, at, step = [], FIRST, timedelta(days=14)
        while at < LAST:
            if at.astimezone(zone).utcoffset() != (at + step).astimezone(zone).utcoffset():
                moments.append(_between(zone, at, at + step))
            at += step
        found.setdefault((FIRST.astimezone(zone).utcoffset(), tuple(moments)), name)
    return {name: moments for (_, moments), name in found.items()}


def _between(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high


def expected(zone: ZoneInfo, local: datetime) -> datetime:
    """By looking at the wall every quarter of an hour: the first time it shows `local`, or has jumped over it."""
    at = local.replace(tzinfo=UTC) - 15 * HOUR
    while True:
        shown = at.astimezone(zone).replace(tzinfo=None)
        if shown >= local:
            return at
        at += QUARTER


@pytest.mark.slow
def test_every_zone_has_one_slot_a_day_at_the_right_moment_around_every_change() -> None:
    checked = 0
    for name, moments in changes().items():
        zone = ZoneInfo(name)
        for moment in moments:
            wall = moment.astimezone(zone)
            for minutes in (-60, -30, 0, 30):
                at = (wall + timedelta(minutes=minutes)).replace(minute=wall.minute // 15 * 15, second=0, microsecond=0)
                begin = datetime.combine(wall.date() - DAY, time(), UTC) - 14 * HOUR
                slots = Schedule.parse(f"daily {at:%H:%M}", name).slots(begin, begin + 4 * DAY)
                days = [s.local.date() for s in slots]
                assert len(set(days)) == len(days), (name, moment, "two slots on one day")
                for slot in slots:
                    assert abs(slot.due - expected(zone, slot.local)) < QUARTER, (name, moment, slot)
                whole = {wall.date() + n * DAY for n in (-1, 0, 1)}
                assert whole <= set(days), (name, moment, "a day without a slot")
                checked += 1
    assert checked > size(300, full=4000)


@pytest.mark.parametrize("tz", ["Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Apia"])
def test_a_year_in_an_odd_zone_has_a_slot_every_day(tz: str) -> None:
    slots = Schedule.parse("daily 02:15", tz).slots(FIRST, FIRST + 366 * DAY)
    days = [s.local.date() for s in slots]
    assert len(days) in (366, 367)  # a leap year; the end of it is another day there
    assert all(after - before == DAY for before, after in pairwise(days))


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    return TestSite(store)


def test_a_schedule_changed_in_the_middle_of_a_day_moves_the_next_slot(office: TestSite) -> None:
    office.dispatch(NOW)
    office.now = NOW + HOUR
    office.papers(1)
    office.tuned(schedule="daily 12:00")
    assert office.person().next_slot == datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
    assert office.titles(office.dispatch(NOW + 5 * HOUR)) == [["2611.00001"]]


def test_a_zone_changed_in_the_middle_of_a_day_brings_no_second_slot_of_that_day(office: TestSite) -> None:
    office.papers(1)
    office.dispatch(NOW)
    office.now = NOW + HOUR
    office.papers(2)
    office.tuned(time_zone="America/New_York")
    assert office.dispatch(NOW + 7 * HOUR).slots == ()  # 07:30 of the same day, in New York
    assert office.titles(office.dispatch(NOW + 31 * HOUR)) == [["2611.00002"]]


def test_three_days_asleep_are_one_digest_and_the_slots_say_so(office: TestSite) -> None:
    office.papers(1)
    [made] = office.dispatch(NOW + 3 * DAY).slots
    assert made.slot == "2026-11-26T07:30"
    who = office.person().id
    assert who is not None
    with office.store.reading() as tx:
        rows = tx.slots.slots_of(who, 10)
    assert [(r.key[:10], r.state, r.covered_by[:10]) for r in rows] == [
        ("2026-11-26", "composed", ""), ("2026-11-25", "covered", "2026-11-26"),
        ("2026-11-24", "covered", "2026-11-26"), ("2026-11-23", "covered", "2026-11-26"),
    ]  # fmt: skip


def test_a_clock_that_was_a_year_ahead_and_was_put_back_silences_nobody(office: TestSite) -> None:
    office.papers(1)
    office.dispatch(NOW + 365 * DAY)
    assert office.person().next_slot > NOW + 300 * DAY  # type: ignore[operator]  # it is planned
    office.now = NOW + HOUR
    plan_first_slots(office.store, office.now)
    assert office.person().next_slot == NOW + DAY
    office.papers(2)
    assert office.titles(office.dispatch(NOW + DAY)) == [["2611.00002"]]


def test_a_source_polled_by_a_clock_that_was_ahead_is_polled_again() -> None:
    ahead = SourceRow(name="x", kind="feed", last_poll=NOW + 300 * DAY, next_poll=NOW + 301 * DAY)
    assert is_due(ahead, NOW)
    assert not is_due(SourceRow(name="x", kind="feed", last_poll=NOW - HOUR, next_poll=NOW + HOUR), NOW)


def test_a_clock_put_back_an_hour_repeats_no_digest(office: TestSite) -> None:
    office.papers(1)
    assert len(office.titles(office.dispatch(NOW))) == 1
    office.now = NOW - HOUR
    assert office.dispatch(NOW - HOUR).slots == ()
    assert office.dispatch(NOW).slots == ()


def test_a_preview_of_another_moment_sees_what_was_shown_until_then(office: TestSite) -> None:
    office.papers(1)
    office.dispatch(NOW)
    person = office.person()
    with office.store.reading() as tx:
        before = preview_digest(tx, DESK, person, due_slots(person, NOW + DAY).slot, now=NOW - timedelta(minutes=1))
        after = preview_digest(tx, DESK, person, due_slots(person, NOW + DAY).slot, now=NOW + HOUR)
    assert [len(before.items()), len(after.items())] == [1, 0]


def test_a_rare_schedule_keeps_its_plan(store: SqlStore) -> None:
    office = TestSite(store, [subscriber(schedule="0 12 25 12 *", topics=(topic(),))])
    office.entries(entry(1))
    plan_first_slots(store, NOW)
    assert office.person().next_slot == datetime(2026, 12, 25, 11, 0, tzinfo=UTC)
