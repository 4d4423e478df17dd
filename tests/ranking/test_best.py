"""The best of a week or a month: what stands in it, in which order and in which grade."""

from __future__ import annotations

from datetime import timedelta

from digestbot.model import Grade, Paper, Standing
from digestbot.ranking.best import best_of, must_reads
from digestbot.testing.builders import NOW, paper

DAY = timedelta(days=1)
WEEK_AGO = NOW - 7 * DAY


def of(number: int, votes: int, days_ago: float = 2, **change: object) -> Paper:
    return paper(number, signals={"upvotes": votes}, first_seen=NOW - days_ago * DAY, **change)


def ids(papers: list[Paper], most: int = 20, **before: int) -> list[int | None]:
    known = {paper.id: before[f"p{paper.id}"] for paper in papers if f"p{paper.id}" in before and paper.id is not None}
    return [b.paper.id for b in best_of(papers, since=WEEK_AGO, now=NOW, before=known, most=most)]


def test_the_best_of_a_week_is_ranked_by_what_is_known_at_its_end_and_not_by_the_day_it_came() -> None:
    assert ids([of(1, 10, 0.1), of(2, 30, 6.5), of(3, 20, 3)]) == [2, 3, 1]


def test_a_paper_of_before_comes_when_its_votes_rose_within_and_says_so() -> None:
    late, still = of(8, 60, 12), of(9, 90, 12)
    assert ids([of(1, 10), late, still], p8=20, p9=88) == [8, 1]
    [first, _] = best_of([of(1, 10), late], since=WEEK_AGO, now=NOW, before={late.id: 20} if late.id else {})
    assert (first.late, first.why) == (True, "▲ 40 votes in 7 days")


def test_nothing_without_a_vote_or_a_second_service_is_among_the_best() -> None:
    spoken_of = of(2, 0, sources=("arxiv-cs", "daily"))
    found = best_of([of(1, 0), spoken_of], since=WEEK_AGO, now=NOW)
    assert [(b.paper.id, b.why) for b in found] == [(2, "in 2 sources")]


def test_new_versions_and_what_fell_are_not_among_the_best() -> None:
    assert ids(
        [of(1, 9), of(2, 99, replacement=True), of(3, 99, standing=Standing.RETRACTED), of(4, 99, old=True)]
    ) == [1]


def test_what_stands_out_is_a_must_and_never_more_than_half_of_the_places() -> None:
    week = [of(n, 4 + n % 3) for n in range(1, 30)] + [of(30, 200), of(31, 150)]
    found = best_of(week, since=WEEK_AGO, now=NOW, most=10)
    assert [b.grade for b in found] == [Grade.MUST] * 2 + [Grade.RELATED] * 8
    assert must_reads([9.0] * 8 + [1.0] * 92, 10) == 5


def test_among_equals_nothing_is_a_must() -> None:
    assert must_reads([1.0] * 20, 10) == must_reads([0.7], 10) == must_reads([], 10) == 0
