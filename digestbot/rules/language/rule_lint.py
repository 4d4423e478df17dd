"""Warnings about valid rules: they never match, always match, or contain a word that looks like a field.

Every term is tried as true and as false, every count around the numbers that the rule names. The finding is exact. Rules
with too many terms to try get no such warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from digestbot.rules.language.comparisons import COMPARE_NUMBERS
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


def lint(tree: Node) -> tuple[str, ...]:
    """Returns warnings that continue the sentence "this rule is likely not meant:"."""
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
            return COMPARE_NUMBERS[node.operator](case[node.field], node.number)
        case _:
            return bool(case[node])


def _lookalike(atom: Atom) -> str:
    """Warns of a bare word that was meant for a field, or of a value that no paper has; "" for others."""
    if isinstance(atom, Code):
        return _code_lookalike(atom)
    if not isinstance(atom, Term) or len(atom.words) != 2:
        return ""
    if atom.fields == ("au",):
        return _turned_name(*atom.words)
    return _bare_lookalike(*atom.words) if atom.fields == DEFAULT else ""


def _code_lookalike(code: Code) -> str:
    if code.field == "lang" and re.fullmatch(r"[a-z]{4,}", code.value):
        return f"lang:{code.value} is no language code; English is lang:en"
    whole = code.value.rstrip(".")
    if code.field == "cat" and not code.prefix and whole in WHOLE:
        return f"cat:{code.value} is a whole archive, and papers have one of its parts; write cat:{whole}.*"
    return ""


def _turned_name(family: str, initial: str) -> str:
    if not is_initial(initial):
        return ""
    return f'au:"{family} {initial}" begins with a family name; names are written as spoken: au:"{initial} {family}"'


def _bare_lookalike(first: str, second: str) -> str:
    """`2602.00001` and `cs.CV` are cut into two words."""
    if re.fullmatch(r"\d{4}", first) and re.fullmatch(r"\d{4,5}(v\d+)?", second):
        return f"{first}.{second} looks like an arXiv id and is looked for as words; write id:{first}.{second}"
    if first in ARCHIVES and re.fullmatch(r"[a-z]{2}", second):
        name = f"{first}.{second.upper()}"
        return f"{name} looks like a category and is looked for as words; write cat:{name}"
    return ""
