"""kill -9 at random moments while digests go out, then count the mails."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any, Literal

import pytest
from databases import store_url
from sizes import size

from digestbot.store.database import open_store
from digestbot.testing import samples
from digestbot.testing.http_server import Site, fixed, running

READERS = size(50, full=350)  #: three runs in full: more than a thousand mails
CONNECTIONS = 4
ENOUGH = size(3, full=12)  #: kills; then it may finish
CONFIG = """
[site]
contact = "admin@example.org"
[store]
url = "{store}"
[fetch]
allow_private = true
[delivery]
channel = "smtp"
from = "papers@example.org"
unknown_after = "1s"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
connections = {connections}
[[sources]]
name = "journal"
kind = "feed"
url = "{web}/feed"
"""
READER = """
[[subscribers]]
id = "r{n}"
email = "r{n}@example.org"
  [[subscribers.topics]]
  name = "Everything"
  query = "the OR a"
"""


@pytest.fixture
def received(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A mail server in a process of its own: where its mails are, and its port."""
    command = [
        sys.executable,
        "-m",
        "digestbot.testing.smtp_server",
        "--out",
        str(tmp_path / "received"),
        "--delay",
        "0.002",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield tmp_path / "received", int(process.stdout.readline())
        process.terminate()


@pytest.fixture
def url(database: Literal["sqlite", "postgresql"], tmp_path: Path) -> Iterator[str]:
    with store_url(database, tmp_path) as url:
        yield url


def write_config(folder: Path, port: int, web: str, store: str) -> Path:
    main = folder / "config" / "digestbot.toml"
    (main.parent / "subscribers").mkdir(parents=True)
    main.write_text(CONFIG.format(port=port, web=web, store=store, connections=CONNECTIONS))
    (main.parent / "subscribers" / "all.toml").write_text("".join(READER.format(n=n) for n in range(READERS)))
    return main


def digestbot(main: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "digestbot", "--config", str(main), *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def killed_at_random(main: Path, index: Path, rng: random.Random, first: list[str]) -> int:
    """Start, kill, start again, until a run ends by itself with nothing left; how often was killed.

    Up to half of the times, while digests are composed, the moment is a time, afterwards a number of mails: so a quick
    machine is killed as often.
    """
    kills, arguments = 0, first
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        process = digestbot(main, *arguments)
        mails = _lines(index) + rng.randint(1, READERS // 5)
        early = kills < ENOUGH // 2 and not _composed(main)
        later = time.monotonic() + (rng.uniform(0.6, 2.2) if early else 60)
        while process.poll() is None and (kills >= ENOUGH or (_lines(index) < mails and time.monotonic() < later)):
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.02))
        if process.poll() is None:
            process.kill()
            process.wait()
            kills += 1
            arguments = ["send"] if _composed(main) else first
            continue
        if not _waiting(main):
            return kills
        arguments = ["send"]
        time.sleep(0.3)  # until the last unknown may be resent
    raise AssertionError("the outbox never became empty")


def _lines(index: Path) -> int:
    return index.read_bytes().count(b"\n") if index.exists() else 0


def _rows(main: Path, sql: str) -> list[tuple[Any, ...]]:
    url = tomllib.loads(main.read_text())["store"]["url"]
    store = open_store(url, root=main.parent.parent)
    try:
        with store.engine.connect() as db:
            return [tuple(row) for row in db.exec_driver_sql(sql)]
    finally:
        store.close()


def _composed(main: Path) -> bool:
    return _rows(main, "SELECT count(*) FROM deliveries") == [(READERS,)]


def _waiting(main: Path) -> bool:
    """Is there something that still goes out by itself? What is unknown twice waits for a person."""
    rows = _rows(main, "SELECT state, resends FROM deliveries")
    return not rows or any(state != "sent" and (state, resends) != ("unknown", 1) for state, resends in rows)


@pytest.mark.slow
@pytest.mark.parametrize(("database", "seed"), [("sqlite", 1), ("postgresql", 3), ("sqlite", 2)][: size(1, full=3)])
def test_kill_9_at_any_moment_loses_nothing_and_repeats_at_most_what_was_in_the_air(
    tmp_path: Path, received: tuple[Path, int], url: str, database: str, seed: int
) -> None:
    folder, port = received
    with running(Site(pages={"/feed": fixed(samples.journal_atom(datetime.now(UTC).date()))})) as web:
        main = write_config(tmp_path, port, web, url)
        assert digestbot(main, "poll").wait(60) == 0
        kills = killed_at_random(main, folder / "index.jsonl", random.Random(seed), ["send", "--now"])
    envelopes = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    counted = Counter(to for e in envelopes for to in e["to"])
    held = {address for (address,) in _rows(main, "SELECT address FROM deliveries WHERE state = 'unknown'")}
    assert set(counted) | held == {f"r{n}@example.org" for n in range(READERS)}, "a digest was lost"
    assert len(held) <= kills * CONNECTIONS // 2, "killed twice in the same moment, so often?"
    assert kills >= 3, "the machine was too fast: nothing was tried"
    assert sum(counted.values()) - READERS <= kills * CONNECTIONS
    ids: dict[str, set[str]] = {}
    for envelope in envelopes:
        message = message_from_bytes((folder / envelope["file"]).read_bytes())
        ids.setdefault(envelope["to"][0], set()).add(message["Message-ID"])
    assert all(len(found) == 1 for found in ids.values()), "a copy had another Message-ID"
    if database == "sqlite":
        assert _rows(main, "PRAGMA integrity_check") == [("ok",)]
    print(f"\n{kills} kills, {sum(counted.values()) - READERS} copies")  # for `pytest -s`
    resent = _rows(main, "SELECT count(*) FROM deliveries WHERE resends > 0")[0][0]
    assert isinstance(resent, int)
    assert sum(counted.values()) - READERS <= resent, "a copy that was never unknown"
