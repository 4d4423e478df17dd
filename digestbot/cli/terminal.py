"""How results look on a terminal: escaping of strange characters, tables; plain words first, colour only repeats them."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import zip_longest
from typing import Any
from unicodedata import category, east_asian_width
from zoneinfo import ZoneInfo

import click

from digestbot.errors import ConfigProblem
from digestbot.model import PartialDate

CELL_LINES = 4  #: of one cell of a table that has to fit


def plural(count: int, noun: str) -> str:
    """Returns a count with its noun: `1 paper`, `2 papers`, `3 entries`."""
    word = noun if count == 1 else (f"{noun[:-1]}ies" if noun[-2:] in ("ry", "ly") else f"{noun}s")
    return f"{count:,} {word}"


def heading(text: str) -> str:
    """Returns the text in bold where the terminal shows it."""
    return paint(text, bold=True)


def paint(text: str, **style: Any) -> str:
    """Returns the text in colour, unless NO_COLOR is set; click removes colours from pipes."""
    return text if "NO_COLOR" in os.environ else click.style(text, **style)


def state(word: str) -> str:
    """Returns the word of a state in its colour; the word alone says it all."""
    colours = {"ok": "green", "sent": "green", "unchanged": "green", "empty": "green"}
    bad = ("unreadable", "unreachable", "gone", "refused", "failed")
    colour = colours.get(word) or (
        "red" if word.startswith(bad) else "yellow" if word in ("later", "partial", "stale") else ""
    )
    return paint(word, fg=colour) if colour else word


def width(text: str) -> int:
    """Returns how many columns the text takes on a terminal; East Asian wide characters take two."""
    if text.isascii() and "\x1b" not in text:  # nearly every cell of a long table
        return len(text)
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in click.unstyle(text))


def fitted(line: str, indent: int = 0) -> str:
    """Returns the line cut to the terminal; whole where there is no terminal, for grep and scripts."""
    if for_scripts():
        return line
    room = shutil.get_terminal_size().columns - indent
    if width(line) <= room:
        return line
    line = line[: 4 * room]  # marks take no column, but few letters carry more than three
    while line and width(line) >= room:
        line = line[:-1]
    return f"{line.rstrip()}…"


def for_scripts() -> bool:
    """Whether nobody reads the answer in a terminal."""
    return "COLUMNS" not in os.environ and (sys.stdout is None or not sys.stdout.isatty())


def columns() -> int:
    """Returns how wide an answer may be: as the terminal or $COLUMNS, at most 80."""
    return min(shutil.get_terminal_size((80, 24)).columns, 80)


def fitting_table(rows: Sequence[Sequence[str]], *, head: Sequence[str], right: Sequence[int] = ()) -> str:
    """Returns a table that fits the terminal: long cells go on below, for `CELL_LINES` at most; below 60 columns each row
    becomes a block of lines. Where there is no terminal, rows are whole, for grep and scripts."""
    if for_scripts():
        return table(rows, head=head, right=right)
    room = columns()
    if room < 60:
        return "\n".join(_block(row, head, room) for row in rows)
    most = [max(width(row[at]) for row in [*rows, head]) for at in range(len(head))]
    while (over := sum(most) + 2 * (len(head) - 1) - room) > 0:
        longest = max(range(len(head)), key=lambda at: most[at] if at not in right else 0)
        less = max(most[longest] - over, len(head[longest]), 8)
        if less >= most[longest]:
            break
        most[longest] = less
    return table([line for row in rows for line in _folded(row, most)], head=head, right=right)


def _folded(row: Sequence[str], most: Sequence[int]) -> Iterator[list[str]]:
    """Yields a row as lines of a table whose columns are so wide at most."""
    cells = [_lines(cell, room) if width(cell) > room else [cell] for cell, room in zip(row, most, strict=True)]
    for parts in zip_longest(*cells, fillvalue=""):
        yield list(parts)


def _lines(text: str, room: int) -> list[str]:
    lines = textwrap.wrap(click.unstyle(text), room, break_long_words=False, break_on_hyphens=False)
    if len(lines) > CELL_LINES:
        lines[CELL_LINES - 1 :] = [f"{lines[CELL_LINES - 1]} …"]
    return [cut(line, room) for line in lines]


def _block(row: Sequence[str], head: Sequence[str], room: int) -> str:
    told = [f"{name.lower()} {cell}" for name, cell in zip(head[1:], row[1:], strict=True) if cell not in ("", "-")]
    return "\n".join([row[0], *textwrap.wrap(" · ".join(told), room, initial_indent="  ", subsequent_indent="  ")])


def cut(text: str, most: int) -> str:
    """Returns the text in `most` columns, with an ellipsis where it was longer."""
    if width(text) <= most:
        return text
    plain = click.unstyle(text)
    while plain and width(plain) >= most:
        plain = plain[:-1]
    return f"{plain.rstrip()}…"


def doubt(warnings: Iterable[str]) -> None:
    """Says on stderr what a rule likely does not mean."""
    for said in warnings:
        click.echo(wrapped(f"Is this meant? {said[:1].upper()}{said[1:]}.", ""), err=True)


def wrapped(text: str, indent: str = "  ", further: str = "    ") -> str:
    """Wraps a line of prose to the width of the answer."""
    return textwrap.fill(
        text, max(columns(), 30), initial_indent=indent, subsequent_indent=further, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def table(rows: Iterable[Sequence[str]], *, head: Sequence[str] = (), right: Sequence[int] = ()) -> str:
    """Returns a table with columns as wide as their cells, two spaces apart; the columns in `right` hold numbers and align right."""
    body = [list(row) for row in rows]
    every = ([list(head)] if head else []) + body
    if not every:
        return ""
    widths = [max(width(row[at]) for row in every) for at in range(len(every[0]))]
    lines = []
    for row in every:
        cells = [" " * (w - width(c)) + c if at in right else c + " " * (w - width(c))
                 for at, (c, w) in enumerate(zip(row, widths, strict=True))]  # fmt: skip
        lines.append("  ".join(cells).rstrip())
    if head:
        lines[0] = paint(lines[0], dim=True)
    return "\n".join(lines)


def when(moment: datetime | None, zone: str, now: datetime) -> str:
    """Returns `07:05` for today, `Mon 07:05` within the week, else `Fri 13 Nov`."""
    if moment is None:
        return "-"
    local, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    if local.date() == today.date():
        return f"{local:%H:%M}"
    if abs(local - today) < timedelta(days=6):
        return f"{local:%a %H:%M}"
    return f"{local:%a} {local.day} {local:%b}"


def problems(found: Iterable[ConfigProblem]) -> str:
    """Returns all problems of a configuration, each with its place, what is wrong, and what mends it."""
    listed = sorted(found, key=lambda p: (p.severity != "error", p.file, p.line or 0))
    errors = sum(p.severity == "error" for p in listed)
    count = [plural(errors, "error")] * bool(errors) + [plural(len(listed) - errors, "warning")] * (
        errors < len(listed)
    )
    blocks = [f"{', '.join(count)} in {plural(len({p.file for p in listed}), 'file')}."]
    for problem in listed:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        word = paint(problem.severity.ljust(8), fg="red" if problem.severity == "error" else "yellow")
        lines = [paint(f"{place}  {problem.key}".rstrip(), bold=True), f"  {word} {problem.what}"]
        if problem.detail:
            lines += ["", *(f"           {line}" for line in problem.detail.splitlines()), ""]
        if hint := problem.hint():
            lines.append(f"           {hint[0].upper()}{hint[1:]}")
        blocks.append("\n".join(lines).rstrip())
    return "\n\n".join(blocks)


def as_json(value: Any) -> str:
    """Returns a value as one JSON document, without absent values."""
    return json.dumps(plain(value), ensure_ascii=False)


def plain(value: Any) -> Any:
    """Turns values of the model into JSON values; instants become RFC 3339 in UTC."""
    match value:
        case datetime():
            return value.isoformat(timespec="seconds").replace("+00:00", "Z")
        case PartialDate():
            return value.text
        case timedelta():
            return value.total_seconds()
        case Enum():
            return value.value
        case dict():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(v) for v in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            named = ((f.name, getattr(value, f.name)) for f in fields(value))
            return {name: plain(v) for name, v in named if v not in (None, "", b"")}
        case _:
            return value


def say(text: str = "") -> None:
    """Prints a line of the answer. Our colours act; other control characters are printed escaped, as in JSON."""
    click.echo(_STEERING.sub(lambda sign: f"\\u{ord(sign.group()):04x}", text))


#: control characters but line ends, tabs and our own colours; marks of direction; halves of characters
_STEERING = re.compile(
    "\x1b(?!\\[[0-9;]{0,20}m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def raw(data: bytes) -> str:
    """Returns bytes of strangers as text that is safe for a terminal: control characters and marks of direction are escaped."""
    text = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return "".join(c if c in "\n\t" or category(c)[0] != "C" else escaped(c) for c in text)


def escaped(char: str) -> str:
    """`\\x1b`, `\\u202e`."""
    return char.encode("unicode_escape").decode() if ord(char) not in range(0xD800, 0xE000) else f"\\u{ord(char):04x}"


def progress(label: str) -> Callable[[int], None]:
    """Returns a function that shows a counter on stderr; it shows nothing when stderr is no terminal."""
    if not sys.stderr.isatty():
        return lambda _: None

    def show(count: int) -> None:
        click.echo(f"\r{label} {count} ...", nl=False, err=True)

    return show


def wipe() -> None:
    """Removes the counter from the terminal."""
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)


def without_password(url: str) -> str:
    """Returns the database's URL without its password."""
    scheme, _, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    return f"{scheme}://{login.partition(':')[0]}{at}{place}" if at else url
