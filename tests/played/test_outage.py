"""The machine was off: which days are told to be missing, which are recovered, and what of it is news."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from week import CATEGORIES, Week, Work, daily, send_all, works

from digestbot.acts.answers.audit import Audit, audit
from digestbot.acts.answers.status import status
from digestbot.acts.digests.dispatch import dispatch
from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.people.sync import sync
from digestbot.acts.rounds import Intake, poll_round
from digestbot.acts.site.settings import DigestSettings, FeedSettings
from digestbot.cli.answers.audit import audit_text
from digestbot.digest.selection.listing_counts import account
from digestbot.model import Digest, ReadStatus
from digestbot.sources.kinds.arxiv import RSS, ArxivSource
from digestbot.sources.kinds.huggingface import HuggingFaceSource
from digestbot.store import CUT, Poll
from digestbot.store.database import SqlStore, open_store
from digestbot.testing.builders import subscriber, topic

ARXIV, DAILY = ArxivSource(CATEGORIES, look_back=0), HuggingFaceSource()
BY_ADDRESS = ArxivSource(url=RSS + "+".join(CATEGORIES))  # nowhere else to ask
#: submitted on Monday 16, announced on Wednesday 25 November
HELD = Work(
    id="2611.07777", categories=("cs.AI",), listed=date(2026, 11, 25), submitted=datetime(2026, 11, 16, 12, tzinfo=UTC)
)
DESK = DigestSettings(site="Papers", domain="example.org", titles={"arxiv": "arXiv", "daily": "daily papers"})


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Of November; day 33 is the third of December."""
    return datetime(2026, 11, 1, hour, minute, tzinfo=UTC) + timedelta(days=day - 1)


class Machine:
    """Rounds at the moments it is on."""

    def __init__(self, folder: Path, arxiv: ArxivSource = ARXIV) -> None:
        self.store: SqlStore = open_store("sqlite://")
        self.store.migrate()
        self.now = at(23, 4)
        self.sources: dict[str, ArxivSource | HuggingFaceSource] = {"arxiv": arxiv, "daily": DAILY}
        self.setups = [
            SourceSetup(name="arxiv", kind="arxiv", source=arxiv, pause=0.0),
            SourceSetup(name="daily", kind="huggingface", source=DAILY, pause=0.0),
        ]
        self.press = FeedSettings(site="Papers", zone="Europe/Berlin", path=folder / "feeds")
        self.transport = Week(clock=lambda: self.now, beside=(HELD,))
        self.digests: list[Digest] = []
        person = subscriber(id=None, topics=(topic("All", "paper"),), max_papers=500, trending=0, joined=None)
        sync(self.store, [person], [(s.name, s.kind) for s in self.setups], now=self.now)

    def on(self, *moments: datetime) -> Machine:
        for self.now in moments:
            asyncio.run(self._round())
        return self

    async def _round(self) -> None:
        client = IntakeClient(store=self.store, transport=self.transport, clock=lambda: self.now, owner="here/1/0")
        await poll_round(Intake(client=client, feeds=self.press, sources=self.setups))
        report = dispatch(self.store, DESK, now=self.now)
        with self.store.reading() as tx:
            self.digests += tx.slots.digests_by_id([c.digest for c in report.slots if c.digest is not None]).values()
        send_all(self.store, self.now)

    def audit(self, day: int | None = None, *, now: datetime | None = None) -> Audit:
        wanted = at(day, 0).date() if day else None
        return audit(self.store, now=now or self.now, day=wanted, listed=self.sources)

    def said(self, day: int, source: str = "arxiv") -> dict[str, tuple[str, int, int | None]]:
        """State, got and expected of that day, by part."""
        return {x.part: (str(x.state), x.got, x.expected) for x in self.audit(day).lines if x.source == source}

    def came(self) -> Counter[str]:
        return Counter(item.paper.public_id for digest in self.digests for item in digest.items())

    def listed(self) -> str:
        """What `status` says of the listing days."""
        found = status(self.store, now=self.now, day_start=self.now)
        return " · ".join(f"{name} {t.part} {t.note}" for name, parts in found.listings.items() for t in parts)


