"""The contract of subscribers, their topics, and suppressed addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from digestbot.model.people import Subscriber, SubscriberId, Topic
from digestbot.store.contract.rows import Suppression


class PlannedSlot(NamedTuple):
    """When somebody's next digest is due, in the place of when it was."""

    subscriber: SubscriberId
    next_slot: datetime
    was: datetime | None


class People(Protocol):
    """Subscribers, their topics, and suppressed addresses."""

    def sync_people(self, subscribers: Sequence[Subscriber], *, now: datetime) -> list[SubscriberId]:
        """Make the stored people those of the configuration, matched by `ref`; returns those whose address changed.

        New people join now. Changed addresses, names, schedules and preferences are taken over; where the schedule or
        zone changed, next_slot becomes None. Topics keep a history: a topic whose name or query changed is in force
        from now on, an unchanged one keeps its `since`. People who are no longer listed become `removed` (the caller
        cancels their waiting deliveries); listed again, they join anew with their history. A pause set by a
        command stays.

        People who subscribed by the page are left alone, unless the configuration lists their address: then it owns
        them. Their row and history become those of the listed `ref` where that is new, else they are removed.
        """

    def add_person(self, subscriber: Subscriber, *, now: datetime) -> SubscriberId:
        """Somebody subscribes by the page: they join now, active and without a planned slot. The removed or left person
        with this address, whoever listed them, joins anew with their history, and keeps their topics where
        `subscriber` has none."""

    def add_people(self, people: Sequence[Subscriber], *, now: datetime) -> list[SubscriberId]:
        """`add_person` for many of different addresses, at once; their ids, in the same order."""

    def statuses_of(self, addresses: Iterable[str]) -> dict[str, str]:
        """For those of these addresses that somebody has who is not removed: what that person is, such as "active"."""

    def change_person(self, subscriber: SubscriberId, wanted: Subscriber, *, now: datetime) -> None:
        """Take over address, settings and topics of a person of the page, as `sync_people` does for listed ones."""

    def erase_person(self, subscriber: SubscriberId, *, now: datetime) -> None:
        """Delete what is kept of a person: address, settings, topics, votes, consents, digests, slots, links. What
        stays is a row without a name, their deliveries without an address, and the hash of the address among the
        suppressions, as ERASED (a tombstone). The caller has stopped their deliveries."""

    def erased_addresses(self, addresses: Iterable[str]) -> set[str]:
        """Those of these addresses whose people had everything deleted."""

    def all_people(self, *, removed: bool = False) -> list[Subscriber]:
        """Stored people in the order they joined, with topics and suppression."""

    def find_person(self, who: str | SubscriberId) -> Subscriber | None:
        """The person with this ref, address (case does not matter) or id; None when there is none."""

    def topics_at(self, subscriber: SubscriberId, at: datetime) -> tuple[Topic, ...]:
        """The topics in force at `at`, in the order they have or last had."""

    def due_people(self, now: datetime, most: int, *, among: range | None = None) -> list[Subscriber]:
        """People who are not removed and whose next_slot has come (<= now), longest due first. `among`: only those whose
        ids are in it."""

    def count_due_people(self, now: datetime) -> int:
        """How many people are not removed and have a next_slot that has come."""

    def due_blocks(self, now: datetime, size: int) -> list[int]:
        """Where somebody's next_slot has come (<= now): the numbers of the blocks of `size` ids, in their order. Block 2
        of 500 has the ids 1000 to 1499."""

    def topics_ended(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """For people whose topics have all ended: when the last one did. Mute topics do not count. Others are left
        out."""

    def people_without_slot(self, most: int | None = None) -> list[Subscriber]:
        """People who are not removed and whose next_slot is None, at most so many."""

    def people_planned_after(self, at: datetime) -> list[Subscriber]:
        """People who are not removed and whose next_slot is later than `at`."""

    def listed_refs(self) -> list[str]:
        """The refs of the configuration's people who are not removed, in the order they joined."""

    def left_refs(self) -> list[str]:
        """The refs of people who left by themselves, in the order they joined."""

    def people_of_refs(self, refs: Iterable[str]) -> list[Subscriber]:
        """The people with these refs, in the order they joined."""

    def plan_slot(self, subscriber: SubscriberId, next_slot: datetime, *, was: datetime | None) -> bool:
        """Set next_slot; False when it is no longer `was`."""

    def plan_slots(self, planned: Iterable[PlannedSlot]) -> set[SubscriberId]:
        """`plan_slot` for many; gives those for whom it was set."""

    def pause_person(self, subscriber: SubscriberId, *, until: datetime | None) -> None:
        """Pause until then (None: until resumed). Removed people and those who left stay so."""

    def resume_person(self, subscriber: SubscriberId) -> None:
        """Make a paused person or one who left active again. Removed people stay removed: only `sync_people` lists
        them again."""

    def mark_left(self, subscriber: SubscriberId) -> None:
        """They unsubscribed: they get no mail, and `sync_people` does not change that while they are listed."""

    def suppress_address(self, address: str, *, reason: str, now: datetime, until: datetime | None = None) -> None:
        """Never mail this address until it is lifted. It is kept as a hash and outlives the subscriber."""

    def suppression_of(self, address: str) -> str:
        """Why this address must not be mailed, whoever has it; "" when it may."""

    def suppressions_of(self, addresses: Iterable[str]) -> dict[str, str]:
        """`suppression_of` for many: those that must not be mailed, and why."""

    def lift_suppression_for(self, address: str, reason: str, *, now: datetime) -> bool:
        """Lift the suppression of this address if this is its reason; False when it is not."""

    def suppressions(self) -> list[Suppression]:
        """Every address that must not be mailed now, oldest first."""

    def hash_of(self, address: str) -> str:
        """What is kept in the place of an address."""

    def suppress_hash(self, email_hash: str, *, reason: str, now: datetime, until: datetime | None = None) -> None:
        """As `suppress_address`, of an address whose hash alone is known."""

    def lift_ended_suppressions(self, now: datetime) -> int:
        """Lift those whose `until` has come; how many."""

    def lift_suppression(self, address: str, *, now: datetime) -> bool:
        """Allow mail to this address again; False when it was not suppressed."""
