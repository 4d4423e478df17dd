"""The marks that publishers and preprint servers write before the title of a retracted or withdrawn work."""

from __future__ import annotations

import re

_WORDS = {"retracted": "retracted", "withdrawn": "withdrawn", "removed": "withdrawn"}
_KIND = r"(?:\s+(?:ARTICLE|[Aa]rticle|PAPER|[Pp]aper|CHAPTER|[Cc]hapter))?"
#: in capitals before any sign; otherwise as `Retracted: …` or in brackets, for `Removed – a history` is a title
_MARK = re.compile(
    rf"\s*(?:[\[(]\s*(RETRACTED|Retracted|WITHDRAWN|Withdrawn|REMOVED){_KIND}\s*[\])]\s*(?:[:–—-]\s*)?"
    rf"|(RETRACTED|WITHDRAWN|REMOVED){_KIND}\s*(?::\s*|[–—]\s*|\s-\s+)"
    rf"|(Retracted|Withdrawn){_KIND}\s*:\s+)(?=\S)"
)


def unmarked(title: str) -> tuple[str, str]:
    """Returns the title without its mark, and "retracted" or "withdrawn"; "" when there is no mark."""
    found = _MARK.match(title)
    if found is None:
        return title, ""
    return title[found.end() :], _WORDS[next(word for word in found.groups() if word).lower()]
