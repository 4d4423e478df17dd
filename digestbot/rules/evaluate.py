"""The evaluator: one rule on one paper, in the plain way. It is the oracle for everything faster.

A value is True, False or None (unknown), after Kleene: NOT unknown is unknown; AND is the least of its parts, OR the
greatest, with False < unknown < True. A rule matches when it is True.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from digestbot.model import Match, Reason
from digestbot.rules.comparing import NUMBERS, dates
from digestbot.rules.doubts import doubts
from digestbot.rules.fields import DEFAULT, FIELDS, HAS, CodeField, DateField, NumberField, TextField, Thing
from digestbot.rules.grammar import parse_tree
from digestbot.rules.tokens import Words, is_initial, words
from digestbot.rules.tree import And, Code, Compare, Has, Node, Not, Or, Term

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
        value, reasons = evaluate(self.tree, prepared)
        return _as_match(reasons) if value else None

    @property
    def terms(self) -> frozenset[str]:
        """The folded words it looks for, those behind NOT left out."""
        return frozenset(w for term in _wanted(self.tree) for w in term.words)

    def warnings(self) -> tuple[str, ...]:
        """What is likely not meant, in words."""
        return doubts(self.tree)


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


# --- words ---------------------------------------------------------------------------------------------------------


def _term(term: Term, paper: Prepared) -> Value:
    if term.fields == DEFAULT and not term.prefix and not _may(term, paper.vocabulary):
        return False, ()
    reasons, known = [], False
    for name in term.fields:
        texts = paper.texts(name)
        if texts is None:
            continue
        known = True
        for text in texts:
            if found := _find(term, text, name):
                reasons.append(Reason(field=FIELDS[name].name, text=text.shown(*found)))
                break
    return (True, tuple(reasons)) if reasons else (False if known else None, ())


def _may(term: Term, vocabulary: frozenset[str]) -> bool:
    return all(w in vocabulary for w in (term.words if term.exact else term.stems))


def _find(term: Term, text: Words, name: str) -> tuple[int, int] | None:
    """First and last word of the first place where the term stands, or None."""
    plain = term.exact or name == "au"  # names have no plurals: Williams is not William
    wanted, there = (term.words, text.folded) if plain else (term.stems, text.stems)
    if term.near is not None:
        return _near(wanted, there, len(wanted) + term.near)
    for at in range(len(there)):
        if name == "au" and not term.exact:
            last = name_end(wanted, text.folded, at, prefix=term.prefix)
        else:
            last = _phrase_end(term, wanted, there, text, at)
        if last is not None:
            return at, last
    return None


def _phrase_end(term: Term, wanted: Sequence[str], there: Sequence[str], text: Words, at: int) -> int | None:
    last = at + len(wanted) - 1
    if last >= len(there) or tuple(there[at:last]) != tuple(wanted[:-1]):
        return None
    begun = term.prefix and text.folded[last].startswith(term.words[-1])
    return last if begun or (not term.prefix and there[last] == wanted[-1]) else None


def name_end(wanted: Sequence[str], there: Sequence[str], at: int, *, prefix: bool) -> int | None:
    """The last word of a name that begins at `at`, or None. `there` is a name's folded words.

    `G Hinton` finds Geoffrey Hinton, `Geoffrey Hinton` finds G. Hinton and Geoffrey E. Hinton: a lone letter stands
    for a word that begins with it, and a lone letter of the paper between two words of the rule is passed over.
    """
    if len(wanted) == 1:
        return at if (there[at].startswith(wanted[0]) if prefix else there[at] == wanted[0]) else None
    for k, word in enumerate(wanted):
        begun = prefix and k == len(wanted) - 1
        while k and at < len(there) and not _same_name(word, there[at], begun) and is_initial(there[at]):
            at += 1
        if at >= len(there) or not _same_name(word, there[at], begun):
            return None
        at += 1
    return at - 1


def _same_name(mine: str, theirs: str, begun: bool) -> bool:
    if mine == theirs or (begun and theirs.startswith(mine)):
        return True
    return (is_initial(mine) or is_initial(theirs)) and mine[:1] == theirs[:1]


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
        return None, ()
    hits = [v for v in values if (v.casefold().startswith(code.value) if code.prefix else v.casefold() == code.value)]
    return bool(hits), tuple(Reason(field=field.name, text=v) for v in hits)


def _compare(compare: Compare, paper: Prepared) -> Value:
    field = FIELDS[compare.field]
    if isinstance(field, NumberField):
        number = field.read(paper.thing)
        if number is None:
            return None, ()
        value: bool | None = NUMBERS[compare.operator](number, compare.number)
        return value, (Reason(field=field.name, text=str(number)),) if value else ()
    assert isinstance(field, DateField)  # the only other field that is compared
    assert compare.date is not None
    date = field.read(paper.thing)
    if date is None:
        return None, ()
    value = dates(date, compare.operator, compare.date)
    return value, (Reason(field=field.name, text=date.text),) if value else ()
