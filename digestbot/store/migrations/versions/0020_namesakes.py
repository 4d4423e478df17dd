"""People whom topics follow by name, and what was said of papers by their namesakes.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

# BIGINT on PostgreSQL; on SQLite only INTEGER PRIMARY KEY counts by itself
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing was said so far; whom a topic follows is read from the configuration by the next command."""
    op.add_column("topics", sa.Column("follows", sa.Text(), server_default="[]", nullable=False))
    op.create_table(
        "namesakes",
        sa.Column("subscriber", ID, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("paper", ID, nullable=False),
        sa.Column("same", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"]),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.id"]),
        sa.PrimaryKeyConstraint("subscriber", "person", "paper"),
    )
    op.create_index("namesakes_paper", "namesakes", ["paper"])
