"""Forms: lines of a mail, encoded once, with blanks for what differs from reader to reader. Pure.

Quoted-printable (RFC 2045 6.7) begins anew on every line. So whole lines have one encoding wherever they stand, and a
mail joined from encoded lines is, byte for byte, the encoding of the joined text.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping, Sequence
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

Pieces = Sequence[bytes]  #: encoded lines, to be joined once, at the end: copying a mail's 50 kB takes time
Given = Mapping[str, str | Pieces]  #: values for blanks: a text (safe for its template), or lines that are encoded


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


class Mixed(NamedTuple):
    """Blanks among other text: their line is encoded when they are known."""

    text: str  #: with a %s for each
    names: tuple[str, ...]


Hole = str | Mixed | Beginning  #: a name, where a blank has a line to itself


@dataclass(frozen=True, slots=True)
class Form:
    """Encoded lines, each with the blank after them, and the lines at the end; any may be none."""

    steps: tuple[tuple[bytes, Hole], ...]
    end: bytes

    @classmethod
    def of(cls, text: str, given: Given, columns: int = 0) -> Form:
        """The form of a rendered template. Raises TemplateError for a blank that was changed or stands where it cannot."""
        steps: list[tuple[bytes, Hole]] = []
        plain: list[str] = []
        for line in text.split("\n"):
            if _PRIVATE.search(line):
                steps.append((_block(plain), _hole(line, given, columns)))
                plain = []
            else:
                plain.append(line)
        return cls(tuple(steps), _block(plain))

    def filled(self, given: Given) -> Pieces:
        """The lines with their blanks filled."""
        made: list[bytes] = []
        for lines, hole in self.steps:
            made.append(lines)
            if isinstance(hole, str):
                value = given[hole]
                if isinstance(value, str):
                    made.append(encoded(value))
                else:
                    made += value
            elif isinstance(hole, Mixed):
                made.append(encoded(hole.text % tuple([given[name] for name in hole.names])))
            else:
                made += (f"{given[hole.name]}".encode("ascii"), hole.after)
        made.append(self.end)
        return made


def _block(lines: list[str]) -> bytes:
    return encoded("\n".join(lines)) if lines else b""


def _hole(line: str, given: Given, columns: int) -> Hole:
    """One line with blanks, as a form keeps it."""
    split = _MARK.split(line)
    texts, names = split[::2], tuple("".join(chr(ord(c) - _NAMES) for c in mark) for mark in split[1::2])
    if any(_PRIVATE.search(text) for text in texts):
        raise TemplateError(
            "a value that differs from reader to reader was changed by a filter", fix="Print it as it is"
        )
    if texts == ["", ""]:
        return names[0]
    for name in names:
        if not isinstance(given[name], str):
            raise TemplateError(
                f"{{{{ {name} }}}} is whole lines", fix="Put it on a line of its own, nothing beside it"
            )
    if columns and len(names) == 1 and not texts[0]:
        return Beginning(names[0], encoded("0" * columns + texts[1])[columns:])  # a digit is encoded as itself
    return Mixed("%s".join([text.replace("%", "%%") for text in texts]), names)


def encoded(text: str) -> bytes:
    """Whole lines as quoted-printable: at most 76 characters each, 7 bit, CRLF, a line end at the end.

    Lines end in LF; a CR is left out, as it would mean one thing before a LF and another before anything else.
    """
    if text.isascii() and text.isprintable():  # one line, and most need nothing but this: twice as fast
        line = text.replace("=", "=3D")
        if len(line) < 76 and line[-1:] != " " and line != ".":
            return f"{line}\r\n".encode()
    lines = f"{text}\n" if "\r" not in text else text.replace("\r", "") + "\n"
    return binascii.b2a_qp(lines.replace("\n", "\r\n").encode("utf-8", "replace"), istext=True)


def decoded(lines: bytes) -> str:
    """The text of encoded lines, without the last line end."""
    return binascii.a2b_qp(lines).decode().replace("\r\n", "\n").removesuffix("\n")
