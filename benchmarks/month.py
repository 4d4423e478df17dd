"""A month of a lab: 18 sources bring 900 papers a listing day, 23 people get a digest each morning. What a morning costs on
the first day and on the last, how the store grows, what memory stays after the work, and what questions cost at its end.

`--days=N` plays as many listing days. The papers are drawn from the words, names and sentences of real ones where ../shared has them. CPU
of this process, which parses, resolves, composes and renders; nothing is sent over a wire.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from benchmarks import rules
from benchmarks.report import report
from digestbot import memo
from digestbot.acts.answers.backtest import backtest
from digestbot.acts.answers.suggest import Trial, suggest
from digestbot.acts.digests.preview import preview_next
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
    Paper,
    ReadStatus,
    Receipt,
    Request,
    Response,
    SendStage,
    Subscriber,
    Topic,
)
from digestbot.sources.kinds.feed import FeedSource
from digestbot.store.database import SqlStore, open_store
from digestbot.system.memory import share_arenas
from digestbot.system.process import collect_seldom
from digestbot.testing.site import DESK, mail_of, settled

SOURCES, PEOPLE, A_DAY, DAYS, QUICK_DAYS = 18, 23, 900, 20, 3
AIMS = {"preview": "0.5 s with its start", "backtest": "1.5 s with its start"}
START = datetime(2026, 10, 5, 5, 0, tzinfo=UTC)  #: a Monday


class Press:
    """Sources that bring new papers each listing day. A source and its network in one."""

    def __init__(self) -> None:
        self.real, self.draw, self.now, self.made = rules.papers(), random.Random(21), START, 0
        self.feeds: list[list[dict[str, object]]] = [[] for _ in range(SOURCES)]

    def list_day(self) -> None:
        """The papers of a day; one in ten stands in two sources."""
        self.feeds = [[] for _ in range(SOURCES)]
        for _ in range(A_DAY):
            paper, self.made = self._made(), self.made + 1
            at = f"https://arxiv.org/abs/{self.now:%y%m}.{self.made:05}"
            item: dict[str, object] = {
                "id": at, "url": at, "title": paper.title, "content_text": paper.summary, "tags": list(paper.categories),
                "authors": [{"name": name} for name in paper.authors], "date_published": self.now.isoformat(),
            }  # fmt: skip
            for place in self.draw.sample(range(SOURCES), 2 if self.draw.random() < 0.1 else 1):
                self.feeds[place].append(item)

    def _made(self) -> Paper:
        """Words, names and sentences of real papers, drawn anew: halves of titles would look like one work said twice."""
        drawn = self.draw.choice
        names = [drawn(paper.authors).split() for paper in self.draw.sample(self.real, 8) if paper.authors]
        authors = [f"{one[0]} {other[-1]}" for one, other in zip(names[::2], names[1::2], strict=False)]
        title = " ".join(drawn(drawn(self.real).title.split()) for _ in range(self.draw.randrange(6, 14)))
        summary = ". ".join(drawn(drawn(self.real).summary.split(". ")) for _ in range(8))
        return Paper(title=title, summary=summary, authors=tuple(authors), categories=drawn(self.real).categories)

    async def fetch(self, request: Request) -> Fetched:
        """The feed as it stands today."""
        items = self.feeds[int(request.url.rpartition("/")[2])]
        body = json.dumps(
            {"version": "https://jsonfeed.org/version/1.1", "title": "A journal", "items": items}
        ).encode()
        response = Response(url=request.url, body=body, fetched=self.now)
        return Fetched(request=request, status=ReadStatus.OK, response=response, http_status=200)


class Sink:
    """A channel that takes every mail."""

    contract: ClassVar[int] = 1
    connections = 2

    def connection(self) -> Sink:
        return self

    async def __aenter__(self) -> Sink:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def close(self) -> None:
        pass

    async def send(self, message: Message, commit: Commit) -> Receipt:
        """Taken, once its mark is written."""
        if not await commit():
            return Receipt(outcome=Outcome.WITHHELD)
        return Receipt(outcome=Outcome.ACCEPTED, stage=SendStage.DOT, text=str(len(message.data)))


def people(window: list[Paper]) -> Iterator[Subscriber]:
    every = list(rules.asked(window, PEOPLE * 3, seed=3))
    for number in range(PEOPLE):
        own = every[number * 3 : number * 3 + 3]
        yield Subscriber(
            ref=f"p{number}", email=f"p{number}@example.org", schedule="weekdays 07:30", time_zone="UTC",
            topics=tuple(Topic(name=f"Topic {at}", query=rule.text()) for at, rule in enumerate(own)),
        )  # fmt: skip


def resident() -> float:
    """Megabytes of this process now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def stored(folder: Path) -> float:
    """Megabytes of the database and its log."""
    return sum(file.stat().st_size for file in folder.glob("month.db*")) / 1e6


