"""What arXiv says about a paper in every one of its formats: names, addresses, and whether it still stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from digestbot.model import Entry, Link
from digestbot.papers.identity.identifiers import doi, normal
from digestbot.papers.identity.urls import link_kind
from digestbot.papers.text.author_lists import outermost_brackets
from digestbot.papers.text.clean import plain, urls_in
from digestbot.papers.text.person_names import are_others, is_suffix
from digestbot.sources.values.fields import web_address

_COMMA = re.compile(r",\s*")
_SENTENCE = re.compile(r",\s*(?:and\s+)?|(?<!\s)\s++and\s+")
#: the number of an affiliation, which a list behind all names explains: `((1) MIT, (2) ETH)`
_LABEL = r"(?:\d{1,3}|[A-Za-z]|[*†‡§¶]+)"
_LABELS = re.compile(rf"{_LABEL}(?:\s*(?:,|;|&|\band\b)\s*{_LABEL})*")
_IN_WHOSE_NAME = re.compile(r"(?:for|on behalf of|representing) the\b", re.IGNORECASE)  #: a group, and no place
_EXPLAINED = re.compile(rf"\(\s*{_LABEL}\s*\)")
_THING = r"(?:paper|submission(?!\s+to\s+(?!arxiv))|article|manuscript|work|pre-?print|version|e-?print|note)"
#: from a market, from a conference: it stands here
_HERE = r"(?!(?:\s+by\s+(?:[\w-]+\s+){0,2}[\w-]+)?\s+from\s+(?!(?:the\s+)?(?:arxiv|biorxiv|medrxiv)\b))"
_FALLEN = rf"(?:temporarily\s+)?(?:withdrawn|retracted)\b{_HERE}"
_BEEN = r"(?:has\s+been|has\s+now\s+been|have\s+been|is|was|is\s+being)\s+"
#: what authors, servers and administrators write of the paper itself: https://info.arxiv.org/help/withdraw.html,
#: https://www.biorxiv.org/about/FAQ (`Can I remove an article?`)
_WITHDRAWN = re.compile(
    r"(?:\A|[.;:!]\s+|[\[(]\s*)(?:v\d+\s*:?\s+)?"
    rf"(?:(?:this|the|our)\s+(?:(?:arxiv|present)\s+)?{_THING}\s+(?:{_BEEN})?{_FALLEN}"
    rf"|(?:{_THING}\s+)?(?:{_BEEN})?{_FALLEN}"
    r"(?:\s+by\s+(?:(?:the\s+)?(?:(?:first|corresponding)\s+)?authors?|arxiv|the\s+submitter)"
    r"|\s+(?:due\s+to|owing\s+to|because|pending|as\s+it|as\s+the)|\s+from\s+(?:arxiv|biorxiv|medrxiv)|\s*[.;:\])]|\s*\Z)"
    r"|(?:we|i|(?:the|all)\s+(?:(?:first|corresponding)\s+)?authors?|arxiv|biorxiv|medrxiv)\s+(?:hereby\s+)?(?:have\s+|has\s+|are\s+|am\s+)?"
    r"(?:(?:decided|chosen|wish|want|would\s+like)\s+to\s+)?"
    rf"(?:withdraw|withdrew|withdrawn|withdrawing|retract|retracted|retracting)\s+(?:this|the|our|their)\s+{_THING}\b{_HERE}"
    rf"|(?:bio|med)rxiv\s+has\s+removed\s+this\s+{_THING}\b"
    rf"|(?:withdrawing|retracting)\s+(?:this|the|our)\s+{_THING}\b{_HERE}"
    r"|withdrawal\s+(?:statement|notice)\s*(?:[:.–—-]|(?:the|this|we|our|biorxiv|medrxiv)\b|\Z))",
    re.IGNORECASE,
)
_READ = 4_000  #: characters in which a notice is looked for
#: `This version has been withdrawn; v3 supersedes it`: a version fell, the paper stands
_SUPERSEDED = re.compile(r"\b(?:version|v\d+)\b.{0,80}\b(?:v\d+|newer|later)\b", re.IGNORECASE)


def standing(comment: str, summary: str) -> str:
    """ "withdrawn" when the remark, or the beginning of the abstract, says so of the paper itself; "" otherwise.

    A withdrawn version has its notice in the comment, and often in place of the abstract. An abstract may speak of
    withdrawn drugs, so only its first words count.
    """
    remark, first = (" ".join(text[:_READ].split()) for text in (comment, summary))
    said = _WITHDRAWN.search(remark)
    fallen = said is not None and not _SUPERSEDED.search(remark, said.start())
    return "withdrawn" if fallen or _WITHDRAWN.match(first) else ""


def with_links(entry: Entry, named: tuple[str, int | None] | None, summary: str) -> Entry:
    """Identifiers, and the addresses arXiv has for every paper; code and project pages out of the abstract."""
    if named is None:
        return entry
    plain_id, version = named
    known = {"arxiv": plain_id} | ({"arxiv_version": str(version)} if version else {})
    own = next(
        (d for x in entry.links if "doi.org/" in x.href and (d := doi(x.href)) and "48550" not in d), None
    ) or entry.identifiers.get("doi")
    links = [
        Link(rel, f"https://arxiv.org/{path}/{plain_id}")
        for rel, path in (("abstract", "abs"), ("pdf", "pdf"), ("html", "html"))
    ]
    said = [Link(link_kind(u), u) for u in urls_in(summary) if web_address(u)]
    return replace(
        entry,
        identifiers=normal(known | ({"doi": own} if own else {})),
        link=f"https://arxiv.org/abs/{plain_id}",
        links=tuple(dict.fromkeys([*links, *(x for x in said if x.rel in ("code", "project"))])),
    )


def people_of(creators: str, *, sentence: bool = False) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(names, affiliations) of `A. B (Univ X, City), C. D`; of a sentence `A. B and C. D` too. What stands in
    parentheses parts no names; two people may have one name."""
    names: list[str] = []
    places: list[str] = []
    for part in _parted(plain(creators), _SENTENCE if sentence else _COMMA):
        name = ""
        for text, inside in _brackets(part):
            name += text
            places += _places(inside)
        name = " ".join(name.split())
        if names and is_suffix(name):
            names[-1] += f", {name}"
        elif name and not are_others(name):
            names.append(name)
    return tuple(names), tuple(dict.fromkeys(places))


def _places(inside: str) -> list[str]:
    """What one pair of parentheses says of places."""
    if _LABELS.fullmatch(inside) or are_others(inside) or _IN_WHOSE_NAME.match(inside):
        return []
    listed = _EXPLAINED.split(inside) if _EXPLAINED.match(inside) else [inside]
    return [p for place in listed if (p := re.sub(r"(?<![\s,;])[\s,;]++(?:and\s*+)?\Z", "", place).strip(" ,;"))]


def _brackets(part: str) -> Iterator[tuple[str, str]]:
    """Pieces of (what stands before parentheses, what inside), in order."""
    at = 0
    for begin, end in outermost_brackets(part):
        yield part[at:begin], part[begin + 1 : end].strip()
        at = end + 1
    yield part[at:], ""


def _parted(text: str, separator: re.Pattern[str]) -> Iterator[str]:
    """The text parted wherever this stands outside of parentheses."""
    outside = text
    for begin, end in reversed(outermost_brackets(text)):
        outside = outside[:begin] + "(" * (end + 1 - begin) + outside[end + 1 :]
    at = 0
    for found in separator.finditer(outside):
        yield text[at : found.start()]
        at = found.end()
    yield text[at:]
