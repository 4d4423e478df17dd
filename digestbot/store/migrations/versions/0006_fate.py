"""Fate: events say what changed; what is looked up at other services to complete and follow papers.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

# BIGINT on PostgreSQL; on SQLite only INTEGER PRIMARY KEY counts by itself
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Of earlier events nobody wrote down what changed: their note is empty."""
    op.add_column("paper_events", sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "enrichments",
        sa.Column("paper", ID, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"]),
        sa.PrimaryKeyConstraint("paper", "provider"),
    )
    op.create_index("enrichments_due", "enrichments", ["provider", "state", "next_at"], unique=False)
