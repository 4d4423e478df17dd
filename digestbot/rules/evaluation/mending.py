"""Mending: the line that works in place of one with a mistake, where the error names it or where it is plain. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from digestbot.errors import RuleError
from digestbot.rules.evaluation.rewriting import rewritings
from digestbot.rules.language.grammar import parse_tree

MISTAKES = 6  #: that are mended one after the other
LONGEST = 400  #: characters of a line that is mended: what is longer was not typed by a person
READINGS = 40_000  #: characters that are read in trying: some hundred lines as people type them
#: a sign that was to stand for a letter, in quotes: no paper has it
_QUOTED_SIGN = re.compile(r'"[^"?]*\w\?\w')


def mended(rule: str, rules: Mapping[str, str]) -> str:
    """The rule as it can be read, with as little changed as may be; "" where that is not plain."""
    line, left = rule, _Tries(rule)
    for _ in range(MISTAKES if len(rule) <= LONGEST else 0):
        if (error := _mistake(line, rules)) is None:
            return line.strip() if line != rule else ""
        if error.text != line:  # it has unseen characters, or the mistake stands in a topic of the site
            line = error.text
            continue
        better = next(
            (tried for tried in rewritings(error) if left.allow(tried) and _is_better(tried, error, rules)), ""
        )
        if not better:
            return ""
        line = better
    return line.strip() if line != rule and _mistake(line, rules) is None else ""


class _Tries:
    """What has been tried: no line is read twice, and all together have a bound that is no clock's."""

    def __init__(self, rule: str) -> None:
        self._seen = {rule}
        self._left = READINGS

    def allow(self, tried: str) -> bool:
        if tried in self._seen or self._left < len(tried):
            return False
        self._seen.add(tried)
        self._left -= len(tried)
        return True


def _mistake(line: str, rules: Mapping[str, str]) -> RuleError | None:
    try:
        parse_tree(line, rules)
    except RuleError as error:
        return error
    return None


def _is_better(tried: str, error: RuleError, rules: Mapping[str, str]) -> bool:
    """Whether a line is nearer to a rule: it parses, or its first mistake comes later, or less text follows the mistake."""
    if not tried.strip() or (_QUOTED_SIGN.search(tried) and not _QUOTED_SIGN.search(error.text)):
        return False
    left = _mistake(tried, rules)
    if left is None or (left.text == tried and left.position > error.position):
        return True
    return left.text == tried and len(tried) - left.position < len(error.text) - error.position
