"""Why: mute topics, when a slot was decided and what it held back, the site's rules over time; tokens; marks.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# BIGINT on PostgreSQL; on SQLite only INTEGER PRIMARY KEY counts by itself
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """New columns are filled with what was so before: nothing was muted, and nothing held back was written down."""
    op.add_column("topics", sa.Column("mute", sa.Integer(), server_default="0", nullable=False))
    op.add_column("slots", sa.Column("decided", sa.BigInteger(), nullable=True))
    op.add_column("slots", sa.Column("fates", sa.Text(), server_default="{}", nullable=False))
    op.add_column("subscribers", sa.Column("token_epoch", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "site_topics",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("query", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "tokens",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), server_default="", nullable=False),
        sa.Column("subscriber", ID, nullable=False),
        sa.Column("digest", ID, nullable=True),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["digest"], ["digests.id"]),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.id"]),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("tokens_subscriber", "tokens", ["subscriber"], unique=False)
    op.create_index("tokens_digest", "tokens", ["digest"], unique=False)
