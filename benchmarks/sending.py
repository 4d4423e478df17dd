"""1,000 digests from due to accepted, over one store on disk, against the plain stack in the same run.

The peer is ../shared/evaluation/baselines/plain_stack.py: a Jinja2 template a person, EmailMessage, aiosmtplib with one
reused connection; no outbox, no matching. Both talk to the same SMTP server process: Postfix's smtp-sink where it is
installed, else digestbot.testing.smtp_server.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from digestbot.acts.rounds import send_round
from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.model import Entry, PartialDate, State

READERS, RUNS = 1000, 3
PLAIN = Path(__file__).resolve().parents[2] / "shared" / "evaluation" / "baselines" / "plain_stack.py"
PAGE = Path(__file__).resolve().parents[2] / "shared" / "data" / "seed" / "daily-papers.txt"
CONFIG = """
[site]
contact = "a@b.example"
[delivery]
channel = "smtp"
from = "papers@example.org"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
connections = 4
"""
READER = """
[[subscribers]]
id = "r{n}"
email = "reader{n}@example.org"
schedule = "daily 07:30"
max_papers = 10
trending = 0
  [[subscribers.topics]]
  name = "Learning"
  query = "attention"
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


def papers() -> list[Entry]:
    paragraphs = [" ".join(p.split()) for p in PAGE.read_text().split("\n\n") if p.strip()][5:]
    return [
        Entry(
            title=title, summary=abstract, authors=("Ada Author", "Ben Beispiel"), categories=("cs.LG",),
            announced=PartialDate("2026-11-23"), link=f"https://arxiv.org/abs/2611.{n:05}",
            identifiers={"arxiv": f"2611.{n:05}"}, native_key=f"k{n}",
        )
        for n, (title, abstract) in enumerate(zip(paragraphs[::2], paragraphs[1::2], strict=True))
    ]  # fmt: skip


def digestbot_rate(port: int) -> tuple[float, float]:
    """Digests a second from due to accepted, and with everybody's feeds written too."""
    from digestbot.acts.papers.resolve import resolve

    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder) / "config" / "digestbot.toml"
        main.parent.mkdir()
        main.write_text(CONFIG.format(port=port) + "".join(READER.format(n=n) for n in range(READERS)))
        clock = [datetime(2026, 11, 23, 6, 0, tzinfo=UTC)]
        with replace(App(config=load(main)), clock=lambda: clock[0]).opened() as app:
            with app.store.transaction() as tx:
                tx.papers.add_entries("page", papers(), sha="", now=clock[0])
            resolve(app.store, now=clock[0])
            clock[0] += timedelta(hours=2)
            began = time.perf_counter()
            last = [began]
            sent = asyncio.run(send_round(app.mailer(), on_progress=lambda _: last.append(time.perf_counter())))
            took, whole = last[-1] - began, time.perf_counter() - began
        assert sent.delivered.count(State.SENT) == READERS
        return READERS / took, READERS / whole


def plain_rate(port: int) -> float:
    out = subprocess.run(
        [sys.executable, str(PLAIN), str(port), str(READERS)], capture_output=True, text=True, check=True
    )
    return float(out.stdout)


def main() -> None:
    if not PLAIN.exists():
        print("  skipped: ../shared/evaluation is not beside this checkout")
        return
    with sink() as port:
        runs = [(*digestbot_rate(port), plain_rate(port)) for _ in range(RUNS)]
    ours, whole, peer = (median(r[at] for r in runs) for at in range(3))
    ratio = median(r[0] / r[2] for r in runs)
    print(f"  {READERS} digests, due to accepted: {ours:.0f} a second   (private feeds written too: {whole:.0f})")
    print(f"  plain stack, same server: {peer:.0f} a second   ratio {ratio:.2f} (limit 0.8)")