def _nothing(_: SqlStore, __: datetime) -> None:
    pass


async def played(
    folder: Path, days: int, then: Callable[[SqlStore, datetime], None] = _nothing
) -> list[tuple[float, float, float, float]]:
    """Each listing day: seconds of CPU of the poll and of the digests, megabytes of the store and of this process.

    `then` is called with the store of the last day, and its time.
    """
    press, store = Press(), open_store(f"sqlite:///{folder / 'month.db'}")
    store.migrate()
    clock = lambda: press.now  # noqa: E731
    setups = [
        SourceSetup(name=f"s{n}", kind="feed", source=FeedSource(f"https://s{n}.example/{n}"), every=timedelta(hours=6), pause=0.0)
        for n in range(SOURCES)
    ]  # fmt: skip
    sync(store, list(people(press.real)), [(setup.name, "feed") for setup in setups], now=press.now)
    feeds = FeedSettings(site="Papers", zone="UTC", path=folder / "feeds")
    client = IntakeClient(store=store, transport=press, clock=clock, owner="here/1/0")
    mailer = Mailer(
        store=store,
        channel=Sink(),
        clock=clock,
        owner="here/1/0",
        build=mail_of,
        policy=settled(),
        digests=DESK,
        feeds=feeds,
    )
    rows: list[tuple[float, float, float, float]] = []
    while len(rows) < days:
        if press.now.weekday() < 5:
            press.list_day()
            at = time.process_time()
            await poll_round(Intake(client=client, feeds=feeds, sources=setups))
            polled, press.now = time.process_time(), press.now + timedelta(hours=2, minutes=40)
            await send_round(mailer)
            sent = time.process_time()
            rows.append((polled - at, sent - polled, stored(folder), resident()))
            press.now -= timedelta(hours=2, minutes=40)
        press.now += timedelta(days=1)
    report.add("memory at the most, in a morning", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB")
    then(store, press.now)
    store.close()
    return rows


def _ask(store: SqlStore, now: datetime) -> None:
    """Questions about one person, without the start of the command."""
    with store.reading() as tx:
        one = tx.people.all_people()[0]
    tried = [Topic(name="tried", query="graph*"), *one.topics]
    trial = Trial(topics=one.topics, rules={}, since=timedelta(days=30))
    questions: dict[str, Callable[[], object]] = {
        "preview": lambda: preview_next(store, DESK, one, now=now),
        "backtest": lambda: backtest(store, one, tried, rules={}, since=timedelta(days=30), now=now),
        "suggest": lambda: suggest(store, one, trial, now=now),
    }
    for name, question in questions.items():
        memo.forget()
        report.add(f"{name} after it", rules.seconds(question), "s CPU", aim=AIMS.get(name, ""))


def main() -> None:
    asked = [int(word.partition("=")[2]) for word in sys.argv if word.startswith("--days=")]
    days = asked[0] if asked else QUICK_DAYS if report.quick else DAYS
    collect_seldom()
    share_arenas()
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(played(Path(folder), days, _ask))
    for name, row in (("first", rows[0]), ("last", rows[-1])):
        report.add(f"the morning's round of the {name} of {days} listing days", row[0] + row[1], "s CPU", aim="8 s")
        report.add("  of it polling and resolving", row[0], "s CPU")
        report.add("  of it composing and handing over", row[1], "s CPU")
    grown = (rows[-1][2] - rows[0][2]) / max(1, len(rows) - 1)
    report.add("the store grows a listing day", grown, "MB", aim="4 MB")
    report.add("memory after the last day's work", rows[-1][3], "MB", aim="90 MB")
