"""Compounds: the spellings of a word that some write with a hyphen and others without. `docs/rules.md` has the algorithm.

`TGF-beta` is TGF beta and TGFbeta, `IL6` is IL6 and IL 6. Only the rule is spelled in several ways: a text is cut as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

MOST_JOINTS = 3  #: of a value that is spelled in all ways; of one with more only as written and all turned

#: words that stand before a number by chance: `AT1` is a receptor, "at 1 year" is not; `N95` is a mask, "n = 95" is not
CHANCE: Final = frozenset(
    (
        "a d f g h i k l m n r s t v x y "
        "after all also am an and any are around as at be below but by can cut day do each fat fig for from get had has have he her "
        "his how if in is it its last least less low me more most my new next no not of off on one only or our out over page "
        "per pp ref sec set she so some step tab ten than that the their them then these they this those to top two under up us "
        "was we were what when which who vol with within you"
    ).split()
)
_GREEK = "alpha|beta|gamma|delta|epsilon|theta|kappa|lambda|sigma|omega"
_HYPHENS = "-\u2010\u2011"
_RUN = re.compile(rf"[^\W_](?:[{_HYPHENS}]?[^\W_])*")
_JOINT = re.compile(rf"[{_HYPHENS}]")
#: letters, and behind them a number, a letter in Greek or its name; behind one letter a number of two digits
_GLUED = re.compile(
    rf"([^\W\d_\u0370-\u03ff](?=\d\d)|[^\W\d_\u0370-\u03ff]{{2,20}}?(?=\d|[\u0370-\u03ff]|(?i:{_GREEK})[^\W_]{{0,2}}\Z))"
    r"[^\W_]{1,20}\Z"
)


def spellings(text: str, *, begun: bool, near: bool) -> list[str]:
    """Returns a value of a rule as it stands, and with each joint of its compounds written the other way.

    With `begun` the last word is only a beginning, and is not taken apart; with `near` two ways are enough.
    """
    joints = [joint for run in _RUN.finditer(text) for joint in _joints(run, text, begun)]
    if not joints:
        return [text]
    many = near or len(joints) > MOST_JOINTS
    ways = ((False,) * len(joints), (True,) * len(joints)) if many else product((False, True), repeat=len(joints))
    return [_turned(text, [joint for joint, turned in zip(joints, way, strict=True) if turned]) for way in ways]


def _joints(run: re.Match[str], text: str, begun: bool) -> Iterator[tuple[int, int]]:
    """Begin and end of what stands between two parts: one hyphen, or nothing."""
    plain = _JOINT.sub("", run[0])
    hyphens = [found.start() + run.start() for found in _JOINT.finditer(run[0])]
    if hyphens and _is_one_word(plain):
        yield from ((at, at + 1) for at in hyphens)
    begins = [run.start(), *(at + 1 for at in hyphens)]
    for begin, end in zip(begins, [*hyphens, run.end()], strict=True):
        last = begun and end == len(text)
        if not last and (glued := _GLUED.match(text[begin:end])) and glued[1].lower() not in CHANCE:
            yield begin + len(glued[1]), begin + len(glued[1])


def _is_one_word(plain: str) -> bool:
    """Says the run enough without its hyphens? `t-5` and `A-B` do not."""
    least = 2 if plain[0].isdecimal() else 3 if any(map(str.isdecimal, plain)) else 4
    return len(plain) >= least and not plain.isdecimal()


def _turned(text: str, joints: list[tuple[int, int]]) -> str:
    for begin, end in sorted(joints, reverse=True):
        text = text[:begin] + ("" if end > begin else " ") + text[end:]
    return text
