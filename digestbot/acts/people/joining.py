"""Joining: what was asked for is confirmed by the button of the page that the mail leads to. GET looks, POST does."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from digestbot.acts.people.asking import MOVED, Wishes, consent_version, joined_as, names
from digestbot.acts.people.sync import leave_within
from digestbot.acts.site.signing_up import VALID, SignupSettings
from digestbot.mail.link_tokens import hashed
from digestbot.model import Subscriber
from digestbot.model.people import ERASED, UNSUBSCRIBED
from digestbot.store import Confirmation, Consent, Store, Transaction

MINUTE = timedelta(minutes=1)
log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What the link of a confirmation mail is for, and what became of it."""

    SUBSCRIBE = "subscribe"  #: waits for the button
    SUBSCRIBED = "subscribed"
    LEAVE = "leave"
    LEFT = "left"
    MOVE = "move"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a link opened."""

    outcome: Outcome
    address: str
    language: str
    topics: tuple[str, ...] = ()
    schedule: str = ""
    zone: str = ""
    subscriber: Subscriber | None = None


def look(store: Store, settings: SignupSettings, token: str, *, now: datetime) -> Opened | None:
    """What the link is for; None for one that opens nothing. Changes nothing."""
    with store.reading() as tx:
        asked = tx.confirmations.find_confirmation(hashed(token), now=now)
        return _opened(tx, settings, asked) if asked is not None and asked.purpose != MOVED else None


def confirm(store: Store, settings: SignupSettings, token: str, *, now: datetime) -> Opened | None:
    """Do what was asked for, once; the same again changes nothing. None for a link that opens nothing."""
    with store.transaction() as tx:
        asked = tx.confirmations.find_confirmation(hashed(token), now=now)
        if asked is None or asked.purpose == MOVED:
            return None
        if tx.confirmations.use_confirmation(asked.id):
            {"subscribe": _subscribe, "leave": _leave, "move": _move}[asked.purpose](tx, settings, asked, now)
        return _opened(tx, settings, replace(asked, state="used"))


def _opened(tx: Transaction, settings: SignupSettings, asked: Confirmation) -> Opened | None:
    if tx.people.suppression_of(asked.address) == ERASED:
        return None
    person = tx.people.find_person(asked.address if asked.subscriber is None else asked.subscriber)
    wishes, used = Wishes.of(asked.wishes), asked.state == "used"
    done = {"subscribe": Outcome.SUBSCRIBED, "leave": Outcome.LEFT, "move": Outcome.MOVED}
    known = person is not None and person.status in ("active", "paused")
    if (used and asked.purpose in ("subscribe", "move") and not known) or (asked.purpose == "move" and person is None):
        return None  # they have left since then: an old mail brings nobody back
    shown = person if known and person else joined_as(settings, asked.address, wishes, person)
    return Opened(
        outcome=done[asked.purpose] if used else Outcome(asked.purpose), address=asked.address, subscriber=person,
        language=shown.language, topics=names(shown.topics), schedule=shown.schedule, zone=shown.time_zone,
    )  # fmt: skip


def _subscribe(tx: Transaction, settings: SignupSettings, asked: Confirmation, now: datetime) -> None:
    """The person joins now, and their first digest, with the papers of the last two days, is due at once."""
    if tx.people.suppression_of(asked.address) == ERASED:
        return
    wishes, person = Wishes.of(asked.wishes), tx.people.find_person(asked.address)
    if person is None or person.status == "removed" or (person.status == "left" and person.origin == "web"):
        number = tx.people.add_person(joined_as(settings, asked.address, wishes, person), now=now)
        last = tx.slots.last_slots([number]).get(number, now - MINUTE)  # a slot is named after its minute
        tx.people.plan_slot(number, max(now, last + MINUTE), was=None)
        log.info("somebody subscribed by the page")
    else:
        number = person.stored_id
        if person.status == "left":
            tx.people.resume_person(number)
    tx.people.lift_suppression_for(asked.address, UNSUBSCRIBED, now=now)
    if asked.consent:
        said = Consent(at=now, version=consent_version(asked.consent), text=asked.consent)
        tx.confirmations.add_consent(number, said)
    if (joined := tx.people.find_person(number)) is not None:
        settings.linker.record(tx, joined, None, now=now)


def _leave(tx: Transaction, settings: SignupSettings, asked: Confirmation, now: datetime) -> None:
    person = tx.people.find_person(asked.address)
    if person is not None and person.status != "removed":
        leave_within(tx, person, now=now)
        log.info("%s unsubscribed by the site", person.ref)


def _move(tx: Transaction, settings: SignupSettings, asked: Confirmation, now: datetime) -> None:
    """The digest goes to the new address from now on, unless somebody else has it by now."""
    person = tx.people.find_person(asked.subscriber) if asked.subscriber is not None else None
    other = tx.people.find_person(asked.address)
    taken = other is not None and other.status != "removed" and (person is None or other.id != person.id)
    if person is None or person.origin != "web" or person.status == "removed" or taken:
        return
    tx.people.change_person(person.stored_id, replace(person, email=asked.address), now=now)
    tx.people.lift_suppression_for(asked.address, UNSUBSCRIBED, now=now)
    tx.outbox.readdress_deliveries(person.stored_id, asked.address)
    _tell_old_address(tx, settings, person, now)
    log.info("%s has another address", person.ref)


def _tell_old_address(tx: Transaction, settings: SignupSettings, person: Subscriber, now: datetime) -> None:
    """A mail follows to the address they had, so that nobody's digests are led away without a word."""
    nonce = secrets.token_hex(16)
    tx.confirmations.add_confirmation(
        Confirmation(
            purpose=MOVED, nonce=nonce, token=hashed(settings.token_of(nonce)), address=person.email, network="-",
            subscriber=person.id, wishes=Wishes().json(), consent="", state="asked", at=now, expires=now + VALID,
        )
    )  # fmt: skip
