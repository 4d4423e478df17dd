"""The mail of a digest as it goes out, and the address that its returns come to."""

from __future__ import annotations

from dataclasses import replace

from digestbot.app.wiring import App
from digestbot.mail.message import build
from digestbot.mail.return_address import envelope_sender, unsubscribe_word
from digestbot.model import Digest, Message
from digestbot.system.site_key import site_key


def build_mail(app: App, digest: Digest) -> Message:
    """The same digest gives the same bytes. Raises MessageError."""
    digest = app.linker.shown(digest)
    message = build(
        digest,
        app.templates.letter(digest),
        sender=app.config.delivery.sender,
        unsubscribe_mailto=app.config.site.contact,
        unsubscribe_word=_unsubscribe_word(app, digest),
    )
    return _with_return_address(app, digest, message)


def _unsubscribe_word(app: App, digest: Digest) -> str:
    """A preview's digest has no id, and its mail no token."""
    person = digest.subscriber
    if digest.id is None or person.id is None:
        return person.ref
    return unsubscribe_word(site_key(app.key_file), ref=person.ref, subscriber=person.id, epoch=person.token_epoch)


def _with_return_address(app: App, digest: Digest, message: Message) -> Message:
    """Where `[smtp] sender` names an address of its own, returns of each digest come to one that proves them."""
    base = app.config.smtp.sender if app.config.smtp else ""
    if not base or digest.id is None or digest.subscriber.id is None:
        return message
    sender = envelope_sender(base, site_key(app.key_file), digest=digest.id, subscriber=digest.subscriber.id)
    return replace(message, sender=sender)
