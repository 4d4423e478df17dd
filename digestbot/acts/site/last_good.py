"""The last good configuration: the texts of its files, kept in the store for questions asked while the files are broken."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from digestbot.acts.site.marks import LAST_GOOD
from digestbot.store import Note, Store

Texts = Sequence[tuple[str, str]]


def keep_last_good(store: Store, texts: Texts, *, now: datetime) -> None:
    """Keep these texts, when they are others than those kept."""
    kept = last_good(store)
    if kept is not None and is_same(kept, texts):
        return
    with store.transaction() as tx:
        tx.site.set_note(LAST_GOOD, at=now, text=json.dumps([list(one) for one in texts]))


def last_good(store: Store) -> Note | None:
    """The note with the kept texts; None when none were kept."""
    with store.reading() as tx:
        return tx.site.note(LAST_GOOD)


def is_same(kept: Note, texts: Texts) -> bool:
    """Whether these texts are the kept ones, whatever their files are called from where we stand."""
    return [text for _, text in texts_of(kept)] == [text for _, text in texts]


def texts_of(kept: Note) -> list[tuple[str, str]]:
    """(name, text) of each file."""
    return [(name, text) for name, text in json.loads(kept.text)]
