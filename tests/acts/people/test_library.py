"""A library of known papers: into the record and the votes, and into nobody's mail as news."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from digestbot.acts.answers.explain import explain
from digestbot.acts.digests.editions import update_editions
from digestbot.acts.people.import_library import Imported, import_library, read_library
from digestbot.acts.site.settings import EditionRule, FeedSettings
from digestbot.acts.upkeep.rebuild import rebuild
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, entry, subscriber
from digestbot.testing.site import DESK, TestSite

BIBTEX = b"""
@misc{a, title={A Study of Sparse Attention, Part 1}, author={Okafor, Ines and Lindqvist, Tomasz}, eprint={2611.00001}, archivePrefix={arXiv}}
@article{b, title={Attention in 1998, and what became of it}, author={Old, A.}, year=1998, doi={10.1000/old}}
@article{c, title={Attention in 1998, and what became of it}, author={Old, A.}, doi={10.1000/OLD}}
@misc{d, author={Nobody}}
"""


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    return TestSite(store, [subscriber("ada", id=None), subscriber("bo", id=None)])


def taken_in(office: TestSite, data: bytes = BIBTEX, who: str = "ada") -> Imported:
    return import_library(office.store, read_library(data), office.person(who), now=office.now)


def likes(office: TestSite, who: str = "ada") -> list[tuple[str, str, int]]:
    person = office.person(who)
    assert person.id is not None
    with office.store.reading() as tx:
        votes = tx.votes.votes_of(person.id)
        papers = tx.papers.papers_by_id([v.paper for v in votes])
    return sorted((papers[v.paper].public_id, v.via, v.value) for v in votes)


def test_a_library_says_what_of_it_was_read() -> None:
    library = read_library(BIBTEX)
    assert (len(library.entries), library.twice, library.nameless) == (2, 1, 1)
    ris = read_library(b"TY  - JOUR\nTI  - A thing\nAU  - Me, A.\nER  - \n")
    assert [e.title for e in ris.entries] == ["A thing"]
    assert read_library(b"hello, this is a letter").entries == ()


def test_what_is_there_is_recognised_and_all_of_it_is_liked(office: TestSite) -> None:
    office.papers(1)
    assert taken_in(office) == Imported(works=2, known=1, new=1, liked=2)
    assert [via for _, via, _ in likes(office)] == ["library", "library"]
    assert likes(office, "bo") == []
    assert taken_in(office) == Imported(works=2, known=2, new=0, liked=0)


def test_what_they_said_of_a_paper_by_themselves_stays(office: TestSite) -> None:
    from digestbot.acts.people.vote import vote

    office.papers(1)
    vote(office.store, "2611.00001", office.person("ada"), -1, now=office.now - timedelta(days=1))
    taken_in(office)
    assert ("2611.00001", "command", -1) in likes(office)


def test_a_paper_in_the_library_is_not_sent_to_its_owner_and_is_to_others(office: TestSite) -> None:
    taken_in(office)
    office.papers(1, 2)
    sent = {c.subscriber: c.papers for c in office.dispatch(NOW).slots}
    assert sent == {"ada": ("2611.00002",), "bo": ("2611.00001", "2611.00002")}


def test_explain_says_that_they_know_it(office: TestSite) -> None:
    office.papers(1, 2)
    taken_in(office)
    office.dispatch(NOW)
    said = explain(office.store, DESK, "2611.00001", office.person("ada"), now=NOW)
    assert said.why == "You know it: it stands in the library you imported, or you voted on it."


def test_a_library_is_no_news_for_anybody_and_in_no_edition(office: TestSite) -> None:
    taken_in(office)
    assert office.titles(office.dispatch(NOW)) == []
    with office.store.reading() as tx:
        assert tx.papers.count_entries_and_papers() == (2, 2)
        assert tx.papers.papers_seen_between(NOW - timedelta(days=30), NOW) == []
    press = FeedSettings(site="Papers", zone="UTC", path=Path("unused"), edition=EditionRule())
    assert [e for e in update_editions(office.store, press, now=NOW) if e.items] == []


def test_a_paper_that_a_source_brings_long_after_is_news_then(office: TestSite) -> None:
    taken_in(office)
    office.now = NOW + timedelta(days=40)
    office.papers(1)
    sent = {c.subscriber: c.papers for c in office.dispatch(NOW + timedelta(days=41)).slots}
    assert sent["bo"] == ("2611.00001",)
    assert sent["ada"] == ()


def test_a_replacement_of_an_old_paper_in_a_library_is_no_news(office: TestSite) -> None:
    taken_in(office)
    office.entries(entry(1, announce_type="replace", identifiers={"arxiv": "2611.00001", "arxiv_version": "3"}))
    assert office.titles(office.dispatch(NOW)) == []


def test_a_library_counts_as_no_source(office: TestSite) -> None:
    office.papers(1)
    taken_in(office)
    with office.store.reading() as tx:
        paper = tx.papers.paper_by_public_id("2611.00001")
    assert paper is not None
    assert paper.sources == ("arxiv-cs",)


def test_a_library_outlives_a_rebuild(office: TestSite) -> None:
    office.papers(1)
    taken_in(office)
    before = likes(office)
    rebuild(office.store, {}, now=office.now)
    assert likes(office) == before
    assert taken_in(office) == Imported(works=2, known=2, new=0, liked=0)


def test_whoever_has_no_topics_gets_the_edition_without_what_they_know(store: SqlStore) -> None:
    office = TestSite(store, [subscriber("ada", id=None, topics=())])
    taken_in(office)
    office.papers(1, 2)
    update_editions(office.store, FeedSettings(site="Papers", zone="UTC", path=Path("unused")), now=office.now)
    [composed] = office.extra("ada").slots
    assert composed.papers == ("2611.00002",)
