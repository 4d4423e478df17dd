"""Semantic Scholar: feeds, and alerts of an author, a paper's citations or a search.

A title is a link of the class `paper-link`, or any link to `/paper/…`; below it authors, then venue and year, then `TLDR`.
"""

from __future__ import annotations

import re

from digestbot.sources.alerts.letter import Letter, Reading, papers_in, quoted
from digestbot.sources.alerts.lines import Anchor, Line

SERVICE = "Semantic Scholar"
_PAPER = re.compile(r"https?://(?:www\.)?semanticscholar\.org/(?:reader/|p/|paper/|arxiv/)", re.IGNORECASE)
_CITED = re.compile(
    r"(?:new citations?|cited|citation alert)\b.{0,30}?(?:for|of|by|to|:)\s{0,2}(.{3,250})\Z", re.IGNORECASE
)
_AUTHOR = re.compile(
    r"(?:new (?:papers?|publications?)|author alert)\b.{0,20}?(?:by|from|for|:)\s{0,2}(.{3,200})\Z", re.IGNORECASE
)


def read(letter: Letter) -> Reading | None:
    """None when it is not from there."""
    if not letter.is_from("semanticscholar.org"):
        return None
    return papers_in(letter, SERVICE, _is_title, why=_why(letter.subject))


def _is_title(anchor: Anchor, line: Line) -> bool:
    return "paper-link" in anchor.mark or _PAPER.search(anchor.href) is not None


def _why(subject: str) -> str:
    if said := _CITED.search(subject):
        return f"citing {quoted(said[1])}"
    if said := _AUTHOR.search(subject):
        feed = "feed" in said[1].lower() or "library" in said[1].lower()
        return subject if feed else f"new papers by {quoted(said[1])}"
    return subject
