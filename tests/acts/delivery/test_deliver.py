"""From the outbox to a real mail server that may do anything."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from processes import wait_meanwhile

from digestbot.acts.delivery.deliver import CLAIM_SIZE, DeliverReport, Policy, deliver
from digestbot.acts.delivery.release import cancel
from digestbot.acts.delivery.retry_policy import BREAKER_AT
from digestbot.errors import MessageError
from digestbot.model import Digest, Message, State, Subscriber
from digestbot.store.database import SqlStore, open_store
from digestbot.system.process import gone, name
from digestbot.testing.builders import NOW, subscriber
from digestbot.testing.site import POLICY, TestSite, by_smtp, delivery_client, mail_of, settled
from digestbot.testing.smtp_server import Faults, SmtpServer

DAY = timedelta(days=1)


def office_with(store: SqlStore, people: int, papers: Sequence[int] = (1,)) -> TestSite:
    office = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(people)])
    office.papers(*papers)
    office.dispatch(NOW)
    return office


async def delivered(office: TestSite, server: SmtpServer, policy: Policy = POLICY, **change: Any) -> DeliverReport:
    return await deliver(delivery_client(office, by_smtp(server.port, **change), policy))


async def test_every_digest_arrives_once_with_its_message_id(store: SqlStore) -> None:
    office = office_with(store, 30)
    async with SmtpServer() as server:
        report = await delivered(office, server)
        again = await delivered(office, server)
    assert (report.count(State.SENT), again.deliveries) == (30, ())
    ids = [message_from_bytes(m.data)["Message-ID"] for m in server.messages]
    assert sorted(ids) == sorted(d.message_id for d in office.deliveries(State.SENT))
    assert len(set(ids)) == 30


async def test_mails_go_out_while_others_are_still_composed_and_none_is_left_behind(store: SqlStore) -> None:
    office = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(3)])
    office.papers(1)
    coming = asyncio.get_running_loop().create_future()
    async with SmtpServer() as server:
        looks: list[datetime] = []

        def clock() -> datetime:
            looks.append(office.now)
            return office.now

        client = replace(delivery_client(office, by_smtp(server.port), POLICY), clock=clock)
        delivering = asyncio.create_task(deliver(client, coming=coming))
        await wait_meanwhile(lambda: len(looks) > 3 or delivering.done())
        office.dispatch(NOW)
        await wait_meanwhile(lambda: len(server.messages) == 3 or delivering.done())
        office.papers(2)
        office.dispatch(NOW + DAY)  # what came last
        office.now = NOW + DAY
        coming.set_result(None)
        report = await delivering
    assert report.count(State.SENT) == len(server.messages) == 6


async def test_several_connections_are_used_and_reused(store: SqlStore) -> None:
    office = office_with(store, 40)
    async with SmtpServer() as server:
        await delivered(office, server, connections=4)
        assert server.sessions == 4


async def test_a_4xx_is_tried_again_later_and_costs_an_attempt(store: SqlStore) -> None:
    office = office_with(store, 1)
    async with SmtpServer(Faults(rcpt={"r0@example.org": "450 4.2.0 greylisted"})) as server:
        await delivered(office, server)
        (waiting,) = office.deliveries(State.DEFERRED)
        assert waiting.attempts == 1
        assert timedelta(seconds=48) <= waiting.next_at - office.now <= timedelta(seconds=72)
        assert (await delivered(office, server)).deliveries == ()
        office.now, server.faults = waiting.next_at, Faults()
        assert (await delivered(office, server)).count(State.SENT) == 1


async def test_a_5xx_is_final_and_its_papers_come_with_the_next_digest(store: SqlStore) -> None:
    office = office_with(store, 1)
    async with SmtpServer(Faults(dot="554 5.7.1 policy")) as server:
        await delivered(office, server)
    assert office.states() == ["refused"]
    assert office.titles(office.dispatch(NOW + DAY)) == [["2611.00001"]]


async def test_an_address_that_does_not_exist_is_never_mailed_again_and_a_policy_block_is(store: SqlStore) -> None:
    office = office_with(store, 2)
    faults = Faults(rcpt={"r0@example.org": "550 5.1.1 no such user", "r1@example.org": "550 5.7.1 blocked"})
    async with SmtpServer(faults) as server:
        await delivered(office, server)
    assert "5.1.1" in office.person("r0").suppressed
    assert office.person("r1").suppressed == ""


async def test_a_line_lost_in_the_body_costs_nothing_and_loses_nothing(store: SqlStore) -> None:
    office = office_with(store, 3)
    async with SmtpServer(Faults(data="drop", times=2)) as server:
        await delivered(office, server, connections=1)
        assert [d.attempts for d in office.deliveries(State.PENDING)] == [0, 0]
        office.now += timedelta(minutes=2)
        await delivered(office, server, connections=1)
    assert office.states() == ["sent"] * 3
    assert len(server.messages) == 3


@pytest.mark.parametrize("fault", ["drop", "take-drop", "hang"])
async def test_an_answer_that_never_came_is_unknown_and_resent_once_with_the_same_id(
    store: SqlStore, fault: str
) -> None:
    office = office_with(store, 1)
    async with SmtpServer(Faults(dot=fault, times=1)) as server:
        await delivered(office, server)
        assert office.states() == ["unknown"]
        office.now += timedelta(minutes=14)
        await delivered(office, server)
        assert office.states() == ["unknown"]
        office.now += timedelta(minutes=2)
        await delivered(office, server)
    assert office.states() == ["sent"]
    assert len({message_from_bytes(m.data)["Message-ID"] for m in server.messages}) == 1
    assert len(server.messages) == (2 if fault == "take-drop" else 1)


async def test_an_address_that_changed_while_a_mail_waits_gets_it(store: SqlStore) -> None:
    office = office_with(store, 1)
    [person] = _people(store)
    office.people(replace(person, id=None, email="new@example.org"))
    async with SmtpServer() as server:
        await delivered(office, server)
    [message] = server.messages
    assert list(message.recipients) == ["new@example.org"]
    assert "new@example.org" in message_from_bytes(message.data)["To"]


def _people(store: SqlStore) -> list[Subscriber]:
    with store.reading() as tx:
        return tx.people.all_people()


async def test_a_second_unknown_is_not_resent(store: SqlStore) -> None:
    office = office_with(store, 1)
    async with SmtpServer(Faults(dot="take-drop")) as server:
        for _ in range(5):
            await delivered(office, server)
            office.now += timedelta(hours=1)
    assert len(server.messages) == 2
    assert office.states() == ["unknown"]


async def test_a_second_try_that_is_refused_is_unknown_and_its_papers_do_not_come_again(store: SqlStore) -> None:
    """The first may have arrived; whoever looks may cancel, and then they come again."""
    office = office_with(store, 1)
    async with SmtpServer(Faults(dot="take-drop", times=1)) as server:
        await delivered(office, server)
    office.now += timedelta(minutes=16)
    async with SmtpServer(Faults(rcpt={"r0@example.org": "550 5.7.1 policy"})) as server:
        await delivered(office, server)
    assert office.states() == ["unknown"]
    office.now = NOW + DAY
    assert office.titles(office.dispatch()) == []
    with store.transaction() as tx:
        cancel(tx, [d.id for d in tx.outbox.list_deliveries()], now=office.now, unsure=True)
    assert len(office.titles(office.dispatch(NOW + 2 * DAY))) == 1


async def test_held_unknowns_wait_for_the_operator_and_keep_their_papers(store: SqlStore) -> None:
    office = office_with(store, 1)
    async with SmtpServer(Faults(dot="drop", times=1)) as server:
        for _ in range(3):
            await delivered(office, server, settled(on_unknown="hold"))
            office.now += timedelta(hours=1)
    assert (office.states(), server.messages) == (["unknown"], [])
    assert office.titles(office.dispatch(NOW + DAY)) == []


async def test_a_server_that_is_down_costs_no_message_its_tries_and_is_left_alone(store: SqlStore) -> None:
    office = office_with(store, 20)
    async with SmtpServer() as server:
        port = server.port
    gone_server = SmtpServer(port=port)
    report = await delivered(office, gone_server, connections=1)
    assert report.count(State.PENDING) == BREAKER_AT
    assert (await delivered(office, gone_server)).closed_until == office.now + timedelta(minutes=15)
    assert {d.attempts for d in office.deliveries()} == {0}
    office.now += timedelta(minutes=16)
    async with SmtpServer(port=port) as back:
        await delivered(office, back)
        assert len(back.messages) == 20


async def test_the_cap_per_day_holds_the_rest_until_the_next_day(store: SqlStore) -> None:
    office = office_with(store, 5)
    async with SmtpServer() as server:
        report = await delivered(office, server, settled(per_day=3))
        assert (len(server.messages), report.capped) == (3, True)
        office.now += timedelta(hours=23)
        assert (await delivered(office, server, settled(per_day=3))).deliveries == ()
        office.now += timedelta(minutes=61)
    assert len(office.deliveries(State.PENDING)) == 2


async def test_what_is_too_old_expires_and_its_papers_come_with_the_next_digest(store: SqlStore) -> None:
    office = office_with(store, 1)
    office.now = NOW + DAY
    async with SmtpServer() as server:
        await delivered(office, server)
        assert (office.states(), server.messages) == (["expired"], [])
    assert office.titles(office.dispatch()) == [["2611.00001"]]


async def test_unsubscribing_wins_over_what_already_waits(store: SqlStore) -> None:
    office = office_with(store, 2)
    with store.transaction() as tx:
        tx.people.suppress_address("r0@example.org", reason="unsubscribed", now=office.now)
    async with SmtpServer() as server:
        await delivered(office, server)
    assert [m.recipients for m in server.messages] == [("r1@example.org",)]
    assert office.states() == ["suppressed", "sent"]


@pytest.mark.parametrize("wish", ["pause", "suppress"])
async def test_the_papers_of_a_mail_that_is_withheld_at_the_last_moment_come_later(store: SqlStore, wish: str) -> None:
    office = office_with(store, 1)
    [person] = _people(store)
    assert person.id is not None
    with store.transaction() as tx:
        if wish == "pause":
            tx.people.pause_person(person.id, until=NOW + DAY)
        else:
            tx.people.suppress_address(person.email, reason="unsubscribed", now=office.now)
    async with SmtpServer() as server:
        await delivered(office, server)
        assert server.messages == []
    with store.transaction() as tx:
        tx.people.resume_person(person.id)
        tx.people.lift_suppression(person.email, now=office.now)
    office.now = NOW + DAY
    assert office.titles(office.dispatch()) == [["2611.00001"]]


async def test_somebody_who_leaves_the_configuration_gets_nothing_that_waits(store: SqlStore) -> None:
    office = office_with(store, 2)
    office.people(subscriber("r1", id=None))
    async with SmtpServer() as server:
        await delivered(office, server)
    assert [m.recipients for m in server.messages] == [("r1@example.org",)]


async def test_a_mail_that_cannot_be_built_harms_no_other(store: SqlStore) -> None:
    office = office_with(store, 5)

    def build(digest: Digest) -> Message:
        if digest.subscriber.ref == "r2":
            raise MessageError("refused")
        return mail_of(digest)

    async with SmtpServer() as server:
        await deliver(delivery_client(office, by_smtp(server.port), build=build))
    assert (len(server.messages), office.states().count("deferred")) == (4, 1)


async def test_a_stop_lets_what_is_in_the_air_finish_and_gives_the_rest_back(store: SqlStore) -> None:
    office = office_with(store, 30)
    stop = asyncio.Event()
    async with SmtpServer(Faults(delay=0.01)) as server:
        channel = by_smtp(server.port, connections=2)
        await deliver(delivery_client(office, channel, on_progress=lambda _: stop.set()), stop=stop)
        sent = len(server.messages)
    assert 1 <= sent < 30
    assert office.states().count("sent") == sent
    assert office.states().count("pending") == 30 - sent


@pytest.mark.parametrize("per_day", [None, 2 * CLAIM_SIZE + 3])
async def test_one_mail_that_hangs_holds_up_its_own_connection_only(store: SqlStore, per_day: int | None) -> None:
    """With a cap as well; then the one that hangs is counted among those that it allows."""
    people = 2 * CLAIM_SIZE + 5
    gone = (per_day or people) - 1
    site = office_with(store, people)
    stop = asyncio.Event()
    async with SmtpServer(Faults(rcpt={"r0@example.org": "hang"})) as server:
        channel = by_smtp(server.port, connections=2, timeout=600.0)
        policy = settled(per_day=per_day)
        work = asyncio.create_task(deliver(delivery_client(site, channel, policy), stop=stop))
        await wait_meanwhile(lambda: len(server.messages) >= gone)
        assert not work.done()
        work.cancel()
        await asyncio.wait([work])
    assert sorted(set(site.states())) == ["pending", "sent"]
    assert site.states().count("sent") == gone


async def test_two_workers_at_once_keep_one_cap(store: SqlStore) -> None:
    site = office_with(store, 12)
    async with SmtpServer(Faults(delay=0.005)) as server:
        clients = [
            delivery_client(site, by_smtp(server.port), settled(per_day=7), owner=f"elsewhere/{n}/1") for n in range(2)
        ]
        await asyncio.gather(*map(deliver, clients))
        assert len(server.messages) == 7


async def test_two_workers_at_once_send_nothing_twice(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/x.db")
    store.migrate()
    office = office_with(store, 60)
    async with SmtpServer() as server:
        workers = (deliver(delivery_client(office, by_smtp(server.port), owner=f"elsewhere/{n}/1")) for n in range(3))
        await asyncio.gather(*workers)
        recipients = [m.recipients[0] for m in server.messages]
    store.close()
    assert len(recipients) == len(set(recipients)) == 60


def test_a_process_of_this_machine_that_is_gone_is_known_to_be() -> None:
    host = name().split("/")[0]
    assert not gone(name())
    assert gone(f"{host}/4194300/1")
    assert not gone("elsewhere/4194300/1")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only /proc tells a zombie from a process")
def test_a_killed_process_whose_parent_has_not_looked_is_gone() -> None:
    """In a container without an init a daemon that was killed stays as a zombie: its pid and start are those of before."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        start = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]
        owner = f"{name().split('/')[0]}/{child.pid}/{start}"
        assert not gone(owner)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and not waited for
        assert gone(owner)
