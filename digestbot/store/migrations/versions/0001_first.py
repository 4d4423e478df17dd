"""The first tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# BIGINT on PostgreSQL; on SQLite only INTEGER PRIMARY KEY counts by itself
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Everything from sources to outbox."""
    op.create_table(
        "editions",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("closes", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("items", sa.Text(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_index("editions_closes", "editions", ["closes"], unique=False)
    op.create_table(
        "entries",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("native_key", sa.Text(), server_default="", nullable=False),
        sa.Column("content_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("sha", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "native_key", "content_hash", name="entries_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("entries_first_seen", "entries", ["first_seen"], unique=False)
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "papers",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("merged_into", ID, nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("papers_first_seen", "papers", ["first_seen"], unique=False)
    op.create_index("papers_merged_into", "papers", ["merged_into"], unique=False)
    op.create_table(
        "polls",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("run", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("got", sa.Integer(), server_default="0", nullable=False),
        sa.Column("new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problems", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("polls_source_at", "polls", ["source", "at"], unique=False)
    op.create_table(
        "responses",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sha", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Integer(), server_default="0", nullable=False),
        sa.Column("headers", sa.Text(), server_default="{}", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fetched", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "sha"),
    )
    op.create_table(
        "servers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("open_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "sources",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("listed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="{}", nullable=False),
        sa.Column("validators", sa.Text(), server_default="{}", nullable=False),
        sa.Column("moved", sa.Text(), server_default="{}", nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("next_poll", sa.BigInteger(), nullable=True),
        sa.Column("last_poll", sa.BigInteger(), nullable=True),
        sa.Column("last_ok", sa.BigInteger(), nullable=True),
        sa.Column("newest", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("email_key", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("schedule", sa.Text(), server_default="", nullable=False),
        sa.Column("time_zone", sa.Text(), server_default="", nullable=False),
        sa.Column("preferences", sa.Text(), server_default="{}", nullable=False),
        sa.Column("joined", sa.BigInteger(), nullable=False),
        sa.Column("next_slot", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ref"),
        sqlite_autoincrement=True,
    )
    op.create_index("subscribers_email_key", "subscribers", ["email_key"], unique=False)
    op.create_index("subscribers_next_slot", "subscribers", ["next_slot"], unique=False)
    op.create_table(
        "suppressions",
        sa.Column("email_hash", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("lifted", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("email_hash"),
    )
    op.create_table(
        "digests",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("subscriber", ID, nullable=False),
        sa.Column("key", sa.Text(), server_default="", nullable=False),
        sa.Column("composed", sa.BigInteger(), nullable=False),
        sa.Column("released", sa.Integer(), server_default="0", nullable=False),
        sa.Column("form", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"],
            ["subscribers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subscriber", "key", name="digests_once"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "identifiers",
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("paper", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["paper"],
            ["papers.id"],
        ),
        sa.PrimaryKeyConstraint("scheme", "value", "paper"),
    )
    op.create_index("identifiers_paper", "identifiers", ["paper"], unique=False)
    op.create_table(
        "mentions",
        sa.Column("entry", ID, nullable=False),
        sa.Column("paper", ID, nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["entries.id"],
        ),
        sa.ForeignKeyConstraint(
            ["paper"],
            ["papers.id"],
        ),
        sa.PrimaryKeyConstraint("entry"),
    )
    op.create_index("mentions_paper", "mentions", ["paper"], unique=False)
    op.create_table(
        "paper_events",
        sa.Column("paper", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper"],
            ["papers.id"],
        ),
        sa.PrimaryKeyConstraint("paper", "kind", "key"),
    )
    op.create_index("paper_events_at", "paper_events", ["at"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("entry", ID, nullable=False),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["entries.id"],
        ),
        sa.PrimaryKeyConstraint("entry"),
    )
    op.create_table(
        "signals",
        sa.Column("paper", ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["paper"],
            ["papers.id"],
        ),
        sa.PrimaryKeyConstraint("paper", "source", "kind", "at"),
    )
    op.create_table(
        "slots",
        sa.Column("subscriber", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("covered_by", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("matched", sa.Integer(), server_default="0", nullable=False),
        sa.Column("chosen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("run", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"],
            ["subscribers.id"],
        ),
        sa.PrimaryKeyConstraint("subscriber", "key"),
    )
    op.create_index("slots_subscriber_due", "slots", ["subscriber", "due"], unique=False)
    op.create_table(
        "topics",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("subscriber", ID, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("query", sa.Text(), server_default="", nullable=False),
        sa.Column("limit", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber"],
            ["subscribers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("topics_subscriber", "topics", ["subscriber"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), server_default="digest", nullable=False),
        sa.Column("digest", ID, nullable=True),
        sa.Column("subscriber", ID, nullable=True),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("address_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("resends", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'claimed', 'committing', 'sent', 'deferred', 'refused', 'unknown', 'expired', 'cancelled', 'suppressed')",
            name="deliveries_state",
        ),
        sa.ForeignKeyConstraint(
            ["digest"],
            ["digests.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subscriber"],
            ["subscribers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("deliveries_digest", "deliveries", ["digest"], unique=False)
    op.create_index("deliveries_state_next", "deliveries", ["state", "next_at"], unique=False)
    op.create_table(
        "digest_items",
        sa.Column("subscriber", ID, nullable=False),
        sa.Column("paper", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", ID, nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("place", sa.Text(), server_default="mail", nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("topic", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["digest"],
            ["digests.id"],
        ),
        sa.ForeignKeyConstraint(
            ["paper"],
            ["papers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subscriber"],
            ["subscribers.id"],
        ),
        sa.PrimaryKeyConstraint("subscriber", "paper", "kind"),
    )
    op.create_index("digest_items_digest", "digest_items", ["digest"], unique=False)
    op.create_index("digest_items_paper", "digest_items", ["paper"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("delivery", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("enhanced", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"],
            ["deliveries.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("receipts_at", "receipts", ["at"], unique=False)
    op.create_index("receipts_delivery", "receipts", ["delivery"], unique=False)
