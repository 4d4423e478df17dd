"""Status: what happened, what comes next, and why somebody got no mail. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digestbot.model import Delivery, State, Subscriber
from digestbot.model.mail import WAITING
from digestbot.store import SlotRow, SourceRow, Store, Transaction

WHY = {
    "no_match": "new papers came, none matched",
    "nothing_new": "no new paper came",
    "paused": "paused",
    "suppressed": "the address must not be mailed",
    "covered": "covered by a later digest",
}  #: a slot's reason in plain words
AFTER = {
    State.SENT: "sent",
    State.PENDING: "waits to be sent",
    State.CLAIMED: "being sent now",
    State.COMMITTING: "being sent now",
    State.DEFERRED: "not accepted yet, will be tried again",
    State.REFUSED: "refused by the mail server",
    State.UNKNOWN: "handed over, but no answer came",
    State.EXPIRED: "given up: its papers come with the next digest",
    State.CANCELLED: "cancelled",
    State.SUPPRESSED: "the address must not be mailed",
}  #: a delivery's state in plain words


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonStatus:
    """One subscriber: the last slot, what became of it, and the next."""

    subscriber: Subscriber
    last: SlotRow | None
    delivery: Delivery | None
    answer: str  #: in plain words: why (no) mail came

    @property
    def sent(self) -> int:
        """Papers of the last slot that reached them."""
        return self.last.chosen if self.last and self.delivery and self.delivery.state is State.SENT else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything at one moment."""

    at: datetime
    people: tuple[PersonStatus, ...]
    sources: tuple[SourceRow, ...]
    new: dict[str, int]  #: papers first seen in the last 24 hours, by source
    waiting: tuple[Delivery, ...]
    counts: dict[State, int]
    sent_today: int
    entries: int
    papers: int
    daemon: str  #: who runs as daemon; "" when nobody does

    @property
    def troubled(self) -> tuple[SourceRow, ...]:
        """Sources that did not give what they should."""
        return tuple(s for s in self.sources if s.status is not None and s.status.failed)


def status(store: Store, *, now: datetime, day_start: datetime) -> Status:
    """How everything stands. `day_start`: when today began where the operator lives, aware UTC."""
    with store.reading() as tx:
        entries, papers = tx.papers.counts()
        return Status(
            at=now,
            people=tuple(_person(tx, s) for s in tx.people.all()),
            sources=tuple(tx.ledger.sources()),
            new=tx.papers.new_by_source(day_start, now),
            waiting=tuple(tx.outbox.list((*WAITING, State.CLAIMED, State.COMMITTING, State.UNKNOWN), most=50)),
            counts=tx.outbox.counts(),
            sent_today=tx.outbox.sent_since(day_start),
            entries=entries,
            papers=papers,
            daemon=tx.ledger.holder("daemon", now),
        )


def _person(tx: Transaction, subscriber: Subscriber) -> PersonStatus:
    assert subscriber.id is not None  # stored people have one
    last = next((row for row in tx.slots.history(subscriber.id, 10) if row.state != "covered"), None)
    delivery = None
    if last is not None and last.state == "composed":
        digest = tx.slots.digest_of(subscriber.id, last.key)
        delivery = tx.outbox.of_digest(digest) if digest is not None else None
    return PersonStatus(subscriber=subscriber, last=last, delivery=delivery, answer=answer(subscriber, last, delivery))


def answer(subscriber: Subscriber, last: SlotRow | None, delivery: Delivery | None) -> str:
    """Why this person got a mail or got none, in plain words. Pure."""
    if subscriber.suppressed:
        return f"not mailed: {subscriber.suppressed}"
    if subscriber.status == "paused":
        return f"paused until {subscriber.paused_until:%d %b}" if subscriber.paused_until else "paused until resumed"
    if last is None:
        return "the first digest is still to come"
    if last.state == "composed":
        said = AFTER[delivery.state] if delivery else "composed"
        heard = delivery.last.text if delivery and delivery.last and delivery.state is not State.SENT else ""
        return f"{said}: {heard}" if heard else said
    return WHY.get(last.reason or last.state, last.reason or last.state)
