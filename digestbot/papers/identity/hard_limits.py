"""The most that a pair of titles may be, whatever its odds: an ordered list of named limits. Pure.

A limit answers `different` or `perhaps` with its reason, or None where it has nothing to say; the first that speaks decides.
The order matters: what makes two works for sure stands before what is only asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from enum import StrEnum
from typing import Final, NamedTuple

from digestbot.papers.identity.pair_features import CONTRADICT, PairFeatures, hangs_on, is_named_among
from digestbot.papers.identity.title_differences import (
    distinguishing_content,
    distinguishing_signs,
    other_subjects,
)
from digestbot.papers.identity.title_features import NUMBER, TitleFeatures


class Answer(StrEnum):
    """What a comparison of two records says of their works."""

    SAME = "same"
    PERHAPS = "perhaps"  #: too alike to be silent, not alike enough to be joined: one card, with a note
    DIFFERENT = "different"


NEVER: Final = 2.0
MOST: Final = 0.6  #: of the shorter abstract
NEARLY_ALL: Final = 0.8


class Bound(NamedTuple):
    """The most that a pair may be, why, and what lifts it: the share that their abstracts have to have in common."""

    answer: Answer
    why: str = ""
    lifted_at: float = NEVER


UNBOUND: Final = Bound(Answer.SAME, "", 0.0)
Limit = Callable[[TitleFeatures, TitleFeatures, PairFeatures], Bound | None]

NEAR: Final = 0.97  #: of letters: the same but for a slip
_FEW: Final = 4  #: words: shorter titles say too little to be forgiven anything
_GENERIC: Final = 6  #: words: `A survey on large language models`
_FAR: Final = 4  #: years: what appears again after more is asked about, whatever else agrees
_OVERLAP: Final = 0.3  #: of the shorter list of surnames
_HALF: Final = 0.5  #: of the shorter list of surnames: where a title is short, more have to agree
_KNOWN_BY_TITLE: Final = 0.95  #: of letters or words, where no authors are known


def hard_limit(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures) -> Bound:
    """The most that a pair may be, and why, for people."""
    for limit in _LIMITS:
        if spoken := limit(mine, theirs, f):
            return spoken
    if f.names is None:
        return _nameless(mine, theirs, f)
    few = min(len(mine.words), len(theirs.words))
    said = ((why, lifted_at) for strict, lifted_at in _STRICT if (why := strict(mine, theirs, f, few)))
    return next((Bound(Answer.PERHAPS, why, lifted_at) for why, lifted_at in said), UNBOUND)


def _recurring_title(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures) -> Bound | None:
    if not (mine.recurring or theirs.recurring):
        return None
    alike = f.names == 1 and f.gap == 0 and f.best >= NEAR and len(mine.surnames) == len(theirs.surnames) > 0
    if alike and _written_once(mine) and _written_once(theirs):
        return None
    return Bound(Answer.PERHAPS if alike else Answer.DIFFERENT, "a title that many works have")


def _written_once(some: TitleFeatures) -> bool:
    """Is a recurring title specific enough to be written once: a guest editorial, or a long title?"""
    return some.words[0] == "guest" or len(some.words) > _GENERIC


def _another_number(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures) -> Bound | None:
    if f.part == CONTRADICT or (f.number == CONTRADICT and _unnumbered(mine) == _unnumbered(theirs)):
        return Bound(Answer.DIFFERENT, "another part or number")
    return None


def _unnumbered(some: TitleFeatures) -> tuple[str, ...]:
    return tuple(word for word in some.words if not NUMBER.fullmatch(word))


def _other_authors(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures) -> Bound | None:
    known = (mine.surnames and theirs.surnames) or (mine.bodies and theirs.bodies)
    if f.names is None or f.names >= _OVERLAP or not known:
        return None
    long = f.best >= NEAR and min(len(mine.words), len(theirs.words)) > _FEW
    return Bound(Answer.PERHAPS if long and f.names else Answer.DIFFERENT, "same title, other authors")


def _other_given_names(mine: TitleFeatures, theirs: TitleFeatures, _f: PairFeatures) -> Bound | None:
    return Bound(Answer.PERHAPS, "same title, other given names") if _namesakes(mine, theirs) else None


def _number_in_one(_mine: TitleFeatures, _theirs: TitleFeatures, f: PairFeatures) -> Bound | None:
    if f.part:
        return Bound(Answer.PERHAPS, "one may be a part of the other")
    return Bound(Answer.PERHAPS, "numbers in the titles differ") if f.number == CONTRADICT else None


def _review_in_one(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures) -> Bound | None:
    sure = mine.kinds == theirs.kinds or (f.names == 1 and f.gap == 0)
    return None if sure else Bound(Answer.PERHAPS, "only one says that it is a review", MOST)


def _other_signs(mine: TitleFeatures, theirs: TitleFeatures, _f: PairFeatures) -> Bound | None:
    told = distinguishing_signs(mine, theirs)
    return Bound(Answer.PERHAPS, told) if told else None


def _other_words(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures) -> Bound | None:
    hang = (theirs.byline_words, mine.byline_words)
    told = distinguishing_content(mine, theirs, lambda word: hangs_on(word, hang), years_apart=bool(f.gap))
    return (
        Bound(Answer.DIFFERENT if other_subjects(mine, theirs) else Answer.PERHAPS, told, NEARLY_ALL) if told else None
    )


_LIMITS: Final[tuple[Limit, ...]] = (
    _recurring_title, _another_number, _other_authors, _other_given_names, _number_in_one, _other_signs, _review_in_one, _other_words,
)  # fmt: skip


def _nameless(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures) -> Bound:
    """Compare records of which one has no authors: the title alone has to be sure."""
    few = min(len(mine.words), len(theirs.words))
    if few <= _FEW and f.gap != 0:
        return Bound(Answer.DIFFERENT, "a short title and no authors")
    sure = f.best >= _KNOWN_BY_TITLE and few > _FEW and (f.gap or 0) <= 1
    return UNBOUND if sure else Bound(Answer.PERHAPS, "nearly the same title, authors not known")


def _short_and_unlike(_mine: TitleFeatures, _theirs: TitleFeatures, f: PairFeatures, few: int) -> str:
    return "short titles that are not quite the same" if few < _FEW and f.best < NEAR else ""


def _short_and_half_known(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures, few: int) -> str:
    half = few <= _GENERIC and f.names is not None and f.names <= _HALF and _half_strangers(mine, theirs)
    return "a short title, and half of the authors" if half else ""


def _short_and_years_apart(_mine: TitleFeatures, _theirs: TitleFeatures, f: PairFeatures, few: int) -> str:
    return f"a short title, {f.gap} years apart" if few <= _FEW and (f.gap or 0) > 1 else ""


def _many_years_apart(_mine: TitleFeatures, _theirs: TitleFeatures, f: PairFeatures, _few: int) -> str:
    return f"same title and authors, {f.gap} years apart" if (f.gap or 0) > _FAR else ""


def _of_a_series(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures, _few: int) -> str:
    again = bool(f.gap) and _again(mine, theirs, f.gap or 0)
    return "the same title, in another year of the same series" if again else ""


#: less is forgiven where less is known; each takes the words of the shorter title, and beside it stands what lifts it
_STRICT: Final = (
    (_short_and_unlike, NEARLY_ALL), (_short_and_half_known, NEARLY_ALL), (_short_and_years_apart, MOST), (_many_years_apart, MOST),
    (_of_a_series, NEVER),
)  # fmt: skip


def _namesakes(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Do all authors with a common surname differ in their given names? `Zhang, Wei`, `Zhang, Xiaoming`; `Y. Wang`, `S. Wang`.

    Asked of names written out where titles are short, and of initials where both have others too whom the other lacks:
    `Bill` is William, Yuri is Iurii, and scanners misread a letter.
    """
    common = mine.surnames & theirs.surnames
    others = min(len(mine.surnames), len(theirs.surnames)) > len(common)
    short = min(len(mine.words), len(theirs.words)) <= _GENERIC
    return bool(common) and (others or short) and _all_other(mine, theirs, common, whole=not others)


