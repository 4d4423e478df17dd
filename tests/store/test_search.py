"""Search: the database's words and the rule's own answer agree, for every rule; the command over a stored history."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from databases import empty_store, migrated
from sizes import size
from test_rule_index import TOPICS, random_paper, readable

from digestbot.acts.answers.search import search
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.model import Paper
from digestbot.rules import PaperIndex, Rule, parse
from digestbot.rules.index.narrowing import Counts, narrowed
from digestbot.store import NewPaper
from digestbot.store.database import SqlStore
from digestbot.testing.store.values import DAY, NOW

RULES = size(150, full=1500)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with empty_store(request.param, tmp_path) as store:
        yield store


def filled(store: SqlStore, papers: list[Paper]) -> list[Paper]:
    """Newest first, as they come back."""
    with store.transaction() as tx:
        made = tx.papers.add_papers([NewPaper(paper, (), NOW) for paper in papers])
        back = tx.papers.papers_by_id(made)
    update_search_index(store)
    return [back[number] for number in reversed(made)]


def test_search_finds_what_the_rule_is_true_for_whatever_the_rule(store: SqlStore) -> None:
    draw = random.Random(11)
    # sources and votes stand in other tables, and are not what is tried here
    papers = filled(
        store, [replace(random_paper(draw, n), sources=(), signals={}, public_id=f"{n}") for n in range(60)]
    )
    index, matched = PaperIndex(papers), 0
    for _ in range(RULES):
        rule = parse(readable(draw), topics=TOPICS)
        hits = [paper.id for paper, _ in search(store, rule, most=60).papers]
        assert hits == [paper.id for paper in index.select(rule)], rule.text
        matched += len(hits)
    assert matched > RULES


def test_of_a_part_of_the_papers_with_counts_of_the_others_a_rule_says_what_it_says_of_all(store: SqlStore) -> None:
    draw = random.Random(12)

    def made(number: int) -> Paper:
        return replace(random_paper(draw, number), sources=(), signals={}, public_id=f"{number}")

    filled(store, [made(n) for n in range(80)])
    odd = [
        "AIDS",
        "larv*",
        "matrix*",
        "=models",
        '"flow matching"~2',
        'ti:"flow matching"',
        "ti:study",
        "cat:cs.*",
        "au:hinton",
    ]
    asked = [parse(rule, topics=TOPICS) for rule in [*odd, *(readable(draw) for _ in range(RULES))]]
    narrow = [(rule, need) for rule in asked if (need := narrowed([rule.tree])) is not None]
    assert len(narrow) > RULES / 4
    for turn in range(3):  # as they came; some written again; some of these wait to be indexed
        with store.transaction() as tx:
            every = tx.papers.papers_seen_between(NOW - DAY, NOW)
            for paper in draw.sample(every, 8 * turn):
                tx.papers.update_paper(
                    replace(made(99), id=paper.id, public_id=paper.public_id, title=paper.title or "A")
                )
            if turn == 1:
                tx.full_text.index_papers(1000)
                tx.full_text.index_papers(1000)
            every = tx.papers.papers_seen_between(NOW - DAY, NOW)
            whole, read = PaperIndex(every), 0
            for rule, need in narrow:
                part = tx.full_text.part_of(need.read, list(need.counted.values()), NOW - DAY, NOW, besides=[])
                apart = sum(1 << n for n, paper in enumerate(part.papers) if paper.id in part.uncounted)
                having = dict(zip(need.counted, part.counts, strict=True))
                index = PaperIndex(part.papers, Counts(part.total, having, apart))
                assert scores(index, part.papers, rule) == scores(whole, every, rule), rule.text
                read += len(part.papers)
            assert read < len(narrow) * len(every) * 0.8


def scores(index: PaperIndex, papers: Sequence[Paper], rule: Rule) -> dict[int | None, float]:
    return {papers[n].id: score for n, score in index.scores(rule, index.bits(rule))}


def test_only_the_newest_are_given_and_it_is_said_when_there_are_older_ones(store: SqlStore) -> None:
    papers = filled(store, [Paper(title=f"Flow {n}", public_id=f"{n}") for n in range(120)])
    found = search(store, parse("flow"), most=3)
    assert [paper for paper, _ in found.papers] == papers[:3]
    assert found.more
    assert not search(store, parse("flow"), most=120).more


def test_a_backup_leaves_the_full_text_behind_and_the_copy_makes_its_own(store: SqlStore, tmp_path: Path) -> None:
    filled(store, [Paper(title="Flow", public_id="1")])
    copy = migrated(f"sqlite:///{tmp_path / 'copy.db'}")
    store.copy_to(copy)
    assert search(copy, parse("flow"), most=1).papers == ()
    assert update_search_index(copy) == 1
    assert len(search(copy, parse("flow"), most=1).papers) == 1
    copy.close()


def test_a_changed_paper_is_found_by_its_new_words_alone(store: SqlStore) -> None:
    [paper, other] = filled(store, [Paper(title="Flow", public_id="1"), Paper(title="Flow", public_id="2")])
    for title in ("Whale", "Whale song"):
        with store.transaction() as tx:
            tx.papers.update_paper(replace(paper, title=title))
        update_search_index(store)
    assert [found for found, _ in search(store, parse("flow"), most=9).papers] == [other]
    assert [found.title for found, _ in search(store, parse('"whale song"'), most=9).papers] == ["Whale song"]
