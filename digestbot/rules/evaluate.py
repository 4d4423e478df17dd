"""The evaluator: one rule on one paper, in the plain way. It is the oracle for everything faster.

A value is True, False or None (unknown), after Kleene: NOT unknown is unknown; AND is the least of its parts, OR the
greatest, with False < unknown < True. A rule matches when it is True.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from digestbot.model import Match, PartialDate, Reason
from digestbot.rules.fields import FIELDS, HAS, CodeField, DateField, NumberField, TextField, Thing
from digestbot.rules.grammar import And, Code, Compare, Has, Node, Not, Or, Term, parse_tree
from digestbot.rules.tokens import Words, words

MOST_REASONS = 12
IN_TITLE, ELSEWHERE = 3.0, 1.0  #: what a matched word is worth for ranking

Value = tuple[bool | None, tuple[Reason, ...]]


class Prepared:
    """A paper with its texts cut once, for many rules."""

    def __init__(self, thing: Thing) -> None:
        self.thing = thing
        self._texts: dict[str, tuple[Words, ...] | None] = {}

    def texts(self, name: str) -> tuple[Words, ...] | None:
        """The cut texts of a field; None when it is not known."""
        if name not in self._texts:
            field = FIELDS[name]
            assert isinstance(field, TextField)  # the grammar makes Terms of text fields only
            read = field.read(self.thing)
            self._texts[name] = None if read is None else tuple(map(words, read))
        return self._texts[name]

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Words and stems of title and abstract: most terms of most rules fail here already."""
        return frozenset(
            w for name in ("ti", "abs") for t in self.texts(name) or () for part in (t.folded, t.stems) for w in part
        )


@dataclass(frozen=True)
class Rule:
    """A parsed rule."""

    text: str
    tree: Node

    def match(self, thing: Thing | Prepared) -> Match | None:
        """The match with its reasons, or None."""
        prepared = thing if isinstance(thing, Prepared) else Prepared(thing)
        value, reasons = evaluate(self.tree, prepared)
        return _as_match(reasons) if value else None

    @property
    def terms(self) -> frozenset[str]:
        """The folded words it looks for, those behind NOT left out."""
        return frozenset(w for term in _wanted(self.tree) for w in term.words)

    def warnings(self) -> tuple[str, ...]:
        """What is likely not meant, in words."""
        parts = set(self.tree.nodes) if isinstance(self.tree, And | Or) else set()
        if not any(Not(part) in parts for part in parts):
            return ()
        what = "can never match" if isinstance(self.tree, And) else "matches every paper"
        return (f"it {what}: it asks for something and for its opposite",)


def parse(text: str, *, topics: Mapping[str, str] | None = None) -> Rule:
    """Read a rule. Raises RuleError with place, cause and mend. `topics`: the site's rules behind @names."""
    return Rule(text, parse_tree(text, topics))


def _wanted(node: Node) -> Iterator[Term]:
    match node:
        case Term():
            yield node
        case And() | Or():
            for part in node.nodes:
                yield from _wanted(part)


def _as_match(reasons: Sequence[Reason]) -> Match:
    unique = tuple(dict.fromkeys(reasons))
    ordered = tuple(sorted(unique, key=lambda r: {"title": 0, "abstract": 1}.get(r.field, 2)))
    score = sum(IN_TITLE if r.field == "title" else ELSEWHERE for r in unique)
    return Match(reasons=ordered[:MOST_REASONS], score=score)


def evaluate(node: Node, paper: Prepared) -> Value:
    """Value and reasons of one node. Reasons are those of the parts that made it true."""
    match node:
        case Term():
            return _term(node, paper)
        case And():
            return _and(node, paper)
        case Or():
            return _or(node, paper)
        case Not():
            value, _ = evaluate(node.node, paper)
            return (None if value is None else not value), ()
        case Code():
            return _code(node, paper)
        case Compare():
            return _compare(node, paper)
        case Has():
            there = HAS[node.what].read(paper.thing)
            return there, (Reason(field="has", text=node.what),) if there else ()


def _and(node: And, paper: Prepared) -> Value:
    reasons: list[Reason] = []
    unknown = False
    for part in node.nodes:
        value, why = evaluate(part, paper)
        if value is False:
            return False, ()
        unknown |= value is None
        reasons += why
    return (None, ()) if unknown else (True, tuple(reasons))


def _or(node: Or, paper: Prepared) -> Value:
    values = [evaluate(part, paper) for part in node.nodes]
    if any(value for value, _ in values):
        return True, tuple(r for value, why in values if value for r in why)
    return (None if any(value is None for value, _ in values) else False), ()


