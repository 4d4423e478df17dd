"""A month under a moved clock: many feeds, many readers, faults of every kind. Nothing lost, nothing twice, no silence
without a reason, and memory stays flat. The usual run plays 14 days of it, `DIGESTBOT_MONTH=large` 200 feeds and 100
readers."""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from random import Random
from typing import ClassVar

import pytest
from databases import migrated, sqlite_url
from sizes import size

from digestbot.acts.answers.status import silent
from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.people.sync import sync
from digestbot.acts.rounds import Intake, Mailer, poll_round, send_round
from digestbot.acts.site.settings import FeedSettings
from digestbot.channels import Commit
from digestbot.model import (
    Fetched,
    Message,
    Outcome,
    ReadStatus,
    Receipt,
    Request,
    Response,
    SendStage,
    Silence,
    State,
    Subscriber,
    Topic,
)
from digestbot.sources.kinds.feed import FeedSource
from digestbot.store.database import SqlStore
from digestbot.testing.site import DESK, mail_of, settled

LARGE = os.environ.get("DIGESTBOT_MONTH") == "large"
FEEDS, READERS, DAYS = (200, 100, 30) if LARGE else size((10, 8, 14), full=(20, 16, 20))
START = datetime(2026, 10, 12, 0, 0, tzinfo=UTC)  #: clocks change on the way, in Europe and in America
HOUR = timedelta(hours=1)
WORDS = ("amber", "basalt", "cobalt", "dolerite", "emerald", "feldspar", "garnet", "halite", "indigo", "jasper")
SCHEDULES = ("daily 07:30", "weekdays 08:00", "mon,thu 06:15", "every 6h", "daily 02:30")
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
FAULTS = 0.05


