"""Read the items of one reply one by one: an item that makes its reader fail is put aside and costs no other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from digestbot.model import Broken, Entry, Problem

LARGEST = 64 * 1024  #: bytes kept of one item
BEGIN = re.compile(rb"<(?:[\w.-]+:)?(item|entry)(?=[\s>/])", re.IGNORECASE)


class NoEntry(ValueError):
    """An item that names no paper; the message says what is missing."""


def each(
    items: Iterable[Any], read: Callable[[Any], Iterable[Entry]], raw: Callable[[int, Any], bytes]
) -> tuple[list[Entry], list[Problem], list[Broken]]:
    """Returns entries, problems and broken items. `raw(number, item)` gives the bytes of an item, counted from 1.

    `read` may give several entries for an item: a notice also names the work it retracts.
    """
    entries, problems, broken = [], [], []
    for number, item in enumerate(items, 1):
        try:
            entries += list(read(item))
        except Exception as error:  # one impossible entry must not cost the others
            said = str(error) if isinstance(error, NoEntry) else f"{type(error).__name__}: {error}"
            problems.append(Problem(what=f"an entry could not be read: {said}", where=f"entry {number}",
                                    hint="`digestbot quarantine list` holds it"))  # fmt: skip
            broken.append(Broken(position=number, data=raw(number, item)[:LARGEST], error=said))
    return entries, problems, broken


def element(body: bytes, number: int) -> bytes:
    """Returns the bytes of the item with this number in a feed, b"" where there is none."""
    found = [m for _, m in zip(range(number + 1), BEGIN.finditer(body), strict=False)]
    if len(found) < number:
        return b""
    begin = found[number - 1]
    limit = found[number].start() if len(found) > number else len(body)
    return body[begin.start() : _after(body, begin.group(1), begin.start(), limit)]


def spans(body: bytes) -> list[tuple[int, int]]:
    """Returns where each item of a feed begins and ends, in order."""
    begins = list(BEGIN.finditer(body))
    limits = [*(found.start() for found in begins[1:]), *([len(body)] if begins else [])]
    return [
        (found.start(), _after(body, found.group(1), found.start(), limit))
        for found, limit in zip(begins, limits, strict=True)
    ]


def _after(body: bytes, name: bytes, start: int, limit: int) -> int:
    """Returns where the item's end tag ends, or where the next item begins."""
    closing = re.compile(rb"</(?:[\w.-]+:)?" + name + rb"\s*>", re.IGNORECASE).search(body, start, limit)
    return closing.end() if closing else limit


def as_xml(_: int, item: Element) -> bytes:
    """Returns the bytes of an item that was read as an XML tree."""
    return ElementTree.tostring(item)


def as_json(_: int, item: Any) -> bytes:
    """Returns the bytes of an item of a JSON reply."""
    return json.dumps(item, ensure_ascii=True, indent=1).encode()
