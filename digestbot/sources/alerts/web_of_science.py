"""Web of Science (Clarivate): search and citation alerts.

Three layouts: `Record 1 of 3` with `Title:`, `Authors:`, `Source:` (to August 2018), a link to the full record with `Authors:`
below (to November 2019), and titles without labels, names as `Halbritter, Dale A.; Storer, Caroline G.` (since). Some mails
of today name no paper at all but a link to the list: those are put aside, for the list wants a log-in.
"""

from __future__ import annotations

import re

from digestbot.sources.alerts.letter import Letter, Reading, lines_of, papers_in, quoted
from digestbot.sources.alerts.lines import Anchor, Line

SERVICE = "Web of Science"
_RECORD = re.compile(
    r"webof(?:science|knowledge)\.\w|/wos/|DestLinkType=FullRecord|UT=WOS|KeyUT|full-record", re.IGNORECASE
)
_LIST = re.compile(
    r"alert-execution-summary|summary|savedsearch|my-?alerts|/basic-search|unsubscribe|manage", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"Web of Science(?: Search| Citation)? Alert\s{0,3}[-–:]\s{0,3}(.{1,200}?)(?:\s[-–]\s(\d{1,6}) results?)?\Z",
    re.IGNORECASE,
)
_CITED = re.compile(r"(?:has been cited|cited article|citation alert|your article)", re.IGNORECASE)
_TITLE = re.compile(r"Title:\s{0,3}(.{8,500})\Z", re.IGNORECASE)


def read(letter: Letter) -> Reading | None:
    """None when it is not from there."""
    if not letter.is_from("clarivate.com", "webofscience.com", "isiknowledge.com", "webofknowledge.com"):
        return None
    said, lines = _SUBJECT.search(letter.subject), _with_titles(lines_of(letter))
    cites = any(_CITED.search(line.text) for line in lines[:60])
    name = quoted(said[1]) if said else ""
    why = (f"citing {name}" if cites else f"new results for {name}") if name else letter.subject
    none = said is not None and said[2] == "0"
    return papers_in(letter, SERVICE, _is_title, why=why, none_said=none, lines=lines)


def _with_titles(lines: list[Line]) -> list[Line]:
    """`Title: Words` without a link is a title all the same; the value may stand in a line of its own."""
    found: list[Line] = []
    for at, line in enumerate(lines):
        said = _TITLE.match(line.text)
        after_label = at and lines[at - 1].text.strip() == "Title:"
        words = said[1] if said else line.text if after_label else ""
        found.append(Line(words, (Anchor("", words, "title"),), line.block) if words and not line.anchors else line)
    return found


def _is_title(anchor: Anchor, line: Line) -> bool:
    if anchor.mark == "title" or "smallV110" in anchor.mark:
        return True
    return (
        _RECORD.search(anchor.href) is not None and not _LIST.search(anchor.href) and not line.text.startswith("View")
    )
