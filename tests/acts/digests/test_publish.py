"""Feeds and editions: as files, whole, and only when something changed."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import feedparser
import pytest

from digestbot.acts.digests.editions import edition_day, update_editions
from digestbot.acts.digests.feed_files import private_folder, publish, publish_people
from digestbot.acts.site.settings import EditionRule, FeedSettings
from digestbot.errors import DigestbotError
from digestbot.model import Listing, ListingState, ReadStatus
from digestbot.store import Poll
from digestbot.store.database import SqlStore
from digestbot.system.site_key import site_key
from digestbot.testing.builders import NOW, topic
from digestbot.testing.site import TestSite

BERLIN = "Europe/Berlin"


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    return TestSite(store)


@pytest.fixture
def press(tmp_path: Path) -> FeedSettings:
    return FeedSettings(site="Papers", zone=BERLIN, path=tmp_path / "feeds", topics=(topic("Attention", "attention"),))


def test_the_edition_and_each_site_topic_are_three_feeds_each(office: TestSite, press: FeedSettings) -> None:
    office.papers(1, 2)
    changed = publish(office.store, press, now=office.now)
    names = sorted(str(p.relative_to(press.path)) for p in changed)
    wanted = [f"{folder}/feed.{kind}" for folder in ("edition", "topics/attention") for kind in ("atom", "json", "xml")]
    assert names == wanted
    assert len(feedparser.parse(str(press.path / "topics/attention/feed.xml")).entries) == 2


def test_unchanged_content_writes_no_file(office: TestSite, press: FeedSettings) -> None:
    office.papers(1)
    publish(office.store, press, now=office.now)
    assert publish(office.store, press, now=office.now + timedelta(minutes=1)) == []


def test_no_half_written_file_is_ever_there(office: TestSite, press: FeedSettings) -> None:
    office.papers(1)
    publish(office.store, press, now=office.now)
    assert not [p for p in press.path.rglob("*") if p.name.startswith(".")]


def test_a_private_feed_holds_the_papers_of_its_owner_once(office: TestSite, press: FeedSettings) -> None:
    office.papers(1)
    office.dispatch(NOW)
    publish_people(office.store, press, [office.person()])
    made = json.loads((private_folder(press, "reader") / "feed.json").read_bytes())
    assert [i["_digestbot"]["paper"] for i in made["items"]] == ["2611.00001"]


@pytest.mark.slow
def test_a_private_feed_holds_the_last_digest_whole_however_long(office: TestSite, press: FeedSettings) -> None:
    office.papers(*range(1, 151))
    office.dispatch(NOW)
    publish_people(office.store, press, [office.person()])
    made = json.loads((private_folder(press, "reader") / "feed.json").read_bytes())
    assert len(made["items"]) == 150


def test_a_private_folder_cannot_be_guessed_and_stays_where_it_is(tmp_path: Path) -> None:
    sites = [FeedSettings(site="", zone=BERLIN, path=tmp_path / name / "feeds") for name in "ab"]
    here, there = (private_folder(site, "reader") for site in sites)
    assert here == private_folder(sites[0], "reader")
    assert here.name != there.name
    assert len(here.name) == 40
    assert os.stat(tmp_path / "a" / "feeds.key").st_mode & 0o077 == 0
    assert os.listdir(tmp_path / "a") == ["feeds.key"]


def test_nobody_may_list_private_feeds_or_read_them_unless_the_operator_widens_that(
    office: TestSite, press: FeedSettings
) -> None:
    office.papers(1)
    office.dispatch(NOW)
    publish_people(office.store, press, [office.person()])
    folder = private_folder(press, "reader").parent
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("feed.*")} == {0o600}
    folder.chmod(0o711)
    office.papers(2)
    office.dispatch(NOW + timedelta(days=1))
    publish_people(office.store, press, [office.person()])
    assert folder.stat().st_mode & 0o777 == 0o711


@pytest.mark.parametrize("length", [0, 31])
def test_a_key_that_was_cut_off_is_refused(tmp_path: Path, length: int) -> None:
    """A kill between its making and its writing once left it empty, and anybody could compute the addresses."""
    (tmp_path / "feeds.key").write_bytes(b"k" * length)
    with pytest.raises(DigestbotError, match=f"this key has {length} bytes in place of 32"):
        site_key(tmp_path / "feeds.key")


@pytest.mark.parametrize(
    ("seen", "day"),
    [("2026-11-23T10:59", "2026-11-23"), ("2026-11-23T11:01", "2026-11-24"), ("2026-11-22T23:30", "2026-11-23")],
)
def test_a_paper_belongs_to_the_edition_that_closes_next(seen: str, day: str) -> None:
    moment = datetime.fromisoformat(seen).replace(tzinfo=UTC)
    assert edition_day(moment, BERLIN, time(12, 0)) == date.fromisoformat(day)


def test_an_edition_is_open_from_the_first_poll_and_never_changes_once_closed(
    office: TestSite, press: FeedSettings
) -> None:
    office.papers(1)
    (opened,) = update_editions(office.store, press, now=office.now)
    assert (opened.state, opened.day, len(opened.items)) == ("open", "2026-11-23", 1)
    noon = datetime(2026, 11, 23, 11, 0, 30, tzinfo=UTC)
    (closed,) = update_editions(office.store, press, now=noon)
    assert closed.state == "closed"
    office.now = noon + timedelta(minutes=1)
    office.papers(2)
    latest, first = update_editions(office.store, press, now=office.now)
    assert (first.items, latest.day, latest.state) == (closed.items, "2026-11-24", "open")


def listed(office: TestSite, state: ListingState, *, day: date = date(2026, 11, 23), source: str = "arxiv-cs") -> None:
    """A source's listing day is that far."""
    with office.store.transaction() as tx:
        tx.source_log.put_listings(
            [Listing(source=source, part="", day=day, state=state, got=("1",), updated=office.now)]
        )


