"""Refusals, outages and odd servers: who waits, who is suppressed, and what the breaker does."""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digestbot.acts.answers.status import status
from digestbot.acts.delivery.client import DeliverReport
from digestbot.acts.delivery.deliver import deliver
from digestbot.model import Breaker, Fault, Lane, State
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, message, subscriber
from digestbot.testing.site import POLICY, TestSite, by_smtp, delivery_client, settled
from digestbot.testing.smtp_server import Faults, SmtpServer
from digestbot.testing.store.values import delivery

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def site_with(store: SqlStore, people: int, **change: Any) -> TestSite:
    """So many readers, r0, r1 …, each with a mail that waits."""
    site = TestSite(store, [subscriber(f"r{n}", id=None, **change) for n in range(people)])
    site.papers(1)
    site.dispatch(NOW)
    return site


async def sent(site: TestSite, server: SmtpServer, **change: Any) -> DeliverReport:
    policy = settled(per_day=change.pop("per_day", None))
    return await deliver(delivery_client(site, by_smtp(server.port, **{"connections": 1} | change), policy))


async def sent_for(site: TestSite, server: SmtpServer, span: timedelta) -> None:
    """Send now and whenever a mail is due, for so long; with a breaker open, every five minutes."""
    until = site.now + span
    while site.now < until:
        await sent(site, server)
        assert suppressed(site) == []
        with site.store.reading() as tx:
            due = tx.outbox.next_due(site.now)
        site.now = min(until, max(due or until, site.now + 5 * MINUTE))


def breaker(site: TestSite) -> Breaker:
    with site.store.reading() as tx:
        return tx.breakers.breaker_of(POLICY.server)


def suppressed(site: TestSite) -> list[str]:
    return [person.ref for person in everybody(site) if person.suppressed]


def everybody(site: TestSite) -> list[Any]:
    with site.store.reading() as tx:
        return tx.people.all_people()


def readers_of(server: SmtpServer) -> list[str]:
    return sorted(m.recipients[0].partition("@")[0] for m in server.messages)


ACCOUNT_FAULTS = [
    Faults(mail="550 5.1.1 Sender address rejected"),
    Faults(mail="553 5.1.3 bad address syntax"),
    Faults(mail="550 5.1.10 no such sender"),
    Faults(mail="530 5.7.57 Client not authenticated to send mail"),
    Faults(dot="550 5.7.60 SMTP; Client does not have permissions to send as this sender"),
    Faults(dot="550 5.7.515 Access denied, sending domain does not meet the required authentication level"),
    Faults(dot="550-5.7.26 This mail is unauthenticated, SPF did not pass\r\n550 5.7.26 DKIM did not pass"),
    Faults(rcpt=dict.fromkeys((f"r{n}@example.org" for n in range(4)), "554 5.7.1 Relay access denied")),
    Faults(rcpt=dict.fromkeys((f"r{n}@example.org" for n in range(4)), "550 5.1.1 Sender rejected")),
]


@pytest.mark.parametrize("faults", ACCOUNT_FAULTS, ids=repr)
async def test_a_refusal_of_the_sender_suppresses_nobody_and_the_mails_go_once_it_is_mended(
    store: SqlStore, faults: Faults
) -> None:
    site = site_with(store, 4)
    async with SmtpServer(faults) as server:
        for _ in range(12):  # an hour of rounds
            report = await sent(site, server)
            assert report.nothing_went
            site.now += 5 * MINUTE
        assert (suppressed(site), set(site.states())) == ([], {"pending"})
        assert {d.attempts for d in site.deliveries()} == {0}
        state = breaker(site)
        assert state.fault is Fault.ACCOUNT
        assert any(code in state.text for code in ("550", "553", "530", "554")), state.text
        server.faults = Faults()
        site.now += timedelta(minutes=30)
        await sent(site, server)
        assert readers_of(server) == ["r0", "r1", "r2", "r3"]
        assert breaker(site).failures == 0


