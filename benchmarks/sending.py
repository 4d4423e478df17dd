"""From due to accepted: personal digests of ten papers, chosen from 1,000 new ones, against the plain stack.

Everything the outbox promises is on: slot, digest, items, delivery and link tokens are stored, marks and receipts are
durable, the final dot goes alone, every mail has its private links. Readers have two to five topics each out of 2,000
distinct rules, drawn from the papers' own words. The database, on disk, holds people and papers before the clock starts.

The peer is ../shared/evaluation/baselines/plain_stack.py: a Jinja2 template a person, EmailMessage, aiosmtplib with one
reused connection; no outbox, no matching, no choice. Both talk to the same SMTP server process: Postfix's smtp-sink where
it is installed, else digestbot.testing.smtp_server. Runs are interleaved, each in a process of its own, medians are told.

    python -m benchmarks sending [--readers N] [--runs N] [--connections N]

Delivering alone is measured by `benchmarks deliver`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from benchmarks.report import report
from benchmarks.rules import papers
from digestbot.acts.papers.resolve import resolve
from digestbot.acts.rounds import send_round
from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.model import Entry, Paper, PartialDate, State, Subscriber, Topic
from digestbot.rules import PaperIndex, parse

READERS, RUNS, CONNECTIONS, RULES = 10_000, 3, 16, 2_000
PLAIN_MAILS = 1_000  #: of the peer, in a run of its own before each of ours: its rate does not depend on how many
WANTED = 10  #: papers of a digest
PLAIN = Path(__file__).resolve().parents[2] / "shared" / "evaluation" / "baselines" / "plain_stack.py"
BEGIN = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CONFIG = """
[site]
contact = "a@b.example"
base_url = "https://papers.example.org"
[delivery]
channel = "smtp"
from = "papers@example.org"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
connections = {connections}
"""


@contextmanager
def sink() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if found := shutil.which("smtp-sink", path="/usr/sbin:/usr/bin:/usr/local/sbin"):
        process = subprocess.Popen(
            [found, "-u", "nobody", "-c", f"127.0.0.1:{port}", "1000"], stdout=subprocess.DEVNULL
        )
        time.sleep(0.5)
    else:
        process = subprocess.Popen(
            [sys.executable, "-m", "digestbot.testing.smtp_server", "--port", str(port)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def entries(shelf: Sequence[Paper]) -> list[Entry]:
    return [
        Entry(
            title=paper.title, summary=paper.summary, authors=paper.authors, categories=paper.categories,
            announced=PartialDate("2026-11-23"), link=f"https://arxiv.org/abs/2611.{n:05}",
            identifiers={"arxiv": f"2611.{n:05}"}, native_key=f"k{n}",
        )
        for n, paper in enumerate(shelf)
    ]  # fmt: skip


def rules(shelf: Sequence[Paper]) -> dict[str, set[int]]:
    """RULES distinct ones, with the few papers that each matches."""
    draw, index = random.Random(7), PaperIndex(shelf)
    found = Counter(w for p in shelf for w in set(re.findall(r"[a-z]{4,}", f"{p.title} {p.summary}".lower())))
    words = sorted(w for w, many in found.items() if 1 < many < 6)
    made: dict[str, set[int]] = {}
    while len(made) < RULES:
        text = " OR ".join(draw.sample(words, draw.choice((1, 1, 2, 3))))
        if len(matched := {p.stored_id for p in index.select(parse(text))}) < WANTED:
            made[text] = set(matched)
    return made


def readers(count: int, known: Mapping[str, set[int]]) -> list[Subscriber]:
    """Each follows as many topics as bring ten papers; what is beyond is *more*."""
    draw, texts, made = random.Random(count), list(known), []
    for n in range(count):
        wanted: dict[str, set[int]] = {}
        while len(set().union(*wanted.values())) < WANTED:
            text = draw.choice(texts)
            wanted[text] = known[text]
        topics = tuple(Topic(name=text.capitalize(), query=text) for text in wanted)
        made.append(
            Subscriber(
                ref=f"r{n}", email=f"reader{n}@example.org", schedule="daily 07:30", max_papers=WANTED, trending=0,
                topics=topics,
            )
        )  # fmt: skip
    return made


def ours(port: int, count: int, connections: int) -> dict[str, float]:
    """Wall and CPU of one round, by what it composes and what it delivers, and how much memory it took."""
    with installed(port, count, connections) as app:
        return _round(app, count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


@contextmanager
def installed(port: int, count: int, connections: int) -> Iterator[App]:
    """An installation on disk, with papers and so many readers who are due."""
    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder) / "config" / "digestbot.toml"
        main.parent.mkdir()
        main.write_text(CONFIG.format(port=port, connections=connections))
        clock = [BEGIN]
        shelf = papers()
        with replace(App(config=load(main)), clock=lambda: clock[0]).opened() as app:
            with app.store.transaction() as tx:
                tx.papers.add_entries("page", entries(shelf), sha="", now=clock[0])
                tx.people.sync_people(readers(count, rules(shelf)), now=clock[0])
            resolve(app.store, now=clock[0])
            with app.store.transaction() as tx:
                for person in tx.people.people_without_slot():
                    tx.people.plan_slot(person.stored_id, clock[0] + timedelta(minutes=90), was=None)
            del shelf
            clock[0] += timedelta(hours=2)
            yield app


def _round(app: App, count: int, before: int) -> dict[str, float]:
    began, cpu = time.perf_counter(), time.process_time()
    first: list[tuple[float, float]] = []
    last = [began]

    def heard(_: object) -> None:
        if not first:
            first.append((time.perf_counter(), time.process_time()))
        last[0] = time.perf_counter()

    sent = asyncio.run(send_round(app.mailer(), on_progress=heard))
    end, cpu_end = time.perf_counter(), time.process_time()
    assert sent.delivered.count(State.SENT) == count
    shown = sum(told.shown for told in sent.digests) / count
    assert WANTED - 1 < shown <= WANTED, shown  # near-copies stand below, and papers that may be the same on one card
    return {
        "rate": count / (last[0] - began), "cpu": (cpu_end - cpu) / count * 1000, "all": count / (end - began),
        "first": first[0][0] - began, "composed": (first[0][1] - cpu) / count * 1000,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "grew": (
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    }  # fmt: skip


def measured(port: int, count: int, connections: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.sending", "--port", str(port), "--readers", str(count)]
    out = subprocess.run([*command, "--connections", str(connections)], capture_output=True, text=True, check=True)
    run: dict[str, float] = json.loads(out.stdout)
    return run


def plain_rate(port: int) -> float:
    out = subprocess.run(
        [sys.executable, str(PLAIN), str(port), str(PLAIN_MAILS)], capture_output=True, text=True, check=True
    )
    return float(out.stdout)


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks sending")
    parser.add_argument("--readers", type=int, default=READERS // 10 if report.quick else READERS)
    parser.add_argument("--runs", type=int, default=1 if report.quick else RUNS)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_known_args()[0]


def main() -> None:
    given = asked()
    if not PLAIN.exists():
        print("  skipped: ../shared/evaluation is not beside this checkout")
        return
    runs = []
    with sink() as port:
        for _ in range(given.runs):
            peer = plain_rate(port)
            runs.append(measured(port, given.readers, given.connections) | {"peer": peer})
    mid = {name: median(run[name] for run in runs) for name in runs[0]}
    what = f"{given.readers:,} digests of {WANTED} papers out of 1,000, due to accepted"
    report.add(
        what, mid["rate"], "a second", peer="plain stack, same server", against=mid["peer"], aim="ratio 5"
    )  # fmt: skip
    report.add("a digest", mid["cpu"], "ms CPU")
    report.add("a digest, until the first mail is out", mid["composed"], "ms CPU")
    report.add("memory at most", mid["megabytes"], "MB")
    report.add("memory, more than before the round", mid["grew"], "MB")


if __name__ == "__main__":
    wanted = asked()
    print(json.dumps(ours(wanted.port, wanted.readers, wanted.connections)))
