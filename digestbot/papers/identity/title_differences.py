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
    r"removal notice\b|.*\b(?:corrigendum|erratum)\b|.*\bprotocol for an?\b.*\b(?:trial|review|study)\b|.*\bprotocol\Z"
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
_SCRAP: Final = 3  #: letters: what a scanner makes of `in a` is no word
_TAIL: Final = 4  #: words behind a title that say with what or on what it is done
_JOINS: Final = frozenset(
    "with for of in on at by to from via using under without and against through within among between".split()
)
_COUNTS: Final = frozenset("two three four five six seven eight nine ten eleven twelve several".split())
#: words before a title that make another work of it; any other word may be the name of the work: `SPARTA: …`
_MODIFIERS: Final = frozenset(
    "self semi weakly un non multi cross bi tri pseudo quasi anti super hyper meta robust efficient fast faster deep improved improving "
    "enhanced scalable adaptive dynamic hierarchical sparse federated online offline continual bayesian causal quantum interpretable "
    "explainable lightweight accelerated accelerating distributed decentralized private supervised unsupervised zero few low high large "
    "small optimal better stronger simple simplified open long short early late acute chronic severe mild fully partially general "
    "generalized unified universal conditional unconditional stochastic deterministic linear nonlinear neural graph temporal spatial "
    "local global direct indirect inverse reverse forward backward active passive personalized multimodal".split()
)
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
    """Returns the difference that makes two works of two titles, as a phrase for people; "" when there is none.

    `hangs` says of a word whether it belongs to the names or the venue, and not to the title. `years_apart`: then a word
    more in one title is the work that followed, wherever it stands.
    """
    return distinguishing_signs(mine, theirs) or distinguishing_content(mine, theirs, hangs, years_apart=years_apart)


def distinguishing_signs(mine: TitleFeatures, theirs: TitleFeatures) -> str:
    """A letter, a number, a count, a version or a denial that stands in one title only: what makes two works for sure."""
    if mine.squeezed == theirs.squeezed:
        return ""
    here, there = _unmatched_words(mine, theirs)
    limits = (_other_signs, _turned_around, _other_kind, _other_order, _other_edition)
    return next((told for limit in limits if (told := limit(mine, theirs, here, there))), "")


def distinguishing_content(
    mine: TitleFeatures, theirs: TitleFeatures, hangs: Callable[[str], bool], *, years_apart: bool
) -> str:
    """A word of content that stands in one title only: of one work where the rest of what is said is the same."""
    if mine.squeezed == theirs.squeezed:
        return ""
    here, there = _unmatched_words(mine, theirs)
    a, b = ([word for word in words if _is_content(word) and not hangs(word)] for words in (here, there))
    return _other_content(mine, theirs, a, b, years_apart)


