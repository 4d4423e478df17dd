"""`follow`: people and labs as a topic names them become a rule. An id is a person; a name is one by its evidence.

"orcid:0000-0002-1825-0097"   who:0000-0002-1825-0097
"openalex:A5023888391"        who:A5023888391
"ror:05dxps055"               who:05dxps055
"Jane Doe @ Uni X"            au:"Jane Doe", and who it is decides digest.selection.namesakes
"Jane Doe, orcid:0000-…"      au:"Jane Doe" OR who:0000-…
"Jane Doe"                    au:"Jane Doe"
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from digestbot.digest.selection.namesakes import whom
from digestbot.settings.gathering import Table

MOST = 200  #: of one topic
_ORCID = re.compile(r"(?:https?://orcid\.org/|orcid:)\s?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])\Z", re.IGNORECASE)
_OPENALEX = re.compile(r"(?:https?://(?:api\.)?openalex\.org/(?:authors/)?|openalex:)\s?(A\d{4,12})\Z", re.IGNORECASE)
_ROR = re.compile(r"(?:https?://ror\.org/|ror:)\s?(0[a-hj-km-np-tv-z0-9]{6}\d{2})\Z", re.IGNORECASE)
_NAME = re.compile(r"([^@\"()*]{2,100}?)(?:\s*@\s*([^@\"()*]{2,150}))?\Z")


def rule_of(followed: str) -> str:
    """The rule that finds what this one person or lab writes. Raises ValueError with what is wrong."""
    given = " ".join(followed.split())
    for pattern in (_ORCID, _OPENALEX, _ROR):
        if found := pattern.match(given):
            if pattern is _ORCID and not is_orcid(found[1]):
                raise ValueError(f"{followed!r}: its last digit does not fit the others, so a digit is wrong")
            return f"who:{found[1]}"
    if re.match(r"(?:orcid|openalex|ror|https?)\s?:", given, re.IGNORECASE):
        raise ValueError(
            f"{followed!r} is no id we know: orcid:0000-0002-1825-0097, openalex:A5023888391 or ror:05dxps055"
        )
    person = whom(given)
    if person is None or not _NAME.match(person.name + (f" @ {person.place}" if person.place else "")):
        raise ValueError(f'{followed!r} is no name: write "Jane Doe" or "Jane Doe @ University of X"')
    for one in person.ids:
        rule_of(f"{'orcid' if '-' in one else 'openalex'}:{one}")
    return person.rule


def rule_of_all(followed: tuple[str, ...], query: str = "") -> str:
    """The rule of a topic: what it says itself, or anything of these. Raises ValueError."""
    people = " OR ".join(dict.fromkeys(map(rule_of, followed[:MOST])))
    return f"({query}) OR {people}" if query else people


def with_followed(table: Table, tell: Callable[[Table, str, str], None]) -> dict[str, Any]:
    """The values of a topic; whom it follows are further words of its rule."""
    made = dict(table.values)
    followed = made.pop("follow", None)
    if followed:
        made["follow"] = tuple(one for one in followed[:MOST] if whom(one) is not None)
    if followed and ("query" in made or "query" not in table.given):
        try:
            made["query"] = rule_of_all(followed, made.get("query", ""))
        except ValueError as error:
            tell(table, "follow", str(error))
    return made


def is_orcid(text: str) -> bool:
    """Does its check digit fit (ISO 7064 mod 11-2)?"""
    digits = text.replace("-", "").upper()
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return digits[-1] == "0123456789X"[(12 - total % 11) % 11]
