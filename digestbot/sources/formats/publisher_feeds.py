"""Read what publishers put around title and abstract of a feed's item instead of into fields.

A description is read line by line. Each line before the abstract is one kind of line, or ends the search.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from digestbot.model import PartialDate
from digestbot.papers.identity.identifiers import doi
from digestbot.papers.text.clean import plain
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import split_names

#: what an article is, or how it may be read. A correction or a comment is another work, and says so
_TYPE: Final = (
    r"(?:ASAP|PDF|HTML|(?:full |gold )?open access|early access|in press|articles?(?: in press)?|papers?|reviews?|letters?|"
    r"communications?|research|"
    r"(?:featured?|original|research|review|regular|full|short|invited) (?:articles?|papers?|research|communications?))"
)
#: MDPI: `Lakes, Vol. 5, Pages 12: The title`; ACS: `[ASAP] The title`; HAL: `[hal-04512345] The title`
_BEFORE_TITLE = re.compile(
    rf"(?:[^:]{{2,100}}, Vol\. \d+, Pages? [\w.-]+:|[\[【]{_TYPE}[\]】]|"
    r"(?:(?:full |gold )?open access|early access|research article|original (?:research )?article|featured article|article)\s?[:|]|"
    r"\[(?:[a-z]{2,12}-\d{6,9}|(?:arXiv:)?\d{4}\.\d{4,5})(?:v\d{1,3})?\])\s*+(?=\S)",
    re.IGNORECASE,
)
_SIGN = re.compile(r"[]】:|]")  #: with which each of these ends
#: `The title [Article]`, `The title (Open Access)`, `The title (arXiv:2611.01234)`
_BEHIND_ALONE = re.compile(
    rf"(?<=\S)\s(?:\[{_TYPE}\]|\((?:full |gold )?open access\)|[\[(]arXiv:\s?\d{{4}}\.\d{{4,5}}(?:v\d{{1,3}})?[)\]])\Z",
    re.IGNORECASE,
)
#: NBER: `The title -- by Ada Meier, Bo Huber`
_BEHIND_TITLE = re.compile(r"\s--\s+by\s+(?=\S)")
#: EPrints: `Meier, Ada and Huber, Bo (2026) The title. Journal of Lakes, 12 (3). pp. 45-50.`
_CITATION = re.compile(
    r"([^()]{2,80}, [^()]{1,600}?) \((?:19|20)\d\d\) (.{8,400}?)(?:[.](?: .{0,300})?|(?<=[?!]) .{3,300})\Z"
)
#: arXiv's feeds until 2024, in saved files and mirrors: `The title (arXiv:2303.00011v1 [math.QA] UPDATED)`
_ARXIV_BEHIND = re.compile(
    r"(?<![\s.])[\s.]*+\(arXiv:([^\s()]{1,60})\s+\[([\w.-]{1,60})\](?:\s+(UPDATED|CROSS LISTED))?\)\s*\Z"
)
_ANNOUNCED: Final = {"UPDATED": "replace", "CROSS LISTED": "cross", None: "new"}
#: https://pubmed.ncbi.nlm.nih.gov ("Create RSS"): where the article stands, its abstract, its numbers
_PUBMED_HEAD = re.compile(r".{0,1500}?\b(?:NO ABSTRACT|ABSTRACT)\b")
_PUBMED_TAIL = re.compile(r"PMID:\s*\d+(?:\s*\|\s*(?:PMC|DOI):\s*(?:[^\s|]|\|(?!\s*(?:PMC|DOI):))++)*+")
_LINE_ENDS = re.compile(r"</?(?:p|div|br|h[1-6])\b[^<>]*>", re.IGNORECASE)
_HEADING = re.compile(
    r"\s*(?:<[^<>]{1,200}>\s*){0,4}<(b|strong|h[1-6]|div|p|span)\b[^<>]{0,200}>\s*(?:(?:Graphical|Visual)\s{1,9})?Abstract\s*+(?:[:.]\s*+)?</\1\s*>",
    re.IGNORECASE,
)
_LABELLED: Final = {
    "authors": re.compile(r"(?:Author(?:s|\(s\))?|By):\s*(.+)"),
    "day": re.compile(r"Publication date:\s*(?:Available online\s+)?(.+)"),
    "venue": re.compile(
        r"(?:Source|Journal(?: Name)?):\s*(?:((?!Volume\b|Issue\b).+?),?\s*)?(?:\b(?:Volume|Issue|Part)\b.*)?"
    ),
    "issue": re.compile(r"(?:Volume|Issue|Pages?|Year):\s?[\w .()/–-]{1,30}"),
    "heading": re.compile(r"(?:(?:Graphical|Visual) )?Abstract[:.]?", re.IGNORECASE),
}
_ABSTRACT = re.compile(
    r"(?:(?:Graphical|GRAPHICAL|Visual|VISUAL) )?(?:Abstract|ABSTRACT)(?:\s*[:.—]\s*|\s+(?=[A-Z]))(?=\S)"
)
_EASTERN_ABSTRACT = re.compile(r"[\[【]?\s*+(?:摘\s*+要|要\s*+旨|초\s*+록)\s*+[\]】]?\s*+[:：]?\s*+(?=\S)")
#: the address of a picture instead of an abstract (Cambridge), and what says that something stood before (HAL)
_NOT_SAID = re.compile(r"\A(?:(?:https?:)?//\S+\Z|\[(?:\.\.\.|…)\]\s*)")
_DOI_LINE = re.compile(
    r"(?:(?:doi|DOI)\s*+:?\s*+(?:https?://(?:dx\.)?doi\.org/)?|https?://(?:dx\.)?doi\.org/)(10\.\d{4,9}/\S+?)(?:, [A-Z][a-z ]{2,30})?"
)
#: labels that stand in one line: Pensoft's, where a reader has lost the ends of its lines
_LABELS_INSIDE = re.compile(r"\s(?=(?:DOI|Authors?|Author\(s\)|Abstract):\s)")
#: a line that says how an article may be read, and nothing of it
_LICENCE = re.compile(
    r"(?:full |gold )?open access|this article is licensed under a creative commons .{0,120}", re.IGNORECASE
)
_ISSUE = r"(?:Issue|Number|Part|Article|Pages?)\s+[\w.()–-]{1,30}"
_WHEN = r"(?:[A-Z][a-z]{2,8}\s+\d{1,2},\s+\d{4}|(?:\d{1,2}\s+)?(?:[A-Z][a-z]{2,8}(?:[/–-][A-Z][a-z]{2,8})?\s+)?\d{4})"
LONGEST_PLACE = 400  #: characters of a line that says where an article stands
#: where an article stands, in a line of its own
_PLACES: Final = (
    re.compile(r"(?P<venue>.{3,100}?),\s+\d{4},\s+(?:Advance Article|Accepted Manuscript|\d{1,4}(?:,\s*[\w–-]{1,20})?)"),  # RSC
    re.compile(r"(?P<venue>.{2,100}?)\s+\d{4};\s*\d{1,4}(?:\([\w/ -]{1,12}\))?:\s*[\w-]{1,20}\.?"),  # Thieme
    # Taylor & Francis, Wiley, SAGE, PNAS, ACM: `TAXON, Volume 70, Issue 6, Page 1376-1377, December 2021.`
    # J-STAGE: `2026 Volume 1 Issue 2 Pages 12-20`
    re.compile(
        rf"(?:(?P<venue>.{{2,150}}?),\s+|\d{{4}}\s+)?Volume\s+[\w.-]{{1,12}}(?:,?\s+(?:{_ISSUE}|{_WHEN}|Ahead of Print))*\s*\.?"
    ),
    re.compile(
        r"(?P<venue>.{2,150}?),\s+(?:Ahead of Print|Early ?View|Accepted Articles?|Online ?First|Just Accepted|Latest Articles|"
        r"Advance Articles?|First ?View|In Press|Volume 0)\s*\.?"
    ),
    re.compile(  # Pensoft
        r"(?P<venue>\D.{1,100}?[^\s,;])\s+\d{1,5}(?:\(\d{1,4}\))?:\s*(?:e\d{1,7}|\d{1,7}\s?[-–]\s?\d{1,7})\.?"
    ),
)  # fmt: skip
#: lines behind an abstract
_TAILS: Final = (
    re.compile(r"\[[^\[\]]{5,100}\] [Pp]ublished \w{3} \w{3} \d{1,2}, \d{4}"),  # APS: `[Phys. Rev. X 5, 012345] Published Tue …`
    re.compile(r"(?:HTML|XML|PDF|EPUB)(?:[\s|/,]+(?:HTML|XML|PDF|EPUB))*"),
    re.compile(r"(?:Table of contents|Abstract|Full text)(?:\s*\|\s*(?:Table of contents|Abstract|Full text|HTML|PDF))*"),
    re.compile(r"(?:Article in Thieme eJournals|To cite this article before page numbers|The content of this RSS Feed \(c\)).{0,200}"),
    re.compile(r"(?:© )?(?:\d{4}\. )?(?:Georg )?Thieme\b.{0,120}"),
    re.compile(r"(?:Read more|Continue reading|Keep reading|Full article|View article|Download PDF)\b.{0,200}", re.IGNORECASE),
    re.compile(r"The post .{1,400}? (?:first )?appeared (?:first )?on .{1,200}"),
    re.compile(r".{1,400}? was originally published in .{1,150} on Medium, where .{0,200}"),
)  # fmt: skip
_FORMATS_BEHIND = re.compile(r"(?:\s(?:HTML|XML|PDF)){2,3}\Z")
#: the ACL Anthology: the whole description is `Ada Meier, Bo Huber in Proceedings of the 8th Conference on Lakes`
_IN_PROCEEDINGS = re.compile(
    r"(.{3,2000}?) in ((?:Proceedings|Findings|Transactions|Actes|Computational Linguistics|Northern European Journal)\b.{0,300})"
)
_ONLINE = re.compile(r", Published online: .{6,20}; doi:")  #: Nature's, with nothing behind it
#: `Key words: ice, ponds` behind the last sentence of an abstract
_KEYWORDS = re.compile(
    r"(?<=[.!?。])\s{0,3}(?:Key\s?words?(?: and phrases)?|KEY\s?WORDS?|Index Terms|Mots[- ]cl[ée]s|Palabras clave|Palavras[- ]chave|"
    r"Parole chiave|Schlagw[öo]rter|Schlüsselwörter|Ключевые слова|关键词|關鍵詞|キーワード)\s?[:：—–]\s?([^.!?:。]{3,400})\.?\s?\Z"
)
_BEHIND_LABEL = ":：—–"  #: one of these stands in `_KEYWORDS`
_BETWEEN_KEYWORDS = re.compile(r"[,;，；、·•|]")
#: where a title begins with its authors: `Ada Meier & Bo Huber: The title`
_AUTHORS_FIRST = re.compile(r"(?:https?://)?(?:www\.)?(?:philpapers|philarchive)\.org/")
_PARTICLE = r"(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|el|al|bin|ibn|ten|ter|zu|zur|y|e)"
_NAME_WORD = r"(?:(?!\d)[^\W_](?:[^\W\d_]|[.'’‐-])*)"
_NAME = re.compile(rf"{_NAME_WORD}(?:\s+{_NAME_WORD}){{1,5}}")
_SMALL = re.compile(rf"(?<![\w'’‐-])(?!{_PARTICLE}\b)[a-z]")
_LISTED = 450  #: characters of an abstract's end in which keywords may stand
_HEAD = 6  #: lines before an abstract, at most
_SHORT = 300  #: characters of a line with the DOI
_LABEL = 120  #: characters of a line that says nothing we know
_SENTENCE_END = re.compile(r"[.!?…]\Z")
#: kinds of lines that alone tell a publisher's description from a post
_TELLING: Final = frozenset({"issue", "authors", "by", "doi", "place", "names"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a description says, each in its place."""

    abstract: str = ""
    authors: tuple[str, ...] = ()
    published: PartialDate | None = None
    venue: str = ""
    doi: str = ""  #: the item's own, where nothing but the description has it


