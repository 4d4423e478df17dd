"""What arXiv says about a paper in every one of its formats: names, addresses, and whether it still stands."""

from __future__ import annotations

import re
from dataclasses import replace

from digestbot.model import Entry, Link
from digestbot.papers.addresses import link_kind
from digestbot.papers.identity import doi, normal
from digestbot.papers.text import plain, urls_in

_OUTSIDE = re.compile(r",\s*(?![^()]*\))")
_AFFILIATION = re.compile(r"\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
#: what authors and arXiv's administrators write of the paper itself: https://info.arxiv.org/help/withdraw.html
_WITHDRAWN = re.compile(
    r"(?:\A|[.;:!]\s+|[\[(]\s*)"
    r"(?:(?:this|the|our)\s+(?:(?:arxiv|present)\s+)?(?:paper|submission|article|manuscript|work|preprint|version|e-?print|note)"
    r"\s+(?:(?:has\s+been|is|was|is\s+being|has\s+now\s+been)\s+)?(?:temporarily\s+)?(?:withdrawn|retracted)\b"
    r"(?!\s+from\s+(?!arxiv))"  # from a market, from a conference: it stands here
    r"|(?:paper\s+|submission\s+|article\s+)?(?:has\s+been\s+)?(?:withdrawn|retracted)"
    r"(?:\s+by\s+(?:(?:the\s+)?(?:first\s+)?authors?|arxiv|the\s+submitter)|\s+(?:due\s+to|because|pending|as\s+it|as\s+the)|\s*[.:;\])]|\s*\Z)"
    r"|(?:we|i|the\s+authors?)\s+(?:hereby\s+)?(?:have\s+)?(?:withdraw|withdrew|withdrawn|retract|retracted)\s+(?:this|the|our)\s+"
    r"(?:paper|submission|article|manuscript|work|preprint)\b(?!\s+from\s+(?!arxiv)))",
    re.IGNORECASE,
)
#: `This version has been withdrawn; v3 supersedes it`: a version fell, the paper stands
_SUPERSEDED = re.compile(r"\bversion\b.{0,80}\b(?:v\d|newer|later)\b", re.IGNORECASE)


def standing(comment: str, summary: str) -> str:
    """ "withdrawn" when the remark, or the beginning of the abstract, says so of the paper itself; "" otherwise.

    A withdrawn version has its notice in the comment, and often in place of the abstract. An abstract may speak of
    withdrawn drugs, so only its first words count.
    """
    said = _WITHDRAWN.search(comment) and not _SUPERSEDED.search(comment)
    return "withdrawn" if said or _WITHDRAWN.match(summary) else ""


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
    said = [Link(link_kind(u), u) for u in urls_in(summary)]
    return replace(
        entry,
        identifiers=normal(known | ({"doi": own} if own else {})),
        link=f"https://arxiv.org/abs/{plain_id}",
        links=tuple(dict.fromkeys([*links, *(x for x in said if x.rel in ("code", "project"))])),
    )


def people_of(creators: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(names, affiliations) of `A. B (Univ X, City), C. D`: commas inside parentheses do not part names."""
    names, places = [], []
    for part in _OUTSIDE.split(plain(creators)):
        places += [p.strip() for p in _AFFILIATION.findall(part)]
        if name := _AFFILIATION.sub("", part).strip():
            names.append(name)
    return tuple(dict.fromkeys(names)), tuple(dict.fromkeys(p for p in places if p))
