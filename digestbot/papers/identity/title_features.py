"""The words of a record, folded and cut up once: title, names, year, venue. Pure.

What a title tells beside its subject is read here too: which part or volume it is, whether it is an erratum or a reply,
whether a thousand other works have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Final
from zlib import crc32

from digestbot.memo import once, remembered
from digestbot.papers.identity.abstracts import sketch_of
from digestbot.papers.text.clean import GREEK, clean, fold
from digestbot.papers.text.name_keys import joined, name_traces, named

YEAR = re.compile(r"(?:19|20)\d\d")
NUMBER = re.compile(r"(\d{1,9})(?:st|nd|rd|th)?")  #: longer ones are no counts
_ROMAN: Final = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10, "xi": 11, "xii": 12,
}  # fmt: skip
_SPELLED: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "first": 1, "second": 2, "third": 3}
_CLEAR: Final = frozenset(("ii", "iii", "iv", "vi", "vii", "viii", "ix"))  #: Roman wherever they stand
_COUNTED: Final = frozenset("part parts volume vol chapter paper number no issue series book section act".split())
#: what a title says of the kind of text, where it begins or ends: an erratum is not the paper it corrects
_KINDS: Final = {
    "correction": r"(?:author |publisher |editorial )?(?:corrections?|errat(?:um|a)|corrigend(?:um|a)|addend(?:um|a))\b.*|"
    r".*\b(?:errat(?:um|a)|corrigend(?:um|a)|addend(?:um|a)|a correction)|"
    r"(?:publisher|editor) s note\b.*|(?:berichtigung|korrigendum|errata corrige|sprostowanie|исправление|поправка)\b.*|"
    r"(?:更正|勘误|勘誤|訂正|正誤).*|.*(?:的更正|勘误|勘誤|の訂正)|fe de errat\w+\b.*|rectificatif\b.*",
    "reply": r"(?:an? |the |authors? |in )?(?:s )?(?:reply|replies|responses?|rejoinder|rebuttal)(?: to\b.*| by\b.*|)|"
    r".*\b(?:a|author) (?:reply|rejoinder)(?: to\b.*)?",
    "comment": r"(?:an? |some )?(?:comments?|commentary|remarks?|discussion) (?:on|to|of)\b.*|.*\b(?:a|invited) comment(?:ary)?",
    "supplement": r"(?:additional file|moesm\d*|(?:table|figure|video|image|audio|data sheet|presentation)(?= s?\d+ \w+ \w))\b.*|"
    r"(?:online |electronic )?(?:supplement|supplementary|supplemental|supporting information|appendix)\b.*|"
    r".*\b(?:supplement(?:ary|al) (?:materials?|information|data|files?|appendix|text|figures?|tables?|notes?|methods?|videos?)|"
    r"supporting (?:information|code|data)|online appendix|supplement)",
    "retraction": r"(?:retraction|retraction notice|notice of retraction|withdrawal|(?:editorial )?expression of concern)\b.*|"
    r".*\bretraction(?: notice)?",
    "thesis": r".*\b(?:thesis|dissertation|habilitation)",
    "data": r"(?:replication |supporting |source )?(?:data(?:set)?|code|software)"
    r"(?: and (?:code|data))? (?:for|from)\b.*",
    "cover": r"(?:(?:inside|outside|inner) )?(?:front|back) cover\b.*|cover (?:picture|feature|profile|image)\b.*|"
    r"(?:(?:innen|ruck)?titelbild|frontispiece|graphical abstract)\b.*",
    "slides": r"slides\b.*|.*\bslides",
    "report": r"(?:peer )?review for\b.*|(?:faculty opinions|f1000prime) recommendation of\b.*|"
    r"(?:decision letter|authors? (?:s )?response|elife (?:assessment|digest)|peer review reports?|reviewers? \d|"
    r"(?:reviewer|referee)(?: s)? (?:reports?|comments?))\b.*",
    "review": r".*\breview|review of .*",
}
_KIND: Final = {kind: re.compile(pattern) for kind, pattern in _KINDS.items()}
#: in a folded venue: theses, and what the APIs say a work is (`sources.values.fields.venue_of`)
_KIND_OF_VENUE: Final = {
    "thesis": re.compile(
        r"\b(?:(?:ph ?d |master s |doctoral )?thesis|dissertation|these de doctorat|(?:master|diplom|doktor)arbeit|habilitation\w*)\b|"
        r"\Athese\Z"
    ),
    "data": re.compile(r"\b(?:data set|software record)\Z"),
    "supplement": re.compile(r"\bsupplementary materials\Z"),
    "report": re.compile(r"\bpeer review report\Z"),
    "correction": re.compile(r"\bcorrection notice\Z"),
}
#: `Preprint` or `[Updated]` at the end, and what catalogues hang on reports
_SAID_LAST: Final = re.compile(
    r" (?:preprint|updated)\Z| version \d{1,2} peer review [\w ]{1,60}\Z|"
    r"(?<=\w \w{3}) technical report (?:no |number )?[a-z]{0,4} ?\d(?s:.*)\Z"
)
_LAST_WORDS: Final = ("preprint", "updated", "version", "report")  #: one of these stands in it
_GREEK: Final = str.maketrans(GREEK | {"ς": "sigma", "ϵ": "epsilon", "ϕ": "phi", "ϑ": "theta"})
_ORDINALS: Final = ("fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth")
_ORDINAL: Final = re.compile(rf"\b(?:{'|'.join(_ORDINALS)})\b")
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
    r"this week in .{0,40}|images? in .{0,40}|what (?:s|is) new in .{0,40}|summary for policymakers|"
    r"annual report(?: .{0,40})?|report of the (?:\w+ )?(?:committee|council|board|director|president|secretary|treasurer)\b.{0,40}|"
    r"(?:open|discussion|weekend) thread|(?:daily|weekly|morning) briefing(?: .*)?|correspondence|"
    r"(?:(?:our|the|my|your) )?(?:daily|weekly|fortnightly|monthly|quarterly|morning|evening|weekend|week(?: s)?|today s|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day(?: s)?)"
    r"(?: (?:paper|news|link|reading|arxiv|research|science|lab|photo|community))? (?:links?|reads?|readings?(?: list)?|news|newsletter|"
    r"digest|update|highlights|notes|papers|picks|bulletin|round ?up|recap|quiz|puzzle|column|photo|list)|"
    r"(?:link|news|reading|paper|arxiv|research) (?:round ?up|digest|bulletin)|newsletter|round ?up|.* (?:this|last) (?:week|month)|"
    r"issue information|editorial board|list of contributors|"
    r"obituar(?:y|ies)(?: .{0,30})?|in memoriam(?: .{0,30})?|announcements?|news(?: and (?:views|notes))?|comments?|reply|response|"
    r"acknowledge?ments?|conclusions?|summary|overview|untitled|references|bibliography|notes?|about the authors?|list of reviewers|"
    r"(?:a )?(?:reply|response|rejoinder) to .{0,40} et al|"
    r"(?:photo|image|picture|paper|quote|tool|tip|question|chart|research highlights?|highlights?|news|reading|links)s?\b.{0,30}"
    r"\b(?:this|of the) (?:week|day|month)\b.*|"
    r"call for (?:nominations|applications|abstracts|participation|proposals)(?: (?:for|20\d\d).{0,40})?|"
    r"(?:book of )?(?:abstracts?|minutes|program(?:me)?|highlights|posters?|oral presentations|proceedings) "
    r"(?:of|from|for|presented at|at) (?:the )?.{0,60}\b(?:meetings?|congress|conferences?|symposium|sessions?|workshops?|"
    r"assembly)\b.{0,30}|"
    r"(?:poster|oral|plenary|scientific|keynote) (?:sessions?|presentations?|abstracts?|program(?:me)?)|"
    r"vorwort|einleitung|nachruf|geleitwort|buchbesprechungen?|avant propos|prologo|presentacion|introduccion|introduction generale|"
    r"industry perspectives?(?: .{0,30})?|panel(?: discussion)?|interview|discussion|references cited"
)


@dataclass(frozen=True)
class TitleFeatures:
    """Title, names, year and venue of a record for comparison without identifiers; all folded (`text.fold`)."""

    title: str
    names: tuple[str, ...] = ()  #: each `family given …`
    year: int | None = None
    venue: str = ""
    bodies: tuple[str, ...] = ()  #: collaborations and institutions, as `name_keys.Name` has them
    abstract: str = ""  #: its sketch (`abstracts.sketch_of`)

    def __hash__(self) -> int:
        return self.number

    @once
    def number(self) -> int:
        """Of these very words, the same in every process and for ever (it is stored): 63 bits of a hash."""
        said = "\n".join((self.title, "\t".join(self.names), str(self.year), self.venue, *self.bodies))
        said = f"{said}\n\n{self.abstract}" if self.abstract else said
        return int.from_bytes(blake2b(said.encode(), digest_size=8).digest()) >> 1

    @once
    def words(self) -> tuple[str, ...]:
        """The words of the title, in order."""
        return tuple(self.title.split())

    @once
    def title_words(self) -> frozenset[str]:
        """The distinct words of the title."""
        return frozenset(self.words)

    @once
    def squeezed(self) -> str:
        """The title without spaces: sources differ in hyphens (`pretraining`, `pre-training`)."""
        return self.title.replace(" ", "")

    @once
    def shape(self) -> tuple[int, int]:
        """How many trigrams it has, and they as bits, some on one place: for a look that costs next to nothing."""
        made = trigrams(self.squeezed)
        return len(made), _bits(made, _OF_SHAPE)

    @once
    def masks(self) -> dict[str, int]:
        """Letter → bits of the places where the squeezed title has it: for `_common`."""
        made: dict[str, int] = {}
        for at, letter in enumerate(self.squeezed):
            made[letter] = made.get(letter, 0) | 1 << at
        return made

    @once
    def surnames(self) -> frozenset[str]:
        """The surnames of all authors; a lone initial is not one."""
        return frozenset(family for name in self.names if len(family := name.partition(" ")[0]) > 1)

    @property
    def has_surname(self) -> bool:
        """Whether a surname is known."""
        return any(len(name.partition(" ")[0]) > 1 for name in self.names)

    @once
    def given_names_first(self) -> frozenset[str]:
        """What each name would be with the given name first: `s sunita` for `sunita sarawagi`."""
        names = [name.split() for name in self.names]
        whole = [words for words in names if len(words) > 1]
        return frozenset((*(words[0] for words in whole), *(f"{words[0][0]} {words[1][0]}" for words in whole)))

    @once
    def byline_words(self) -> frozenset[str]:
        """The words of names and venue: what may hang on the title of a badly cut record."""
        return frozenset(word for name in self.names for word in name.split()) | frozenset(self.venue.split())

    @once
    def kinds(self) -> frozenset[str]:
        """Kinds of text (erratum, review, …) that title and venue name."""
        said = (kind for kind, pattern in _KIND.items() if pattern.fullmatch(self.title))
        where = (kind for kind, pattern in _KIND_OF_VENUE.items() if pattern.search(self.venue))
        return frozenset((*said, *where))

    @once
    def people(self) -> int:
        """The traces as bits, some on one place; all of them where nobody is known, for it may be anybody's."""
        return _bits(self.traces, _OF_PEOPLE) if self.surnames else _ANYBODY

    @once
    def signers(self) -> int:
        """Whose it is, in 62 bits that are the same in every process (they are stored): a place for how each of the first
        surnames begins. All of them where nobody is known. People in common have most often a place in common."""
        places = 0
        for name in self.names[:_SIGNING]:
            begin = next((word[:_BEGIN] for word in name.split() if len(word) >= _BEGIN), "")
            places |= 1 << crc32(begin.encode()) % _OF_SIGNERS if begin else 0
        return places or ANYBODY

    @once
    def traces(self) -> frozenset[str]:
        """`name_keys.name_traces` of all names."""
        return frozenset(name_traces(self.names))

    @once
    def recurring(self) -> bool:
        """Is it a title that many different works have?"""
        return RECURRING.fullmatch(self.title) is not None

    @once
    def years(self) -> frozenset[int]:
        """The record's year, or where none is given the years that the title names."""
        if self.year is not None:
            return frozenset((self.year,))
        return frozenset(int(word) for word in self.words if YEAR.fullmatch(word))

    @once
    def parts(self) -> frozenset[int]:
        """Which part or volume it is: a number behind such a word, or a Roman one at the end."""
        roman = {_ROMAN[word] for at, word in enumerate(self.words) if word in _ROMAN and self._counts_parts(at, word)}
        counted = (word for before, word in pairwise(self.words) if before in _COUNTED)
        return frozenset(roman.union(number for word in counted if (number := _arabic(word)) is not None))

    def _counts_parts(self, at: int, word: str) -> bool:
        """Is a Roman number one of a part: behind such a word, at the end, or written so that it is nothing else?"""
        if at > 0 and self.words[at - 1] in _COUNTED:
            return True
        return at > 1 and (at == len(self.words) - 1 or word in _CLEAR)

    @once
    def numbers(self) -> frozenset[int]:
        """All numbers in the title: sizes, years, counts, ordinals."""
        found = (NUMBER.fullmatch(word) for word in self.words)
        return frozenset(int(number.group(1)) for number in found if number)