async def test_a_breaker_of_the_account_is_asked_by_one_mail_at_a_time(store: SqlStore) -> None:
    site = site_with(store, 20)
    async with SmtpServer(Faults(mail="550 5.7.1 sender blocked")) as server:
        await sent(site, server)
        await sent(site, server)
        assert len([c for c in server.commands if c.startswith("MAIL")]) == 1
        site.now += 16 * MINUTE
        await sent(site, server)
        assert len([c for c in server.commands if c.startswith("MAIL")]) == 2


class LatestFirst(ThreadPoolExecutor):
    """Threads of which the later ones overtake the earlier ones."""

    calls = 0

    def submit(self, work: Any, /, *args: Any, **named: Any) -> Any:
        self.calls += 1
        return super().submit(_after(max(0.0, 0.1 - 0.005 * self.calls), work), *args, **named)


def _after(seconds: float, work: Any) -> Any:
    def late(*args: Any, **named: Any) -> Any:
        time.sleep(seconds)
        return work(*args, **named)

    return late


async def test_a_breaker_that_several_connections_open_at_once_stays_open(store: SqlStore) -> None:
    site = site_with(store, 8)
    asyncio.get_running_loop().set_default_executor(LatestFirst(8))
    async with SmtpServer(Faults(banner="drop")) as server:
        await sent(site, server, connections=5)
    assert breaker(site).is_open(site.now)


@pytest.mark.parametrize("reply", ["421 4.7.0 try again later", "drop"])
async def test_one_readers_odd_address_backs_off_alone_and_the_next_morning_is_on_time(
    store: SqlStore, reply: str
) -> None:
    """Whether the server says 421 or hangs up; whether the odd one is the first or the last."""
    site = site_with(store, 3)
    odd = {"r2@example.org": reply, "r0@example.org": reply}
    async with SmtpServer(Faults(rcpt=odd)) as server:
        await sent_for(site, server, DAY)
        assert readers_of(server) == ["r1"]
        tries = [c for c in server.commands if c.startswith("RCPT TO:<r2")]
        assert 4 <= len(tries) <= 16, "it backs off: 1, 5, 15, 60 minutes, then every four hours"
        server.messages.clear()
        site.papers(2)
        site.dispatch(NOW + DAY)
        await sent(site, server)
        await sent(site, server)
        assert readers_of(server) == ["r1"]
        assert not breaker(site).is_open(site.now)


async def test_five_readers_at_whom_the_server_hangs_up_keep_the_others_for_a_quarter_of_an_hour_at_most(
    store: SqlStore,
) -> None:
    site = site_with(store, 9)
    odd = {f"r{n}@example.org": "drop" for n in range(5)}
    async with SmtpServer(Faults(rcpt=odd)) as server:
        await sent(site, server)
        site.now += 16 * MINUTE
        await sent(site, server)
        assert readers_of(server) == ["r5", "r6", "r7", "r8"]
        site.now += 2 * MINUTE
        await sent(site, server)
        assert not breaker(site).is_open(site.now)
        assert [s for s in site.states() if s != "sent"] == ["deferred"] * 5


async def test_an_account_fault_at_one_message_only_is_that_messages_own(store: SqlStore) -> None:
    """Somebody's server behind the relay says 5.7.26 of us, the others do not."""
    site = site_with(store, 4)
    odd = {"r0@example.org": "550 5.7.26 unauthenticated mail is prohibited"}
    async with SmtpServer(Faults(rcpt=odd)) as server:
        await sent(site, server)
        assert readers_of(server) == ["r1", "r2", "r3"]
        site.now += 2 * MINUTE
        await sent(site, server)
    assert site.states() == ["refused", "sent", "sent", "sent"]
    assert suppressed(site) == []


