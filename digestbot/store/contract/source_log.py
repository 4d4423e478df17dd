"""What sources said: rows of sources, replies, polls, listing days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Protocol

from digestbot.model.listing import Listing
from digestbot.model.wire import Response
from digestbot.store.contract.rows import (
    Poll,
    SourceRow,
)  # fmt: skip


class SourceLog(Protocol):
    """What sources said: rows of sources, replies, polls, listing days."""

    def sync_sources(self, sources: Sequence[tuple[str, str]]) -> None:
        """(name, kind) of the configuration: missing rows are made, others are kept but no longer listed; a changed
        kind starts over with an empty state."""

    def sources(self) -> list[SourceRow]:
        """Those of the configuration, in its order."""

    def write_source(self, row: SourceRow) -> None:
        """The one write after any poll, whatever its outcome."""

    def add_poll(self, poll: Poll) -> None:
        """A line of the ledger."""

    def polls_of(self, source: str, most: int) -> list[Poll]:
        """Newest first."""

    def first_poll_of(self, source: str) -> datetime | None:
        """When it was polled for the first time, as far as the ledger reaches back."""

    def put_listings(self, rows: Iterable[Listing]) -> None:
        """Lines of listing days; each replaces the one of its source, part and day."""

    def listings(self, *, since: date, source: str = "") -> list[Listing]:
        """Lines of that day and later, of one source or of all; by day, then in the order of the parts' names."""

    def keep_reply(self, source: str, response: Response) -> str:
        """Store a reply (compressed) and give its sha256 in hex; the same bytes of the same source are kept once."""

    def reply(self, source: str, sha: str) -> Response | None:
        """One kept reply."""

    def replies(self) -> Iterator[tuple[str, str, Response]]:
        """(sha, source, response) of all kept replies, oldest first, read one after the other."""

    def delete_expired(self, *, replies: datetime, polls: datetime) -> tuple[int, int]:
        """Replies fetched before, but for each source's newest and those with something in quarantine, and lines of the
        ledger from before, with those of listing days of before; how many replies and polls."""
