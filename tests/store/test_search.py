"""Search: the database's words and the rule's own answer agree, for every rule; the command over a stored history."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from databases import empty_store, migrated
from sizes import size
from test_rule_index import TOPICS, random_paper, readable

from digestbot.acts.answers.search import search
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.model import Paper
from digestbot.rules import PaperIndex, parse
from digestbot.store import NewPaper
from digestbot.store.database import SqlStore
from digestbot.testing.store.values import NOW

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