@pytest.fixture
def monday(tmp_path: Path) -> Machine:
    """On Monday it is on at six and at nine, then off."""
    return Machine(tmp_path).on(at(23, 6), at(23, 9))


def test_every_day_of_ten_that_the_machine_was_off_is_recovered_and_comes_once(monday: Machine) -> None:
    monday.on(at(33, 9))
    came = monday.came()
    assert {w.id for w in works()} | {HELD.id} | {number for _, _, number in daily()} == set(came)
    assert set(came.values()) == {1}
    assert monday.said(24) == dict.fromkeys(CATEGORIES, ("closed", 8, 8))
    # the one held back is counted once: a datestamp may be that of the evening or of the day after it
    assert sorted(monday.said(day)["cs.AI"][1:] for day in (25, 26)) == [(8, 8), (9, 9)]
    assert monday.said(24, "daily") == {"": ("closed", 5, 5)}


def test_days_that_came_due_while_nothing_was_polled_are_missed_before_anybody_asks_again(monday: Machine) -> None:
    later = monday.audit(now=at(33, 8))
    missed = {x.day.day for x in later.lines if x.source == "arxiv" and x.state == "missed"}
    assert (missed, later.complete) == ({24, 25, 26, 30, 1, 2}, False)
    assert not monday.audit(24, now=at(33, 8)).complete


def test_a_day_nobody_looked_at_since_its_morning_is_not_said_to_be_whole(monday: Machine) -> None:
    assert monday.said(23) == dict.fromkeys(CATEGORIES, ("closed", 8, 8))  # two equal polls
    left = monday.audit(23, now=at(33, 8))
    assert {(x.expected, x.lacks) for x in left.lines if x.source == "arxiv"} == {(None, True)}
    assert "not counted again since its end" in audit_text(left)


def test_a_day_that_was_polled_once_a_day_is_counted_by_the_next_poll_and_not_missed_before(monday: Machine) -> None:
    lines = [x for x in monday.audit(23, now=at(24, 6)).lines if x.source == "arxiv"]
    assert not any(x.lacks for x in lines)
    monday.on(at(24, 6, 30))
    assert monday.said(23) == dict.fromkeys(CATEGORIES, ("closed", 8, 8))


def test_where_nothing_can_be_asked_again_audit_status_and_footer_say_what_was_missed(tmp_path: Path) -> None:
    machine = Machine(tmp_path, BY_ADDRESS).on(at(23, 6), at(23, 9), at(28, 9), at(33, 9))
    found = machine.audit()
    assert not found.complete
    # Tuesday 24 is more than a week ago, and is told all the same
    assert [x.day.day for x in found.lines if x.source == "arxiv" and x.state == "missed"] == [2, 1, 30, 26, 25, 24]
    assert "6 days missed" in machine.listed()
    said = [account(digest.polled) for digest in machine.digests]
    assert ["missed" in line for line in said] == [False, True, True]
    assert "3 days missed" in said[1]


def test_of_an_outage_of_six_weeks_each_day_that_was_due_has_a_line(monday: Machine) -> None:
    monday.on(at(66, 9))  # 5 January
    assert monday.said(24) == dict.fromkeys(CATEGORIES, ("missed", 0, None))
    assert not monday.audit().complete
    assert monday.said(60)["cs.AI"][0] == "closed"  # 30 December was asked for


def test_a_paper_that_was_held_back_and_announced_on_a_missed_day_is_news_and_counted_there(tmp_path: Path) -> None:
    machine = Machine(tmp_path).on(at(23, 5, 30), at(24, 6, 30), at(24, 21), at(26, 6, 30))
    assert machine.said(25) == {"cs.AI": ("closed", 9, 9), "cs.CL": ("closed", 8, 8)}
    assert machine.came()[HELD.id] == 1
    assert not machine.came().keys() & {"1905.00123", "2610.04321"}


