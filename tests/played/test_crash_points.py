"""SIGKILL at every named point of the way of a mail, under both policies, on both databases; then the mails are counted."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections import Counter
from email import message_from_bytes
from itertools import count
from pathlib import Path
from typing import Literal

import pytest
from databases import migrated, store_url
from deliver_once import deliver_once
from processes import PATIENCE
from sizes import size

from digestbot.model import State
from digestbot.store.database import open_store
from digestbot.system.crash_points import CrashPoint
from digestbot.testing.builders import subscriber
from digestbot.testing.site import TestSite
from digestbot.testing.smtp_server import SmtpServer

READERS, CONNECTIONS = 6, 2
NOTHING_IN_THE_AIR = {CrashPoint.IN_COMPOSE, CrashPoint.AFTER_CLAIM, CrashPoint.AFTER_ROUND}
#: everywhere else another connection may have sent a dot whose answer nobody has written down


#: Forked from a process that has imported everything: a case starts three of them.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["digestbot.acts.delivery.deliver", "digestbot.testing.site", "psycopg"])


async def run(url: str, port: int, on_unknown: str, seconds: int, crash: str = "") -> int:
    """One process; its exit code, negative for a signal."""
    process = FORKS.Process(target=deliver_once, args=(url, port, on_unknown, seconds, crash))
    process.start()
    await asyncio.to_thread(process.join, PATIENCE)
    assert process.exitcode is not None, "it neither ended nor died"
    return process.exitcode


CRITICAL = (
    CrashPoint.IN_COMPOSE,
    CrashPoint.IN_WRITE,
    CrashPoint.AFTER_WRITE,
    CrashPoint.AFTER_DOT,
    CrashPoint.AFTER_ANSWER,
)
OF_A_ROUND = [point for point in CrashPoint if point is not CrashPoint.IN_MOVE]  # that one: acts/upkeep/test_move.py
SHORT = [("sqlite", "resend", point, 1) for point in CRITICAL]
REST = [
    (database, policy, point, time)
    for database in ("sqlite", "postgresql") for policy in ("resend", "hold") for point in OF_A_ROUND for time in (1, 2)
    if (database, policy, point, time) not in SHORT
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("database", "policy", "point", "time"), [*SHORT, *size([], full=REST)])
async def test_a_kill_at_each_point_loses_nothing_and_repeats_at_most_what_was_in_the_air(
    database: Literal["sqlite", "postgresql"], policy: str, point: CrashPoint, time: int, tmp_path: Path
) -> None:
    with store_url(database) as given:
        url = f"sqlite:///{tmp_path / 'digestbot.db'}" if database == "sqlite" else given
        store = migrated(url) if database == "sqlite" else open_store(url)
        site = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(READERS)])
        site.papers(1)
        async with SmtpServer() as server:
            killed = await run(url, server.port, policy, 0, f"{point}:{time}")
            assert killed in (-signal.SIGKILL, 0), "the point was reached"
            assert killed or time > 1, f"nothing reaches {point}"
            for round_ in count(1):
                assert await run(url, server.port, policy, round_ * 90) == 0
                states = Counter(site.states())
                if round_ > 2 or set(states) <= {"sent"}:
                    break
        received = Counter(m.recipients[0] for m in server.messages)
        ids = {m.recipients[0]: set[str]() for m in server.messages}
        for message in server.messages:
            ids[message.recipients[0]].add(message_from_bytes(message.data)["Message-ID"])
        unknown = {d.address for d in site.deliveries(State.UNKNOWN)}
        store.close()
    everybody = {f"r{n}@example.org" for n in range(READERS)}
    assert received.keys() | unknown == everybody, "a digest was lost"
    assert all(len(found) == 1 for found in ids.values()), "a copy had another Message-ID"
    copies = sum(received.values()) - len(received)
    if policy == "hold":
        assert copies == 0
        assert len(unknown) <= CONNECTIONS * (killed != 0)
    else:
        assert not unknown
        assert copies <= (0 if point in NOTHING_IN_THE_AIR else CONNECTIONS)
