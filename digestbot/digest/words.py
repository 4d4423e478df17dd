"""Words: the texts that mails show, in each reader's language, with its plurals, dates and numbers. Pure.

They stand in `templates/strings/LANGUAGE.toml`. What a language does not say is said in English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from gettext import c2py
from string import Formatter
from typing import Any

from digestbot.digest.notes import Notes
from digestbot.errors import TemplateError
from digestbot.model import PartialDate

ENGLISH = "en"
Forms = tuple[tuple[str, ...], Callable[[int], int]]  #: a counted text in its forms, and which one a number takes


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """One language. Two of them are never equal, so that they are quick keys."""

    language: str  #: BCP 47, for `lang`
    direction: str  #: "ltr" | "rtl"
    group: str  #: between thousands
    text: Mapping[str, str]
    counted: Mapping[str, Forms]
    dates: Mapping[str, Any]
    notes: Notes

    def say(self, key: str, /, **values: object) -> str:
        """A text with its values."""
        return self.text[key].format(**values)

    def count(self, key: str, number: int, /) -> str:
        """`1 paper`, `1,204 papers`."""
        return _count(self, key, number)

    def note(self, text: str) -> str:
        """A note of ours, which is kept in English."""
        return _note(self, text)

    def number(self, value: int) -> str:
        """`1,204`."""
        return str(value) if -1000 < value < 1000 else f"{value:,}".replace(",", self.group)

    def day(self, form: str, moment: date | datetime) -> str:
        """A day in one of the forms of [date]: long, short, card, card_year, month."""
        return _day(self, form, moment.toordinal())

    def partly(self, when: PartialDate, year: int) -> str:
        """A date as precise as it is known; of the year `year` unless it says so."""
        if when.precision == "year":
            return when.text
        on = when.day()
        if when.precision == "month":
            return self.day("month", on)
        return self.day("card" if on.year == year else "card_year", on)


@lru_cache(maxsize=4096)
def _count(words: Words, key: str, number: int) -> str:
    forms, which = words.counted[key]
    return forms[min(which(number), len(forms) - 1)].format(n=words.number(number))


@lru_cache(maxsize=4096)
def _note(words: Words, text: str) -> str:
    return words.notes.said(text)


@lru_cache(maxsize=4096)
def _day(words: Words, form: str, ordinal: int) -> str:
    on, names = date.fromordinal(ordinal), words.dates
    weekday, month = on.weekday(), on.month - 1
    text: str = names[form].format(
        weekday=names["weekdays"][weekday], wd=names["weekdays_short"][weekday],
        month=names["months"][month], mon=names["months_short"][month], day=on.day, year=on.year,
    )  # fmt: skip
    return text


@dataclass(frozen=True, slots=True)
class Languages:
    """All languages there are."""

    known: Mapping[str, Words]

    def of(self, code: str) -> Words:
        """`de-AT` is `de`; a language we do not know is English."""
        return self.known.get(code) or self.known.get(_base(code)) or self.known[ENGLISH]

    def knows(self, code: str) -> bool:
        """Are there texts in it, or in the language it is a kind of?"""
        return code in self.known or _base(code) in self.known

    @classmethod
    def read(cls, files: Mapping[str, list[tuple[str, str]]]) -> Languages:
        """Language → (file name, text) of its files, the strongest last. Raises TemplateError."""
        tables = {code: _merged([_table(*file) for file in found]) for code, found in files.items()}
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
        c2py(read.get("language", {}).get("plural", "n != 1"))
    except (tomllib.TOMLDecodeError, ValueError, AttributeError) as error:
        raise TemplateError(f"cannot be read: {error}", where=name) from error
    return read


def _check(form: str, where: str) -> None:
    """Braces hold names only: `{x.__class__}` would reach into the program."""
    for _, field, _, _ in Formatter().parse(form):
        if field is not None and not field.isidentifier():
            raise TemplateError(f"{{{field}}} is no name", where=where, fix="Write {n}, {day} and the like")


def _merged(tables: list[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    names = dict.fromkeys(name for table in tables for name in table)
    return {name: {k: v for table in tables for k, v in table.get(name, {}).items()} for name in names}


def _words(code: str, own: Mapping[str, dict[str, Any]], english: Mapping[str, dict[str, Any]]) -> Words:
    about = english["language"] | own.get("language", {})
    counted = {
        key: (tuple(forms), c2py(plural))
        for table, plural in ((english, english["language"]["plural"]), (own, about["plural"]))
        for key, forms in table.get("count", {}).items()
    }
    text, dates = english["text"] | own.get("text", {}), english["date"] | own.get("date", {})
    return Words(
        language=code, direction=about["direction"], group=about["group"], text=text, counted=counted, dates=dates,
        notes=Notes.of(own.get("note", {}), dates, about["group"], text["and"]),
    )  # fmt: skip
