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
        """Make the listed sources those of the configuration, (name, kind) in its order. Other rows stay but are no
        longer listed; a source whose kind changed starts over with an empty state."""

    def sources(self) -> list[SourceRow]:
        """The listed sources, in the configuration's order."""

    def write_source(self, row: SourceRow) -> None:
        """Write a source's row; the one write after any poll, whatever its outcome."""

    def add_poll(self, poll: Poll) -> None:
        """Add one poll to the log."""

    def polls_of(self, source: str, most: int) -> list[Poll]:
        """The newest `most` polls of a source, newest first."""

    def newest_poll(self) -> int:
        """The number of the newest line of the log; 0 when there is none. Later lines have higher numbers."""

    def polls_brought(self, after: int) -> bool:
        """Did a poll behind this number bring anything that was not known byte for byte?"""

    def first_poll_of(self, source: str) -> datetime | None:
        """When a source was first polled, as far back as the log reaches; None when it never was."""

    def put_listings(self, rows: Iterable[Listing]) -> None:
        """Write rows of listing days; each replaces the row of its source, part and day."""

    def listings(self, *, since: date, source: str = "") -> list[Listing]:
        """Listing days from `since` on, of one source or of all, by day and then by the name of the part."""

    def keep_reply(self, source: str, response: Response) -> str:
        """Store a reply (compressed) and return its sha256 in hex. The same bytes of the same source are stored once."""

    def reply(self, source: str, sha: str) -> Response | None:
        """One kept reply, or None."""

    def replies(self) -> Iterator[tuple[str, str, Response]]:
        """(sha, source, response) of all kept replies, oldest first, one in memory at a time."""

    def delete_expired(self, *, replies: datetime, polls: datetime) -> tuple[int, int]:
        """Delete replies fetched before `replies`, except each source's newest and those with something in
        quarantine, and polls and listing days before `polls`; returns how many replies and polls."""
