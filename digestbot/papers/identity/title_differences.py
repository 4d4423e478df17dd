"""Which words tell two titles apart that are nearly equal: an exchanged word, letter or model number, a negation. Pure.

A word that is only spelt or bent otherwise is no other word: `colour`, `color`; `learned`, `learning`; `Über`, `Ueber`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Final

from digestbot.papers.identity.title_features import TitleFeatures

#: what alone makes another work of a title: a denial, or the word of a sequel
_TURNS: Final = frozenset(
    "not no non never without beyond revisited revisiting revisit reconsidered rethinking update updated".split()
)
#: what goes with a paper: the word that begins or ends its title
_BESIDE: Final = frozenset("appendix supplement supplementary supplemental dataset clarification reply slides".split())
#: and titles of notices and protocols
_NOTICE: Final = re.compile(
    r"removal notice\b|.*\b(?:corrigendum|erratum)\b|.*\bprotocol for an?\b.*\b(?:trial|review|study)\b"
)
#: how a work was given, how its title goes on, and words that only join others: not what it is about
_PLAIN: Final = frozenset(
    "abstract session panel tutorial demonstration demo talk poster using applying via with for the of in on at by to from "
    "and or as its their our an is are be over under into".split()
)
_ENDINGS: Final = frozenset(
    "s es ed d ing ings er ers or ors ion ions ation ations al ally ly e y ies ic ical ics ize izes ized izing izer ise ises "
    "ised ising iser ization isation ment ments ity ities able ible ive ative ively ency ent ents ance ant ory "
    "yze yse yzed ysed yzing ysing".split()
) | {""}
_ASIDE: Final = 3  #: words before or behind a title; more are a subtitle
_STEM: Final = 4  #: letters two forms of a word begin with in common, at least
_MOST: Final = 0.75  #: of the telling words of the shorter title
_LONG: Final = 6  #: letters of a word that may have a slip
#: endings that make another substance of one, and beginnings that make another thing: no slips
_SERIES: Final = (
    frozenset("ane ene yne one ine ol anes enes ynes ones ines ols yl".split()), frozenset("ate ite ide ates ites ides".split()),
)  # fmt: skip
_OPPOSED: Final = [
    pair
    for a, b in (
        ("ad", "ab"), ("macro", "micro"), ("photon", "phonon"), ("hyper", "hypo"), ("inter", "intra"), ("neural", "neutral"),
        ("causal", "casual"), ("hydrogen", "hydrogel"), ("pre", "post"),
    )
    for pair in ((a, b), (b, a))
]  # fmt: skip
#: what is said about a work, before or behind its title
_ABOUT: Final = frozenset(
    "reply response responses rejoinder comment comments commentary synopsis podcast interview recommendation correction "
    "graphical".split()
)
_UMLAUT: Final = re.compile(r"(?<=[aou])e")


def distinguishing_words(
    mine: TitleFeatures, theirs: TitleFeatures, hangs: Callable[[str], bool], *, years_apart: bool
) -> str:
    """What stands in one title and not in the other, for people. "" when nothing does that makes them two works.

    A word more in one title is most often another spelling of the work; where the years differ too it is the work that
    followed: `X`, `Robust X`.
    """
    if mine.squeezed == theirs.squeezed:
        return ""
    here, there = _left(mine, theirs), _left(theirs, mine)
    for word in list(here):
        if other := next((one for one in there if same_word(word, one)), None):
            here.remove(word)
            there.remove(other)
    for group in (_letters, _numbered):
        if (a := group(here)) and (b := group(there)):
            return f"{a[0]!r} in one title, {b[0]!r} in the other"
    if turn := next((w for some, left in ((mine, here), (theirs, there)) for w in left if _turns(w, some)), ""):
        return f"{turn!r} in one title only"
    if bool(_NOTICE.match(mine.title)) != bool(_NOTICE.match(theirs.title)):
        return "only one is a notice or a protocol"
    if _order(mine) != _order(theirs) and len(mine.words) == len(theirs.words) and _spelled(mine) == _spelled(theirs):
        return "numbers in another order"
    if _edition(mine) != _edition(theirs):
        return "a number of version at the end of one title"
    a, b = ([w for w in words if len(w) > 2 and w not in _PLAIN and not hangs(w)] for words in (here, there))
    if len(a) == len(b) == 1:
        return f"{a[0]!r} in one title, {b[0]!r} in the other"
    if told := _exchanged(mine, theirs):
        return told
    if years_apart and (more := _inserted(a, mine) if not b else _inserted(b, theirs) if not a else ""):
        return f"{more!r} in one title only, and other years"
    return ""


def is_one_about_the_other(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Is one title the other whole, with a word before or behind it that tells what is said about that: `Rejoinder: X`?"""
    few, many = sorted((mine.words, theirs.words), key=len)
    more = len(many) - len(few)
    rest = many[:more] if many[more:] == few else many[len(few) :] if many[: len(few)] == few else ()
    return 0 < len(rest) <= _ASIDE and not _ABOUT.isdisjoint(rest)


