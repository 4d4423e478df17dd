"""How alike two records are by their words alone: title, names, year, venue. Pure, and without a dictionary of its own.

Made for pairs that blocking has found (`papers.identity.blocking`): a cheap look at trigrams throws most of them out, then a
handful of features are weighed by fixed coefficients. What no weight may outvote stands before them (`_hard_limits`): numbers
of parts and volumes, kinds of text (an erratum is not its paper), titles that recur, names that are not known.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from os.path import commonprefix
from typing import Final, Literal

from digestbot.papers.identity.title_differences import distinguishing_words, is_one_about_the_other, retitled
from digestbot.papers.identity.title_features import NUMBER, YEAR, TitleFeatures, trigrams
from digestbot.papers.text.name_keys import SURE, given_name_first, name_traces

#: words of a venue, or of how a work was given, that may hang on a title in scraped records
_VENUE: Final = frozenset(
    "proc proceedings proceeding conference conf international intl int national annual symposium symp workshop workshops journal j "
    "transactions trans record rec acm ieee sigmod vldb icde usenix lncs springer press university univ technical tech report very "
    "large data bases management of on in the and for ed eds vol pp no abstract session panel tutorial demonstration demo talk poster "
    "invited keynote".split()
)
_SOFT: Final = frozenset(("review",))  #: kinds that a title may also leave out
_OTHER: Final = 2  #: numbers that contradict each other
_OVERLAP: Final = 0.3  #: of the shorter list of surnames
_PIECE: Final = 3  #: letters: a shorter surname inside another is another's
_HALF: Final = 0.5  #: of the shorter list of surnames: where a title is short, more have to agree
_KNOWN_BY_TITLE: Final = 0.95  #: of letters or words, where no authors are known
_LEAST: Final = 0.5  #: of the trigrams


def _common(mine: TitleFeatures, theirs: TitleFeatures) -> int:
    """Length of the longest common subsequence of the squeezed titles.

    Bit-parallel (H. Hyyrö, Bit-parallel LCS-length computation revisited, 2004): one big-integer step a letter.
    """
    masks, full = mine.masks, (1 << len(mine.squeezed)) - 1
    state = full
    for letter in theirs.squeezed:
        hit = state & masks.get(letter, 0)
        state = (state + hit | state - hit) & full
    return len(mine.squeezed) - state.bit_count()


def _ratio(mine: TitleFeatures, theirs: TitleFeatures) -> float:
    both = len(mine.squeezed) + len(theirs.squeezed)
    return 2 * _common(mine, theirs) / both if both else 0.0


def surely_distant(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """The cheapest look: they are sure to be `distant`. Most of what blocking finds goes no further."""
    return no_person_in_common(mine, theirs) or few_trigrams_in_common(mine, theirs)


def few_trigrams_in_common(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Too few trigrams in common. Bits that one has and the other lacks stand for as many at least; bits in common may be
    chance."""
    (few, here), (_, there) = sorted((mine.shape, theirs.shape))
    return (here & ~there).bit_count() > (1 - _LEAST) * few


