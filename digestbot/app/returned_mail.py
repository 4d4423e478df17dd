"""Mails that come back, with the configuration's Maildir and the site's secret."""

from __future__ import annotations

import logging

from digestbot.acts.people.inbox import TakenReturn, take_return, take_returns
from digestbot.app.wiring import App
from digestbot.errors import DigestbotError
from digestbot.mail.bounces.mime import LARGEST
from digestbot.system.maildir import new_mails
from digestbot.system.site_key import site_key

log = logging.getLogger(__name__)


def take_returned_mail(app: App, data: bytes) -> TakenReturn:
    """One mail, as it came. Raises StoreError."""
    return take_return(app.store, data, key=site_key(app.feed_settings.key_file), now=app.clock())


def take_returned_maildir(app: App) -> list[TakenReturn]:
    """Everything new in `[bounces] maildir`; nothing without one. Raises DigestbotError."""
    folder = app.config.bounces.maildir
    if folder is None:
        return []
    return take_returns(
        app.store, new_mails(folder, LARGEST), key=site_key(app.feed_settings.key_file), now=app.clock()
    )


def read_before_sending(app: App) -> None:
    """The same as part of a round: a Maildir that cannot be read is logged and stops no digest."""
    try:
        take_returned_maildir(app)
    except DigestbotError as error:
        log.error("mails that came back were not read: %s", error)