def _inserted(more: Sequence[str], title: TitleFeatures) -> str:
    """The first of these words that does not belong to an end that the other title lacks: there it is a subtitle's."""
    last = max((at for at, word in enumerate(title.words) if word not in more and len(word) > 2), default=0)
    return next((word for word in title.words[:last] if word in more), "")


def _left(mine: TitleFeatures, theirs: TitleFeatures) -> list[str]:
    """The words that the other lacks, as often as it does; not those it only writes in two or in one."""
    left = Counter(mine.words) - Counter(theirs.words)
    joined = {a + b for a, b in pairwise(theirs.words)}
    parts = {word for a, b in pairwise(mine.words) if a + b in theirs.title_words for word in (a, b)}
    return sorted(word for word in left.elements() if word not in joined and word not in parts)


def _turns(word: str, title: TitleFeatures) -> bool:
    return word in _TURNS or (word in _BESIDE and word in (title.words[0], title.words[-1]))


def _order(some: TitleFeatures) -> tuple[str, ...]:
    """`2-bromo-4-nitro` is not `4-bromo-2-nitro`."""
    return tuple(word for word in some.words if word.isdecimal())


def _spelled(some: TitleFeatures) -> list[str]:
    return [word for word in some.words if not word.isdecimal()]


def _exchanged(mine: TitleFeatures, theirs: TitleFeatures) -> str:
    """A short word in the place of another one, or one with a figure: `Pt`, `Pd`; `UK`, `EU`; `rho0`, `rho`."""
    if len(mine.words) != len(theirs.words):
        return ""
    pairs = [(a, b) for a, b in zip(mine.words, theirs.words, strict=True) if a != b and not same_word(a, b)]
    short = len(pairs) == 1 and all(len(a) == len(b) == 2 and not {a, b} & _PLAIN for a, b in pairs)
    if short or (pairs and all(_numbered(pair) for pair in pairs)):
        return f"{pairs[0][0]!r} in one title, {pairs[0][1]!r} in the other"
    return ""


def _edition(some: TitleFeatures) -> tuple[str, ...]:
    """`2.0` at the end of a title."""
    last = some.words[-2:]
    return last if len(last) == 2 and all(word.isdecimal() and len(word) == 1 for word in last) else ()


def retitled(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """The very same two people or more, and most of the words that tell something: what a journal makes of a title."""
    if len(mine.surnames) < 2 or mine.surnames != theirs.surnames:
        return False
    few, many = sorted((_telling(mine), _telling(theirs)), key=len)
    found = sum(any(_akin(word, other) for other in many) for word in few)
    return found >= 3 and found >= _MOST * len(few)


def _telling(some: TitleFeatures) -> list[str]:
    return [word for word in dict.fromkeys(some.words) if len(word) > 2 and word not in _PLAIN]


def _akin(one: str, other: str) -> bool:
    return one == other or same_word(one, other) or one[: _STEM + 1] == other[: _STEM + 1]


def _letters(words: Iterable[str]) -> list[str]:
    return [word for word in words if len(word) == 1 and word.isalpha()]


def _numbered(words: Iterable[str]) -> list[str]:
    """`v2`, `4o`, `fe2o3`; plain numbers and `12th` are weighed elsewhere."""
    return [w for w in words if not w.isalpha() and not w.isdecimal() and not re.fullmatch(r"\d+(?:st|nd|rd|th)", w)]


def same_word(one: str, other: str) -> bool:
    """One word in two spellings or forms, or with one slip in it."""
    if len(one) >= _LONG - 1 and _seen(one) == _seen(other):
        return True
    if not (one.isalpha() and other.isalpha()):
        return False
    one, other = sorted((one, other), key=len)
    shared = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if _opposed(one, other, shared):
        return False
    if _UMLAUT.sub("", one) == _UMLAUT.sub("", other) or (shared == len(one) >= _STEM and other[shared:] in _ENDINGS):
        return True
    if any({one[at:], other[at:]} <= _ENDINGS for at in range(min(_STEM, max(len(one), 3)), shared + 1)):
        return True
    return shared > 0 and len(one) >= _LONG - 1 and _slip(one[shared:], other[shared:], len(other) >= _LONG)


def _seen(word: str) -> str:
    """As a scanner sees it: `leaming`, `app1ication`."""
    return word.replace("1", "l").replace("0", "o").replace("rn", "m")


def _opposed(one: str, other: str, shared: int) -> bool:
    """`nitrate`, `nitrite`; `adsorption`, `absorption`: a letter apart, and another thing."""
    if any(one[len(a) :] == other[len(b) :] for a, b in _OPPOSED if one.startswith(a) and other.startswith(b)):
        return True
    begins = range(max(shared - 2, _STEM - 2), shared + 1)
    return any(one[at:] in series and other[at:] in series for series in _SERIES for at in begins)


def _slip(one: str, other: str, long: bool) -> bool:
    """From the first letter that differs on: one letter more or another, or two exchanged (`centre`, `center`)."""
    turned = one[:2] == other[1::-1] and one[2:] == other[2:]
    return turned or (long and (one == other[1:] or (len(one) == len(other) and one[1:] == other[1:])))
