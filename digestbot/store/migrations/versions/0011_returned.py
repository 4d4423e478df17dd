"""Mails that came back, and suppressions that end by themselves.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

# BIGINT on PostgreSQL; on SQLite only INTEGER PRIMARY KEY counts by itself
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Suppressions that are there have no end."""
    op.add_column("suppressions", sa.Column("until", sa.BigInteger(), nullable=True))
    op.create_table(
        "returned",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("effect", sa.Text(), server_default="", nullable=False),
        sa.Column("address_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery", ID, nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"]),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("returned_address", "returned", ["address_hash", "at"])
    op.create_index("returned_at", "returned", ["at"])
