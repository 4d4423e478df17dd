"""50 feeds of 100 entries on loopback: fetched, parsed, stored and joined. Peer: feedparser over the same bytes.

Titles and names are made of words that are drawn: five thousand titles that differ by a number alone are nobody's day.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from pathlib import Path
from statistics import median

import feedparser

from benchmarks.identity import SYLLABLES
from digestbot.acts.rounds import PollRound, poll_round
from digestbot.app.config_files import load
from digestbot.app.wiring import App
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


def digestbot_seconds(bodies: list[bytes]) -> float:
    site = Site(pages={f"/{n}": Reply(body=body) for n, body in enumerate(bodies)})
    with running(site) as web, tempfile.TemporaryDirectory() as folder:
        main = Path(folder) / "config" / "digestbot.toml"
        main.parent.mkdir()
        sources = (f'[[sources]]\nname = "s{n}"\nkind = "feed"\nurl = "{web}/{n}"\n' for n in range(FEEDS))
        main.write_text('[site]\ncontact = "a@b.example"\n[fetch]\nallow_private = true\n' + "".join(sources))
        with App(config=load(main)).opened() as app:
            _ = app.store, app.setups
            began = time.perf_counter()
            taken = asyncio.run(poll_everything(app))
            took = time.perf_counter() - began
        assert taken.resolved.papers_new == FEEDS * ENTRIES, taken.resolved.papers_new
        return took


def feedparser_seconds(bodies: list[bytes]) -> float:
    began = time.perf_counter()
    for body in bodies:
        feedparser.parse(body)
    return time.perf_counter() - began


def main() -> None:
    bodies = [feed(n) for n in range(FEEDS)]
    runs = [(digestbot_seconds(bodies), feedparser_seconds(bodies)) for _ in range(RUNS)]
    ours, peer = median(r[0] for r in runs), median(r[1] for r in runs)
    print(f"  {FEEDS} feeds of {ENTRIES} entries: {ours:.1f} s   (limit 6 s)")
    print(f"  feedparser alone, same bytes, one after the other: {peer:.1f} s   ratio {ours / peer:.2f}")
