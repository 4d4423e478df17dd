"""Mending: the line that works in place of one with a mistake, where the error names it or where it is plain. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from digestbot.errors import RuleError
from digestbot.rules.evaluation.evaluate import parse
from digestbot.rules.language.terms import NAMES

MISTAKES = 6  #: that are mended one after the other
_MEANT = "Did you mean "
_OPERATORS = {"&&": "", "&": "", "||": "OR", "|": "OR", "!": "NOT", "ANDNOT": "AND NOT"}


def mended(rule: str, rules: Mapping[str, str]) -> str:
    """The rule as it can be read, with as little changed as may be; "" where that is not plain."""
    line = rule
    for _ in range(MISTAKES):
        if (error := _mistake(line, rules)) is None:
            return line if line != rule else ""
        better = next((tried for tried in _tries(line, error) if _is_better(tried, error, rules)), "")
        if not better:
            return ""
        line = better
    return ""


def _mistake(line: str, rules: Mapping[str, str]) -> RuleError | None:
    try:
        parse(line, topics=rules)
    except RuleError as error:
        return error
    return None


def _is_better(tried: str, error: RuleError, rules: Mapping[str, str]) -> bool:
    """It can be read, or its first mistake stands further to the right."""
    left = _mistake(tried, rules)
    return left is None or (left.text == tried and left.position > error.position)


def _tries(line: str, error: RuleError) -> Iterator[str]:
    """What may have been meant, the most likely first."""
    if error.text != line:
        return
    begin, end = error.position, error.position + max(1, error.length)
    before, at, after = line[:begin], line[begin:end], line[end:]
    if meant := _meant(error.fix):
        _name, colon, rest = at.partition(":")
        yield f"{before}{meant}{rest if colon and meant.endswith(':') else ''}{after}"
        if meant.endswith(":") and after.startswith(":"):
            yield f"{before}{meant}{after[1:]}"
    if at.lower() in ("and", "or", "not"):
        yield f"{before}{at.upper()}{after}"
    if at in _OPERATORS:
        yield f"{before}{_OPERATORS[at]}{after}"
    yield f'{line}"'
    yield f"{line})"
    if at in ("(", ")", '"'):
        yield f"{before}{after}"


def _meant(fix: str) -> str:
    """The name that the error proposes: `ti:`, `@diffusion`, `has:code`; "" where it proposes none."""
    if fix.startswith(_MEANT):
        return fix[len(_MEANT) :].split(" ", maxsplit=1)[0].rstrip("?")
    words = (word.strip("(),;") for word in fix.split())
    return next((word for word in words if word.endswith(":") and word[:-1] in NAMES), "")