def _term(term: Term, paper: Prepared) -> Value:
    if term.fields == ("ti", "abs") and not term.prefix and not _may(term, paper.vocabulary):
        return False, ()
    reasons, known = [], False
    for name in term.fields:
        texts = paper.texts(name)
        if texts is None:
            continue
        known = True
        for text in texts:
            if found := _find(term, text, initials=name == "au"):
                reasons.append(Reason(field=FIELDS[name].name, text=text.shown(*found)))
                break
    return (True, tuple(reasons)) if reasons else (False if known else None, ())


def _may(term: Term, vocabulary: frozenset[str]) -> bool:
    return all(w in vocabulary for w in (term.words if term.exact else term.stems))


def _find(term: Term, text: Words, *, initials: bool) -> tuple[int, int] | None:
    """First and last word of the first place where the term stands, or None."""
    if term.near:
        return _near(term, text)
    wanted = term.words if term.exact else term.stems
    there = text.folded if term.exact else text.stems
    size = len(wanted)
    for at in range(len(there) - size + 1):
        if all(_same(term, wanted, there, text, at, k, initials) for k in range(size)):
            return at, at + size - 1
    return None


def _same(
    term: Term, wanted: Sequence[str], there: Sequence[str], text: Words, at: int, k: int, initials: bool
) -> bool:
    if there[at + k] == wanted[k]:
        return True
    if term.prefix and k == len(wanted) - 1:
        return text.folded[at + k].startswith(term.words[k])
    # "g hinton" finds Geoffrey Hinton, and "geoffrey hinton" finds G. Hinton; a lone initial finds nobody
    if not initials or len(wanted) == 1:
        return False
    mine, theirs = term.words[k], text.folded[at + k]
    return min(len(mine), len(theirs)) == 1 and mine[0] == theirs[0]


def _near(term: Term, text: Words) -> tuple[int, int] | None:
    """All words, in any order, with at most `near` other words between the first and the last of them."""
    need = list(term.stems)
    places = sorted((at, s) for at, s in enumerate(text.stems) if s in need)
    widest = len(need) + term.near
    for start, (first, _) in enumerate(places):
        missing = list(need)
        for at, word in places[start:]:
            if at - first >= widest:
                break
            if word in missing:
                missing.remove(word)
            if not missing:
                return first, at
    return None


def _code(code: Code, paper: Prepared) -> Value:
    field = FIELDS[code.field]
    assert isinstance(field, CodeField)  # the grammar makes Codes of code fields only
    values = field.read(paper.thing)
    if values is None:
        return None, ()
    hits = [v for v in values if (v.casefold().startswith(code.value) if code.prefix else v.casefold() == code.value)]
    return bool(hits), tuple(Reason(field=field.name, text=v) for v in hits)


def _compare(compare: Compare, paper: Prepared) -> Value:
    field = FIELDS[compare.field]
    if isinstance(field, NumberField):
        number = field.read(paper.thing)
        if number is None:
            return None, ()
        value: bool | None = {
            "<": number < compare.number, "<=": number <= compare.number, ">": number > compare.number,
            ">=": number >= compare.number, "=": number == compare.number,
        }[compare.operator]  # fmt: skip
        return value, (Reason(field=field.name, text=str(number)),) if value else ()
    assert isinstance(field, DateField)  # the only other field that is compared
    assert compare.date is not None
    date = field.read(paper.thing)
    if date is None:
        return None, ()
    value = _dates(span(date), compare.operator, span(compare.date))
    return value, (Reason(field=field.name, text=date.text),) if value else ()


def span(date: PartialDate) -> tuple[datetime, datetime]:
    """First and last instant a date can mean."""
    first = date.earliest()
    match date.precision:
        case "year":
            after = first.replace(year=first.year + 1) if first.year < 9999 else first
        case "month":
            after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        case "day":
            after = first + timedelta(days=1)
        case _:
            after = first + timedelta(seconds=1)
    return first, after - timedelta(microseconds=1)


def _dates(mine: tuple[datetime, datetime], operator: str, asked: tuple[datetime, datetime]) -> bool | None:
    """Sure, surely not, or unknown: `2026` compared with `>2026-06-01` is unknown."""
    match operator:
        case "<":
            sure, never = mine[1] < asked[0], mine[0] >= asked[0]
        case "<=":
            sure, never = mine[1] <= asked[1], mine[0] > asked[1]
        case ">":
            sure, never = mine[0] > asked[1], mine[1] <= asked[1]
        case ">=":
            sure, never = mine[0] >= asked[0], mine[1] < asked[0]
        case _:
            sure = mine[0] >= asked[0] and mine[1] <= asked[1]
            never = mine[1] < asked[0] or mine[0] > asked[1]
    return True if sure else False if never else None
