"""Header guard: no value from outside adds, splits or forges a header. Pure.

Python's own e-mail package writes `Subject: =?utf-8?q?x=0ABcc:_evil?=` as two headers (CVE-2024-6923, fixed only in
later patch releases). Values are therefore made harmless before they are encoded, and the finished bytes are read
again.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import category

from digestbot.errors import MessageError

LONGEST_LINE = 998  #: octets without CRLF, RFC 5322 2.1.1
_WORD_ROOM = 45  #: octets of text in one encoded word: 75 characters with its frame, RFC 2047 2


def header_value(text: str) -> str:
    """One line without control characters and without anything that a reader could take for an encoded word."""
    if text.isprintable() and "=?" not in text and "  " not in text:  # has none of the categories below
        return text.strip(" ")
    seen = "".join(" " if category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    return " ".join(seen.replace("=?", "=\u2060?").split())


def encoded(text: str) -> str:
    """A header value in ASCII: the value itself, or RFC 2047 encoded words, folded so that no line is too long."""
    value = header_value(text)
    if value.isascii():
        return value
    octets, words, at = value.encode(), [], 0
    while at < len(octets):
        end = at + _WORD_ROOM
        while end < len(octets) and octets[end] & 0xC0 == 0x80:  # no character is cut in two, RFC 2047 5
            end -= 1
        words.append(octets[at:end])
        at = end
    return "\r\n ".join([f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words])


def check(data: bytes, expected: Sequence[str]) -> None:
    """Check the finished mail: exactly these headers in this order, and lines that servers accept. Raises
    MessageError."""
    check_headers(data, expected)
    _octets(data)
    if not _short_lines(data):
        raise MessageError(f"a mail with a line over {LONGEST_LINE} octets")


def check_headers(data: bytes, expected: Sequence[str], *, utf8: bool = False) -> None:
    """The part of `check` that every mail goes through before it is sent.

    The bodies are not looked at here: `digest.rendering.fragments.encoded` makes all their lines, and is held by its own test to short
    ones of 7 bits. Looking takes longer than joining the mail. With `utf8` the headers may hold UTF-8 (RFC 6532): an address needs it.
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        raise MessageError("a mail without a body")
    head = data[:end]
    lines = head.split(b"\r\n")
    names = [line[: line.find(b":") + 1].lower() for line in lines if line[:1] not in (b" ", b"\t")]
    if names != _named(tuple(expected)):
        found = b", ".join(dict.fromkeys(name[:-1] or b"?" for name in names)).decode("ascii", "replace")
        raise MessageError("the headers of a mail are not those we wrote", where=found[:200])
    if not head.count(b"\n") == head.count(b"\r") == len(lines) - 1:
        raise MessageError("a mail with bare line ends among its headers")
    if max(map(len, lines)) > LONGEST_LINE:
        raise MessageError(f"a header line over {LONGEST_LINE} octets")
    if not utf8:
        _octets(head)


@lru_cache(maxsize=64)
def _named(expected: tuple[str, ...]) -> list[bytes]:
    return [f"{name.lower()}:".encode() for name in expected]


def _octets(data: bytes) -> None:
    if not data.isascii() or b"\0" in data:
        raise MessageError("a mail with NUL or octets above 127")


def _short_lines(data: bytes) -> bool:
    """Whether no line is longer than 998 octets. Looks only for a line end within each next 1,000 octets."""
    at = 0
    while len(data) - at > LONGEST_LINE:
        end = data.rfind(b"\n", at, at + LONGEST_LINE + 2)
        if end < 0:
            return False
        at = end + 1
    return True
