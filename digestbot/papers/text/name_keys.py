"""Keys of authors' names for deduplication: what two sources that name one author have in common. Pure.

A person's name is folded and put as `family given …`, each initial alone, whatever the source writes: `Given Family`,
`Family, Given`, `Kaur, M.`, `Kaur M`, `van der Meer JW`. The keys are stored: a change here needs a rebuild.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from itertools import chain
from typing import Final, NamedTuple
from unicodedata import normalize

from digestbot.memo import remembered
from digestbot.papers.text.clean import clean, fold
from digestbot.papers.text.person_names import BODY, CAMEL_AI, LONGEST, OTHERS, SHORT_SURNAMES, is_suffix

SURE: Final = 4  #: letters that the beginnings of two spellings of a surname must share
#: what stands in the authors' place and is no author: a publisher, who put it there, an address, a gap. People are called
#: Press, Wiley and Springer: those names alone are authors
_NOBODY: Final = re.compile(
    r"\b(?:anthology|publish(?:er|ers|ing)|editions?|proceedings|journal|elsevier|ieee|acms?|arxiv|biorxiv|medrxiv|anonymous|"
    r"unknown|webmaster|admin(?:istrator)?|editorial (?:team|office|staff|board)|no authors? listed|university press|"
    r"springer(?: nature|-verlag| verlag)|https?|www)\b|\w{3}\.(?:com|org|edu|net|gov|de|fr|uk|jp|cn)\b",
    re.IGNORECASE,
)
#: words of a body's name that one source writes and another leaves out
_PLAIN: Final = frozenset("the corporate and for of on behalf in a working study research collaboration collaborations collaborators "
                          "consortium group team investigators".split())  # fmt: skip
_ODD: Final = re.compile("|".join(some.pattern for some in (OTHERS, _NOBODY, BODY)) + "|ai\\Z", re.IGNORECASE)  #: or AI
_INITIALS: Final = re.compile(r"[A-Z]{2,3}")  #: of `Meer JW`
_MAILED: Final = re.compile(r"(?<!\S)\S[^\s@]*+@\S++\s++\(([^()]++)\)")  #: RSS 2.0: `ada@example.org (Ada Author)`
#: `MD` is none of them: PubMed's `Smith MD` is Michael
_DEGREES: Final = re.compile(r",?(?<!\s)\s++(?:Ph\.?\s?D|MSc|DPhil|FRS)\.?\Z")
#: a letter as an entity that something has torn out of its word: `k &#228; fer`
_TORN: Final = re.compile(r"(?<=\w) (&#\d{3,5};)(?: (?=\w)|(?!\w))")


class Name(NamedTuple):
    """The key of an author: of a person or of a body. Both "" for what names nobody."""

    person: str = ""  #: `family given …`, folded
    body: str = ""  #: what tells it from others, folded and squeezed: `atlas` of `The ATLAS Collaboration`


@remembered(16384)
def named(author: str) -> Name:
    """Returns the key of an author as a source writes one; an empty Name for a publisher, an address, a gap."""
    said = joined(author[:LONGEST])
    said = _DEGREES.sub("", _MAILED.sub(r"\1", said) if "@" in said else said)
    if _ODD.search(said):  # most are not
        said = OTHERS.sub("", said).strip()
        if not said or _NOBODY.search(said):
            return Name()
        who, _, where = said.partition(",")
        if where and " " in who.strip() and BODY.search(where) and not BODY.search(who):
            said = who  # `Ada Author, University of the North`
        elif BODY.search(said) or CAMEL_AI.search(said):
            return Name(body=_body(said))
    return Name(person=_person(said))


def _person(said: str) -> str:
    family, comma, given = said.partition(",")
    if comma and not is_suffix(given.strip()):
        words = [word for word in fold(clean(family)).split() if not is_suffix(word)]
        return " ".join(["".join(words), *_given(family, given)]).strip()
    initials: list[str] = []
    before, _, last = family.strip().rpartition(" ")
    if _INITIALS.fullmatch(last) and last not in SHORT_SURNAMES and not before.isupper() and before:
        family, initials = before, [*last.lower()]
    words = fold(clean(family)).split()
    rest: list[str] = []
    while len(words) > 1 and (len(words[-1]) == 1 or is_suffix(words[-1])):
        rest.append(words.pop())
    return " ".join([*words[-1:], *words[:-1], *rest, *initials])


def _given(family: str, given: str) -> list[str]:
    """Returns the folded given names. `JW` beside a family name that is not all capitals is two initials."""
    return [
        letter
        for word in given.split()
        for letter in ([*word.lower()] if _INITIALS.fullmatch(word) and not family.isupper() else fold(word).split())
    ]  # fmt: skip


def _body(said: str) -> str:
    words = fold(clean(said)).split()
    return "".join([word for word in words if word not in _PLAIN] or words)


def joined(said: str) -> str:
    """Puts letters back that were torn out of their words, `k &#228; fer` → `käfer`; a Greek letter stays apart."""
    return _TORN.sub(lambda found: _latin(found.group(1)) or found.group(), said) if "&#" in said else said


def _latin(entity: str) -> str:
    letter = html.unescape(entity)
    return letter if letter.isalpha() and normalize("NFKD", letter)[0].isascii() else ""


def given_name_first(given: str, family: str) -> str:
    """Returns what to look for in `TitleFeatures.given_names_first`: the given name; where only its initial is known, both initials."""
    return given if len(given) > 1 else f"{given} {family[0]}"


def name_traces(names: Iterable[str]) -> Iterable[str]:
    """Returns traces by which spellings of one name meet: words, beginnings and ends of surnames, pairs of initials."""
    return chain.from_iterable(map(_traces, names))


@remembered(16384)
def _traces(name: str) -> tuple[str, ...]:
    first, *others = name.split()
    initials = first[0] + others[0][0] if others else first[0]
    found = [word for word in (first, *others) if len(word) > 1]
    found.append(initials if initials[0] <= initials[-1] else initials[::-1])
    return (*found, first[:SURE], first[-SURE:]) if len(first) > 1 else tuple(found)
