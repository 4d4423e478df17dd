"""Forms: lines of a mail, encoded once, with blanks for what differs from reader to reader. Pure.

Quoted-printable (RFC 2045 6.7) begins anew on every line. So whole lines have one encoding wherever they stand, and a
mail joined from encoded lines is, byte for byte, the encoding of the joined text.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from markupsafe import Markup

from digestbot.errors import TemplateError

#: A blank is written in private-use signs of the last plane, which `papers.clean` lets through in no paper and no
#: filter takes for words: one sign for each column it will take, its name moved to U+100100 and on, one at the end.
COLUMN = "\U00100000"
_END = "\U00100001"
_NAMES = 0x100100
_MARK = re.compile(f"{COLUMN}*([\U00100100-\U001001ff]+){_END}")
_ONLY = "this value differs from reader to reader: it can be printed and tested with `if`, no more"
_PRIVATE = re.compile("[\U00100000-\U001001ff]")

Given = Mapping[str, str | bytes]  #: values for blanks: a text (safe for its template), or lines that are encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A rendered digest. Both bodies are encoded, whole lines, and hold the same papers."""

    subject: str
    html: bytes
    text: bytes


class Blank(Markup):
    """Stands in a template for a value that comes later: it can be printed and tested for being there, no more."""

    __slots__ = ()

    def __new__(cls, name: str, columns: int = 0) -> Blank:
        """`columns`: as wide as the value will be, where a text is filled to lines around it."""
        if not name.isidentifier():  # a method of Markup makes its result by calling its class
            raise TypeError(_ONLY)
        return super().__new__(cls, COLUMN * columns + "".join(chr(_NAMES + ord(c)) for c in name) + _END)

    def __bool__(self) -> bool:
        return True

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError(_ONLY)

    __len__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __hash__ = str.__hash__


class Beginning(NamedTuple):
    """A blank at the beginning of a line, as wide as was said, all ASCII: what follows is encoded already."""

    name: str
    after: bytes


#: its name, where a blank has a line to itself; else the texts and names in turn of the line it stands in
Hole = str | tuple[str, ...] | Beginning


@dataclass(frozen=True, slots=True)
class Form:
    """Encoded lines, empty ones in the places of blanks, and the blanks with their places."""

    lines: tuple[bytes, ...]
    blanks: tuple[tuple[int, Hole], ...] = ()

    @classmethod
    def of(cls, text: str, given: Given, columns: int = 0) -> Form:
        """The form of a rendered template. Raises TemplateError for a blank that was changed or stands where it cannot."""
        lines: list[bytes] = []
        blanks: list[tuple[int, Hole]] = []
        plain: list[str] = []
        for line in text.split("\n"):
            if not _PRIVATE.search(line):
                plain.append(line)
                continue
            if plain:
                lines.append(encoded("\n".join(plain)))
                plain = []
            blanks.append((len(lines), _hole(line, given, columns)))
            lines.append(b"")
        return cls((*lines, encoded("\n".join(plain))) if plain else tuple(lines), tuple(blanks))

    def filled(self, given: Given) -> bytes:
        """The lines with their blanks filled."""
        made = list(self.lines)
        for at, hole in self.blanks:
            if isinstance(hole, str):
                value = given[hole]
                made[at] = value if isinstance(value, bytes) else encoded(value)
            elif isinstance(hole, Beginning):
                made[at] = str(given[hole.name]).encode("ascii") + hole.after
            else:
                made[at] = encoded("".join([str(given[text]) if n % 2 else text for n, text in enumerate(hole)]))
        return b"".join(made)


def _hole(line: str, given: Given, columns: int) -> Hole:
    """One line with blanks, as a form keeps it."""
    split = _MARK.split(line)
    found = tuple("".join(chr(ord(c) - _NAMES) for c in text) if at % 2 else text for at, text in enumerate(split))
    if any(_PRIVATE.search(text) for text in found[::2]):
        raise TemplateError(
            "a value that differs from reader to reader was changed by a filter", fix="Print it as it is"
        )
    alone = not any(found[::2]) and len(found) == 3
    for name in found[1::2]:
        if isinstance(given[name], bytes) and not alone:
            raise TemplateError(
                f"{{{{ {name} }}}} is whole lines", fix="Put it on a line of its own, nothing beside it"
            )
    if columns and len(found) == 3 and not found[0] and isinstance(given[found[1]], str) and not alone:
        return Beginning(found[1], encoded("0" * columns + found[2])[columns:])  # a digit is encoded as itself
    return found[1] if alone else found


def encoded(text: str) -> bytes:
    """Whole lines as quoted-printable: at most 76 characters each, 7 bit, CRLF, a line end at the end.

    Lines end in LF; a CR is left out, as it would mean one thing before a LF and another before anything else.
    """
    lines = f"{text}\n" if "\r" not in text else text.replace("\r", "") + "\n"
    return binascii.b2a_qp(lines.replace("\n", "\r\n").encode("utf-8", "replace"), istext=True)


def decoded(lines: bytes) -> str:
    """The text of encoded lines, without the last line end."""
    return binascii.a2b_qp(lines).decode().replace("\r\n", "\n").removesuffix("\n")
