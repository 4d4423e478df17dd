"""Lanes, falls, who is at fault, and why a breaker is open.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

# BIGINT on PostgreSQL; on SQLite only INTEGER PRIMARY KEY counts by itself
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Rows that are there are digests."""
    op.add_column("deliveries", sa.Column("lane", sa.Integer(), server_default="1", nullable=False))
    op.add_column("deliveries", sa.Column("falls", sa.Integer(), server_default="0", nullable=False))
    op.drop_index("deliveries_state_next", "deliveries")
    op.create_index("deliveries_state_next", "deliveries", ["state", "lane", "next_at", "id"])
    op.add_column("receipts", sa.Column("fault", sa.Text(), server_default="", nullable=False))
    op.add_column("servers", sa.Column("fault", sa.Text(), server_default="", nullable=False))
    op.add_column("servers", sa.Column("text", sa.Text(), server_default="", nullable=False))
    op.add_column("servers", sa.Column("since", sa.BigInteger(), nullable=True))
    op.add_column("servers", sa.Column("suspect", ID, nullable=True))
