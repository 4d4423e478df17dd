"""The mail of a digest as it goes out: built, under the address that its returns come to, signed last."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digestbot.acts.people.form_mails import form_mail_of
from digestbot.acts.site.signing_up import SignupSettings
from digestbot.errors import DigestbotError
from digestbot.mail.message import build, build_form_mail
from digestbot.mail.return_address import envelope_sender, unsubscribe_word
from digestbot.model import Delivery, Digest, Message
from digestbot.settings.config import DkimConfig
from digestbot.system.key_files import read_key_file
from digestbot.system.site_key import site_key

if TYPE_CHECKING:  # the wiring imports this module; DKIM needs a package more
    from digestbot.app.wiring import App
    from digestbot.mail.dkim import DkimSigner


def build_mail(app: App, digest: Digest) -> Message:
    """The same digest gives the same bytes. Raises MessageError."""
    digest = with_leave_word(app, app.linker.shown(digest))
    message = build(
        digest,
        app.templates.letter(digest),
        sender=app.config.delivery.sender,
        unsubscribe_mailto=app.config.site.contact,
    )
    message = _with_return_address(app, digest, message)
    signer = app.signer
    return replace(message, data=signer.sign(message.data, digest.composed)) if signer else message


def with_leave_word(app: App, digest: Digest) -> Digest:
    """The digest with the word that unsubscribes by mail. A preview has no id, and proves nothing."""
    person = digest.subscriber
    if digest.id is None or person.id is None:
        return digest
    key = site_key(app.feed_settings.key_file)
    word = unsubscribe_word(key, ref=person.ref, subscriber=person.id, epoch=person.token_epoch)
    return replace(digest, links=replace(digest.links, leave_word=word))


def _with_return_address(app: App, digest: Digest, message: Message) -> Message:
    """Where `[smtp] sender` names an address of its own, returns of each digest come to one that proves them."""
    base = app.config.smtp.sender if app.config.smtp else ""
    if not base:
        return message
    if digest.id is None or digest.subscriber.id is None:  # a preview
        return replace(message, sender=base)
    sender = envelope_sender(
        base, site_key(app.feed_settings.key_file), digest=digest.id, subscriber=digest.subscriber.id
    )
    return replace(message, sender=sender)


def form_mail(app: App, delivery: Delivery) -> Message:
    """The mail of something that was asked for by a form. Raises DigestbotError."""
    mail = form_mail_of(app.database, app.signup_settings, delivery)
    message = build_form_mail(mail, app.templates.form_mail(mail), sender=app.config.delivery.sender)
    message = replace(message, sender=app.config.smtp.sender) if app.config.smtp and app.config.smtp.sender else message
    return replace(message, data=app.signer.sign(message.data, mail.asked)) if app.signer else message


def signup_settings(app: App) -> SignupSettings:
    """Who may subscribe by the page, and what they get."""
    config, key_file = app.config, app.feed_settings.key_file
    asked = config.signup
    return SignupSettings(
        site=config.site.name, domain=config.delivery.domain, contact=config.site.contact, zone=config.site.time_zone,
        language=config.site.language, rules=app.rules, linker=app.linker, key=lambda: site_key(key_file),
        mode=asked.mode, domains=asked.domains, per_address=asked.per_address, per_network=asked.per_network,
        overall=asked.overall,
    )  # fmt: skip


def dkim_signer(config: DkimConfig) -> DkimSigner:
    """Raises DigestbotError for a key that cannot be read, is open to everybody, or is none."""
    from digestbot.mail.dkim import DkimKey, DkimSigner

    try:
        key = DkimKey.parse(read_key_file(config.key_file))
    except DigestbotError as error:
        raise DigestbotError(error.what, where=str(config.key_file), fix=error.fix) from error
    return DkimSigner(key=key, domain=config.domain, selector=config.selector)
