"""Damage: is the database whole? Asked before what it says is believed."""

from __future__ import annotations

from digestbot.errors import StoreCorrupt
from digestbot.store import Store

_PATIENCE = 1.0  #: seconds: a database of a gigabyte is checked whole by `doctor`
_FIX = "Keep this file, and restore the last backup into a new one: `digestbot restore FILE`"


def refuse_damaged(store: Store, name: str) -> None:
    """Raises StoreCorrupt for a database with a damaged page, although the answer may stand on others."""
    if damage := store.damage(_PATIENCE):
        raise StoreCorrupt(f"the database is damaged: {damage[0].splitlines()[0]}", where=name, fix=_FIX)
