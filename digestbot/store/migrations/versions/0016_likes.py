"""Topics that are made of papers instead of a rule.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Topics that are there have a rule."""
    op.add_column("topics", sa.Column("likes", sa.Text(), server_default="[]", nullable=False))
    op.add_column("topics", sa.Column("threshold", sa.Float(), server_default="0.8", nullable=False))
