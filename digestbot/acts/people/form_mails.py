"""Form mails: which mail answers a form (confirm, leave, move, known already), decided when it is built. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from digestbot.acts.people.asking import MOVED, Wishes, joined_as, names
from digestbot.acts.site.signing_up import SignupSettings
from digestbot.errors import DigestbotError
from digestbot.model import Delivery, Subscriber
from digestbot.model.mail import FormMail
from digestbot.store import Confirmation, Store

_KINDS: Final[Mapping[str, Literal["leave", "move"]]] = {"leave": "leave", "move": "move"}


def form_mail_of(store: Store, settings: SignupSettings, delivery: Delivery) -> FormMail:
    """The mail of a delivery of the kind `confirm`. Raises DigestbotError when nobody waits for it any more."""
    with store.reading() as tx:
        asked = tx.confirmations.confirmation_of_delivery(delivery.id)
        if asked is None:
            raise DigestbotError("nobody waits for this mail any more", where=f"delivery {delivery.id}")
        person = tx.people.find_person(
            asked.subscriber if asked.purpose == MOVED and asked.subscriber else asked.address
        )
    if asked.purpose == MOVED:
        if person is None:
            raise DigestbotError("nobody waits for this mail any more", where=f"delivery {delivery.id}")
        return _led(settings, asked, person, delivery, kind="moved")
    reader = person if person and _is_served(person) else None
    if asked.purpose == "subscribe" and reader is not None:
        return _led(settings, asked, reader, delivery, kind="known")
    shown = reader or joined_as(settings, asked.address, Wishes.of(asked.wishes), person)
    return FormMail(
        kind=_KINDS.get(asked.purpose, "subscribe"),
        site=settings.site, address=delivery.address, asked=asked.at, message_id=delivery.message_id,
        link=settings.link_of(asked.nonce), contact=settings.contact,
        language=shown.language, topics=names(shown.topics), schedule=shown.schedule, zone=shown.time_zone,
    )  # fmt: skip


def _is_served(person: Subscriber) -> bool:
    return person.status in ("active", "paused") and not person.suppressed


def _led(
    settings: SignupSettings,
    asked: Confirmation,
    person: Subscriber,
    delivery: Delivery,
    *,
    kind: Literal["known", "moved"],
) -> FormMail:
    """A mail that leads to their preferences: they have it already, which whoever filled the form never learns; or it goes
    to another address from now on."""
    return FormMail(
        kind=kind, site=settings.site, address=delivery.address, asked=asked.at, message_id=delivery.message_id,
        link=settings.linker.links(person).preferences, contact=settings.contact, language=person.language,
        schedule=person.schedule, zone=person.time_zone,
    )  # fmt: skip
