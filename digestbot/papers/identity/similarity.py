"""How alike two records are by their words alone: title, names, year, venue, abstract. Pure, and without a dictionary of its own.
Trigrams (character n-grams) and edit distance, both bounded.

Made for pairs that blocking has found (`papers.identity.blocking`): a cheap look at trigrams throws most of them out, then a
handful of features (`papers.identity.pair_features`) are weighed by fixed coefficients. What no weight may outvote stands
before them (`papers.identity.hard_limits`): numbers of parts and volumes, kinds of text (an erratum is not its paper),
titles that recur, names that are not known. Behind them abstracts decide what titles leave open (`_by_abstracts`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from digestbot.papers.identity.abstracts import in_common
from digestbot.papers.identity.hard_limits import MOST, NEAR, NEARLY_ALL, NEVER, Answer, Bound, hard_limit
from digestbot.papers.identity.pair_features import (
    PairFeatures,
    names_agree,
    pair_features,
    shared_beginning,
    shared_letters,
    shared_trigrams,
    shared_words,
)
from digestbot.papers.identity.title_differences import (
    distinguishing_words,
    is_one_about_the_other,
    retitled,
    same_words,
)
from digestbot.papers.identity.title_features import TitleFeatures
from digestbot.papers.text.name_keys import name_traces

_SOFT: Final = frozenset(("review",))  #: kinds that a title may also leave out
_LEAST: Final = 0.5  #: of the trigrams
_SOON = 2  #: years: from a preprint to a journal that changed its title
_HARDLY = 0.2  #: of the shorter abstract
_LESS_THAN_HALF = 0.4  #: of it: a copy under another title would have more
_SAME_PEOPLE = 0.5  #: of the shorter list of surnames
_SAME, _PERHAPS = 2.2, 0.0  #: of the weighed sum: odds of nine to one, and of one to one

# Logistic regression (C = 2) on the train and valid parts of dblp-acm and dblp-acm-dirty and on dblp-scholar.train-balanced
# (../shared/evaluation/duplicates), without pairs that `hard_limits` decides and without false pairs of nearly equal titles and
# names: there the labels count a conference and a journal copy as two works. For the same reason the weights of the years
# are not learned but set by hand. `benchmarks/identity.py` prints what they achieve.
_BIAS = -15.68
_LETTERS, _WORDS, _WITHIN, _PREFIX = 9.41, 2.41, 5.71, 2.70
_NAMES, _NAMELESS = 2.88, 1.91
_ONE_YEAR, _MORE_YEARS, _YEARLESS = -1.5, -2.0, 0.22
_NUMBER_MISSING, _NUMBER_OTHER = -0.60, -0.37
_UNDER_20, _UNDER_30 = -0.77, -0.40


def log_odds(f: PairFeatures) -> float:
    """The log odds that a pair is one work, as far as words tell."""
    return (
        _BIAS
        + _LETTERS * f.best + _WORDS * f.bag + _WITHIN * f.within + _PREFIX * f.prefix
        + (_NAMELESS if f.names is None else _NAMES * f.names)
        + (_YEARLESS if f.gap is None else 0.0 if f.gap == 0 else _ONE_YEAR if f.gap == 1 else _MORE_YEARS)
        + (0.0, _NUMBER_MISSING, _NUMBER_OTHER)[f.number]
        + _UNDER_20 * (f.length < 20) + _UNDER_30 * (f.length < 30)
    )  # fmt: skip


def surely_distant(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """The cheapest look: they are sure to be `distant`. Most of what blocking finds goes no further."""
    return no_person_in_common(mine, theirs) or few_trigrams_in_common(mine, theirs)


def few_trigrams_in_common(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Too few trigrams in common. Bits that one has and the other lacks stand for as many at least; bits in common may be
    chance."""
    (few, here), (_, there) = sorted((mine.shape, theirs.shape))
    return (here & ~there).bit_count() > (1 - _LEAST) * few


