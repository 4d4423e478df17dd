"""Values of counts, dates and codes as people write them elsewhere: what the field of the rule takes instead. Pure.

`published:31.1.2026` is 2026-01-31, `upvotes:>=1,000` is 1000, `authors:Hinton` is `au:Hinton`. What says nothing of a
fixed day (`published:>7d`) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import decimal

from digestbot.errors import RuleError
from digestbot.model import PartialDate
from digestbot.rules.language.fields import ALIASES, FIELDS, DateField, NumberField
from digestbot.rules.language.terms import COUNTED

EVERYTHING: Final = "has:abstract"  #: a digest brings only new papers by itself
_TERM = re.compile(r"(?P<exact>=?)(?P<name>[A-Za-z_]+):(?P<sign>[<>=≤≥]*)(?P<value>\"[^\"]*\"?|[^\s()\"]*)\Z")
_BEHIND = re.compile(r"(?:,\d{3})+\b")  #: the rest of `1,000`, which a comma parts
_AMOUNT = re.compile(r"v?(\d{1,9}(?:[,.'’_]\d{3})*)(k?)(?:\+|%)?")
_NUMBERS: Final = dict(zip("one two three four five six seven eight nine ten".split(), range(1, 11), strict=True))
_MONTHS: Final = {
    name: f"{at:02}" for at, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)
}
_WORDS: Final = {"after": ">", "since": ">=", "from": ">=", "before": "<", "until": "<=", "in": ""}
_DATE_BEHIND = re.compile(r"\s+((?:19|20)\d\d(?:-\d\d){0,2})(?![^\s)])")
_YEAR_BEHIND = re.compile(r"\s+(?:(\d{1,2}),?\s+)?((?:19|20)\d\d)(?![^\s)])")
_RELATIVE = re.compile(r"-?\d{1,4} ?(?:[dwmy]|days?|weeks?|months?|years?)|(?:today|now|yesterday|last|past|this|recent|soon)\b.*",
                       re.IGNORECASE)  # fmt: skip
_SPAN = re.compile(r"\s+(?:\d{1,3}\s+)?(?:days?|weeks?|months?|years?)\b", re.IGNORECASE)


def values(error: RuleError, at: str, after: str) -> Iterator[str]:
    """What may stand from the place of the mistake on; `at` is the marked term."""
    if not (term := _TERM.match(at)):
        return
    name = term["name"]
    field = FIELDS.get(ALIASES.get(name.lower(), name.lower()))
    if not isinstance(field, NumberField | DateField):
        return
    if not term["value"].strip('" '):
        return
    value = "".join(str(decimal(c, c)) for c in term["value"].strip('" '))
    sign = term["sign"].replace("≤", "<=").replace("≥", ">=").lstrip("=") if len(term["sign"]) > 1 else term["sign"]
    sign = "" if sign == "=" else sign
    if isinstance(field, DateField):
        yield from _dates(f"{name}:", sign, value, after)
    else:
        yield from _counts(f"{name}:", sign, value, after)
    if "=" in term["exact"]:
        yield f"{at[1:]}{after}"


def _counts(name: str, sign: str, value: str, after: str) -> Iterator[str]:
    meant = COUNTED.get(ALIASES.get(name[:-1].lower(), name[:-1].lower()))
    if meant and value[:1].isalpha():
        yield f"{meant}:{value}{after}" if value.isalnum() else f'{meant}:"{value}"{after}'
    if value.lower() in _NUMBERS:
        yield f"{name}{sign}{_NUMBERS[value.lower()]}{after}"
    whole = value + (thousands[0] if (thousands := _BEHIND.match(after)) else "")
    if amount := _AMOUNT.fullmatch(whole):
        number = re.sub(r"\D", "", amount[1]) + ("000" if amount[2] else "")
        yield f"{name}{'>=' if whole.endswith('+') else sign}{number}{after[len(whole) - len(value) :]}"
    elif not any(map(str.isdigit, value)):
        yield after.lstrip()
        yield f"{name}>=1{after}"


def _dates(name: str, sign: str, value: str, after: str) -> Iterator[str]:
    yield from _in_comparisons(name, value, after)
    for written, rest in _written(value, after):
        if _is_date(written):
            yield f"{name}{sign}{written}{rest}"
    if _RELATIVE.fullmatch(value):
        rest = after[span.end() :] if (span := _SPAN.match(after)) else after
        yield rest.lstrip()
        yield f"{EVERYTHING}{rest}"
    elif not any(map(str.isdigit, value)) and value.strip("-"):
        yield after.lstrip()


def _in_comparisons(name: str, value: str, after: str) -> Iterator[str]:
    """`2025-Q4`, `2025-06..2025-12` and `since 2025`."""
    if quarter := re.fullmatch(r"(\d{4})-?Q([1-4])", value, re.IGNORECASE):
        first = 3 * int(quarter[2]) - 2
        yield f"{name}>={quarter[1]}-{first:02} {name}<={quarter[1]}-{first + 2:02}{after}"
    low, dots, high = value.partition("..")
    if dots and _is_date(low) and _is_date(high.strip(".")):
        yield f"{name}>={low} {name}<={high.strip('.')}{after}"
    if years := re.fullmatch(r"((?:19|20)\d\d)[-–—/]((?:19|20)\d\d)", value):
        yield f"{name}>={years[1]} {name}<={years[2]}{after}"
    if value.lower() in _WORDS and (named := _DATE_BEHIND.match(after)):
        yield f"{name}{_WORDS[value.lower()]}{named[1]}{after[named.end() :]}"


def _written(value: str, after: str) -> Iterator[tuple[str, str]]:
    """A date as it is written here, and what stands behind it."""
    yield value, after
    if found := re.fullmatch(r"(\d{1,2})[-/.](\d{4})", value):
        yield f"{found[2]}-{found[1]:0>2}", after
    if plain := re.fullmatch(r"(\d{4})(\d\d)(\d\d)", value):
        yield "-".join(plain.groups()), after
    if found := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.]((?:20)?\d\d)", value):
        one, other, year = found.groups()
        day, month = (other, one) if int(other) > 12 else (one, other)
        yield f"{year.zfill(4) if len(year) == 4 else '20' + year}-{month:0>2}-{day:0>2}", after
    if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.]\d{1,2}", value):  # there is no such day
        yield from ((f"{found[1]}-{found[2]:0>2}-{day}", after) for day in (30, 29, 28))
    if found := re.match(r"(\d{4})[-/.]\d", value):
        yield found[1], after
    yield from _with_month(value, after)


def _with_month(value: str, after: str) -> Iterator[tuple[str, str]]:
    """`Jan 2025`, `2025-Jan` and `March 3, 2025`."""
    found = re.fullmatch(r"(?:(\d{4})-?)?([A-Za-z]{3,9})\.?(?:-?(\d{4}))?", value)
    month = _MONTHS.get(found[2][:3].lower(), "") if found else ""
    if not found or not month:
        return
    if year := found[1] or found[3]:
        yield f"{year}-{month}", after
    elif behind := _YEAR_BEHIND.match(after):
        day = f"-{behind[1]:0>2}" if behind[1] else ""
        yield f"{behind[2]}-{month}{day}", after[behind.end() :]


def _is_date(written: str) -> bool:
    try:
        return bool(PartialDate(written))
    except ValueError:
        return False


def compared_again(before: str, at: str, after: str) -> Iterator[str]:
    """`upvotes:>10 AND <50`: the second comparison has the field of the first."""
    named = re.search(r"([A-Za-z_]+):[<>]=?[\d-]+\s+(?:AND\s+)?\Z", before)
    if named and re.match(r"[<>]=?\d", at):
        yield f"{named[1]}:{at}{after}"
