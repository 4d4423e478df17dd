"""What is measured of two titles with their names and years: likenesses between 0 and 1, and what contradicts. Pure.

`papers.identity.similarity` weighs these numbers; `papers.identity.hard_limits` says what no weight may outvote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from os.path import commonprefix
from typing import Final

from digestbot.memo import remembered
from digestbot.papers.identity.title_features import YEAR, TitleFeatures, trigrams
from digestbot.papers.text.name_keys import SURE, given_name_first

#: words of a venue, or of how a work was given, that may hang on a title in scraped records
_VENUE: Final = frozenset(
    "proc proceedings proceeding conference conf international intl int national annual symposium symp workshop workshops journal j "
    "transactions trans record rec acm ieee sigmod vldb icde usenix lncs springer press university univ technical tech report very "
    "large data bases management of on in the and for ed eds vol pp no abstract session panel tutorial demonstration demo talk poster "
    "invited keynote".split()
)
_NUMBERED: Final = re.compile(r"(?:19|20)\d\d|\d{1,3}(?:st|nd|rd|th)")  #: years, and `in Proc. 20th Int. Conf.`
_PIECE: Final = 3  #: letters: a shorter surname inside another is another's
CONTRADICT: Final = 2  #: of `PairFeatures.number` and `.part`: both name one, and not the same


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


def shared_letters(mine: TitleFeatures, theirs: TitleFeatures) -> float:
    """The share of letters that both titles have in one order (Indel)."""
    both = len(mine.squeezed) + len(theirs.squeezed)
    return 2 * _common(mine, theirs) / both if both else 0.0


def shared_trigrams(mine: TitleFeatures, theirs: TitleFeatures) -> float:
    """Returns the share of the shorter title's trigrams that the longer one has."""
    here, there = trigrams(mine.squeezed), trigrams(theirs.squeezed)
    return len(here & there) / min(len(here), len(there))


def _trimmed(mine: TitleFeatures, theirs: TitleFeatures) -> TitleFeatures:
    """Strip words at both ends that are names, venue or year of either record."""
    keep, hang = theirs.title_words, (theirs.byline_words, mine.byline_words)
    words = mine.words
    first, last = 0, len(words)
    while last > first and words[last - 1] not in keep and hangs_on(words[last - 1], hang):
        last -= 1
    while first < last and words[first] not in keep and hangs_on(words[first], hang):
        first += 1
    return mine if last - first == len(words) else _cut(" ".join(words[first:last]))


def hangs_on(word: str, beside: tuple[frozenset[str], frozenset[str]]) -> bool:
    """Whether a word may be put to a title by a scraper: of a byline (`beside`: both titles'), a venue or a year."""
    here, there = beside
    if word in here or word in there or word in _VENUE or len(word) == 1:
        return True
    return _NUMBERED.fullmatch(word) is not None


@remembered(1024)
def _cut(title: str) -> TitleFeatures:
    return TitleFeatures(title)


def shared_words(mine: TitleFeatures, theirs: TitleFeatures) -> float:
    """Returns the share of letters in common words, in any order; byline words are not counted."""
    a, b = mine.title_words, theirs.title_words
    common = sum(map(len, a & b))
    hang = (theirs.byline_words, mine.byline_words)
    only = sum(len(word) for word in a ^ b if not hangs_on(word, hang))
    return 2 * common / (2 * common + only) if common else 0.0


def shared_beginning(mine: TitleFeatures, theirs: TitleFeatures) -> float:
    """Returns the length of the common prefix, as a share of the shorter title."""
    a, b = mine.squeezed, theirs.squeezed
    return len(commonprefix((a, b))) / (min(len(a), len(b)) or 1)  # noqa: RUF071  # letters are what is wanted


def names_agree(mine: TitleFeatures, theirs: TitleFeatures) -> float | None:
    """Returns the share of the shorter list's surnames that the other has; None where one has no names.

    A body is the same or another; beside people it tells nothing, for it may be theirs.
    Names that a badly cut record has in its title count as well.
    """
    few, many = sorted((mine, theirs), key=lambda t: len(t.surnames))
    if not few.surnames:
        return _bodies_agree(mine, theirs) if mine.bodies and theirs.bodies else _named_in_title(few, many)
    alone = few.surnames - many.surnames
    missed = sum(not is_named_among(name, few, many) for name in alone)
    return 1 - missed / len(few.surnames)


def _bodies_agree(mine: TitleFeatures, theirs: TitleFeatures) -> float:
    return float(any(a.startswith(b) or b.startswith(a) for a in mine.bodies for b in theirs.bodies))


def _named_in_title(nameless: TitleFeatures, named: TitleFeatures) -> float | None:
    """Share of the surnames that stand in the title of a record without names; None where none does."""
    inside = sum(name in nameless.words for name in named.surnames)
    return inside / len(named.surnames) if inside else None


def is_named_among(name: str, few: TitleFeatures, many: TitleFeatures) -> bool:
    """Is a surname in the other list in another spelling, as a given name, or in the title?"""
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
    """The measures of one pair, each between 0 and 1."""

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
        """The highest of the title measures."""
        return max(self.ratio, self.trimmed, self.bag)


def pair_features(mine: TitleFeatures, theirs: TitleFeatures) -> PairFeatures:
    """Measure one pair."""
    shorter = min(len(mine.squeezed), len(theirs.squeezed)) or 1
    a, b = _trimmed(mine, theirs), _trimmed(theirs, mine)
    plain = shared_letters(mine, theirs)
    return PairFeatures(
        ratio=plain,
        trimmed=plain if a is mine and b is theirs else shared_letters(a, b),
        bag=shared_words(mine, theirs),
        within=shared_trigrams(mine, theirs),
        prefix=shared_beginning(mine, theirs),
        names=names_agree(mine, theirs),
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
