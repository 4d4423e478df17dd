"""Lint of a finished mail: headers, parts and size on the wire; `mail.lint.html` checks its HTML. Pure.

The rules are those of RFC 5322, 2045 to 2047, 2369, 2919, 3834 and 8058, and of the large mailbox providers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final

from digestbot.digest.rendering.cards import web
from digestbot.digest.rendering.headings import leave_by_mail
from digestbot.errors import MessageError
from digestbot.mail.header_guard import check
from digestbot.mail.lint.html import Allowed, Finding, error, lint_html, ordered, warning
from digestbot.mail.lint.page import read
from digestbot.model import Digest, ItemPlace

MOST_HTML = 96_000  #: bytes of the encoded HTML part; Gmail hides what comes after about 102 kB
_ONCE: Final = (
    "From", "To", "Subject", "Date", "Message-ID", "List-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
)  # fmt: skip


def lint_mail(data: bytes, allowed: Allowed | None = None) -> list[Finding]:
    """All findings in the bytes of a mail, errors first. Lines are those of its HTML."""
    mail = message_from_bytes(data, policy=policy.default)
    html, text, encoded = _bodies(mail)
    found = [*_headers(data, mail), *_values(mail), *_unsubscribe(mail, data), *_parts(mail, html, text, encoded)]
    found += _titles(html, text, allowed.titles if allowed else ())
    return ordered([*found, *lint_html(html, allowed)])


def allowed(digest: Digest, base_url: str) -> Allowed:
    """Where links in a digest's mail may lead: the addresses of its papers, and our own pages."""
    papers = [paper for item in digest.items() for paper in (item.paper, item.beside) if paper]
    addresses = {web(address) for paper in papers for address in (paper.link, *(link.href for link in paper.links))}
    titles = tuple(item.paper.title for item in digest.items(ItemPlace.MAIL))
    leave = digest.links.leave or leave_by_mail(digest)
    return Allowed(base_url=base_url, papers=frozenset(addresses), titles=titles, leave=leave)


def html_of(data: bytes) -> str:
    """The HTML of a mail, decoded."""
    return _bodies(message_from_bytes(data, policy=policy.default))[0]


def encoded_size(data: bytes) -> int:
    """Bytes of the HTML part as it goes over the wire."""
    return _bodies(message_from_bytes(data, policy=policy.default))[2]


def _bodies(mail: EmailMessage) -> tuple[str, str, int]:
    """HTML, plain text, and how many bytes the HTML is on the wire."""
    html = text = ""
    encoded = 0
    for part in mail.walk():
        if part.get_content_type() == "text/html":
            html, encoded = part.get_content(), len(str(part.get_payload()))
        elif part.get_content_type() == "text/plain":
            text = part.get_content()
    return html, text, encoded


def _headers(data: bytes, mail: EmailMessage) -> Iterator[Finding]:
    try:
        check(data, mail.keys())
    except MessageError as bad:
        yield error("wire", None, str(bad))
    if not data.count(b"\n") == data.count(b"\r") == data.count(b"\r\n"):
        yield error("wire", None, "bare line ends: a line of a mail ends with CRLF (RFC 5322 2.3)")
    for name in _ONCE:
        if (count := len(mail.get_all(name, []))) != 1:
            yield error("header", None, f"{name} stands {count} times; it stands once")
    for name in {n.lower() for n in mail.keys()} - {n.lower() for n in _ONCE}:  # noqa: SIM118  # headers repeat
        if len(mail.get_all(name, [])) > 1:
            yield error("header", None, f"{name} stands more than once")


def _values(mail: EmailMessage) -> Iterator[Finding]:
    subject = str(mail.get("Subject", ""))
    if not subject.strip() or len(subject) > 120:
        yield error("subject", None, f"a subject of {len(subject)} characters: phones show about 40")
    domain = str(mail.get("Message-ID", "")).rstrip("> ").rpartition("@")[2]
    if "." not in domain or domain.startswith("localhost"):
        yield warning(
            "message-id",
            None,
            f"Message-ID of {domain or 'no domain'}: no server will trust it",
            "from under [delivery]",
        )
    if mail.get("Auto-Submitted") not in ("auto-generated", None):
        yield error("auto-submitted", None, "Auto-Submitted is not auto-generated (RFC 3834 5)")
    if not re.search(r"[+-]\d{4}\s*\Z", str(mail.get("Date", "+0000"))):
        yield error("date", None, "Date without a numeric zone (RFC 5322 3.3)")
    if not re.search(r"<[^<>\s.]++(?:\.++[^<>\s.]++)++>\Z", str(mail.get("List-ID", "<a.b>"))):
        yield error("list-id", None, "List-ID does not end in <name.domain> (RFC 2919)")
    if "@" not in parseaddr(str(mail.get("From", "")))[1]:
        yield error("from", None, "From names no address")


def _unsubscribe(mail: EmailMessage, data: bytes) -> Iterator[Finding]:
    """RFC 2369, and RFC 8058 where one click is offered."""
    ways = mail.get("List-Unsubscribe")
    if ways is None:
        what = "no List-Unsubscribe: readers press the spam button instead"
        yield error("unsubscribe", None, what, "base_url or contact under [site]")
        return
    web = re.findall(r"<https?://[^<>\s]+>", str(ways))
    post = mail.get("List-Unsubscribe-Post")
    if post is not None and str(post) != "List-Unsubscribe=One-Click":
        yield error("one-click", None, f"List-Unsubscribe-Post is {str(post)!r} (RFC 8058 3.1)")
    if (post is not None) != bool(web) or len(web) > 1:
        yield error("one-click", None, "List-Unsubscribe-Post goes with exactly one web address (RFC 8058 3.1)")
    if re.search(rb"^List-Unsubscribe:[^\r\n]*\r?\n[ \t]", data, re.MULTILINE | re.IGNORECASE):
        yield error("unsubscribe", None, "List-Unsubscribe is folded: some relays break the signature over it")


def _parts(mail: EmailMessage, html: str, text: str, encoded: int) -> Iterator[Finding]:
    kinds = [part.get_content_type() for part in mail.iter_parts()] if mail.is_multipart() else []
    if mail.get_content_type() != "multipart/alternative" or kinds != ["text/plain", "text/html"]:
        what = f"{mail.get_content_type()} of {', '.join(kinds)}"
        yield error("parts", None, what, "multipart/alternative, plain text first, then HTML (RFC 2046 5.1.4)")
    if encoded > MOST_HTML:
        yield error(
            "size", None, f"{encoded:,} bytes of HTML on the wire; Gmail clips near 102 kB", f"at most {MOST_HTML:,}"
        )
    plain = _words(text)
    for heading in read(html).named("h3"):
        if _words(heading.text) not in plain:
            yield error(
                "both-parts", heading.line, f"{heading.text[:60]!r} stands in the HTML and not in the plain text"
            )


def _titles(html: str, text: str, titles: Sequence[str]) -> Iterator[Finding]:
    """Findings for papers that stand in only one of the two bodies."""
    shown, said = _words("".join(t for _, t, _ in read(html).texts)), _words(text)
    for title in dict.fromkeys(titles):
        start = _words(title)[:_TITLE_BEGINS]
        if start and (start in shown) != (start in said):
            lacks = "the plain text" if start in shown else "the HTML"
            yield error("both-parts", None, f"{title[:60]!r} does not stand in {lacks}")


_TITLE_BEGINS = 60  #: letters: a long title is cut


def _words(text: str) -> str:
    return "".join(text.split())
