"""Catalog: the texts that mails show, in each reader's language, with plurals, dates and numbers. Pure.

Texts stand in `templates/strings/LANGUAGE.toml`. English fills in what a language lacks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from gettext import c2py
from string import Formatter
from typing import Any

from digestbot.digest.rendering.note_translation import Notes
from digestbot.errors import TemplateError
from digestbot.memo import remembered
from digestbot.model import PartialDate

ENGLISH = "en"
Forms = tuple[tuple[str, ...], Callable[[int], int]]  #: a counted text in its forms, and which one a number takes


@dataclass(frozen=True, slots=True, eq=False)
class Catalog:
    """The texts of one language. Catalogs compare by identity, which makes them quick cache keys."""

    language: str  #: BCP 47, for `lang`
    direction: str  #: "ltr" | "rtl"
    group: str  #: between thousands
    text: Mapping[str, str]
    counted: Mapping[str, Forms]
    dates: Mapping[str, Any]
    notes: Notes
    name: str = ""  #: of the language, in itself

    def say(self, key: str, /, **values: object) -> str:
        """A text with its values filled in."""
        return self.text[key].format(**values)

    def count(self, key: str, number: int, /) -> str:
        """`1 paper`, `1,204 papers`."""
        return _count(self, key, number)

    def note(self, text: str) -> str:
        """One of our notes, which are stored in English, in this language."""
        return _note(self, text)

    def number(self, value: int) -> str:
        """`1,204`."""
        return str(value) if -1000 < value < 1000 else f"{value:,}".replace(",", self.group)

    def day(self, form: str, moment: date | datetime) -> str:
        """A day in one of the forms of [date]: long, short, card, card_year, month."""
        return _day(self, form, moment.toordinal())

    def partly(self, when: PartialDate, year: int) -> str:
        """A partial date, as precise as it is known; its year is left out when it is `year`."""
        if when.precision == "year":
            return when.text
        on = when.day()
        if when.precision == "month":
            return self.day("month", on)
        return self.day("card" if on.year == year else "card_year", on)


@remembered(4096)
def _count(words: Catalog, key: str, number: int) -> str:
    forms, which = words.counted[key]
    return forms[min(which(number), len(forms) - 1)].format(n=words.number(number))


@remembered(4096)
def _note(words: Catalog, text: str) -> str:
    return words.notes.said(text)


@remembered(4096)
def _day(words: Catalog, form: str, ordinal: int) -> str:
    on, names = date.fromordinal(ordinal), words.dates
    weekday, month = on.weekday(), on.month - 1
    text: str = names[form].format(
        weekday=names["weekdays"][weekday], wd=names["weekdays_short"][weekday],
        month=names["months"][month], mon=names["months_short"][month], day=on.day, year=on.year,
    )  # fmt: skip
    return text


@dataclass(frozen=True, slots=True)
class Languages:
    """All languages that have texts."""

    known: Mapping[str, Catalog]

    def of(self, code: str) -> Catalog:
        """The catalog for a language code: `de-AT` is `de`, an unknown language is English."""
        return self.known.get(code) or self.known.get(_base(code)) or self.known[ENGLISH]

    def knows(self, code: str) -> bool:
        """Whether there are texts in this language, or in the language it is a variant of."""
        return code in self.known or _base(code) in self.known

    @classmethod
    def read(cls, files: Mapping[str, list[tuple[str, str]]]) -> Languages:
        """Read language → (file name, text) of its files, the strongest last. Raises TemplateError."""
        ours = _table(*files[ENGLISH][0])
        tables = {
            code: _merged([_like(ours, _table(*file), file[0]) for file in found]) for code, found in files.items()
        }
        english = tables[ENGLISH]
        return cls({code: _words(code, table, english) for code, table in tables.items()})


def _base(code: str) -> str:
    return code.lower().partition("-")[0]


def _table(name: str, text: str) -> dict[str, dict[str, Any]]:
    try:
        read = tomllib.loads(text)
        for part in ("text", "count", "date", "note"):
            for key, value in read.get(part, {}).items():
                for form in value if isinstance(value, list) else [value]:
                    _check(form, f"{name}: {part}.{key}")
    except (tomllib.TOMLDecodeError, ValueError, AttributeError) as error:
        raise TemplateError(f"cannot be read: {error}", where=name) from error
    return read


def _check(form: str, where: str) -> None:
    """Raises TemplateError unless braces hold only names: `{x.__class__}` would reach into the program."""
    if not isinstance(form, str | int):
        raise TemplateError(f"{form!r} is no text", where=where, fix="Write it in quotation marks")
    for _, field, _, _ in Formatter().parse(str(form)):
        if field is not None and not field.isidentifier():
            raise TemplateError(f"{{{field}}} is no name", where=where, fix="Write {n}, {day} and the like")


def _like(ours: Mapping[str, Any], own: dict[str, dict[str, Any]], name: str) -> dict[str, dict[str, Any]]:
    """The table, checked to have the shape of our English one. Keys added to [text] serve templates of one's own."""
    for part, values in own.items():
        if part not in ours and part != "note":
            raise TemplateError(f"there is no table [{part}]", where=name, fix=near(part, (*ours, "note")))
        for key, value in values.items() if part not in ("note", "language") else ():
            where = f"{name}: {part}.{key}"
            if key not in ours[part] and part != "text":
                raise TemplateError("there is no such key", where=where, fix=near(key, ours[part]))
            _same_shape(ours[part].get(key, value), value, where)
    _check_language(ours["language"] | own.get("language", {}), own.get("count", {}), name)
    return own


