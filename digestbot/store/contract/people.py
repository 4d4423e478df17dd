"""The contract of subscribers, their topics, and suppressed addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from digestbot.model.people import Subscriber, SubscriberId, Topic


class People(Protocol):
    """Subscribers, their topics, and addresses we must not mail."""

    def sync_people(self, subscribers: Sequence[Subscriber], *, now: datetime) -> list[SubscriberId]:
        """Make the stored people those of the configuration, matched by `ref`; who has another address now.

        New ones join now. Changed addresses, names, schedules and preferences are taken over; where schedule or zone
        changed, next_slot becomes None. Topics have history: a topic whose name or query changed is in force since
        now, an unchanged one keeps its `since`. People who are no longer listed become `removed` (and their waiting
        deliveries cancelled by the caller); listed again, they are active again with their history. A pause set by
        command stays.
        """

    def all_people(self, *, removed: bool = False) -> list[Subscriber]:
        """Stored people in the order they joined, complete with topics and suppression."""

    def find_person(self, who: str | SubscriberId) -> Subscriber | None:
        """By ref, by address (case does not matter) or by id."""

    def topics_at(self, subscriber: SubscriberId, at: datetime) -> tuple[Topic, ...]:
        """The topics in force at `at`, in the order they have (or last had)."""

    def due_people(self, now: datetime, most: int) -> list[Subscriber]:
        """People whose next_slot has come (<= now) and who are not removed, longest due first."""

    def topics_ended(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """When the last topic, mute ones aside, of each one that ended did so. Who never had one is left out."""

    def people_without_slot(self) -> list[Subscriber]:
        """People who are not removed and whose next_slot is None."""

    def people_planned_after(self, at: datetime) -> list[Subscriber]:
        """People who are not removed and whose next_slot is later than `at`."""

    def plan_slot(self, subscriber: SubscriberId, next_slot: datetime, *, was: datetime | None) -> bool:
        """Set next_slot; False when it is no longer `was`."""

    def pause_person(self, subscriber: SubscriberId, *, until: datetime | None) -> None:
        """Paused until then (None: until resumed). Who is removed or has left stays so."""

    def resume_person(self, subscriber: SubscriberId) -> None:
        """Active again, from paused or left. Who is removed stays so: only `sync_people` lists them again."""

    def mark_left(self, subscriber: SubscriberId) -> None:
        """They unsubscribed: not mailed, and `sync_people` does not change that while they are listed."""

    def suppress_address(self, address: str, *, reason: str, now: datetime, until: datetime | None = None) -> None:
        """Never mail this address until lifted; kept as a hash, outlives the subscriber.

        With `until` it ends by itself (`lift_ended_suppressions`); such a one never replaces one that has no end.
        """

    def lift_ended_suppressions(self, now: datetime) -> int:
        """Lift those whose `until` has come; how many."""

    def lift_suppression(self, address: str, *, now: datetime) -> bool:
        """Mail it again; False when it was not suppressed."""
