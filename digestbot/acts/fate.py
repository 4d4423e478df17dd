"""Fate: write down what happened to a paper when an entry changed it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from digestbot.model import Paper, PaperId
from digestbot.papers.compose import carries
from digestbot.papers.events import Happening, happened
from digestbot.store import Event, StoredEntry, Transaction

_LONG_KNOWN = ("accepted", "journal", "code")


def tell(
    tx: Transaction,
    paper: PaperId,
    before: Paper | None,
    after: Paper,
    entries: Sequence[StoredEntry],
    fresh: Collection[int],
) -> int:
    """Record what follows from the change; how many new versions that were (0 or 1).

    `entries` are all of the paper's, `fresh` the ids of those that made the change. An event counts from when its entry
    was seen: what a restored database learns again is not younger than the restore.
    """
    new = [entry for entry in entries if entry.id in fresh]
    if before is None or not new:
        return 0
    at = max(entry.seen for entry in new)
    first_look = _is_first_look(entries, fresh)
    return sum(
        tx.papers.add_event(Event(paper=paper, kind=h.kind, key=h.key, at=at, note=h.note)) and h.kind == "version"
        for h in happened(before, after)
        if not (first_look and _long_known(h, before, after))
    )


def _is_first_look(entries: Sequence[StoredEntry], fresh: Collection[int]) -> bool:
    """Was the paper only looked up, for the first time? Then much may have been so before, and nobody had asked."""
    asked_before = {entry.source for entry in entries if entry.id not in fresh}
    return all(not carries(entry.source) and entry.source not in asked_before for entry in entries if entry.id in fresh)


def _long_known(happening: Happening, before: Paper, after: Paper) -> bool:
    """What a first look says of the version we knew may have stood there from the beginning."""
    newer = before.version is not None and after.version is not None and after.version > before.version
    return happening.kind in _LONG_KNOWN and not newer
