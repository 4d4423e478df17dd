"""NASA ADS: myADS notifications, daily (arXiv) and weekly, and SciX.

A title is a link to `/abs/BIBCODE`; most mails write `Author, A. and others: Title (Journal)`, some the title alone. Headings
name the query: `Recent Papers`, `Most Popular`, `Citations to my papers`.
"""

from __future__ import annotations

import re

from digestbot.sources.alerts.letter import Letter, Reading, papers_in, quoted
from digestbot.sources.alerts.lines import Anchor, Line

SERVICE = "myADS"
_PAPER = re.compile(
    r"(?:adsabs\.harvard\.edu|scixplorer\.org)/(?:link_gateway/|abs/|#abs/)[\w.&%+-]{10,40}", re.IGNORECASE
)
_SEARCH = re.compile(
    r"(?:myADS|SciX)\s{0,3}(?:notification|alert|update)?s?\s{0,3}[-:–]\s{0,3}(.{2,200})\Z", re.IGNORECASE
)
_BIBCODE = re.compile(r"[12]\d{3}[\w.&]{15}\Z")


def read(letter: Letter) -> Reading | None:
    """None when it is not from there."""
    if not letter.is_from("adsabs.harvard.edu", "ads.harvard.edu", "cfa.harvard.edu", "scixplorer.org"):
        return None
    said = _SEARCH.search(letter.subject)
    return papers_in(letter, SERVICE, _is_title, why=f"new papers for {quoted(said[1])}" if said else letter.subject)


def _is_title(anchor: Anchor, line: Line) -> bool:
    return _PAPER.search(anchor.href) is not None and not _BIBCODE.match(anchor.text)