def no_person_in_common(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Do both have authors, and can no two of the names be the same person?

    Most texts are asked about once, and thrown away: nothing is kept of the others' names.
    """
    return bool(mine.surnames) and theirs.has_surname and mine.traces.isdisjoint(name_traces(theirs.names))


def distant(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Cheap upper bound: even with all other measures at their best the pair stays below the limit of PERHAPS."""
    if surely_distant(mine, theirs) or _no_name_agrees(mine, theirs):
        return True
    within = shared_trigrams(mine, theirs)
    if within < _LEAST:
        return True
    best = _LETTERS + _NAMES + max(_YEARLESS, 0.0)
    return (
        _BIAS + best + _WITHIN * within + _PREFIX * shared_beginning(mine, theirs) + _WORDS * shared_words(mine, theirs)
        < _PERHAPS
    )


def _no_name_agrees(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    if not mine.surnames or not theirs.surnames or not mine.surnames.isdisjoint(theirs.surnames):
        return False
    return not names_agree(mine, theirs)


def compare_titles(mine: TitleFeatures, theirs: TitleFeatures) -> tuple[Answer, str]:
    """Compare title, authors, year and venue; returns the answer and its reason for people. Symmetric."""
    if (theirs.title, theirs.names) < (mine.title, mine.names):
        mine, theirs = theirs, mine
    if not mine.title or not theirs.title:
        return Answer.DIFFERENT, "other titles"
    again = retitled(mine, theirs)
    if not again and distant(mine, theirs):
        return Answer.DIFFERENT, "other titles"
    if mine.kinds - _SOFT != theirs.kinds - _SOFT or is_one_about_the_other(mine, theirs):
        return Answer.DIFFERENT, "one is about the other, not the same"
    f = pair_features(mine, theirs)
    return _by_abstracts(mine, theirs, f, _by_titles(mine, theirs, f, again=again))


def _by_titles(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures, *, again: bool) -> Bound:
    """What the odds say within the hard limits; `again`: a title that a journal may have changed is asked about."""
    odds, bound = log_odds(f), hard_limit(mine, theirs, f)
    if odds < _PERHAPS and not (again and (f.gap or 0) <= _SOON):
        lifted_at = NEVER if bound.answer is Answer.DIFFERENT else max(bound.lifted_at, NEARLY_ALL)
        return Bound(Answer.DIFFERENT, "titles, authors and years too unlike", lifted_at)
    if bound.answer is not Answer.DIFFERENT and odds < _PERHAPS:
        return Bound(Answer.PERHAPS, "same authors, and most words of the title", max(bound.lifted_at, NEARLY_ALL))
    if bound.answer is not Answer.SAME:
        return bound
    return (
        bound._replace(why=_said(f))
        if odds >= _SAME
        else Bound(Answer.PERHAPS, f"{_said(f)}, but not near enough", MOST)
    )


def _by_abstracts(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures, bound: Bound) -> tuple[Answer, str]:
    """Where both have an abstract, it decides what the titles leave open.

    Papers of one team about one trial have up to half of their abstracts in common, a preprint and its journal's copy
    seldom less than that. Some sources write other abstracts for one work: the same title stays the same work.
    """
    answer, why, lifted_at = bound
    share = in_common(mine.abstract, theirs.abstract)
    if share is None:
        return answer, why
    if answer is not Answer.SAME and share >= lifted_at and (f.names or 0) >= _SAME_PEOPLE:
        return Answer.SAME, f"{share:.0%} of the abstract and authors in common"
    if share > (_HARDLY if answer is Answer.SAME else _LESS_THAN_HALF) or _one_title(mine, theirs):
        return answer, why
    if answer is Answer.SAME:
        return Answer.PERHAPS, f"{why}, and another abstract"
    return Answer.DIFFERENT, "titles that differ, and another abstract"


def _one_title(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    return mine.squeezed == theirs.squeezed or (shared_letters(mine, theirs) >= NEAR and same_words(mine, theirs))


def say_other_things(mine: Iterable[TitleFeatures], theirs: Iterable[TitleFeatures]) -> bool:
    """Do two papers have abstracts with nothing in common, under titles that differ, and none that tells the same?"""
    others = [text for text in theirs if text.abstract]
    shares = [(a, b, in_common(a.abstract, b.abstract)) for a in mine if a.abstract for b in others]
    if any(share is not None and share >= MOST for _, _, share in shares):
        return False
    return any(share is not None and share <= _HARDLY and not _one_title(a, b) for a, b, share in shares)


def titled_alike(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Is it the same title, allowing for corrected words or an added subtitle, but no other number of a series?"""
    if no_person_in_common(mine, theirs) or mine.kinds != theirs.kinds:
        return False
    if mine.squeezed == theirs.squeezed:
        return True
    if few_trigrams_in_common(mine, theirs) or mine.recurring or theirs.recurring:
        return False
    if mine.numbers != theirs.numbers or mine.parts != theirs.parts or is_one_about_the_other(mine, theirs):
        return False
    return not distinguishing_words(mine, theirs, lambda _: False, years_apart=False)


def _said(f: PairFeatures) -> str:
    title = "same title" if f.best >= NEAR else "nearly the same title"
    return f"{title}, authors not known" if f.names is None else f"{title} and authors"
