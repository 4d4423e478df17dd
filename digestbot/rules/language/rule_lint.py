"""What is likely not meant by a rule that can be read: it never matches, it always does, it only looks like a field.

Every term is tried as true and as false, every count around the numbers it is compared with. That is exact for what
it says; rules with too many terms to try are not doubted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from digestbot.rules.language.comparisons import NUMBERS
from digestbot.rules.language.fields import DEFAULT
from digestbot.rules.language.syntax_tree import And, Code, Compare, Has, Node, Not, Or, Term
from digestbot.rules.words.tokenizer import is_initial

MOST_TRIED = 40_000  #: terms looked at, in all combinations

#: arXiv's archives with a part behind the dot: `cs.CV` without cat: is the phrase "cs cv"
ARCHIVES = frozenset("astro cond cs econ eess math nlin physics q stat".split())

#: categories that no paper has without a part behind a dot
WHOLE = frozenset("cs econ eess math nlin physics q-bio q-fin stat".split())

Atom = Term | Code | Compare | Has
Key = Atom | str  #: a count is one value, whatever it is compared with


def doubts(tree: Node) -> tuple[str, ...]:
    """Warnings, in words that go on from "this rule is likely not meant:"."""
    atoms = list(dict.fromkeys(_atoms(tree)))
    found = [said for atom in atoms if (said := _lookalike(atom))]
    tried: dict[Key, tuple[int, ...]] = {}
    for atom in atoms:
        tried[_key(atom)] = tuple(sorted({*tried.get(_key(atom), ()), *_samples(atom)}))
    if prod(map(len, tried.values())) * sum(1 for _ in _atoms(tree)) > MOST_TRIED:
        return tuple(found)
    values = [_holds(tree, dict(zip(tried, case, strict=True))) for case in product(*tried.values())]
    if not any(values):
        found.append("it can never match: it asks for something and for its opposite")
    elif all(values):
        found.append("it matches every paper: it asks for something and for its opposite")
    elif all(isinstance(atom, Term) for atom in atoms) and values[0]:  # the first case: nothing is there
        found.append("it only says what not to take, so nearly every paper matches")
    return tuple(found)


def _atoms(node: Node) -> Iterator[Atom]:
    match node:
        case And() | Or():
            for part in node.nodes:
                yield from _atoms(part)
        case Not():
            yield from _atoms(node.node)
        case _:
            yield node


def _key(atom: Atom) -> Key:
    return atom.field if isinstance(atom, Compare) and atom.date is None else atom


def _samples(atom: Atom) -> tuple[int, ...]:
    if isinstance(atom, Compare) and atom.date is None:
        return tuple(n for n in (atom.number - 1, atom.number, atom.number + 1) if n >= 0)
    return (0, 1)


def _holds(node: Node, case: Mapping[Key, int]) -> bool:
    match node:
        case And():
            return all(_holds(part, case) for part in node.nodes)
        case Or():
            return any(_holds(part, case) for part in node.nodes)
        case Not():
            return not _holds(node.node, case)
        case Compare(date=None):
            return NUMBERS[node.operator](case[node.field], node.number)
        case _:
            return bool(case[node])


def _lookalike(term: Atom) -> str:
    """A bare word that was meant for a field, or a value no paper has."""
    if isinstance(term, Code) and term.field == "lang" and re.fullmatch(r"[a-z]{4,}", term.value):
        return f"lang:{term.value} is no language code; English is lang:en"
    if isinstance(term, Code) and term.field == "cat" and not term.prefix and term.value.rstrip(".") in WHOLE:
        return f"cat:{term.value} is a whole archive, and papers have one of its parts; write cat:{term.value.rstrip('.')}.*"
    if isinstance(term, Term) and term.fields == ("au",) and len(term.words) == 2 and is_initial(term.words[-1]):
        family, initial = term.words
        return (
            f'au:"{family} {initial}" begins with a family name; names are written as spoken: au:"{initial} {family}"'
        )
    if not isinstance(term, Term) or term.fields != DEFAULT or len(term.words) != 2:
        return ""
    first, second = term.words
    if re.fullmatch(r"\d{4}", first) and re.fullmatch(r"\d{4,5}(v\d+)?", second):
        return f"{first}.{second} looks like an arXiv id and is looked for as words; write id:{first}.{second}"
    if first in ARCHIVES and re.fullmatch(r"[a-z]{2}", second):
        name = f"{first}.{second.upper()}"
        return f"{name} looks like a category and is looked for as words; write cat:{name}"
    return ""
