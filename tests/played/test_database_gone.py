"""The database goes away while mails go out: killed, locked for a minute, or without room. Then the mails are counted."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from databases import RUN, migrated, postgres_database, sqlite_url
from postgres_server import OwnServer
from processes import wait_meanwhile
from run_folder import hold
from sizes import size

from digestbot.acts.delivery import claimed_batch, group_commit
from digestbot.acts.delivery.deliver import deliver
from digestbot.errors import StoreError
from digestbot.store import database
from digestbot.store.database import SqlStore, open_store
from digestbot.testing.builders import NOW, subscriber
from digestbot.testing.site import TestSite, by_smtp, delivery_client, settled
from digestbot.testing.smtp_server import Faults, SmtpServer

READERS, CONNECTIONS = 40, 4
Trouble = Callable[[SmtpServer], Awaitable[None]]


async def delivered_through(store: SqlStore, trouble: Trouble, times: int) -> int:
    """Deliver in rounds; so many times `trouble` strikes while mails are on their way. How many copies there were.

    Nothing is lost, and a copy has the Message-ID of its first.
    """
    site = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(READERS)])
    site.papers(1)
    site.dispatch(NOW)
    async with SmtpServer(Faults(delay=0.004)) as server:
        struck = 0
        for _ in range(times + 12):
            channel = by_smtp(server.port, connections=CONNECTIONS)
            work = asyncio.create_task(
                deliver(delivery_client(site, channel, settled(unknown_after=timedelta(0)))), name="deliver"
            )
            while struck < times and not await on_its_way(server, work):
                await trouble(server)
                struck += 1
            try:
                async with asyncio.timeout(60):
                    await work
            except StoreError:
                pass  # a round that ends loudly; the next one begins
            site.now += timedelta(minutes=16)
            if set(site.states()) <= {"sent", "unknown"}:
                break
        received = Counter(m.recipients[0] for m in server.messages)
        ids = {(m.recipients[0], message_from_bytes(m.data)["Message-ID"]) for m in server.messages}
    assert struck == times
    assert set(received) == {f"r{n}@example.org" for n in range(READERS)}, "a digest was lost"
    assert len(ids) == READERS, "a copy had another Message-ID"
    return sum(received.values()) - READERS


async def on_its_way(server: SmtpServer, work: asyncio.Task[Any]) -> bool:
    """Return when three more mails have been taken, or the round has ended; whether it has."""
    taken = len(server.messages) + 3
    await wait_meanwhile(lambda: len(server.messages) >= taken or work.done())
    return work.done()


async def test_killed_postgresql_backends_lose_nothing_and_repeat_at_most_what_was_in_the_air() -> None:
    kills = 6

    def kill() -> None:
        """All backends but our own, in whatever transaction they are."""
        with store.engine.connect() as db:
            db.execute(
                sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid()")
            )  # fmt: skip

    async def trouble(_: SmtpServer) -> None:
        await asyncio.to_thread(kill)

    with postgres_database() as (_, store):
        assert await delivered_through(store, trouble, kills) <= kills * CONNECTIONS


async def test_a_killed_postgresql_server_in_mid_transaction_loses_nothing_and_the_round_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed between the last statement and the commit; started again while the round waits."""
    kills, killed = size(2, full=6), asyncio.Event()
    monkeypatch.setattr(group_commit, "AGAIN", 0.05)
    server = OwnServer(hold(RUN))
    store = open_store(server.url)
    store.migrate()
    armed = False
    loop = asyncio.get_running_loop()

    def commits(_: object) -> None:
        nonlocal armed
        if armed:
            armed = False
            server.kill()
            loop.call_soon_threadsafe(killed.set)

    async def trouble(_: SmtpServer) -> None:
        nonlocal armed
        killed.clear()
        armed = True
        await killed.wait()
        server.start()

    sa.event.listen(store.engine, "commit", commits)
    try:
        assert await delivered_through(store, trouble, kills) <= kills * CONNECTIONS
        with store.engine.connect() as db:
            assert db.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    finally:
        store.close()
        server.close()


LOCK = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None); db.execute('BEGIN EXCLUSIVE')"


async def test_a_database_that_another_process_locks_for_many_waits_loses_and_repeats_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute of it, with waits that are shorter than ours."""
    monkeypatch.setattr(database, "WAIT", 0.1)
    monkeypatch.setattr(group_commit, "AGAIN", 0.02)
    monkeypatch.setattr(claimed_batch, "RENEW_AGAIN", 0.02)
    store = migrated(sqlite_url(tmp_path))
    waits = Waits(monkeypatch)

    async def trouble(server: SmtpServer) -> None:
        command = [
            sys.executable,
            "-c",
            f"{LOCK}; print('locked', flush=True); sys.stdin.read()",
            str(tmp_path / "digestbot.db"),
        ]
        pipe = asyncio.subprocess.PIPE
        other = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        assert other.stdout is not None
        assert await other.stdout.readline() == b"locked\n"
        before, waited = len(server.messages), waits.count
        await wait_meanwhile(lambda: waits.count >= waited + 3)
        assert len(server.messages) - before <= CONNECTIONS, "without a mark there is no dot"
        await other.communicate(b"")

    assert await delivered_through(store, trouble, 3) == 0
    store.close()


class Waits:
    """Counts what the database refuses."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        in_our_words = database.in_our_words

        def counted(*given: object) -> StoreError:
            self.count += 1
            return in_our_words(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(database, "in_our_words", counted)


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A file system of its own with 8 MB at `folder`; False where we may not have one, as anybody but root."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", folder], check=True)


class Filler:
    """Takes all room of a disk, and gives it back. Where the disk is not ours, what SQLite would say is said."""

    def __init__(self, store: SqlStore, folder: Path, *, really: bool) -> None:
        self._database, self._file, self._really, self._full = folder / "digestbot.db", folder / "filler", really, False
        sa.event.listen(store.engine, "begin", self._begun)

    def _begun(self, _: sa.Connection) -> None:
        if self._full:
            raise sa.exc.OperationalError("BEGIN", {}, sqlite3.OperationalError("database or disk is full"))

    def fill(self) -> None:
        if not self._really:
            self._full = True
            return
        with closing(sqlite3.connect(self._database)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a log that is long already has room
        with self._file.open("wb", buffering=0) as file:
            for block in (1 << 16, 1 << 12, 1):
                with suppress(OSError):
                    while file.write(b"x" * block):
                        pass

    def free(self) -> None:
        self._full = False
        self._file.unlink(missing_ok=True)


async def test_a_disk_without_room_loses_and_repeats_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fills up while mails go out, three times, and has room again."""
    monkeypatch.setattr(group_commit, "AGAIN", 0.02)
    with small_disk(tmp_path / "disk") as really:
        store, waits = migrated(sqlite_url(tmp_path / "disk")), Waits(monkeypatch)
        filler = Filler(store, tmp_path / "disk", really=really)

        async def trouble(server: SmtpServer) -> None:
            await asyncio.to_thread(filler.fill)
            before, waited = len(server.messages), waits.count
            await wait_meanwhile(lambda: waits.count >= waited + 3)
            assert len(server.messages) - before <= CONNECTIONS, "without a mark there is no dot"
            filler.free()

        assert await delivered_through(store, trouble, 3) == 0
        with store.engine.connect() as db:
            assert db.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        store.close()
