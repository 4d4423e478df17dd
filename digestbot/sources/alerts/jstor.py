"""JSTOR: saved searches and new content of a journal. A title is a link to `/stable/…`; below it authors and the journal."""

from __future__ import annotations

import re

from digestbot.sources.alerts.letter import Letter, Reading, papers_in, quoted
from digestbot.sources.alerts.lines import Anchor, Line

SERVICE = "JSTOR"
_STABLE = re.compile(r"jstor\.org(?:%2F|/)stable(?:%2F|/)(?!i\d)(?:10\.\d{4,5}(?:%2F|/))?[\w.]{4,40}", re.IGNORECASE)
_NAMED = re.compile(r"(?:search|alert|content|issue)\b.{0,30}?(?:for|in|of|:|[-–])\s{0,3}(.{2,200})\Z", re.IGNORECASE)


def read(letter: Letter) -> Reading | None:
    """None when it is not from there."""
    if not letter.is_from("jstor.org", "ithaka.org"):
        return None
    said = _NAMED.search(letter.subject)
    return papers_in(letter, SERVICE, _is_title, why=f"new results for {quoted(said[1])}" if said else letter.subject)


def _is_title(anchor: Anchor, line: Line) -> bool:
    return _STABLE.search(anchor.href) is not None
