"""One thing that breaks a step costs nothing else, and can be looked at and tried again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from digestbot.acts.delivery.deliver import deliver
from digestbot.acts.delivery.fallback_cards import render_with_fallback
from digestbot.acts.digests.feed_files import publish
from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.parse_reply import parse_reply
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.intake.poll import SourceReport, poll
from digestbot.acts.intake.try_source import inspect
from digestbot.acts.site.settings import FeedSettings
from digestbot.acts.upkeep.rebuild import rebuild
from digestbot.acts.upkeep.retry_quarantined import Retried, look, proof, retry
from digestbot.cli import terminal
from digestbot.cli.setup.try_source import try_text
from digestbot.errors import NotFound, StoreError, TemplateError
from digestbot.model import Digest, Entry, Fetched, Message, ParseResult, ReadStatus, Request, Response, State
from digestbot.sources import Source
from digestbot.sources.formats.items import element
from digestbot.sources.formats.xml_feed import entry_of, read_feed
from digestbot.sources.kinds.crossref import CrossrefSource
from digestbot.sources.kinds.feed import FeedSource
from digestbot.store import PutAside
from digestbot.store.database import SqlStore, open_store
from digestbot.store.tables import schema as t
from digestbot.store.tables.packing import pack, unpack
from digestbot.system.process import name
from digestbot.testing.builders import NOW, digest, entry, item, section, subscriber
from digestbot.testing.http_server import Site, fixed, running
from digestbot.testing.site import TestSite, by_smtp, delivery_client, mail_of
from digestbot.testing.smtp_server import SmtpServer
from digestbot.transport.http import HttpTransport

RSS = (
    "<rss version='2.0'><channel><title>Lab</title>"
    "<item><title>Good one</title><guid>1</guid></item><item><title>Bad\x1b one</title><guid>2</guid></item>"
    "<item><title>Good two</title><guid>3</guid></item></channel></rss>"
).replace("\x1b", "")


class Picky(FeedSource):
    """A stranger's source, written for titles that are not "Bad one"."""

    stumbles = True

    def parse(self, response: Response, now: Any) -> ParseResult:
        def read(thing: Any, base: str) -> Entry:
            if self.stumbles and "Bad" in thing["title"]:
                raise KeyError("no such column")
            return entry_of(thing, base)

        return read_feed(response.body, response, read)


class Raising(FeedSource):
    """Breaks the contract."""

    def parse(self, response: Response, now: Any) -> ParseResult:
        raise RuntimeError("not written yet")


class Halves(FeedSource):
    """Gives half a character, which no database takes."""

    def parse(self, response: Response, now: Any) -> ParseResult:
        return ParseResult(entries=(entry(1), entry(2, title="half \ud800"), entry(3)))


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    return TestSite(store)


def polled(office: TestSite, source: Source, body: str = RSS) -> SourceReport:
    async def run(web: str) -> SourceReport:
        source.url = f"{web}/feed"  # type: ignore[attr-defined]  # all of them are FeedSources
        setup = SourceSetup(name="arxiv-cs", kind="feed", source=source)
        async with HttpTransport("", allow_private=True, clock=lambda: office.now) as transport:
            report = await poll(
                IntakeClient(store=office.store, transport=transport, clock=lambda: office.now, owner=name()),
                [setup],
                only=["arxiv-cs"],
            )
        return report.sources[0]

    site = Site()
    site.pages = {"/feed": fixed(body.encode())}
    with running(site) as web:
        return asyncio.run(run(web))


def aside(office: TestSite) -> list[PutAside]:
    with office.store.reading() as tx:
        return tx.quarantine.all_items()


def again(office: TestSite, sources: Mapping[str, Source] | None = None, numbers: Sequence[int] = ()) -> list[Retried]:
    return retry(
        office.store, numbers, sources or {}, lambda p: mail_of(proof(p, site="Papers", now=NOW)), now=office.now
    )


def spoil(office: TestSite, number: int, **values: Any) -> None:
    """A paper whose stored value no code of today would have written."""
    with office.store.engine.connect() as db:
        db.info["write"] = True
        with db.begin():
            paper = sa.select(t.papers.c.data).where(t.papers.c.public_id == f"2611.{number:05}")
            data = json.loads(unpack(db.execute(paper).scalar_one())) | values
            spoiled = sa.update(t.papers).where(t.papers.c.public_id == f"2611.{number:05}")
            db.execute(spoiled.values(data=pack(json.dumps(data))))


def test_one_item_that_cannot_be_read_costs_no_other_and_keeps_its_bytes(office: TestSite) -> None:
    report = polled(office, Picky(""))
    assert (report.status, report.entries, report.new) == (ReadStatus.PARTIAL, 2, 2)
    [row] = aside(office)
    assert (row.stage, row.source, row.position, row.error) == ("parse", "arxiv-cs", 2, "KeyError: 'no such column'")
    looked = look(office.store, row.id)
    assert looked.row.data == b"<item><title>Bad one</title><guid>2</guid></item>"
    assert looked.reply is not None
    assert looked.reply.url.endswith("/feed")


