"""The contract of the quarantine; it stands with the others in `store.Transaction`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import PaperId
from digestbot.store.contract.rows import PutAside, StoredEntry


class Quarantine(Protocol):
    """What broke a step, until a retry succeeds."""

    def add_items(self, rows: Iterable[PutAside], *, now: datetime) -> None:
        """One row for each stage and subject: a known one has one more try, its newest error, reply and bytes."""

    def all_items(self) -> list[PutAside]:
        """Oldest first; without `data`."""

    def item(self, number: int) -> PutAside | None:
        """Whole."""

    def release_items(self, numbers: Iterable[int]) -> None:
        """No longer in quarantine."""

    def count_items(self) -> int:
        """How many rows."""

    def entry(self, entry: int) -> StoredEntry | None:
        """A stored entry, with what it said."""

    def retry_entries(self, entries: Iterable[int]) -> None:
        """Entries wait to be resolved once more."""

    def paper_of(self, entry: int) -> PaperId | None:
        """The paper an entry belongs to; None while it belongs to none."""
