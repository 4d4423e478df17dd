"""The contract of the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from digestbot.model.mail import Delivery, DeliveryResult, Receipt, State
from digestbot.model.people import SubscriberId


class Outbox(Protocol):
    """Deliveries on their way out. The states and moves are `model.mail.MOVES`."""

    def add_delivery(self, delivery: Delivery) -> int:
        """A new row (its id is given by the store); message_id is unique: raises StoreError when it is there."""

    def add_deliveries(self, deliveries: Sequence[Delivery]) -> list[int]:
        """`add_delivery` for many, in one go; their ids, in the same order."""

    def delivery_by_id(self, delivery: int) -> Delivery | None:
        """One row with its last receipt."""

    def delivery_by_message_id(self, message_id: str) -> Delivery | None:
        """The delivery of a mail, by its Message-ID with angle brackets."""

    def delivery_of_digest(self, digest: int) -> Delivery | None:
        """The delivery of a digest."""

    def claim_deliveries(
        self, most: int, *, owner: str, now: datetime, lease: timedelta, unfallen: bool = False
    ) -> list[Delivery]:
        """Up to `most` rows that wait (pending or deferred, next_at <= now < expires), each for one caller only; they
        are `claimed` by `owner` until now + lease. The lower lane first, in a lane the longest due first. `unfallen`:
        only rows at which the server has never failed."""

    def renew_leases(self, ids: Iterable[int], *, owner: str, until: datetime) -> None:
        """A longer lease for rows that `owner` has claimed or is committing: an answer to the dot may take ten minutes."""

    def commit_deliveries(self, ids: Iterable[int], *, owner: str, now: datetime) -> set[int]:
        """claimed → committing for those rows that are still `owner`'s and whose address is not suppressed and whose
        subscriber is neither removed nor paused, checked in the same statement; gives the ids that moved.
        Rows of suppressed addresses become suppressed, those of removed or paused people cancelled.
        Durable when it returns, also over a power cut."""

    def finish_deliveries(self, results: Iterable[DeliveryResult], *, owner: str, now: datetime) -> set[int]:
        """Write the results of rows that are `owner`'s; gives the ids that moved.

        The receipt is kept; deferred costs an attempt, pending none; `fell` counts; `give_up` shortens `expires`.
        """

    def give_back_deliveries(self, ids: Iterable[int], *, owner: str, now: datetime) -> None:
        """Rows still claimed by `owner` that were not tried → pending, at no cost and in their old place."""

    def take_back_from(self, owner: str, *, now: datetime) -> tuple[int, int]:
        """`owner` is gone: its claimed rows wait again, its committing rows become unknown; how many of each."""

    def overdue_owners(self, now: datetime) -> list[str]:
        """Owners with rows claimed or committing whose lease is over."""

    def owners(self) -> list[str]:
        """All owners of claimed or committing rows."""

    def resend_unknown(self, *, before: datetime, now: datetime) -> list[int]:
        """unknown since before `before` and never resent → pending, once (resends + 1), at its place in the queue and
        with at least 28 hours to be sent in, so that a cap per day that is used up does not end it; the ids."""

    def expire_deliveries(self, now: datetime, subscribers: Iterable[SubscriberId] | None = None) -> list[int]:
        """Waiting rows whose `expires` has come, of all people or of these → expired; the ids.

        The second try of an unknown one becomes unknown again instead: the first may have arrived.
        """

    def queue_places(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """Since when each waits whose newest delivery expired; the others are left out."""

    def cancel_deliveries(self, ids: Iterable[int], *, now: datetime) -> list[int]:
        """Waiting or unknown rows → cancelled; the ids that moved."""

    def retry_deliveries(self, ids: Iterable[int], *, now: datetime) -> list[int]:
        """Deferred, unknown or pending rows → pending and due at once, by hand; the ids that moved."""

    def bring_forward(self, ids: Iterable[int], *, now: datetime) -> None:
        """Waiting rows are due now; one that would expire later than two days from now expires then."""

    def readdress_deliveries(self, subscriber: SubscriberId, address: str) -> int:
        """What waits for them, pending or deferred, goes to their new address; how many."""

    def hold_all_as_unknown(self, *, now: datetime) -> int:
        """All rows that wait or are in somebody's hand become unknown and are not resent by themselves; how many.

        After a restore: whether they were sent since the backup, nobody knows.
        """

    def delete_receipts(self, before: datetime) -> int:
        """Receipts from before of rows that have ended, but for each row's last one; how many."""

    def list_deliveries(
        self, states: Iterable[State] | None = None, *, most: int = 100, subscriber: SubscriberId | None = None
    ) -> list[Delivery]:
        """Rows, newest first, with their last receipt."""

    def awaited_by_removed(self) -> list[SubscriberId]:
        """Removed people for whom a mail still waits."""

    def count_by_state(self) -> dict[State, int]:
        """How many rows are in each state."""

    def count_sent_since(self, since: datetime) -> int:
        """Deliveries accepted since then."""

    def count_towards_cap(self, since: datetime) -> int:
        """Deliveries accepted since then, and those in anybody's hand: what a cap per day has to count before a claim.

        Nobody else counts until the transaction ends, so that two workers never claim the same rest.
        """

    def count_due(self, now: datetime) -> int:
        """Rows that wait and may be tried at `now`."""

    def longest_waiting(self, before: datetime, *, most: int = 100) -> list[Delivery]:
        """Rows that wait since before `before`, the longest first."""

    def last_answers(self, most: int, *, since: datetime | None = None) -> list[tuple[int, Receipt]]:
        """(delivery, receipt) of the last mails that were taken or refused for good, newest first."""

    def next_due(self, now: datetime) -> datetime | None:
        """When the next waiting row is due."""
