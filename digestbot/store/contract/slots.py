"""The contract of slots, digests, shown items and editions."""

from __future__ import annotations

from collections.abc import Iterable
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
        """False when this subscriber's slot of this key is there already: somebody else has it.

        A covered one that was decided later than this one is replaced: the clock was ahead then.
        """

    def slots_of(self, subscriber: SubscriberId, most: int) -> list[SlotRow]:
        """Newest first."""

    def last_slots(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """`due` of each one's newest slot that was composed or found empty; a `now:` digest counts. Who never had one
        is left out."""

    def last_delivered_slots(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """`due` of each one's newest slot that was found empty, or whose digest was not released: what came until then
        has been told, or is on its way."""

    def released_slots(self, subscriber: SubscriberId) -> set[str]:
        """Keys of the slots whose digest was released."""

    def last_decisions(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """When the newest of these slots was decided: what came until then that decision had before it. A slot may be
        decided long after it was due, and what is polled in its own round comes after its due time."""

    def add_digest(self, digest: Digest) -> int:
        """Store it with its items (place mail and more) and give its id. Call inside the transaction of `add_slot`.

        Raises StoreError when an item (subscriber, paper, kind) was there before: a paper once.
        """

    def digests_by_id(self, digests: Iterable[int]) -> dict[int, Digest]:
        """As they were composed; the papers' texts are those of today. Unknown ids are left out."""

    def digest_of_slot(self, subscriber: SubscriberId, key: str) -> int | None:
        """The id of the digest of a slot."""

    def digests_of_paper(self, subscriber: SubscriberId, paper: PaperId) -> list[int]:
        """Ids of the digests that showed them this paper, oldest first; released ones left out."""

    def latest_digests(self, subscribers: Iterable[SubscriberId], most: int) -> dict[SubscriberId, list[Digest]]:
        """The newest digests of each, newest first; released ones left out. Who has none is left out."""

    def release_digest(self, digest: int) -> list[PaperId]:
        """Give its papers back: they may come with the next digest. The stored form keeps what it showed."""

    def shown_items(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, list[ShownItem]]:
        """Everything each has been shown, in mail or as more, oldest first. Who was shown nothing is left out."""

    def put_edition(self, edition: Edition) -> None:
        """Write an open edition anew or close it. A closed one never changes: then nothing is written."""

    def edition_of(self, day: str) -> Edition | None:
        """The edition of a day."""

    def editions_between(self, *, after: datetime, until: datetime) -> list[Edition]:
        """Editions with `closes` in (after, until], oldest first."""

    def latest_editions(self, most: int) -> list[Edition]:
        """Newest first, open ones too."""
