"""The best of the week and the month in a digest: chosen at sending time, at most N, and never days appended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from digestbot.acts.answers.explain import explain
from digestbot.acts.digests.preview import lists_to_come, preview_next
from digestbot.model import Digest, Grade, Span
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, subscriber, topic
from digestbot.testing.site import DESK, TestSite

DAY = timedelta(days=1)


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    site = TestSite(store)
    site.now = NOW - 25 * DAY  # topics are old enough for a whole week
    return site


def composed(office: TestSite, at: datetime = NOW) -> Digest:
    [digest] = office.digests(office.dispatch(at))
    return digest


def titles(digest: Digest) -> list[list[str]]:
    return [[i.paper.title for i in (*s.items, *s.more)] for s in digest.sections]


def arrive(office: TestSite, at: datetime, *robots: tuple[int, int], title: str = "Robot") -> None:
    """Papers by number, with their votes."""
    office.now = at
    for number, votes in robots:
        office.papers(number, title=f"{title} {number}", summary="A robot.", signals={"upvotes": votes})


def test_a_week_brings_its_best_by_what_is_known_when_it_is_sent_in_two_grades(office: TestSite) -> None:
    office.tuned(schedule="mon 07:30", topics=(topic("Robots", "robot", best="weekly", limit=4),), trending=0)
    arrive(office, NOW - 6 * DAY, *((n, 3) for n in range(1, 11)))
    arrive(office, NOW - 5 * DAY, (3, 90))  # rose after it came
    arrive(office, NOW - DAY / 2, (11, 5))
    digest = composed(office)
    assert titles(digest) == [["Robot 3"], ["Robot 11", "Robot 1", "Robot 2"]]
    told = [(s.best.grade, s.best.span, s.best.places, s.best.of) for s in digest.sections if s.best]
    assert told == [(Grade.MUST, Span.WEEK, 4, 11), (Grade.RELATED, Span.WEEK, 4, 11)]
    parts = {part.name for s in digest.sections for i in s.items for part in i.score_parts}
    assert parts == {"words", "community"}  # how new it is does not count


def test_what_had_no_place_may_still_rise_and_then_comes_once(office: TestSite) -> None:
    office.tuned(schedule="mon 07:30", topics=(topic("Robots", "robot", best="weekly", limit=2),), trending=0)
    arrive(office, NOW - 2 * DAY, *((n, 10 - n) for n in range(1, 7)))
    assert titles(composed(office)) == [["Robot 1", "Robot 2"]]
    arrive(office, NOW + 2 * DAY, (6, 60), (3, 8), (7, 1))
    week = NOW + 7 * DAY
    digest = composed(office, week)
    assert titles(digest) == [["Robot 6", "Robot 7"]]
    assert digest.sections[0].items[0].note == "▲ 56 votes in 7 days"
    arrive(office, week + DAY, (6, 300))
    assert [c.state for c in office.dispatch(week + 7 * DAY).slots] == ["empty"]


def test_a_daily_reader_gets_the_best_of_one_topic_with_the_first_digest_of_the_week(office: TestSite) -> None:
    both = (topic("Robots", "robot", best="weekly", limit=2), topic("Whales", "whale"))
    office.tuned(schedule="daily 07:30", topics=both, trending=0)
    arrive(office, NOW - DAY / 4, (1, 1), (2, 2), (3, 3))
    assert titles(composed(office)) == [["Robot 3", "Robot 2"]]
    arrive(office, NOW + DAY / 2, (4, 9), (5, 8), title="Robotic robot")
    arrive(office, NOW + DAY / 2, (6, 7), title="Whale robot")
    assert titles(composed(office, NOW + DAY)) == [["Whale robot 6"]]  # another topic brings it as it comes
    why = explain(office.store, DESK, "2611.00004", office.person(), now=NOW + DAY)
    assert why.verdict == "waits"
    assert why.why == (
        "“Robots” matches it and brings the best of the week with the first digest from Monday on: next Mon 30 Nov 07:30."
    )
    assert [(c.state, c.reason) for c in office.dispatch(NOW + 2 * DAY).slots] == [("empty", "waits")]
    for n in range(3, 7):
        office.dispatch(NOW + n * DAY)
    assert titles(composed(office, NOW + 7 * DAY)) == [["Robotic robot 4", "Robotic robot 5"]]


def test_explain_says_that_others_of_the_week_were_better(office: TestSite) -> None:
    office.tuned(schedule="mon 07:30", topics=(topic("Robots", "robot", best="weekly", limit=1),), trending=0)
    arrive(office, NOW - DAY, (1, 1), (2, 9))
    composed(office)
    why = explain(office.store, DESK, "2611.00001", office.person(), now=NOW)
    assert (why.verdict, why.why) == (
        "not_best",
        "It was considered for the digest of Mon 23 Nov 07:30, and others had the place in the best of “Robots”. "
        "It comes with a later one if its votes rise.",
    )


def test_the_best_of_a_month_reaches_over_the_month_and_comes_with_its_first_digest(office: TestSite) -> None:
    first = datetime(2026, 12, 1, 6, 30, tzinfo=NOW.tzinfo)
    office.tuned(schedule="weekdays 07:30", topics=(topic("Robots", "robot", best="monthly", limit=2),), trending=0)
    office.dispatch(NOW)  # the first that ever came: nothing to wait for
    arrive(office, NOW - 22 * DAY, (1, 50), (2, 1))  # still in the record of the month, and older than two weeks
    arrive(office, NOW + DAY, (3, 4))
    assert [c.reason for c in office.dispatch(first - DAY).slots] == ["waits"]
    assert titles(composed(office, first)) == [["Robot 1", "Robot 3"]]


def test_a_reader_without_topics_gets_the_best_of_the_editions(office: TestSite) -> None:
    office.tuned(schedule="daily 07:30", topics=(), best="weekly", trending=0)
    arrive(office, NOW - DAY, (1, 2), (2, 40), (3, 0))
    office.editions(closes=NOW)
    digest = composed(office)
    assert [(s.kind, s.best.span if s.best else None) for s in digest.sections] == [("best", Span.WEEK)]
    assert titles(digest) == [["Robot 2", "Robot 1"]]
    assert [(c.state, c.reason) for c in office.dispatch(NOW + DAY).slots] == [("empty", "waits")]


def test_a_preview_shows_the_list_of_the_slot_it_is_about(office: TestSite) -> None:
    office.tuned(schedule="mon 07:30", topics=(topic("Robots", "robot", best="weekly"),), trending=0)
    arrive(office, NOW - DAY, (1, 1))
    seen = preview_next(office.store, DESK, office.person(), now=NOW - DAY / 2)
    assert titles(seen) == [["Robot 1"]]


def test_a_preview_says_with_which_digest_a_list_comes_that_is_not_in_it(office: TestSite) -> None:
    office.tuned(schedule="daily 07:30", topics=(topic("Robots", "robot", best="weekly fri"),), trending=0)
    arrive(office, NOW - DAY, (1, 1))
    office.dispatch(NOW)
    person = office.person()
    seen = preview_next(office.store, DESK, person, now=NOW)  # NOW is a Monday
    [(name, rhythm, slot)] = lists_to_come(office.store, person, seen)
    assert (name, rhythm.words(), slot.local.strftime("%a %H:%M")) == (
        "Robots",
        "the first digest from Friday on",
        "Fri 07:30",
    )
    on_friday = preview_next(office.store, DESK, person, now=slot.due - DAY / 2)
    assert lists_to_come(office.store, person, on_friday) == []


def test_the_first_list_of_a_new_topic_is_of_a_whole_week(office: TestSite) -> None:
    office.tuned(schedule="mon 07:30", topics=(topic("Others", "other"),), trending=0)
    arrive(office, NOW - 6 * DAY, (1, 9))
    office.now = NOW - DAY
    office.tuned(schedule="mon 07:30", topics=(topic("Robots", "robot", best="weekly"),), trending=0)
    assert titles(composed(office)) == [["Robot 1"]]


def newcomer(office: TestSite, **change: Any) -> None:
    """Somebody who joins now, and nobody else."""
    office.people(replace(subscriber(), id=None, ref="newcomer", email="newcomer@example.org", **change))


def test_the_first_list_of_a_new_reader_is_of_a_whole_week(office: TestSite) -> None:
    arrive(office, NOW - 6 * DAY, (1, 9))
    arrive(office, NOW - 12 * DAY, (2, 9))
    office.now = NOW - DAY / 2
    topics = (topic("Robots", "robot", best="weekly", limit=4), topic("All", "ti:robot"))
    newcomer(office, schedule="mon 07:30", topics=topics, trending=0)
    assert titles(composed(office)) == [["Robot 1"]]


def test_the_first_list_of_a_new_reader_without_topics_is_of_a_whole_month(office: TestSite) -> None:
    arrive(office, NOW - 20 * DAY, (1, 9))
    office.editions(closes=NOW - 19 * DAY)
    office.now = NOW - DAY / 2
    newcomer(office, schedule="mon 07:30", topics=(), best="monthly", trending=0)
    assert titles(composed(office)) == [["Robot 1"]]
