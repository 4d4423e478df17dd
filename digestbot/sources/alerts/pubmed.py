"""PubMed: My NCBI's saved searches.

A title is a link of the class `docsum-title` or with `ref="article_id=…"`, or any to `pubmed…/PMID`; below it authors, then
`Genome Biol. 2020 Mar;1:5. doi: 10.…`. Mails as text number the papers and end each with `PMID: …`; what is numbered is the
title, or where the paper stands (then the title comes in the next paragraph), or all of it in one: `Doe J. Title. Place. 2020`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from digestbot.sources.alerts.below_title import day_in
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
_NAME = r"[^\W\d_][\w' -]{0,40} [A-Z]{1,4}(?: Jr)?"
#: people, title, and where
_IN_ONE = re.compile(
    rf"({_NAME}(?:, {_NAME}){{0,60}}(?:, et al)?)\. (.{{10,400}}?[.?!]) (.{{2,120}}?\. (?:19|20)\d\d\b.*)", re.DOTALL
)
_CITED_ON = re.compile(r"(?:\d|e?pub|doi|\[|pmid|pmcid|online)", re.IGNORECASE)
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
    """A number begins a paper, whose PMID comes lines later."""
    found: list[Line] = []
    starts = [at for at, line in enumerate(lines) if _NUMBERED.match(line.text)]
    for start, end in zip([-1, *starts], [*starts, len(lines)], strict=True):
        found.extend(lines[max(start, 0) : end] if start < 0 else _paper(lines[start:end]))
    return found


def _paper(lines: Sequence[Line]) -> list[Line]:
    """Its lines, with a link on its title."""
    number = next((m[1] for line in lines[:60] if (m := _PMID.search(line.text))), "")
    if not number:
        return list(lines)
    first = (_NUMBERED.match(lines[0].text) or [lines[0].text] * 2)[1]
    rest = [line.text for line in lines[1:]]
    joined = " ".join((first, *rest[:12]))[:3000]
    if said := _IN_ONE.match(joined):
        title, below = said[2], [said[1], said[3], *rest]
    elif len(rest) > 1 and (day_in(first) or "doi:" in first):
        at = 1 if _CITED_ON.match(rest[0]) else 0  # what stands behind the place goes on over the line
        title, below = rest[at], [first, *rest[:at], *rest[at + 1 :]]
    else:
        title, below = first, rest
    anchor = Anchor(f"https://pubmed.ncbi.nlm.nih.gov/{number}/", title, "docsum-title")
    return [Line(title, (anchor,), "text"), *(Line(text, (), "text") for text in below)]


def _why(subject: str, lines: Sequence[Line]) -> str:
    said = _SEARCH.search(subject) or next((s for line in lines[:30] if (s := _SEARCH.match(line.text))), None)
    return f"new results for {quoted(said[1].removesuffix(' in PubMed'))}" if said else subject
