"""What waits is found without looking at what is done: entries without a paper, deliveries in their order.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """A mark on waiting entries, the indexes by which claims and people find their rows; a place nobody read goes."""
    op.add_column("entries", sa.Column("waiting", sa.Integer(), server_default="1", nullable=False))
    op.execute(
        "UPDATE entries SET waiting = 0"
        " WHERE id IN (SELECT entry FROM mentions) OR id IN (SELECT entry FROM quarantine)"
    )
    op.drop_index("entries_first_seen", "entries")
    op.create_index("entries_waiting", "entries", ["waiting", "first_seen", "id"], unique=False)
    op.drop_index("deliveries_state_next", "deliveries")
    op.create_index("deliveries_state_next", "deliveries", ["state", "next_at", "id"], unique=False)
    op.create_index("deliveries_subscriber", "deliveries", ["subscriber"], unique=False)
    op.drop_column("subscribers", "position")