def test_what_was_known_before_is_not_counted_to_a_missed_day_because_something_about_it_changed(
    tmp_path: Path,
) -> None:
    machine = Machine(tmp_path)
    machine.transport.beside = (HELD,)
    machine.on(at(23, 5, 30), at(24, 6, 30), at(24, 21), at(26, 6, 30))
    before = machine.said(25)
    machine.on(at(26, 9), at(27, 6, 30), at(28, 6, 30))
    assert machine.said(25) == before
    assert machine.said(26) == dict.fromkeys(CATEGORIES, ("closed", 8, 8))


def lines(store: SqlStore, *after: Poll) -> list[str]:
    """The audit of a journal that could not be read on Tuesday."""
    with store.transaction() as tx:
        tx.source_log.sync_sources([("journal", "crossref")])
        down = [Poll(source="journal", at=at(24, h), status=ReadStatus.UNREACHABLE, error="503") for h in (6, 12)]
        for poll in (*down, *after):
            tx.source_log.add_poll(poll)
    return [line.state for line in audit(store, now=at(26, 8)).lines if line.day == date(2026, 11, 24)]


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"got": 9, "new": 9, "expected": 9}, "counted"),  # it was asked for all since Monday
        ({"got": 9, "new": 4}, "counted"),  # its list still holds what was known on Monday
        ({"status": ReadStatus.UNCHANGED}, "counted"),
        ({"got": 9, "new": 9}, "failing"),  # a list that has moved on: nobody knows by how much
        ({"got": 8, "new": 8, "expected": 9}, "failing"),
        ({"got": 9, "new": 4, "error": CUT}, "failing"),
    ],
)
def test_a_day_is_made_up_for_by_the_first_whole_answer_that_reaches_back_over_it(
    store: SqlStore, change: dict[str, Any], state: str
) -> None:
    later = Poll(**{"source": "journal", "at": at(25, 6), "status": ReadStatus.OK, **change})
    assert lines(store, later) == [state]


def test_a_category_that_is_read_no_more_is_neither_recovered_nor_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path).on(*(at(24, hour) for hour in (5, 6, 8)))  # cs.AI is stale on that Tuesday
    fewer = ArxivSource(("cs.CL",), look_back=0)
    machine.sources["arxiv"] = fewer
    machine.setups[0] = replace(machine.setups[0], source=fewer)
    machine.on(*(at(day, hour) for day in (25, 26) for hour in (5, 7)))
    with machine.store.reading() as tx:
        rows = {r.part: r for r in tx.source_log.listings(since=date(2026, 11, 24)) if r.day == date(2026, 11, 24)}
    assert (rows["cs.AI"].done, rows["cs.CL"].done) == (False, True)
    assert {x.part for x in machine.audit().lines if x.source == "arxiv"} == {"cs.CL"}


@pytest.mark.parametrize("days", [-400, -20])
def test_a_clock_that_is_behind_for_a_round_dates_no_paper_out_of_everybodys_reach(tmp_path: Path, days: int) -> None:
    right = [at(23, 5), at(23, 8), at(24, 5), at(24, 8)]
    machine = Machine(tmp_path).on(*right)
    machine.transport.clock = lambda: at(25, 5)
    machine.on(at(25, 5) + timedelta(days=days))
    machine.transport.clock = lambda: machine.now
    machine.on(at(25, 7), at(26, 7), at(27, 7))
    assert {w.id for w in works() if w.listed <= date(2026, 11, 25)} <= set(machine.came())


def test_days_that_a_clock_far_ahead_wrote_stand_in_no_footer_and_no_audit(tmp_path: Path) -> None:
    machine = Machine(tmp_path).on(at(23, 5), at(23, 12), at(24, 5))
    machine.on(at(24, 12) + timedelta(days=400))
    machine.on(*(at(day, hour) for day in (24, 25, 26) for hour in (14, 20)))
    assert "missed" not in account(machine.digests[-1].polled)
    assert all(x.day <= machine.now.date() for x in machine.audit().lines)
