"""Copying: everything of one database into another, table by table, whatever the two are."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.errors import StoreError
from digestbot.store.tables import schema as t

CHUNK = 1000  #: rows read and written at once


def copy(source: Connection, target: Connection, heard: Callable[[int], None] = lambda _: None) -> int:
    """Every row of `source` into the empty `target`, both of our schema; how many. Raises StoreError when not empty."""
    for table in t.metadata.sorted_tables:
        if target.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise StoreError(
                "the database has something in it already", where=f"table {table.name}",
                fix="Choose an empty one: another store.url, or move the old file away",
            )  # fmt: skip
    count = 0
    for table in t.metadata.sorted_tables:
        rows = source.execution_options(yield_per=CHUNK).execute(sa.select(table))
        for some in rows.partitions(CHUNK):
            target.execute(sa.insert(table), [dict(row._mapping) for row in some])
            count += len(some)
            heard(count)
        count_on(target, table)
    target.execute(sa.update(t.papers).values(indexed=0))  # the full text stays behind: it is made again
    return count


def count_on(target: Connection, table: sa.Table) -> None:
    """PostgreSQL's counters do not follow ids that were given; SQLite's do."""
    if target.dialect.name != "postgresql" or "id" not in table.c:
        return
    highest = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0)).scalar_subquery()
    counter = sa.func.pg_get_serial_sequence(table.name, "id")
    target.execute(sa.select(sa.func.setval(counter, highest + 1, False)))
