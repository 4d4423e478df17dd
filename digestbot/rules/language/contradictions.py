"""Finds rules that never match or always do: every term is tried as true and as false, every count and date around its limits.

The finding is exact for what is tried, with what one term says of another: `"flow matching"` implies `flow`, `cs.CV` implies
`cs.*`. A rule with too many combinations is only asked for two terms of one AND that exclude each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise, permutations, product
from math import prod

from digestbot.model import PartialDate
from digestbot.rules.language.comparisons import COMPARE_NUMBERS, compare_dates, date_span
from digestbot.rules.language.syntax_tree import And, Code, Compare, Has, Node, Not, Or, Term

_FEW = 12  #: terms, of which each pair is looked at
_TAKES_NOTHING = "it only says what not to take, so nearly every paper matches"
MOST_TRIED = 40_000  #: terms looked at, in all combinations
SINGLE = ("lang",)  #: fields of which a paper has one value

Atom = Term | Code | Compare | Has
Key = Atom | str  #: a count or a date is one value, whatever it is compared with
Case = Mapping[Key, "int | PartialDate"]


def always_or_never(tree: Node) -> str:
    """Returns what is likely not meant by a rule as a whole; "" when nothing is found."""
    written = list(atoms_of(tree))
    atoms = list(dict.fromkeys(written))
    if len(atoms) == len(written) <= _FEW and not _are_related(atoms):
        return _TAKES_NOTHING if _only_takes_away(tree, atoms) else ""
    samples = _samples(atoms)
    if prod(map(len, samples.values())) * len(written) > MOST_TRIED:
        return _pair_excluded(tree)
    values = [(_holds(tree, case), case) for case in _cases(atoms, samples)]
    answers = {value for value, _ in values}
    if True not in answers:
        return "it can never match: it asks for something and for its opposite"
    if False not in answers:
        return "it matches every paper: it asks for something and for its opposite"
    return _TAKES_NOTHING if _only_takes_away(tree, atoms) else ""


def _are_related(atoms: Sequence[Atom]) -> bool:
    """Whether one may say something of another. If none does, and each stands there once, a rule can match and can fail."""
    if any(isinstance(atom, Compare) for atom in atoms):
        return True
    return any(implies(a, b) or excludes(a, b) for a, b in permutations(atoms, 2))


def _only_takes_away(tree: Node, atoms: Sequence[Atom]) -> bool:
    """Whether a paper that has none of its words matches."""
    return all(isinstance(atom, Term) for atom in atoms) and _holds(tree, dict.fromkeys(map(_key, atoms), 0))


def atoms_of(node: Node) -> Iterator[Atom]:
    """Yields the terms of a tree, those behind NOT too."""
    match node:
        case And() | Or():
            for part in node.nodes:
                yield from atoms_of(part)
        case Not():
            yield from atoms_of(node.node)
        case _:
            yield node


def _key(atom: Atom) -> Key:
    return atom.field if isinstance(atom, Compare) else atom


def _samples(atoms: Sequence[Atom]) -> dict[Key, list[int | PartialDate]]:
    """Returns the values to try: around each limit of a count or a date, true and false of other terms."""
    found: dict[Key, dict[int | PartialDate, None]] = {}
    for atom in atoms:
        found.setdefault(_key(atom), {}).update(dict.fromkeys(_around(atom)))
    return {key: list(values) for key, values in found.items()}


def _around(atom: Atom) -> list[int | PartialDate]:
    if not isinstance(atom, Compare):
        return [0, 1]
    if atom.date is None:
        return [n for n in (atom.number - 1, atom.number, atom.number + 1) if n >= 0]
    begin, end = date_span(atom.date)
    moments = [begin, end]
    if begin.year > 1 and end.year < 9999:
        moments = [begin - timedelta(seconds=1), begin, end, end + timedelta(seconds=1)]
    return [PartialDate(f"{moment:%Y-%m-%dT%H:%M:%S}Z") for moment in moments]


def _cases(atoms: Sequence[Atom], samples: Mapping[Key, Sequence[int | PartialDate]]) -> Iterator[Case]:
    """Yields the combinations that a paper can have."""
    pairs = list(permutations(atoms, 2))
    implied = [(a, b) for a, b in pairs if implies(a, b)]
    apart = [(a, b) for a, b in pairs if excludes(a, b)]
    for values in product(*samples.values()):
        case = dict(zip(samples, values, strict=True))
        if all(case[b] or not case[a] for a, b in implied) and not any(case[a] and case[b] for a, b in apart):
            yield case


def _holds(node: Node, case: Case) -> bool:
    match node:
        case And():
            return all(_holds(part, case) for part in node.nodes)
        case Or():
            return any(_holds(part, case) for part in node.nodes)
        case Not():
            return not _holds(node.node, case)
        case Compare():
            return _compares(node, case[node.field])
        case _:
            return bool(case[node])


def _compares(node: Compare, value: int | PartialDate) -> bool:
    if isinstance(value, PartialDate):
        return compare_dates(value, node.operator, node.asked_date) is True
    return COMPARE_NUMBERS[node.operator](value, node.number)


def _pair_excluded(tree: Node) -> str:
    """Two terms that stand side by side in an AND."""
    nodes = list(_flat(tree))
    wanted = [node for node in nodes if not isinstance(node, Not | Or | And)]
    not_wanted = [node.node for node in nodes if isinstance(node, Not) and not isinstance(node.node, Not | Or | And)]
    never = any(a == b or implies(a, b) for a in wanted for b in not_wanted) or any(
        excludes(a, b) for a in wanted for b in wanted
    )
    return "it can never match: it asks for something and for its opposite" if never else ""


def _flat(node: Node) -> Iterator[Node]:
    if isinstance(node, And):
        for part in node.nodes:
            yield from _flat(part)
    elif isinstance(node, Not) and isinstance(node.node, Or):
        for part in node.node.nodes:
            yield Not(part)
    else:
        yield node


def implies(one: Atom, other: Atom) -> bool:
    """Is every paper that has one term one that has the other, too?"""
    if isinstance(one, Code) and isinstance(other, Code):
        begins = other.prefix and one.value.startswith(other.value)
        return one.field == other.field and (begins or (not one.prefix and one.value == other.value))
    if isinstance(one, Term) and isinstance(other, Term):
        return set(one.fields) <= set(other.fields) and _words_imply(one, other)
    return False


def _words_imply(one: Term, other: Term) -> bool:
    as_written = "au" in other.fields or bool(other.capital)
    if as_written or other.exact > one.exact:
        return _is_same_word(one, other)
    if "venue" in other.fields and other.exact:
        return False
    if other.prefix:
        return len(other.words) == 1 and any(word.startswith(other.words[0]) for word in one.words)
    whole = len(one.words) - one.prefix
    mine, wanted = (one.words[:whole], other.words) if other.exact else (one.stems[:whole], other.stems)
    return wanted[0] in mine if len(wanted) == 1 else _phrase_implies(one, other, mine, wanted)


def _is_same_word(one: Term, other: Term) -> bool:
    """One whole word, compared as it is written."""
    return one.words == other.words and other.exact <= one.exact and len(other.words) == 1 and not one.prefix


def _phrase_implies(one: Term, other: Term, mine: Sequence[str], wanted: Sequence[str]) -> bool:
    """Several words: side by side in the other, or near each other where that is all that is asked."""
    if one.near is not None:
        return False
    if other.near is not None:
        return sorted(wanted) == sorted(mine)
    return any(mine[at : at + len(wanted)] == wanted for at in range(len(mine) - len(wanted) + 1))


def excludes(one: Atom, other: Atom) -> bool:
    """Can no paper have both? A paper has one language."""
    if not (isinstance(one, Code) and isinstance(other, Code) and one.field == other.field and one.field in SINGLE):
        return False
    return not any(implies(a, b) for a, b in pairwise((one, other, one))) and one.value != other.value