def test_the_same_item_in_tomorrows_feed_is_the_same_in_quarantine(office: TestSite) -> None:
    source = Picky("")
    polled(office, source)
    polled(office, source, RSS.replace("Good one", "Good three"))
    assert [row.tries for row in aside(office)] == [2]


def test_an_item_gets_through_once_its_reader_is_mended(office: TestSite) -> None:
    source = Picky("")
    polled(office, source)
    [broken] = again(office, {"arxiv-cs": source})
    assert (broken.released, broken.outcome) == (False, "broke again: KeyError: 'no such column'")
    source.stumbles = False
    [done] = again(office, {"arxiv-cs": source})
    assert (done.released, done.outcome) == (True, "read: 1 new entry of arxiv-cs")
    assert aside(office) == []
    with office.store.reading() as tx:
        assert tx.papers.count_entries_and_papers() == (3, 3)


def test_an_item_of_a_source_that_is_gone_says_so(office: TestSite) -> None:
    polled(office, Picky(""))
    [done] = again(office)
    assert done.outcome == "cannot be tried: the source arxiv-cs is no longer configured"


def test_a_reply_with_something_in_quarantine_is_kept(office: TestSite) -> None:
    source = Picky("")
    polled(office, source)
    office.now += timedelta(days=60)
    polled(office, source, RSS.replace("Bad", "Fine"))
    with office.store.transaction() as tx:
        gone, _ = tx.source_log.delete_expired(replies=office.now - timedelta(days=30), polls=office.now)
    assert gone == 0
    assert look(office.store, aside(office)[0].id).reply is not None


def test_a_source_that_raises_is_unreadable_and_its_reply_put_aside(office: TestSite) -> None:
    report = polled(office, Raising(""))
    assert report.status is ReadStatus.UNREADABLE
    assert "RuntimeError: not written yet" in report.problems[0].what
    assert look(office.store, aside(office)[0].id).row.data == RSS.encode()


def test_half_a_character_costs_only_its_entry(office: TestSite) -> None:
    report = polled(office, Halves(""))
    assert (report.entries, [p.what for p in report.problems]) == (2, ["an entry could not be stored"])
    assert [(row.stage, row.position) for row in aside(office)] == [("parse", 2)]


def test_an_entry_without_a_name_waits_in_quarantine_until_it_is_tried_again(office: TestSite) -> None:
    office.entries(entry(1, title="", identifiers={}), entry(2))
    [row] = aside(office)
    assert (row.stage, row.source) == ("resolve", "arxiv-cs")
    [done] = again(office)
    assert not done.released
    assert done.outcome.startswith("broke again: ValueError: neither a title nor an identifier")
    assert [r.tries for r in aside(office)] == [2]


def test_an_entry_that_no_database_takes_as_a_paper_is_found_in_its_batch(office: TestSite) -> None:
    bad = entry(2, identifiers={"arxiv": "2611.00002", "arxiv_version": "9" * 30})
    report = office.entries(entry(1), bad, entry(3))
    assert (report.papers_new, report.quarantined) == (2, 1)
    assert [(row.stage, row.title) for row in aside(office)] == [("resolve", bad.title)]


def test_a_paper_that_cannot_be_indexed_costs_nobody_the_digest(office: TestSite, tmp_path: Path) -> None:
    office.papers(1, 2, 3)
    spoil(office, 2, title=5)
    assert office.titles(office.dispatch(NOW)) == [["2611.00001", "2611.00003"]]
    assert [(row.stage, row.subject) for row in aside(office)] == [("index", "paper:2")]
    publish(office.store, FeedSettings(site="Papers", zone="UTC", path=tmp_path), now=office.now)
    assert "2611.00003" in (tmp_path / "edition/feed.json").read_text()
    assert {row.stage for row in aside(office)} == {"index", "publish"}
    assert not any(done.released for done in again(office))
    spoil(office, 2, title="Sparse Attention, mended")
    assert [done.outcome for done in again(office)] == [
        "works now: the next digest considers it", "works now: the next feed has it",
    ]  # fmt: skip
    assert office.titles(office.dispatch(NOW + timedelta(days=1))) == [["2611.00002"]]


def test_a_damaged_paper_is_its_title_and_costs_nobody_the_digest(office: TestSite) -> None:
    office.papers(1, 2, 3)
    spoil(office, 2, announced=7)
    [sent] = office.titles(office.dispatch(NOW))
    assert sorted(sent) == ["2611.00001", "2611.00002", "2611.00003"]
    with office.store.reading() as tx:
        damaged = tx.papers.paper_by_public_id("2611.00002")
    assert damaged is not None
    assert (damaged.title, damaged.authors) == ("A Study of Sparse Attention, Part 2", ())


