"""What arXiv says about a paper in every one of its formats: names, addresses, and whether it still stands."""

from __future__ import annotations

import re
from dataclasses import replace

from digestbot.model import Entry, Link, LinkRel, Standing
from digestbot.papers.identity.identifiers import doi, normal
from digestbot.papers.identity.urls import link_kind
from digestbot.papers.text.clean import urls_in
from digestbot.sources.values.fields import web_address

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


def standing(comment: str, summary: str) -> Standing:
    """WITHDRAWN when the remark, or the beginning of the abstract, says so of the paper itself; STANDS otherwise.

    A withdrawn version has its notice in the comment, and often in place of the abstract. An abstract may speak of
    withdrawn drugs, so only its first words count.
    """
    remark, first = (" ".join(text[:_READ].split()) for text in (comment, summary))
    said = _WITHDRAWN.search(remark)
    fallen = said is not None and not _SUPERSEDED.search(remark, said.start())
    return Standing.WITHDRAWN if fallen or _WITHDRAWN.match(first) else Standing.STANDS


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
        for rel, path in ((LinkRel.ABSTRACT, "abs"), (LinkRel.PDF, "pdf"), (LinkRel.HTML, "html"))
    ]
    said = [Link(link_kind(u), u) for u in urls_in(summary) if web_address(u)]
    return replace(
        entry,
        identifiers=normal(known | ({"doi": own} if own else {})),
        link=f"https://arxiv.org/abs/{plain_id}",
        links=tuple(dict.fromkeys([*links, *(x for x in said if x.rel in (LinkRel.CODE, LinkRel.PROJECT))])),
    )
