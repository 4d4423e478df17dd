"""Asking by a form (double opt-in): what somebody wants is written down, counted and limited; the mail that confirms it
follows after the answer.

Whoever asks learns nothing about an address. Every form runs the same statements, whether the address is known, has
left or was erased; what its mail says is decided when the mail is queued.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from digestbot.acts.site.signing_up import VALID, SignupSettings
from digestbot.errors import RuleError
from digestbot.mail.link_tokens import hashed, invitation_day
from digestbot.model import Delivery, Lane, State, Subscriber, SubscriberId, Topic
from digestbot.model.mail import CONFIRM
from digestbot.model.people import UNSUBSCRIBED
from digestbot.rules import parse
from digestbot.settings.fields import Wrong, email
from digestbot.store import Confirmation, FormPurpose, Store, Transaction

ADDRESS_SPAN, NETWORK_SPAN = timedelta(days=1), timedelta(hours=1)
LONGEST_HEADING = 60  #: characters
MOVED: Final = (
    "moved"  #: purpose of the mail that tells an old address of a new one; nobody asks for it, and its link is none
)
MOST_QUEUED = 500  #: confirmation mails that one round queues
SCHEDULES = {"": "weekdays 07:30", "daily": "weekdays 07:30", "weekly": "mon 07:30"}


class Asked(StrEnum):
    """The outcome of a form that was sent."""

    TAKEN = "taken"  #: the answer says so whatever happens to the mail
    NO_ADDRESS = "no address"
    NOT_HERE = "not here"  #: only addresses of some domains
    CLOSED = "closed"
    UNINVITED = "uninvited"
    NO_RULE = "no rule"  #: the rule cannot be read
    TOO_MANY = "too many"  #: of this network, or of everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody chose in the form."""

    rhythm: str = ""  #: a key of SCHEDULES; "": nothing was said of it
    topics: tuple[str, ...] = ()  #: names of the site's topics
    rule: str = ""  #: one of their own
    language: str = ""  #: "": the site's
    zone: str = ""  #: "": the site's

    def topic_values(self, rules: Mapping[str, str]) -> tuple[Topic, ...]:
        """Topics as a subscriber has them. A site topic is followed by its name, so that it changes with the site's."""
        chosen = [Topic(name=name, query=f"@{name}") for name in self.topics if name in rules]
        return (*chosen, *([Topic(name=_short(self.rule), query=self.rule)] if self.rule else []))

    def json(self) -> str:
        """Returns the JSON that is stored until the wishes are confirmed."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps({name: value for name, value in values.items() if value})

    @classmethod
    def of(cls, text: str) -> Wishes:
        """Reads the JSON that `json` returned."""
        values: dict[str, Any] = json.loads(text)
        return cls(**values | {"topics": tuple(values.get("topics", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A sign-up form as it was sent."""

    address: str
    client: str = ""  #: the address it came from
    purpose: FormPurpose = "subscribe"
    wishes: Wishes = field(default_factory=Wishes)
    invitation: str = ""
    consent: str = ""  #: the text beside the button
    subscriber: SubscriberId | None = None  #: whose address moves


def joined_as(settings: SignupSettings, address: str, wishes: Wishes, before: Subscriber | None) -> Subscriber:
    """Whom the button makes of who asked. Who left, and was a subscriber of the page, has everything they had before;
    what the form says wins. Pure but for a newcomer's made-up id."""
    topics, schedule = wishes.topic_values(settings.rules), SCHEDULES.get(wishes.rhythm, SCHEDULES[""])
    if before is not None and before.origin == "web" and before.status == "left":
        kept = replace(before, topics=topics) if topics else before
        return replace(kept, email=address, mail=True, schedule=schedule if wishes.rhythm else before.schedule)
    return Subscriber(
        ref=f"web-{secrets.token_hex(5)}", email=address, origin="web", schedule=schedule,
        time_zone=wishes.zone or settings.zone, language=wishes.language or settings.language, topics=topics,
    )  # fmt: skip


