"""BibTeX in. A reader of our own: real files are broken in ways that cost other readers the rest of the file. Here an
entry never reaches over the next `@type{` at the beginning of a line, and keeps the fields that could be read.

The format as BibTeX itself reads it (https://www.ctan.org/pkg/bibtex, btxdoc): `@string`, `#`, crossref; braces count
whether or not a backslash stands before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from digestbot.papers.exchange.journal_macros import journal_of
from digestbot.papers.exchange.works import Unread, Work
from digestbot.papers.text.clean import clean

_ENTRY = re.compile(r"@\s*([A-Za-z]+)\s*([{(])")
_AT_LINE_START = re.compile(r"^[ \t]*(?=@\s*[A-Za-z]+\s*[{(])", re.MULTILINE)
_KEY = re.compile(r"\s*+([^\s,={}()\"]*+)\s*+,")
_NAME = re.compile(r"[\s,]*+([A-Za-z][^\s,={}()\"#%]*+)\s*+=\s*")
_BARE = re.compile(r"[^\s,#{}()\"=]+")
_JOIN = re.compile(r"\s*#\s*")
_REST = re.compile(r"[\s,]*")
_DELIMITER = re.compile(r"[{}\"]")
_SPACE = re.compile(r"\s+")
_MONTHS = {name: str(at) for at, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_NO_WORKS = frozenset({"preamble", "string", "set", "xdata"})
_ADDRESSES = frozenset({"url", "doi", "eprint", "howpublished", "pdf", "adsurl", "biburl", "link", "arxivid"})
#: text that needs nothing but its escapes taken away: what our own writer makes, and most titles
_SIMPLE = re.compile(
    r"(?:[^\\$~]|\\[&%$#_{}]|\\text(?:backslash|asciitilde|asciicircum|braceleft|braceright)(?:\{\}|(?=\})))*+"
)
_ESCAPED = re.compile(
    r"\\(?:([&%$#_{}])|text(backslash|asciitilde|asciicircum|braceleft|braceright)(?:\{\}|(?=\})))|[{}]"
)
_SIGNS = {"backslash": "\\", "asciitilde": "~", "asciicircum": "^", "braceleft": "{", "braceright": "}"}


class _Broken(ValueError):
    """The rest of an entry cannot be read; the message says why."""


@dataclass(slots=True)
class _Raw:
    """An entry as it stands in the file."""

    kind: str
    key: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _File:
    """What the entries of one file share."""

    strings: dict[str, str] = field(default_factory=lambda: dict(_MONTHS))
    entries: list[_Raw] = field(default_factory=list)
    problems: list[Unread] = field(default_factory=list)


def read_bibtex(text: str) -> tuple[list[Work], list[Unread]]:
    """Returns the works of a file, and what of it could not be read. Never raises; linear in the length of the file."""
    file, starts = _File(), [0, *(m.end() for m in _AT_LINE_START.finditer(text)), len(text)]
    line = 1
    for start, end in pairwise(starts):
        _stretch(file, text[start:end], line)
        line += text.count("\n", start, end)
    by_key = {raw.key.lower(): raw for raw in file.entries if raw.key}
    return [_work(raw.kind, raw.key, _inherited(raw, by_key)) for raw in file.entries if raw.fields], file.problems


def _stretch(file: _File, text: str, line: int) -> None:
    """Reads the text from one line that begins with `@type{` to the next such line: one entry, at times several."""
    at = 0
    while found := _ENTRY.search(text, at):
        raw = _Raw(kind=found.group(1).lower())
        if raw.kind == "comment":  # JabRef's hold braces; others hold whole entries, which must not be read
            return
        try:
            at = _entry(file, raw, text, found)
        except _Broken as error:
            place = f"line {line + text.count(chr(10), 0, found.start())}"
            kept = ", the fields before it are kept" if raw.fields else ""
            file.problems.append(Unread(where=place, what=f"@{raw.kind} {raw.key}".strip() + f": {error}{kept}"))
            at = len(text)
        if raw.kind == "string":
            file.strings |= raw.fields
        elif raw.kind not in _NO_WORKS:
            file.entries.append(raw)


def _entry(file: _File, raw: _Raw, text: str, found: re.Match[str]) -> int:
    """Reads an entry into `raw` and returns where it ends. Raises _Broken; what was read until then stays in `raw`."""
    close, at = "}" if found.group(2) == "{" else ")", found.end()
    if raw.kind == "preamble":
        at = _value(file, text, at, close)[1]
    elif raw.kind != "string" and (named := _KEY.match(text, at)):
        raw.key, at = named.group(1), named.end()
    while name := _NAME.match(text, at):
        value, at = _value(file, text, name.end(), close)
        raw.fields.setdefault(name.group(1).lower(), value)
    rest = _REST.match(text, at)
    at = rest.end() if rest else at
    if text[at : at + 1] != close:
        here = _SPACE.sub(" ", text[at : at + 30]).strip()
        raise _Broken(f"a field and its value were expected, not {here!r}" if here else f"no {close} ends it")
    return at + 1


def _value(file: _File, text: str, at: int, close: str) -> tuple[str, int]:
    """Returns a value, its parts joined by `#` and white space folded, and where it ends. Raises _Broken."""
    parts = []
    while True:
        part, at = _part(file, text, at, close)
        parts.append(part)
        joint = _JOIN.match(text, at)
        if not joint:
            return _SPACE.sub(" ", "".join(parts)).strip(), at
        at = joint.end()


def _part(file: _File, text: str, at: int, close: str) -> tuple[str, int]:
    if text[at : at + 1] in ("{", '"'):
        return _quoted(text, at)
    if bare := _BARE.match(text, at):
        return file.strings.get(bare.group().lower(), bare.group()), bare.end()
    if text[at : at + 1] in (",", close):  # `doi = ,`
        return "", at
    raise _Broken("a value is missing")


def _quoted(text: str, at: int) -> tuple[str, int]:
    """Returns the text up to the brace or quote that ends it, and where that is. Raises _Broken."""
    start, depth = at + 1, 0
    for sign in _DELIMITER.finditer(text, start):
        if sign.group() == "{":
            depth += 1
        elif depth == 0 and sign.group() == ("}" if text[at] == "{" else '"'):
            return text[start : sign.start()], sign.end()
        elif sign.group() == "}":
            depth = max(0, depth - 1)
    raise _Broken(f"nothing ends the value that begins with {_SPACE.sub(' ', text[start : start + 30])!r}")


def _inherited(raw: _Raw, by_key: Mapping[str, _Raw]) -> dict[str, str]:
    """Returns the fields of an entry with those it inherits by `crossref` from its proceedings (btxdoc 2.3)."""
    whole = by_key.get(raw.fields.get("crossref", "").lower())
    if whole is None or whole is raw:
        return raw.fields
    taken = {k: v for k, v in whole.fields.items() if k in ("booktitle", "year", "month", "date", "journal")}
    title = {"booktitle": whole.fields["title"]} if "title" in whole.fields else {}
    return title | taken | raw.fields


def _work(kind: str, key: str, fields: Mapping[str, str]) -> Work:
    authors = fields.get("author") or fields.get("editor", "")
    return Work(
        kind=kind,
        key=key,
        authors=tuple(name for part in people(authors) if (name := person(part))),
        fields={name: _said(name, value) for name, value in fields.items() if value},
    )


def _said(name: str, value: str) -> str:
    if name in _ADDRESSES:
        return _address(value)
    return (journal_of(value) if name in ("journal", "journaltitle") else "") or untex(value)


def untex(text: str) -> str:
    """Returns TeX as plain text. Braces only group, and go; a sign that is only escaped begins no mathematics."""
    if _SIMPLE.fullmatch(text):
        return _ESCAPED.sub(lambda m: m.group(1) or _SIGNS.get(m.group(2), ""), text)
    return re.sub(r"[{}]", "", clean(text))


def _address(text: str) -> str:
    """Returns an address or an identifier without TeX's escapes; every other sign stays."""
    return re.sub(r"\\url|[{}]", "", re.sub(r"\\([&%$#_{}~])", r"\1", text)).strip()


