"""Which papers stand first, and what counts as rising."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOW, paper

from digestbot.model import Match, Paper, PartialDate
from digestbot.ranking import relevance, trending

DAY = timedelta(days=1)


def match(score: float = 1.0) -> Match:
    return Match(score=score)


def ranked(*found: tuple[Paper, Match]) -> list[int | None]:
    return [p.id for p, _ in relevance.order(found, NOW)]


def test_what_is_announced_today_is_new_and_half_as_new_after_four_days() -> None:
    assert relevance.freshness(paper(announced=PartialDate("2026-11-23T06:30:00Z")), NOW) == 1
    assert relevance.freshness(paper(announced=PartialDate("2026-11-19T06:30:00Z")), NOW) == pytest.approx(0.5)


def test_a_date_in_the_future_is_no_advantage() -> None:
    assert relevance.freshness(paper(announced=PartialDate("2027-11-23")), NOW) == 1


def test_without_a_date_the_day_we_saw_it_counts() -> None:
    assert relevance.freshness(paper(announced=None, first_seen=NOW - 4 * DAY), NOW) == pytest.approx(0.5)


def test_a_better_match_stands_first_among_the_equally_new() -> None:
    assert ranked((paper(1), match(1)), (paper(2), match(2))) == [2, 1]


def test_of_equal_matches_the_one_with_votes_stands_first() -> None:
    assert ranked((paper(1), match()), (paper(2, signals={"upvotes": 3}), match())) == [2, 1]


def test_the_order_does_not_hang_on_the_order_of_arrival() -> None:
    found = [(paper(n), match()) for n in (3, 1, 2)]
    assert ranked(*found) == ranked(*reversed(found)) == [1, 2, 3]


def test_a_paper_without_a_vote_in_one_source_never_trends() -> None:
    assert trending.trending([paper(1), paper(2, signals={"upvotes": 0})], NOW, 5) == []


def test_votes_and_a_second_source_are_the_reason_that_is_told() -> None:
    papers = [paper(1, signals={"upvotes": 41}, sources=("a", "b", "c")), paper(2, signals={"upvotes": 1})]
    assert [why for _, why in trending.trending(papers, NOW, 5)] == ["▲ 41 votes · in 3 sources", "▲ 1 vote"]


def test_as_many_trend_as_asked_for_best_first() -> None:
    papers = [paper(n, signals={"upvotes": n}) for n in range(1, 9)]
    assert [p.id for p, _ in trending.trending(papers, NOW, 3)] == [8, 7, 6]


def test_yesterdays_votes_weigh_less_than_todays() -> None:
    old = paper(1, signals={"upvotes": 20}, announced=PartialDate("2026-11-11"))
    new = paper(2, signals={"upvotes": 15})
    assert [p.id for p, _ in trending.trending([old, new], NOW, 2)] == [2, 1]


def test_an_edition_keeps_every_paper() -> None:
    papers = [paper(n, signals={"upvotes": 5} if n == 2 else {}) for n in (1, 2, 3)]
    assert [p.id for p in trending.edition_order(papers, NOW)] == [2, 1, 3]
