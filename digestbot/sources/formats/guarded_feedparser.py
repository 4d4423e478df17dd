"""feedparser, guarded: what makes it raise costs one item, never a feed.

A feed that raises is parsed again with its bytes mended, then in halves down to the single item that is to blame.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

from digestbot.model import Broken, Problem
from digestbot.sources.formats.items import LARGEST, spans
from digestbot.sources.formats.xml_tree import decoded

#: bytes parsed again in search of an item to blame, as a multiple of the feed's own: the cost stays linear
_MAX_AGAIN: Final = 12
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9A-Fa-f]+)|([0-9]+));?")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,300}\?>")
_WIDE_CODES: Final = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b[^>]{0,300}\?>")
_ENCODING = re.compile(rb"\bencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
#: encodings by whose name sites mean the wider one of Windows or of China
_WIDER: Final = {
    **dict.fromkeys(("shift_jis", "shift-jis", "x-sjis", "sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk"), "gb18030"),
}
_OF_ONE_BYTE = re.compile(r"iso-?8859-|windows-125|us-ascii|ascii|cp125|latin")
#: bytes that are no UTF-8, which windows-1252 has letters for
_STRAY, _BEYOND_ASCII = re.compile("[\udc80-\udcff]"), re.compile(r"[^\x00-\x7f]")
_WINDOWS: Final = {0xDC00 + byte: bytes([byte]).decode("windows-1252", "replace") for byte in range(0x80, 0x100)}
_WIDE = 8  #: digits; a longer reference names no character
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """What feedparser made of a feed, with the items it could not read."""

    feed: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    items: tuple[tuple[int, Any], ...] = ()  #: (position in the document counted from 1, feedparser's item)
    fault: Any = None  #: feedparser's exception for XML that is not well-formed
    broken: tuple[Broken, ...] = ()
    problems: tuple[Problem, ...] = ()
    gave_up: str = ""  #: why nothing at all could be read


def parse_guarded(body: bytes, headers: Mapping[str, str]) -> ParsedFeed:
    """The feed of some bytes; an item that makes feedparser raise is in `broken` with a problem."""
    if b"\x00" in body[:64]:
        body, headers = _as_utf8(body), {}
    elif not body.isascii() and (meant := _as_meant(body, headers)) is not None:
        body, headers = meant, {}
    mended, references = mend_references(body)
    problems = (_mended(references),) if references else ()
    try:
        return replace(_parse(mended, headers), problems=problems)
    except Exception as error:  # feedparser may raise anything on hostile bytes
        said = f"{type(error).__name__}: {error}"
    found = _parse_in_halves(mended, headers)
    return replace(found, problems=(*problems, *found.problems)) if found else ParsedFeed(gave_up=said)


def _as_utf8(body: bytes) -> bytes:
    """A feed in UTF-16, with a byte-order mark or without one, which feedparser reads only where it is declared."""
    plain = next((body.decode(name, "replace") for sign, name in _WIDE_CODES if body.startswith(sign)), decoded(body))
    return _DECLARATION.sub("", plain).encode("utf-8", "replace")


def _as_meant(body: bytes, headers: Mapping[str, str]) -> bytes | None:
    """A feed whose letters are not those of the encoding it declares, in UTF-8; None where they are, or nobody can tell."""
    head = _HEAD.match(body)
    declared, charset = (
        _ENCODING.search(head.group() if head else b""),
        _CHARSET.search(headers.get("content-type", "")),
    )
    said = declared.group(1).decode().lower() if declared else ""
    sent = charset.group(1).lower() if charset else said
    if said in _WIDER and sent in (said, "utf-8"):
        with suppress(UnicodeDecodeError):
            return _DECLARATION.sub("", body.decode(_WIDER[said])).encode()
        return None
    text = body.decode("utf-8", "surrogateescape")
    if _is_utf8(text, said, sent):
        return _DECLARATION.sub("", text.translate(_WINDOWS)).encode("utf-8", "replace")
    return (
        body[head.end() :] if head and not head.group().removeprefix(b"\xef\xbb\xbf").isascii() else None
    )  # nobody knows such an encoding


def _is_utf8(text: str, said: str, sent: str) -> bool:
    """Is it UTF-8 under another name, or but for a few bytes?"""
    stray = len(_STRAY.findall(text))
    if not stray:
        return _OF_ONE_BYTE.match(said) is not None
    return {said, sent} <= {"", "utf-8", "utf8"} and len(_BEYOND_ASCII.findall(text)) >= 4 * stray


def _parse(body: bytes, headers: Mapping[str, str]) -> ParsedFeed:
    import feedparser

    with suppress(ImportError, AttributeError, KeyError):  # a later feedparser may have another dict: it is slower then
        import digestbot.sources.formats.quick_feedparser  # noqa: F401  a third of the time

    # a stream only: feedparser opens a str, and even bytes, that name a file. `plain` does what its sanitiser would
    parsed = feedparser.parse(
        io.BytesIO(body), response_headers=dict(headers), sanitize_html=False, resolve_relative_uris=False
    )
    return ParsedFeed(
        feed=parsed.feed,
        version=parsed.get("version") or "",
        items=tuple(enumerate(map(_item, parsed.entries), 1)),
        fault=parsed.get("bozo_exception") if parsed.bozo else None,
    )


def _item(given: Mapping[str, Any]) -> dict[str, Any]:
    """An item as plain dicts: each look into feedparser's own costs ten times as much. `date` is its name of `updated`."""
    item = {name: [dict(x) if isinstance(x, dict) else x for x in value] if isinstance(value, list) else value
            for name, value in given.items()}  # fmt: skip
    if "updated" in item:
        item |= {"date": item["updated"], "date_parsed": item.get("updated_parsed")}
    return item


