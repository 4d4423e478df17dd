"""Databases for tests: SQLite in a file or in memory, and PostgreSQL on one server for the whole run.

The schema is migrated once in a process. Tests get copies of it, or a database that the test before has left empty.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Literal

import pytest
import sqlalchemy as sa
from postgres_server import server_address
from run_folder import hold

from digestbot.store.database import SqlStore, open_store

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"run-{os.getpid()}")  #: what the processes of one run share

_numbers = count()
_idle_in_memory: list[SqlStore] = []  #: closed, and used by no test
_idle: dict[str, SqlStore] = {}  #: PostgreSQL databases with our schema and nothing in them, by their address


def sqlite_url(folder: Path) -> str:
    """A file that is not there yet."""
    return f"sqlite:///{folder / 'digestbot.db'}"


@contextmanager
def empty_store(kind: Literal["memory", "sqlite", "postgresql"], folder: Path) -> Iterator[SqlStore]:
    """A store with our schema and nothing in it: in memory, in a file of `folder`, or on the run's server."""
    if kind == "postgresql":
        with postgres_database() as (_, store):
            yield store
    elif kind == "memory":
        store = _idle_in_memory.pop() if _idle_in_memory else open_store("sqlite://")
        _fill(store)
        yield SqlStore(store.engine, store.name)
        store.close()  # with its only connection the database is gone; the statements that SQLAlchemy compiled stay
        _idle_in_memory.append(store)
    else:
        store = migrated(sqlite_url(folder))
        yield store
        store.close()


def migrated(url: str) -> SqlStore:
    """A SQLite store with our schema, copied from the first unless the file has one already; close it."""
    if url != "sqlite://" and not (path := Path(url.removeprefix("sqlite:///"))).exists():
        lay_schema(path)
    store = open_store(url)
    if url == "sqlite://":
        _fill(store)
    return store


def _fill(store: SqlStore) -> None:
    with _driver(store) as db:
        db.deserialize(_sqlite_schema())


def lay_schema(file: Path) -> None:
    """Write the database that a first start would make: where a test is not about it, it need not wait for it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_sqlite_schema())


@cache
def _sqlite_schema() -> bytes:
    store = open_store("sqlite://")
    store.migrate()
    with _driver(store) as db:
        schema = db.serialize()
    store.close()
    return schema


@contextmanager
def _driver(store: SqlStore) -> Iterator[sqlite3.Connection]:
    connection = store.engine.raw_connection()
    assert isinstance(connection.driver_connection, sqlite3.Connection)
    yield connection.driver_connection
    connection.close()


@contextmanager
def postgres_database() -> Iterator[tuple[str, SqlStore]]:
    """The address of an empty database with our schema, and its store; afterwards another test gets them."""
    if not _idle:
        url = empty_postgres()
        store = open_store(url)
        store.migrate()
    else:
        url, store = _idle.popitem()
    yield url, SqlStore(store.engine, store.name)
    if _emptied(store):
        _idle[url] = store
    else:
        store.close()


@contextmanager
def store_url(kind: Literal["sqlite", "postgresql"], root: Path | None = None) -> Iterator[str]:
    """What a configuration says of an empty store: a file below its root, or a database of the run's server.

    The file is there when `root` is given, else a first start makes it.
    """
    if kind == "sqlite":
        if root:
            lay_schema(root / "var" / "digestbot.db")
        yield "sqlite:///var/digestbot.db"
    else:
        with postgres_database() as (url, _):
            yield url


def empty_postgres() -> str:
    """The address of a database without any table. Skips where there is no server, fails in CI."""
    server = _server()
    if server.startswith("no PostgreSQL"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(server)
    engine = sa.create_engine(server.replace("://", "+psycopg://"), isolation_level="AUTOCOMMIT")
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with engine.connect() as db:
        db.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.replace("/postgres?", f"/{name}?")


@cache
def _server() -> str:
    """The address of the run's server, or why there is none."""
    try:
        return server_address(hold(RUN))
    except Exception as error:  # whatever a machine lacks: the package, a user to switch to, memory
        return f"no PostgreSQL: {type(error).__name__}: {error}"


#: of our tables only those that have rows, for each costs a new file; of the sequences those that were used
_EMPTY = """
DO $$ DECLARE name text; used text := ''; found boolean; BEGIN
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables
              WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO found;
    IF found THEN used := used || ', ' || name; END IF;
  END LOOP;
  IF used <> '' THEN EXECUTE 'TRUNCATE ' || substr(used, 3) || ' CASCADE'; END IF;
  PERFORM setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL;
END $$
"""


def _emptied(store: SqlStore) -> bool:
    """Delete all rows. False when a transaction that the test left open holds a table."""
    try:
        with store.engine.begin() as db:
            db.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            db.exec_driver_sql(_EMPTY)
    except sa.exc.OperationalError:
        return False
    return True
