"""Topics of which only the best of a week or a month comes.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Topics that are there bring everything as it comes."""
    op.add_column("topics", sa.Column("best", sa.Text(), server_default="", nullable=False))