async def test_a_used_up_allowance_waits_for_hours_and_costs_no_tries(store: SqlStore) -> None:
    site = site_with(store, 3)
    async with SmtpServer(Faults(dot="550 5.4.5 Daily user sending limit exceeded")) as server:
        for _ in range(3 * 6):
            await sent(site, server)
            site.now += 10 * MINUTE
        assert len([c for c in server.commands if c.startswith("MAIL")]) == 1
        assert breaker(site).fault is Fault.QUOTA
        assert (suppressed(site), {d.attempts for d in site.deliveries()}) == ([], {0})
        server.faults = Faults()
        site.now += 65 * MINUTE
        await sent(site, server)
        assert readers_of(server) == ["r0", "r1", "r2"]


async def test_many_hard_refusals_at_once_stop_the_run_and_suppress_nobody(store: SqlStore) -> None:
    site = site_with(store, 40)
    gone = {f"r{n}@example.org": "550 5.1.1 user unknown" for n in range(5, 40)}
    async with SmtpServer(Faults(rcpt=gone)) as server:
        report = await sent(site, server)
        assert len([c for c in server.commands if c.startswith("RCPT")]) <= 16
        assert suppressed(site) == []
        assert report.nothing_went is False, "five went"
        state = breaker(site)
        assert state.is_open(site.now)
        assert "of the last" in state.text
        assert "550" in state.text
        server.faults = Faults()
        site.now += 16 * MINUTE
        await sent(site, server)
        assert (len(readers_of(server)), set(site.states())) == (40, {"sent"})


@pytest.mark.parametrize("reply", ["550 5.1.1 user unknown", "550 no", "550 5.4.1 Recipient address rejected"])
@pytest.mark.parametrize("refused", [3, 5])
async def test_a_server_that_refuses_most_of_a_few_readers_suppresses_nobody(
    store: SqlStore, reply: str, refused: int
) -> None:
    """A lab of five behind a relay with an odd day; all of them get their mail once it is over."""
    site = site_with(store, 5)
    gone = {f"r{n}@example.org": reply for n in range(refused)}
    async with SmtpServer(Faults(rcpt=gone)) as server:
        await sent_for(site, server, timedelta(hours=8))
        assert not breaker(site).is_open(site.now), "whoever is due meanwhile is served at once"
        assert set(site.states()[:refused]) == {"deferred"}
        told = status(store, now=site.now, day_start=NOW, server=POLICY.server).mail
        assert told is not None
        assert (told.takes_some, told.waiting) == (True, refused)
        assert reply in told.said
        server.faults = Faults()
        site.now += 4 * 60 * MINUTE
        await sent(site, server)
        assert readers_of(server) == ["r0", "r1", "r2", "r3", "r4"]


@pytest.mark.parametrize("faults", [Faults(dot="554 5.7.1 spam"), Faults(data="554 5.5.1 no valid recipients")])
async def test_readers_who_are_all_refused_for_good_are_the_first_thing_that_is_told(
    store: SqlStore, faults: Faults
) -> None:
    """Such a mail is final, so that none waits that would show it."""
    site = site_with(store, 3)
    async with SmtpServer(faults) as server:
        await sent(site, server)
        assert set(site.states()) == {"refused"}
        told = status(store, now=site.now, day_start=NOW, server=POLICY.server).mail
        assert told is not None
        assert (told.takes_some, told.waiting, "554" in told.said) == (True, 0, True)
        server.faults = Faults()
        site.papers(2)
        site.dispatch(NOW + DAY)
        await sent(site, server)
        assert status(store, now=site.now, day_start=NOW, server=POLICY.server).mail is None


async def test_a_refusal_at_the_dot_is_lifted_when_most_are_refused(store: SqlStore) -> None:
    site = site_with(store, 4)
    async with SmtpServer(Faults(dot="550 5.1.1 user unknown")) as server:
        await sent(site, server)
    assert suppressed(site) == []


