"""Full text: which papers are in it, and the database's own index.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """No paper is in it yet: the next round, or the first search, puts them there."""
    op.add_column("papers", sa.Column("indexed", sa.Integer(), server_default="0", nullable=False))
    op.create_index("papers_indexed", "papers", ["indexed", "id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE fulltext USING fts5(title, abstract, others, tokenize='ascii', columnsize=0)")
    else:
        op.execute("CREATE TABLE fulltext (paper BIGINT PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX fulltext_words ON fulltext USING gin (words)")