def other_subjects(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Has each title several words of content that resemble none of the other's, and may nobody have retitled it?"""
    here, there = ([word for word in words if _is_content(word)] for words in _unmatched_words(mine, theirs))
    return min(len(_unlike(here, there)), len(_unlike(there, here))) > 1 and not retitled(mine, theirs)


def same_words(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Has each title the words of the other, in whatever form, but for those that only join others?"""
    here, there = _unmatched_words(mine, theirs)
    return not any(map(_is_content, (*here, *there)))


def _unmatched_words(mine: TitleFeatures, theirs: TitleFeatures) -> tuple[list[str], list[str]]:
    """The words of each title that the other lacks, without those that are only spelt or bent otherwise there."""
    here, there = _left(mine, theirs), _left(theirs, mine)
    for word in list(here):
        if other := next((one for one in there if same_word(word, one)), None):
            here.remove(word)
            there.remove(other)
    return here, there


def _other_signs(_mine: TitleFeatures, _theirs: TitleFeatures, here: Sequence[str], there: Sequence[str]) -> str:
    """A single letter, or a word with a figure in it, in the place of another; a count in one title."""
    pairs = ((group(here), group(there)) for group in (_letters, _numbered))
    counted = next((_only(word) for word in (*here, *there) if word in _COUNTS), "")
    return next((_either(a[0], b[0]) for a, b in pairs if a and b), counted)


def _turned_around(mine: TitleFeatures, theirs: TitleFeatures, here: Sequence[str], there: Sequence[str]) -> str:
    """A negation or a sequel word (`revisited`) in one title only."""
    turns = (word for some, left in ((mine, here), (theirs, there)) for word in left if _turns(word, some))
    return next((_only(word) for word in turns), "")


def _other_kind(mine: TitleFeatures, theirs: TitleFeatures, _here: Sequence[str], _there: Sequence[str]) -> str:
    alike = bool(_NOTICE.match(mine.title)) == bool(_NOTICE.match(theirs.title))
    return "" if alike else "only one is a notice or a protocol"


def _other_order(mine: TitleFeatures, theirs: TitleFeatures, _here: Sequence[str], _there: Sequence[str]) -> str:
    moved = (
        _order(mine) != _order(theirs) and len(mine.words) == len(theirs.words) and _spelled(mine) == _spelled(theirs)
    )
    return "numbers in another order" if moved else ""


def _other_edition(mine: TitleFeatures, theirs: TitleFeatures, here: Sequence[str], there: Sequence[str]) -> str:
    """`2.0` at the end of one title, or the second figure of a version that is glued to a word: `Qwen2`, `Qwen2.5`."""
    if _edition(mine) != _edition(theirs):
        return "a number of version at the end of one title"
    if mine.venue and theirs.venue:
        return ""
    left = ((mine, here), (theirs, there))
    glued = (word for some, words in left for word in words if word.isdecimal() and _follows_figure(word, some))
    return next((_only(word) for word in glued), "")


def _follows_figure(number: str, title: TitleFeatures) -> bool:
    """Does this number follow a word that ends in a digit (`qwen2 5`)?"""
    pairs = pairwise(title.words)
    return any(behind == number and word[-1:].isdecimal() and not word.isdecimal() for word, behind in pairs)


def _other_content(
    mine: TitleFeatures, theirs: TitleFeatures, here: list[str], there: list[str], years_apart: bool
) -> str:
    """Words of content: one in the place of another, or more of them in one title."""
    if len(here) == len(there) == 1:
        return _either(here[0], there[0])
    if told := _exchanged(mine, theirs):
        return told
    if _badly_cut(mine, theirs):
        return _followed(mine, theirs, here, there) if years_apart else ""
    if here and there:
        return _unlike_words(mine, theirs, here, there)
    if added := _added(here, mine) or _added(there, theirs):
        return _only(added)
    return _followed(mine, theirs, here, there) if years_apart else ""


def _unlike_words(mine: TitleFeatures, theirs: TitleFeatures, here: list[str], there: list[str]) -> str:
    """Of words that both titles have alone: those that resemble none of the other's."""
    a, b = _unlike(here, there), _unlike(there, here)
    if a and b:
        return _either(a[0], b[0])
    alone = next((word for word in (*a, *b) if len(word) > _SCRAP), "")
    cut = bool(mine.venue) != bool(theirs.venue) and not (
        mine.years and theirs.years
    )  # one bibliography's title may be
    return _only(alone) if alone and not cut else ""


def _badly_cut(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Can words of the byline hang on one of the titles: where a record lacks its authors, and between bibliographies, which
    call the place of a work by different names?"""
    return not (mine.surnames and theirs.surnames) or bool(mine.venue and theirs.venue and mine.venue != theirs.venue)


def _followed(mine: TitleFeatures, theirs: TitleFeatures, here: Sequence[str], there: Sequence[str]) -> str:
    """A word more inside one title: in another year it is the work that followed (`X`, `Robust X`)."""
    word = "" if here and there else _inserted(here, mine) or _inserted(there, theirs)
    return f"{word!r} in one title only, and other years" if word else ""


def _is_content(word: str) -> bool:
    return len(word) > 1 and word not in _PLAIN


def _unlike(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """Returns the words that resemble none of the others: OCR misreads letters and does not exchange words."""
    return [word for word in words if not any(_resemble(word, other) for other in others)]


def _resemble(one: str, other: str) -> bool:
    few, many = sorted((one, other), key=len)
    if many in (f"un{few}", f"in{few}", f"non{few}", f"im{few}"):
        return False
    common = sum((Counter(few) & Counter(many)).values())
    return one[:3] == other[:3] or one[-4:] == other[-4:] or common >= _MOST * len(many)


def _added(more: Sequence[str], title: TitleFeatures) -> str:
    """The first word that makes another work of a title that lacks it: a word inside the title, a modifier before
    it, what the work is done with or on behind it. "" where the more is a name before the title or a subtitle."""
    words = title.words
    own = frozenset(more)
    first = next((at for at, word in enumerate(words) if word not in own), 0)
    last = max((at for at, word in enumerate(words) if word not in own and word not in _JOINS), default=0)
    before = words[:1] if 0 < first <= 2 and words[0] in _MODIFIERS else ()
    tail = words[last + 1 :]
    behind = tail if len(tail) <= _TAIL and not _JOINS.isdisjoint(tail[:1]) else ()
    return next((word for word in (*words[first:last], *before, *behind) if word in own), "")


def _either(one: str, other: str) -> str:
    return f"{one!r} in one title, {other!r} in the other"


def _only(word: str) -> str:
    return f"{word!r} in one title only"


def is_one_about_the_other(mine: TitleFeatures, theirs: TitleFeatures) -> bool:
    """Is one title the whole other title with a word such as `Rejoinder:` before or after it?"""
    few, many = sorted((mine.words, theirs.words), key=len)
    more = len(many) - len(few)
    rest = many[:more] if many[more:] == few else many[len(few) :] if many[: len(few)] == few else ()
    return 0 < len(rest) <= _ASIDE and not _ABOUT.isdisjoint(rest)


def _inserted(more: Sequence[str], title: TitleFeatures) -> str:
    """Returns the first extra word that is not part of a leading or trailing subtitle."""
    last = max((at for at, word in enumerate(title.words) if word not in more and len(word) > 2), default=0)
    return next((word for word in title.words[:last] if word in more), "")


def _left(mine: TitleFeatures, theirs: TitleFeatures) -> list[str]:
    """Returns the words missing from the other title, with multiplicity; words that are only split or joined there are left out."""
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
    """Do they have the same authors (two or more) and most content words, as when a journal changes a title?"""
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
    if _UMLAUT.sub("", one) == _UMLAUT.sub("", other) or _bent(one, other, shared):
        return True
    return shared > 0 and len(one) >= _LONG - 1 and _slip(one[shared:], other[shared:], len(other) >= _LONG)


def _bent(one: str, other: str, shared: int) -> bool:
    """Two forms of one word: behind a common stem stands an ending of English."""
    if shared == len(one) >= _STEM and other[shared:] in _ENDINGS:
        return True
    return any({one[at:], other[at:]} <= _ENDINGS for at in range(min(_STEM, max(len(one), 3)), shared + 1))


def _seen(word: str) -> str:
    """Normalize letters that OCR confuses: `leaming`, `app1ication`."""
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