async def test_an_address_that_refuses_among_a_few_is_suppressed_for_a_while_after_five_mails(store: SqlStore) -> None:
    """Three dead addresses of a list of five: doubted each day, counted each day."""
    site = site_with(store, 5)
    gone = {f"r{n}@example.org": "550 5.1.1 user unknown" for n in range(3)}
    async with SmtpServer(Faults(rcpt=gone)) as server:
        for day in range(1, 7):
            await sent(site, server)
            site.papers(day + 1)
            site.dispatch(NOW + day * DAY, arrived=False)
        await sent(site, server)
        assert [m.recipients[0] for m in server.messages].count("r4@example.org") == 7
    assert suppressed(site) == ["r0", "r1", "r2"]
    assert all("mailed again from" in person.suppressed for person in everybody(site)[:3])


@pytest.mark.parametrize(
    ("reply", "counts"),
    [
        ("452 4.2.2 mailbox full", True),
        ("552 5.2.2 mailbox full", True),
        ("450 4.2.1 inactive", True),
        ("451 4.7.1 greylisted", False),
        ("550 5.7.1 blocked", False),
    ],
)
async def test_a_mailbox_that_takes_nothing_for_five_mails_is_left_alone_for_two_weeks(
    store: SqlStore, reply: str, counts: bool
) -> None:
    site = site_with(store, 3)
    async with SmtpServer(Faults(rcpt={"r0@example.org": reply})) as server:
        for day in range(1, 7):
            await sent(site, server)
            site.papers(day + 1)
            site.dispatch(NOW + day * DAY, arrived=False)
        await sent(site, server)
    assert suppressed(site) == ["r0"] * counts


async def test_a_server_that_defers_everybody_says_nothing_against_a_mailbox(store: SqlStore) -> None:
    site = site_with(store, 3)
    odd = {f"r{n}@example.org": "450 4.2.2 mailbox full" for n in range(3)}
    async with SmtpServer(Faults(rcpt=odd)) as server:
        for day in range(1, 8):
            await sent(site, server)
            site.papers(day + 1)
            site.dispatch(NOW + day * DAY, arrived=False)
    assert suppressed(site) == []


async def test_refusals_of_earlier_rounds_are_taken_back_when_they_become_many(store: SqlStore) -> None:
    site = site_with(store, 12)
    gone = {f"r{n}@example.org": "550 5.1.1 user unknown" for n in range(12)}
    async with SmtpServer(Faults(rcpt=gone)) as server:
        for _ in range(12):
            await deliver(delivery_client(site, by_smtp(server.port, connections=1), POLICY), most=1)
            site.now += MINUTE
    assert suppressed(site) == []
    assert breaker(site).is_open(site.now)


async def test_a_few_dead_addresses_are_suppressed_and_the_rest_go(store: SqlStore) -> None:
    site = site_with(store, 20)
    gone = {f"r{n}@example.org": "550 5.1.1 user unknown" for n in range(3)}
    async with SmtpServer(Faults(rcpt=gone)) as server:
        await sent(site, server)
    assert suppressed(site) == ["r0", "r1", "r2"]
    assert site.states() == ["refused"] * 3 + ["sent"] * 17


async def test_a_mail_doubted_once_is_refused_for_good_when_others_get_through(store: SqlStore) -> None:
    site = site_with(store, 30)
    gone = {f"r{n}@example.org": "550 5.1.1 user unknown" for n in range(12)}
    async with SmtpServer(Faults(rcpt=gone)) as server:
        for _ in range(8):
            await sent(site, server)
            site.now += 20 * MINUTE
        assert len(server.messages) == 18
    assert site.states() == ["refused"] * 12 + ["sent"] * 18


