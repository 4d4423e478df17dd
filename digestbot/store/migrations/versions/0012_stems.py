"""Words have other stems: plurals, Greek letters, elisions and initials; the full text is made anew.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Marks every paper; the next search, or the daemon, indexes them again."""
    op.execute(sa.text("UPDATE papers SET indexed = 0"))
