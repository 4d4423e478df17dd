"""Writing: add sources to a configuration that people wrote; everything else of the text stays as it was. Pure."""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unicodedata import normalize

from digestbot.settings.lines import lines_of

WIDEST = 110  #: letters of a line of a remark
LONGEST_NAME = 40  #: of a name we make; people may write longer ones
_UNITS = ((86_400, "d"), (3600, "h"), (60, "m"))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """A source to be added."""

    name: str
    kind: str
    options: Mapping[str, Any]  #: the kind's own, and url
    title: str = ""
    every: timedelta | None = None
    remark: str = ""  #: stands above it

    def toml(self) -> str:
        """Its block in TOML."""
        lines = [f"# {line}" for line in textwrap.wrap(_one_line(self.remark), WIDEST, break_long_words=False)]
        lines += ["[[sources]]", f"name = {_text(self.name)}", f"kind = {_text(self.kind)}"]
        lines += [f"{key} = {_value(value)}" for key, value in self.options.items() if value not in ("", (), [])]
        lines += [f'every = "{_duration(self.every)}"'] if self.every else []
        lines += [f"title = {_text(_one_line(self.title))}"] if self.title.strip() else []
        return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _text(text: str) -> str:
    """A basic string of TOML: as in JSON, but DEL is escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _duration(every: timedelta) -> str:
    seconds = int(every.total_seconds())
    return next(f"{seconds // size}{unit}" for size, unit in _UNITS if seconds % size == 0)


def with_sources(text: str, new: Sequence[NewSource]) -> str:
    """The text with these sources after its last source, or at its end. Raises ValueError when neither is possible."""
    before = tomllib.loads(text)
    wanted = before | {
        "sources": [*before.get("sources", []), *(tomllib.loads(one.toml())["sources"][0] for one in new)]
    }
    newline = "\r\n" if "\r\n" in text else "\n"
    blocks = newline.join(one.toml().replace("\n", newline) for one in new)
    for at in (_behind_last_source(text), len(text)):
        made = _inserted(text, blocks, at, newline)
        try:
            if tomllib.loads(made) == wanted:
                return made
        except tomllib.TOMLDecodeError:
            continue
    raise ValueError("its sources are written in a way that nothing can be added to; write them as [[sources]] blocks")


def _inserted(text: str, blocks: str, at: int, newline: str) -> str:
    head, tail = text[:at], text[at:]
    gap = "" if not head or head.endswith(newline * 2) else newline if head.endswith("\n") else newline * 2
    return f"{head}{gap}{blocks}{tail}"


def _behind_last_source(text: str) -> int:
    """The position after the last line of the last [[sources]] that is no comment: comments after it introduce the
    next table."""
    lines = text.splitlines(keepends=True)
    headers = {number: path for path, number in lines_of(text).items() if path and _is_header(lines[number - 1])}
    last = max((number for number, path in headers.items() if path[0] == "sources"), default=0)
    if not last:
        return len(text)
    following = min((number for number in headers if number > last), default=len(lines) + 1)
    end = max(n for n in range(last, following) if n == last or re.match(r"\s*[^\s#]", lines[n - 1]))
    return len("".join(lines[:end]))


def _is_header(line: str) -> bool:
    return line.lstrip().startswith("[")


def free_name(wanted: str, taken: Collection[str]) -> str:
    """A short name made from any words: `Nature Neuroscience` → nature-neuroscience, or with -2 when that is taken."""
    plain = normalize("NFKD", wanted).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    short = (
        words[:LONGEST_NAME].rpartition("-")[0] if len(words) > LONGEST_NAME and "-" in words[:LONGEST_NAME] else words
    )
    name = short[:LONGEST_NAME] or "source"
    if name not in taken:
        return name
    return next(numbered for n in range(2, len(taken) + 3) if (numbered := f"{name}-{n}") not in taken)


def named(new: Iterable[NewSource], taken: Iterable[str]) -> list[NewSource]:
    """The sources with names that are free, also among themselves."""
    used, result = set(taken), []
    for one in new:
        name = free_name(one.name, used)
        used.add(name)
        result.append(NewSource(**{f: getattr(one, f) for f in one.__slots__} | {"name": name}))
    return result
