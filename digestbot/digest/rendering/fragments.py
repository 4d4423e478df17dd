"""Fragments: lines of a mail that are encoded once, with placeholders for what differs from reader to reader. Pure.

Quoted-printable (RFC 2045 6.7) encodes each line by itself. A mail that is joined from encoded lines therefore equals,
byte for byte, the encoding of the joined text.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from markupsafe import Markup, escape

from digestbot.errors import TemplateError

#: A placeholder is written in private-use characters of plane 16, which `papers.clean` removes from papers and no filter
#: takes for words: one character a column of its width, then its name shifted to U+100100 and up, then an end mark.
COLUMN = "\U00100000"
_END = "\U00100001"
_NAMES = 0x100100
_MARK = re.compile(f"(?:(?<!{COLUMN}){COLUMN}++|(?<![{COLUMN}\U00100100-\U001001ff]))([\U00100100-\U001001ff]++){_END}")
_ONLY = "this value differs from reader to reader: it can be printed and tested with `if`, no more"
#: control characters, and those that turn the direction of a line: no mail needs them, and a stranger may have written them
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
#: binascii.b2a_qp encodes a blank at the end of a full line without breaking it: 77 characters
_TOO_LONG = re.compile(rb"^([^\r\n]{74})(=(?:09|20))(?=\r\n)", re.MULTILINE)
_PRIVATE = re.compile("[\U00100000-\U001001ff]")

Pieces = Sequence[bytes]  #: encoded lines, to be joined once, at the end: copying a mail's 50 kB takes time
#: stands in for a link token of the same length: letters that quoted-printable leaves as they are, breaking lines alike
STAND_IN = "standsinforthetokenofonereader22"
_STAND_IN = re.compile("(?:=\r\n)?".join(STAND_IN).encode())
TokenPieces = Sequence[bytes | slice]  #: encoded lines; a slice is that part of a value that is filled in later
Given = Mapping[str, str | Pieces]  #: values for placeholders: a text (safe for its template), or encoded lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A rendered digest. Both bodies are encoded, whole lines, and hold the same papers."""

    subject: str
    html: bytes
    text: bytes


class Placeholder(Markup):
    """A value that is filled in later. A template can print it and test it with `if`; anything else raises TypeError."""

    __slots__ = ()

    def __new__(cls, name: str, columns: int = 0) -> Placeholder:
        """`columns`: as wide as the value will be, where a text is filled to lines around it."""
        if not name.isidentifier():  # a method of Markup makes its result by calling its class
            raise TypeError(_ONLY)
        return super().__new__(cls, COLUMN * columns + "".join(chr(_NAMES + ord(c)) for c in name) + _END)

    def __bool__(self) -> bool:
        return True

    def __reduce__(self) -> tuple[Callable[[str], Placeholder], tuple[str]]:
        return _as_it_was, (str.__str__(self),)

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError(_ONLY)

    __len__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __hash__ = str.__hash__


def _as_it_was(text: str) -> Placeholder:
    """A placeholder that was sent to another process."""
    return Markup.__new__(Placeholder, text)


class FixedWidthGap(NamedTuple):
    """A placeholder of fixed ASCII width at the start of a line: the rest of the line is encoded in advance."""

    name: str
    after: bytes


class Mixed(NamedTuple):
    """Placeholders among other text: the line is encoded when their values are known."""

    text: str  #: with a %s for each
    names: tuple[str, ...]


Gap = str | Mixed | FixedWidthGap  #: a name where a placeholder has the whole line


class KeptLines(NamedTuple):
    """Finished lines before and after those of one gap; what a reader alone has is missing in them."""

    before: TokenPieces
    after: TokenPieces

    def filled(self, value: bytes, between: Pieces) -> list[bytes]:
        """The lines with `value` in the place of what is missing, and `between` in the gap."""
        before = [value[piece] if isinstance(piece, slice) else piece for piece in self.before]
        after = [value[piece] if isinstance(piece, slice) else piece for piece in self.after]
        return [*before, *between, *after]


@dataclass(frozen=True, slots=True)
class Fragment:
    """Encoded lines, each run followed by one gap, and the encoded lines after the last gap. Any of them may be empty."""

    steps: tuple[tuple[bytes, Gap], ...]
    end: bytes

    @classmethod
    def of(cls, text: str, given: Given, columns: int = 0) -> Fragment:
        """A rendered template as a fragment. Raises TemplateError when a filter changed a placeholder, or when one that
        stands for whole lines shares its line."""
        steps: list[tuple[bytes, Gap]] = []
        plain: list[str] = []
        for line in text.split("\n"):
            if _PRIVATE.search(line):
                steps.append((_block(plain), _hole(line, given, columns)))
                plain = []
            else:
                plain.append(line)
        return cls(tuple(steps), _block(plain))

    def kept(self, given: Given, cut: str, whole: str) -> KeptLines | None:
        """The lines around those of the gap `whole`, all but the value of the gap `cut` filled in.

        `given[cut]` holds STAND_IN in the place of the value, or is any value of a fixed width. None where a template
        has these gaps where they cannot be told apart from other text.
        """
        parts: list[list[bytes | slice]] = [[]]
        for lines, hole in self.steps:
            parts[-1].append(lines)
            if hole == whole:
                parts.append([])
                continue
            if (pieces := _around(hole, given, cut)) is None:
                return None
            parts[-1] += pieces
        parts[-1].append(self.end)
        return KeptLines(joined(parts[0]), joined(parts[1]) if len(parts) > 1 else ()) if len(parts) < 3 else None

    def with_filled(self, given: Given) -> Fragment:
        """The fragment with the gaps filled that `given` has values for: they share no line with other gaps."""
        steps: list[tuple[bytes, Gap]] = []
        run: list[bytes] = []
        for lines, hole in self.steps:
            if given.keys() >= set(_names(hole)):
                run += Fragment(((lines, hole),), b"").filled(given)
            else:
                steps.append((b"".join([*run, lines]), hole))
                run = []
        return Fragment(tuple(steps), b"".join([*run, self.end]))

    def filled(self, given: Given) -> Pieces:
        """The encoded lines with every gap filled from `given`."""
        made: list[bytes] = []
        for lines, hole in self.steps:
            made.append(lines)
            if isinstance(hole, str):
                value = given[hole]
                if isinstance(value, str):
                    made.append(encoded(harmless(value)))
                else:
                    made += value
            elif isinstance(hole, Mixed):
                made.append(encoded(harmless(hole.text % tuple([given[name] for name in hole.names]))))
            else:
                made += (f"{given[hole.name]}".encode("ascii"), hole.after)
        made.append(self.end)
        return made


