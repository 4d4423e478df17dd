"""Acceptance: what an author's remark says of where a paper was accepted. Conservative: a doubtful remark says nothing.

Remarks are arXiv's comments: "Accepted at ICML 2025 (oral). 24 pages". What is said of another text ("extended version of
a paper accepted at …") or of a wish ("submitted to …", "if accepted") is no acceptance of this paper.
"""

from __future__ import annotations

import re
from typing import Final

READ = 1_000  #: characters of a remark that are read: arXiv takes some 400
LONGEST = 60  #: characters of a place's name, as it stands in a badge

_SAID: Final = re.compile(
    r"\b(?:accepted|to appear|will appear|to be published|will be published|published)(?:\s+(?:online|today|recently))?\b"
    r"(?P<as>\s+as\s+(?:an?\s+)?[\w/ -]{1,40}?)?"
    r"(?:\s+for\s+(?:\w+\s+)?(?:publication|presentation|inclusion)s?)?"
    r"\s*(?:\s(?:at|in|to|by|for|on|with)\b|:)\s*:?\s*(?P<where>\S.*)",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(r"\b(?P<where>[A-Z]\w*[A-Z]\w*(?: \d{4}| '\d\d)?),? accepted\b")  # "MNRAS accepted"
_ALONE: Final = re.compile(r"\baccepted(?: for (?:publication|presentation))?\s*(?:[.;,]|\Z)", re.IGNORECASE)
_ANOTHER_TEXT: Final = re.compile(
    r"\b(?:extended|abridged|expanded|short(?:er|ened)?|long(?:er)?|preliminary|earlier|previous|initial|full(?!-)|journal|"
    r"conference|workshop|condensed|companion)\b[\w\s-]{0,40}\b(?:version|abstract|paper|article|work)\b"
    r"|\bversions? of (?:this|the|our) (?:paper|work|article)\b(?=.*\b(?:was|were|appeared)\b)"
    r"|\b(?:builds? on|based on|sequel to|code for)\b",
    re.IGNORECASE,
)
_A_WISH: Final = re.compile(
    r"\b(?:not|if|until|once|when|pending|conditionally|provisionally|submitted|under review|hope|aim\w*|intend\w*)\b", re.IGNORECASE
)  # fmt: skip
_END: Final = re.compile(
    r"\s*(?:[;|\n]|\.(?=\s+[A-Z0-9]|\s*\Z)|,\s*\(?(?=\d+\s*(?:pages?|pp|figures?|figs?|tables?)\b)|\s/\s|"
    r"\b(?:Code|Project page|Source code|Data)\b\s*(?::|at|is|available)|https?://|\bplease\b|\barXiv admin\b|\bPersonal use\b).*",
    re.DOTALL,
)
_ACRONYM: Final = re.compile(r"\(([A-Z][\w@/&-]*[A-Z][\w@/&-]*)(?:[ ,]*['’]?(\d{4}|\d\d))?\)(?:,?\s*(\d{4})\b)?")
_LEADING: Final = re.compile(r"\A(?:(?:the|an?|proceedings|proc\.?|adjunct|of|in|at|upcoming)\s+)+", re.IGNORECASE)
_KIND: Final = re.compile(
    r"\s*\(?\b(?:oral|spotlight|poster|highlight|long paper|short paper|camera[ -]ready(?: version)?)\b\)?\s*\Z", re.I
)


def accepted_at(remark: str) -> str | None:
    """The place that accepted the paper; "" for one that is not named, None when the remark does not say so.

    >>> accepted_at("Accepted by the 48th IEEE/ACM International Conference on Software Engineering (ICSE 2026)")
    'ICSE 2026'
    """
    text = " ".join(remark[:READ].split())
    for found in _SAID.finditer(text):
        if not _doubtful(text, found.start()) and (place := _place(found["where"])):
            return place
    if (named := _BEFORE.search(text)) and not _doubtful(text, named.start()):
        return named["where"]
    alone = _ALONE.search(text)
    return "" if alone and not _doubtful(text, alone.start()) else None


def is_workshop(place: str) -> bool:
    """Is it a workshop? A later acceptance at a conference is news of its own."""
    return "workshop" in place.lower()


def _doubtful(text: str, at: int) -> bool:
    """What stands before the word in its sentence makes it another text's acceptance, or a wish."""
    before = re.split(r"[;|]|\.\s+(?=[A-Z])", text[:at])[-1]
    return bool(_A_WISH.search(_without_submitted_version(before)) or _ANOTHER_TEXT.search(before))


def _without_submitted_version(text: str) -> str:
    """ "The submitted version of the paper accepted to X" is an acceptance all the same."""
    return re.sub(r"\bsubmitted (?:version|manuscript)\b", "", text, flags=re.IGNORECASE)


def _place(text: str) -> str:
    """The name without what follows it, by its acronym where it gives one, at most LONGEST characters."""
    name = _END.sub("", text)
    acronym = _ACRONYM.search(name)
    if acronym and not is_workshop(name):
        year = acronym[2] or acronym[3] or next(iter(re.findall(r"\b20\d\d\b", name)), "")
        return f"{acronym[1]} {year if len(year) != 2 else f'20{year}'}".strip()
    name = _LEADING.sub("", _KIND.sub("", name).strip(" .,:\"'“”")).strip(" .,:\"'“”")
    if not re.search(r"[A-Z]", name) or re.match(r"\d{1,2} \w+ \d{4}|[A-Z][a-z]+ \d{1,2}\b|\d{4}\Z", name):
        return ""  # "accepted by the editors", "published on 3 May 2025"
    return name if len(name) <= LONGEST else _shortened(name)


def _shortened(name: str) -> str:
    """A remark cut to its first parts between commas, else to whole words."""
    head = name[:LONGEST].rpartition(",")[0] or name[:LONGEST].rpartition(" ")[0]
    return head if name[len(head)] == "," else f"{head}…"
