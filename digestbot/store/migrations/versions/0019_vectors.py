"""What the sentence encoder makes of a paper.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

# BIGINT on PostgreSQL; on SQLite only INTEGER PRIMARY KEY counts by itself
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing is encoded so far."""
    op.create_table(
        "vectors",
        sa.Column("paper", ID, nullable=False),
        sa.Column("encoder", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("paper"),
    )