def _arabic(word: str) -> int | None:
    """`two` or `2`; longer figures are no number of a part."""
    return int(word) if word.isdecimal() and len(word) < 10 else _SPELLED.get(word)


@remembered(1024)
def trigrams(squeezed: str) -> frozenset[str]:
    """Returns the trigrams of a squeezed title. Cached for recent titles only: those of all texts would fill the memory."""
    return frozenset(map("".join, zip(squeezed, squeezed[1:], squeezed[2:], strict=False))) or frozenset((squeezed,))


#: places for bits: many enough that what differs seldom shares one
_OF_PEOPLE: Final = 2048
_OF_SHAPE: Final = 1024
_ANYBODY: Final = (1 << _OF_PEOPLE) - 1
_OF_SIGNERS: Final = 62
ANYBODY: Final = (1 << _OF_SIGNERS) - 1  #: of `TitleFeatures.signers`
_SIGNING: Final = 2  #: names: the first are left out least often, and each more lets one stranger in twelve by
_BEGIN: Final = 3  #: letters of a name


def _bits(said: Iterable[str], places: int) -> int:
    """By Python's own hash: it differs between processes, which only decides what two things share a place by chance."""
    found = 0
    for some in said:
        found |= 1 << hash(some) % places
    return found


_ROMAN_LETTER: Final = re.compile(r"[a-z]")


