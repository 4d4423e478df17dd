"""CPU seconds a digest: one process on SQLite, and workers on PostgreSQL, whose server's own are counted apart.

python -m benchmarks workers [DIGESTS] [WORKERS]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import sqlalchemy as sa
from postgres_server import OwnServer

from benchmarks.report import report
from digestbot.acts.papers.resolve import resolve
from digestbot.model import Subscriber, Topic
from digestbot.store.database import SqlStore, open_store
from digestbot.store.tables import schema as t
from digestbot.testing.builders import entry

CONFIG = """
[site]
contact = "admin@example.org"
[store]
url = "{url}"
queue = "{queue}"
[enrich]
on = false
[delivery]
channel = "smtp"
from = "papers@example.org"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
connections = 4
"""


def fill(store: SqlStore, digests: int) -> None:
    """Twenty papers, and people who each match ten of them and are due."""
    now = datetime.now(UTC)
    some = (Topic(name="Some", query="a OR the", limit=10),)
    everybody = [
        Subscriber(
            ref=f"r{n}",
            email=f"r{n}@example.org",
            schedule=f"daily {now - timedelta(minutes=1):%H:%M}",
            time_zone="UTC",
            topics=some,
        )
        for n in range(digests)
    ]
    with store.transaction() as tx:
        tx.papers.add_entries("arxiv-cs", [entry(n) for n in range(1, 21)], sha="", now=now - timedelta(hours=2))
        tx.people.sync_people(everybody, now=now - timedelta(days=2))
    resolve(store, now=now - timedelta(hours=2))
    with store.connection() as db:
        db.execute(sa.update(t.subscribers).values(origin="web", next_slot=now - timedelta(minutes=2)))


def cpu_of(pid: int) -> float:
    """Seconds that a process and its children, ended ones too, have used."""
    total = 0.0
    with suppress(OSError, IndexError):
        said = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, said[11:15])) / os.sysconf("SC_CLK_TCK")
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            total += cpu_of(int(child))
    return total


def children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(folder: Path, url: str, queue: str, port: int, *commands: list[str]) -> float:
    """CPU of these commands on a filled store, until nothing waits."""
    main = folder / "config" / "digestbot.toml"
    main.parent.mkdir(exist_ok=True)
    main.write_text(CONFIG.format(url=url, queue=queue, port=port))
    store = open_store(url)
    before = children_cpu()
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "digestbot", "--config", str(main), *one],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for one in commands
    ]
    waiting = (
        sa.select(sa.func.count()).select_from(t.subscribers).where(t.subscribers.c.next_slot <= datetime.now(UTC))
    )
    unsent = sa.select(sa.func.count()).select_from(t.deliveries).where(t.deliveries.c.state != "sent")
    while any(one.poll() is None for one in running):
        with store.connection(write=False) as db:
            if not db.execute(waiting).scalar() and not db.execute(unsent).scalar():
                break
        time.sleep(0.2)
    for one in running:
        one.terminate()
        one.wait()
    store.close()
    return children_cpu() - before


def measure(digests: int, workers: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        command = [sys.executable, "-m", "digestbot.testing.smtp_server", "--out", str(folder / "mails")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
            assert sink.stdout is not None
            port = int(sink.stdout.readline())
            store = open_store(f"sqlite:///{folder}/digestbot.db")
            store.migrate()
            fill(store, digests)
            store.close()
            single = run(folder, f"sqlite:///{folder}/digestbot.db", "local", port, ["send"])
            server = OwnServer(folder)
            try:
                store = open_store(server.url)
                store.migrate()
                store.prepare_queue()
                fill(store, digests)
                store.close()
                base = cpu_of(server._server.pid)
                many = run(folder, server.url, "procrastinate", port, *([["worker", "--tick", "1"]] * workers))
                own = cpu_of(server._server.pid) - base
            finally:
                server.close()
            sink.terminate()
    report.add(f"{digests:,} digests by {workers} workers on PostgreSQL", many / digests * 1000, "ms of CPU each",
               peer="one process on SQLite", against=single / digests * 1000, aim="at most 1.5")  # fmt: skip
    report.add("the same with PostgreSQL's own", (many + own) / digests * 1000, "ms of CPU each",
               peer="one process on SQLite", against=single / digests * 1000)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--digests", type=int, default=200 if report.quick else 1500)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_known_args()[0]
    measure(given.digests, given.workers)
