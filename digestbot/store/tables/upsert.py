"""INSERT … ON CONFLICT, which both dialects spell alike but SQLAlchemy keeps apart."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection


def insert(db: Connection, table: sa.Table) -> sqlite.Insert:
    """An insert with on_conflict_do_nothing and on_conflict_do_update."""
    return insert_for(db.dialect.name, table)


def insert_for(dialect: str, table: sa.Table) -> sqlite.Insert:
    """The same by the dialect's name, for statements that are made once and kept."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # takes a while to import

    # the two classes share these methods but no base that has them: typed as one of them
    return postgresql.insert(table)  # type: ignore[return-value]
