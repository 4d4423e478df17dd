"""What a round asks the store finds its rows by an index: nothing grows with the years that are stored.

Both databases are asked how they would run each statement of a played round. PostgreSQL is told that reading a whole table
is dear: of a table with three rows it would read all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from databases import empty_store

from digestbot.acts.delivery.deliver import deliver
from digestbot.acts.digests.feed_files import publish_people
from digestbot.acts.digests.news import publish_news
from digestbot.acts.site.settings import FeedSettings
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.model import ReadStatus
from digestbot.store import Poll
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, subscriber
from digestbot.testing.site import TestSite, by_smtp, delivery_client
from digestbot.testing.smtp_server import SmtpServer

#: what is kept for years; people, sources, leases and marks are few
HISTORY = (
    "entries papers identifiers mentions signals paper_events slots digests digest_items deliveries receipts polls responses "
    "texts blocks tokens votes"
).split()
Asked = dict[str, Any]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with empty_store(request.param, tmp_path) as store:
        yield store


async def played_round(store: SqlStore, folder: Path) -> None:
    office = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(3)])
    press = FeedSettings(site="Papers", zone="UTC", path=folder / "feeds")
    for _ in range(2):
        office.papers(1, 2, 3, signals={"upvotes": 3})
        with store.transaction() as tx:
            tx.source_log.add_poll(Poll(source="daily", at=office.now, status=ReadStatus.OK, got=3))
        publish_news(store, press, now=office.now)
        publish_news(store, press, now=office.now)
        update_search_index(store)
    office.dispatch(NOW)
    async with SmtpServer() as server:
        await deliver(delivery_client(office, by_smtp(server.port)))
    publish_people(store, press, [office.person("r0")])


def whole_tables(db: sa.Connection, statement: str, given: Any) -> list[str]:
    """The tables of the history that the database would read from end to end."""
    if db.dialect.name == "sqlite":
        plan = [row[3] for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
        found = [m[1] for line in plan if (m := re.match(r"SCAN (\w+)(?! USING)", line))]
    else:
        plan = [row[0] for row in db.exec_driver_sql(f"EXPLAIN {statement}", given)]
        found = [m[1] for line in plan if (m := re.search(r"Seq Scan on (\w+)", line))]
    named = {alias: table for table, alias in re.findall(r"(\w+) AS (\w+)", statement)}
    return [table for one in found if (table := named.get(one, one)) in HISTORY]


async def test_no_statement_of_a_round_reads_a_whole_table_of_the_history(store: SqlStore, tmp_path: Path) -> None:
    asked: Asked = {}

    def note(_: object, __: object, statement: str, given: Any, *___: object) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            asked.setdefault(statement, given[0] if isinstance(given, list) else given)

    sa.event.listen(store.engine, "before_cursor_execute", note)
    await played_round(store, tmp_path)
    sa.event.remove(store.engine, "before_cursor_execute", note)
    assert len(asked) > 60
    with store.engine.connect() as db:
        if db.dialect.name == "postgresql":
            db.exec_driver_sql("SET LOCAL enable_seqscan = off")
        whole = {one: tables for one, given in asked.items() if (tables := whole_tables(db, one, given))}
    assert not whole, "\n\n".join(f"{tables}: {statement}" for statement, tables in whole.items())