@dataclass
class World:
    """Feeds that grow, a network and a mail server that fail now and then, and everything that arrived."""

    rng: Random
    now: datetime = START
    feeds: dict[int, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    born: dict[str, tuple[datetime, str]] = field(default_factory=dict)  #: DOI → when, its word
    mails: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)  #: Message-ID → reader, DOIs
    copies: Counter[str] = field(default_factory=Counter)

    def publish(self) -> None:
        """What the feeds say in this hour; some papers stand in two of them."""
        for feed in range(FEEDS):
            if self.rng.random() < 1.2 / 24:
                number = len(self.born)
                doi, word = f"10.5555/p{number}", self.rng.choice(WORDS)
                self.born[doi] = (self.now, word)
                item = {"id": doi, "url": f"https://doi.org/{doi}", "title": f"On the {word} of thing number {number}"}
                for place in {feed, self.rng.randrange(FEEDS)} if self.rng.random() < 0.3 else {feed}:
                    self.feeds[place] = [*self.feeds[place][-19:], item]

    async def fetch(self, request: Request) -> Fetched:
        """One feed, or one of many things that go wrong."""
        number = int(request.url.rpartition("/")[2])
        body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "f", "items": self.feeds[number]})
        if self.rng.random() < FAULTS:
            match self.rng.randrange(5):
                case 0:
                    return Fetched(request=request, status=ReadStatus.UNREACHABLE, error="no route")
                case 1:
                    return Fetched(request=request, status=ReadStatus.LATER, http_status=503, after=self.now + 2 * HOUR)
                case 2:
                    body = "<html><body>maintenance</body></html>"
                case 3:
                    body = body[: len(body) // 2]
                case _:
                    body = ""
        response = Response(url=request.url, body=body.encode(), fetched=self.now)
        return Fetched(request=request, status=ReadStatus.OK, response=response, http_status=200)


def what(message: Message) -> tuple[str, frozenset[str]]:
    """To whom a mail goes, and the DOIs in it."""
    mail = message_from_bytes(message.data, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("html",))
    assert body is not None
    return message.recipient.split("@")[0], frozenset(
        re.findall(r"https://doi\.org/(10\.5555/p\d+)", body.get_content())
    )


class Wire:
    """A channel that fails like the world does. One instance is channel and line at once."""

    contract: ClassVar[int] = 1
    connections = 2

    def __init__(self, world: World) -> None:
        self.world = world

    def connection(self) -> Wire:
        return self

    async def __aenter__(self) -> Wire:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def close(self) -> None:
        pass

    async def send(self, message: Message, commit: Commit) -> Receipt:
        fault = self.world.rng.randrange(5) if self.world.rng.random() < FAULTS else -1
        if fault == 0:
            return Receipt(outcome=Outcome.UNAVAILABLE, stage=SendStage.CONNECT, text="no answer")
        if fault == 1:
            return Receipt(outcome=Outcome.DEFERRED, stage=SendStage.RCPT, code=451, text="greylisted")
        if fault == 2:
            return Receipt(outcome=Outcome.REFUSED, stage=SendStage.RCPT, code=550, enhanced="5.7.1", text="policy")
        if not await commit():
            return Receipt(outcome=Outcome.WITHHELD)
        if fault != 3:  # 3: the line broke before the server had it
            self.world.mails[message.message_id] = what(message)
            self.world.copies[message.message_id] += 1
        return Receipt(outcome=Outcome.UNKNOWN if fault in (3, 4) else Outcome.ACCEPTED, stage=SendStage.DOT, text="")


def reader(number: int) -> Subscriber:
    words = {WORDS[number % len(WORDS)], WORDS[(number * 7 + 3) % len(WORDS)]}
    return Subscriber(
        ref=f"r{number}", email=f"r{number}@example.org", schedule=SCHEDULES[number % 5], time_zone=ZONES[number % 4],
        topics=(Topic(name="Mine", query=" OR ".join(sorted(words))),), max_papers=500, trending=0,
    )  # fmt: skip


async def play(store: SqlStore, folder: Path) -> tuple[World, list[int]]:
    """The month, hour by hour; the memory in use after each day, in kB."""
    world, memory = World(Random(4)), []
    people = [reader(n) for n in range(READERS)]
    names = [f"feed{n}" for n in range(FEEDS)]
    setups = [
        SourceSetup(name=name, kind="feed", source=FeedSource(f"https://{name}.example/{n}"), every=6 * HOUR, pause=0.0)
        for n, name in enumerate(names)
    ]
    press = FeedSettings(site="Papers", zone="UTC", path=folder / "feeds")
    sync(store, people, [(name, "feed") for name in names], now=world.now)
    for hour in range(DAYS * 24):
        world.now = START + hour * HOUR
        if 200 <= hour < 272:
            continue  # the machine sleeps for three days; the feeds do not
        clock = lambda: world.now  # noqa: E731
        client = IntakeClient(store=store, transport=world, clock=clock, owner="here/1/0")
        await poll_round(Intake(client=client, feeds=press, sources=setups))
        await send_round(
            Mailer(
                store=store, channel=Wire(world), clock=clock, owner="here/1/0", build=mail_of, policy=settled(),
                digests=DESK, feeds=press,
            )
        )  # fmt: skip
        world.publish()
        if hour % 24 == 23:
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return world, memory


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, SqlStore, list[int]]]:
    folder = tmp_path_factory.mktemp("month")
    store = migrated(sqlite_url(folder))
    world, memory = asyncio.run(play(store, folder))
    yield world, store, memory
    store.close()


