"""A played story: what becomes of papers that were sent is told once, by choice, and to nobody who never had them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from databases import migrated

from digestbot.acts.answers.explain import explain
from digestbot.acts.digests.feed_files import formats, private_feed, publish
from digestbot.acts.site.settings import EditionRule, FeedSettings
from digestbot.acts.upkeep.rebuild import rebuild
from digestbot.digest.feeds import content_html, feed_item
from digestbot.model import (
    DeliveryResult,
    Digest,
    Item,
    Link,
    LinkRel,
    Outcome,
    PartialDate,
    Receipt,
    SendStage,
    Standing,
    State,
)
from digestbot.store import RESTORED
from digestbot.testing.builders import ABSTRACT, NOW, entry, paper, subscriber, topic
from digestbot.testing.site import DESK, TEMPLATES, TestSite

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
CODE = (Link(LinkRel.CODE, "https://github.com/okafor/sparse"),)


@pytest.fixture
def office() -> Iterator[TestSite]:
    """Three people: one wants all updates, one the important ones, one none."""
    store = migrated("sqlite://")
    people = [subscriber(c, updates=c, topics=(topic(),), trending=0) for c in ("all", "important", "none")]
    made = TestSite(store, people)
    yield made
    made.store.close()


def says(office: TestSite, number: int, version: int = 1, **change: Any) -> None:
    """arXiv says something of a paper, again."""
    office.papers(
        number, identifiers={"arxiv": f"2611.{number:05}", "arxiv_version": str(version)},
        native_key=f"{number} {office.now}", **change,
    )  # fmt: skip


def told(office: TestSite, days: int) -> dict[str, list[tuple[str, str, str]]]:
    """Who is told what by the digest of that many days later: (paper, kind, note) of each item."""
    report = office.dispatch(NOW + days * DAY)
    return {c.subscriber: [_line(i) for i in digest(office, c.digest).items()] for c in report.slots if c.digest}


def digest(office: TestSite, number: int | None) -> Digest:
    assert number is not None
    with office.store.reading() as tx:
        return tx.slots.digests_by_id([number])[number]


def _line(item: Item) -> tuple[str, str, str]:
    return item.paper.public_id[-1], item.kind, item.note


def later(office: TestSite, days: int) -> None:
    office.now = NOW + days * DAY + timedelta(hours=1)


def test_the_fate_of_papers_that_were_sent_is_told_once_to_those_who_want_it(office: TestSite) -> None:
    for number in range(1, 6):
        says(office, number, comment="9 pages")
    assert [len(items) for items in told(office, 0).values()] == [5, 5, 5]

    later(office, 0)  # a replacement that changes the title and a sentence
    says(
        office,
        1,
        2,
        title="A Better Study",
        summary=f"{ABSTRACT} It also sings.",
        announce_type="replace",
        comment="9 pages",
    )
    note = (
        "You had v1 on Mon 23 November. New: v2 changes the title (it was “A Study of Sparse Attention, Part 1”) and one "
        "sentence of the abstract."
    )
    assert told(office, 1) == {"all": [("1", "v2", note)]}

    later(office, 1)  # a withdrawal, an acceptance with code, a journal
    says(office, 2, 2, summary="This paper has been withdrawn.", standing=Standing.WITHDRAWN, announce_type="replace")
    says(office, 3, comment="Accepted at ISCA 2027", links=CODE)
    says(office, 4, same_as=("doi:10.1103/x.1",), venue="Phys. Rev. X 17, 1", comment="9 pages")
    had = "You had v1 on Mon 23 November."
    important = [
        ("2", "withdrawn-v2", f"{had} It has been withdrawn."),
        ("3", "accepted", f"{had} New: accepted at ISCA 2027."),
        ("4", "journal", f"{had} New: published in Phys. Rev. X 17, 1."),
    ]
    every = [
        ("2", "withdrawn-v2+v2", f"{had} It has been withdrawn."),
        ("3", "accepted+code", f"{had} New: accepted at ISCA 2027; code at github.com/okafor/sparse."),
        important[2],
    ]
    assert told(office, 2) == {"all": every, "important": important}

    later(office, 2)  # all of it said again, by another source too
    says(
        office, 3, comment="Accepted to ISCA 2027, Toronto", links=(*CODE, Link(LinkRel.CODE, "https://gitlab.com/a/b"))
    )
    office.papers(4, source="daily", native_key="d4", identifiers={"arxiv": "2611.00004", "doi": "10.1103/x.1"})
    assert told(office, 3) == {}


def test_a_paper_that_stands_again_and_falls_again_is_told_each_time(office: TestSite) -> None:
    says(office, 1, comment="9 pages")
    told(office, 0)
    for version, standing, said in (
        (2, "withdrawn", "It has been withdrawn."),
        (3, "", "New: stands again."),
        (4, "withdrawn", "It has been withdrawn."),
    ):
        later(office, version - 2)
        says(office, 1, version, comment="9 pages", standing=standing, announce_type="replace")
        notes = told(office, version - 1)["important"]
        assert [note.partition(". ")[2] for _, _, note in notes] == [said]
    later(office, 3)  # both between two digests: it stands
    says(office, 1, 5, comment="9 pages", announce_type="replace")
    says(office, 1, 6, comment="9 pages", standing=Standing.WITHDRAWN, announce_type="replace")
    says(office, 1, 7, comment="9 pages", announce_type="replace")
    assert [note.partition(". ")[2] for _, _, note in told(office, 4)["important"]] == ["New: stands again."]


def test_what_happened_before_somebody_had_the_paper_is_no_update_to_them(office: TestSite) -> None:
    says(office, 1, comment="9 pages")
    told(office, 0)
    later(office, 0)
    says(office, 1, 2, comment="Accepted at ISCA", announce_type="replace")
    new = subscriber("new", topics=(topic(),), trending=0, joined=NOW - 9 * DAY)
    office.people(subscriber("all", updates="all", topics=(topic(),), trending=0), new)
    office.now = NOW + 7 * timedelta(hours=1)
    office.extra("new")
    found = told(office, 1)
    assert [kind for _, kind, _ in found["all"]] == ["accepted+v2"]
    assert "new" not in found


def test_an_update_in_a_refused_mail_comes_with_the_next(office: TestSite) -> None:
    says(office, 1, comment="9 pages")
    told(office, 0)
    later(office, 0)
    says(office, 1, 2, comment="Accepted at ISCA", announce_type="replace")
    report = office.dispatch(NOW + DAY)
    assert [c.subscriber for c in report.slots if c.digest] == ["all", "important"]
    number = next(c.digest for c in report.slots if c.subscriber == "all")
    with office.store.transaction() as tx:
        for one in tx.outbox.claim_deliveries(9, owner="a", now=office.now, lease=DAY):
            tx.outbox.commit_deliveries([one.id], owner="a", now=office.now)
            state = State.REFUSED if one.digest == number else State.SENT
            receipt = Receipt(
                outcome=Outcome.REFUSED if state is State.REFUSED else Outcome.ACCEPTED, stage=SendStage.DOT
            )
            tx.outbox.finish_deliveries([DeliveryResult(one.id, state, receipt, None)], owner="a", now=office.now)
        assert number is not None
        tx.slots.release_digest(number)
    again = told(office, 2)
    assert {who: [kind for _, kind, _ in items] for who, items in again.items()} == {"all": ["accepted+v2"]}
    assert told(office, 3) == {}


def test_a_paper_that_fell_before_it_was_sent_is_left_out_and_explain_says_so(office: TestSite) -> None:
    says(office, 1)
    office.now += timedelta(minutes=10)
    says(office, 1, 2, summary="This paper has been withdrawn.", standing=Standing.WITHDRAWN, announce_type="replace")
    assert told(office, 0) == {}
    found = explain(office.store, DESK, "2611.00001", office.person("all"), now=office.now)
    assert found.verdict == "withdrawn"
    assert found.why == "It was withdrawn before a digest of yours could bring it: not news."


def test_somebody_without_topics_is_told_of_the_editions_papers_too(office: TestSite, tmp_path: Path) -> None:
    office.people(subscriber("all", topics=(), trending=0))
    says(office, 1, comment="9 pages")
    press = FeedSettings(site="Papers", zone="UTC", path=tmp_path / "feeds", edition=EditionRule())
    publish(office.store, press, now=NOW + timedelta(hours=6))
    assert told(office, 1) == {"all": [("1", "new", "")]}
    later(office, 1)
    says(office, 1, comment="Accepted at ISCA")
    assert [kind for _, kind, _ in told(office, 2)["all"]] == ["accepted"]


def test_a_rebuild_tells_nothing(office: TestSite) -> None:
    says(office, 1, comment="9 pages")
    told(office, 0)
    later(office, 0)
    says(office, 1, comment="Accepted at ISCA")
    told(office, 1)
    later(office, 1)
    rebuild(office.store, {}, now=office.now)
    assert told(office, 2) == {}


def test_what_is_learned_again_after_a_restore_is_not_told_again(office: TestSite) -> None:
    says(office, 1, comment="9 pages")
    told(office, 0)
    later(office, 0)
    with office.store.transaction() as tx:
        tx.site.set_timestamp(RESTORED, at=office.now)
    says(office, 1, comment="Accepted at ISCA")  # the first poll after a restore: seen since the restore
    assert told(office, 1) == {}


def test_the_archive_shows_todays_standing_though_the_digest_was_made_before(office: TestSite, tmp_path: Path) -> None:
    says(office, 1)
    report = office.dispatch(NOW)
    later(office, 0)
    says(office, 1, 2, standing=Standing.RETRACTED, announce_type="replace", summary=ABSTRACT)
    page = TEMPLATES.web_digest(digest(office, report.slots[0].digest))
    line, title = page.index("This paper has been retracted."), page.index("A Study of Sparse Attention")
    assert line < title
    assert '<span class="bdg e">Retracted</span>' in page
    press = FeedSettings(site="Papers", zone="UTC", path=tmp_path / "feeds")
    feeds = formats(private_feed(office.store, press, office.person("all")), {})
    assert all(b"This paper has been retracted." in feed for feed in feeds.values())


def test_a_feeds_item_begins_with_the_standing() -> None:
    fallen = content_html(feed_item(paper(standing=Standing.WITHDRAWN), at=NOW, reason=""))
    assert fallen.startswith("<p><strong>This paper has been withdrawn.</strong></p>")
    assert "has been" not in content_html(feed_item(paper(), at=NOW, reason=""))


def test_an_event_stands_once_for_ever_whoever_tells_it(office: TestSite) -> None:
    says(office, 1, comment="9 pages")
    later(office, 0)
    office.entries(entry(1, comment="Accepted at ISCA", native_key="a"))
    later(office, 1)
    office.entries(entry(1, comment="9 pages", native_key="b"))
    later(office, 2)
    office.entries(entry(1, comment="Accepted at ISCA'27", native_key="c"))
    with office.store.reading() as tx:
        events = tx.papers.events_between(NOW - DAY, NOW + 9 * DAY)
    assert [(e.kind, e.key, e.note) for e in events] == [("accepted", "accepted", "accepted at ISCA")]


RECORD: Final[dict[str, Any]] = {
    "native_key": "http://arxiv.org/abs/2611.00001v1", "announced": None, "published": PartialDate("2026-11-20T15:00:00Z"),
}  # fmt: skip
JOURNAL: Final[dict[str, Any]] = {"same_as": ("doi:10.5555/x.1",), "venue": "Phys. Rev. X 17, 1"}


def kinds(office: TestSite, days: int) -> list[str]:
    """What the one who wants all is told of, by that digest."""
    return [kind for _, kind, _ in told(office, days).get("all", [])]


@pytest.mark.parametrize("source", ["arxiv-cs", "oai"])
@pytest.mark.parametrize("said", [{"comment": "Accepted at ISCA 2027"}, {"links": CODE}, JOURNAL])
def test_a_fuller_description_of_the_same_version_is_no_news(
    office: TestSite, source: str, said: dict[str, Any]
) -> None:
    office.papers(1)
    assert kinds(office, 0) == ["new"]
    later(office, 0)
    office.papers(1, source=source, **RECORD | said)
    assert kinds(office, 1) == []


@pytest.mark.parametrize("said", [{"comment": "Accepted at ISCA 2027"}, {"links": CODE}, JOURNAL])
def test_what_a_record_says_anew_of_the_same_version_is_told_once(office: TestSite, said: dict[str, Any]) -> None:
    office.papers(1)
    told(office, 0)
    later(office, 0)
    office.papers(1, **RECORD)
    office.papers(1, announce_type="cross", native_key="oai:arXiv.org:2611.00001v1", categories=("cs.LG", "cs.CL"))
    assert kinds(office, 1) == []
    later(office, 1)
    office.papers(1, **RECORD | said)
    assert len(kinds(office, 2)) == 1
    later(office, 2)
    office.papers(1, source="oai", **RECORD | said)
    assert kinds(office, 3) == []


def test_what_a_source_changes_is_told_though_another_said_it_first(office: TestSite) -> None:
    accepted = {"comment": "Accepted at ISCA 2027"}
    office.papers(1, **RECORD)
    told(office, 0)
    later(office, 3)
    office.papers(1, source="oai", **RECORD | accepted)
    assert kinds(office, 4) == []
    later(office, 4)
    office.papers(1, **RECORD | accepted)
    assert kinds(office, 5) == ["accepted"]
    later(office, 5)
    office.papers(1, **RECORD | accepted | {"comment": "Accepted at ISCA 2027, 9 pages"})
    assert kinds(office, 6) == []


def test_the_code_that_the_daily_page_lists_with_a_paper_is_no_news_and_code_it_adds_is(office: TestSite) -> None:
    daily: dict[str, Any] = {"source": "daily", "identifiers": {"arxiv": "2611.00001"}, "native_key": "2611.00001"}
    office.papers(1)
    office.papers(2)
    told(office, 0)
    later(office, 0)
    office.papers(1, **daily, links=CODE)
    second: dict[str, Any] = {"source": "daily", "identifiers": {"arxiv": "2611.00002"}, "native_key": "2611.00002"}
    office.papers(2, **second)
    assert told(office, 1) == {}
    later(office, 1)
    office.papers(2, **second, links=CODE)
    assert [(paper, kind) for paper, kind, _ in told(office, 2)["all"]] == [("2", "code")]


def test_what_is_first_heard_of_long_after_the_paper_came_is_news(office: TestSite) -> None:
    office.papers(1)
    told(office, 0)
    later(office, 14)
    office.papers(1, source="oai", **RECORD | {"comment": "Accepted at ISCA 2027"})
    assert kinds(office, 15) == ["accepted"]


def test_what_a_new_version_says_of_itself_is_news_whoever_says_it_first(office: TestSite) -> None:
    office.papers(1)
    told(office, 0)
    later(office, 0)
    second: dict[str, Any] = {"identifiers": {"arxiv": "2611.00001", "arxiv_version": "2"}}
    office.papers(1, announce_type="replace", native_key="oai:arXiv.org:2611.00001v2", **second)
    assert kinds(office, 1) == ["v2"]
    later(office, 1)
    office.papers(1, **RECORD | second | {"comment": "Accepted at ISCA 2027"})
    assert kinds(office, 2) == ["accepted"]


@pytest.mark.parametrize(("day", "news"), [("2026-11-24", ["journal"]), ("2025-02-01", []), ("2026", [])])
def test_a_journals_copy_is_news_where_it_came_out_after_the_preprint(
    office: TestSite, day: str, news: list[str]
) -> None:
    office.papers(1)
    told(office, 0)
    later(office, 0)
    copy: dict[str, Any] = {"identifiers": {"doi": "10.5555/x.1"}, "same_as": ("arxiv:2611.00001",)}
    office.papers(
        1, source="journal", native_key="10.5555/x.1", venue="X", announced=None, published=PartialDate(day), **copy
    )
    assert kinds(office, 1) == news


@pytest.mark.parametrize("source", ["journal", "daily"])
def test_a_paper_first_met_as_a_replacement_is_news_when_it_is_listed_as_new(office: TestSite, source: str) -> None:
    says(office, 1, 2, announce_type="replace")
    for day in range(20):
        assert told(office, day) == {}
    office.now = NOW + 20 * DAY - HOUR
    office.papers(
        1, source=source, native_key="d", identifiers={"arxiv": "2611.00001"}, announced=PartialDate("2026-12-13")
    )
    rebuild(office.store, {}, now=office.now)
    assert kinds(office, 20) == ["new"]
    later(office, 20)
    rebuild(office.store, {}, now=office.now)
    says(office, 1, announce_type="cross")
    assert kinds(office, 21) == []


def test_a_paper_that_was_sent_is_not_sent_again_for_the_replacement_of_another(office: TestSite) -> None:
    says(office, 1, 2, announce_type="replace")
    told(office, 0)
    later(office, 9)
    office.papers(
        2, source="journal", native_key="j", identifiers={"doi": "10.5555/x"}, announced=PartialDate("2026-12-02")
    )
    assert kinds(office, 10) == ["new"]
    later(office, 10)
    office.papers(2, source="journal", native_key="j", identifiers={"doi": "10.5555/x"}, same_as=("arxiv:2611.00001",))
    assert "new" not in kinds(office, 11)


def test_a_replacement_of_what_only_the_daily_page_had_is_a_new_version(office: TestSite) -> None:
    office.papers(1, source="daily", native_key="d", identifiers={"arxiv": "2611.00001"})
    told(office, 0)
    later(office, 0)
    says(office, 1, 2, title="A Better Study of Sparse Attention", announce_type="replace")
    note = "You had it on Mon 23 November. New: v2 changes the title (it was “A Study of Sparse Attention, Part 1”)."
    assert told(office, 1) == {"all": [("1", "v2", note)]}


def test_the_version_in_a_record_of_what_the_daily_page_had_is_no_new_one(office: TestSite) -> None:
    office.papers(1, source="daily", native_key="d", identifiers={"arxiv": "2611.00001"})
    told(office, 0)
    later(office, 0)
    office.papers(1, **RECORD | {"identifiers": {"arxiv": "2611.00001", "arxiv_version": "3"}})
    assert kinds(office, 1) == []


def test_a_retraction_that_was_a_mistake_is_taken_back_and_told(office: TestSite) -> None:
    work: dict[str, Any] = {"source": "openalex", "identifiers": {"doi": "10.5555/x"}, "native_key": "W1"}
    office.papers(1, **work)
    told(office, 0)
    for day, change, kind in ((0, {"standing": "retracted"}, "retracted"), (1, {"venue": "X"}, "restored")):
        later(office, day)
        office.papers(1, **work | change)
        assert [k for _, k, _ in told(office, day + 1)["important"]] == [kind]
