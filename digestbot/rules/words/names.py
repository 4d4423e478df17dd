"""Names in `au:`: a phrase of a rule and the name of an author. `docs/rules.md` has the algorithm.

A rule's `Erik Halvorsen` finds E. P. Halvorsen, Halvorsen, Erik and Halvorsen EP: order, initials and middle names differ
between sources. `=` in front of the phrase wants the name as written and does not come here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from digestbot.memo import remembered
from digestbot.rules.words.tokenizer import folded_words, is_ideograph, is_initial, words_of

MOST_READ = 40  #: words of an author
MOST_TURNED = 6  #: words of a phrase that is looked for in every order of its two halves

_INITIALS = re.compile(r"[A-Z]{2,3}")
_TWO_CAPITALS = re.compile(r"[A-Z]{2}")  #: most names have none


@remembered(16384)
def name_readings(name: str) -> tuple[tuple[str, ...], ...]:
    """Returns the folded words of a name; again with initials apart (`Smith JK` → smith j k), and with them joined."""
    words = tuple(folded_words(name))
    written = initials_apart(name)
    apart = words if written == name else tuple(folded_words(written))
    return tuple(dict.fromkeys(one for one in (words, apart, _joined(words)) if one))


def _joined(words: Sequence[str]) -> tuple[str, ...]:
    """`halvorsen e p` → `halvorsen ep`: so people type it who know PubMed."""
    if all(len(word) > 1 for word in words):
        return tuple(words)
    groups = groupby(words, key=is_initial)
    return tuple(word for lone, some in groups for word in (["".join(some)] if lone else some))


def initials_apart(name: str) -> str:
    """Returns the name with a first or last word of two or three capitals as single letters; beside small letters only."""
    if name.isupper() or len(name) > 300 or not _TWO_CAPITALS.search(name):
        return name
    text = words_of(name)
    for at in (0, len(text.folded) - 1) if text.folded else ():
        first, last = text.spans[at]
        if _INITIALS.fullmatch(name[first:last]):
            return f"{name[:first]}{' '.join(name[first:last])}{name[last:]}"
    return name


def same_name(wanted: Sequence[str], there: Sequence[str], *, prefix: bool) -> bool:
    """Does a phrase stand in a name? Both are folded words; with `prefix` the last word wanted is only a beginning."""
    there, wanted, count = tuple(there[:MOST_READ]), tuple(wanted), len(wanted)
    turns = range(count) if count <= MOST_TURNED else (0,)
    begun = count - 1 if prefix else -1
    return any(
        _stands(wanted[turn:] + wanted[:turn], (begun - turn) % count if prefix else -1, there, start)
        for turn in turns
        for start in range(len(there))
    )


def _stands(wanted: Sequence[str], begun: int, there: Sequence[str], start: int) -> bool:
    """Does the name have the words wanted in order, the first at `start`? Words between are passed over."""
    pairs: list[tuple[str, str]] = []
    at = start
    for n, word in enumerate(wanted):
        found = _nearest(word, there, at, n == begun, within=1 if n == 0 else len(there))
        if found is None:
            return False
        pairs.append((word, there[found]))
        at = found + 1
    return _is_sure(pairs, wanted[begun] if begun >= 0 else "", (*there[:start], *there[at:]))


def _nearest(word: str, there: Sequence[str], at: int, begun: bool, within: int) -> int | None:
    """Returns the place of the nearest equal word from `at` on, else that of the nearest alike; no ideograph is passed."""
    alike = None
    for place in range(at, min(at + within, len(there))):
        if there[place] == word:
            return place
        if alike is None and _alike(word, there[place], begun):
            alike = place
        if is_ideograph(there[place]):
            break
    return alike


def _is_sure(pairs: Sequence[tuple[str, str]], begun: str, beside: Sequence[str]) -> bool:
    """Letters alone are no name, and a letter of the author's stands for no word where a whole word is left over."""
    if all(is_initial(mine) for mine, _ in pairs):
        return all(mine == theirs for mine, theirs in pairs)
    words = [(mine, theirs) for mine, theirs in pairs if not is_initial(mine)]
    if not any(mine == theirs or (mine == begun and theirs.startswith(mine)) for mine, theirs in words):
        return False
    guessed = any(is_initial(theirs) for _, theirs in words)
    return not guessed or all(map(is_initial, beside))


def _alike(mine: str, theirs: str, begun: bool) -> bool:
    if mine == theirs or (begun and theirs.startswith(mine)):
        return True
    return (is_initial(mine) or is_initial(theirs)) and mine[:1] == theirs[:1]
