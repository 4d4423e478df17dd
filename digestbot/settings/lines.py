"""Lines: on which line of a TOML file each key stands, which tomllib does not tell. Exact for the shapes people
write."""

from __future__ import annotations

import re
import tomllib
from typing import Any

Path = tuple[str | int, ...]

_TABLE = re.compile(r"\s*+(\[\[?)([^\[\]#]++)\]\]?\s*(?:#.*)?\Z")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")


class NotToml(ValueError):
    """`str` says why; `line` where, when that is known."""

    def __init__(self, what: str, line: int | None) -> None:
        super().__init__(what)
        self.line = line


def load_toml(text: str) -> dict[str, Any]:
    """The tables of a file. Raises NotToml, also for numbers and arrays that nobody writes and Python cannot read."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d{1,9})", str(error))
        raise NotToml(str(error).partition(" (at")[0], int(line.group(1)) if line else None) from error
    except (ValueError, RecursionError) as error:
        raise NotToml("a number is too long, or arrays stand too deep in each other", None) from error


def lines_of(text: str) -> dict[Path, int]:
    """Path of each table and key → its line, counted from 1. A path: `("subscribers", 0, "topics", 1, "query")`."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    here: Path = ()
    inside = ""  #: the quotes of a multi-line string that is open
    for number, line in enumerate(text.splitlines(), 1):
        if inside:
            inside = "" if inside in line else inside
            continue
        if table := _TABLE.match(line):
            here = _place(table.group(2), table.group(1) == "[[", counts)
            found.setdefault(here, number)
        elif key := _KEY.match(line):
            names = tuple(_parts(key.group(1)))
            found.setdefault((*here, *names), number)
            rest = line[key.end() :].strip()
            inside = next((q for q in ('"""', "'''") if rest.startswith(q) and rest.count(q) == 1), "")
    return found


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


def _place(header: str, array: bool, counts: dict[Path, int]) -> Path:
    """The path of a table header; arrays of tables carry the number of their current element."""
    path: Path = ()
    names = _parts(header)
    for at, name in enumerate(names):
        path = (*path, name)
        if at == len(names) - 1 and array:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """The line of a path, or of the nearest enclosing path that has one."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None
