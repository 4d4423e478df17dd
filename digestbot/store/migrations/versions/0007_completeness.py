"""Completeness: what was old when it came, and the listing days of each source: expected and got.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Nothing that is stored was old as it came; which days were complete before now nobody wrote down."""
    op.add_column("entries", sa.Column("old", sa.Integer(), server_default="0", nullable=False))
    op.add_column("papers", sa.Column("old", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "listings",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="filling", nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("got", sa.Text(), server_default="[]", nullable=False),
        sa.Column("equal_polls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=True),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("checked", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("source", "part", "day"),
    )
