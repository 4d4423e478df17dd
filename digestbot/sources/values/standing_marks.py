"""The marks that publishers and preprint servers write before the title of a retracted or withdrawn work."""

from __future__ import annotations

import re

from digestbot.model import Standing

_WORDS = {"retracted": Standing.RETRACTED, "withdrawn": Standing.WITHDRAWN, "removed": Standing.WITHDRAWN}
_KIND = r"(?:\s+(?:ARTICLE|[Aa]rticle|PAPER|[Pp]aper|CHAPTER|[Cc]hapter))?"
#: in capitals before any sign; otherwise as `Retracted: …` or in brackets, for `Removed – a history` is a title
_MARK = re.compile(
    rf"\s*(?:[\[(]\s*(RETRACTED|Retracted|WITHDRAWN|Withdrawn|REMOVED){_KIND}\s*[\])]\s*(?:[:–—-]\s*)?"
    rf"|(RETRACTED|WITHDRAWN|REMOVED){_KIND}\s*(?::\s*|[–—]\s*|\s-\s+)"
    rf"|(Retracted|Withdrawn){_KIND}\s*:\s+)(?=\S)"
)


def unmarked(title: str) -> tuple[str, Standing]:
    """Returns the title without its mark, and what the mark says; STANDS when there is no mark."""
    found = _MARK.match(title)
    if found is None:
        return title, Standing.STANDS
    return title[found.end() :], _WORDS[next(word for word in found.groups() if word).lower()]
