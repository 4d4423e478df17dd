"""Rows that are written in bulk are the rows that SQLAlchemy writes one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from digestbot.store.tables import schema as t
from digestbot.store.tables.bulk import write_and_read, write_rows
from digestbot.store.tables.upsert import insert

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
PEOPLE = [{"email_hash": f"{n}", "reason": "by hand", "since": NOW, "until": None if n % 2 else NOW} for n in range(5)]
PLACES = [{"key": n, "text": 7, "signers": 3 - n} for n in range(3)]


def upserted() -> Any:
    adding = insert(sa.create_engine("sqlite://").connect(), t.blocks)
    changed = {"signers": adding.excluded.signers}
    return adding.on_conflict_do_update(index_elements=["key", "text"], set_=changed, where=t.blocks.c.signers == 2)


@pytest.mark.parametrize(
    ("table", "statement", "rows"),
    [(t.suppressions, sa.insert(t.suppressions), PEOPLE), (t.blocks, upserted(), PLACES), (t.blocks, upserted(), [])],
)
def test_rows_in_bulk_are_the_rows_of_single_statements(
    table: sa.Table, statement: Any, rows: list[dict[str, Any]]
) -> None:
    found = []
    for bulk in (True, False):
        engine = sa.create_engine("sqlite://")
        table.metadata.create_all(engine)
        with engine.begin() as db:
            if table is t.blocks:
                db.execute(sa.insert(table), [{"key": 0, "text": 7, "signers": 9}, {"key": 1, "text": 7, "signers": 2}])
            if bulk:
                write_rows(db, statement, rows)
            for row in [] if bulk else rows:
                db.execute(statement, row)
            found.append(sorted(map(tuple, db.execute(sa.select(table))), key=repr))
    assert found[0] == found[1]
    assert len(found[0]) == (len(PEOPLE) if table is t.suppressions else max(2, len(rows)))


def test_what_was_made_is_told_and_what_was_there_is_not() -> None:
    engine = sa.create_engine("sqlite://")
    t.metadata.create_all(engine)
    e = t.entries.c
    rows = [{"source": "a", "native_key": str(n), "first_seen": NOW, "data": b""} for n in range(4)]
    with engine.begin() as db:
        adding = insert(db, t.entries).on_conflict_do_nothing()
        assert not write_and_read(db, adding, [], e.id)
        first = write_and_read(db, adding, rows[1:3], e.native_key, e.id)
        again = write_and_read(db, adding, rows, e.native_key, e.id)
        kept = set(map(tuple, db.execute(sa.select(e.native_key, e.id))))
    assert {row.native_key for row in first} == {"1", "2"}
    assert {row.native_key for row in again} == {"0", "3"}
    assert {*map(tuple, first), *map(tuple, again)} == kept
