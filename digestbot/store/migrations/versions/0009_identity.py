"""Identity: the texts by which papers are found, decisions, and entries that speak of several papers.

Revision ID: 0009
Revises: 0008
"""

import json

import sqlalchemy as sa
from alembic import op

from digestbot.model import Entry
from digestbot.papers.identity.blocking import blocks
from digestbot.papers.identity.decisions import record
from digestbot.store.sql.papers.title_blocks import packed
from digestbot.store.tables.json_codec import loads

revision = "0009"
down_revision = "0008"

# BIGINT on PostgreSQL; on SQLite only INTEGER PRIMARY KEY counts by itself
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHUNK = 1000


def upgrade() -> None:
    """Every mention so far is of an entry that is the paper. Texts are made from the stored entries, titles go as keys."""
    op.add_column("entries", sa.Column("home", ID, nullable=True))
    op.create_table(
        "texts",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("paper", ID, nullable=False),
        sa.Column("data", sa.Text(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"]),
        sa.PrimaryKeyConstraint("number", "paper"),
    )
    op.create_index("texts_paper", "texts", ["paper"], unique=False)
    op.create_table(
        "blocks",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "text"),
        sqlite_with_rowid=False,
    )
    op.create_index("blocks_text", "blocks", ["text"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("entry_a", ID, nullable=False),
        sa.Column("entry_b", ID, nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["entry_a"], ["entries.id"]),
        sa.ForeignKeyConstraint(["entry_b"], ["entries.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "entry_a", "entry_b", name="decisions_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("decisions_a", "decisions", ["entry_a"], unique=False)
    op.create_index("decisions_b", "decisions", ["entry_b"], unique=False)
    _mentions()
    _texts()


def _mentions() -> None:
    """A key of entry and paper: SQLite changes no key in place, so the rows move to a new table."""
    op.create_table(
        "mentions_now",
        sa.Column("entry", ID, nullable=False),
        sa.Column("paper", ID, nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="is", nullable=False),
        sa.Column("named", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["entries.id"]),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"]),
        sa.PrimaryKeyConstraint("entry", "paper"),
    )
    op.execute("INSERT INTO mentions_now (entry, paper, reason) SELECT entry, paper, reason FROM mentions")
    op.drop_table("mentions")
    op.rename_table("mentions_now", "mentions")
    op.create_index("mentions_paper", "mentions", ["paper"], unique=False)


def _texts() -> None:
    db = op.get_bind()
    db.execute(sa.text("DELETE FROM identifiers WHERE scheme = 'title'"))
    wanted = sa.text(
        "SELECT e.id, e.data, m.paper FROM entries e JOIN mentions m ON m.entry = e.id "
        "WHERE e.id > :after ORDER BY e.id LIMIT :most"
    )
    last = -1
    while rows := db.execute(wanted, {"after": last, "most": CHUNK}).all():
        last = rows[-1].id
        found = {(text.number, row.paper): text for row in rows if json.loads(row.data)
                 for text in record(loads(Entry, row.data)).texts}  # fmt: skip
        texts = [{"number": number, "paper": paper, "data": packed(t)} for (number, paper), t in found.items()]
        keys = [
            {"key": key, "text": text.number}
            for text in {t.number: t for t in found.values()}.values()
            for key in blocks(text)
        ]
        if texts:
            add = "INSERT INTO texts (number, paper, data) VALUES (:number, :paper, :data) ON CONFLICT DO NOTHING"
            db.execute(sa.text(add), texts)
            db.execute(sa.text("INSERT INTO blocks (key, text) VALUES (:key, :text) ON CONFLICT DO NOTHING"), keys)
