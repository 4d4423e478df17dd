"""In which order a digest's papers stand, and what trends beside them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digestbot.acts.answers.explain import explain
from digestbot.acts.people.vote import vote
from digestbot.model import Digest
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, topic
from digestbot.testing.site import DESK, TestSite

DAY = timedelta(days=1)


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    return TestSite(store)


def composed(office: TestSite, now: object = NOW) -> Digest:
    report = office.dispatch(now)  # type: ignore[arg-type]  # a datetime
    number = report.slots[0].digest or 0
    with office.store.reading() as tx:
        return tx.slots.digests_by_id([number])[number]


def test_what_matches_and_everybody_votes_for_stands_first_and_says_so(office: TestSite) -> None:
    office.tuned(topics=(topic(query="robot"),))
    for number in range(1, 9):
        office.papers(
            number,
            title=f"Robot {number}",
            summary="The robot." if number < 8 else "",
            signals={"upvotes": 103 if number == 8 else 4},
        )
    section = composed(office).sections[0]
    assert section.items[0].paper.title == "Robot 8"
    assert "▲ 103 votes" in section.items[0].note
    item = section.items[0]
    assert sum(part.points for part in item.score_parts) == pytest.approx(item.score, abs=0.003)
    assert {part.name for part in item.score_parts} == {"words", "new", "community"}


def test_what_a_topic_names_behind_not_does_not_come_under_trending(office: TestSite) -> None:
    office.tuned(topics=(topic(query="compiler* NOT ti:course"),), trending=5)
    office.papers(1, title="Compilers for robots", signals={"upvotes": 1})
    office.papers(2, title="A Compiler Course", signals={"upvotes": 90})
    office.papers(3, title="Whales", signals={"upvotes": 9})
    kinds = {s.kind: [i.paper.title for i in s.items] for s in composed(office).sections}
    assert kinds == {"topic": ["Compilers for robots"], "trending": ["Whales"]}


def test_a_vote_moves_what_is_like_it_and_explain_says_which_words(office: TestSite) -> None:
    office.tuned(topics=(topic(query="robot"),), trending=0)
    for number, words in (
        (1, "surgery endoscope"),
        (2, "football league"),
        (3, "surgery endoscope"),
        (4, "football league"),
    ):
        office.papers(number, title=f"Robot {number}", summary=f"A robot for {words}.")
    vote(office.store, "2611.00001", office.person(), 1, now=NOW - DAY)
    vote(office.store, "2611.00002", office.person(), -1, now=NOW - DAY)
    items = composed(office).sections[0].items
    assert [i.paper.title for i in items] == ["Robot 3", "Robot 4"]
    found = explain(office.store, DESK, "2611.00003", office.person(), now=NOW)
    [own] = [part for part in found.score_parts if part.name == "your votes"]
    assert "surgery ▲" in own.detail


def test_what_trends_is_what_rose_since_yesterday(office: TestSite) -> None:
    office.tuned(topics=(topic(query="compiler*"),), trending=1)
    office.now = NOW - 2 * DAY
    office.papers(2, title="Giant whales", signals={"upvotes": 100})
    office.now = NOW - DAY / 4
    office.papers(2, title="Giant whales", signals={"upvotes": 102})
    office.papers(1, title="Compilers for robots")
    office.papers(3, title="Rising stars", signals={"upvotes": 12})
    sections = composed(office).sections
    assert [(s.kind, s.items[0].paper.title) for s in sections][-1] == ("trending", "Rising stars")
    assert sections[-1].items[0].note == "▲ 12 votes"
