"""A week in which a category is stale for a day, a day is missed, a holiday falls and the daily page fills slowly."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from week import CATEGORIES, OLD, Week, daily, send_all, works

from digestbot.acts.answers.audit import Audit, audit
from digestbot.acts.digests.dispatch import dispatch
from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.people.sync import sync
from digestbot.acts.rounds import Intake, poll_round
from digestbot.acts.site.settings import DigestSettings, FeedSettings
from digestbot.model import Digest, ReadStatus
from digestbot.sources.kinds.arxiv import ArxivSource
from digestbot.sources.kinds.huggingface import HuggingFaceSource
from digestbot.store.database import SqlStore, open_store
from digestbot.testing.builders import subscriber, topic

HOUR = timedelta(hours=1)
BEGIN = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
END = datetime(2026, 12, 1, 7, 0, tzinfo=UTC)
OFF = (datetime(2026, 11, 24, 22, tzinfo=UTC), datetime(2026, 11, 26, 5, 15, tzinfo=UTC))
SETUPS = (
    SourceSetup(name="arxiv", kind="arxiv", source=ArxivSource(CATEGORIES, look_back=0), pause=0.0),
    SourceSetup(name="daily", kind="huggingface", source=HuggingFaceSource(), pause=0.0),
)


class Played:
    """The week, an hour at a time."""

    def __init__(self, store: SqlStore, folder: Path) -> None:
        self.store, self.now = store, BEGIN - HOUR
        self.press = FeedSettings(site="Papers", zone="Europe/Berlin", path=folder / "feeds")
        self.transport = Week(clock=lambda: self.now)
        self.desk = DigestSettings(
            site="Papers", domain="example.org", titles={"arxiv": "arXiv", "daily": "daily papers"}
        )
        self.digests: list[Digest] = []
        self.audits: dict[datetime, Audit] = {}
        self.statuses: list[tuple[datetime, str, ReadStatus]] = []
        person = subscriber(id=None, topics=(topic("All", "paper"),), max_papers=500, trending=0, joined=None)
        sync(store, [person], [(s.name, s.kind) for s in SETUPS], now=self.now)

    async def play(self) -> None:
        self.now = BEGIN
        while self.now < END:
            if not OFF[0] <= self.now < OFF[1]:
                await self.round()
            self.now += HOUR

    async def round(self) -> None:
        client = IntakeClient(store=self.store, transport=self.transport, clock=lambda: self.now, owner="here/1/0")
        taken = await poll_round(Intake(client=client, feeds=self.press, sources=SETUPS))
        self.statuses += [(self.now, r.source, r.status) for r in taken.polled.sources]
        report = dispatch(self.store, self.desk, now=self.now)
        with self.store.reading() as tx:
            self.digests += tx.slots.digests_by_id([c.digest for c in report.slots if c.digest is not None]).values()
        send_all(self.store, self.now)
        self.audits[self.now] = audit(self.store, now=self.now)

    def arrived(self) -> dict[str, date]:
        """Paper → the day of its mail."""
        return {item.paper.public_id: d.composed.date() for d in self.digests for item in d.items()}

    def state(self, day: int, part: str, *, at: datetime) -> str:
        """What audit said of one listing day of arXiv then."""
        lines = self.audits[at].lines
        return next((str(x.state) for x in lines if (x.source, x.part, x.day.day) == ("arxiv", part, day)), "none")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Played:
    store = open_store("sqlite://")
    store.migrate()
    played = Played(store, tmp_path_factory.mktemp("week"))
    asyncio.run(played.play())
    return played


def test_every_paper_of_the_week_arrives_once_and_no_old_one(week: Played) -> None:
    came = Counter(item.paper.public_id for digest in week.digests for item in digest.items())
    wanted = {work.id for work in works()} | {number for _, _, number in daily()}
    assert set(came) == wanted
    assert set(came.values()) == {1}
    assert not {work.id for work in OLD} & set(came)


def test_what_was_missed_comes_with_the_first_mail_after_it_could_be_had(week: Played) -> None:
    arrived = week.arrived()
    days = {(w.listed.day, arrived[w.id].day) for w in works()}
    # cs.AI of Tuesday and all of Wednesday come on Thursday, when the machine is back
    assert days == {(23, 23), (24, 24), (24, 26), (25, 26), (26, 26), (30, 30)}
    assert {w.categories for w in works() if w.listed.day == 24 and arrived[w.id].day == 26} == {("cs.AI",)}


def test_what_stood_in_the_first_version_is_told_to_nobody_as_news(week: Played) -> None:
    with week.store.reading() as tx:
        papers = tx.papers.papers_seen_between(BEGIN - HOUR, END)
        assert any(p.comment == "Accepted at ISCA 2027" for p in papers)
        assert tx.papers.events_between(BEGIN - HOUR, END) == []


def test_a_stale_category_is_told_from_the_others_and_polled_sooner(week: Played) -> None:
    noon = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
    assert (week.state(24, "cs.AI", at=noon), week.state(24, "cs.CL", at=noon)) == ("stale", "closed")
    assert not week.audits[noon].complete
    said = [status for at, source, status in week.statuses if source == "arxiv" and at.day == 24 and at.hour >= 7]
    assert set(said) == {ReadStatus.STALE}


def test_audit_says_day_by_day_that_the_week_is_whole_in_the_end(week: Played) -> None:
    last = week.audits[datetime(2026, 11, 30, 23, 30, tzinfo=UTC)]
    assert last.complete
    lines = {(x.day.day, x.part): (str(x.state), x.got, x.expected) for x in last.lines if x.source == "arxiv"}
    whole = {(day, part): ("closed", 8, 8) for day in (23, 24, 25, 26) for part in CATEGORIES}
    assert {key: line for key, line in lines.items() if key[0] < 30} == whole
    assert (27, "cs.AI") not in lines


def test_the_daily_page_counts_as_filling_until_its_day_is_over(week: Played) -> None:
    def daily_state(at: datetime) -> tuple[str, int]:
        return next((str(x.state), x.got) for x in week.audits[at].lines if x.source == "daily" and x.day.day == 23)

    assert daily_state(datetime(2026, 11, 23, 9, 30, tzinfo=UTC)) == ("filling", 2)
    assert daily_state(datetime(2026, 11, 24, 7, 30, tzinfo=UTC)) == ("closed", 5)


def test_nothing_is_asked_for_twice_once_a_day_is_whole(week: Played) -> None:
    again = Counter(url for _, url in week.transport.asked if "rss." not in url and not url.endswith("daily_papers"))
    assert again.most_common(1)[0][1] == 1
    assert sum("oaipmh" in url for url in again) == 3  # cs.AI of Tuesday, both of Wednesday
