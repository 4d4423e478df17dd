"""The evaluator: one rule on one paper, the obvious way. Tests compare the index with it.

A value is True, False or None (unknown), as in Kleene's logic: NOT unknown is unknown; AND is the minimum of its parts
and OR the maximum, with False < unknown < True. A rule matches when its value is True.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from digestbot.errors import RuleError
from digestbot.model import Match, Reason
from digestbot.rules.evaluation.mending import mended
from digestbot.rules.language.comparisons import COMPARE_NUMBERS, compare_dates
from digestbot.rules.language.fields import DEFAULT, FIELDS, HAS, CodeField, DateField, NumberField, TextField, Thing
from digestbot.rules.language.grammar import parse_tree
from digestbot.rules.language.rule_lint import lint
from digestbot.rules.language.syntax_tree import And, Code, Compare, Has, Node, Not, Or, Term
from digestbot.rules.words.names import name_readings, same_name
from digestbot.rules.words.tokenizer import TextWords, words_of

MOST_REASONS = 12
_PLACES = {"title": 0, "abstract": 1}
WHOLE = ("venue",)  #: fields whose texts are names: `=` wants the whole of one
IN_TITLE, ELSEWHERE = 3.0, 1.0  #: weight of a true part, by the field that has it


class Value(NamedTuple):
    """The value of one part of a rule on one paper."""

    holds: bool | None
    reasons: tuple[Reason, ...] = ()  #: of the parts that made it true
    score: float = 0.0  #: sum of the weights of the same parts


UNKNOWN, FALSE = Value(None), Value(False)


class Prepared:
    """A paper with its texts cut once, for many rules. `rarity` weighs a term by how few papers have it."""

    def __init__(self, thing: Thing, rarity: Callable[[Node], float] = lambda node: 1.0) -> None:
        self.thing, self.rarity = thing, rarity
        self._texts: dict[str, tuple[TextWords, ...] | None] = {}

    def texts(self, name: str) -> tuple[TextWords, ...] | None:
        """The cut texts of a field; None when it is not known."""
        if name not in self._texts:
            field = FIELDS[name]
            assert isinstance(field, TextField)  # the grammar makes Terms of text fields only
            read = field.read(self.thing)
            self._texts[name] = None if read is None else tuple(map(words_of, read))
        return self._texts[name]

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words and stems of title and abstract: a quick test that most terms of most rules fail."""
        return frozenset(
            w for name in DEFAULT for t in self.texts(name) or () for part in (t.folded, t.stems) for w in part
        )


@dataclass(frozen=True)
class Rule:
    """A parsed rule."""

    text: str
    tree: Node

    def match(self, thing: Thing | Prepared) -> Match | None:
        """The match with its reasons, or None."""
        prepared = thing if isinstance(thing, Prepared) else Prepared(thing)
        value = evaluate(self.tree, prepared)
        return as_match(value) if value.holds else None

    @property
    def terms(self) -> frozenset[str]:
        """The folded words that the rule looks for, without those behind NOT."""
        return frozenset(w for term in _wanted(self.tree) for w in term.words)

    def warnings(self, sources: Collection[str] | None = None) -> tuple[str, ...]:
        """Warnings: what the rule likely does not mean. `sources` are the names of the sources, where they are known."""
        return lint(self.tree, self.text, sources)


def parse(text: str, *, topics: Mapping[str, str] | None = None) -> Rule:
    """Parses a rule. `topics` maps each @name to its rule. Raises RuleError with place, cause, mend and the line that works."""
    try:
        return Rule(text, parse_tree(text, topics))
    except RuleError as error:
        error.works = mended(text, topics or {})
        raise


def _wanted(node: Node) -> Iterator[Term]:
    match node:
        case Term():
            yield node
        case And() | Or():
            for part in node.nodes:
                yield from _wanted(part)


def as_match(value: Value) -> Match:
    """Returns the match of a true value."""
    return Match(reasons=in_order(value.reasons), score=value.score)


