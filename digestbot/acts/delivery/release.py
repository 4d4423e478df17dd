"""Release: papers of a mail that will not arrive come with the next digest."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from digestbot.acts.delivery.retry_policy import words
from digestbot.acts.delivery.soft_refusals import count_soft_refusals
from digestbot.model import DeliveryResult, Fault, State, SubscriberId
from digestbot.model.mail import RELEASING
from digestbot.store import Transaction

BOUNCED = "hard bounce: "  #: how the reason of a suppression after a refusal begins


def release(tx: Transaction, deliveries: Iterable[int], *, unsure: bool = False) -> None:
    """Free the papers of digests that will not arrive; of those that may have arrived only when `unsure`."""
    for number in deliveries:
        delivery = tx.outbox.delivery_by_id(number)
        if delivery is not None and delivery.digest is not None and (unsure or not delivery.resends):
            tx.slots.release_digest(delivery.digest)


def cancel(tx: Transaction, deliveries: Iterable[int], *, now: datetime, unsure: bool = False) -> list[int]:
    """Take waiting deliveries out of the outbox and free their papers.

    Papers of a second try stay taken, because the first may have arrived, unless a person decides otherwise (`unsure`).
    """
    cancelled = tx.outbox.cancel_deliveries(deliveries, now=now)
    release(tx, cancelled, unsure=unsure)
    return cancelled


def expire_replaced(tx: Transaction, subscribers: Iterable[SubscriberId], *, now: datetime) -> None:
    """Before their new digest is composed: end what still waits of an earlier slot, so that its papers come with it."""
    give_up(tx, tx.outbox.expire_deliveries(now, subscribers), now=now)


def give_up(tx: Transaction, expired: Iterable[int], *, now: datetime) -> None:
    """Mails whose time is over: their papers are free, and a mailbox that took none is counted."""
    expired = list(expired)
    release(tx, expired)
    count_soft_refusals(tx, expired, now=now)


def release_withheld(tx: Transaction, deliveries: Iterable[int]) -> None:
    """Free the papers of deliveries that were cancelled or suppressed between claim and commit."""
    for number in deliveries:
        row = tx.outbox.delivery_by_id(number)
        if row is not None and row.state in (State.CANCELLED, State.SUPPRESSED):
            release(tx, [number])


def settle_refusals(tx: Transaction, results: Collection[DeliveryResult], now: datetime) -> None:
    """In the transaction of the receipt: free papers, suppress addresses that do not exist, count full mailboxes."""
    for result in results:
        if result.state in RELEASING:
            release(tx, [result.delivery])
        if result.state is State.REFUSED and result.receipt.fault is Fault.RECIPIENT:
            row = tx.outbox.delivery_by_id(result.delivery)
            if row is not None:
                tx.people.suppress_address(row.address, reason=f"{BOUNCED}{words(result.receipt)}", now=now)
    mailboxes = [r.delivery for r in results if r.state is State.REFUSED and r.receipt.fault is Fault.MAILBOX]
    count_soft_refusals(tx, mailboxes, now=now)


def forgive_refusals(tx: Transaction, deliveries: Iterable[int], *, now: datetime) -> int:
    """Lift the suppressions that followed from these deliveries; how many."""
    lifted = 0
    for number in deliveries:
        row = tx.outbox.delivery_by_id(number)
        if row is None or row.state is not State.REFUSED or row.subscriber is None:
            continue
        person = tx.people.find_person(row.subscriber)
        if person is not None and person.email == row.address and person.suppressed.startswith(BOUNCED):
            lifted += tx.people.lift_suppression(row.address, now=now)
    return lifted
