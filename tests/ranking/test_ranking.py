"""Which papers stand first, and what counts as rising."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digestbot.model import Paper, PartialDate
from digestbot.ranking import relevance, trending
from digestbot.testing.builders import NOW, paper

DAY = timedelta(days=1)


def ranked(*found: tuple[Paper, float]) -> list[int | None]:
    papers = [p for p, _ in found]
    best = relevance.RelevanceOrder(papers, NOW).best_first([(n, score) for n, (_, score) in enumerate(found)])
    return [papers[n].id for n, _ in best]


def test_what_is_announced_today_is_new_and_half_as_new_after_four_days() -> None:
    assert relevance.freshness(paper(announced=PartialDate("2026-11-23T06:30:00Z")), NOW) == 1
    assert relevance.freshness(paper(announced=PartialDate("2026-11-19T06:30:00Z")), NOW) == pytest.approx(0.5)


def test_a_date_in_the_future_is_no_advantage() -> None:
    assert relevance.freshness(paper(announced=PartialDate("2027-11-23")), NOW) == 1


def test_without_a_date_the_day_we_saw_it_counts() -> None:
    assert relevance.freshness(paper(announced=None, first_seen=NOW - 4 * DAY), NOW) == pytest.approx(0.5)


def test_a_better_match_stands_first_among_the_equally_new() -> None:
    assert ranked((paper(1), 1), (paper(2), 2)) == [2, 1]


def test_of_equal_matches_the_one_with_votes_stands_first() -> None:
    assert ranked((paper(1), 1), (paper(2, signals={"upvotes": 3}), 1)) == [2, 1]


def test_the_order_does_not_hang_on_the_order_of_arrival() -> None:
    found = [(paper(n), 1.0) for n in (3, 1, 2)]
    assert ranked(*found) == ranked(*reversed(found)) == [1, 2, 3]


def test_a_paper_without_a_vote_in_one_source_never_trends() -> None:
    assert trending.rising([paper(1), paper(2, signals={"upvotes": 0})], NOW) == []


def test_votes_and_a_second_source_are_the_reason_that_is_told() -> None:
    papers = [paper(1, signals={"upvotes": 41}, sources=("a", "b", "c")), paper(2, signals={"upvotes": 1})]
    assert [why for _, why in trending.rising(papers, NOW)] == ["▲ 41 votes · in 3 sources", "▲ 1 vote"]


def test_what_has_most_votes_trends_first_and_what_is_older_than_three_days_does_not() -> None:
    papers = [paper(n, signals={"upvotes": n}) for n in range(1, 5)]
    papers.append(paper(9, signals={"upvotes": 99}, first_seen=NOW - 3 * DAY))
    assert [p.id for p, _ in trending.rising(papers, NOW)] == [4, 3, 2, 1]


def test_yesterdays_votes_weigh_less_than_todays() -> None:
    old = paper(1, signals={"upvotes": 20}, announced=PartialDate("2026-11-11"))
    new = paper(2, signals={"upvotes": 15})
    assert [p.id for p, _ in trending.rising([old, new], NOW)] == [2, 1]


def test_an_edition_keeps_every_paper() -> None:
    papers = [paper(n, signals={"upvotes": 5} if n == 2 else {}) for n in (1, 2, 3)]
    assert [p.id for p in trending.edition_order(papers, NOW)] == [2, 1, 3]


def test_the_score_is_the_sum_of_its_parts_and_votes_lift_what_matches() -> None:
    papers = [paper(n, signals={"upvotes": 103} if n == 3 else {"upvotes": 4}) for n in range(5)]
    matched = [(n, 4.0 - n / 4) for n in range(5)]
    order = relevance.RelevanceOrder(papers, NOW)
    best = order.best_first(matched)
    assert best[0][0] == 3
    for n, score in best:
        parts = {part.name: part.points for part in order.parts(n, score)}
        assert sum(parts.values()) == pytest.approx(score, abs=0.002)
        assert 0 < parts["words"] < 1


def test_a_part_that_adds_nothing_is_not_told_though_floats_leave_a_rest_of_it() -> None:
    papers = [
        paper(n, signals={"upvotes": 7 * n + 1}, announced=PartialDate("2026-11-2" + str(n % 4))) for n in range(99)
    ]
    order, own = relevance.RelevanceOrder(papers, NOW), {n: 0.137 + n / 131 for n in range(99)}
    for n, score in order.best_first([(n, 0.0) for n in own], own, 0.37):  # a rule that only says what not to take
        told = [part.name for part in order.parts(n, score, relevance.Own(own[n], 0.37))]
        assert told == ["your votes", "new", "community"]


def test_the_readers_model_counts_as_much_as_it_is_trusted() -> None:
    order = relevance.RelevanceOrder([paper(0), paper(1)], NOW)
    matched, own = [(0, 8.0), (1, 2.0)], {0: 0.1, 1: 0.9}
    assert [n for n, _ in order.best_first(matched, own, 0.1)] == [0, 1]
    assert [n for n, _ in order.best_first(matched, own, 0.9)] == [1, 0]


def test_lists_of_one_service_count_once() -> None:
    services = {"cs.LG": "arxiv", "cs.CL": "arxiv", "cs.AI": "arxiv"}
    listed, spoken_of = paper(1, sources=("cs.LG", "cs.CL", "cs.AI")), paper(2, sources=("cs.LG", "daily"))
    assert trending.rising([listed, spoken_of], NOW, services) == [(spoken_of, "in 2 sources")]
    assert [p.id for p in trending.edition_order([listed, spoken_of], NOW, services)] == [2, 1]


def test_trending_is_growth_an_early_riser_beats_yesterdays_giant_and_a_late_riser_gets_its_chance() -> None:
    giant = paper(1, signals={"upvotes": 205}, first_seen=NOW - 2 * DAY, announced=PartialDate("2026-11-21"))
    early = paper(2, signals={"upvotes": 12}, first_seen=NOW - DAY / 4)
    late = paper(3, signals={"upvotes": 60}, first_seen=NOW - 9 * DAY, announced=PartialDate("2026-11-14"))
    still = paper(4, signals={"upvotes": 80}, first_seen=NOW - 9 * DAY, announced=PartialDate("2026-11-14"))
    before = {p.id: votes for p, votes in ((giant, 200), (late, 20), (still, 79)) if p.id is not None}
    found = trending.rising([giant, early, late, still], NOW, before=before)
    assert [(p.id, why) for p, why in found] == [
        (3, "▲ 40 votes in 24 h"), (2, "▲ 12 votes"), (1, "▲ 5 votes in 24 h"),
    ]  # fmt: skip
    assert [p.id for p, _ in trending.rising([giant, early, late, still], NOW)] == [1, 2]


def test_what_is_usual_is_that_of_the_same_service_and_age_today() -> None:
    busy = [paper(n, signals={"upvotes": 40 + n}, sources=("busy",)) for n in range(20)]
    quiet = [paper(50 + n, signals={"upvotes": 2}, sources=("quiet",)) for n in range(20)]
    riser, ordinary = paper(90, signals={"upvotes": 30}, sources=("quiet",)), busy[10]
    ranked = [p.id for p, _ in trending.rising([*busy, *quiet, riser], NOW)]
    assert ranked[0] == riser.id
    grown = {p.public_id: p.signals["upvotes"] for p in (*busy, *quiet)}
    usual = trending.usual_growth(trending.growths([*busy, *quiet], grown, NOW), NOW)
    assert usual(ordinary) > 3 * usual(riser)


def test_on_a_slow_day_of_the_week_what_was_usual_on_that_day_counts_and_not_what_is_usual_elsewhere() -> None:
    sunday = NOW.replace(day=29)
    busy = [paper(n, signals={"upvotes": 20}, sources=("busy",), first_seen=sunday - DAY / 2) for n in range(20)]
    slow = [
        paper(n, signals={"upvotes": v}, sources=("slow",), first_seen=sunday - DAY / 2) for n, v in ((50, 2), (51, 7))
    ]
    then = [
        paper(60 + n, sources=("slow",), first_seen=sunday - days * DAY - DAY / 2) for days in (1, 7) for n in range(12)
    ]
    votes = {p.id: 2 for p in then if p.id is not None}
    assert sunday.weekday() == 6
    last_sunday = trending.growths_of_day(then, votes, {}, sunday - 7 * DAY)
    assert last_sunday == {("slow", 0): [2] * 12}
    first, *_ = trending.rising([*busy, *slow], sunday, before={}, week_ago=last_sunday)
    without, *_ = trending.rising([*busy, *slow], sunday, before={})
    assert (first[0].id, without[0].sources) == (51, ("busy",))


def test_what_is_usual_on_a_day_of_the_week_needs_evidence() -> None:
    few = trending.usual_growth({("a", 0): [16] * 40}, NOW, week_ago={("b", 0): [2]})
    many = trending.usual_growth({("a", 0): [16] * 40}, NOW, week_ago={("b", 0): [2] * 80})
    of_b = paper(1, sources=("b",))
    assert 12 < few(of_b) < 16
    assert 2 < many(of_b) < 3
    assert many(paper(2, sources=("a",))) == pytest.approx(16)
