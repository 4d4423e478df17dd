"""How alike two records are by their words alone: title, names, year, venue. Pure, and without a dictionary of its own.

Made for pairs that blocking has found (`papers.identity.blocking`): a cheap look at trigrams throws most of them out, then a
handful of features (`papers.identity.pair_features`) are weighed by fixed coefficients. What no weight may outvote stands
before them (`papers.identity.hard_limits`): numbers of parts and volumes, kinds of text (an erratum is not its paper),
titles that recur, names that are not known.
"""

from __future__ import annotations

from typing import Final

from digestbot.papers.identity.hard_limits import NEAR, Answer, hard_limit
from digestbot.papers.identity.pair_features import (
    PairFeatures,
    names_agree,
    pair_features,
    shared_beginning,
    shared_trigrams,
    shared_words,
)
from digestbot.papers.identity.title_differences import distinguishing_words, is_one_about_the_other, retitled
from digestbot.papers.identity.title_features import TitleFeatures
from digestbot.papers.text.name_keys import name_traces

_SOFT: Final = frozenset(("review",))  #: kinds that a title may also leave out
_LEAST: Final = 0.5  #: of the trigrams
_SOON = 2  #: years: from a preprint to a journal that changed its title
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
    return _weigh(mine, theirs, again)


def _weigh(mine: TitleFeatures, theirs: TitleFeatures, again: bool) -> tuple[Answer, str]:
    """Combine odds and hard limits. `again`: a journal may have changed the title, so low odds do not rule it out."""
    f = pair_features(mine, theirs)
    odds = log_odds(f)
    if odds < _PERHAPS and not (again and (f.gap or 0) <= _SOON):
        return Answer.DIFFERENT, "titles, authors and years too unlike"
    bound, why = hard_limit(mine, theirs, f)
    if bound is not Answer.DIFFERENT and odds < _PERHAPS:
        return Answer.PERHAPS, "same authors, and most words of the title"
    if bound is not Answer.SAME:
        return bound, why
    return (Answer.SAME, _said(f)) if odds >= _SAME else (Answer.PERHAPS, f"{_said(f)}, but not near enough")


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
