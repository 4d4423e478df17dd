"""Release: papers of a mail that will not arrive come with the next digest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from digestbot.model import Outcome, Receipt, State
from digestbot.model.mail import RELEASING
from digestbot.store import Transaction

DEAD_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.10"})  #: RFC 3463 and 7505: no such mailbox, domain, or mail
Result = tuple[int, State, Receipt, datetime | None]  #: (delivery, its new state, what the server said, when again)


def release(tx: Transaction, deliveries: Iterable[int], *, unsure: bool = False) -> None:
    """Papers of digests that will not arrive come with the next one; of those that may have arrived only `unsure`."""
    for number in deliveries:
        delivery = tx.outbox.delivery_by_id(number)
        if delivery is not None and delivery.digest is not None and (unsure or not delivery.resends):
            tx.slots.release_digest(delivery.digest)


def cancel(tx: Transaction, deliveries: Iterable[int], *, now: datetime, unsure: bool = False) -> list[int]:
    """Take waiting deliveries out of the outbox; their papers are free again.

    Those of a second try stay taken, because the first may have arrived, unless a person decides otherwise (`unsure`).
    """
    cancelled = tx.outbox.cancel_deliveries(deliveries, now=now)
    release(tx, cancelled, unsure=unsure)
    return cancelled


def after_withholding(tx: Transaction, deliveries: Iterable[int]) -> None:
    """Whose reader pauses, or takes no mail any more, since it was claimed: its papers come when they want mail again."""
    for number in deliveries:
        row = tx.outbox.delivery_by_id(number)
        if row is not None and row.state in (State.CANCELLED, State.SUPPRESSED):
            release(tx, [number])


def after_refusals(tx: Transaction, results: Iterable[Result], now: datetime) -> None:
    """In the same transaction as the receipt: papers are released, dead addresses suppressed."""
    for delivery, state, receipt, _ in results:
        if state in RELEASING:
            release(tx, [delivery])
        if state is State.REFUSED and receipt.enhanced in DEAD_ADDRESS:
            row = tx.outbox.delivery_by_id(delivery)
            if row is not None:
                tx.people.suppress_address(row.address, reason=f"hard bounce: {words(receipt)}", now=now)


def words(receipt: Receipt) -> str:
    """What the server said of a mail it did not take, and where; "" of one it took."""
    if receipt.outcome is Outcome.ACCEPTED:
        return ""
    code = f"{receipt.code} " if receipt.code else ""
    return f"{receipt.stage}: {code}{receipt.text}".strip(": ")
