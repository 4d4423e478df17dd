"""What is published again, and when: a round that brought nothing reads neither papers nor editions nor feeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import rmtree

import pytest
import sqlalchemy as sa

from digestbot.acts.digests.feed_files import publish
from digestbot.acts.digests.news import publish_news
from digestbot.acts.papers.curate import merge
from digestbot.acts.papers.resolve import resolve
from digestbot.acts.site.settings import FeedSettings
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.model import Listing, ListingState, ReadStatus
from digestbot.store import RESTORED, Poll
from digestbot.store.database import SqlStore
from digestbot.testing.builders import topic
from digestbot.testing.site import TestSite

LATER = timedelta(minutes=15)


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    return TestSite(store)


@pytest.fixture
def press(tmp_path: Path) -> FeedSettings:
    return FeedSettings(site="Papers", zone="UTC", path=tmp_path / "feeds", topics=(topic("Attention", "attention"),))


@contextmanager
def statements(store: SqlStore) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        said.append(statement)

    sa.event.listen(store.engine, "before_cursor_execute", note)
    yield said
    sa.event.remove(store.engine, "before_cursor_execute", note)


def published(office: TestSite, press: FeedSettings) -> bool:
    """One round after the polls; whether it published."""
    with statements(office.store) as said:
        resolve(office.store, now=office.now)
        publish_news(office.store, press, now=office.now)
        update_search_index(office.store)
    return any("papers.data" in statement for statement in said)


def polled(office: TestSite, got: int) -> None:
    with office.store.transaction() as tx:
        tx.source_log.add_poll(Poll(source="daily", at=office.now, status=ReadStatus.OK, got=got))


def rested(office: TestSite, press: FeedSettings) -> None:
    """Papers came, were published, and nothing has come since."""
    office.papers(1, 2)
    assert published(office, press)
    office.now += LATER
    polled(office, 0)
    assert not published(office, press)


def test_a_round_that_brought_nothing_reads_no_paper_edition_or_feed_and_writes_nothing(
    office: TestSite, press: FeedSettings
) -> None:
    rested(office, press)
    (press.path / "edition" / "feed.xml").write_text("is not looked into")
    with statements(office.store) as said:
        assert resolve(office.store, now=office.now).papers_new == 0
        assert publish_news(office.store, press, now=office.now) == []
        assert update_search_index(office.store) == 0
    asked = " ".join(said)
    assert "papers.data" not in asked
    assert "editions" not in asked
    assert not [word for word in ("INSERT", "UPDATE", "DELETE", "IMMEDIATE") if word in asked]


def votes_came(office: TestSite, press: FeedSettings) -> FeedSettings:
    polled(office, 3)
    return press


def merged(office: TestSite, press: FeedSettings) -> FeedSettings:
    merge(office.store, "2611.00001", "2611.00002", now=office.now)
    return press


def renamed(office: TestSite, press: FeedSettings) -> FeedSettings:
    return replace(press, site="Papers of the lab")


def gone(office: TestSite, press: FeedSettings) -> FeedSettings:
    rmtree(press.path / "topics")
    return press


def noon(office: TestSite, press: FeedSettings) -> FeedSettings:
    office.now = office.now.replace(hour=12, minute=0, second=0, microsecond=0)
    return press


def restored(office: TestSite, press: FeedSettings) -> FeedSettings:
    with office.store.transaction() as tx:
        tx.site.set_timestamp(RESTORED, at=office.now)
    return press


def put_back(office: TestSite, press: FeedSettings) -> FeedSettings:
    office.now -= timedelta(hours=1)
    return press


def listed(office: TestSite, press: FeedSettings) -> FeedSettings:
    row = Listing(source="arxiv-cs", part="", day=office.now.date(), state=ListingState.CLOSED, updated=office.now)
    with office.store.transaction() as tx:
        tx.source_log.put_listings([row])
        tx.source_log.sync_sources([("arxiv-cs", "arxiv")])
    return press


CAUSES = (votes_came, merged, renamed, gone, noon, restored, put_back, listed)


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: str(cause.__name__))
def test_each_cause_publishes_once_and_what_a_whole_publication_would(
    office: TestSite, press: FeedSettings, cause: Callable[[TestSite, FeedSettings], FeedSettings]
) -> None:
    rested(office, press)
    press = cause(office, press)
    assert published(office, press)
    assert publish(office.store, press, now=office.now) == []
    office.now += LATER
    assert not published(office, press)


def test_papers_leave_the_feeds_by_their_age_though_nothing_comes(office: TestSite, press: FeedSettings) -> None:
    rested(office, press)
    office.now += timedelta(days=15)
    assert published(office, press)
    assert b"<item>" not in (press.path / "topics" / "attention" / "feed.xml").read_bytes()
