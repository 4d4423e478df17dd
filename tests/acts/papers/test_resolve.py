"""Entries become papers, and papers stay what they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from digestbot.acts.papers.resolve import resolve
from digestbot.acts.upkeep.rebuild import rebuild
from digestbot.acts.upkeep.retry_quarantined import look, quarantined
from digestbot.model import Entry, Paper, PaperId, PartialDate
from digestbot.sources.kinds.feed import FeedSource
from digestbot.store.database import SqlStore
from digestbot.store.tables import schema as t
from digestbot.testing.builders import entry
from digestbot.testing.site import TestSite


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    return TestSite(store)


def papers(office: TestSite) -> list[Paper]:
    with office.store.reading() as tx:
        return tx.papers.papers_seen_between(office.now - timedelta(days=30), office.now)


def test_one_paper_from_three_sources_is_one_paper_with_three_mentions(office: TestSite) -> None:
    office.papers(1)
    office.papers(1, source="daily", native_key="d1", identifiers={"arxiv": "2611.00001"}, signals={"upvotes": 7})
    office.papers(1, source="journal", native_key="j1", identifiers={"doi": "10.48550/arxiv.2611.00001"}, venue="JMLR")
    (paper,) = papers(office)
    assert paper.id is not None
    with office.store.reading() as tx:
        reasons = [(stored.source, reason) for stored, reason in tx.papers.mentions_of(paper.id)]
    assert reasons == [("arxiv-cs", "first entry"), ("daily", "same arXiv id"), ("journal", "same arXiv id")]
    assert (paper.sources, paper.signals["upvotes"]) == (("arxiv-cs", "daily", "journal"), 7)


def test_two_papers_that_turn_out_to_be_one_are_joined_under_the_older_id(office: TestSite) -> None:
    office.entries(entry(1, identifiers={"arxiv": "2611.00001"}))
    office.entries(entry(2, identifiers={"doi": "10.5555/x"}, title="Another title altogether"), source="journal")
    assert len(papers(office)) == 2
    both = {"arxiv": "2611.00001", "doi": "10.5555/x"}
    office.entries(entry(3, identifiers=both, native_key="n3"), source="crossref")
    (paper,) = papers(office)
    assert paper.identifiers["doi"] == "10.5555/x"
    with office.store.reading() as tx:
        assert tx.papers.paper_by_public_id(paper.public_id) == paper


def test_a_new_version_is_an_event_of_the_same_paper(office: TestSite) -> None:
    office.papers(1)
    second = {"arxiv": "2611.00001", "arxiv_version": "2"}
    report = office.papers(1, identifiers=second, native_key="v2", announce_type="replace", title="A better title")
    assert (report.papers_new, report.versions) == (0, 1)
    (paper,) = papers(office)
    assert (paper.version, paper.title, paper.replacement) == (2, "A better title", False)


def test_resolving_again_changes_nothing(office: TestSite) -> None:
    office.papers(1, 2, 3)
    before = papers(office)
    assert office.entries().papers_new == 0
    assert papers(office) == before


def test_an_entry_no_paper_can_be_made_of_is_put_aside_and_the_others_go_on(office: TestSite) -> None:
    report = office.entries(entry(1, title="", identifiers={}, native_key="empty"), entry(2))
    assert (report.papers_new, report.quarantined) == (1, 1)


def test_an_entry_that_cannot_be_read_any_more_is_put_aside_and_the_others_go_on(office: TestSite) -> None:
    with office.store.transaction() as tx:
        tx.papers.add_entries("arxiv-cs", [entry(1), entry(2)], sha="", now=office.now)
    with office.store.engine.connect() as db:
        db.info["write"] = True
        with db.begin():
            db.execute(sa.update(t.entries).where(t.entries.c.native_key == entry(1).native_key).values(data=b"torn"))
    report = resolve(office.store, now=office.now)
    assert (report.papers_new, report.quarantined) == (1, 1)
    [row] = quarantined(office.store)
    assert (row.title, look(office.store, row.id).entry) == ("", None)


def test_a_rebuild_keeps_ids_and_what_was_sent(office: TestSite) -> None:
    office.papers(1, 2)
    report = office.dispatch(office.person().next_slot)
    before = papers(office)
    rebuilt = rebuild(office.store, {"arxiv-cs": FeedSource("https://x.example/")}, now=office.now)
    assert (papers(office), rebuilt.papers_new) == (before, 0)
    assert len(office.titles(report)[0]) == 2
    office.now += timedelta(days=1)
    assert office.titles(office.dispatch()) == []


def test_many_works_of_one_title_are_not_all_perhaps_each_other(office: TestSite) -> None:
    title = "Weekly influenza surveillance in the northern provinces"
    office.entries(*(entry(n, title=title, identifiers={"doi": f"10.5555/{n}"}, native_key=f"w{n}") for n in range(30)))
    known = papers(office)
    with office.store.reading() as tx:
        found = [one for some in known for one, _ in tx.papers.decisions_about(some.id or PaperId(0))]
    assert 0 < len({(one.entry_a, one.entry_b) for one in found}) < 50


@pytest.mark.slow
@pytest.mark.parametrize("before", [0, 20, 40])
def test_a_badly_cut_record_finds_its_work_in_a_crowd_however_many_came_before(office: TestSite, before: int) -> None:
    told = {"identifiers": {}, "authors": ("Karel Youssefi", "Ewa Wong")}
    crowd = [
        entry(n, title=f"Topic{n}x and instrument{n}y in a database management system", identifiers={}, authors=(f"{chr(97 + n % 26)}q{n} Other",))
        for n in range(40)
    ]  # fmt: skip
    whole = entry(90, title="Query processing in a relational database management system", **told)
    cut = entry(91, title="Query processmg ma relauonal database management system", **told)
    office.entries(whole)
    for one in (*crowd[:before], cut, *crowd[before:]):
        office.entries(one)
    assert len(papers(office)) == 41


def post(n: int, **change: Any) -> Entry:
    """Of a lab's blog: no identifier, a page and a day of its own."""
    page, day = f"https://lab.example/posts/{n}", PartialDate(f"2026-11-{10 + n}")
    own = {
        "identifiers": {},
        "authors": (),
        "link": page,
        "native_key": page,
        "title": "Introducing Foo",
        "published": day,
    }
    return entry(n, **own | change)


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "Our new model. 7 comments."},
        {"title": "Introducing Foo, a model that folds proteins"},
        {"published": PartialDate("2099-01-01")},
        {"native_key": "lab-1", "link": "http://www.lab.example/posts/1/?utm_source=rss#comments"},
    ],
)
def test_a_post_that_comes_again_is_the_same_post(office: TestSite, change: dict[str, object]) -> None:
    office.entries(post(1))
    office.entries(post(1, **change), source="planet" if "link" in change else "lab")
    assert len(papers(office)) == 1


