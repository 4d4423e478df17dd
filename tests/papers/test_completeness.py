"""What was listed against what was got, and what was old when it came: values in, verdict out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from digestbot.acts.intake.listing_days import ListingDays
from digestbot.digest.selection.listing_counts import account, tallies, tally_words
from digestbot.model import Listing, ListingDay, ListingState, PartialDate, PolledSource
from digestbot.papers.facts.freshness import archived_on_arrival
from digestbot.papers.facts.listing_days import (
    Batch,
    after_list,
    after_recovery,
    assign_to_days,
    batches,
    close_if_done,
    days_to_ask,
    left_behind,
    listing_id,
    missing_ids,
    next_wait,
)
from digestbot.sources.kinds.arxiv import ArxivSource
from digestbot.sources.values import arxiv_calendar
from digestbot.testing.builders import entry

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
OPENS = datetime(2026, 11, 24, 5, tzinfo=UTC)
DAY = ListingDay(day=TUESDAY, opens=OPENS, full=OPENS, closes=OPENS + timedelta(days=1))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


def row(*got: str, **change: Any) -> Listing:
    values: dict[str, Any] = {
        "source": "arxiv", "part": "cs.CL", "day": TUESDAY, "state": ListingState.FILLING, "got": got, "updated": OPENS,
    }  # fmt: skip
    return Listing(**values | change)


def polled(before: Listing, *ids: str, at: datetime) -> Listing:
    return close_if_done(after_list(before, frozenset(ids), DAY, at), DAY, at)


def test_a_day_is_done_after_two_equal_polls() -> None:
    first = polled(row(), "1", "2", at=OPENS + MINUTE)
    second = polled(first, "1", "2", at=OPENS + 20 * MINUTE)
    assert (first.state, second.state, second.expected) == (ListingState.FILLING, ListingState.CLOSED, 2)


def test_two_polls_within_ten_minutes_are_one() -> None:
    first = polled(row(), "1", at=OPENS + MINUTE)
    assert polled(first, "1", at=OPENS + 5 * MINUTE).state is ListingState.FILLING


def test_a_day_that_grows_is_not_done_and_never_shrinks() -> None:
    first = polled(row(), "1", "2", at=OPENS + MINUTE)
    half = polled(first, "1", "3", at=OPENS + 20 * MINUTE)
    assert (half.got, half.state) == (("1", "2", "3"), ListingState.FILLING)


def test_equal_polls_of_a_day_that_still_fills_say_nothing() -> None:
    filling = replace(DAY, full=OPENS + 19 * HOUR)
    first = after_list(row(), frozenset("1"), filling, OPENS + HOUR)
    assert (
        close_if_done(
            after_list(first, frozenset("1"), filling, OPENS + 2 * HOUR), filling, OPENS + 2 * HOUR
        ).equal_polls
        == 0
    )


def test_fewer_than_the_source_counts_is_not_done_before_its_closing_time() -> None:
    first = polled(row(expected=3), "1", "2", at=OPENS + MINUTE)
    second = polled(first, "1", "2", at=OPENS + HOUR)
    assert (second.state, second.missing) == (ListingState.FILLING, 1)
    assert close_if_done(second, DAY, DAY.closes).state is ListingState.CLOSED


def test_a_day_of_which_nothing_came_is_missed_at_its_closing_time() -> None:
    assert close_if_done(row(), DAY, DAY.closes).state is ListingState.MISSED
    assert close_if_done(row(expected=0), DAY, DAY.closes).state is ListingState.CLOSED


def test_a_category_whose_own_papers_are_of_the_day_before_is_behind_whatever_others_share_with_it() -> None:
    def listed(number: int, day: str, *categories: str) -> Any:
        return entry(number, announced=PartialDate(day), categories=categories)

    shown = [
        listed(1, "2026-11-23", "cs.AI"), listed(2, "2026-11-23", "cs.AI", "cs.CL"),
        listed(3, "2026-11-24", "cs.CL"), listed(4, "2026-11-24", "cs.CL", "cs.AI"),
    ]  # fmt: skip
    found = batches(shown, ("cs.AI", "cs.CL"), lambda e: e.announced.day() if e.announced else None)
    assert [left_behind(found, part, TUESDAY) for part in ("cs.AI", "cs.CL")] == [True, False]


def test_an_old_list_under_a_new_date_is_the_old_list() -> None:
    known = {("cs.CL", MONDAY): row("1", "2", day=MONDAY, state=ListingState.CLOSED)}
    found = {("cs.CL", TUESDAY): Batch(frozenset("12"), frozenset("12"))}
    assert list(assign_to_days(found, known, DAY)) == [("cs.CL", MONDAY)]


def test_a_new_list_under_an_old_date_is_the_list_that_is_due() -> None:
    known = {("cs.CL", MONDAY): row("1", "2", day=MONDAY, state=ListingState.CLOSED)}
    found = {("cs.CL", MONDAY): Batch(frozenset("2345"), frozenset("2345"))}
    assert list(assign_to_days(found, known, DAY)) == [("cs.CL", TUESDAY)]


def test_a_replacement_is_another_line_of_the_list_than_the_paper_was() -> None:
    second = entry(1, identifiers={"arxiv": "2611.00001", "arxiv_version": "2"})
    assert [listing_id(entry(1)), listing_id(second)] == ["2611.00001", "2611.00001v2"]


def test_what_is_counted_again_later_adds_what_was_missing_and_no_version_of_what_was_there() -> None:
    again = after_recovery(row("1.1", "1.2v2"), frozenset({"1.1v3", "1.2v2", "1.3"}), NOW, whole=True)
    assert (again.got, again.expected, again.checked) == (("1.1", "1.2v2", "1.3"), 3, NOW)


def test_a_past_day_is_asked_for_until_all_of_it_answered_but_not_for_ever() -> None:
    def asked(**change: Any) -> list[date]:
        return days_to_ask([row(**change)], lambda _: DAY.closes, DAY.closes + HOUR)

    assert asked() == [TUESDAY]
    assert asked(checked=NOW) == asked(tries=3, updated=DAY.closes) == []
    assert days_to_ask([row()], lambda _: DAY.closes, OPENS + timedelta(days=9)) == [TUESDAY]
    assert days_to_ask([row()], lambda _: DAY.closes, OPENS + timedelta(days=16)) == []


def test_what_is_not_done_is_polled_again_after_15_30_60_minutes_and_never_later_than_usual() -> None:
    waits = [
        next_wait([row(changed=OPENS)], {TUESDAY: DAY}, 3 * HOUR, OPENS + m * MINUTE) // MINUTE
        for m in (0, 15, 45, 105)
    ]
    assert waits == [15, 30, 60, 120]
    assert next_wait([row(state=ListingState.CLOSED)], {TUESDAY: DAY}, HOUR, NOW) == HOUR


def test_ids_that_count_on_show_their_gaps() -> None:
    numbered = [f"https://eprint.iacr.org/2026/{n}" for n in range(100, 120) if n != 107]
    assert missing_ids(numbered) == ["https://eprint.iacr.org/2026/107"]
    assert missing_ids([f"2611.{n:05}" for n in range(1, 200, 7)]) == []


@pytest.mark.parametrize(
    ("first", "change", "old"),
    [
        (False, {"announced": PartialDate("2026-11-17")}, False),
        (False, {"announced": PartialDate("2026-11-15")}, True),
        (True, {"announced": PartialDate("2026-11-12")}, False),
        (True, {"announced": PartialDate("2026-11-05")}, True),
        (True, {"announced": None, "published": PartialDate("2026-11-05")}, True),
        (False, {"announced": None, "published": PartialDate("2026-11-05")}, False),
        (False, {"announced": None, "published": PartialDate("2026-08-05")}, True),
        (True, {"announced": None, "published": PartialDate("2026")}, False),
        (True, {"announced": None, "published": PartialDate("2019")}, True),
        (True, {"announced": None}, False),
    ],
)
def test_what_is_old_when_it_comes(first: bool, change: dict[str, Any], old: bool) -> None:
    assert bool(archived_on_arrival([entry(1, **change)], now=NOW, previous_poll=None if first else NOW - HOUR)) is old


def test_a_bulk_import_is_old_where_a_single_late_paper_is_news() -> None:
    late = [entry(n, announced=None, published=PartialDate("2026-11-01")) for n in range(20)]
    assert len(archived_on_arrival(late, now=NOW, previous_poll=NOW - HOUR)) == 20
    assert not archived_on_arrival(late[:3], now=NOW, previous_poll=NOW - HOUR)


def test_after_a_silence_what_was_announced_since_is_news_up_to_two_weeks_back() -> None:
    days = [entry(n, announced=PartialDate(f"2026-11-{n:02}")) for n in (5, 12, 15)]
    assert [len(archived_on_arrival(days, now=NOW, previous_poll=NOW - timedelta(n))) for n in (1, 10, 30)] == [3, 2, 1]


def test_the_list_a_new_source_shows_today_is_news_however_old_its_date() -> None:
    page = [entry(n, announced=PartialDate("2026-06-06")) for n in range(93)]
    assert not archived_on_arrival(page, now=NOW, previous_poll=None, listed=PartialDate("2026-06-06"))
    assert len(archived_on_arrival(page, now=NOW, previous_poll=NOW - HOUR, listed=PartialDate("2026-06-06"))) == 93


def test_a_category_that_is_behind_is_said_to_show_the_list_it_shows_not_the_day_others_share_with_it() -> None:
    stale = ListingState.STALE
    rows = [
        row("1", "2", day=MONDAY, state=ListingState.CLOSED, equal_polls=2), row("3", state=stale),
    ]  # fmt: skip
    source = ArxivSource(("cs.CL",))
    made = ListingDays(
        name="arxiv",
        source=source,
        rows={(r.part, r.day): r for r in rows},
        since=NOW,
        begin=OPENS - 48 * HOUR,
        now=NOW + 4 * HOUR,
    )
    assert [p.what for p in replace(made, since=OPENS - 48 * HOUR).stale()] == [
        "cs.CL shows the list of Monday 23 November; that of Tuesday is due"
    ]


def test_the_footer_says_it_in_a_line() -> None:
    whole = row(*map(str, range(239)), state=ListingState.CLOSED, expected=239)
    filling = row(*map(str, range(32)), source="daily", part="")
    assert account([
        PolledSource(ref="arxiv", name="arXiv", new=200, tally=tallies([whole], MONDAY)),
        PolledSource(ref="biorxiv", name="bioRxiv", new=61),
        PolledSource(ref="daily", name="daily papers", new=32, tally=tallies([filling], MONDAY)),
    ]) == "arXiv cs.CL 239 of 239 · bioRxiv 61 · daily papers 32, still filling"  # fmt: skip


def test_the_footer_counts_the_days_since_the_last_digest_and_names_a_missed_one() -> None:
    days = [row("1", day=MONDAY, state=ListingState.CLOSED, expected=1), row("2", "3", state=ListingState.MISSED)]
    (tally,) = tallies(days, date(2026, 11, 20))
    assert (tally.got, tally.expected, tally.note) == (3, None, "Tuesday missed")


def test_the_footer_says_an_open_day_apart_from_those_that_are_over() -> None:
    days = [row("1", day=MONDAY, state=ListingState.CLOSED, expected=1), row("2", "3")]
    (tally,) = tallies(days, date(2026, 11, 20))
    assert tally_words("arXiv", tally) == "arXiv cs.CL 1 of 1, Tuesday 2 so far"


def test_the_footer_does_not_count_what_a_stale_day_got_from_other_lists() -> None:
    days = [row("1", day=MONDAY, state=ListingState.CLOSED, expected=1), row("2", state=ListingState.STALE)]
    (tally,) = tallies(days, date(2026, 11, 20))
    assert tally_words("arXiv", tally) == "arXiv cs.CL 1 of 1, Tuesday not there yet"


def test_missed_days_of_earlier_weeks_are_named_by_their_date_and_many_are_counted() -> None:
    def told(*days: int) -> str:
        rows = [row(day=date(2026, 11, day), state=ListingState.MISSED) for day in days]
        return tallies([*rows, row("1", state=ListingState.CLOSED, expected=1)], MONDAY)[0].note

    assert told(19, 20) == "Thursday and Friday missed"
    assert told(12) == "Thursday 12 November missed"
    assert told(18, 19, 20) == "3 days missed"


def test_as_many_as_were_seen_is_no_count_of_a_day_nobody_saw_the_end_of() -> None:
    early = polled(polled(row(), "1", at=OPENS + MINUTE), "1", at=OPENS + HOUR)
    late = polled(early, "1", at=DAY.closes - HOUR)
    ended = [close_if_done(one, DAY, DAY.closes) for one in (early, late)]
    assert [(one.state, one.expected) for one in (early, *ended)] == [
        (ListingState.CLOSED, 1), (ListingState.CLOSED, None), (ListingState.CLOSED, 1),
    ]  # fmt: skip


def test_arxivs_listing_days_leave_out_weekends_and_the_morning_after_thanksgiving() -> None:
    days = arxiv_calendar.listing_days(datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 12, 1, 12, tzinfo=UTC))
    assert [d.day.isoformat()[5:] for d in days] == ["11-23", "11-24", "11-25", "11-26", "11-30", "12-01"]


def test_a_listing_day_announces_what_was_submitted_until_14_00_and_fridays_with_sundays() -> None:
    assert arxiv_calendar.submitted_for(MONDAY) == (
        datetime(2026, 11, 19, 19, tzinfo=UTC),
        datetime(2026, 11, 20, 19, tzinfo=UTC),
    )
    assert arxiv_calendar.listed_on(datetime(2026, 11, 20, 19, 1, tzinfo=UTC)) == TUESDAY
    # the evening of Thanksgiving is left out: Wednesday afternoon to Friday is Monday's list
    assert arxiv_calendar.listed_on(datetime(2026, 11, 25, 19, 1, tzinfo=UTC)) == date(2026, 11, 30)


def test_the_holidays_are_those_of_arxivs_lists() -> None:
    known = {"01-01", "01-20", "06-19", "09-01", "11-27"}  # https://info.arxiv.org/help/availability.html, 2025
    assert known <= {day.isoformat()[5:] for day in arxiv_calendar.holidays(2025)}
    assert "05-26" not in {day.isoformat()[5:] for day in arxiv_calendar.holidays(2025)}