def people(text: str) -> Iterator[str]:
    """Returns the names of a field, which `and` outside of braces separates."""
    return (name for name in _parted(text, re.compile(r"(?<!\s)\s++and\s+", re.IGNORECASE)) if name)


def _parted(text: str, sign: re.Pattern[str]) -> Iterator[str]:
    """Returns the pieces between signs that stand outside of braces."""
    depths = _depths(text)
    start = 0
    for found in sign.finditer(text):
        if depths[found.start()] == 0:
            yield text[start : found.start()].strip()
            start = found.end()
    yield text[start:].strip()


def _depths(text: str) -> list[int]:
    depth, depths = 0, []
    for char in text:
        depths.append(depth)
        depth = depth + 1 if char == "{" else max(0, depth - 1) if char == "}" else depth
    return depths


def person(text: str) -> str:
    """Returns a name in reading order, of `Okafor, Ines`, `van Dyk, Jr, A.` or `{A Group}`; "" for `others`."""
    if text.lower() in ("others", "et al.", "et al"):
        return ""
    parts = [untex(part).strip() for part in _parted(text, re.compile(r",\s*"))]
    if len(parts) == 1 or not all(parts):
        return " ".join(p for p in parts if p)
    return " ".join(_in_order(parts))


def _in_order(parts: list[str]) -> Iterable[str]:
    """Returns `given family suffix` of `family, (suffix,) given`."""
    family, *suffix, given = parts
    return (given, family, *suffix)
