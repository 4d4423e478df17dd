"""Inbox: one mail that came back is read, decided and written, in one transaction and once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.acts.delivery.release import BOUNCED
from digestbot.acts.people.sync import leave_within, stop_deliveries
from digestbot.mail.bounces.decide import (
    COMPLAINED,
    MANY_HARD,
    SOFT_WINDOW,
    ReturnProof,
    decide,
    too_many_hard,
    without_addresses,
)
from digestbot.mail.bounces.mime import LARGEST
from digestbot.mail.bounces.read import read_returned
from digestbot.mail.return_address import claims_in, is_genuine, may_leave, unsubscribe_claim
from digestbot.model import Delivery, State, Subscriber
from digestbot.model.people import UNSUBSCRIBED
from digestbot.model.returned import Effect, ReturnDecision, ReturnedMail, ReturnKind
from digestbot.store import PutAside, ReturnedRow, Stage, Store, Transaction

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
VISITED = "returned mailbox"  #: timestamp of the site
MOST_SET_ASIDE = 200  #: mails that are kept whole; who floods the mailbox does not fill the disk
_SETS_ASIDE = (Effect.SET_ASIDE, Effect.UNPROVEN, Effect.FORGED)
_TOUCHES = (Effect.SUPPRESSED, Effect.PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenReturn:
    """What became of one mail."""

    kind: ReturnKind
    effect: Effect
    subscriber: str = ""  #: ref; "" where the mail proves none
    reason: str = ""
    until: datetime | None = None


def may_visit_mailbox(store: Store, *, every: timedelta, now: datetime) -> bool:
    """Whether nobody has visited the mailbox within `every`, before now. True counts as a visit."""
    with store.transaction() as tx:
        last = tx.site.timestamp(VISITED)
        if last is not None and timedelta(0) <= now - last < every:
            return False
        tx.site.set_timestamp(VISITED, at=now)
    return True


def take_return(store: Store, data: bytes, *, key: bytes, now: datetime) -> TakenReturn:
    """Read one mail and do what it proves. `key` is the site's secret. The same mail again changes nothing.

    Raises StoreError; no mail makes it raise.
    """
    mail, same = _read(data), _identity(data)
    with store.transaction() as tx:
        if tx.returned.is_returned(same):
            return TakenReturn(kind=mail.kind, effect=Effect.KNOWN, reason="was read before")
        taken = _leave(tx, mail, key, now) if mail.kind is ReturnKind.UNSUBSCRIBE else _bounce(tx, mail, same, key, now)
        if mail.kind is ReturnKind.UNSUBSCRIBE:
            tx.returned.add_returned(ReturnedRow(key=same, at=now, kind=mail.kind, effect=taken.effect))
        if taken.effect in _SETS_ASIDE:
            _set_aside(tx, mail, taken, same, data, now)
    log.info(
        "a mail came back: %s, %s%s", taken.kind, taken.effect, f" ({taken.subscriber})" if taken.subscriber else ""
    )
    return taken


def _read(data: bytes) -> ReturnedMail:
    """Parses a mail; one that breaks the parser becomes a mail that a person has to read."""
    try:
        return read_returned(data)
    except Exception:
        log.exception("a mail that came back broke the reader; it is set aside")
        return ReturnedMail(kind=ReturnKind.UNKNOWN)


def take_returns(
    store: Store, mails: Iterable[tuple[bytes, Callable[[], None]]], *, key: bytes, now: datetime
) -> list[TakenReturn]:
    """Takes each of several mails. The second of a pair is called once the mail is stored, to mark it as read."""
    done = []
    for data, mark_read in mails:
        done.append(take_return(store, data, key=key, now=now))
        mark_read()
    return done


def _identity(data: bytes) -> str:
    """A hash of body, Message-ID and Date: the way a mail takes writes other headers into it and changes its line ends."""
    text = data[:LARGEST].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    head, _, body = text.partition(b"\n\n")
    own = [line for line in head.split(b"\n") if line[:11].lower() == b"message-id:" or line[:5].lower() == b"date:"]
    return hashlib.sha256(b"\n".join([*own, body.strip()])).hexdigest()


def _bounce(tx: Transaction, mail: ReturnedMail, same: str, key: bytes, now: datetime) -> TakenReturn:
    delivery, forged = _proof(tx, mail, key)
    address = delivery.address if delivery else ""
    before = tx.returned.count_soft(address, since=now - SOFT_WINDOW) if address else 0
    many = mail.kind is ReturnKind.HARD and _many_hard(tx, now)
    decision = decide(mail, ReturnProof(address=address, forged=forged, soft_before=before, many_hard=many), now=now)
    if many:
        log.error("many hard bounces at once: nobody is suppressed for them. Is a mail server wrong about its users?")
        _forgive(tx, now)
    number = delivery.id if delivery else None
    row = ReturnedRow(
        key=same, at=now, kind=mail.kind, effect=decision.effect, address=address, delivery=number, text=decision.reason
    )
    tx.returned.add_returned(row)
    person = tx.people.find_person(delivery.subscriber) if delivery and delivery.subscriber is not None else None
    if delivery:
        _write(tx, delivery, person, decision, now)
    return TakenReturn(
        kind=mail.kind, effect=decision.effect, subscriber=person.ref if person else "", reason=decision.reason,
        until=decision.until,
    )  # fmt: skip


def _many_hard(tx: Transaction, now: datetime) -> bool:
    """Whether hard bounces of the last day are too many to be the fault of their addresses."""
    hard = tx.returned.count_returned(now - DAY).get((ReturnKind.HARD, Effect.SUPPRESSED.value), 0)
    return too_many_hard(hard=hard, sent=tx.outbox.count_sent_since(now - DAY))


def _forgive(tx: Transaction, now: datetime) -> None:
    """Lift the suppressions that followed from the hard bounces of the last day."""
    rows = tx.returned.latest_returned(MANY_HARD * 2)
    for row in (r for r in rows if r.at >= now - DAY and r.effect == Effect.SUPPRESSED and r.kind is ReturnKind.HARD):
        delivery = tx.outbox.delivery_by_id(row.delivery) if row.delivery is not None else None
        if delivery is None or delivery.subscriber is None:
            continue
        person = tx.people.find_person(delivery.subscriber)
        if person is not None and person.suppressed.startswith(BOUNCED):
            tx.people.lift_suppression(person.email, now=now)


def _write(
    tx: Transaction, delivery: Delivery, person: Subscriber | None, decision: ReturnDecision, now: datetime
) -> None:
    if decision.effect in _TOUCHES:
        if person is None or person.suppressed not in (UNSUBSCRIBED, COMPLAINED):  # what they want comes first
            tx.people.suppress_address(delivery.address, reason=decision.reason, now=now, until=decision.until)
        tx.returned.use_up_soft(delivery.address)
        if person is not None and person.id is not None:
            stop_deliveries(tx, person.id, now)
    if decision.undelivered and delivery.digest is not None and delivery.state is State.SENT:
        tx.slots.release_digest(delivery.digest)


def _proof(tx: Transaction, mail: ReturnedMail, key: bytes) -> tuple[Delivery | None, bool]:
    """(the delivery it is about, was a token forged). A token decides; without one, the Message-ID of the mail.

    A Message-ID is made from the site's data with SHA-256: only servers on the way and the reader know it.
    """
    claims = claims_in(mail.sent_to)
    for claim in claims:
        delivery = tx.outbox.delivery_of_digest(claim.digest) if claim.digest < 1 << 62 else None
        if delivery and delivery.subscriber is not None and is_genuine(claim, key, subscriber=delivery.subscriber):
            return delivery, False
    if claims:
        return None, True
    return (tx.outbox.delivery_by_message_id(mail.original_id) if mail.original_id else None), False


def _leave(tx: Transaction, mail: ReturnedMail, key: bytes, now: datetime) -> TakenReturn:
    """An unsubscribe mail counts by the token in its subject or first line, or as an answer to a mail of ours; From is
    no proof."""
    claim = unsubscribe_claim(mail.subject) or unsubscribe_claim(mail.asks)
    answered = tx.outbox.delivery_by_message_id(mail.original_id) if mail.original_id else None
    if claim is None and answered is None:
        return TakenReturn(
            kind=mail.kind, effect=Effect.SET_ASIDE, reason="asks to be unsubscribed, without the token of our mails"
        )
    person = _claimant(tx, claim, key) if claim else None
    if person is None and answered is not None and answered.subscriber is not None:
        person = tx.people.find_person(answered.subscriber)
    if person is None:
        return TakenReturn(kind=mail.kind, effect=Effect.FORGED, reason="asks to be unsubscribed with a token not ours")
    leave_within(tx, person, now=now)
    return TakenReturn(kind=mail.kind, effect=Effect.LEFT, subscriber=person.ref, reason="unsubscribed by mail")


def _claimant(tx: Transaction, claim: tuple[str, str], key: bytes) -> Subscriber | None:
    """The subscriber whose token this is; None for a token that is not ours."""
    person = tx.people.find_person(claim[0])
    if person is None or person.id is None:
        return None
    return person if may_leave(claim[1], key, subscriber=person.id, epoch=person.token_epoch) else None


def _set_aside(tx: Transaction, mail: ReturnedMail, taken: TakenReturn, same: str, data: bytes, now: datetime) -> None:
    """Puts a mail into quarantine whole, for a person to read, unless too many wait there."""
    if sum(row.stage is Stage.INBOX for row in tx.quarantine.all_items()) >= MOST_SET_ASIDE:
        log.warning("%d returned mails wait to be read: this one is counted, not kept", MOST_SET_ASIDE)
        return
    title = without_addresses(mail.subject) or taken.kind
    row = PutAside(
        stage=Stage.INBOX, subject=f"mail:{same[:16]}", source="", title=title, data=data[:LARGEST],
        error=f"{taken.effect}: {taken.reason}",
    )  # fmt: skip
    tx.quarantine.add_items([row], now=now)


def drop_mails(store: Store, numbers: Collection[int]) -> list[int]:
    """Mails that a person has read leave quarantine; the numbers that were such mails. Nothing else is dropped."""
    with store.transaction() as tx:
        ours = [row.id for row in tx.quarantine.all_items() if row.stage is Stage.INBOX and row.id in numbers]
        tx.quarantine.release_items(ours)
    return ours


def recent_returns(store: Store, most: int) -> list[ReturnedRow]:
    """What came back last, newest first."""
    with store.reading() as tx:
        return tx.returned.latest_returned(most)
