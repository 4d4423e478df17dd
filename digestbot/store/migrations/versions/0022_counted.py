"""Which papers the full text knows by no words but their own.

Revision ID: 0022
Revises: 0021
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """What was indexed before may have been indexed more than once. Papers of long ago are counted no more, and stay as they
    are: of more than a hundred days before the newest, in microseconds. What a clock that was ahead has dated is no measure."""
    now = int(datetime.now(UTC).timestamp() * 1_000_000)
    again = sa.text(
        "UPDATE papers SET indexed = CASE indexed WHEN 0 THEN -1 ELSE 2 END"
        " WHERE first_seen > (SELECT max(first_seen) FROM papers WHERE first_seen <= :now) - 8640000000000"
    )
    op.execute(again.bindparams(sa.bindparam("now", now, sa.BigInteger)))
