"""The guard: nothing that came in from outside adds, splits or forges a header.

Python's own e-mail package writes `Subject: =?utf-8?q?x=0ABcc:_evil?=` as two headers (CVE-2024-6923, fixed only in
later patch releases). So values are made harmless before they are encoded, and the finished bytes are read again.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from unicodedata import category

from digestbot.errors import MessageError

LONGEST_LINE = 998  #: octets without CRLF, RFC 5322 2.1.1
_WORD_ROOM = 45  #: octets of text in one encoded word: 75 characters with its frame, RFC 2047 2
_HEADER = re.compile(rb"([!-9;-~]+):")


def header_value(text: str) -> str:
    """One line without controls, and nothing that a reader could take for an encoded word."""
    seen = "".join(" " if category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    return " ".join(seen.replace("=?", "=\u2060?").split())


def encoded(text: str) -> str:
    """A header value as ASCII: itself, or RFC 2047 words, folded so that no line is long."""
    value = header_value(text)
    if value.isascii():
        return value
    words, part = [], b""
    for char in value:
        octets = char.encode()
        if len(part) + len(octets) > _WORD_ROOM:
            words.append(part)
            part = b""
        part += octets
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(w).decode()}?=" for w in (*words, part))


def check(data: bytes, expected: Sequence[str]) -> None:
    """Raises MessageError unless the finished mail has exactly these headers, in this order, and clean lines."""
    head, blank, _ = data.partition(b"\r\n\r\n")
    if not blank:
        raise MessageError("a mail without a body")
    lines = head.split(b"\r\n")
    starts = [line for line in lines if line[:1] not in (b" ", b"\t")]
    names = [found.group(1).decode().lower() if (found := _HEADER.match(line)) else "?" for line in starts]
    if names != [name.lower() for name in expected]:
        raise MessageError("the headers of a mail are not those we wrote", where=", ".join(dict.fromkeys(names))[:200])
    if data.count(b"\n") != data.count(b"\r\n") or data.count(b"\r") != data.count(b"\r\n") or b"\0" in data:
        raise MessageError("a mail with bare line ends or NUL")
    if not data.isascii():
        raise MessageError("a mail with octets above 127")
    if max(map(len, data.split(b"\r\n"))) > LONGEST_LINE:
        raise MessageError(f"a mail with a line over {LONGEST_LINE} octets")
