"""Delivering alone: composed digests out of the outbox to a server that takes them, beside those who send mails that are
built already and promise nothing.

Ours reads each digest, builds its mail, marks it durably before the final dot and keeps the receipt. The peers send one
text of the same length again and again: aiosmtplib and smtplib over as many connections, each one mail after the other,
and Postfix's smtp-source, in C, where it is installed. All talk to one server process, near by and behind a proxy that
holds everything back (benchmarks/far_server.py). Runs are interleaved, each in a process of its own, medians are told.

    python -m benchmarks deliver [--mails N] [--runs N] [--connections N] [--round-trip MS]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import aiosmtplib

from benchmarks.far_server import at_a_distance
from benchmarks.report import report
from benchmarks.sending import installed, sink
from digestbot.acts.delivery.deliver import deliver
from digestbot.acts.digests.dispatch import dispatch
from digestbot.model import State

MAILS, RUNS, CONNECTIONS, FAR = 3_000, 3, 16, 20.0
LINE = b"What was done, and what was found: some words of a digest of ten papers, as long as a line.\r\n"
BODY = b"Subject: Papers\r\n\r\n" + LINE * 500  #: about as long as a digest
SENDER, RECIPIENT = "papers@example.org", "reader@example.org"


def ours(port: int, mails: int, connections: int) -> float:
    """Mails a second, and nothing of composing."""
    with installed(port, mails, connections) as app:
        mailer = app.mailer()
        dispatch(mailer.store, mailer.digests, now=mailer.clock())
        began = time.perf_counter()
        sent = asyncio.run(deliver(mailer.client()))
        seconds = time.perf_counter() - began
        assert sent.count(State.SENT) == mails
        return mails / seconds


def by_aiosmtplib(port: int, mails: int, connections: int) -> float:
    """aiosmtplib, a connection each, one mail after the other."""
    left = iter(range(mails))

    async def one() -> None:
        smtp = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await smtp.connect()
        for _ in left:
            await smtp.sendmail(SENDER, [RECIPIENT], BODY)
        await smtp.quit()

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(connections)))

    began = time.perf_counter()
    asyncio.run(all_of_them())
    return mails / (time.perf_counter() - began)


def by_smtplib(port: int, mails: int, connections: int) -> float:
    """smtplib, a thread for each connection."""
    left = iter(range(mails))

    def one(_: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            for _ in left:
                smtp.sendmail(SENDER, [RECIPIENT], BODY)

    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as threads:
        list(threads.map(one, range(connections)))
    return mails / (time.perf_counter() - began)


def by_smtp_source(port: int, mails: int, connections: int) -> float:
    """Postfix's smtp-source."""
    command = [smtp_source(), "-d", "-s", str(connections), "-m", str(mails), "-l", str(len(BODY))]
    began = time.perf_counter()
    subprocess.run([*command, "-f", SENDER, "-t", RECIPIENT, f"inet:127.0.0.1:{port}"], check=True)
    return mails / (time.perf_counter() - began)


def smtp_source() -> str:
    """Its path; "" where it is not installed."""
    return shutil.which("smtp-source", path="/usr/sbin:/usr/bin:/usr/local/sbin") or ""


BY: dict[str, Callable[[int, int, int], float]] = {
    "digestbot": ours, "aiosmtplib": by_aiosmtplib, "smtplib": by_smtplib, "smtp-source": by_smtp_source,
}  # fmt: skip


def measured(who: str, port: int, mails: int, connections: int) -> float:
    """The rate of one of them, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.deliver", who, str(port), str(mails), str(connections)]
    return float(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def rates(far: float, mails: int, runs: int, connections: int) -> dict[str, float]:
    """Medians of the rates at `far` milliseconds of round trip."""
    names = [name for name in BY if name != "smtp-source" or smtp_source()]
    with sink() as near, at_a_distance(near, far) as port:
        found = [{name: measured(name, port, mails, connections) for name in names} for _ in range(runs)]
    return {name: median(run[name] for run in found) for name in names}


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks deliver")
    parser.add_argument("--mails", type=int, default=MAILS // 5 if report.quick else MAILS)
    parser.add_argument("--runs", type=int, default=1 if report.quick else RUNS)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--round-trip", type=float, default=FAR, metavar="MS")
    return parser.parse_known_args()[0]


def main() -> None:
    given = asked()
    for far in (0.0, given.round_trip):
        found = rates(far, given.mails, given.runs, given.connections)
        mine, where = found.pop("digestbot"), f"{far:g} ms away" if far else "near by"
        for peer, rate in found.items():
            what = f"{given.mails:,} mails over {given.connections} connections, {where}"
            aim = "ratio 1.5" if far and peer == "aiosmtplib" else ""
            report.add(what, mine, "a second", peer=f"{peer}, built already", against=rate, aim=aim)


def part(words: Sequence[str]) -> None:
    who, *numbers = words
    print(json.dumps(BY[who](*map(int, numbers))))


if __name__ == "__main__":
    part(sys.argv[1:])