def _names(hole: Gap) -> tuple[str, ...]:
    """The placeholders of a gap."""
    if isinstance(hole, str):
        return (hole,)
    return hole.names if isinstance(hole, Mixed) else (hole.name,)


def _around(hole: Gap, given: Given, cut: str) -> TokenPieces | None:
    """The line of a gap, without the value of `cut` where it holds that."""
    if isinstance(hole, FixedWidthGap) and hole.name == cut:
        return (slice(None), hole.after)
    lines = Fragment(((b"", hole),), b"").filled(given)
    holds = hole == cut or (isinstance(hole, Mixed) and cut in hole.names)
    return cut_at_token(lines[1]) if holds else lines


def joined(pieces: TokenPieces) -> TokenPieces:
    """The same pieces, with what stands between two parts of a token as one."""
    made: list[bytes | slice] = []
    run: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, slice):
            made += (b"".join(run), piece)
            run = []
        else:
            run.append(piece)
    return (*made, b"".join(run))


def cut_at_token(line: bytes) -> TokenPieces | None:
    """An encoded line with STAND_IN as pieces around the token, which a soft line break may divide; None where it
    stands there not exactly once: somebody else's text may have it too."""
    found = _STAND_IN.findall(line)
    if len(found) != 1:
        return None
    [token] = found
    before, after = line.split(token)
    first, gap, _ = token.partition(b"=\r\n")
    made: tuple[bytes | slice, ...] = (before, slice(0, len(first)), after)
    return (*made[:2], gap, slice(len(first), None), after) if gap else made


class Pair(NamedTuple):
    """The fragments of two templates, `NAME.html` and `NAME.txt`."""

    html: Fragment
    text: Fragment


class Lines(NamedTuple):
    """Finished lines for both bodies."""

    html: Pieces
    text: Pieces


NONE = Lines((), ())


class KeptCard(NamedTuple):
    """A card that is the same for everybody but for why it came, its number, and the token of its votes."""

    html: KeptLines
    text: KeptLines


def together(made: Iterable[Lines]) -> Lines:
    """The lines of several pieces, one after the other."""
    html: list[bytes] = []
    text: list[bytes] = []
    for lines in made:
        html += lines.html
        text += lines.text
    return Lines(html, text)


def _block(lines: list[str]) -> bytes:
    return encoded(harmless("\n".join(lines))) if lines else b""


def _hole(line: str, given: Given, columns: int) -> Gap:
    """The gap for one line that holds placeholders."""
    split = _MARK.split(line)
    texts, names = (
        [harmless(one) for one in split[::2]],
        tuple("".join(chr(ord(c) - _NAMES) for c in mark) for mark in split[1::2]),
    )
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
        return FixedWidthGap(names[0], encoded("0" * columns + texts[1])[columns:])  # a digit is encoded as itself
    return Mixed("%s".join([text.replace("%", "%%") for text in texts]), names)


def escaped(text: str) -> str:
    """Text escaped for HTML. Most texts need no escaping, and looking is five times faster than escaping."""
    special = "&" in text or "<" in text or ">" in text or '"' in text or "'" in text
    return str(escape(text)) if special else text


def harmless(text: str) -> str:
    """The text without what steers a terminal or turns a line's direction."""
    return text if text.isprintable() else _STEERING.sub("", text)


def encoded(text: str) -> bytes:
    """Whole lines as quoted-printable: at most 76 characters each, 7 bit, CRLF, a line end at the end.

    Lines end in LF; a CR is left out, as it would mean one thing before a LF and another before anything else.
    """
    if text.isascii() and text.isprintable():  # one line, and most need nothing but this: twice as fast
        line = text.replace("=", "=3D")
        if len(line) < 76 and line[-1:] != " " and line != ".":
            return f"{line}\r\n".encode()
    lines = f"{text}\n" if "\r" not in text else text.replace("\r", "") + "\n"
    made = binascii.b2a_qp(lines.replace("\n", "\r\n").encode("utf-8", "replace"), istext=True)
    return _TOO_LONG.sub(rb"\1=\r\n\2", made) if " \n" in lines or "\t\n" in lines else made


def decoded(lines: bytes) -> str:
    """The text of encoded lines, without the last line end."""
    return binascii.a2b_qp(lines).decode().replace("\r\n", "\n").removesuffix("\n")
