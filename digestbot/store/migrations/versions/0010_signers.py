"""Blocks: whose each text is, so that of a crowd only those are read that some of the same people may have signed.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """What was filed before may be anybody's until it is filed again."""
    op.add_column("blocks", sa.Column("signers", sa.BigInteger(), server_default="-1", nullable=False))
