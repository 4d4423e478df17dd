"""When a service last answered about a paper; and for those that had fallen when they came, that they did.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Papers that came withdrawn or retracted had no event, so who imported one later was not told."""
    op.add_column("enrichments", sa.Column("asked", sa.BigInteger(), nullable=True))
    for standing in ("retracted", "withdrawn"):
        op.execute(
            sa.text(
                "INSERT INTO paper_events (paper, kind, key, at, note) "
                "SELECT p.id, :standing, :standing, p.first_seen, :standing FROM papers p "
                "WHERE p.merged_into IS NULL AND p.data LIKE :said AND NOT EXISTS "
                "(SELECT 1 FROM paper_events e WHERE e.paper = p.id AND e.kind = :standing)"
            ).bindparams(standing=standing, said=f'%"standing":"{standing}"%')
        )
