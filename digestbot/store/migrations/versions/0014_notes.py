"""Named timestamps carry a text: the last good configuration, what a clock showed, which people are doubted.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Adds an empty text to what is there."""
    op.add_column("marks", sa.Column("note", sa.Text(), server_default="", nullable=False))
