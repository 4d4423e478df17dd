"""Ten days, in full thirty, of a laptop: asleep at its hour, without network, its clock off, in another zone. Every paper comes once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sizes import size

from digestbot.acts.delivery.client import Policy
from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.people.sync import sync
from digestbot.acts.rounds import Intake, Mailer, poll_for_digests, poll_round, send_round
from digestbot.acts.site.settings import FeedSettings
from digestbot.acts.upkeep.clock import note_round
from digestbot.channels.maildir import MaildirChannel
from digestbot.model import Fetched, ReadStatus, Request, Response
from digestbot.sources.kinds.feed import FeedSource
from digestbot.store.database import SqlStore
from digestbot.testing.builders import subscriber, topic
from digestbot.testing.site import DESK, mail_of

START = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
DAYS = size(10, full=30)
HOUR = timedelta(hours=1)
ITEM = (
    "<item><title>Sparse attention, study {n}</title><link>https://x.example/{n}</link>"
    "<pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
)


class Laptop:
    """One reader, one feed, and a machine that is awake and online as it pleases."""

    def __init__(self, store: SqlStore, folder: Path, seed: int) -> None:
        self.store, self.true, self.offset, self.online, self.random = store, START, timedelta(), True, Random(seed)
        client = IntakeClient(store=store, transport=self, clock=self.clock, owner="here/1/0")
        feeds = FeedSettings(site="Papers", zone="UTC", path=folder / "feeds")
        setup = SourceSetup(name="feed", kind="feed", source=FeedSource("https://x.example/rss"), every=HOUR, pause=0.0)
        self.intake = Intake(client=client, feeds=feeds, sources=[setup])
        self.mailer = Mailer(
            store=store, channel=MaildirChannel(folder / "mail"), clock=self.clock, owner="here/1/0", build=mail_of,
            policy=Policy(server="test"), digests=DESK, feeds=feeds,
        )  # fmt: skip
        self.reached: list[tuple[datetime, str, tuple[str, ...]]] = []

    def clock(self) -> datetime:
        """What the wall clock of the machine shows."""
        return self.true + self.offset

    async def fetch(self, request: Request) -> Fetched:
        """A paper every twelve hours; the feed shows those of the last ten days."""
        if not self.online:
            return Fetched(request=request, status=ReadStatus.UNREACHABLE, error="no route to host")
        newest = int((self.true - START) / (12 * HOUR))
        shown = range(max(0, newest - 20), newest + 1)
        items = "".join(ITEM.format(n=n, at=START + n * 12 * HOUR) for n in shown)
        body = f'<rss version="2.0"><channel><title>X</title>{items}</channel></rss>'.encode()
        response = Response(url=request.url, status=200, headers={}, body=body, fetched=self.clock())
        return Fetched(request=request, status=ReadStatus.OK, response=response)

    def configure(self, zone: str) -> None:
        """The file of subscribers says where its reader is now."""
        reader = subscriber(
            topics=(topic(query="sparse"),), trending=0, schedule="daily 07:30", time_zone=zone, max_papers=40
        )
        sync(self.store, [reader], [("feed", "feed")], now=self.clock())

    async def round(self) -> None:
        """What the daemon does in one turn."""
        note_round(self.store, "test", now=self.clock())
        await poll_for_digests(self.intake, DESK, at_most=timedelta(seconds=60))
        sent = await send_round(self.mailer)
        self.reached += [(self.true, d.outcome, d.papers) for d in sent.digests if d.papers]
        await poll_round(self.intake)

    async def live(self, awake: Callable[[datetime], bool]) -> None:
        """An hour after the other; asleep nothing happens."""
        for hour in range(DAYS * 24):
            self.true = START + hour * HOUR
            if awake(self.true):
                await self.round()


async def habits(laptop: Laptop) -> None:
    """Asleep at night and at random; offline some mornings; the clock set and put right; two weeks elsewhere."""
    days: dict[int, tuple[bool, timedelta]] = {}
    wrong = (timedelta(), HOUR, -HOUR, timedelta(days=1), -timedelta(days=1), timedelta(days=5), -timedelta(days=5))

    def awake(at: datetime) -> bool:
        day = (at - START).days
        if day not in days:
            days[day] = (laptop.random.random() < 0.3, laptop.random.choice(wrong) if day % 4 == 2 else timedelta())
        offline, offset = days[day]
        if at.hour == 12:
            laptop.configure("Europe/Berlin" if not 10 <= day < 24 else "America/Los_Angeles")
        laptop.online = not (offline and at.hour < 11)
        laptop.offset = offset if 13 <= at.hour < 17 else timedelta()
        return 9 <= at.hour < 23 and laptop.random.random() < 0.7

    laptop.configure("Europe/Berlin")
    await laptop.live(awake)
    for hour in range(48):  # at last it stands on a desk
        laptop.online, laptop.offset, laptop.true = True, timedelta(), START + DAYS * timedelta(days=1) + hour * HOUR
        await laptop.round()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(size(1, full=2)))
def test_every_paper_of_those_days_reaches_its_reader_once(store: SqlStore, tmp_path: Path, seed: int) -> None:
    laptop = Laptop(store, tmp_path, seed)
    asyncio.run(habits(laptop))
    assert {outcome for _, outcome, _ in laptop.reached} == {"sent"}
    counts = Counter(paper for _, _, papers in laptop.reached for paper in papers)
    assert [paper for paper, count in counts.items() if count > 1] == []
    last = max(at for at, _, _ in laptop.reached)
    with store.reading() as tx:
        stored = tx.papers.papers_seen_between(START - timedelta(days=30), START + timedelta(days=90))
    named = {p.title: p.public_id in counts for p in stored}
    due = [f"Sparse attention, study {n}" for n in range(1, int((last - START) / (12 * HOUR)) + 1)]
    assert [title for title in due if not named.get(title)] == []
    mornings = {at.date() for at, _, _ in laptop.reached}
    assert len(mornings) >= DAYS * 0.6
