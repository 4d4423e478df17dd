"""The contract of slots, digests, shown items and editions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from digestbot.model.digest import Digest
from digestbot.model.paper import PaperId
from digestbot.model.people import SubscriberId
from digestbot.store.contract.rows import (
    Edition,
    ShownItem,
    SlotRow,
)


class Slots(Protocol):
    """Slots, digests, what was shown to whom, and editions."""

    def add_slot(self, row: SlotRow) -> bool:
        """Take a slot; False when this subscriber's slot of this key exists: another process has it.

        A covered slot that was decided later than this one is replaced, because the clock was ahead then.
        """

    def add_slots(self, rows: Sequence[SlotRow]) -> set[tuple[SubscriberId, str]]:
        """`add_slot` for many, each of another subscriber or key; gives (subscriber, key) of those that were taken."""

    def slots_of(self, subscriber: SubscriberId, most: int) -> list[SlotRow]:
        """The newest `most` slots of one subscriber, newest first."""

    def last_slots(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """For each subscriber the `due` of the newest slot that was composed or found empty; a `now:` digest counts.
        Subscribers without one are left out."""

    def last_delivered_slots(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """For each subscriber the `due` of the newest slot that was found empty or whose digest was not released:
        papers up to then were told or are on their way."""

    def released_slots(self, subscriber: SubscriberId) -> set[str]:
        """Keys of the slots whose digest was released."""

    def last_decisions(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """For each subscriber when their newest slot was decided. A slot may be decided long after it was due, and
        what a poll brings after its due time may still be in it."""

    def add_digest(self, digest: Digest) -> int:
        """Store a digest with its items (in the mail, and more) and return its id. Call inside the transaction of
        `add_slot`.

        Raises StoreError when an item (subscriber, paper, kind) exists: a paper once.
        """

    def add_digests(self, digests: Sequence[Digest]) -> list[int]:
        """`add_digest` for many, in one go; their ids, in the same order."""

    def digests_by_id(self, digests: Iterable[int]) -> dict[int, Digest]:
        """Digests as they were composed, with today's texts of their papers. Unknown ids are left out."""

    def digest_of_slot(self, subscriber: SubscriberId, key: str) -> int | None:
        """The id of a slot's digest, or None."""

    def digests_of_paper(self, subscriber: SubscriberId, paper: PaperId) -> list[int]:
        """Ids of the digests that showed this paper to them, oldest first. Released ones are left out."""

    def latest_digests(self, subscribers: Iterable[SubscriberId], most: int) -> dict[SubscriberId, list[Digest]]:
        """The newest `most` digests of each subscriber, newest first. Released ones, and subscribers without digests,
        are left out."""

    def release_digest(self, digest: int) -> list[PaperId]:
        """Give a digest's papers back, so that they may come with the next digest; returns them. The stored digest
        keeps what it showed."""

    def shown_items(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, list[ShownItem]]:
        """Everything each subscriber was shown, in mail or as more, oldest first. Subscribers who were shown nothing
        are left out."""

    def put_edition(self, edition: Edition) -> None:
        """Write an open edition anew, or close it. A closed edition never changes: nothing is written then."""

    def edition_of(self, day: str) -> Edition | None:
        """The edition of a day, or None."""

    def editions_between(self, *, after: datetime, until: datetime) -> list[Edition]:
        """Editions with `closes` in (after, until], oldest first."""

    def edition_days(self) -> list[str]:
        """The days of all editions, the newest first."""

    def latest_editions(self, most: int) -> list[Edition]:
        """The newest `most` editions, newest first, open ones included."""
