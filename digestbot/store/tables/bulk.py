"""Many rows of one INSERT.

SQLAlchemy turns the values of each row one by one, which takes longer than SQLite needs to write them. Here the statement
is compiled once, and the driver gets the rows as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection


def write_rows(db: Connection, statement: sa.Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute `statement` for each row; all rows have the same columns."""
    if not rows:
        return
    if db.dialect.name != "sqlite":  # psycopg has a protocol of its own for many rows
        db.execute(statement, rows)
        return
    compiled: Any = statement.compile(dialect=db.dialect, column_keys=list(rows[0]))
    fixed = [(name, compiled.params[name]) for name in compiled.positiontup]  # some values are the statement's own
    if len(fixed) > 1 and all(name in rows[0] for name, _ in fixed):
        values = list(map(itemgetter(*compiled.positiontup), rows))
    else:
        values = [tuple([row.get(name, said) for name, said in fixed]) for row in rows]
    for at, turn in _turns(compiled, statement.table.c):
        values = [(*row[:at], turn(row[at]), *row[at + 1 :]) for row in values]
    db.exec_driver_sql(compiled.string, values)


def write_and_read(
    db: Connection, statement: sa.Insert, rows: Sequence[Mapping[str, Any]], *told: sa.Column[Any]
) -> Sequence[sa.Row[Any]]:
    """`write_rows` into a table whose `id` only grows; the columns `told` of the rows it made, in any order.

    SQLite has one writer, so what has a higher id than the last before is ours: reading that back takes less than
    RETURNING, for which SQLAlchemy binds each value of each row by name.
    """
    if db.dialect.name != "sqlite":
        return db.execute(statement.returning(*told), rows).all() if rows else []
    number = statement.table.c.id
    last = db.execute(sa.select(sa.func.coalesce(sa.func.max(number), 0))).scalar_one()
    write_rows(db, statement, rows)
    return db.execute(sa.select(*told).where(number > last)).all()


def _turns(compiled: Any, columns: Any) -> Iterator[tuple[int, Callable[[Any], Any]]]:
    """The places of a statement whose values are no plain ones, each with what turns them into such."""
    for at, name in enumerate(compiled.positiontup):
        kind = columns[name].type.dialect_impl(compiled.dialect) if name in columns else None
        if kind is not None and (turn := kind.bind_processor(compiled.dialect)) is not None:
            yield at, turn
