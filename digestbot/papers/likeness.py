"""How alike two records are by their words alone: title, names, year, venue. Pure, and without a dictionary of its own.

Made for pairs that blocking has found (`papers.blocking`): a cheap look at trigrams throws most of them out, then a
handful of features are weighed by fixed coefficients. What no weight may outvote stands before them (`_bound`): numbers
of parts and volumes, kinds of text (an erratum is not its paper), titles that recur, names that are not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Final, Literal

from digestbot.papers.text import clean, fold

_YEAR = re.compile(r"(?:19|20)\d\d")
_ROMAN: Final = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10, "xi": 11, "xii": 12,
}  # fmt: skip
_SPELLED: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "first": 1, "second": 2, "third": 3}
_CLEAR: Final = frozenset(("ii", "iii", "iv", "vi", "vii", "viii", "ix"))  #: Roman wherever they stand
_DIGITS: Final = 10  #: longer ones are no counts
_COUNTED: Final = frozenset("part parts volume vol chapter paper number no issue series book section act".split())
#: what a title says of the kind of text, in its first or last words: an erratum is not the paper it corrects
_KINDS: Final = {
    word: kind
    for kind, words in {
        "correction": "correction corrections erratum errata corrigendum corrigenda addendum addenda corrected",
        "reply": "reply replies response responses rejoinder rebuttal",
        "comment": "comment comments commentary remark remarks",
        "supplement": "supplement supplementary supplemental supporting appendix appendices",
        "retraction": "retraction retractions",
        "thesis": "thesis dissertation habilitation phd",
        "review": "review reviews",
    }.items()
    for word in words.split()
}
_SAID_OF: Final = re.compile(r"(?:(?:retracted|withdrawn)(?: article| paper)? |title )")
#: titles that thousands of different works share
RECURRING: Final = re.compile(
    r"(?:guest )?(?:editors?|chairs?|presidents?|publishers?|treasurers?|directors?)(?: s)? .{0,40}|(?:guest )?editorials?(?: .{0,30})?|"
    r"message from the .{0,40}|(?:book|software|meeting) reviews?(?: .{0,30})?|letters? to the editors?(?: .{0,30})?|"
    r"(?:introduction|preface|foreword)(?: (?:to|for) (?:the |this )?(?:special|theme|mini|themed|invited) .*)?|"
    r"special (?:issue|section) .{0,60}|"
    r"reminiscences on influential papers(?: .{0,60})?|in this issue(?: .{0,30})?|(?:table of )?contents|(?:front|back) matter|masthead|"
    r"(?:author |subject |keyword )?index|call for papers(?: .{0,30})?|research highlights?|technical (?:perspective|correspondence)|"
    r"erratum|errata|corrigend(?:um|a)|corrections?|retraction|addendum|prologue|epilogue|afterword|reviews?|abstracts?|"
    r"obituar(?:y|ies)(?: .{0,30})?|in memoriam(?: .{0,30})?|announcements?|news(?: and (?:views|notes))?|comments?|reply|response|"
    r"acknowledge?ments?|conclusions?|summary|overview|untitled|references|bibliography|notes?|about the authors?|list of reviewers|"
    r"industry perspectives?(?: .{0,30})?|panel(?: discussion)?|interview|discussion|references cited"
)
#: words of a venue that may hang on a title in scraped records
_VENUE: Final = frozenset(
    "proc proceedings proceeding conference conf international intl int national annual symposium symp workshop workshops journal j "
    "transactions trans record rec acm ieee sigmod vldb icde usenix lncs springer press university univ technical tech report very "
    "large data bases management of on in the and for ed eds vol pp no".split()
)
_SOFT: Final = frozenset(("review",))  #: kinds that a title may also leave out
_OTHER: Final = 2  #: numbers that contradict each other
_OVERLAP: Final = 0.3  #: of the shorter list of surnames
_KNOWN_BY_TITLE: Final = 0.95  #: of letters or words, where no authors are known
_SURE: Final = 4  #: letters two spellings of a surname have to begin with in common


@dataclass(frozen=True)
class Text:
    """What of a record counts where no identifier speaks; all folded (`text.fold`)."""

    title: str
    names: tuple[str, ...] = ()  #: each `family given …`
    year: int | None = None
    venue: str = ""

    def __hash__(self) -> int:
        return self.number

    @cached_property
    def number(self) -> int:
        """Of these very words, the same in every process and for ever (it is stored): 63 bits of a hash."""
        said = "\n".join((self.title, "\t".join(self.names), str(self.year), self.venue))
        return int.from_bytes(blake2b(said.encode(), digest_size=8).digest()) >> 1

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Of the title."""
        return tuple(self.title.split())

    @cached_property
    def squeezed(self) -> str:
        """The title without spaces: sources differ in hyphens (`pretraining`, `pre-training`)."""
        return self.title.replace(" ", "")

    @cached_property
    def trigrams(self) -> frozenset[str]:
        """Of the squeezed title."""
        text = self.squeezed
        return frozenset(text[at : at + 3] for at in range(len(text) - 2)) or frozenset((text,))

    @cached_property
    def masks(self) -> dict[str, int]:
        """Letter → bits of the places where the squeezed title has it: for `_common`."""
        made: dict[str, int] = {}
        for at, letter in enumerate(self.squeezed):
            made[letter] = made.get(letter, 0) | 1 << at
        return made

    @cached_property
    def surnames(self) -> frozenset[str]:
        """Of all names; a lone initial is none."""
        return frozenset(family for name in self.names if len(family := name.partition(" ")[0]) > 1)

    @cached_property
    def beside(self) -> frozenset[str]:
        """The words of names and venue: what may hang on the title of a badly cut record."""
        return frozenset(word for name in self.names for word in name.split()) | frozenset(self.venue.split())

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Of text, as the first and last words of the title tell; and a thesis by its venue."""
        edge = (*self.words[:3], *self.words[-3:])
        thesis = ("thesis",) if "thesis" in self.venue or "dissertation" in self.venue else ()
        return frozenset((*(_KINDS[word] for word in edge if word in _KINDS), *thesis))

    @cached_property
    def recurring(self) -> bool:
        """Is it a title that many different works have?"""
        return RECURRING.fullmatch(self.title) is not None

    @cached_property
    def years(self) -> frozenset[int]:
        """Its year, or where none is given the years that the title names."""
        if self.year is not None:
            return frozenset((self.year,))
        return frozenset(int(word) for word in self.words if _YEAR.fullmatch(word))

    @cached_property
    def parts(self) -> frozenset[int]:
        """Which part or volume it is: a number behind such a word, or a Roman one at the end."""
        found = set()
        for at, word in enumerate(self.words):
            counted = at > 0 and self.words[at - 1] in _COUNTED
            last = at == len(self.words) - 1 and at > 1
            if word in _ROMAN and (counted or last or (at > 1 and word in _CLEAR)):
                found.add(_ROMAN[word])
            elif counted and (word in _SPELLED or (word.isdecimal() and len(word) < _DIGITS)):
                found.add(_SPELLED[word] if word in _SPELLED else int(word))
        return frozenset(found)

    @cached_property
    def numbers(self) -> frozenset[int]:
        """All others: sizes, years, counts."""
        return frozenset(int(word) for word in self.words if word.isdecimal() and len(word) < _DIGITS)


def text(title: str, authors: Iterable[str] = (), year: int | None = None, venue: str = "") -> Text:
    """The words of a record, as they came."""
    names = tuple(name for author in authors if (name := _name(author)))
    folded = fold(clean(title))
    said = _SAID_OF.match(folded)
    return Text(folded[said.end() :] if said else folded, names, year, fold(venue)[:120])


def _name(author: str) -> str:
    """`family given …` of `Given Family`, `Family, Given`, `Kaur, M.` and `Kaur M`."""
    return _named(author)


@lru_cache(maxsize=65536)
def _named(author: str) -> str:
    family, comma, given = author.partition(",")
    words = fold(clean(family)).split()
    if comma:
        return " ".join(["".join(words), *fold(given).split()]).strip()
    rest = []
    while len(words) > 1 and (len(words[-1]) == 1 or words[-1] in ("jr", "sr", "ii", "iii")):
        rest.append(words.pop())
    return " ".join([*words[-1:], *words[:-1], *rest])


def _common(mine: Text, theirs: Text) -> int:
    """Length of the longest common subsequence of the squeezed titles.

    Bit-parallel (H. Hyyrö, Bit-parallel LCS-length computation revisited, 2004): one big-integer step a letter.
    """
    masks, full = mine.masks, (1 << len(mine.squeezed)) - 1
    state = full
    for letter in theirs.squeezed:
        hit = state & masks.get(letter, 0)
        state = (state + hit | state - hit) & full
    return len(mine.squeezed) - state.bit_count()


def _ratio(mine: Text, theirs: Text) -> float:
    both = len(mine.squeezed) + len(theirs.squeezed)
    return 2 * _common(mine, theirs) / both if both else 0.0


def distant(mine: Text, theirs: Text) -> bool:
    """The cheap look: too few letters in a row in common for anything."""
    shared = len(mine.trigrams & theirs.trigrams)
    return shared < 0.55 * min(len(mine.trigrams), len(theirs.trigrams))


def _trimmed(mine: Text, theirs: Text) -> Text:
    """Without those words at its ends that are the names, the venue or the year of the other (or its own)."""
    keep, hang = frozenset(theirs.words), theirs.beside | mine.beside | _VENUE
    words = mine.words
    first, last = 0, len(words)
    while last > first and words[last - 1] not in keep and _hangs(words[last - 1], hang):
        last -= 1
    while first < last and words[first] not in keep and _hangs(words[first], hang):
        first += 1
    return mine if last - first == len(words) else _cut(" ".join(words[first:last]))


def _hangs(word: str, hang: frozenset[str]) -> bool:
    return word in hang or len(word) == 1 or _YEAR.fullmatch(word) is not None


@lru_cache(maxsize=1024)
def _cut(title: str) -> Text:
    return Text(title)


def _bag(mine: Text, theirs: Text) -> float:
    """Share of letters in common words, whatever their order; words that hang on are not counted."""
    a, b = frozenset(mine.words), frozenset(theirs.words)
    common = sum(map(len, a & b))
    hang = theirs.beside | mine.beside | _VENUE
    only = sum(len(word) for word in a ^ b if not _hangs(word, hang))
    return 2 * common / (2 * common + only) if common else 0.0


def _prefix(mine: Text, theirs: Text) -> int:
    """Letters both begin with."""
    a, b = mine.squeezed, theirs.squeezed
    at, most = 0, min(len(a), len(b))
    while at < most and a[at] == b[at]:
        at += 1
    return at


def _names_agree(mine: Text, theirs: Text) -> float | None:
    """Share of the shorter list's surnames that the other has; None where one of them has no names at all.

    Names that a badly cut record has in its title count as well.
    """
    few, many = sorted((mine, theirs), key=lambda t: len(t.surnames))
    if not many.surnames:
        return None
    if not few.surnames:
        inside = sum(name in few.words for name in many.surnames)
        return inside / len(many.surnames) if inside else None
    alone = few.surnames - many.surnames
    missed = sum(not _found(name, few, many) for name in alone)
    return 1 - missed / len(few.surnames)


def _found(name: str, few: Text, many: Text) -> bool:
    """Another spelling, another order of given and family name, or one that stands in the title."""
    if name in many.beside or name in many.words:
        return True
    for other in many.surnames:
        if name[:_SURE] == other[:_SURE] or name[-_SURE:] == other[-_SURE:] or name in other or other in name:
            return True
    own = next((n.split() for n in few.names if n.partition(" ")[0] == name), [name])
    return any(_swapped(own, other.split()) for other in many.names)


def _swapped(own: list[str], other: list[str]) -> bool:
    """Given name first in one of them: `s sunita` for `sunita sarawagi`."""
    if len(own) < 2 or len(other) < 2:
        return False
    if len(own[1]) > 1 and own[1] == other[0]:
        return True
    return len(own[1]) == 1 and own[1] == other[0][0] and own[0][0] == other[1][0]


@dataclass(frozen=True, slots=True)
class Features:
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


def features(mine: Text, theirs: Text) -> Features:
    """What is weighed."""
    shorter = min(len(mine.squeezed), len(theirs.squeezed)) or 1
    shared = len(mine.trigrams & theirs.trigrams)
    a, b = _trimmed(mine, theirs), _trimmed(theirs, mine)
    plain = _ratio(mine, theirs)
    return Features(
        ratio=plain,
        trimmed=plain if a is mine and b is theirs else _ratio(a, b),
        bag=_bag(mine, theirs),
        within=shared / min(len(mine.trigrams), len(theirs.trigrams)),
        prefix=_prefix(mine, theirs) / shorter,
        names=_names_agree(mine, theirs),
        gap=min((abs(x - y) for x in mine.years for y in theirs.years), default=None),
        number=_agree(*_counts(mine, theirs)),
        part=_agree(mine.parts, theirs.parts),
        length=shorter,
    )


def _counts(mine: Text, theirs: Text) -> tuple[frozenset[int], frozenset[int]]:
    """The numbers of both; a year that only one title names is no number where it is the year of either."""
    a, b = mine.numbers, theirs.numbers
    dated = any(_YEAR.fullmatch(str(n)) for n in a) and any(_YEAR.fullmatch(str(n)) for n in b)
    years = frozenset[int]() if dated else mine.years | theirs.years
    return a - years, b - years


def _agree(mine: frozenset[int], theirs: frozenset[int]) -> int:
    return 0 if mine == theirs else 2 if mine and theirs else 1


_NEAR = 0.97  #: of letters: the same but for a slip
_FEW = 4  #: words: shorter titles say too little to be forgiven anything
_FAR = 4  #: years: what appears again after more is asked about, whatever else agrees
_SAME, _PERHAPS = 2.2, 0.0  #: of the weighed sum: odds of nine to one, and of one to one

# Logistic regression (C = 2) on the train and valid parts of dblp-acm and dblp-acm-dirty and on dblp-scholar.train-balanced
# (../shared/evaluation/duplicates), without pairs that `_bound` decides and without false pairs of nearly equal titles and
# names: there the labels count a conference and a journal copy as two works. For the same reason the weights of the years
# are not learned but set by hand. `benchmarks/identity.py` prints what they achieve.
_BIAS = -15.68
_LETTERS, _WORDS, _WITHIN, _PREFIX = 9.41, 2.41, 5.71, 2.70
_NAMES, _NAMELESS = 2.88, 1.91
_ONE_YEAR, _MORE_YEARS, _YEARLESS = -1.5, -2.0, 0.22
_NUMBER_MISSING, _NUMBER_OTHER = -0.60, -0.37
_UNDER_20, _UNDER_30 = -0.77, -0.40


def weighed(f: Features) -> float:
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


def compare(mine: Text, theirs: Text) -> tuple[Answer, str]:
    """Are they one work, as far as words tell; and why, for people. The same whichever of them comes first."""
    if (theirs.title, theirs.names) < (mine.title, mine.names):
        mine, theirs = theirs, mine
    if not mine.title or not theirs.title or distant(mine, theirs):
        return "different", "other titles"
    if mine.kinds - _SOFT != theirs.kinds - _SOFT:
        return "different", "one is about the other, not the same"
    f = features(mine, theirs)
    odds = weighed(f)
    if odds < _PERHAPS:
        return "different", "titles, authors and years too unlike"
    bound, why = _bound(mine, theirs, f)
    if bound != "same":
        return bound, why
    return ("same", _said(f)) if odds >= _SAME else ("perhaps", f"{_said(f)}, but not near enough")


def _bound(mine: Text, theirs: Text, f: Features) -> tuple[Answer, str]:
    """The most that a pair may be, whatever its odds."""
    if mine.recurring or theirs.recurring:
        alike = f.names == 1 and f.gap == 0 and f.best >= _NEAR and len(mine.surnames) == len(theirs.surnames) > 0
        return ("same", "") if alike else ("different", "a title that many works have")
    if f.part == _OTHER or (f.number == _OTHER and _unnumbered(mine) == _unnumbered(theirs)):
        return "different", "another part or number"
    if f.names is not None and f.names < _OVERLAP and mine.surnames and theirs.surnames:
        long = f.best >= _NEAR and min(len(mine.words), len(theirs.words)) > _FEW
        return ("perhaps" if long and f.names else "different"), "same title, other authors"
    if f.part or f.number == _OTHER:
        return "perhaps", "one may be a part of the other" if f.part else "numbers in the titles differ"
    if mine.kinds != theirs.kinds:
        return "perhaps", "only one says that it is a review"
    return _strict(mine, theirs, f)


def _strict(mine: Text, theirs: Text, f: Features) -> tuple[Answer, str]:
    """Less is forgiven where less is known."""
    few = min(len(mine.words), len(theirs.words))
    if f.names is None:
        if few <= _FEW and f.gap != 0:
            return "different", "a short title and no authors"
        sure = f.best >= _KNOWN_BY_TITLE and few > _FEW and (f.gap or 0) <= 1
        return ("same", "") if sure else ("perhaps", "nearly the same title, authors not known")
    if few < _FEW and f.best < _NEAR:
        return "perhaps", "short titles that are not quite the same"
    if (f.gap or 0) > _FAR:
        return "perhaps", f"same title and authors, {f.gap} years apart"
    return "same", ""


def _unnumbered(some: Text) -> tuple[str, ...]:
    return tuple(word for word in some.words if not word.isdecimal())


def _said(f: Features) -> str:
    title = "same title" if f.best >= _NEAR else "nearly the same title"
    return f"{title}, authors not known" if f.names is None else f"{title} and authors"