@pytest.mark.parametrize(
    ("title", "authors"),
    [
        ("Weekly links", ()),
        ("Open thread", ("Ines Okafor",)),
        ("What we are reading in our lab this week", ()),
    ],
)
def test_posts_of_one_title_under_other_addresses_of_a_blog_are_all_told(
    office: TestSite, title: str, authors: tuple[str, ...]
) -> None:
    office.entries(*(post(n, title=title, authors=authors) for n in range(4)))
    assert len(papers(office)) == 4


@pytest.mark.parametrize(
    "titles",
    [
        ("Sparse attention over long proteins", "Whale songs under arctic ice", "Tides of narrow northern fjords"),
        tuple(f"Lab seminar on Thursday, March {day}" for day in (5, 12, 19)),
        tuple(f"New papers in quantum computing, week {week} of 2026" for week in (9, 10, 11)),
        ("Tool 1.1 released", "Tool 1.2 released", "Tool 1.5 released"),
        (
            "Part I: Introduction to mechanics",
            "Part II: Introduction to mechanics",
            "Part III: Introduction to mechanics",
        ),
        ("Book review", "Book review", "Book review"),
    ],
)
@pytest.mark.parametrize("named", ["by their feed", "by their page"])
def test_a_page_that_lists_many_works_is_none_of_them(office: TestSite, titles: tuple[str, ...], named: str) -> None:
    page = "https://lab.example/seminar"
    for n, title in enumerate(titles):
        key = f"item-{n}" if named == "by their feed" or titles[0] == titles[1] else page
        office.entries(post(n, title=title, link=page, native_key=key))
    assert len(papers(office)) == 3
