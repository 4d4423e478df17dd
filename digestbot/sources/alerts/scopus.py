"""Scopus: document, author and citation alerts.

A title is a link to a record (`record/display.uri?eid=2-s2.0-…`, `/pages/publications/…`, `alert/results/record.url`); below it
authors, year and journal.
"""

from __future__ import annotations

import re

from digestbot.sources.alerts.letter import Letter, Reading, papers_in, quoted
from digestbot.sources.alerts.lines import Anchor, Line

SERVICE = "Scopus"
_RECORD = re.compile(
    r"scopus\.com.{0,400}?(?:record(?:%2F|/)display|eid(?:=|%3D)2-s2|publications(?:%2F|/)\d|alert(?:%2F|/)results(?:%2F|/)record|inward(?:%2F|/)record)",
    re.IGNORECASE | re.DOTALL,
)
_NAMED = re.compile(r"(?:alert|results?|citations?)\b.{0,30}?(?:for|to|:|[-–])\s{0,3}(.{2,200})\Z", re.IGNORECASE)


def read(letter: Letter) -> Reading | None:
    """None when it is not from there."""
    if not (letter.is_from("scopus.com") or letter.sender.startswith("scopus@")):
        return None
    said = _NAMED.search(letter.subject)
    form = "citing {}" if "cit" in letter.subject.lower() else "new results for {}"
    none = re.search(r"\b(?:no|0) new (?:results?|documents?)", letter.subject, re.IGNORECASE) is not None
    why = form.format(quoted(said[1])) if said else letter.subject
    return papers_in(letter, SERVICE, _is_title, why=why, none_said=none)


def _is_title(anchor: Anchor, line: Line) -> bool:
    return _RECORD.search(anchor.href) is not None