def no_person_in_common(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Other people's works: both have names, and no two of them can be one person's.

    Most texts are asked about once, and thrown away: nothing is kept of the others' names.
    """
    return bool(mine.surnames) and theirs.has_surname and mine.traces.isdisjoint(name_traces(theirs.names))


def distant(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """The cheap look: even with the same letters in the same order by the same people they could not be one work."""
    if surely_distant(mine, theirs) or _no_name_agrees(mine, theirs):
        return True
    within = _within(mine, theirs)
    if within < _LEAST:
        return True
    best = _LETTERS + _NAMES + max(_YEARLESS, 0.0)
    return _BIAS + best + _WITHIN * within + _PREFIX * _began(mine, theirs) + _WORDS * _bag(mine, theirs) < _PERHAPS


def _no_name_agrees(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    if not mine.surnames or not theirs.surnames or not mine.surnames.isdisjoint(theirs.surnames):
        return False
    return not _names_agree(mine, theirs)


def _within(mine: TitleFeatures, theirs: TitleFeatures) -> float:
    """Share of the shorter's trigrams that the longer has."""
    here, there = trigrams(mine.squeezed), trigrams(theirs.squeezed)
    return len(here & there) / min(len(here), len(there))


def _trimmed(mine: TitleFeatures, theirs: TitleFeatures) -> TitleFeatures:
    """Without those words at its ends that are the names, the venue or the year of the other (or its own)."""
    keep, hang = theirs.title_words, (theirs.byline_words, mine.byline_words)
    words = mine.words
    first, last = 0, len(words)
    while last > first and words[last - 1] not in keep and _hangs(words[last - 1], hang):
        last -= 1
    while first < last and words[first] not in keep and _hangs(words[first], hang):
        first += 1
    return mine if last - first == len(words) else _cut(" ".join(words[first:last]))


def _hangs(word: str, beside: tuple[frozenset[str], frozenset[str]]) -> bool:
    here, there = beside
    if word in here or word in there or word in _VENUE or len(word) == 1:
        return True
    return word.isdecimal() and YEAR.fullmatch(word) is not None


@lru_cache(maxsize=1024)
def _cut(title: str) -> TitleFeatures:
    return TitleFeatures(title)


def _bag(mine: TitleFeatures, theirs: TitleFeatures) -> float:
    """Share of letters in common words, whatever their order; words that hang on are not counted."""
    a, b = mine.title_words, theirs.title_words
    common = sum(map(len, a & b))
    hang = (theirs.byline_words, mine.byline_words)
    only = sum(len(word) for word in a ^ b if not _hangs(word, hang))
    return 2 * common / (2 * common + only) if common else 0.0


def _began(mine: TitleFeatures, theirs: TitleFeatures) -> float:
    """Letters both begin with, of the shorter."""
    a, b = mine.squeezed, theirs.squeezed
    return len(commonprefix((a, b))) / (min(len(a), len(b)) or 1)  # noqa: RUF071  # letters are what is wanted


def _names_agree(mine: TitleFeatures, theirs: TitleFeatures) -> float | None:
    """Share of the shorter list's surnames that the other has; None where one of them has no names at all.

    A body is the same or another; beside people it tells nothing, for it may be theirs.
    Names that a badly cut record has in its title count as well.
    """
    few, many = sorted((mine, theirs), key=lambda t: len(t.surnames))
    if not few.surnames and mine.bodies and theirs.bodies:
        return float(any(a.startswith(b) or b.startswith(a) for a in mine.bodies for b in theirs.bodies))
    if not many.surnames:
        return None
    if not few.surnames:
        inside = sum(name in few.words for name in many.surnames)
        return inside / len(many.surnames) if inside else None
    alone = few.surnames - many.surnames
    missed = sum(not _found(name, few, many) for name in alone)
    return 1 - missed / len(few.surnames)


def _found(name: str, few: TitleFeatures, many: TitleFeatures) -> bool:
    """Another spelling, another order of given and family name, or one that stands in the title."""
    if name in many.byline_words or name in many.title_words:
        return True
    for other in many.surnames:
        if name[:SURE] == other[:SURE] or name[-SURE:] == other[-SURE:]:
            return True
        if min(len(name), len(other)) >= _PIECE and (name in other or other in name):
            return True
    own = next((n.split() for n in few.names if n.partition(" ")[0] == name), [name])
    return len(own) > 1 and given_name_first(own[1], own[0]) in many.given_names_first


@dataclass(frozen=True, slots=True)
class PairFeatures:
    """Of one pair; each between 0 and 1."""

    ratio: float  #: of letters in their order (Indel)
    trimmed: float  #: the same, without what hangs on
    bag: float  #: of words in any order
    within: float  #: trigrams of the shorter that are in the longer
    prefix: float  #: letters both begin with, of the shorter
    names: float | None
    gap: int | None  #: years between them
    number: int  #: 0 both say the same, 1 one says none, 2 they contradict
    part: int  #: the same of parts and volumes
    length: int  #: letters of the shorter title

    @property
    def best(self) -> float:
        """The kindest look at the titles."""
        return max(self.ratio, self.trimmed, self.bag)


def pair_features(mine: TitleFeatures, theirs: TitleFeatures) -> PairFeatures:
    """What is weighed."""
    shorter = min(len(mine.squeezed), len(theirs.squeezed)) or 1
    a, b = _trimmed(mine, theirs), _trimmed(theirs, mine)
    plain = _ratio(mine, theirs)
    return PairFeatures(
        ratio=plain,
        trimmed=plain if a is mine and b is theirs else _ratio(a, b),
        bag=_bag(mine, theirs),
        within=_within(mine, theirs),
        prefix=_began(mine, theirs),
        names=_names_agree(mine, theirs),
        gap=min((abs(x - y) for x in mine.years for y in theirs.years), default=None),
        number=_agree(*_counts(mine, theirs)),
        part=_agree(mine.parts, theirs.parts),
        length=shorter,
    )


def _counts(mine: TitleFeatures, theirs: TitleFeatures) -> tuple[frozenset[int], frozenset[int]]:
    """The numbers of both; a year that only one title names is no number where it is the year of either."""
    a, b = mine.numbers, theirs.numbers
    dated = any(YEAR.fullmatch(str(n)) for n in a) and any(YEAR.fullmatch(str(n)) for n in b)
    years = frozenset[int]() if dated else mine.years | theirs.years
    return a - years, b - years


def _agree(mine: frozenset[int], theirs: frozenset[int]) -> int:
    return 0 if mine == theirs else 2 if mine and theirs else 1


_NEAR = 0.97  #: of letters: the same but for a slip
_FEW = 4  #: words: shorter titles say too little to be forgiven anything
_GENERIC = 6  #: words: `A survey on large language models`
_SOON = 2  #: years: from a preprint to a journal that changed its title
_FAR = 4  #: years: what appears again after more is asked about, whatever else agrees
_SAME, _PERHAPS = 2.2, 0.0  #: of the weighed sum: odds of nine to one, and of one to one

# Logistic regression (C = 2) on the train and valid parts of dblp-acm and dblp-acm-dirty and on dblp-scholar.train-balanced
# (../shared/evaluation/duplicates), without pairs that `_hard_limits` decides and without false pairs of nearly equal titles and
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


Answer = Literal["same", "perhaps", "different"]


def compare_titles(mine: TitleFeatures, theirs: TitleFeatures) -> tuple[Answer, str]:
    """Are they one work, as far as words tell; and why, for people. The same whichever of them comes first."""
    if (theirs.title, theirs.names) < (mine.title, mine.names):
        mine, theirs = theirs, mine
    if not mine.title or not theirs.title:
        return "different", "other titles"
    again = retitled(mine, theirs)
    if not again and distant(mine, theirs):
        return "different", "other titles"
    if mine.kinds - _SOFT != theirs.kinds - _SOFT or is_one_about_the_other(mine, theirs):
        return "different", "one is about the other, not the same"
    f = pair_features(mine, theirs)
    odds = log_odds(f)
    if odds < _PERHAPS and not (again and (f.gap or 0) <= _SOON):
        return "different", "titles, authors and years too unlike"
    bound, why = _hard_limits(mine, theirs, f)
    if bound != "different" and odds < _PERHAPS:
        return "perhaps", "same authors, and most words of the title"
    if bound != "same":
        return bound, why
    return ("same", _said(f)) if odds >= _SAME else ("perhaps", f"{_said(f)}, but not near enough")


def titled_alike(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Is it one title, though its words may have been mended, or some put behind it, and not another number of a series?"""
    if no_person_in_common(mine, theirs) or mine.kinds != theirs.kinds:
        return False
    if mine.squeezed == theirs.squeezed:
        return True
    if few_trigrams_in_common(mine, theirs) or mine.recurring or theirs.recurring:
        return False
    if mine.numbers != theirs.numbers or mine.parts != theirs.parts or is_one_about_the_other(mine, theirs):
        return False
    return not distinguishing_words(mine, theirs, lambda _: False, years_apart=False)


def _hard_limits(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures) -> tuple[Answer, str]:
    """The most that a pair may be, whatever its odds."""
    if mine.recurring or theirs.recurring:
        alike = f.names == 1 and f.gap == 0 and f.best >= _NEAR and len(mine.surnames) == len(theirs.surnames) > 0
        if not (alike and _written_once(mine) and _written_once(theirs)):
            return ("perhaps" if alike else "different"), "a title that many works have"
    if f.part == _OTHER or (f.number == _OTHER and _unnumbered(mine) == _unnumbered(theirs)):
        return "different", "another part or number"
    known = (mine.surnames and theirs.surnames) or (mine.bodies and theirs.bodies)
    if f.names is not None and f.names < _OVERLAP and known:
        long = f.best >= _NEAR and min(len(mine.words), len(theirs.words)) > _FEW
        return ("perhaps" if long and f.names else "different"), "same title, other authors"
    if _namesakes(mine, theirs):
        return "perhaps", "same title, other given names"
    if f.part or f.number == _OTHER:
        return "perhaps", "one may be a part of the other" if f.part else "numbers in the titles differ"
    if mine.kinds != theirs.kinds and not (f.names == 1 and f.gap == 0):
        return "perhaps", "only one says that it is a review"
    hang = (theirs.byline_words, mine.byline_words)
    if told := distinguishing_words(mine, theirs, lambda word: _hangs(word, hang), years_apart=bool(f.gap)):
        return "perhaps", told
    return _strict(mine, theirs, f)


def _written_once(some: TitleFeatures) -> bool:
    """Of titles that recur: nobody is guest of two issues in one year, and most are short."""
    return some.words[0] == "guest" or len(some.words) > _GENERIC


def _namesakes(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Are those of one surname all of other given names? `Zhang, Wei`, `Zhang, Xiaoming`; `Y. Wang`, `S. Wang`.

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
    """Surname → the initials of its given names; "" where there is none, or it is no more than that and they are asked `whole`."""
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
    missed = sum(name not in many.surnames and not _found(name, few, many) for name in few.surnames)
    return 2 * missed >= len(few.surnames)


def _strict(mine: TitleFeatures, theirs: TitleFeatures, f: PairFeatures) -> tuple[Answer, str]:
    """Less is forgiven where less is known."""
    few = min(len(mine.words), len(theirs.words))
    if f.names is None:
        if few <= _FEW and f.gap != 0:
            return "different", "a short title and no authors"
        sure = f.best >= _KNOWN_BY_TITLE and few > _FEW and (f.gap or 0) <= 1
        return ("same", "") if sure else ("perhaps", "nearly the same title, authors not known")
    if few < _FEW and f.best < _NEAR:
        return "perhaps", "short titles that are not quite the same"
    if few <= _GENERIC and f.names <= _HALF and _half_strangers(mine, theirs):
        return "perhaps", "a short title, and half of the authors"
    if few <= _FEW and (f.gap or 0) > 1:
        return "perhaps", f"a short title, {f.gap} years apart"
    if (f.gap or 0) > _FAR:
        return "perhaps", f"same title and authors, {f.gap} years apart"
    if f.gap and _again(mine, theirs, f.gap):
        return "perhaps", "the same title, in another year of the same series"
    return "same", ""


def _again(mine: TitleFeatures, theirs: TitleFeatures, gap: int) -> bool:
    """Guidelines, updates and reports come again in the same place under the same title: by an institution every year, by
    people after two. Within one year it is the date online and in print."""
    if not (mine.surnames or theirs.surnames) and mine.bodies and theirs.bodies:
        return True
    return gap > 1 and bool(mine.venue) and mine.venue == theirs.venue


def _unnumbered(some: TitleFeatures) -> tuple[str, ...]:
    return tuple(word for word in some.words if not NUMBER.fullmatch(word))


def _said(f: PairFeatures) -> str:
    title = "same title" if f.best >= _NEAR else "nearly the same title"
    return f"{title}, authors not known" if f.names is None else f"{title} and authors"