def quiet(office: TestSite, source: str = "daily") -> None:
    """Two polls that brought nothing new."""
    with office.store.transaction() as tx:
        for minutes in (20, 5):
            tx.source_log.add_poll(
                Poll(source=source, at=office.now - timedelta(minutes=minutes), status=ReadStatus.UNCHANGED)
            )


def test_an_edition_closes_early_once_all_its_sources_are_done_and_what_comes_later_is_the_next_days(
    office: TestSite, press: FeedSettings
) -> None:
    office.papers(1)
    office.now = NOW
    listed(office, ListingState.FILLING)
    quiet(office)
    assert [e.state for e in update_editions(office.store, press, now=office.now)] == ["open"]
    listed(office, ListingState.CLOSED)
    (closed,) = update_editions(office.store, press, now=office.now)
    assert (closed.state, closed.closes, len(closed.items)) == ("closed", office.now, 1)
    office.now += timedelta(minutes=30)
    office.papers(2)
    latest, first = update_editions(office.store, press, now=office.now)
    assert (first.items, latest.day, len(latest.items)) == (closed.items, "2026-11-24", 1)


def test_an_edition_waits_for_its_hour_while_a_source_still_brings_papers_or_none_lists_by_days(
    office: TestSite, press: FeedSettings
) -> None:
    office.papers(1)
    office.now = NOW
    quiet(office)
    quiet(office, "arxiv-cs")
    assert [e.state for e in update_editions(office.store, press, now=office.now)] == ["open"]
    listed(office, ListingState.CLOSED)
    with office.store.transaction() as tx:
        tx.source_log.add_poll(Poll(source="daily", at=office.now, status=ReadStatus.OK, new=3))
    assert [e.state for e in update_editions(office.store, press, now=office.now)] == ["open"]


def test_what_was_published_stays_when_a_source_gives_less(office: TestSite, press: FeedSettings) -> None:
    office.papers(1, 2, 3)
    (before,) = update_editions(office.store, press, now=office.now)
    office.papers(2)  # the upstream's file is half written: one paper in it
    (after,) = update_editions(office.store, press, now=office.now + timedelta(minutes=5))
    assert set(after.items) == set(before.items)


def test_votes_order_the_edition_and_its_limit_cuts_the_rest(office: TestSite, press: FeedSettings) -> None:
    office.papers(1)
    office.papers(2, signals={"upvotes": 12})
    small = FeedSettings(site="Papers", zone=BERLIN, path=press.path, edition=EditionRule(limit=1))
    (edition,) = update_editions(office.store, small, now=office.now)
    assert [why for _, why in edition.items] == ["▲ 12 votes"]


def test_an_edition_may_follow_a_rule_and_name_its_sources(office: TestSite, press: FeedSettings) -> None:
    office.papers(1)
    office.papers(2, source="daily")
    ruled = FeedSettings(
        site="Papers",
        zone=BERLIN,
        path=press.path,
        edition=EditionRule(query="@Attention", sources=("daily",)),
        topics=press.topics,
    )
    (edition,) = update_editions(office.store, ruled, now=office.now)
    assert len(edition.items) == 1
