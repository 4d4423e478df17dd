"""Votes: what a person liked and what not; the weight of a topic.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# BIGINT on PostgreSQL; on SQLite only INTEGER PRIMARY KEY counts by itself
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """All topics weighed the same before."""
    op.add_column("topics", sa.Column("weight", sa.Float(), server_default="1", nullable=False))
    op.create_table(
        "votes",
        sa.Column("subscriber", ID, nullable=False),
        sa.Column("paper", ID, nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("via", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"]),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.id"]),
        sa.PrimaryKeyConstraint("subscriber", "paper"),
    )
    op.create_index("votes_paper", "votes", ["paper"], unique=False)
