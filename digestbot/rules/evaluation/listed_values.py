"""Several values of one field as people list them, and values of more words: `au:Hinton G; Bengio Y`, `cat: cs.LG, cs.AI`,
`journal: Physical Review Letters`, `exclude: survey, review`. What all of it belongs to is the field. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from digestbot.errors import RuleError
from digestbot.rules.language.fields import ALIASES, FIELDS, CodeField, TextField
from digestbot.rules.language.foreign_syntax import FIELDS as ELSEWHERE

_NAME = re.compile(r"(?<![\w:.=-])([A-Za-z_]{1,20})( ?):( {0,3})(?=[^\s:])")
#: where the values of a field end at the latest
_END = re.compile(r"[()\"<>=]|\s+-?[A-Za-z_]{1,20} ?:|\s+(?:AND|OR|NOT|&&|\|\|)(?!\S)|\s+-(?=\w)")
_SEVERAL: Final = {
    "authors": "au", "sources": "src", "categories": "cat", "journals": "venue", "venues": "venue", "titles": "ti",
    "affiliations": "aff", "languages": "lang", "has": "has",
}  # fmt: skip
#: what excludes in other words
EXCLUDING: Final = frozenset("exclude excluding excludes except without no not minus omit".split())
_HERE = re.compile(r"It is ([a-z]+): ")
_SIGN = re.compile(r" *[,;，；、] *")
_AND = re.compile(r" +(?:and|AND|&) +")
_OR = re.compile(r" +(?:or|/) +")
_INITIALS = re.compile(r"(?:[^\W\d_a-z]\.?[ -]?){1,4}")
_NAME_PART = r"(?:[^\W\d_a-z][\w.'’-]{0,40}|van|von|de|der|den|di|da|la|le|el|al|bin|ibn|ter|ten)"
_PERSON = re.compile(rf"{_NAME_PART}(?: {_NAME_PART}){{0,5}}(?![\w.])")
_TITLE_PART = r"(?:[^\W\d_a-z][\w.'’&-]{0,40}|of|the|and|for|in|on|de|la|für|der|et|&)"
_PROPER = re.compile(rf"{_TITLE_PART}(?: {_TITLE_PART}){{1,11}}")
_OF_THESE = re.compile(r"(any|one|either|all|both) of:? +([^()\":<>=]{1,300})")
_CODE = re.compile(r"[^\s,;，；、/&\[\]{}]+")
_CODES = re.compile(
    r"[^\s,;，；、/&\[\]{}]+(?:(?: *[,;，；、] *| +[/&] +| +(?:and|or) +(?=[\w-]+\.))[^\s,;，；、/&\[\]{}]+){1,20}"
)


def listed(error: RuleError) -> Iterator[str]:
    """The line, with the values of the field in which the mistake stands in brackets or in quotation marks."""
    line, at = error.text, error.position
    if found := _OF_THESE.fullmatch(line):
        parts = _parts(_SIGN, re.sub(r",? +(?:and|or) +", ", ", found[2]))
        quoted = [f'"{part}"' if " " in part else part for part in parts]
        yield (" OR " if found[1] in ("any", "one", "either") else " ").join(quoted)
    names = [found for found in _NAME.finditer(line) if found.start() <= at]
    if not names:
        return
    last = names[-1]
    meant = _meant(last[1])
    end = found.start() if (found := _END.search(line, last.end())) else len(line)
    values = line[last.end() : end]
    if not values.strip() or at >= end:
        return
    kind = FIELDS.get(meant)
    name = last[1] if ALIASES.get(last[1].lower(), last[1].lower()) in FIELDS and last[1] != "authors" else meant
    for said, rest in _readings(meant, kind, values.rstrip(), apart=bool(last[3])):
        yield f"{line[: last.start()]}{_term(name, said)}{rest}{values[len(values.rstrip()) :]}{line[end:]}"


def _meant(name: str) -> str:
    """The field that is called so; "-" for what excludes, "" for no field."""
    name = name.lower()
    if name in EXCLUDING:
        return "-"
    own = ALIASES.get(name, name)
    found = _HERE.match(ELSEWHERE.get(own, ""))
    return found[1] if found else _SEVERAL.get(own, own)


def _readings(meant: str, kind: object, values: str, *, apart: bool) -> Iterator[tuple[Sequence[str], str]]:
    """The values, with "AND" first where they are to be there all; and what stands behind them."""
    if meant == "au":
        yield from ((said, "") for said in _people(values))
        if person := _PERSON.match(values):
            yield (person[0].rstrip(),), values[len(person[0].rstrip()) :]
    elif isinstance(kind, CodeField) or meant == "has":
        if found := _CODES.match(values):
            yield _CODE.findall(re.sub(r" +(?:and|or) +", ", ", found[0])), values[found.end() :]
    elif isinstance(kind, TextField) or meant == "-":
        if len(parts := _parts(_SIGN, values)) > 1:
            yield parts, ""
        if meant in ("venue", "aff"):
            if len(either := _parts(_OR, values)) > 1 and all(map(_is_proper, either)):
                yield either, ""
            if _PROPER.fullmatch(values):
                yield (values,), ""
        elif apart and not _SIGN.search(values) and not re.search(r"(?:^| )(?:and|or|not) ", values):
            yield values.split() if meant == "-" else ("AND", *values.split()), ""


def _people(values: str) -> Iterator[tuple[str, ...]]:
    """Several persons: `Hinton G; Bengio Y`, `Hinton, G; Bengio, Y`, `Hinton, G., Bengio, Y.`, `Hinton and Bengio`."""
    sign = next((sign for sign in (re.compile(" *; *"), _SIGN, _OR, _AND) if sign.search(values)), None)
    if sign is None:
        return
    parts = _parts(sign, values)
    given = [bool(_INITIALS.fullmatch(part)) for part in parts]
    if sign is _SIGN and any(given):
        paired = len(parts) % 2 == 0 and not any(given[::2]) and all(given[1::2])
        parts = (
            [f"{family}, {initials}" for family, initials in zip(parts[::2], parts[1::2], strict=False)]
            if paired
            else []
        )
    if parts and all(_PERSON.fullmatch(part.replace(",", "")) or " " not in part for part in parts):
        yield ("AND", *parts) if sign is _AND and len(parts) > 1 else tuple(parts)


def _is_proper(part: str) -> bool:
    return part[:1].isupper()


def _parts(sign: re.Pattern[str], values: str) -> list[str]:
    return [part for part in map(str.strip, sign.split(values)) if part]


def _term(name: str, said: Sequence[str]) -> str:
    every, said = said[:1] == ("AND",), [part for part in said if part != "AND"]
    quoted = [f'"{part}"' if re.search(r"[\s,]", part) else part for part in said]
    if name == "-":
        return " ".join(f"-{part}" for part in quoted)
    if len(quoted) == 1:
        return f"{name}:{quoted[0]}"
    word = " " if every and name in ("ti", "abs", "title", "abstract") else " AND " if every else " OR "
    return f"{name}:({word.join(quoted)})"
