"""The hash by which an entry is known again, and its number where a source says once more what it had said before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from digestbot.model import Entry
from digestbot.store.tables.json_codec import dumps

_NOT_ITS_OWN: Final = frozenset({"signals", "serial"})  #: of an entry: what others do to it


def content_hash(entry: Entry, data: str) -> str:
    """Hash of an entry without its votes and its neighbours, which change without the entry changing. `data`: all of it."""
    own = dumps(entry, leave_out=_NOT_ITS_OWN) if entry.signals or entry.serial else data
    return hashlib.sha256(own.encode()).hexdigest()[:32]


def numbered_hash(known: Mapping[tuple[str, str], int], key: str, hashed: str) -> str:
    """The same hash, or one of its own for an entry that says what was said before the newest of its key: `…-2`.

    `known` are the ids of stored entries by native key and hash; ids rise.
    """
    of_key = {stored: number for (native, stored), number in known.items() if native == key}
    same = [stored for stored in of_key if stored.partition("-")[0] == hashed]
    newest = max(of_key, key=lambda stored: of_key[stored], default=hashed)
    if not same or newest in same:
        return newest if same else hashed
    return f"{hashed}-{len(same) + 1}"