def in_order(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Each reason once, those in the title first, those in the abstract next; at most so many as are told."""
    if len(reasons) == 1:
        return tuple(reasons)
    unique = sorted(dict.fromkeys(reasons), key=lambda reason: _PLACES.get(reason.field, 2))
    return tuple(unique[:MOST_REASONS])


def field_weight(field: str) -> float:
    """Returns the weight of a part that holds in this field (short name)."""
    return IN_TITLE if field == "ti" else ELSEWHERE


def evaluate(node: Node, paper: Prepared) -> Value:
    """Evaluates one node. The reasons are those of the parts that made it true."""
    match node:
        case Term():
            return _term(node, paper)
        case And():
            return _and(node, paper)
        case Or():
            return _or(node, paper)
        case Not():
            holds = evaluate(node.node, paper).holds
            return UNKNOWN if holds is None else Value(not holds)
        case Code():
            return _code(node, paper)
        case Compare():
            return _compare(node, paper)
        case Has():
            there = HAS[node.what].read(paper.thing)
            return (
                Value(True, (Reason(field="has", text=node.what),), ELSEWHERE * paper.rarity(node)) if there else FALSE
            )


def _and(node: And, paper: Prepared) -> Value:
    values = []
    for part in node.nodes:
        values.append(evaluate(part, paper))
        if values[-1].holds is False:
            return FALSE
    return UNKNOWN if any(value.holds is None for value in values) else all_of(values)


def _or(node: Or, paper: Prepared) -> Value:
    values = [evaluate(part, paper) for part in node.nodes]
    if true := [value for value in values if value.holds]:
        return all_of(true)
    return UNKNOWN if any(value.holds is None for value in values) else FALSE


def all_of(values: Sequence[Value]) -> Value:
    """Joins the values of parts that are all true."""
    return Value(True, tuple(r for value in values for r in value.reasons), sum(value.score for value in values))


# --- words ---------------------------------------------------------------------------------------------------------


def _term(term: Term, paper: Prepared) -> Value:
    if term.fields == DEFAULT and not term.prefix and not _may(term, paper.vocabulary):
        return FALSE
    reasons, score, known = [], 0.0, False
    for name in term.fields:
        texts = paper.texts(name)
        if texts is None:
            continue
        known = True
        for text in texts:
            if found := _find(term, text, name):
                reasons.append(Reason(field=FIELDS[name].name, text=text.shown(*found)))
                score += field_weight(name) * paper.rarity(term)
                break
    return Value(True, tuple(reasons), score) if reasons else FALSE if known else UNKNOWN


def _may(term: Term, vocabulary: frozenset[str]) -> bool:
    return all(w in vocabulary for w in (term.words if term.exact else term.stems))


def _find(term: Term, text: TextWords, name: str) -> tuple[int, int] | None:
    """First and last word of the first place where the term stands, or None."""
    plain = term.exact or name == "au"  # names have no plurals: Williams is not William
    wanted, there = (term.words, text.folded) if plain else (term.stems, text.stems)
    if term.near is not None:
        return _near(wanted, there, len(wanted) + term.near)
    if name == "au" and is_name(term):
        return (0, len(there) - 1) if is_named(text.text, term) else None
    if name in WHOLE and term.exact and len(there) != len(wanted):
        return None
    return _phrase(term, wanted, there, text)


def is_name(term: Term) -> bool:
    """Is a term of `au:` a name, whose words may stand in another order or be initials?"""
    return len(term.words) > 1 and not term.exact and term.near is None


def _phrase(term: Term, wanted: Sequence[str], there: Sequence[str], text: TextWords) -> tuple[int, int] | None:
    ends = ((at, _phrase_end(term, wanted, there, text, at)) for at in _starts(term, wanted, there, text))
    return next(((at, last) for at, last in ends if last is not None), None)


def is_named(name: str, term: Term) -> bool:
    """Is it this author's name, in one of the ways it may be read?"""
    return any(same_name(term.words, reading, prefix=term.prefix) for reading in name_readings(name))


def _starts(term: Term, wanted: Sequence[str], there: Sequence[str], text: TextWords) -> list[int]:
    """The positions at which the first word of a phrase stands, or begins."""
    if term.prefix and len(wanted) == 1:
        return [at for at, word in enumerate(text.folded) if word.startswith(term.words[0])]
    return [at for at, word in enumerate(there) if word == wanted[0]] if wanted[0] in there else []


def _phrase_end(term: Term, wanted: Sequence[str], there: Sequence[str], text: TextWords, at: int) -> int | None:
    last = at + len(wanted) - 1
    if last >= len(there) or tuple(there[at:last]) != tuple(wanted[:-1]):
        return None
    begun = term.prefix and text.folded[last].startswith(term.words[-1])
    if not begun and (term.prefix or there[last] != wanted[-1]):
        return None
    return last if all(text.folded[at + n] == term.words[n] for n in term.capital) else None


def _near(wanted: Sequence[str], there: Sequence[str], widest: int) -> tuple[int, int] | None:
    """The first stretch of at most `widest` words that holds all wanted ones, in any order; in linear time."""
    need = Counter(wanted)
    places = [at for at, word in enumerate(there) if word in need]
    missing, beyond = len(wanted), 0  # how many are still wanted, and the first place not yet taken in
    for first in places:
        while missing and beyond < len(places):
            missing -= need[there[places[beyond]]] > 0
            need[there[places[beyond]]] -= 1
            beyond += 1
        if missing:
            return None
        if places[beyond - 1] - first < widest:
            return first, places[beyond - 1]
        need[there[first]] += 1
        missing += need[there[first]] > 0
    return None


# --- values --------------------------------------------------------------------------------------------------------


def _code(code: Code, paper: Prepared) -> Value:
    field = FIELDS[code.field]
    assert isinstance(field, CodeField)  # the grammar makes Codes of code fields only
    values = field.read(paper.thing)
    if values is None:
        return UNKNOWN
    hits = [v for v in values if (v.casefold().startswith(code.value) if code.prefix else v.casefold() == code.value)]
    reasons = tuple(Reason(field=field.name, text=v) for v in hits)
    return Value(True, reasons, ELSEWHERE * paper.rarity(code)) if hits else FALSE


def _compare(compare: Compare, paper: Prepared) -> Value:
    field = FIELDS[compare.field]
    if isinstance(field, NumberField):
        number = field.read(paper.thing)
        if number is None:
            return UNKNOWN
        return _compared(
            COMPARE_NUMBERS[compare.operator](number, compare.number), field.name, str(number), paper.rarity(compare)
        )
    assert isinstance(field, DateField)  # the only other field that is compared
    date = field.read(paper.thing)
    if date is None:
        return UNKNOWN
    return _compared(
        compare_dates(date, compare.operator, compare.asked_date), field.name, date.text, paper.rarity(compare)
    )


def _compared(holds: bool | None, field: str, text: str, rarity: float) -> Value:
    return Value(True, (Reason(field=field, text=text),), ELSEWHERE * rarity) if holds else Value(holds)
