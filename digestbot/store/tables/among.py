"""Rows with one of many values.

SQLAlchemy names, renders and binds each value of an IN (…), which takes longer than SQLite needs to find the rows. There all
values go as one JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.store.tables.chunks import chunks

_NUL = "\\u0000"  #: SQLite's JSON ends a text there


def among(db: Connection, column: sa.ColumnElement[Any], values: Iterable[Any]) -> Iterator[sa.ColumnElement[bool]]:
    """Conditions that are asked one after the other and together find the rows with one of these numbers or texts."""
    given = list(values)
    if not given:
        return
    packed = json.dumps(given, ensure_ascii=False) if db.dialect.name == "sqlite" else _NUL
    if _NUL in packed:
        yield from (column.in_(some) for some in chunks(given))
    else:
        yield column.in_(sa.select(sa.func.json_each(packed).table_valued("value").c.value))