def title_alone(title: str) -> str:
    """Returns the title without the journal or the marks around it."""
    for _ in range(3):
        found = _BEFORE_TITLE.match(title) if _SIGN.search(title) else None
        title = title[found.end() :] if found else title
    return _BEHIND_ALONE.sub("", title, count=1) if title.endswith(("]", ")")) else title


def title_and_authors(title: str, link: str = "") -> tuple[str, tuple[str, ...]]:
    """(title, authors) of a title that names its authors behind it or before it; () where it names none."""
    if _AUTHORS_FIRST.match(link):
        first, colon, rest = title.partition(": ")
        people = _names_in(first) if colon else ()
        if people:
            return rest, people
        return title, ()
    if (cited := _CITATION.match(title)) and (people := _names_in(cited[1])):
        return cited[2], people
    found = _BEHIND_TITLE.search(title)
    names = _names_in(title[found.end() :]) if found else ()
    return (title[: found.start()], names) if found and names else (title, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ArxivTitle:
    """The parts of a title in arXiv's feeds until 2024."""

    title: str
    identifier: str  #: with its version
    category: str
    announce_type: str


def arxiv_title(title: str) -> ArxivTitle | None:
    """The parts of a title of arXiv's old feeds; None for all other titles."""
    found = _ARXIV_BEHIND.search(title) if "(arXiv:" in title else None
    if found is None:
        return None
    identifier, category, word = found.groups()
    kind = _ANNOUNCED[word]
    return ArxivTitle(title=title[: found.start()], identifier=identifier, category=category, announce_type=kind)


def without_keywords(abstract: str) -> tuple[str, tuple[str, ...]]:
    """(abstract, keywords): what authors list behind their abstract is no sentence of it."""
    begin = max(0, len(abstract) - _LISTED)
    labelled = any(abstract.find(sign, begin) >= 0 for sign in _BEHIND_LABEL)
    found = _KEYWORDS.search(abstract, begin) if labelled else None
    if found is None:
        return abstract, ()
    return abstract[: found.start()], tuple(word for one in _BETWEEN_KEYWORDS.split(found[1]) if (word := one.strip()))


def pubmed_abstract(content: str) -> str | None:
    """Returns the abstract in an item of PubMed's own feeds, "" where it has none, None for any other text."""
    begin, end = _PUBMED_HEAD.match(content), content.rfind("PMID:")
    return content[begin.end() : end].strip() if begin and _PUBMED_TAIL.fullmatch(content, max(end, 0)) else None


def described(html: str, title: str, authors: Sequence[str], own: str) -> Described:
    """The abstract alone, and what stood around it in lines of their own. `own`: the item's DOI, "" when unknown."""
    heading = _HEADING.match(html)
    html = html[heading.end() :] if heading else html
    whole = plain(html)
    if not authors and (found := _IN_PROCEEDINGS.fullmatch(whole)) and (names := _names_in(found.group(1))):
        return Described(authors=names, venue=found.group(2))
    lines = list(_lines(html, title))
    kinds = _kinds(lines[:_HEAD], title, authors, own)
    stop = next((at for at, kind in enumerate(kinds) if not kind and not _is_label(lines[at])), len(kinds))
    head = max((at for at, kind in enumerate(kinds[:stop], 1) if kind), default=0)
    tail = len(list(takewhile(_is_tail, reversed(lines[head:]))))
    if not head and not tail:
        return Described(abstract=_without_label(" ".join(lines) if _LICENCE.match(whole) else whole))
    abstract = _without_label(" ".join(lines[head : len(lines) - tail]))
    return _sorted_out(kinds[:head], lines, _FORMATS_BEHIND.sub("", abstract) if head else abstract)


def _sorted_out(kinds: Sequence[str], lines: Sequence[str], abstract: str) -> Described:
    """Puts what the lines of the head say into fields, by their kinds."""
    said = dict(zip(kinds, lines, strict=False))
    day, venue = _LABELLED["day"].fullmatch(said.get("day", "")), _LABELLED["venue"].fullmatch(said.get("venue", ""))
    place = _place(said.get("place", ""))
    own = _DOI_LINE.fullmatch(said.get("doi", ""))
    return Described(
        abstract=abstract,
        authors=tuple(_named(kinds, lines)),
        published=date_of(day.group(1)) if day else None,
        venue=(venue.group(1) or "") if venue else (place["venue"] or "") if place else said.get("journal", ""),
        doi=doi(own.group(1)) or "" if own else "",
    )


def _lines(html: str, title: str) -> Iterator[str]:
    """The lines of a description, without those that hold neither letter nor digit."""
    parts = _LINE_ENDS.split(html)
    if len(parts) == 1 and "\n" in html.strip() and _is_in_lines(html, title):
        parts = html.splitlines()
    for part in parts:
        line = plain(part)
        inside = _LABELS_INSIDE.split(line) if "Author" in line and "Abstract: " in line else [line]
        yield from (one for one in inside if any(map(str.isalnum, one)) and not _LICENCE.fullmatch(one))


def _is_in_lines(text: str, title: str) -> bool:
    """Do the ends of its lines mean something? Pensoft's name each part, DSpace's begin with the title, RePEc's with authors."""
    first = plain(text.strip().partition("\n")[0])
    if first == title or _LABELLED["authors"].fullmatch(first):
        return True
    return bool(_DOI_LINE.search(text) and _LABELLED["authors"].search(text))


def _kinds(lines: Sequence[str], title: str, authors: Sequence[str], own: str) -> list[str]:
    """Returns the kind of each line. Title, source or date alone prove nothing: a post may begin with them too."""
    kinds = [_kind(line, title, authors, own) for line in lines]
    _mark_names(kinds, lines, authors)
    if "place" not in kinds and sum(kind in ("authors", "names", "day", "venue", "issue") for kind in kinds) < 2:
        kinds = ["" if kind in ("day", "venue", "issue") else kind for kind in kinds]
    if kinds == ["doi"] and not _ONLINE.search(lines[0]):  # "Our paper is out: doi:…" is all that a post says
        return []
    if not own and not {"authors", "place", "names"} & {
        *kinds
    }:  # a DOI that nothing ties to the item is one it speaks of
        kinds = ["" if kind == "doi" else kind for kind in kinds]
    return kinds if _TELLING & {*kinds} else []


def _mark_names(kinds: list[str], lines: Sequence[str], authors: Sequence[str]) -> None:
    """A line of names without a label, known by the lines around it."""
    if kinds[:3] == ["title", "", "doi"] and not _SENTENCE_END.search(lines[1]):  # Copernicus
        kinds[1] = "names"
    elif kinds[:2] == ["", "doi"] and not authors and len(_names_in(lines[0])) > 1:
        kinds[0] = "names"
    elif kinds[:2] == ["", "doi"] and _is_label(lines[0]) and not _names_in(lines[0]):  # ACS
        kinds[0] = "journal"
    elif kinds[:3] == ["place", "doi", ""] and not authors and _names_in(lines[2]):  # RSC
        kinds[2] = "names"
    elif kinds[:2] == ["title", ""] and not authors and len(lines) > 2 and _names_in(lines[1]):  # SSRN, DSpace
        kinds[1] = "names"
    elif kinds[:2] == ["", "venue"] and not authors and _names_in(lines[0].rstrip(".")):  # Project Euclid
        kinds[0] = "names"


def _kind(line: str, title: str, authors: Sequence[str], own: str) -> str:
    """What a line before the abstract holds; "" for none of these."""
    if line == title or (line in title and line == title_alone(title)):
        return "title"
    for kind, pattern in _LABELLED.items():
        if pattern.fullmatch(line):
            return kind
    if line.startswith("by "):  # PLOS
        return (
            ("by" if all(name in line for name in authors) else "") if authors else "names" * bool(_names_in(line[3:]))
        )
    if len(line) <= _SHORT and (_place(line) is not None):
        return "place"
    named = doi(line) if len(line) <= _SHORT else None
    return "doi" if named and (named == own if own else _DOI_LINE.fullmatch(line)) else ""


def _place(line: str) -> re.Match[str] | None:
    return (
        next((found for pattern in _PLACES if (found := pattern.fullmatch(line))), None)
        if 0 < len(line) <= LONGEST_PLACE
        else None
    )


def _is_label(line: str) -> bool:
    """The name of a journal, and no short abstract."""
    return len(line) <= _LABEL and not _SENTENCE_END.search(line) and not _ABSTRACT.match(line)


def _is_tail(line: str) -> bool:
    return len(line) <= 2 * _SHORT and any(pattern.fullmatch(line) for pattern in _TAILS)


def _without_label(abstract: str) -> str:
    """Without the word `Abstract` before it, where a sentence follows: Wiley's, Pensoft's."""
    abstract = _NOT_SAID.sub("", abstract)
    if found := _EASTERN_ABSTRACT.match(abstract):
        return abstract[found.end() :]
    found = _ABSTRACT.match(abstract)
    sentence = found is not None and len(abstract) > found.end() + 60 and abstract[found.end() - 1] != "—"
    labelled = found is not None and found.group().rstrip().endswith((":", "."))
    return abstract[found.end() :] if found is not None and (labelled or sentence) else abstract


def _named(kinds: Sequence[str], lines: Sequence[str]) -> Iterable[str]:
    for kind, line in zip(kinds, lines, strict=False):
        if kind == "names":
            return split_names(line.removeprefix("by ").rstrip("."))
        if kind == "authors" and (found := _LABELLED["authors"].fullmatch(line)):
            return split_names(found.group(1))
    return ()


def _names_in(line: str) -> tuple[str, ...]:
    """The people of a line that holds names and nothing else; () for all other lines."""
    names = tuple(split_names(line))
    people = all(len(name) <= _LABEL and _NAME.fullmatch(name) and not _SMALL.search(name) for name in names)
    return names if names and people else ()
