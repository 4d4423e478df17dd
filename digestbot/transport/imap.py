"""Reading a mailbox over IMAP (RFC 9051): what is unseen, each marked as seen once it is done with."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from digestbot.errors import DigestbotError
from digestbot.model import Secret

TIMEOUT = 30.0  #: seconds for one answer
MOST_MAILS = 500  #: of one visit


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapMailbox:
    """Where it is, and who reads it. TLS always, but for this machine itself."""

    host: str
    port: int
    tls: bool
    user: str
    folder: str
    password: Secret


def unseen_mails(mailbox: ImapMailbox, largest: int) -> Iterator[tuple[bytes, Callable[[], None]]]:
    """(the first `largest` bytes, a function that marks the mail as seen), oldest first, at most MOST_MAILS.

    Raises DigestbotError when the mailbox cannot be read; its words hold no password.
    """
    try:
        client = opened(mailbox)
        try:
            checked(client.select(quoted(mailbox.folder)), "the folder cannot be opened")
            for uid in checked(client.uid("SEARCH", "UNSEEN"), "the mailbox cannot be searched")[0].split()[
                :MOST_MAILS
            ]:
                number = uid.decode()
                found = checked(client.uid("FETCH", number, f"(BODY.PEEK[]<0.{largest}>)"), "a mail cannot be fetched")
                if data := next((part[1] for part in found if isinstance(part, tuple)), None):
                    yield data, partial(_mark_seen, client, number)
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                client.logout()
    except (OSError, imaplib.IMAP4.error) as error:
        raise _failed(mailbox, error) from error


def opened(mailbox: ImapMailbox) -> imaplib.IMAP4:
    """A connection that is logged in."""
    if mailbox.tls:
        context = ssl.create_default_context()
        client: imaplib.IMAP4 = imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=TIMEOUT)
    else:
        client = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT)
    try:
        client.login(mailbox.user, mailbox.password.reveal())
    except BaseException:
        client.shutdown()
        raise
    return client


def _mark_seen(client: imaplib.IMAP4, uid: str) -> None:
    checked(client.uid("STORE", uid, "+FLAGS", r"(\Seen)"), "a mail cannot be marked as seen")


def checked(answer: tuple[str, list[Any]], what: str) -> list[Any]:
    """The data of an OK; raises IMAP4.error for NO."""
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(what)
    return [part for part in answer[1] if part is not None] or [b""]


def quoted(folder: str) -> str:
    """The name of a folder as IMAP wants it."""
    return '"' + re.sub(r'(["\\])', r"\\\1", folder) + '"'


def _failed(mailbox: ImapMailbox, error: Exception) -> DigestbotError:
    where = f"imap{'s' if mailbox.tls else ''}://{mailbox.host}:{mailbox.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"its certificate is not valid: {error.verify_message}"
    else:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
    secret = mailbox.password.reveal()
    shown = why.replace(secret, "***") if secret else why
    return DigestbotError(f"the mailbox cannot be read: {shown[:200]}", where=where, fix="See [bounces] imap")
