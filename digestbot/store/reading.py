"""Opening a database only to read it: nothing is written, whoever asks and whoever owns the files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from digestbot.errors import StoreCorrupt, StoreError, StoreUnreachable
from digestbot.store.database import WAIT, SqlStore, open_store, refuse_emptied

MOST_COPIED = 1_000_000_000  #: bytes of a database that is copied for a question


def open_to_read(url: str, *, root: Path) -> SqlStore:
    """Open a database without writing to it. Raises StoreError where that cannot be done.

    A SQLite file in a folder that we may not write is read as it lies on the disk, without the files beside it.
    """
    if not url.startswith("sqlite:///"):
        return open_store(url, root=root)
    path = root / url.removeprefix("sqlite:///")
    refuse_emptied(path)
    for how in ("mode=ro", "mode=ro&immutable=1"):
        store = _engine(path, how)
        try:
            store.current_revision()
            return store
        except StoreCorrupt:
            store.close()
            raise
        except StoreError:
            store.close()
    raise StoreUnreachable(
        "the database cannot be read", where=str(path), fix="Ask as the user whose it is, or as one of its group"
    )


def copy_aside(url: str, *, root: Path) -> SqlStore:
    """A copy of the database that is gone at its end, brought to our schema; an empty one when there is none. The file
    stays as it is.

    Raises StoreError for a database that is too large, damaged, or no file.
    """
    copy = open_store("sqlite:")
    path = root / url.removeprefix("sqlite:///")
    if not url.startswith("sqlite:///"):
        raise StoreError("only a file is copied")
    if path.exists():
        refuse_emptied(path)
        if path.stat().st_size > MOST_COPIED:
            raise StoreError(
                "the database is too large to be copied for a question",
                where=str(path),
                fix="Run `digestbot tick` once",
            )
        _copy(path, copy)
    copy.migrate()
    return copy


def _copy(path: Path, copy: SqlStore) -> None:
    for how in ("mode=ro", "mode=ro&immutable=1"):
        try:
            with (
                closing(sqlite3.connect(_uri(path, how), uri=True, timeout=WAIT)) as source,
                copy.engine.connect() as target,
            ):
                source.backup(target.connection.driver_connection)  # type: ignore[arg-type]  # it is sqlite3's
            return
        except sqlite3.Error as error:
            why = error
    raise StoreUnreachable(f"the database cannot be read: {why}", where=str(path))


def _engine(path: Path, how: str) -> SqlStore:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(_uri(path, how), timeout=WAIT, check_same_thread=False, uri=True)

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.QueuePool)

    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA query_only=ON")

    @sa.event.listens_for(engine, "begin")
    def begun(db: sa.engine.Connection) -> None:
        db.exec_driver_sql("BEGIN")

    return SqlStore(engine, str(path))


def _uri(path: Path, how: str) -> str:
    return f"file:{quote(str(path.resolve()))}?{how}"
