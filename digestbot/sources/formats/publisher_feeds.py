"""What publishers put around the title and the abstract of an item in their feeds, and into no field of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digestbot.model import PartialDate
from digestbot.papers.identity.identifiers import doi
from digestbot.papers.text.clean import plain
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import split_names

#: MDPI: `Lakes, Vol. 5, Pages 12: The title`; ACS: `[ASAP] The title`
_BEFORE_TITLE = re.compile(r"(?:[^:]{2,100}, Vol\. \d+, Pages? [\w.-]+:|\[ASAP\])\s+(?=\S)")
#: https://pubmed.ncbi.nlm.nih.gov ("Create RSS"): where the article stands, its abstract, its numbers
_PUBMED_HEAD = re.compile(r".{0,1500}?\b(?:NO ABSTRACT|ABSTRACT)\b")
_PUBMED_TAIL = re.compile(r"PMID:\s*\d+(?:\s*\|\s*(?:PMC|DOI):\s*\S+)*")
_LINE_ENDS = re.compile(r"</?(?:p|div|br|h[1-6])\b[^<>]*>", re.IGNORECASE)
_HEADING = re.compile(
    r"\s*(?:<[^<>]{1,200}>\s*){0,4}<(b|strong|h[1-6]|div|p|span)\b[^<>]{0,200}>\s*Abstract\s*+(?:[:.]\s*+)?</\1\s*>",
    re.IGNORECASE,
)
_AUTHORS = re.compile(r"Author(?:s|\(s\)):\s*(.+)")
_DAY = re.compile(r"Publication date:\s*(?:Available online\s+)?(.+)")
_VENUE = re.compile(r"Source:\s*(.+?)(?:,\s*(?:Volume|Issue|Part)\b.*)?")
#: APS: `[Phys. Rev. X 5, 012345] Published Tue Nov 24, 2026`
_PLACE = re.compile(r"\[[^\[\]]{5,100}\] Published \w{3} \w{3} \d{1,2}, \d{4}")
_ONLINE = re.compile(r", Published online: .{6,20}; doi:")  #: Nature's, with nothing behind it
_HEAD = 6  #: lines before an abstract, at most
_SHORT = 300  #: characters of a line with the DOI
_LABEL = 120  #: characters of a line that says nothing we know
_SENTENCE_END = re.compile(r"[.!?…]\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a description says, each in its place."""

    abstract: str = ""
    authors: tuple[str, ...] = ()
    published: PartialDate | None = None
    venue: str = ""


def title_alone(title: str) -> str:
    """Without what stands before it."""
    found = _BEFORE_TITLE.match(title)
    return title[found.end() :] if found else title


def pubmed_abstract(content: str) -> str | None:
    """Of the whole content of an item of PubMed's own feeds; "" where it has none, None for any other text."""
    begin, end = _PUBMED_HEAD.match(content), content.rfind("PMID:")
    return content[begin.end() : end].strip() if begin and _PUBMED_TAIL.fullmatch(content, max(end, 0)) else None


def described(html: str, title: str, authors: Sequence[str], own: str) -> Described:
    """The abstract without title, names, date and DOI (`own`) in lines of their own before it, and what they said."""
    heading = _HEADING.match(html)
    html = html[heading.end() :] if heading else html
    lines = [line for part in _LINE_ENDS.split(html) if (line := plain(part))]
    kinds = _kinds(lines[:_HEAD], title, authors, own)
    stop = next((at for at, kind in enumerate(kinds) if not kind and not _is_label(lines[at])), len(kinds))
    head = max((at for at, kind in enumerate(kinds[:stop], 1) if kind), default=0)
    tail = 1 if len(lines) > head and _PLACE.fullmatch(lines[-1]) else 0
    if not head and not tail:
        return Described(abstract=plain(html))
    said = dict(zip(kinds[:head], lines, strict=False))
    day, venue = _DAY.fullmatch(said.get("day", "")), _VENUE.fullmatch(said.get("venue", ""))
    return Described(
        abstract=" ".join(lines[head : len(lines) - tail]),
        authors=tuple(_named(kinds[:head], lines)),
        published=date_of(day.group(1)) if day else None,
        venue=venue.group(1) if venue else "",
    )


def _kinds(lines: Sequence[str], title: str, authors: Sequence[str], own: str) -> list[str]:
    """One a line. A post may begin with its title, its source or a date as well: alone they say nothing."""
    kinds = [_kind(line, title, authors, own) for line in lines]
    if sum(kind in ("authors", "day", "venue") for kind in kinds) < 2:
        kinds = ["" if kind in ("day", "venue") else kind for kind in kinds]
    if kinds == ["doi"] and not _ONLINE.search(lines[0]):  # "Our paper is out: doi:…" is all that a post says
        return []
    if kinds[:3] == ["title", "", "doi"] and not _SENTENCE_END.search(lines[1]):  # Copernicus
        kinds[1] = "names"
    return kinds if {"authors", "by", "doi"} & {*kinds} else []


def _kind(line: str, title: str, authors: Sequence[str], own: str) -> str:
    """What a line before the abstract holds; "" for none of these."""
    if line == title or line == title_alone(title):
        return "title"
    for kind, pattern in (("authors", _AUTHORS), ("day", _DAY), ("venue", _VENUE)):
        if pattern.fullmatch(line):
            return kind
    if line.startswith("by ") and authors and all(name in line for name in authors):  # PLOS
        return "by"
    return "doi" if own and len(line) <= _SHORT and doi(line) == own else ""


def _is_label(line: str) -> bool:
    """The name of a journal, and no short abstract."""
    return len(line) <= _LABEL and not _SENTENCE_END.search(line)


def _named(kinds: Sequence[str], lines: Sequence[str]) -> Iterable[str]:
    for kind, line in zip(kinds, lines, strict=False):
        if kind == "names":
            return split_names(line)
        if kind == "authors" and (found := _AUTHORS.fullmatch(line)):
            return split_names(found.group(1))
    return ()
