"""A rate that several processes keep together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import empty_store

from digestbot.acts.delivery.deliver import deliver
from digestbot.acts.delivery.shared_rate import SharedRate
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, subscriber
from digestbot.testing.site import TestSite, by_smtp, delivery_client, settled
from digestbot.testing.smtp_server import SmtpServer


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with empty_store(request.param, tmp_path) as opened:
        yield opened


def test_spans_that_are_taken_follow_each_other(store: SqlStore) -> None:
    second = timedelta(seconds=1)
    with store.transaction() as tx:
        assert tx.leases.take_turns("rate:a", second, now=NOW) == NOW
    with store.transaction() as tx:
        assert tx.leases.take_turns("rate:a", second, now=NOW) == NOW + second
        assert tx.leases.take_turns("rate:b", second, now=NOW) == NOW
    with store.transaction() as tx:
        assert tx.leases.take_turns("rate:a", second, now=NOW + 9 * second) == NOW + 9 * second


async def test_two_workers_together_keep_the_rate(store: SqlStore) -> None:
    at: list[float] = []

    def clock() -> datetime:
        return datetime.now(UTC)

    async def work(rate: SharedRate) -> None:
        for _ in range(10):
            await rate.turn()
            at.append(asyncio.get_running_loop().time())

    began = asyncio.get_running_loop().time()
    workers = [SharedRate(store, "mx", 50.0, clock) for _ in range(2)]
    await asyncio.gather(*(work(one) for one in workers for _ in range(2)))
    assert max(at) - began >= (len(at) - 1) / 50.0 * 0.95


async def test_delivering_waits_for_its_turns(store: SqlStore) -> None:
    site = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(8)])
    site.papers(1)
    site.dispatch(NOW)
    at: list[float] = []
    began = time.monotonic()

    def clock() -> datetime:
        return NOW + timedelta(seconds=time.monotonic() - began)

    async with SmtpServer(taken=lambda _: at.append(time.monotonic())) as server:
        await deliver(delivery_client(site, by_smtp(server.port), settled(rate=40.0), clock=clock))
    assert len(at) == 8
    assert max(at) - began >= 7 / 40.0
