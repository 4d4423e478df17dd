"""[store]: where everything is kept, and who does the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from digestbot.settings.config import StoreConfig

QUEUE = "procrastinate"


def read_store(values: Mapping[str, Any], tell: Callable[[str, str], None]) -> StoreConfig:
    """[store] with its defaults. The queue stands in the database, and only PostgreSQL has one."""
    store = StoreConfig(**values)
    if store.queue == QUEUE and store.url.startswith("sqlite"):
        tell(
            "queue",
            f'"{QUEUE}" needs PostgreSQL: write url = "postgresql://user@host/name", or queue = "local" with SQLite',
        )
    return store