def _all_other(mine: TitleFeatures, theirs: TitleFeatures, common: Set[str], *, whole: bool) -> bool:
    here, there = _givens(mine, whole), _givens(theirs, whole)
    return not any("" in here[name] | there[name] or here[name] & there[name] for name in common)


def _givens(some: TitleFeatures, whole: bool) -> dict[str, set[str]]:
    """Returns surname → initials of its given names; "" stands for no given name and, with `whole`, for a bare initial."""
    found: dict[str, set[str]] = {}
    for name in some.names:
        family, *given = name.split()
        told = bool(given) and (not whole or len(given[0]) > 1)
        found.setdefault(family, set()).update((word[0] for word in given) if told else ("",))
    return found


def _half_strangers(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Two names or more on each side, all given in full, and half of the shorter list in nobody's name of the other."""
    few, many = sorted((mine, theirs), key=lambda t: len(t.names))
    full = all(len(name.split()) > 1 and len(name.split()[1]) > 1 for some in (few, many) for name in some.names)
    if not full or len(few.names) < 2:
        return False
    missed = sum(name not in many.surnames and not is_named_among(name, few, many) for name in few.surnames)
    return 2 * missed >= len(few.surnames)


def _again(mine: TitleFeatures, theirs: TitleFeatures, gap: int) -> bool:
    """Guidelines, updates and reports come again in the same place under the same title: by an institution every year, by
    people after two. Within one year it is the date online and in print."""
    if not (mine.surnames or theirs.surnames) and mine.bodies and theirs.bodies:
        return True
    return gap > 1 and bool(mine.venue) and mine.venue == theirs.venue