def _check_language(about: Mapping[str, Any], counted: Mapping[str, Sequence[str]], name: str) -> None:
    """Check the direction, and that counted texts have as many forms as the plural rule knows."""
    if about["direction"] not in ("ltr", "rtl"):
        where = f"{name}: language.direction"
        raise TemplateError(f"{about['direction']!r} is no direction", where=where, fix='"ltr" or "rtl"')
    most = max(map(_plural(about["plural"], name), range(200))) + 1
    for key, forms in counted.items():
        if len(forms) < most:
            fix = f"Write {most} texts in brackets: so many forms language.plural knows"
            raise TemplateError("there are not as many forms as plurals", where=f"{name}: count.{key}", fix=fix)


_DATES = {"weekday", "wd", "month", "mon", "day", "year"}


def _same_shape(ours: Any, value: Any, where: str) -> None:
    """Check a text against ours: a text for a text, as many names for names, no unknown placeholder."""
    if isinstance(ours, list) is not isinstance(value, list):
        kind = f"{len(ours)} texts in brackets" if isinstance(ours, list) else "one text in quotation marks"
        raise TemplateError(f"{value!r} has the wrong shape", where=where, fix=f"Write {kind}")
    if isinstance(ours, list) and ": date." in where and len(ours) != len(value):
        raise TemplateError(
            f"{len(value)} names stand there", where=where, fix=f"There are {len(ours)}, Monday or January first"
        )
    given = _DATES if ": date." in where else _braced(ours)
    if strange := sorted(_braced(value) - given):
        listed = ", ".join(f"{{{one}}}" for one in sorted(given)) or "nothing in braces"
        raise TemplateError(f"{{{strange[0]}}} is not known there", where=where, fix=f"It may hold {listed}")


def _braced(form: Any) -> set[str]:
    forms = form if isinstance(form, list) else [form]
    return {field for one in forms for _, field, _, _ in Formatter().parse(str(one)) if field is not None}


def _plural(text: str, name: str) -> Callable[[int], int]:
    """The function from a number to its plural form. gettext's whole header line is accepted too."""
    try:
        return c2py(text.partition("plural=")[2].strip(" ;") or text if "nplurals" in text else text)
    except ValueError as error:
        raise TemplateError(
            f"cannot be read: {error}", where=f"{name}: language.plural", fix='For example "n != 1"'
        ) from error


def near(name: str, known: Iterable[str]) -> str:
    """The nearest known name as a hint, or the list of known names."""
    meant = get_close_matches(name, list(known), 1, 0.5)
    return f"Did you mean {meant[0]}?" if meant else f"There are: {', '.join(known)}"


def _merged(tables: list[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    names = dict.fromkeys(name for table in tables for name in table)
    return {name: {k: v for table in tables for k, v in table.get(name, {}).items()} for name in names}


def _words(code: str, own: Mapping[str, dict[str, Any]], english: Mapping[str, dict[str, Any]]) -> Catalog:
    about = english["language"] | own.get("language", {})
    counted = {
        key: (tuple(forms), _plural(plural, code))
        for table, plural in ((english, english["language"]["plural"]), (own, about["plural"]))
        for key, forms in table.get("count", {}).items()
    }
    text, dates = english["text"] | own.get("text", {}), english["date"] | own.get("date", {})
    return Catalog(
        language=code, direction=about["direction"], group=about["group"], text=text, counted=counted, dates=dates,
        notes=Notes.of(own.get("note", {}), dates, about["group"], text["and"]), name=about["name"],
    )  # fmt: skip
