"""Entries and papers are packed; the full text holds no copy of its words.

Revision ID: 0021
Revises: 0020
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection

from digestbot.store.tables.packing import pack

revision = "0021"
down_revision = "0020"

AT_ONCE = 1000  #: rows read and written at once


def upgrade() -> None:
    """A million entries take some minutes. The room that comes free is used again; `VACUUM` would give it to the disk."""
    db = op.get_bind()
    for table in ("entries", "papers"):
        _pack(db, table)
    if db.dialect.name == "sqlite":
        _leave_copies_out()


def _pack(db: Connection, table: str) -> None:
    """`data` as it was goes to a column of its own name, and leaves with it."""
    empty = "X''" if db.dialect.name == "sqlite" else "''"
    op.execute(f"ALTER TABLE {table} RENAME COLUMN data TO said")
    op.add_column(table, sa.Column("data", sa.LargeBinary(), nullable=False, server_default=sa.text(empty)))
    rows = sa.text(f"SELECT id, said FROM {table} WHERE id > :last ORDER BY id LIMIT {AT_ONCE}")  # noqa: S608  names of ours
    write = sa.text(f"UPDATE {table} SET data = :data WHERE id = :id").bindparams(  # noqa: S608
        sa.bindparam("data", type_=sa.LargeBinary())
    )
    last = -1
    while some := db.execute(rows, {"last": last}).all():
        db.execute(write, _packed(some))
        last = some[-1].id
    op.execute(f"ALTER TABLE {table} DROP COLUMN said")


def _packed(rows: Sequence[sa.Row[tuple[int, str]]]) -> list[dict[str, object]]:
    return [{"id": row.id, "data": pack(row.said)} for row in rows]


def _leave_copies_out() -> None:
    """What FTS5 knows is taken over as it is: indexing papers again would take longer."""
    op.execute(
        "CREATE VIRTUAL TABLE fulltext_new"
        " USING fts5(title, abstract, others, tokenize='ascii', columnsize=0, content='')"
    )
    op.execute(
        "INSERT INTO fulltext_new (rowid, title, abstract, others)"
        " SELECT rowid, title, abstract, others FROM fulltext ORDER BY rowid"
    )
    op.execute("DROP TABLE fulltext")
    op.execute("ALTER TABLE fulltext_new RENAME TO fulltext")
