"""The contract of the quarantine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import PaperId
from digestbot.store.contract.rows import PutAside, StoredEntry


class Quarantine(Protocol):
    """What broke a step, until a retry succeeds."""

    def add_items(self, rows: Iterable[PutAside], *, now: datetime) -> None:
        """Store items, one for each stage and subject; a known one counts one more try and gets the newest error,
        reply and bytes."""

    def all_items(self) -> list[PutAside]:
        """All items, oldest first, without `data`."""

    def item(self, number: int) -> PutAside | None:
        """One item with its `data`, or None."""

    def release_items(self, numbers: Iterable[int]) -> None:
        """Delete items from quarantine."""

    def count_items(self) -> int:
        """How many items there are."""

    def entry(self, entry: int) -> StoredEntry | None:
        """A stored entry, or None."""

    def retry_entries(self, entries: Iterable[int]) -> None:
        """Let entries be resolved once more."""

    def paper_of(self, entry: int) -> PaperId | None:
        """The paper an entry belongs to; None while it belongs to none."""
