"""Backup and restore, between databases too: nothing is lost, and nothing goes out twice; what is forgotten, and what stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from databases import empty_store, migrated, sqlite_url

from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.intake.poll import poll
from digestbot.acts.people.vote import vote
from digestbot.acts.upkeep.backup import backup, restore
from digestbot.acts.upkeep.retention import Retention, delete_expired
from digestbot.errors import DigestbotError, StoreCorrupt, StoreError
from digestbot.model import ReadStatus, Response
from digestbot.sources.kinds.feed import FeedSource
from digestbot.store.database import SqlStore
from digestbot.store.tables import schema as t
from digestbot.testing.builders import NOW, entry
from digestbot.testing.site import TestSite

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    made = TestSite(store)
    made.papers(1, 2)
    made.dispatch(NOW)
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store to restore into."""
    with empty_store(request.param, tmp_path / "other") as opened:
        yield opened


def everything(store: SqlStore) -> dict[str, list[tuple[object, ...]]]:
    with store.engine.connect() as db:
        return {
            table.name: sorted((tuple(row) for row in db.execute(sa.select(table))), key=repr)
            for table in t.metadata.sorted_tables
        }


def taken(office: TestSite, folder: Path) -> Path:
    file = folder / "backup.db"
    backup(office.store, b"k" * 32, file, now=office.now)
    return file


def test_what_comes_back_is_what_was_there(office: TestSite, other: SqlStore, tmp_path: Path) -> None:
    vote(office.store, "2611.00001", office.person(), -1, now=NOW)
    with office.store.transaction() as tx:
        tx.outbox.cancel_deliveries([d.id for d in tx.outbox.list_deliveries()], now=NOW)  # nothing that would be held
    file = taken(office, tmp_path)
    restore(other, tmp_path / "feeds.key", file, now=NOW, gap="unsent")
    assert everything(other) == everything(office.store)
    assert (tmp_path / "feeds.key").read_bytes() == b"k" * 32
    assert (tmp_path / "feeds.key").stat().st_mode & 0o777 == 0o600


def test_new_rows_get_new_ids_after_a_restore(office: TestSite, other: SqlStore, tmp_path: Path) -> None:
    restore(other, tmp_path / "k", taken(office, tmp_path), now=NOW, gap="unsent")
    again = TestSite.__new__(TestSite)
    again.store, again.now = other, NOW + HOUR
    assert again.papers(3).papers_new == 1
    assert again.titles(again.dispatch(NOW + DAY)) == [["2611.00003"]]


def test_what_waited_is_held_and_never_goes_out_by_itself(office: TestSite, other: SqlStore, tmp_path: Path) -> None:
    assert office.states() == ["pending"]
    report = restore(other, tmp_path / "k", taken(office, tmp_path), now=NOW + DAY)
    assert report.held == 1
    with other.transaction() as tx:
        assert [str(d.state) for d in tx.outbox.list_deliveries()] == ["unknown"]
        assert tx.outbox.resend_unknown(before=NOW + 9 * DAY, now=NOW + 9 * DAY) == []
        assert len(tx.outbox.retry_deliveries([d.id for d in tx.outbox.list_deliveries()], now=NOW + DAY)) == 1


@pytest.mark.parametrize(("gap", "comes"), [("sent", []), ("unsent", [["2611.00003"]])])
def test_what_came_in_the_gap_counts_as_sent_or_as_not(
    office: TestSite, tmp_path: Path, gap: str, comes: list[list[str]]
) -> None:
    file = taken(office, tmp_path)
    store = migrated(sqlite_url(tmp_path / "new"))
    restore(store, tmp_path / "k", file, now=NOW + 12 * HOUR, gap=gap)
    again = TestSite.__new__(TestSite)
    again.store, again.now = store, NOW + 13 * HOUR
    _first_poll(again, 3)
    assert again.titles(again.dispatch(NOW + DAY)) == comes
    again.now = NOW + 25 * HOUR
    again.papers(4)
    assert again.titles(again.dispatch(NOW + 2 * DAY)) == [["2611.00004"]]
    store.close()


def _first_poll(office: TestSite, number: int) -> None:
    """A real poll, of an Atom feed with one arXiv paper."""
    import asyncio

    from digestbot.acts.papers.resolve import resolve
    from digestbot.model import Fetched, Request

    one = entry(number)
    link = f'<link href="{one.link}"/>'
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><title>{one.title}</title>{link}<id>{one.link}</id></entry></feed>'

    class Wire:
        async def fetch(self, request: Request) -> Fetched:
            response = Response(url=request.url, body=body.encode(), fetched=office.now)
            return Fetched(request=request, status=ReadStatus.OK, response=response, http_status=200)

    setup = SourceSetup(name="arxiv-cs", kind="feed", source=FeedSource("https://x.example/"), every=HOUR, pause=None)
    asyncio.run(poll(IntakeClient(store=office.store, transport=Wire(), clock=lambda: office.now, owner="t"), [setup]))
    resolve(office.store, now=office.now)


def test_a_store_with_something_in_it_is_not_overwritten(office: TestSite, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="something in it already"):
        restore(office.store, tmp_path / "k", taken(office, tmp_path), now=NOW)


def test_a_backup_never_overwrites_a_file_and_leaves_none_half_written(office: TestSite, tmp_path: Path) -> None:
    taken(office, tmp_path)
    with pytest.raises(DigestbotError, match="this name already"):
        backup(office.store, b"", tmp_path / "backup.db", now=NOW)
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["backup.db"]


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0"])
def test_a_file_that_is_no_backup_is_said_to_be_none(store: SqlStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(StoreCorrupt, match="no backup"):
        restore(store, tmp_path / "k", tmp_path / "x", now=NOW)


def test_a_backup_is_one_moment_while_others_write(office: TestSite, tmp_path: Path) -> None:
    with sqlite3.connect(taken(office, tmp_path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("SELECT count(*) FROM papers").fetchone() == (2,)
    db.close()


def test_old_replies_go_and_the_newest_of_each_source_stays(office: TestSite) -> None:
    with office.store.transaction() as tx:
        for source, age in (("a", 40), ("a", 31), ("b", 50), ("b", 1)):
            reply = Response(url="https://x.example/", body=f"{source}{age}".encode(), fetched=NOW - age * DAY)
            tx.source_log.keep_reply(source, reply)
    assert delete_expired(office.store, Retention(), now=NOW).replies == 2
    with office.store.reading() as tx:
        assert sorted(r.body.decode() for _, _, r in tx.source_log.replies()) == ["a31", "b1"]


def test_forgetting_is_done_once_a_day(office: TestSite) -> None:
    delete_expired(office.store, Retention(), now=NOW)
    with office.store.transaction() as tx:
        for body, age in ((b"old", 40), (b"new", 1)):
            tx.source_log.keep_reply("a", Response(url="https://x.example/", body=body, fetched=NOW - age * DAY))
    assert delete_expired(office.store, Retention(), now=NOW + HOUR).replies == 0
    assert delete_expired(office.store, Retention(), now=NOW + 25 * HOUR).replies == 1


def test_papers_and_what_was_shown_are_never_forgotten(office: TestSite) -> None:
    delete_expired(office.store, Retention(replies=DAY, receipts=DAY), now=NOW + 900 * DAY)
    office.now = NOW + 901 * DAY
    with office.store.reading() as tx:
        assert tx.papers.count_entries_and_papers() == (2, 2)
    assert office.titles(office.dispatch()) == []
