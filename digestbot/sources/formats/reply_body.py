"""Tell what the bytes of a reply are, before they are parsed."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence

from digestbot.model import Entry, ParseResult, Problem, ReadStatus, Response

LARGEST = 10 * 1024 * 1024  #: bytes after decompression, like the transport's own limit
MOST_ENTRIES = 5000  #: of one reply; the rest is named in a problem
#: atomic groups: a thousand comments must not be tried in every way they could be parted
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?>(?><!--.*?-->)\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_FEED_INSIDE = re.compile(rb"<(?:feed|rss|rdf:RDF)[\s>]")
_BEFORE_ROOT = re.compile(rb"(?>\s+|<\?[^>]*>|(?><!--.*?-->)|<![^\[>]*>)*", re.DOTALL)
_ROOT = re.compile(rb"<([A-Za-z][\w.:-]{0,60})[\s/>]")
_FEED_LINK = re.compile(rb"<link\b[^>]{0,400}application/(?:rss|atom|feed)\+(?:xml|json)[^>]{0,400}>", re.IGNORECASE)
_HREF = re.compile(rb"href\s*=\s*[\"']?([^\"'\s>]{1,500})", re.IGNORECASE)


def opened(response: Response) -> bytes:
    """Returns the body, unpacked when it is undeclared gzip, and JSON in UTF-8; at most LARGEST bytes."""
    body = response.body
    if body[:2] == b"\x1f\x8b":
        try:
            body = zlib.decompressobj(31).decompress(body, LARGEST)
        except zlib.error:
            return body[:LARGEST]
    return _json_in_utf8(body[:LARGEST])


def _json_in_utf8(body: bytes) -> bytes:
    """JSON in UTF-16 or UTF-32, with a mark at its beginning or without, as UTF-8; all else as it stands."""
    if b"\x00" not in body[:8]:
        return body
    text = body.decode(json.detect_encoding(body[:4]), errors="replace").lstrip("\ufeff")
    return text.encode(errors="replace") if text.lstrip()[:1] in ("{", "[") else body


def is_html(body: bytes) -> bool:
    """Is it a web page, whatever the header says? A feed saved inside of one is none."""
    head = body.lstrip(b"\xef\xbb\xbf")[:4096]
    return bool(_HTML.match(head)) and not (b"<?xml" in head[:100] and _FEED_INSIDE.search(head))


def root_of(body: bytes) -> str:
    """The name of the first element, for people; "" when there is none."""
    head = body.lstrip(b"\xef\xbb\xbf")[:4096]
    before = _BEFORE_ROOT.match(head)
    found = _ROOT.match(head, before.end() if before else 0)
    return found.group(1).decode(errors="replace") if found else ""


def read_status(entries: Sequence[Entry], problems: Sequence[Problem], *, more: object = ()) -> ReadStatus:
    """How a reply was read. `more`: further pages are named, so that one without entries is not the end."""
    if problems:
        return ReadStatus.PARTIAL
    return ReadStatus.OK if entries or more else ReadStatus.EMPTY


def unreadable(what: str, where: str = "", hint: str = "") -> ParseResult:
    """Returns the result for a reply that could not be read, with the reason."""
    return ParseResult(status=ReadStatus.UNREADABLE, problems=(Problem(what=what, where=where, hint=hint),))


def not_a_feed(body: bytes) -> ParseResult | None:
    """Returns the result for a body that is no feed, None for one that may be a feed."""
    if not body.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        return unreadable("the reply is empty")
    if is_html(body):
        link = _FEED_LINK.search(body[:200_000])
        href = _HREF.search(link.group()) if link else None
        hint = (
            f"It names a feed: {href.group(1).decode(errors='replace')}" if href else "Look for the address of its feed"
        )
        return unreadable("this is a web page, not a feed", hint=hint)
    return None
