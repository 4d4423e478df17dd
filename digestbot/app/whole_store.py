"""The database as a whole, for backup, restore and the move to PostgreSQL: a SqlStore, and two of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from digestbot.app.wiring import App
from digestbot.errors import StoreError
from digestbot.store.database import SqlStore, open_store


def sql_store(app: App) -> SqlStore:
    """The database with our schema. Raises StoreError for a store that is not in SQL: its tables cannot be copied."""
    if not isinstance(app.database, SqlStore):
        raise StoreError("only a store in SQL is copied as a whole")
    return app.database


@contextmanager
def configured_store(app: App) -> Iterator[SqlStore]:
    """The configured database as it lies there, without the configuration's people and sources; closed at the end."""
    store = open_store(app.config.store.url, root=app.config.root)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def stores_to_move(app: App, url: str) -> Iterator[tuple[SqlStore, SqlStore]]:
    """(the configured database, brought to this version; the database at `url` as it is); both closed at the end."""
    with configured_store(app) as source:
        source.migrate()
        target = open_store(url)
        try:
            yield source, target
        finally:
            target.close()
