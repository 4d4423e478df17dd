"""Writes of many sources share transactions, and one that fails harms no other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest
import sqlalchemy as sa

from digestbot.acts.intake.shared_writes import MOST, SharedWrites
from digestbot.model import ReadStatus
from digestbot.store import Poll, Transaction
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW


@pytest.fixture
def commits(store: SqlStore) -> Iterator[list[int]]:
    counted: list[int] = []

    def note(_: object) -> None:
        counted.append(1)

    sa.event.listen(store.engine, "commit", note)
    yield counted
    sa.event.remove(store.engine, "commit", note)


def log_poll(tx: Transaction, source: str) -> str:
    tx.source_log.add_poll(Poll(source=source, at=NOW, status=ReadStatus.UNCHANGED))
    return source


def polled(store: SqlStore, source: str) -> int:
    with store.reading() as tx:
        return len(tx.source_log.polls_of(source, 9))


async def test_what_comes_together_is_one_transaction_and_each_gets_its_answer(
    store: SqlStore, commits: list[int]
) -> None:
    writes = SharedWrites()
    names = [f"s{n}" for n in range(20)]
    assert await asyncio.gather(*(writes.write(store, partial(log_poll, source=n)) for n in names)) == names
    assert len(commits) == 1
    assert all(polled(store, name) == 1 for name in names)


async def test_one_that_fails_is_undone_alone_and_told_to_who_asked(store: SqlStore) -> None:
    def fails(tx: Transaction) -> None:
        log_poll(tx, "bad")
        raise ValueError("no")

    writes = SharedWrites()
    good, bad, other = await asyncio.gather(
        writes.write(store, lambda tx: log_poll(tx, "good")),
        writes.write(store, fails),
        writes.write(store, lambda tx: log_poll(tx, "other")),
        return_exceptions=True,
    )
    assert (good, str(bad), other) == ("good", "no", "other")
    assert [polled(store, name) for name in ("good", "bad", "other")] == [1, 0, 1]


async def test_many_entries_are_written_in_more_than_one_transaction(store: SqlStore, commits: list[int]) -> None:
    writes = SharedWrites()
    await asyncio.gather(*(writes.write(store, partial(log_poll, source=f"s{n}"), entries=MOST // 2) for n in range(6)))
    assert len(commits) == 3


async def test_who_stops_waiting_stops_nobody_else(store: SqlStore) -> None:
    writes = SharedWrites()
    tasks = [asyncio.ensure_future(writes.write(store, partial(log_poll, source=n))) for n in ("a", "b")]
    await asyncio.sleep(0)
    tasks[0].cancel()
    assert await tasks[1] == "b"
    assert polled(store, "b") == 1
