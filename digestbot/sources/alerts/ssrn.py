"""SSRN: eJournals, in HTML and in plain text, and alerts of an author.

A title is a link to `papers.cfm?abstract_id=…` or `ssrn.com/abstract=…`; in plain text the address stands below the title.
"""

from __future__ import annotations

import re

from digestbot.sources.alerts.letter import Letter, Reading, papers_in
from digestbot.sources.alerts.lines import Anchor, Line

SERVICE = "SSRN"
_ABSTRACT = re.compile(r"ssrn\.com.{0,300}?abstract(?:_?id)?(?:=|%3D)\d{4,9}", re.IGNORECASE | re.DOTALL)


def read(letter: Letter) -> Reading | None:
    """None when it is not from there."""
    if not letter.is_from("ssrn.com"):
        return None
    return papers_in(letter, SERVICE, _is_title, why=letter.subject)


def _is_title(anchor: Anchor, line: Line) -> bool:
    return _ABSTRACT.search(anchor.href) is not None
