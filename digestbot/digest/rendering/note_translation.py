"""Note translation: our own sentences about papers and sources, in the reader's language. Pure.

Digests, events and listing days store them in English. The table `[note]` of a language's strings translates them,
with the English sentence as key, as gettext does. Names in braces stand for values, which are recognised by their
form. Text that matches no key stays as it is: venues, addresses, the words of an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
_WEEKDAY, _WD, _MONTH = "|".join(_WEEKDAYS), "|".join(name[:3] for name in _WEEKDAYS), "|".join(_MONTHS)
_LOOKS = {
    "day": rf"(?:{_WD}) \d\d? (?:{_MONTH})",
    "long_day": rf"(?:{_WEEKDAY}) \d\d? (?:{_MONTH})",
    "weekday": f"(?:{_WEEKDAY})",
    "weekdays": f"(?:{_WEEKDAY})(?: and (?:{_WEEKDAY}))*",
    "wd": f"(?:{_WD})",
    "n": r"\d+(?:,\d{3})*",
    "most": r"\d+(?:,\d{3})*",
    "thousands": r"\d{1,3}(?:,\d{3})+",
    "number": f"(?:{'|'.join(_NUMBERS)})",
    "title": "[^”]*",
    "version": r"v\d+",
    "status": r"[45]\d\d",
    "date": r"\d{4}[\d:TZ.-]*",
    "code": r"[a-z]{2,3}(?:-\w+)?",
}
_WORD = r"\S+"  #: any other name


@dataclass(frozen=True, slots=True, eq=False)
class Notes:
    """The translated notes of one language."""

    forms: tuple[str, ...]
    pattern: re.Pattern[str] | None  #: a group `f0`, `f1` … for each form; None: as they were said
    dates: Mapping[str, Any]
    group: str
    conjunction: str  #: "and"

    @classmethod
    def of(cls, table: Mapping[str, str], dates: Mapping[str, Any], group: str, conjunction: str) -> Notes:
        """`table` maps an English note to its translation; {names} in braces stand for values."""
        keys = sorted(table, key=len, reverse=True)  # the longest first: others may stand inside
        pattern = "|".join(f"(?P<f{at}>{_look(key, at)})" for at, key in enumerate(keys))
        found = re.compile(rf"(?<![\w/.])(?:{pattern})(?!\w)") if keys else None
        return cls(tuple(table[key] for key in keys), found, dates, group, conjunction)

    def said(self, note: str) -> str:
        """The note in this language."""
        return self.pattern.sub(self._again, note) if self.pattern else note

    def _again(self, match: re.Match[str]) -> str:
        at = int((match.lastgroup or "f0")[1:])
        prefix = f"f{at}_"
        given = {
            name.removeprefix(prefix): self._value(name.removeprefix(prefix), value)
            for name, value in match.groupdict().items()
            if value is not None and name.startswith(prefix)
        }
        made = self.forms[at].format(**given)
        return made[:1].upper() + made[1:] if match[0][:1].isupper() else made

    def _value(self, name: str, text: str) -> str:
        match name:
            case "day" | "long_day":
                return self._day("note" if name == "day" else "long", *text.split())
            case "weekday" | "weekdays":
                return f" {self.conjunction} ".join(self._weekday(day) for day in text.split(" and "))
            case "wd":
                return str(self.dates["weekdays_short"][_WD.split("|").index(text)])
            case "n" | "most" | "thousands":
                return f"{int(text.replace(',', '')):,}".replace(",", self.group)
            case "number":
                return str(_NUMBERS.index(text) + 2)
            case _:
                return text

    def _weekday(self, day: str) -> str:
        return str(self.dates["weekdays"][_WEEKDAYS.index(day)])

    def _day(self, form: str, weekday: str, day: str, month: str) -> str:
        on, of, names = _WD.split("|").index(weekday[:3]), _MONTHS.index(month), self.dates
        made: str = names[form].format(
            weekday=names["weekdays"][on], wd=names["weekdays_short"][on], month=names["months"][of],
            mon=names["months_short"][of], day=day,
        )  # fmt: skip
        return made


def _look(key: str, at: int) -> str:
    """A key as a regular expression; its first letter may be a capital where it begins a sentence."""
    parts = []
    for text, name, _, _ in Formatter().parse(key):
        parts.append(re.escape(text))
        if name is not None:
            parts.append(f"(?P<f{at}_{name}>{_LOOKS.get(name, _WORD)})")
    made = "".join(parts)
    return f"[{made[0]}{made[0].upper()}]{made[1:]}" if made[0].islower() else made
