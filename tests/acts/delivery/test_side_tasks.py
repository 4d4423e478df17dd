"""The tasks beside delivering: whatever ends one of them ends the round loudly, and the next round begins."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from processes import wait_meanwhile

from digestbot.acts.delivery import claimed_batch, group_commit
from digestbot.acts.delivery.client import DeliveryClient
from digestbot.acts.delivery.deliver import deliver
from digestbot.errors import DigestbotError, StoreBusy, StoreFull, StoreUnreachable
from digestbot.model import DeliveryResult, Outcome, Receipt, SendStage, State
from digestbot.store import Transaction
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, subscriber
from digestbot.testing.site import TestSite, by_smtp, delivery_client, settled
from digestbot.testing.smtp_server import Faults, SmtpServer


class FailingStore:
    """A store whose transactions raise while `error` is set and `method` of the outbox is called in them."""

    def __init__(self, store: SqlStore, method: str, error: Exception | None) -> None:
        self._store, self._method, self.error, self.raised = store, method, error, 0
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def transaction(self) -> AbstractContextManager[Transaction]:
        return self._failing()

    @contextmanager
    def _failing(self) -> Iterator[Any]:
        with self._store.transaction() as tx:
            yield _Failing(tx, self)

    def check(self, method: str) -> None:
        if method != self._method:
            return
        self.calls += 1
        if self.error is not None:
            self.raised += 1
            raise self.error


class _Failing:
    def __init__(self, inner: Any, store: FailingStore, depth: int = 0) -> None:
        self._inner, self._failing, self._depth = inner, store, depth

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if self._depth == 0 and name == "outbox":
            return _Failing(found, self._failing, 1)
        if self._depth == 1:
            self._failing.check(name)
        return found


def site_with(store: SqlStore, people: int) -> TestSite:
    site = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(people)])
    site.papers(1)
    site.dispatch(NOW)
    return site


async def one_round(site: TestSite, store: Any, server: SmtpServer) -> None:
    client = delivery_client(site, by_smtp(server.port, connections=2))
    async with asyncio.timeout(20):
        await deliver(_with_store(client, store))


def _with_store(client: Any, store: Any) -> Any:
    from dataclasses import replace

    return replace(client, store=store)


@pytest.mark.parametrize("method", ["finish_deliveries", "commit_deliveries"])
@pytest.mark.parametrize("error", [KeyError("x"), DigestbotError("damaged"), RuntimeError("thread")], ids=repr)
async def test_an_exception_in_the_group_commit_ends_the_round_and_the_next_one_sends(
    store: SqlStore, method: str, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    site = site_with(store, 6)
    failing = FailingStore(store, method, error)
    async with SmtpServer() as server:
        with pytest.raises(type(error)):
            await one_round(site, failing, server)
        assert "the round ends" in caplog.text
        failing.error = None
        for _ in range(3):
            site.now += timedelta(minutes=16)
            await one_round(site, failing, server)
        assert {m.recipients[0] for m in server.messages} == {f"r{n}@example.org" for n in range(6)}
    assert set(site.states()) == {"sent"}


@pytest.mark.parametrize("error", [KeyError("x"), DigestbotError("damaged")], ids=repr)
async def test_an_exception_in_the_renewal_of_leases_ends_the_round_and_the_next_one_sends(
    store: SqlStore, error: Exception, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claimed_batch, "LEASE", timedelta(seconds=0.03))
    site = site_with(store, 6)
    failing = FailingStore(store, "renew_leases", error)
    async with SmtpServer(Faults(delay=0.05)) as server:
        with pytest.raises(type(error)):
            await one_round(site, failing, server)
        assert "the round ends" in caplog.text
        failing.error, server.faults = None, Faults()
        monkeypatch.undo()
        for _ in range(3):
            site.now += timedelta(minutes=16)
            await one_round(site, failing, server)
    assert set(site.states()) == {"sent"}


async def test_an_answer_that_takes_longer_than_a_lease_is_waited_for_and_no_other_worker_takes_the_mail(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claimed_batch, "LEASE", timedelta(seconds=0.15))
    site = site_with(store, 1)
    counting = FailingStore(store, "renew_leases", None)

    def clock() -> datetime:
        """A third of a lease for each renewal, counted when it begins: a row that is not renewed is soon overdue, and one
        whose renewal is not committed yet is not."""
        return NOW + timedelta(seconds=0.05 * counting.calls)

    async with SmtpServer(Faults(delay=0.2)) as server:
        slow = _with_store(delivery_client(site, by_smtp(server.port), clock=clock), counting)
        other = delivery_client(site, by_smtp(server.port), clock=clock, owner="elsewhere/1/1")
        round_ = asyncio.create_task(deliver(slow))
        await wait_meanwhile(lambda: site.states() != ["pending"])
        while not round_.done():
            await deliver(other)
            await asyncio.sleep(0.02)
        await round_
        assert (len(server.messages), counting.calls > 3) == (1, True)
    assert site.states() == ["sent"]


@pytest.mark.parametrize(
    "error", [StoreBusy("locked"), StoreFull("no space left"), StoreUnreachable("the server restarts")], ids=repr
)
async def test_a_database_that_is_locked_full_or_away_is_asked_again_and_nothing_is_lost_or_repeated(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """At the receipts, after dots have gone out: the round goes on when it is free again."""
    monkeypatch.setattr(group_commit, "AGAIN", 0.02)
    monkeypatch.setattr(claimed_batch, "RENEW_AGAIN", 0.02)
    site = site_with(store, 6)
    failing = FailingStore(store, "finish_deliveries", error)
    async with SmtpServer(Faults(delay=0.005)) as server:
        round_ = asyncio.create_task(one_round(site, failing, server))
        await wait_meanwhile(lambda: failing.raised >= 5)
        failing.error = None
        await round_
        for _ in range(2):
            site.now += timedelta(minutes=2)
            await one_round(site, failing, server)
        assert sorted(m.recipients[0] for m in server.messages) == [f"r{n}@example.org" for n in range(6)]
    assert set(site.states()) == {"sent"}


async def test_a_message_takes_one_transaction_its_receipt_goes_with_the_next_mark(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "HELD", 60.0)  # no receipt is written for its own sake
    office = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(12)])
    office.papers(1)
    office.dispatch(NOW)
    counted = FailingStore(store, "finish_deliveries", None)
    async with SmtpServer() as server:
        client = replace(delivery_client(office, by_smtp(server.port, connections=1)), store=counted)
        await deliver(client)
    assert office.states() == ["sent"] * 12
    assert counted.calls == 13  # a mark each, and the last receipt


async def test_a_receipt_that_no_mark_follows_is_written_soon(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "HELD", 0.01)
    office = TestSite(store, [subscriber()])
    office.papers(1)
    office.dispatch(NOW)
    (waiting,) = office.deliveries()
    client = delivery_client(office, by_smtp(1))
    with store.transaction() as tx:
        tx.outbox.claim_deliveries(1, owner=client.owner, now=NOW, lease=timedelta(minutes=1))
    async with group_commit.GroupCommit(client) as commits, asyncio.timeout(10):
        assert await commits.commit(waiting.id)
        commits.finish(
            DeliveryResult(waiting.id, State.SENT, Receipt(outcome=Outcome.ACCEPTED, stage=SendStage.DOT, code=250))
        )
        await wait_meanwhile(lambda: office.states() == ["sent"])


def claimed_by(office: TestSite, client: DeliveryClient) -> list[int]:
    with office.store.transaction() as tx:
        taken = tx.outbox.claim_deliveries(9, owner=client.owner, now=NOW, lease=timedelta(minutes=1))
    return [delivery.id for delivery in taken]


async def test_a_mark_waits_until_half_of_the_mails_on_their_way_have_asked(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "GATHERED", 1000.0)
    office = site_with(store, 5)
    counted = FailingStore(store, "commit_deliveries", None)
    client = _with_store(delivery_client(office, by_smtp(1)), counted)
    first, second, third, fourth, fifth = claimed_by(office, client)
    async with group_commit.GroupCommit(client) as commits, asyncio.timeout(10):
        marks = {number: commits.mark_of(number) for number in (first, second, third, fourth, fifth)}
        asked = [asyncio.create_task(marks[first].commit()), asyncio.create_task(marks[second].commit())]
        await asyncio.sleep(0.05)
        assert counted.calls == 0
        marks[third].end()  # it was refused
        assert await asyncio.gather(*asked) == [True, True]
        assert counted.calls == 1
        asked = [asyncio.create_task(marks[fourth].commit())]
        assert await asyncio.gather(*asked) == [True]
        assert await marks[fifth].commit()
        assert counted.calls == 3


async def test_a_mark_waits_for_no_mail_that_takes_long(store: SqlStore) -> None:
    office = site_with(store, 3)
    client = delivery_client(office, by_smtp(1))
    numbers = claimed_by(office, client)
    async with group_commit.GroupCommit(client) as commits, asyncio.timeout(10):
        first, *_ = [commits.mark_of(number) for number in numbers]
        assert await first.commit()


@pytest.mark.parametrize("how", ["asked to stop", "cancelled"])
async def test_a_database_that_never_comes_back_keeps_nobody_who_is_told_to_stop(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Receipts wait for it as long as the process may live: rows that are committing are unknown to the next one."""
    monkeypatch.setattr(group_commit, "AGAIN", 0.01)
    monkeypatch.setattr(group_commit, "LAST_WRITE", 0.1)
    monkeypatch.setattr(claimed_batch, "GRACE", 0.1)
    site = site_with(store, 6)
    full = FailingStore(store, "finish_deliveries", None)
    stop = asyncio.Event()
    async with SmtpServer() as server:
        client = _with_store(delivery_client(site, by_smtp(server.port, connections=2)), full)
        full.error = StoreFull("the database cannot be written")
        work = asyncio.create_task(deliver(client, stop=stop))
        await wait_meanwhile(lambda: full.raised >= 5)
        if how == "cancelled":
            work.cancel()
        stop.set()
        async with asyncio.timeout(20):
            await asyncio.wait([work])
        assert len(server.messages) <= 2
        full.error = None
        site.now += timedelta(hours=1)
        await deliver(delivery_client(site, by_smtp(server.port), settled(unknown_after=timedelta(0))))
        site.now += timedelta(hours=1)
        await deliver(delivery_client(site, by_smtp(server.port), settled(unknown_after=timedelta(0))))
        assert {m.recipients[0] for m in server.messages} == {f"r{n}@example.org" for n in range(6)}
    assert set(site.states()) == {"sent"}
