"""A morning on which everything happens: the server away twice, a restart, a pause, people who leave, a cap per day and a
password that is changed. Then the mails are counted at the server.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from databases import migrated, sqlite_url
from sizes import size

from digestbot.acts.delivery.deliver import deliver
from digestbot.acts.delivery.operator import pause_outbox, resume_outbox
from digestbot.acts.people.sync import leave
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, subscriber
from digestbot.testing.site import TestSite, by_smtp, delivery_client, settled
from digestbot.testing.smtp_server import SmtpServer

READERS = int(os.environ.get("MORNING", size(200, full=1000)))  #: MORNING=10000 for a large one
LEAVING, CONNECTIONS = READERS * 3 // 100, 4
CAP = READERS * 9 // 10
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Morning:
    """A site, its mail server, and what happened to both."""

    def __init__(self, store: SqlStore, folder: Path) -> None:
        self.site = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(READERS)])
        self.password = folder / "password"
        self.password.write_text("old")
        os.utime(self.password, (0, 0))
        self.server = SmtpServer(login=("bot", "old"))
        self.interrupted = 0  #: mails that may have been in the air when something was cut off
        self.first_day = 0  #: mails taken
        self.left: dict[str, int] = {}  #: address → mails taken when they left

    def work(self) -> asyncio.Task[Any]:
        """A round of delivering."""
        channel = by_smtp(self.server.port, connections=CONNECTIONS, username="bot", password_file=self.password)
        policy = settled(per_day=CAP, unknown_after=MINUTE)
        return asyncio.create_task(deliver(delivery_client(self.site, channel, policy)))

    async def during(self, share: float) -> asyncio.Task[Any]:
        """A round in which so much of the morning's mail has been taken."""
        for _ in range(400):
            work = self.work()
            while not work.done() and len(self.server.messages) < share * READERS:  # noqa: ASYNC110
                await asyncio.sleep(0.002)  # of a server without an event
            if len(self.server.messages) >= share * READERS:
                return work
            await work
            self.site.now += 2 * MINUTE
        raise AssertionError("nothing goes out any more")

    async def away(self) -> None:
        """The server is gone for half an hour; whoever had a dot in the air heard nothing."""
        port = self.server.port
        await self.server.__aexit__(None, None, None)
        self.interrupted += CONNECTIONS
        for _ in range(15):
            await self.work()
            self.site.now += 2 * MINUTE
        self.server.port = port
        await self.server.__aenter__()

    async def restarted(self, work: asyncio.Task[Any]) -> None:
        """The process ends in the middle of everything; its leases end by themselves."""
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        self.interrupted += CONNECTIONS
        self.site.now += 2 * MINUTE

    def leaving(self) -> None:
        """Some unsubscribe, whether they have had their mail or not."""
        for number in range(0, READERS, READERS // LEAVING):
            person = self.site.person(f"r{number}")
            leave(self.site.store, person, now=self.site.now)
            self.left[person.email] = len(self.server.messages)

    def rotate(self) -> None:
        """The provider's password changes; the file follows ten minutes later."""
        self.server._login = ("bot", "new")
        for task in list(self.server._tasks):  # sessions of before end
            task.cancel()
        self.interrupted += CONNECTIONS


async def play(morning: Morning) -> None:
    site = morning.site
    site.papers(1)
    site.dispatch(NOW)
    work = await morning.during(0.1)
    await morning.away()
    await work
    work = await morning.during(0.25)
    pause_outbox(site.store, now=site.now)
    await work
    before = len(morning.server.messages)
    site.now += 30 * MINUTE
    await morning.work()
    assert len(morning.server.messages) == before
    resume_outbox(site.store, now=site.now)
    work = await morning.during(0.4)
    await asyncio.to_thread(morning.leaving)
    await work
    work = await morning.during(0.5)
    morning.rotate()
    await work
    site.now += 10 * MINUTE
    morning.password.write_text("new")
    os.utime(morning.password, (site.now.timestamp(), site.now.timestamp()))
    work = await morning.during(0.6)
    await morning.restarted(work)
    work = await morning.during(0.75)
    await morning.away()
    await work
    for _ in range(40):
        await morning.work()
        site.now += 5 * MINUTE
    morning.first_day = len(morning.server.messages)
    site.now = max(site.now, NOW + DAY)
    site.papers(2)
    site.dispatch(NOW + DAY, arrived=False)
    for _ in range(60):
        await morning.work()
        site.now += 10 * MINUTE


async def test_on_a_morning_on_which_everything_happens_everybody_gets_their_papers_once(tmp_path: Path) -> None:
    store = migrated(sqlite_url(tmp_path))
    morning = Morning(store, tmp_path)
    async with morning.server:
        await play(morning)
        messages = morning.server.messages
    first = [m for m in messages if b"2611.00001" in m.data]
    counted = Counter(m.recipients[0] for m in first)
    staying = {f"r{n}@example.org" for n in range(READERS)} - morning.left.keys()
    print(f"\n{len(messages)} mails, {sum(counted.values()) - len(counted)} copies, {len(morning.left)} left")
    assert staying <= counted.keys(), "a digest was lost"
    assert sum(counted.values()) - len(counted) <= morning.interrupted
    ids = {(m.recipients[0], message_from_bytes(m.data)["Message-ID"]) for m in first}
    assert len(ids) == len(counted), "a copy had another Message-ID"
    late = [
        m.recipients[0] for at, m in enumerate(messages) if at >= morning.left.get(m.recipients[0], at) + CONNECTIONS
    ]
    assert [address for address in late if address in morning.left] == [], "mailed after they left"
    assert morning.first_day <= CAP + morning.interrupted
    with store.reading() as tx:
        assert {person.email for person in tx.people.all_people() if person.suppressed} == morning.left.keys()
    store.close()
