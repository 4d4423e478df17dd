"""The operator's hand: retry closes the breaker, a pause holds everything, a test mail tells each step."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from processes import wait_meanwhile

from digestbot.acts.delivery.deliver import deliver
from digestbot.acts.delivery.operator import outbox_state, pause_outbox, resume_outbox, retry_now, send_test
from digestbot.model import Fault
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, message, subscriber
from digestbot.testing.site import POLICY, TestSite, by_smtp, delivery_client, settled
from digestbot.testing.smtp_server import Faults, SmtpServer


@pytest.fixture
def site(store: SqlStore) -> TestSite:
    made = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(3)])
    made.papers(1)
    made.dispatch(NOW)
    return made


async def test_a_retry_asks_a_server_that_was_left_alone_at_once(site: TestSite) -> None:
    async with SmtpServer(Faults(mail="530 5.7.57 Client not authenticated")) as server:
        client = delivery_client(site, by_smtp(server.port))
        await deliver(client)
        with site.store.reading() as tx:
            state = outbox_state(tx, POLICY.server, now=site.now)
        assert (state.is_open, state.breaker.fault) == (True, Fault.ACCOUNT)
        assert "530" in state.breaker.text
        assert "Client not authenticated" in state.breaker.text
        server.faults = Faults()
        assert (await deliver(client)).closed_until is not None
        waiting = [d.id for d in site.deliveries()]
        assert sorted(retry_now(site.store, waiting[:1], server=POLICY.server, now=site.now)) == waiting[:1]
        await deliver(client)
        assert site.states().count("sent") >= 1
        site.now += timedelta(minutes=2)  # what was tried in vain waits a minute
        await deliver(client)
    assert set(site.states()) == {"sent"}


async def test_a_paused_outbox_sends_nothing_until_it_is_resumed(site: TestSite) -> None:
    async with SmtpServer() as server:
        client = delivery_client(site, by_smtp(server.port))
        assert not resume_outbox(site.store, now=site.now)
        pause_outbox(site.store, now=site.now)
        report = await deliver(client)
        assert (report.paused, report.nothing_went, report.due, server.messages) == (True, False, 3, [])
        assert resume_outbox(site.store, now=site.now)
        await deliver(client)
        assert len(server.messages) == 3


async def test_a_pause_holds_in_the_middle_of_a_round_and_a_canary_beside_it_goes(store: SqlStore) -> None:
    """As `outbox pause`, or `send --only 2` beside a running daemon, do."""
    site = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(20)])
    site.papers(1)
    site.dispatch(NOW)
    async with SmtpServer(Faults(delay=0.004)) as server:
        daemon = asyncio.create_task(deliver(delivery_client(site, by_smtp(server.port, connections=2))))
        await wait_meanwhile(lambda: len(server.messages) >= 3)
        await asyncio.to_thread(pause_outbox, store, now=site.now)
        paused_at = len(server.messages)
        report = await daemon
        assert report.paused
        assert len(server.messages) <= paused_at + 2, "what had its mark"
        before = len(server.messages)
        await deliver(delivery_client(site, by_smtp(server.port), owner="elsewhere/1/0"), most=2)
        assert len(server.messages) == before + 2
        assert resume_outbox(store, now=site.now)
        await deliver(delivery_client(site, by_smtp(server.port)))
    assert (len(server.messages), set(site.states())) == (20, {"sent"})


async def test_a_pause_with_an_end_is_over_by_itself(site: TestSite) -> None:
    async with SmtpServer() as server:
        pause_outbox(site.store, now=site.now, until=site.now + timedelta(hours=1))
        site.now += timedelta(hours=2)
        await deliver(delivery_client(site, by_smtp(server.port)))
        assert len(server.messages) == 3


async def test_who_is_due_for_more_than_a_day_is_named(site: TestSite) -> None:
    async with SmtpServer() as server:
        await deliver(delivery_client(site, by_smtp(server.port), settled(per_day=1)))
    site.now += timedelta(hours=25)
    with site.store.reading() as tx:
        starving = outbox_state(tx, POLICY.server, now=site.now).starving
    assert [d.address for d in starving] == ["r1@example.org", "r2@example.org"]


@pytest.mark.parametrize(
    ("faults", "last", "passed"),
    [
        (Faults(), "dot", True),
        (Faults(banner="421 busy"), "connect", False),
        (Faults(mail="550 5.7.1 not you"), "mail", False),
        (Faults(rcpt={"reader1@example.org": "550 5.1.1 no such user"}), "rcpt", False),
        (Faults(dot="554 5.7.1 spam"), "dot", False),
    ],
)
async def test_a_test_mail_tells_each_step(faults: Faults, last: str, passed: bool) -> None:
    async with SmtpServer(faults) as server:
        steps = await send_test(by_smtp(server.port), message(1))
    assert all(step.passed for step in steps[:-1])
    assert (steps[-1].stage, steps[-1].passed) == (last, passed)
    assert bool(steps[-1].text) is not passed
