"""Gathering: the tables of all configuration files with the values that could be read, and every problem found so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from digestbot.errors import ConfigProblem
from digestbot.settings.config import PeopleFile
from digestbot.settings.fields import Wrong
from digestbot.settings.lines import NotToml, line_of, lines_of, load_toml
from digestbot.settings.tables import LISTS, SINGLE, TABLES

PASSWORD = "DIGESTBOT_SMTP_PASSWORD"  # noqa: S105  # the name of a variable
Where = tuple[str | int, ...]  #: path of a table or key


class Place(NamedTuple):
    """Where a problem is: a table or key of a file, and what people call the table."""

    file: str
    where: Where
    label: str = ""

    @property
    def key(self) -> str:
        """The key with its table, as people write them: `[site] contact`."""
        last = str(self.where[-1]) if self.where and isinstance(self.where[-1], str) else ""
        if not self.label:
            return last
        return self.label if f"[{last}]" == self.label else f"{self.label} {last}".strip()


@dataclass(slots=True)
class Table:
    """One table of one file, with the values that could be read."""

    file: str
    where: Where
    label: str
    given: Mapping[str, Any]
    values: dict[str, Any] = field(default_factory=dict)

    def place(self, key: str) -> Place:
        """The place (file and line) at which a key of the table stands."""
        return Place(self.file, (*self.where, key), self.label)


@dataclass(slots=True)
class Gathered:
    """The tables of all files."""

    problems: list[ConfigProblem] = field(default_factory=list)
    single: dict[str, Table] = field(default_factory=dict)
    lists: dict[str, list[Table]] = field(default_factory=lambda: {name: [] for name in LISTS})
    texts: dict[str, str] = field(default_factory=dict)
    kept: dict[str, PeopleFile] = field(default_factory=dict)  #: files that are as they were when they were read before
    _lines: dict[str, dict[Where, int]] = field(default_factory=dict)
    broken: bool = False

    def take(self, file: str, text: str, *, main: bool) -> None:
        """Read one file."""
        self.texts[file] = text
        try:
            data = load_toml(text)
        except NotToml as error:
            self.problems.append(ConfigProblem(file=file, line=error.line, what=f"this is no TOML: {error}"))
            self.broken = True
            return
        allowed = (*SINGLE, *LISTS) if main else ("subscribers",)
        for name, value in data.items():
            if name not in allowed:
                self.report(Place(file, (name,)), f'there is no table "{name}" here', allowed=allowed, given=name)
            elif name in LISTS:
                self._rows(file, name, value)
            elif not isinstance(value, dict):
                self.report(Place(file, (name,)), f"is a table: write [{name}]")
            else:
                self.single[name] = self.table(file, (name,), f"[{name}]", name, value)

    def keep(self, file: str, known: PeopleFile) -> None:
        """Take over a file that was read before. Of its people stands here what must not stand in two places."""
        self.texts[file], self.kept[file] = known.text, known
        self.lists["subscribers"] += [
            Table(file, ("subscribers", at), f'[[subscribers]] "{one.ref}"', {}, {"id": one.ref, "email": one.email})
            for at, one in enumerate(known.people)
        ]

    def _rows(self, file: str, name: str, value: Any) -> None:
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            self.report(Place(file, (name,)), f"is a list of tables: write [[{name}]]")
            return
        for at, row in enumerate(value):
            called = row.get("id") or row.get("name") or ""
            label = f'[[{name}]] "{called}"' if called else f"[[{name}]] number {at + 1}"
            self.lists[name].append(self.table(file, (name, at), label, name, row))

    def table(self, file: str, where: Where, label: str, kind: str, given: Mapping[str, Any]) -> Table:
        """Read each key by its own reader. Unknown keys of sources belong to their kind and are read later."""
        table, keys = Table(file, where, label, given), TABLES[kind]
        for name, value in given.items():
            if name not in keys:
                if kind != "sources":
                    self.unknown(table, name, tuple(keys))
                continue
            try:
                table.values[name] = keys[name].read(value)
            except Wrong as error:
                shown = value if isinstance(value, str) else ""
                self.report(table.place(name), str(error), allowed=error.allowed, given=shown)
        for name, key in keys.items():
            if key.needed and name not in given:
                self.report(Place(file, where, label), f"{name} is missing: {key.help}")
        return table

    def unknown(self, table: Table, name: str, allowed: tuple[str, ...]) -> None:
        """Report an unknown key; a password in the file gets an answer of its own."""
        what = f'there is no key "{name}"'
        if name == "password":
            what = f"a password does not belong into this file: write password_file, or set ${PASSWORD}"
        self.report(table.place(name), what, allowed=() if name == "password" else allowed, given=name)

    def report(
        self, place: Place, what: str, *, allowed: tuple[str, ...] = (), given: str = "", detail: str = "",
        severity: Literal["error", "warning"] = "error",
    ) -> None:  # fmt: skip
        """Report one problem with its place."""
        line = self.line(place.file, place.where)
        self.problems.append(
            ConfigProblem(
                file=place.file, line=line, key=place.key, what=what, allowed=allowed, given=given, detail=detail,
                severity=severity,
            )
        )  # fmt: skip

    def line(self, file: str, where: Where) -> int | None:
        """The line of a table or key. The lines of a file are looked for when the first is asked for: most have no fault."""
        if file not in self._lines:
            self._lines[file] = lines_of(self.texts.get(file, ""))
        return line_of(self._lines[file], where)

    def named(self, kind: str) -> list[str]:
        """The names of the tables of a list."""
        return [str(name) for row in self.lists[kind] if (name := row.values.get("name"))]

    def values_of(self, table: str) -> Mapping[str, Any]:
        """The values of a single table; none where it is not written."""
        return self.single[table].values if table in self.single else {}

    def get(self, table: str, key: str, default: Any) -> Any:
        """One value of a single table."""
        return self.values_of(table).get(key, default)
