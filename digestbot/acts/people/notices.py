"""Notices: what a confirmation mail says, decided when it is built, so that it tells how things stand then. Reads only."""

from __future__ import annotations

from digestbot.acts.people.asking import SCHEDULES, Wishes, names
from digestbot.acts.site.signing_up import SignupSettings
from digestbot.errors import DigestbotError
from digestbot.model import Delivery, Subscriber
from digestbot.model.mail import Notice
from digestbot.store import Confirmation, Store


def notice_of(store: Store, settings: SignupSettings, delivery: Delivery) -> Notice:
    """The mail of a delivery of the kind `confirm`. Raises DigestbotError when nobody waits for it any more."""
    with store.reading() as tx:
        asked = tx.confirmations.confirmation_of_delivery(delivery.id)
        if asked is None:
            raise DigestbotError("nobody waits for this mail any more", where=f"delivery {delivery.id}")
        person = tx.people.find_person(asked.address)
    known = person is not None and person.status in ("active", "paused") and not person.suppressed
    if asked.purpose == "subscribe" and known and person is not None:
        return _known(settings, asked, person, delivery)
    wishes = Wishes.of(asked.wishes)
    return Notice(
        kind="leave" if asked.purpose == "leave" else "move" if asked.purpose == "move" else "subscribe",
        site=settings.site, address=delivery.address, asked=asked.at, message_id=delivery.message_id,
        link=settings.link_of(asked.nonce), contact=settings.contact,
        language=person.language if person and known else wishes.language or settings.language,
        topics=names(wishes.topic_values(settings.rules)),
        schedule=SCHEDULES.get(wishes.rhythm, SCHEDULES["daily"]), zone=wishes.zone or settings.zone,
    )  # fmt: skip


def _known(settings: SignupSettings, asked: Confirmation, person: Subscriber, delivery: Delivery) -> Notice:
    """They have it already: the mail leads to their preferences, which whoever filled the form never learns."""
    return Notice(
        kind="known", site=settings.site, address=delivery.address, asked=asked.at, message_id=delivery.message_id,
        link=settings.linker.links(person).preferences, contact=settings.contact, language=person.language,
        schedule=person.schedule, zone=person.time_zone,
    )  # fmt: skip