def features_of(
    title: str, authors: Iterable[str] = (), year: int | None = None, venue: str = "", summary: str = ""
) -> TitleFeatures:
    """The words of a record, as they came. `李 明` beside an English title is nobody whom `Ming Li` could be compared with."""
    folded = _ordinals(_greek(fold(clean(joined(title)))))
    known = [named(author) for author in authors]
    names = [one.person for one in known if one.person]
    if _ROMAN_LETTER.search(folded):
        names = [one for one in names if one.isascii() or _ROMAN_LETTER.search(one)]
    said = _SAID_OF.match(folded)
    last = _SAID_LAST.search(folded) if any(map(folded.__contains__, _LAST_WORDS)) else None
    folded = folded[said.end() if said else 0 : last.start() if last else None]
    bodies = tuple(one.body for one in known if one.body)
    return TitleFeatures(folded, tuple(names), year, fold(venue)[:120], bodies, sketch_of(summary) if summary else "")


def _greek(folded: str) -> str:
    """`nf kappab` of `nf κb`: one source writes the letter, another its name. Titles in Greek stay as they are."""
    if folded.isascii() or not _ROMAN_LETTER.search(folded):
        return folded
    return folded.translate(_GREEK)


def _ordinals(folded: str) -> str:
    """`4th` of `fourth`; the first three are words like others."""
    return _ORDINAL.sub(lambda found: f"{4 + _ORDINALS.index(found.group())}th", folded) if "th" in folded else folded
