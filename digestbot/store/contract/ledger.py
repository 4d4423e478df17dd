"""The contract of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from digestbot.model.listing import Listing
from digestbot.model.wire import Response
from digestbot.store.contract.rows import (
    Poll,
    SourceRow,
)  # fmt: skip


class Ledger(Protocol):
    """Sources, the site's rules, replies, polls, leases, marks."""

    def sync_sources(self, sources: Sequence[tuple[str, str]]) -> None:
        """(name, kind) of the configuration: missing rows are made, others are kept but no longer listed; a changed
        kind starts over with an empty state."""

    def sync_topics(self, rules: Mapping[str, str], *, now: datetime) -> None:
        """The site's rules, name → query, are these from now on; a changed one begins now."""

    def topics_at(self, at: datetime) -> dict[str, str]:
        """The site's rules in force at `at`."""

    def mark(self, name: str, *, at: datetime) -> None:
        """Remember a moment of the whole store under a name; a later one replaces it."""

    def marked(self, name: str) -> datetime | None:
        """That moment; None when there was none."""

    def sources(self) -> list[SourceRow]:
        """Those of the configuration, in its order."""

    def write_source(self, row: SourceRow) -> None:
        """The one write after any poll, whatever its outcome."""

    def add_poll(self, poll: Poll) -> None:
        """A line of the ledger."""

    def polls(self, source: str, most: int) -> list[Poll]:
        """Newest first."""

    def first_poll(self, source: str) -> datetime | None:
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

    def forget(self, *, replies: datetime, polls: datetime) -> tuple[int, int]:
        """Replies fetched before, but for each source's newest and those with something in quarantine, and lines of the
        ledger from before, with those of listing days of before; how many replies and polls."""

    def take(self, name: str, *, owner: str, now: datetime, lease: timedelta) -> datetime | None:
        """A named lease (a host's turn, the daemon's place). None: it is yours until now + lease (also when it was
        yours already). Otherwise the instant at which it is worth asking again."""

    def give_back(self, name: str, *, owner: str, next_at: datetime) -> None:
        """Not before `next_at` for the next one. Nothing happens when it is not `owner`'s."""

    def postpone(self, name: str, *, until: datetime) -> None:
        """Nobody takes it before `until` (Retry-After); an earlier instant changes nothing."""

    def holder(self, name: str, now: datetime) -> str:
        """Who has it; "" when nobody has."""

    def breaker(self, server: str) -> tuple[int, datetime | None]:
        """(failures in a row, closed to us until) of a mail server."""

    def set_breaker(self, server: str, *, failures: int, open_until: datetime | None) -> None:
        """After a failure or a success."""
