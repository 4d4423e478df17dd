"""People who subscribe by the page, what they confirm by mail, what they agreed to, and curators' picks.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

# BIGINT on PostgreSQL; on SQLite only INTEGER PRIMARY KEY counts by itself
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def upgrade() -> None:
    """Everybody so far came from a file."""
    op.add_column("subscribers", _text("origin", "file"))
    op.add_column("subscribers", sa.Column("feed_epoch", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "confirmations",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        _text("purpose"),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        _text("address"),
        _text("address_hash"),
        _text("network"),
        sa.Column("subscriber", ID, nullable=True),
        _text("wishes", "{}"),
        _text("consent"),
        _text("state", "asked"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("delivery", ID, nullable=True),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"]),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("nonce"),
        sa.UniqueConstraint("token"),
        sqlite_autoincrement=True,
    )
    op.create_index("confirmations_address", "confirmations", ["address_hash", "at"], unique=False)
    op.create_index("confirmations_network", "confirmations", ["network", "at"], unique=False)
    op.create_index("confirmations_at", "confirmations", ["at"], unique=False)
    op.create_index("confirmations_state", "confirmations", ["state", "id"], unique=False)
    op.create_index("confirmations_delivery", "confirmations", ["delivery"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("subscriber", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _text("version"),
        _text("text"),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("consents_subscriber", "consents", ["subscriber"], unique=False)
    op.create_table(
        "picks",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("paper", ID, nullable=False),
        _text("by"),
        _text("why"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"]),
        sa.PrimaryKeyConstraint("day", "paper"),
    )
    op.create_index("picks_paper", "picks", ["paper"], unique=False)
