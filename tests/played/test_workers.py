"""Workers on PostgreSQL, killed and added while a dispatch goes on; then the mails are counted at the server."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from databases import empty_postgres
from processes import PATIENCE, end_with_parent, wait_for
from sizes import size

from digestbot.model import Subscriber, Topic
from digestbot.store.database import SqlStore, open_store
from digestbot.store.tables import schema as t
from digestbot.testing import samples
from digestbot.testing.http_server import Site, fixed, running

READERS = size(150, full=10_000)
SOURCES = 3
PAUSE = 1  #: seconds between two requests to the host of all sources
CONNECTIONS = 4
KILLS = size(2, full=6)
CONFIG = """
[site]
contact = "admin@example.org"
[store]
url = "{store}"
queue = "procrastinate"
[fetch]
allow_private = true
[enrich]
on = false
[delivery]
channel = "smtp"
from = "papers@example.org"
unknown_after = "1s"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
connections = {connections}
"""
SOURCE = """
[[sources]]
name = "journal{n}"
kind = "feed"
url = "{web}/feed{n}"
pause = "{pause}s"
"""


class Office:
    """A configuration, its database, and the workers on it."""

    def __init__(self, folder: Path, url: str, main: Path) -> None:
        self.folder, self.main = folder, main
        self.store: SqlStore = open_store(url)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.logs = 0

    def hire(self) -> None:
        """One more worker."""
        command = [sys.executable, "-m", "digestbot", "--config", str(self.main), "worker", "--tick", "0.5"]
        with (self.folder / f"worker{self.logs}.log").open("w") as log:
            made = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=end_with_parent)  # noqa: PLW1509  # it only calls the kernel
        self.workers.append(made)
        self.logs += 1

    def kill(self, rng: random.Random) -> None:
        """SIGKILL to one of them."""
        worker = self.workers.pop(rng.randrange(len(self.workers)))
        worker.kill()
        worker.wait()

    def wait_for_mails(self, count: int, folder: Path) -> None:
        """Until so many were taken; fails when a worker has ended."""
        wait_for(lambda: lines(folder) >= count or any(worker.poll() is not None for worker in self.workers))
        assert all(worker.poll() is None for worker in self.workers), self.said()

    def end(self) -> None:
        """Whatever still runs, at once."""
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def dismiss(self) -> list[int]:
        """SIGTERM to all; their exit codes."""
        for worker in self.workers:
            worker.send_signal(signal.SIGTERM)
        return [worker.wait(11) for worker in self.workers]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.store.engine.connect() as db:
            return [tuple(row) for row in db.execute(sa.text(sql))]

    def count(self, sql: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {sql}")[0][0])

    def said(self) -> str:
        """What the workers logged, for a failure."""
        return "\n".join(path.read_text()[-3000:] for path in sorted(self.folder.glob("worker*.log")))

    def answer(self, *arguments: str) -> Any:
        command = [sys.executable, "-m", "digestbot", "--config", str(self.main), *arguments, "--json"]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    def people(self, count: int) -> None:
        """So many people of the page, whose slot came a minute ago."""
        everything = (Topic(name="Everything", query="the OR a"),)
        now = datetime.now(UTC)
        at = f"daily {now - timedelta(minutes=1):%H:%M}"
        everybody = [
            Subscriber(ref=f"r{n}", email=f"r{n}@example.org", schedule=at, time_zone="UTC", topics=everything)
            for n in range(count)
        ]
        with self.store.transaction() as tx:
            tx.people.sync_people(everybody, now=now - timedelta(days=2))
        with self.store.connection() as db:
            db.execute(sa.update(t.subscribers).values(origin="web", next_slot=now - timedelta(minutes=2)))


@pytest.fixture
def received(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A mail server in a process of its own: where its mails are, and its port."""
    out = tmp_path / "received"
    command = [sys.executable, "-m", "digestbot.testing.smtp_server", "--out", str(out), "--delay", "0.001"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield out, int(process.stdout.readline())
        process.terminate()


@pytest.fixture
def web() -> Iterator[tuple[str, Site]]:
    page = fixed(samples.journal_atom(datetime.now(UTC).date()))
    site = Site(pages={f"/feed{n}": page for n in range(SOURCES)})
    with running(site) as address:
        yield address, site


@pytest.fixture
def office(tmp_path: Path, received: tuple[Path, int], web: tuple[str, Site]) -> Iterator[Office]:
    url = empty_postgres()
    main = tmp_path / "config" / "digestbot.toml"
    main.parent.mkdir()
    text = CONFIG.format(store=url, port=received[1], connections=CONNECTIONS)
    main.write_text(text + "".join(SOURCE.format(n=n, web=web[0], pause=PAUSE) for n in range(SOURCES)))
    office = Office(tmp_path, url, main)
    with ExitStack() as ending:
        ending.callback(office.store.close)
        ending.callback(office.end)
        office.store.migrate()
        office.store.prepare_queue()
        office.people(READERS)
        yield office


def mails(folder: Path) -> list[dict[str, Any]]:
    index = folder / "index.jsonl"
    return [json.loads(line) for line in index.read_text().splitlines()] if index.exists() else []


def lines(folder: Path) -> int:
    index = folder / "index.jsonl"
    return index.read_bytes().count(b"\n") if index.exists() else 0


def closest(site: Site) -> float:
    """Seconds between the two requests that came closest after each other."""
    times = sorted(asked.at for asked in site.asked)
    return min(after - before for before, after in pairwise(times))


@pytest.mark.slow
def test_workers_killed_and_added_during_a_dispatch_lose_nothing_and_repeat_what_was_in_the_air(
    office: Office, received: tuple[Path, int], web: tuple[str, Site]
) -> None:
    rng = random.Random(5)
    for _ in range(3):
        office.hire()
    for kill in range(KILLS):
        share = READERS * (kill + 1) // (KILLS + 2)
        office.wait_for_mails(share, received[0])
        office.kill(rng)
        office.hire()
    deadline = time.monotonic() + PATIENCE
    while office.count("deliveries WHERE state = 'sent'") < READERS:
        assert time.monotonic() < deadline, (
            office.rows("SELECT state, count(*) FROM deliveries GROUP BY 1"),
            office.said(),
        )
        time.sleep(0.1)
    queue = office.answer("status")["queue"]
    codes = office.dismiss()

    counted = Counter(to for mail in mails(received[0]) for to in mail["to"])
    assert set(counted) == {f"r{n}@example.org" for n in range(READERS)}, "a digest was lost"
    copies = sum(counted.values()) - READERS
    assert copies <= KILLS * CONNECTIONS
    assert copies <= office.count("deliveries WHERE resends > 0"), "a copy that was never unknown"
    assert office.count("deliveries") == READERS, "a digest was planned twice"
    ids: dict[str, set[str]] = {}
    for mail in mails(received[0]):
        if counted[mail["to"][0]] > 1:
            message = message_from_bytes((received[0] / mail["file"]).read_bytes())
            ids.setdefault(mail["to"][0], set()).add(str(message["Message-ID"]))
    assert all(len(found) == 1 for found in ids.values()), "a copy had another Message-ID"
    assert len(web[1].asked) >= SOURCES
    assert closest(web[1]) >= PAUSE * 0.95, "a host was asked too soon"
    assert queue["workers"] >= 3
    assert codes == [0] * len(codes), office.said()
    print(f"\n{KILLS} kills, {copies} copies")  # for `pytest -s`