def test_a_person_whose_digest_breaks_costs_nobody_else_theirs(office: TestSite) -> None:
    office.people(subscriber(), subscriber("grace"))
    office.papers(1)
    with office.store.engine.connect() as db:
        db.info["write"] = True
        with db.begin():
            db.execute(sa.update(t.subscribers).where(t.subscribers.c.ref == "grace").values(time_zone="Mars/Olympus"))
    report = office.dispatch(NOW)
    assert sorted((c.state, "Mars/Olympus" in c.reason) for c in report.slots) == [
        ("composed", False),
        ("failed", True),
    ]


def picky_mail(sent: Digest) -> Message:
    """A template of somebody's own that breaks on a paper without authors."""
    if any(one.paper.title.endswith("2") and one.paper.authors for one in sent.items()):
        raise TemplateError("cannot be rendered", where="card.html:3")
    return mail_of(sent)


async def test_a_card_that_cannot_be_rendered_is_a_title_line_and_costs_no_mail(store: SqlStore) -> None:
    office = TestSite(store)
    office.papers(1, 2, 3)
    office.dispatch(NOW)
    async with SmtpServer() as server:
        await deliver(delivery_client(office, by_smtp(server.port), build=picky_mail))
    assert office.states() == [State.SENT]
    assert b"Sparse Attention, Part 2" in server.messages[0].data
    [row] = aside(office)
    assert (row.stage, row.paper, row.error) == ("render", 2, "TemplateError: card.html:3: cannot be rendered")


def test_a_template_that_breaks_for_all_is_the_template_s_fault() -> None:
    def broken(sent: Digest) -> Message:
        raise TemplateError("undefined", where="digest.html:1")

    with pytest.raises(TemplateError, match="undefined"):
        render_with_fallback(digest(section(item(1), item(2))), broken)


def test_a_number_that_is_not_there_names_those_that_are(office: TestSite) -> None:
    with pytest.raises(NotFound, match="There are: none"):
        look(office.store, 7)


def test_the_bytes_of_an_item_are_cut_out_of_any_feed() -> None:
    atom = b"<a:feed><a:entry><a:title>1</a:title></a:entry>\n<a:entry x='>'><title>2</title></a:entry></a:feed>"
    assert element(atom, 2) == b"<a:entry x='>'><title>2</title></a:entry>"
    assert element(b"<rss><items/><item>1<item>2</item>", 1) == b"<item>1"
    assert element(atom, 3) == b""


def test_what_is_shown_steers_no_terminal() -> None:
    shown = terminal.raw(b"a\x1b[2J\x00\xff\r\n\x9b31m b\xe2\x80\xae\xc2\x9b")
    assert shown == "a\\x1b[2J\\x00\\xff\n\\x9b31m b\\u202e\\x9b"


def test_a_database_in_trouble_is_no_entry_s_fault(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    store.migrate()
    office = TestSite(store)
    with store.engine.connect() as db:
        db.info["write"] = True
        with db.begin():
            db.execute(sa.text("ALTER TABLE identifiers RENAME TO lost"))
    with pytest.raises(StoreError, match="no such table"):
        office.papers(1, 2)
    assert aside(office) == []
    store.close()


def crossref(*items: dict[str, Any]) -> str:
    return json.dumps({"status": "ok", "message": {"total-results": len(items), "items": list(items)}})


HALF_A_DOI = {"DOI": "10.1000/\ud800x", "title": ["Half"], "type": "journal-article"}
GOOD = {"DOI": "10.5555/good", "title": ["Good"], "type": {"odd": 1}}


def test_an_odd_item_of_an_api_costs_no_other_wherever_the_reply_is_read(office: TestSite) -> None:
    source = CrossrefSource(url="http://127.0.0.1/works")
    report = polled(office, source, crossref(HALF_A_DOI, GOOD))
    assert (report.status, report.entries) == (ReadStatus.PARTIAL, 1)
    [row] = aside(office)
    assert (row.stage, row.source) == ("parse", "arxiv-cs")
    [done] = again(office, {"arxiv-cs": source})
    assert (done.released, "surrogates not allowed" in done.outcome) == (False, True)
    assert rebuild(office.store, {"arxiv-cs": source}, now=office.now).replies == 1


def test_an_item_waits_on_while_its_whole_reply_cannot_be_read(office: TestSite) -> None:
    polled(office, Picky(""))
    [done] = again(office, {"arxiv-cs": Raising("")})
    assert (done.released, "not written yet" in done.outcome) == (False, True)
    rebuild(office.store, {"arxiv-cs": Raising("")}, now=office.now)
    assert "parse" in {row.stage for row in aside(office)}


def test_try_names_an_item_that_no_database_takes() -> None:
    body = crossref(HALF_A_DOI, GOOD).encode()
    response = Response(url="http://127.0.0.1/works", body=body, fetched=NOW)
    fetched = Fetched(request=Request(url=response.url), status=ReadStatus.OK, response=response)
    seen = inspect("works.json", fetched, {"crossref": CrossrefSource}, kind="crossref", now=NOW, parse=parse_reply)
    assert "1 entry" in try_text(seen).encode().decode()
    assert "an entry could not be stored" in try_text(seen)
