"""Backends of PostgreSQL are killed while mails go out; then the mails are counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from email import message_from_bytes

import pytest
import sqlalchemy as sa
from databases import postgres_database
from processes import wait_meanwhile

from digestbot.acts.delivery.deliver import deliver
from digestbot.errors import StoreError
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, subscriber
from digestbot.testing.site import TestSite, by_smtp, delivery_client, settled
from digestbot.testing.smtp_server import Faults, SmtpServer

READERS, CONNECTIONS, KILLS = 40, 4, 6


def kill_backends(store: SqlStore) -> None:
    """All but our own, in whatever transaction they are."""
    with store.engine.connect() as db:
        db.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )  # fmt: skip


@pytest.mark.slow
async def test_killed_postgresql_backends_lose_nothing_and_repeat_at_most_what_was_in_the_air() -> None:
    with postgres_database() as (_, store):
        site = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(READERS)])
        site.papers(1)
        site.dispatch(NOW)
        async with SmtpServer(Faults(delay=0.004)) as server:
            for round_ in range(KILLS + 12):
                client = delivery_client(
                    site, by_smtp(server.port, connections=CONNECTIONS), settled(unknown_after=timedelta(0))
                )
                work = asyncio.create_task(deliver(client))
                if round_ < KILLS:
                    taken = len(server.messages) + 3
                    await wait_meanwhile(lambda: len(server.messages) >= taken or work.done())  # noqa: B023  # waited for here
                    await asyncio.to_thread(kill_backends, store)
                try:
                    async with asyncio.timeout(60):
                        await work
                except StoreError:
                    pass  # a round that ends loudly; the next one begins
                site.now += timedelta(minutes=16)
                if round_ >= KILLS and set(site.states()) <= {"sent", "unknown"}:
                    break
            received = Counter(m.recipients[0] for m in server.messages)
            ids = {(m.recipients[0], message_from_bytes(m.data)["Message-ID"]) for m in server.messages}
        assert set(received) == {f"r{n}@example.org" for n in range(READERS)}, "a digest was lost"
        assert len(ids) == READERS, "a copy had another Message-ID"
        assert sum(received.values()) - READERS <= KILLS * CONNECTIONS
