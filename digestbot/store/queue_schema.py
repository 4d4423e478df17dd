"""The tables of the queue: procrastinate's own SQL files, run on our connection. It asks us to apply them."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import sqlalchemy as sa

from digestbot.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

PREPARING = 0x64696771  #: the advisory lock of whoever creates or changes the queue's tables
MISSING = "the queue procrastinate needs one more package"
FIX = "pip install 'digestbot[procrastinate]'"
_NOTE = "digestbot: made by procrastinate "  #: comment on its table of jobs, with the newest of its migrations


def prepare_queue(db: Connection) -> None:
    """Create the queue's tables, or bring those of an older procrastinate to this one's. Raises StoreError.

    Each of procrastinate's migrations is a file whose name begins with the version it belongs to. Which of them a database
    has is written down in a comment on its table of jobs, since procrastinate itself does not keep it.
    """
    try:
        folder = resources.files("procrastinate.sql")
    except ModuleNotFoundError as error:
        raise StoreError(MISSING, fix=FIX) from error
    migrations = sorted(one.name for one in (folder / "migrations").iterdir() if one.name.endswith(".sql"))
    if _noted(db) == migrations[-1]:
        return
    db.execute(sa.select(sa.func.pg_advisory_xact_lock(PREPARING)))
    noted = _noted(db)
    if noted == migrations[-1]:
        return
    if noted is None:
        _run(db, (folder / "schema.sql").read_text(encoding="utf-8"))
    for name in migrations if noted else ():
        if noted is not None and name > noted:
            _run(db, (folder / "migrations" / name).read_text(encoding="utf-8"))
    if noted is None or noted < migrations[-1]:  # a newer procrastinate's tables serve an older one's workers
        _run(db, f"COMMENT ON TABLE procrastinate_jobs IS '{_NOTE}{migrations[-1]}'")


def _noted(db: Connection) -> str | None:
    """The newest migration that the tables have; None where there are none. Tables that somebody else has made are taken
    as they are: they are told by having no comment of ours."""
    if db.execute(sa.text("SELECT to_regclass('procrastinate_jobs')")).scalar() is None:
        return None
    said = db.execute(sa.text("SELECT obj_description('procrastinate_jobs'::regclass)")).scalar() or ""
    if not said.startswith(_NOTE):
        raise StoreError(
            "this database has tables of procrastinate that are not digestbot's",
            fix="Give digestbot a database of its own",
        )
    return str(said.removeprefix(_NOTE))


def _run(db: Connection, script: str) -> None:
    """A script of several statements: psycopg takes it only without parameters."""
    driver = db.connection.driver_connection
    assert driver is not None
    driver.execute(script)
