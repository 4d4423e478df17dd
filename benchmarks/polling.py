"""50 feeds of 100 entries on loopback: fetched, parsed, stored and joined; then a round in which none has changed.
Peers: feedparser over the same bytes, the library `reader`, which stores what it reads and joins nothing
(`pip install --group benchmarks`), and aiohttp asking whether anything has changed. CPU of the process and its readers,
the server apart.

Titles and names are made of words that are drawn: five thousand titles that differ by a number alone are nobody's day.
"""

from __future__ import annotations

import asyncio
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import aiohttp
import feedparser

from benchmarks.identity import SYLLABLES
from benchmarks.report import report
from digestbot.acts.rounds import PollRound, poll_round
from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.model import ReadStatus
from digestbot.testing.http_server import Reply, Site, running

FEEDS, ENTRIES, RUNS = 50, 100, 3
ABSTRACT = (
    "We propose a method for problem {n} that reads only what matters. It is {n}% faster on four benchmarks. " * 6
)


async def poll_everything(app: App) -> PollRound:
    """One round of polling."""
    async with app.intake() as intake:
        return await poll_round(intake)


def feed(number: int) -> bytes:
    draw = random.Random(number)

    def said(count: int) -> str:
        return " ".join("".join(draw.choices(SYLLABLES, k=3)) for _ in range(count)).capitalize()

    items = "".join(
        f"<item><title>{said(8)}</title>"
        f"<link>https://journal{number}.example/{n}</link><guid>{number}-{n}</guid>"
        f"<dc:creator>Ada {said(1)}</dc:creator><dc:creator>Ben {said(1)}</dc:creator>"
        f"<pubDate>Mon, 23 Nov 2026 0{n % 10}:00:00 GMT</pubDate><description>{ABSTRACT.format(n=n)}</description></item>"
        for n in range(ENTRIES)
    )
    head = f"<title>Journal {number}</title><link>https://journal{number}.example/</link>"
    return f'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>{head}{items}</channel></rss>'.encode()


def cpu() -> float:
    """Seconds of this process and of those it started and waits for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def serve(said: Connection, bodies: list[bytes]) -> None:
    """In a process of its own, so that its time is not ours."""
    pages = {f"/{n}": Reply(body=body, etag=f'"{n}"') for n, body in enumerate(bodies)}
    with running(Site(pages=pages)) as web:
        said.send(web)
        said.recv()


@contextmanager
def served(bodies: list[bytes]) -> Iterator[str]:
    here, there = Pipe()
    server = Process(target=serve, args=(there, bodies))
    server.start()
    try:
        yield str(here.recv())
    finally:
        here.send("enough")
        server.join()


def configured(web: str, folder: Path) -> Path:
    main = folder / "config" / "digestbot.toml"
    main.parent.mkdir()
    sources = (f'[[sources]]\nname = "s{n}"\nkind = "feed"\nurl = "{web}/{n}"\n' for n in range(FEEDS))
    main.write_text('[site]\ncontact = "a@b.example"\n[fetch]\nallow_private = true\n' + "".join(sources))
    return main


def first_round(web: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        app = App(config=load(configured(web, Path(folder))))
        with app.opened():
            _ = app.store, app.setups
            began = cpu()
            taken = asyncio.run(poll_everything(app))
        assert taken.resolved.papers_new == FEEDS * ENTRIES, taken.resolved.papers_new
        return cpu() - began  # `opened` has ended the readers: their time is known


def unchanged_round(web: str) -> float:
    """Milliseconds a source."""
    clock = [datetime.now(UTC)]
    with tempfile.TemporaryDirectory() as folder:
        app = replace(App(config=load(configured(web, Path(folder)))), clock=lambda: clock[0])
        with app.opened():
            used = asyncio.run(_rounds(app, clock))
    return used / FEEDS * 1000


async def _rounds(app: App, clock: list[datetime]) -> float:
    async with app.intake() as intake:
        for _ in range(3):  # what is read in, then what the first unchanged round makes ready for all later ones
            clock[0] += timedelta(hours=2)
            began = time.process_time()
            done = await poll_round(intake)
            used = time.process_time() - began
        assert {report.status for report in done.polled.sources} == {ReadStatus.UNCHANGED}
        return used


async def _asked(web: str) -> float:
    gate = asyncio.Semaphore(16)
    connector = aiohttp.TCPConnector(force_close=True)  # as digestbot closes after each answer
    async with aiohttp.ClientSession(connector=connector) as session:

        async def ask(number: int) -> int:
            async with gate, session.get(f"{web}/{number}", headers={"If-None-Match": f'"{number}"'}) as reply:
                await reply.read()
                return reply.status

        for _ in range(2):
            began = time.process_time()
            assert set(await asyncio.gather(*map(ask, range(FEEDS)))) == {304}
            used = time.process_time() - began
        return used / FEEDS * 1000


def feedparser_seconds(bodies: list[bytes]) -> float:
    began = time.process_time()
    for body in bodies:
        feedparser.parse(body)
    return time.process_time() - began


def reader_seconds(web: str) -> float | None:
    """Its first update, one worker, into SQLite; None where it is not installed."""
    try:
        from reader import make_reader
    except ImportError:
        return None
    with tempfile.TemporaryDirectory() as folder, make_reader(str(Path(folder) / "reader.sqlite")) as reader:
        for number in range(FEEDS):
            reader.add_feed(f"{web}/{number}")
        began = time.process_time()
        reader.update_feeds()
        used = time.process_time() - began
        assert reader.get_entry_counts().total == FEEDS * ENTRIES
    return used


def main() -> None:
    times = 1 if report.quick else RUNS
    bodies = [feed(n) for n in range(FEEDS)]
    with served(bodies) as web:
        runs = [(first_round(web), feedparser_seconds(bodies), reader_seconds(web)) for _ in range(times)]
        again = [(unchanged_round(web), asyncio.run(_asked(web))) for _ in range(times)]
    what, ours = f"first poll of {FEEDS} feeds of {ENTRIES} entries, stored and joined", median(run[0] for run in runs)
    report.add(what, ours, "s CPU", peer="feedparser alone", against=median(run[1] for run in runs), aim="2.5 times")
    others = [run[2] for run in runs if run[2] is not None]
    report.add(what, ours, "s CPU", peer="reader", against=median(others) if others else None, aim="1 times")
    what, ours = "a source that is unchanged", median(run[0] for run in again)
    report.add(what, ours, "ms CPU", peer="aiohttp alone", against=median(run[1] for run in again), aim="2 ms")
