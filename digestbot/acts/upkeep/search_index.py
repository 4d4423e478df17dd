"""Search index: the full text of every paper that is new or has changed is indexed, in small transactions."""

from __future__ import annotations

from collections.abc import Callable

from digestbot.store import Store

AT_ONCE = 500  #: papers indexed in one transaction: other writers do not wait long


def update_search_index(store: Store, on_progress: Callable[[int], None] = lambda _: None) -> int:
    """Index every paper that is new or has changed since the last call; the number of them.

    `on_progress` is called after each transaction with the number so far. Writes nothing when the index is up to date.
    """
    done = 0
    with store.reading() as tx:
        if not tx.full_text.is_behind():
            return 0
    while True:
        with store.transaction() as tx:
            new = tx.full_text.index_papers(AT_ONCE)
        if not new:
            return done
        done += new
        on_progress(done)