def _parse_in_halves(body: bytes, headers: Mapping[str, str]) -> ParsedFeed | None:
    """The items that can be read, each half of the feed by itself; None when there are none to part."""
    places = spans(body)
    if not places:
        return None
    head, tail = body[: places[0][0]], body[places[-1][1] :]
    budget = _MAX_AGAIN * len(body)
    parts: list[tuple[int, ParsedFeed]] = []
    broken: list[Broken] = []
    waiting = [(0, len(places))]
    while waiting:
        first, end = waiting.pop()
        part = head + body[places[first][0] : places[end - 1][1]] + tail
        budget -= len(part)
        try:
            if budget < 0:
                raise ValueError("too many items of this feed cannot be read")
            parts.append((first, _parse(part, headers)))
        except Exception as error:  # as above
            if end - first > 1 and budget >= 0:
                middle = (first + end) // 2
                waiting += [(middle, end), (first, middle)]
            else:
                broken += _broken(body, places, first, end, error)
    return _joined(sorted(parts, key=lambda part: part[0]), broken)


def _broken(body: bytes, places: Sequence[tuple[int, int]], first: int, end: int, error: Exception) -> Iterator[Broken]:
    for at in range(first, end):
        begin, stop = places[at]
        yield Broken(
            position=at + 1, data=body[begin:stop][:LARGEST], error=f"feedparser: {type(error).__name__}: {error}"
        )


def _joined(parts: Sequence[tuple[int, ParsedFeed]], broken: Sequence[Broken]) -> ParsedFeed:
    items = tuple((first + position, item) for first, part in parts for position, item in part.items)
    faults = [part.fault for _, part in parts if part.fault is not None]
    problems = [
        Problem(what="an entry could not be read", where=f"entry {b.position}", hint="`digestbot quarantine list` holds it")
        for b in broken
    ]  # fmt: skip
    begin = parts[0][1] if parts else ParsedFeed()
    return ParsedFeed(
        feed=begin.feed, version=begin.version, items=items, fault=next(iter(faults), None), broken=tuple(broken),
        problems=tuple(problems),
    )  # fmt: skip


def mend_references(body: bytes) -> tuple[bytes, int]:
    """Character references that name no character: two halves become their sign, others go. With their number."""
    if b"&#" not in body:
        return body, 0
    parts: list[bytes] = []
    at = count = 0
    half: tuple[int, int] | None = None  # (first half of a sign, where its reference ends)
    for found in _REFERENCE.finditer(body):
        number = _number(found)
        if _is_character(number):
            continue
        count += 1
        parts.append(body[at : found.start()])
        if half is not None and number in _LOW and half[1] == found.start():
            sign = 0x10000 + ((half[0] - 0xD800) << 10) + (number - 0xDC00)
            parts.append(b"&#%d;" % sign)
        at = found.end()
        half = (number, at) if number in _HIGH else None
    return b"".join([*parts, body[at:]]), count


def _number(found: re.Match[bytes]) -> int:
    digits = (found.group(1) or found.group(2)).lstrip(b"0") or b"0"
    return -1 if len(digits) > _WIDE else int(digits, 16 if found.group(1) else 10)


def _is_character(number: int) -> bool:
    """XML's own `Char`, https://www.w3.org/TR/xml/#charsets."""
    control = number < 0x20 and number not in (0x9, 0xA, 0xD)
    return (
        not control and number not in _HIGH and number not in _LOW and number <= 0x10FFFF and number & 0xFFFE != 0xFFFE
    )


def _mended(count: int) -> Problem:
    what = "a character reference names" if count == 1 else f"{count} character references name"
    return Problem(what=f"{what} no character", hint="the rest was read")