def ask(store: Store, settings: SignupSettings, asking: Asking, *, now: datetime) -> Asked:
    """Store what a form asks for, and count it against the limits. The same statements whoever the address belongs to."""
    if (refused := _refused(settings, asking, now)) is not None:
        return refused
    address, network = asking.address.strip(), settings.network_of(asking.client)
    nonce = secrets.token_hex(16)
    with store.transaction() as tx:
        before = tx.confirmations.count_recent(
            address=address, network=network, day=now - ADDRESS_SPAN, hour=now - NETWORK_SPAN
        )
        if before.network >= settings.per_network or before.all >= settings.overall:
            return Asked.TOO_MANY
        tx.confirmations.add_confirmation(
            Confirmation(
                purpose=asking.purpose, nonce=nonce, token=hashed(settings.token_of(nonce)), address=address,
                network=network, subscriber=asking.subscriber, wishes=asking.wishes.json(), consent=asking.consent,
                state="asked" if before.address < settings.per_address else "dropped", at=now, expires=now + VALID,
            )
        )  # fmt: skip
    return Asked.TAKEN


def _refused(settings: SignupSettings, asking: Asking, now: datetime) -> Asked | None:
    """What is wrong with the form itself; None when nothing is. Asks nothing about the address."""
    try:
        address = email(asking.address)
    except Wrong:
        return Asked.NO_ADDRESS
    if asking.purpose == "leave":
        return None
    host = address.rpartition("@")[2].lower()
    if settings.domains and not any(host == one or host.endswith(f".{one}") for one in settings.domains):
        return Asked.NOT_HERE
    if asking.purpose == "subscribe":
        if settings.mode == "closed":
            return Asked.CLOSED
        if settings.mode == "invitation" and not is_invited(settings, asking.invitation, now):
            return Asked.UNINVITED
        try:
            for topic in asking.wishes.topic_values(settings.rules):
                parse(topic.query, topics=settings.rules)
        except RuleError:
            return Asked.NO_RULE
    return None


def is_invited(settings: SignupSettings, word: str, now: datetime) -> bool:
    """Whether an invitation holds."""
    day = invitation_day(settings.key(), word)
    return day is not None and day >= int(now.timestamp()) // 86_400


def consent_version(text: str) -> str:
    """Names a text of consent: another text is another version."""
    return sha256(text.encode()).hexdigest()[:12]


def queue_asked(store: Store, settings: SignupSettings, *, now: datetime) -> int:
    """Put the mails of what was asked for into the outbox, or drop what must not be mailed; how many were queued."""
    with store.reading() as tx:
        if not tx.confirmations.asked_confirmations(1):
            return 0
    queued = 0
    with store.transaction() as tx:
        for asked in tx.confirmations.asked_confirmations(MOST_QUEUED):
            if asked.expires <= now or not _is_mailed(tx, asked):
                tx.confirmations.settle_confirmation(asked.id, "dropped")
                continue
            if (person := tx.people.find_person(asked.address)) is not None and person.status != "removed":
                settings.linker.record(tx, person, None, now=now)  # the mail may lead to their preferences
            number = tx.outbox.add_delivery(_delivery(settings, asked, now))
            tx.confirmations.settle_confirmation(asked.id, "queued", delivery=number)
            queued += 1
    return queued


def _is_mailed(tx: Transaction, asked: Confirmation) -> bool:
    """Nobody is mailed who bounced, complained or was erased; who is not subscribed is not asked whether they leave."""
    person = tx.people.find_person(asked.address)
    known = person is not None and person.status in ("active", "paused")
    if asked.purpose == "leave":
        return known and person is not None and not person.suppressed
    if asked.purpose == MOVED:
        return not known and not tx.people.suppression_of(asked.address)
    if asked.purpose == "move" and (known or asked.subscriber is None):
        return False
    return tx.people.suppression_of(asked.address) in ("", UNSUBSCRIBED)


def _delivery(settings: SignupSettings, asked: Confirmation, now: datetime) -> Delivery:
    name = sha256(f"confirm\0{asked.nonce}".encode()).hexdigest()[:32]
    return Delivery(
        id=0, kind=CONFIRM, digest=None, subscriber=None, address=asked.address, state=State.PENDING,
        message_id=f"<{name}@{settings.domain}>", lane=Lane.PERSONAL, next_at=now, expires=asked.expires,
    )  # fmt: skip


def _short(rule: str) -> str:
    """A rule as the heading of its papers, until its reader finds a better one."""
    line = " ".join(rule.split())
    return line if len(line) <= LONGEST_HEADING else line[: LONGEST_HEADING - 1].rstrip() + "…"


def names(topics: Sequence[Topic]) -> tuple[str, ...]:
    """The names of topics that bring papers."""
    return tuple(topic.name for topic in topics if not topic.mute)
