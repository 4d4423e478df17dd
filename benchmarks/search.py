"""100,000 stored papers, the full text made: rules that people ask for, inside a running process. Peer: LIKE over the table."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from benchmarks.report import report
from benchmarks.rules import papers
from digestbot.acts.answers.search import search
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.rules import parse
from digestbot.store import NewPaper
from digestbot.store.database import SqlStore, open_store

MANY, RUNS = 100_000, 5
RULES = (
    "diffusion", '"flow matching" cat:cs.CV -ti:survey', 'ti:"language model"', "quantum* (error OR noise) -simulation",
    "au:zhang has:doi", '"attention state"', '"model attention"~3 -language', "cat:math.* operator", "nothinglikethis",
)  # fmt: skip


def stored(folder: Path, many: int) -> SqlStore:
    """Real papers again and again, each time joined anew so that no two are equal."""
    store = open_store(f"sqlite:///{folder / 'search.db'}")
    store.migrate()
    window, began = papers(), datetime(2026, 1, 1, tzinfo=UTC)
    for at in range(0, many, 5000):
        rows = []
        for n in range(at, at + 5000):
            one, other = window[n % 1000], window[(n * 7919 + n // 1000) % 1000]
            paper = replace(other, title=one.title, identifiers={"arxiv": f"{n}"}, public_id=f"{n}", id=None)
            rows.append(NewPaper(paper, (), began + timedelta(minutes=n)))
        with store.transaction() as tx:
            tx.papers.add_papers(rows)
    return store


def on_disk(folder: str) -> int:
    """Bytes of the database, with nothing left in its log."""
    [file] = Path(folder).glob("*.db")
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return sum(f.stat().st_size for f in Path(folder).iterdir())


def seconds(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        many = MANY // 10 if report.quick else MANY
        store = stored(Path(folder), many)
        size = on_disk(folder)
        took = seconds(lambda: update_search_index(store))
        grown = on_disk(folder) - size
        report.add(f"{many:,} papers brought into the full text", took, "s")
        report.add("full text of a paper", grown / many / 1024, "kB")
        for text in RULES:
            rule = parse(text)
            taken = median(seconds(lambda: search(store, rule, most=20)) for _ in range(RUNS))  # noqa: B023  # called here
            found = search(store, rule, most=20)
            report.add(f"`{text}`, {len(found.papers)}{'+' if found.more else ''} found", taken * 1000, "ms", aim="300")
        like = sa.text(
            "SELECT id FROM papers WHERE title LIKE '%flow%' AND title LIKE '%matching%' ORDER BY id DESC LIMIT 20"
        )
        with store.engine.connect() as db:
            peer = median(seconds(lambda: db.execute(like).all()) for _ in range(RUNS))
        report.add("two LIKEs over the titles, for comparison", peer * 1000, "ms")
        store.close()