def told(world: World) -> dict[str, Counter[str]]:
    """Reader → DOI → in how many different mails."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for who, papers in world.mails.values():
        found[who].update(papers)
    return found


@pytest.mark.slow
def test_no_paper_comes_twice(month: tuple[World, SqlStore, list[int]]) -> None:
    world, _, _ = month
    assert [(who, doi) for who, papers in told(world).items() for doi, count in papers.items() if count > 1] == []


@pytest.mark.slow
def test_no_paper_is_lost(month: tuple[World, SqlStore, list[int]]) -> None:
    world, store, _ = month
    found: dict[str, set[str]] = defaultdict(set)
    lost = []
    with store.reading() as tx:
        for delivery in tx.outbox.list_deliveries(most=100_000):  # a mail too full for all its titles leads to the rest
            if delivery.message_id in world.mails and delivery.digest is not None:
                items = tx.slots.digests_by_id([delivery.digest])[delivery.digest].items()
                found[world.mails[delivery.message_id][0]] |= {i.paper.identifiers["doi"] for i in items}
        people = tx.people.all_people()
        seen = {
            p.identifiers["doi"]: p.first_seen or START for p in tx.papers.papers_seen_between(START - HOUR, world.now)
        }
        open_papers = {
            (d.subscriber, paper)
            for d in tx.outbox.list_deliveries(most=100_000)
            if str(d.state) in ("pending", "deferred", "unknown") and d.digest
            for paper in (
                item.paper.identifiers.get("doi") for item in tx.slots.digests_by_id([d.digest])[d.digest].items()
            )
        }
    for number, person in enumerate(people):
        wanted = reader(number).topics[0].query.split(" OR ")
        last = max(slot_time for slot_time in _slots(store, person))
        for doi, (_, word) in world.born.items():
            due = doi in seen and seen[doi] <= last
            if word in wanted and due and doi not in found[person.ref] and (person.id, doi) not in open_papers:
                lost.append((person.ref, doi, seen[doi]))
    assert lost == []
    assert all(papers <= found[who] for who, papers in world.mails.values())
    end = world.now - timedelta(days=4)  # a source that fails thrice in a row is left alone for a day
    assert [doi for doi, (born, _) in world.born.items() if born < end and doi not in seen] == []


def _slots(store: SqlStore, person: Subscriber) -> list[datetime]:
    """Slots that were empty or whose mail arrived: what a refused one held comes with the next."""
    assert person.id is not None
    with store.reading() as tx:
        rows = [r for r in tx.slots.slots_of(person.id, 1000) if r.state in ("composed", "empty")]
        digests = {r.key: tx.slots.digest_of_slot(person.id, r.key) for r in rows if r.state == "composed"}
        sent = {key: d for key, number in digests.items() if number and (d := tx.outbox.delivery_of_digest(number))}
    return [r.due for r in rows if r.state == "empty" or sent[r.key].state is State.SENT]


@pytest.mark.slow
def test_copies_are_only_of_mails_whose_answer_never_came(month: tuple[World, SqlStore, list[int]]) -> None:
    world, _, _ = month
    assert max(world.copies.values()) <= 2
    assert sum(1 for count in world.copies.values() if count == 2) < len(world.copies) * FAULTS


@pytest.mark.slow
def test_every_silent_slot_has_its_reason(month: tuple[World, SqlStore, list[int]]) -> None:
    world, store, _ = month
    reasons: Counter[str] = Counter()
    with store.reading() as tx:
        for person in tx.people.all_people():
            assert person.id is not None
            for row in tx.slots.slots_of(person.id, 1000):
                digest = tx.slots.digest_of_slot(person.id, row.key) if row.state == "composed" else None
                delivery = tx.outbox.delivery_of_digest(digest) if digest is not None else None
                why = silent(person, row, delivery, now=world.now)
                assert why is None or why in Silence
                reasons[str(why)] += 1
    print(dict(reasons))
    assert {"None", "no_match", "covered"} <= reasons.keys()


@pytest.mark.slow
def test_three_days_asleep_are_one_digest_that_covers_all(month: tuple[World, SqlStore, list[int]]) -> None:
    _, store, _ = month
    with store.reading() as tx:
        daily = next(p for p in tx.people.all_people() if p.schedule == "every 6h")
        assert daily.id is not None
        covered = [row for row in tx.slots.slots_of(daily.id, 1000) if row.state == "covered"]
    assert len({row.covered_by for row in covered}) == 1
    assert len(covered) >= 11


@pytest.mark.slow
def test_memory_stays_flat(month: tuple[World, SqlStore, list[int]]) -> None:
    _, _, memory = month
    assert memory[-1] - memory[9] < 40_000, memory
