"""ScienceDirect: search alerts, and volumes and articles in press of Elsevier's journals.

A title is a link to `/science/article/pii/…`, inside an `h2` (since August 2018) or with the words in `artTitle` (before), often
behind `awstrack.me` or `click.notification.elsevier.com/CL0/`. Below it the type, the volume, the authors.
"""

from __future__ import annotations

import re

from digestbot.sources.alerts.letter import Letter, Reading, lines_of, papers_in, quoted
from digestbot.sources.alerts.lines import Anchor, Line
from digestbot.sources.alerts.links import is_tracker, unwrapped

SERVICE = "ScienceDirect"
_ARTICLE = re.compile(r"science(?:%2F|/)article(?:%2F|/)|_piikey=|/retrieve/pii/", re.IGNORECASE)
_SEARCH = re.compile(
    r"(?:results for search alert:?|search alert:|new results? for|access (?:the|all \d{1,5}) new results?)\s{0,3}(.{2,200})?\Z",
    re.IGNORECASE,
)


def read(letter: Letter) -> Reading | None:
    """None when it is not from there; Scopus, which shares a domain with it, has a file of its own."""
    if not (letter.is_from("sciencedirect.com") or letter.sender.startswith("sciencedirect@")):
        return None
    lines = lines_of(letter)
    return papers_in(letter, SERVICE, _is_title, why=_why(letter.subject, lines), lines=lines)


def _is_title(anchor: Anchor, line: Line) -> bool:
    """Inside a heading a link of the counter's is a title too: its place is not known then."""
    if _ARTICLE.search(anchor.href):
        return True
    return line.block == "h2" and unwrapped(anchor.href) == "" and is_tracker(anchor.href)


def _why(subject: str, lines: list[Line]) -> str:
    for at, line in enumerate(lines[:40]):
        if said := _SEARCH.search(line.text):
            words = said[1] or (lines[at + 1].text if at + 1 < len(lines) else "")
            return f"new results for {quoted(words)}" if words else subject
    return subject
