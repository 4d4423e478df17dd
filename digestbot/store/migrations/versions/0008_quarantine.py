"""Quarantine: for every step, with the bytes of what broke and how often it was tried.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

# BIGINT on PostgreSQL; on SQLite only INTEGER PRIMARY KEY counts by itself
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OLD = sa.text(
    "SELECT q.entry, q.stage, q.error, q.at, q.at AS last, e.source, e.sha, e.position, 'entry:' || q.entry AS subject"
    " FROM quarantine q JOIN entries e ON e.id = q.entry ORDER BY q.at, q.entry"
)


def upgrade() -> None:
    """What was in quarantine stays in it, with the place of its bytes."""
    before = [dict(row) for row in op.get_bind().execute(OLD).mappings()]
    op.drop_table("quarantine")
    made = op.create_table(
        "quarantine",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("entry", ID, nullable=True),
        sa.Column("paper", ID, nullable=True),
        sa.Column("sha", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["entries.id"]),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("stage", "subject", name="quarantine_once"),
        sqlite_autoincrement=True,
    )
    if made is not None and before:
        op.bulk_insert(made, before)
