"""Message: a rendered digest becomes the bytes of a mail. Pure and deterministic.

Written without `email.message`, which takes five times as long and lets encoded words add headers (see
`mail.header_guard`). Headers follow RFC 5322, MIME RFC 2045 to 2047, List-ID RFC 2919, List-Unsubscribe RFC 2369,
Auto-Submitted RFC 3834.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

from digestbot.digest.rendering.fragments import Letter
from digestbot.mail.addresses import ascii_domain, envelope_address, needs_smtputf8, split_mailbox
from digestbot.mail.header_guard import check_headers, encoded, header_value
from digestbot.model import Digest, Message
from digestbot.model.mail import FormMail

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*\Z")
_MAILTO = "@!#$&'*+/=^_`{|}~-."  #: not escaped in a mailto address
LONGEST_NAME = 200  #: characters of a name beside an address: the line has to stay short


def build(digest: Digest, letter: Letter, *, sender: str, unsubscribe_mailto: str) -> Message:
    """The mail of a digest: the same digest gives the same bytes.

    `sender` is `Name <address>`; `unsubscribe_mailto` a bare address or "". Raises MessageError.
    """
    name, envelope = _sender(sender)
    recipient = envelope_address(digest.subscriber.email)
    domain = envelope.rpartition("@")[2]
    identity = message_id(digest.subscriber.ref, digest.slot.key, domain)
    boundary = f"=_{hashlib.sha256(identity.encode()).hexdigest()[:24]}"
    headers = {
        "From": mailbox(name, envelope),
        "To": mailbox(digest.subscriber.name, recipient),
        "Subject": encoded(letter.subject),
        "Date": _date(digest.composed),
        "Message-ID": identity,
        "List-ID": f"{_phrase(digest.site)} <digest.{domain}>",
    }
    headers |= _unsubscribe(digest, unsubscribe_mailto, digest.links.leave_word or digest.subscriber.ref)
    headers |= {
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    data = _assembled(headers, letter, boundary)
    check_headers(data, list(headers), utf8=needs_smtputf8(recipient) or needs_smtputf8(envelope))
    return Message(message_id=identity, sender=envelope, recipient=recipient, data=data)


def build_form_mail(mail: FormMail, letter: Letter, *, sender: str) -> Message:
    """The mail of something that was asked for by a form: to one person, once, so neither a list's nor bulk."""
    name, envelope = _sender(sender)
    recipient = envelope_address(mail.address)
    boundary = f"=_{hashlib.sha256(mail.message_id.encode()).hexdigest()[:24]}"
    headers = {
        "From": mailbox(name, envelope),
        "To": recipient,
        "Subject": encoded(letter.subject),
        "Date": _date(mail.asked),
        "Message-ID": mail.message_id,
    } | _machine_made(boundary)
    data = _assembled(headers, letter, boundary)
    check_headers(data, list(headers), utf8=needs_smtputf8(recipient) or needs_smtputf8(envelope))
    return Message(message_id=mail.message_id, sender=envelope, recipient=recipient, data=data)


def _machine_made(boundary: str) -> dict[str, str]:
    """RFC 3834: no automatic answer is wanted."""
    return {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }


def _assembled(headers: Mapping[str, str], letter: Letter, boundary: str) -> bytes:
    # ASCII but for an address that needs SMTPUTF8
    head = "".join([f"{name}: {value}\r\n" for name, value in headers.items()]).encode()
    return b"".join((
        head, b"\r\n", _opening("plain", boundary), letter.text, b"\r\n", _opening("html", boundary), letter.html,
        f"\r\n--{boundary}--\r\n".encode(),
    ))  # fmt: skip


def _unsubscribe(digest: Digest, mailto: str, word: str) -> dict[str, str]:
    """RFC 2369 List-Unsubscribe, the web address first, on one line; RFC 8058 one click where there is one."""
    ways = [f"<{digest.links.leave}>"] if digest.links.leave else []
    if mailto:
        address = quote(envelope_address(mailto), safe=_MAILTO)
        ways.append(f"<mailto:{address}?subject=unsubscribe%20{quote(header_value(word), safe='')}>")
    found = {"List-Unsubscribe": ", ".join(ways)} if ways else {}
    return found | ({"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if digest.links.leave else {})


def _opening(kind: str, boundary: str) -> bytes:
    """The headers of a body part. The line end before the next boundary does not belong to the body (RFC 2046 5.1.1)."""
    head = f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
    return f"{head}Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode()


@lru_cache(maxsize=64)
def _sender(sender: str) -> tuple[str, str]:
    name, address = split_mailbox(sender)
    return name, envelope_address(address)


@lru_cache(maxsize=1024)
def _date(moment: datetime) -> str:
    """RFC 5322 3.3, with a numeric zone."""
    return format_datetime(moment)


def message_id(ref: str, key: str, domain: str) -> str:
    """The Message-ID of a subscriber's slot: the same for every try, and not guessable without knowing both."""
    digest = hashlib.sha256(f"{ref}\0{key}".encode()).hexdigest()[:32]
    return f"<{digest}@{ascii_domain(domain)}>"


def mailbox(name: str, address: str) -> str:
    """`Name <address>`; RFC 5322 3.4."""
    return f"{_phrase(name)} <{address}>" if header_value(name) else address


def _phrase(name: str) -> str:
    value = header_value(name)[:LONGEST_NAME]
    if not value.isascii():
        return encoded(value)
    if _ATOMS.match(value):
        return value
    return '"' + value.replace("\\", r"\\").replace('"', r"\"") + '"'
