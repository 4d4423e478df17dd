"""PubMed: My NCBI's saved searches.

A title is a link of the class `docsum-title` or with `ref="article_id=…"`, or any to `pubmed…/PMID`; below it authors, then
`Genome Biol. 2020 Mar;1:5. doi: 10.…`. Mails as text number the papers and end each with `PMID: …`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from digestbot.sources.alerts.letter import Letter, Reading, lines_of, papers_in, quoted
from digestbot.sources.alerts.lines import Anchor, Line

SERVICE = "PubMed"
_ARTICLE = re.compile(
    r"(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/)(?:\?term=)?(\d{4,9})\b", re.IGNORECASE
)
_SIMILAR = re.compile(r"linkname=|#|/sites/|similar|cited", re.IGNORECASE)
_SEARCH = re.compile(
    r"(?:search(?: details)?|new results? for(?: your search)?|what'?s new for)\s{0,2}[:'“\"]{0,2}\s{0,3}(.{2,250})\Z",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d{1,3}[.:]\s+(.{8,500})\Z")
_PMID = re.compile(r"\bPMID:\s{0,3}(\d{4,9})", re.IGNORECASE)


def read(letter: Letter) -> Reading | None:
    """None when it is not from there."""
    if not letter.is_from("ncbi.nlm.nih.gov", "nlm.nih.gov"):
        return None
    lines = lines_of(letter)
    lines = lines if letter.html.strip() else _of_text(lines)
    none = any("no new results" in line.text.lower()[:200] for line in lines[:60])
    return papers_in(letter, SERVICE, _is_title, why=_why(letter.subject, lines), none_said=none, lines=lines)


def _is_title(anchor: Anchor, line: Line) -> bool:
    if "docsum-title" in anchor.mark or "article_id=" in anchor.mark:
        return True
    return (
        _ARTICLE.search(anchor.href) is not None
        and not _SIMILAR.search(anchor.href)
        and not anchor.text.strip().isdecimal()
    )


def _of_text(lines: Sequence[Line]) -> list[Line]:
    """`1. Title.` begins a paper whose number comes lines later."""
    found = list(lines)
    for at, line in enumerate(lines):
        if said := _NUMBERED.match(line.text):
            pmid = next((m[1] for later in lines[at : at + 30] if (m := _PMID.search(later.text))), "")
            href = f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else ""
            found[at] = Line(said[1], (Anchor(href, said[1], "docsum-title" if pmid else ""),), "text")
    return found


def _why(subject: str, lines: Sequence[Line]) -> str:
    said = _SEARCH.search(subject) or next((s for line in lines[:30] if (s := _SEARCH.match(line.text))), None)
    return f"new results for {quoted(said[1].removesuffix(' in PubMed'))}" if said else subject
