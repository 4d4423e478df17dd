"""Questions about the sources of the store."""

from __future__ import annotations

from collections.abc import Sequence

from digestbot.errors import NotFound
from digestbot.store import SourceRow, Store


def was_polled(store: Store) -> bool:
    """Whether any source was ever polled."""
    with store.reading() as tx:
        return any(row.last_poll for row in tx.source_log.sources())


def source_rows(store: Store) -> dict[str, SourceRow]:
    """How each configured source went, by name."""
    with store.reading() as tx:
        return {row.name: row for row in tx.source_log.sources()}


def checked_names(names: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    """The same names of sources. Raises NotFound for one that is not configured."""
    for name in names:
        if name not in known:
            raise NotFound(f"no source {name!r}", fix=f"known: {', '.join(known) or 'none'}")
    return names
