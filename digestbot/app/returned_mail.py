"""Mails that come back, with the configuration's Maildir and the site's secret."""

from __future__ import annotations

import logging
from datetime import timedelta

from digestbot.acts.people.inbox import TakenReturn, may_visit_mailbox, take_return, take_returns
from digestbot.app.wiring import App
from digestbot.errors import DigestbotError
from digestbot.mail.bounces.mime import LARGEST
from digestbot.system.maildir import new_mails
from digestbot.system.site_key import site_key
from digestbot.transport.imap import ImapMailbox, unseen_mails

IMAP_EVERY = timedelta(minutes=5)

log = logging.getLogger(__name__)


def take_returned_mail(app: App, data: bytes) -> TakenReturn:
    """Read one mail that came back, as it came. Raises StoreError."""
    return take_return(app.store, data, key=site_key(app.feed_settings.key_file), now=app.clock())


def take_returned_maildir(app: App) -> list[TakenReturn]:
    """Everything new in `[bounces] maildir`; nothing without one. Raises DigestbotError."""
    folder = app.config.bounces.maildir
    if folder is None:
        return []
    return take_returns(
        app.store, new_mails(folder, LARGEST), key=site_key(app.feed_settings.key_file), now=app.clock()
    )


def take_returned_mailbox(app: App) -> list[TakenReturn]:
    """What is unseen in `[bounces] imap`; nothing without one. Raises DigestbotError."""
    config = app.config.bounces.imap
    if config is None:
        return []
    mailbox = ImapMailbox(
        host=config.host, port=config.port, tls=config.tls, user=config.user, folder=config.folder,
        password=config.password,
    )  # fmt: skip
    key = site_key(app.feed_settings.key_file)
    return take_returns(app.store, unseen_mails(mailbox, LARGEST), key=key, now=app.clock())


def read_before_sending(app: App) -> None:
    """Both as part of a round: what cannot be read is logged and stops no digest."""
    for take in (take_returned_maildir, _visit_mailbox):
        try:
            take(app)
        except DigestbotError as error:
            log.error("mails that came back were not read: %s", error)


def _visit_mailbox(app: App) -> None:
    """Not more often than every IMAP_EVERY, by all processes together."""
    if app.config.bounces.imap is not None and may_visit_mailbox(app.store, every=IMAP_EVERY, now=app.clock()):
        take_returned_mailbox(app)
