"""Text layout: plain text for readers whose letters are one or two columns wide. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import category, east_asian_width

from digestbot.digest.rendering.fragments import COLUMN

COLUMNS = 72  #: what stays readable when it is quoted once or twice; RFC 5322 2.1.1 asks for at most 78

#: East Asian scripts break between any two signs; the signs that may not begin a line stay with the one before them
_WIDE = "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003fffd"
_CLOSING = "、。，．：；！？）］｝」』】〉》〕ー…％"
_WORD = re.compile(rf"(?<!\s)(\s*+)([{_WIDE}][{_CLOSING}]*|[^\s{_WIDE}]+[{_CLOSING}]*)")


def width(text: str) -> int:
    """Width of a text in columns: two for wide characters, none for combining marks; placeholders have the width they
    were given."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=8192)
def _columns(char: str) -> int:
    kind = category(char)
    if kind in ("Mn", "Me", "Cf") or (kind == "Co" and char != COLUMN):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def wrap(text: str, indent: str = "", first: str | None = None) -> str:
    """Text filled to 72 columns. Addresses and long words are never broken."""
    if text.isascii() and not indent and first is None:
        return _wrap_ascii(" ".join(text.split()))
    lines, line, used = [], indent if first is None else first, -1
    for gap, word in _words(text):
        room = width(word)
        if used < 0:
            line, used = line + word, width(line) + room
        elif used + gap + room <= COLUMNS:
            line, used = f"{line}{' ' * gap}{word}", used + gap + room
        else:
            lines.append(line)
            line, used = indent + word, len(indent) + room
    return "\n".join([*lines, line])


def _wrap_ascii(text: str) -> str:
    """The same for one column a letter, without looking at every word."""
    lines, begin = [], 0
    while len(text) - begin > COLUMNS:
        at = text.rfind(" ", begin, begin + COLUMNS + 1)
        if at < 0 and (at := text.find(" ", begin)) < 0:
            break
        lines.append(text[begin:at])
        begin = at + 1
    return "\n".join([*lines, text[begin:]])


def _words(text: str) -> Iterator[tuple[int, str]]:
    """Each word, with 1 when a space stands before it and 0 when none does."""
    if text.isascii():
        return ((1, word) for word in text.split())
    return ((1 if gap else 0, word) for gap, word in _WORD.findall(text.strip()))


def right(left: str, ending: str) -> str:
    """Two texts at the two ends of one line, or on two lines when they do not fit."""
    room = COLUMNS - width(left) - width(ending)
    return f"{left}{' ' * room}{ending}" if room > 1 else f"{wrap(left)}\n{' ' * (COLUMNS - width(ending))}{ending}"