async def test_a_cap_per_day_serves_everybody_in_turn(store: SqlStore) -> None:
    site = TestSite(store, [subscriber(f"r{n}", id=None, schedule="daily 07:30") for n in range(2)])
    async with SmtpServer() as server:
        for day in range(4):
            site.papers(day + 1)
            site.dispatch(NOW + day * DAY, arrived=False)
            for _ in range(3):
                await sent(site, server, per_day=1)
                site.now += timedelta(hours=1)
        assert [m.recipients[0] for m in server.messages] == [f"r{n}@example.org" for n in (0, 1, 0, 1)]
        last = server.messages[-1].data.decode()
        assert all(f"2611.{n:05}" in last for n in (3, 4)), "papers of a mail that never went come with the next"
    with store.reading() as tx:
        [waiting] = tx.outbox.longest_waiting(site.now)
    assert waiting.state is State.PENDING


async def test_a_weekly_mail_that_waits_for_the_cap_lives_until_its_next_slot(store: SqlStore) -> None:
    site = site_with(store, 3, schedule="mon 07:30")
    async with SmtpServer() as server:
        for _ in range(5):
            await sent(site, server, per_day=1)
            site.now += DAY + MINUTE
        assert readers_of(server) == ["r0", "r1", "r2"]


async def test_a_deferred_mail_is_given_up_after_two_days(store: SqlStore) -> None:
    site = site_with(store, 1, schedule="mon 07:30")
    async with SmtpServer(Faults(rcpt={"r0@example.org": "450 4.2.0 greylisted"})) as server:
        for _ in range(60):
            await sent(site, server)
            site.now += timedelta(hours=1)
    assert site.states() == ["expired"]


async def test_a_password_that_was_written_anew_closes_the_breaker(store: SqlStore, tmp_path: Path) -> None:
    site = site_with(store, 2)
    file = tmp_path / "smtp"
    file.write_text("old")
    long_ago = (NOW - DAY).timestamp()
    os.utime(file, (long_ago, long_ago))
    login = {"username": "bot", "password_file": file}
    async with SmtpServer(login=("bot", "new")) as server:
        await sent(site, server, **login)
        assert (await sent(site, server, **login)).closed_until == site.now + 15 * MINUTE
        file.write_text("new")
        site.now += 2 * MINUTE
        await sent(site, server, **login)
    assert set(site.states()) == {"sent"}


async def test_a_confirmation_goes_out_before_all_digests(store: SqlStore) -> None:
    site = site_with(store, 5)
    row = delivery(7, kind="confirmation", address="new@example.org", lane=Lane.PERSONAL, next_at=site.now,
                   expires=site.now + DAY)  # fmt: skip
    with store.transaction() as tx:
        tx.outbox.add_delivery(row)
    async with SmtpServer() as server:
        client = delivery_client(
            site, by_smtp(server.port, connections=1),
            form_mails={"confirmation": lambda one: replace(message(7), recipient=one.address)},
        )  # fmt: skip
        await deliver(client)
    assert server.messages[0].recipients == ("new@example.org",)
    assert len(server.messages) == 6


async def test_a_reader_with_a_domain_of_other_letters_gets_the_mail(store: SqlStore) -> None:
    site = TestSite(store, [subscriber("anna", id=None, email="anna@bücher.example")])
    site.papers(1)
    site.dispatch(NOW)
    async with SmtpServer() as server:
        await sent(site, server)
    assert [m.recipients for m in server.messages] == [("anna@xn--bcher-kva.example",)]


@pytest.mark.parametrize(("offered", "state"), [(True, "sent"), (False, "refused")])
async def test_an_address_that_needs_smtputf8_goes_where_the_server_has_it(
    store: SqlStore, offered: bool, state: str
) -> None:
    site = TestSite(store, [subscriber("j", id=None, email="jürgen@example.org"), subscriber("r", id=None)])
    site.papers(1)
    site.dispatch(NOW)
    async with SmtpServer(Faults(smtputf8=offered)) as server:
        await sent(site, server)
    assert site.states() == [state, "sent"]
    assert suppressed(site) == []
    if not offered:
        [row] = site.deliveries(State.REFUSED)
        assert row.last is not None
        assert "SMTPUTF8" in row.last.text
