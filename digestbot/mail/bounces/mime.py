"""A lenient MIME reader for returned mails: bytes become parts. Never raises, one pass over the lines.

The standard library's parser keeps one predicate for each open multipart and asks all of them about every line; mails
of strangers make that quadratic. Here a mail is split once, at every line that looks like one of its boundaries.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header

LARGEST = 1 << 20  #: bytes that are read; a report names its reason long before
MOST_PARTS = 200
MOST_FIELDS = 2000  #: of one header block
LONGEST_HEADER = 4000  #: characters of one unfolded header value
_NAME = re.compile(r"[!-9;-~]{1,100}(?=[ \t]{0,10}:)")
_BOUNDARY = re.compile(r"""boundary\s{0,5}=\s{0,5}(?:"([^"\n]{1,200})"|([^\s;"]{1,200}))""", re.IGNORECASE)
_CHARSET = re.compile(r"""charset\s{0,5}=\s{0,5}["']?([\w.:-]{1,40})""", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
#: codecs that are no charsets of mail; some are quadratic
_NO_CHARSETS = frozenset({"punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in their order, names in lower case, values unfolded."""

    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """The first value of a field; "" without one."""
        return next((value for key, value in self.fields if key == name), "")

    def all(self, name: str) -> list[str]:
        """All values of a field."""
        return [value for key, value in self.fields if key == name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part without parts of its own."""

    type: str  #: "text/plain", lower case
    headers: Headers
    text: str  #: transfer encoding and charset undone; of HTML the words
    html: str = ""  #: of HTML as it came


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail with its parts in order."""

    headers: Headers
    type: str
    parts: tuple[Part, ...]


def read_mail(data: bytes) -> Mail:
    """The first LARGEST bytes of a mail, whatever its line ends."""
    data = data[:LARGEST].replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    if data.startswith((b"From ", b">From ")):  # the line of an mbox
        data = data.partition(b"\n")[2]
    head, body = split_head(data.decode("utf-8", "surrogateescape"))
    headers = read_headers(head)
    return Mail(headers=headers, type=content_type(headers), parts=tuple(_parts(headers, body)))


def split_head(text: str) -> tuple[str, str]:
    """Headers and body; without a blank line all of it is headers."""
    if text.startswith("\n"):
        return "", text[1:]
    head, _, body = text.partition("\n\n")
    return head, body


def read_headers(text: str) -> Headers:
    """Fields of a header block; lines that are none are passed over."""
    fields: list[tuple[str, list[str]]] = []
    for line in text.split("\n", 5 * MOST_FIELDS)[: 5 * MOST_FIELDS]:
        if line[:1] in (" ", "\t"):
            if fields:
                fields[-1][1].append(line.strip())
        elif found := _NAME.match(line):
            fields.append((found[0].lower(), [line.partition(":")[2].strip()]))
    fields = fields[:MOST_FIELDS]
    return Headers(tuple((name, _readable(" ".join(words)[:LONGEST_HEADER])) for name, words in fields))


def _readable(value: str) -> str:
    """Bytes that are no UTF-8 stand as lone surrogates until here."""
    return value if value.isascii() else decode(value.encode("utf-8", "surrogateescape"), "")


def content_type(headers: Headers) -> str:
    """`text/plain` unless said; without parameters, lower case."""
    value = headers.get("content-type").partition(";")[0].strip().lower()
    return value.split()[0] if value else "text/plain"


def _parts(headers: Headers, body: str) -> Iterable[Part]:
    """Leaves in order. The boundaries of all multiparts inside are found on the way and treated alike."""
    found = _BOUNDARY.search(headers.get("content-type"))
    if not found or not content_type(headers).startswith(("multipart/", "text/plain")):
        yield _leaf(headers, body)
        return
    boundaries = {f"--{(found[1] or found[2]).rstrip()}"}
    pieces = _pieces(body, boundaries)
    preamble = next(pieces)
    if preamble.strip():  # some servers write the report before the first boundary
        yield _leaf(Headers(), preamble)
    for piece, _ in zip(pieces, range(MOST_PARTS), strict=False):
        head, text = split_head(piece)
        inner = read_headers(head)
        if _is_text(head, inner):
            inner, text = Headers(), piece
        if text.strip():
            yield _leaf(inner, text)


def _is_text(head: str, fields: Headers) -> bool:
    """A part whose first lines are no headers: broken, but the words are there."""
    return bool(head.strip()) and not any(name.startswith("content-") for name, _ in fields.fields)


def _pieces(body: str, boundaries: set[str]) -> Iterator[str]:
    """The text between boundary lines. Inner multiparts add theirs, unless they belong to a returned mail."""
    lines: list[str] = []
    in_original = False
    for line in body.split("\n"):
        bare = line.rstrip()
        if line.startswith("--") and (bare in boundaries or bare.removesuffix("--") in boundaries):
            yield "\n".join(lines)
            lines, in_original = [], False
            continue
        lines.append(line)
        in_original = in_original or line[:30].lower().startswith(
            ("content-type: message/rfc822", "content-type: text/rfc822")
        )
        if not in_original and len(lines) < 30 and (inner := _BOUNDARY.search(line[:300])):
            boundaries.add(f"--{(inner[1] or inner[2]).rstrip()}")
    yield "\n".join(lines)


def _leaf(headers: Headers, text: str) -> Part:
    kind = content_type(headers)
    raw = _transfer_decoded(text, headers.get("content-transfer-encoding").strip().lower())
    found = _CHARSET.search(headers.get("content-type"))
    words = decode(raw, found[1] if found else "")
    if kind != "text/html":
        return Part(type=kind, headers=headers, text=words)
    return Part(type=kind, headers=headers, text=html_words(words), html=words)


def _transfer_decoded(text: str, encoding: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if encoding == "quoted-printable":
        return quopri.decodestring(data)
    if encoding == "base64":
        try:
            return base64.b64decode(b"".join(data.split()) + b"==").replace(b"\r\n", b"\n")
        except (binascii.Error, ValueError):
            return data
    return data


def decode(data: bytes, charset: str) -> str:
    """Bytes in a charset that may be wrong, unknown or missing."""
    if not charset and b"\x1b$" in data:
        charset = "iso-2022-jp"  # what Japanese servers write without saying so
    try:
        name = codecs.lookup(charset or "utf-8").name
        text = data.decode("utf-8" if name in _NO_CHARSETS else name)
        return text if text.isascii() else text.encode("utf-8", "replace").decode()  # UTF-7 has halves of characters
    except (LookupError, ValueError):
        pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def html_words(text: str) -> str:
    """The words of HTML; blocks end a line."""
    text = re.sub(r"(?i)<(?:br|/p|/div|/tr|/li|/h[1-6]|/td)\b[^<>]{0,200}>", "\n", text.replace("\n", " "))
    return html.unescape(_TAG.sub("", text))


def header_words(value: str) -> str:
    """A header value with its encoded words (RFC 2047) undone."""
    if "=?" not in value:
        return value
    try:
        return "".join(
            decode(some, charset or "") if isinstance(some, bytes) else some for some, charset in decode_header(value)
        )
    except (HeaderParseError, ValueError, LookupError):
        return value
