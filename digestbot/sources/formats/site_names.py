"""The name of a feed's site, which content systems hang on every title: `Ponds in winter | Lake Lab`. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from digestbot.model import Entry

#: between a title and the name of the place; the longer before the shorter
_BETWEEN: Final = (" | ", " || ", " :: ", " » ", " « ", " • ", " · ", " - ", " – ", " — ")
_LONGEST: Final = 80  #: letters of a name
_MANY: Final = 3  #: titles that show a name which the feed itself does not say
_PARTS: Final = re.compile(r"\s[|»«•·–—-]\s|:\s")  #: of the feed's own title: `Lake Lab | News`, `RSS: Lake Lab`


def without_site_name(entries: Sequence[Entry], feed_title: str) -> list[Entry]:
    """The entries without the name of their site behind their titles.

    The name is the feed's own or a part of it, or what stands behind a sign at the end of every title, of three or more.
    """
    names = {part.strip().casefold() for part in (feed_title, *_PARTS.split(feed_title))} - {""}
    cut = [_cut(entry.title, names) for entry in entries]
    if cut == [entry.title for entry in entries]:
        cut = _without_common_end(cut)
    return [e if title == e.title else replace(e, title=title) for e, title in zip(entries, cut, strict=True)]


def _cut(title: str, names: set[str]) -> str:
    before, name = _parted(title)
    return before if before and name.casefold() in names else title


def _parted(title: str) -> tuple[str, str]:
    """What stands before the last sign between title and name, and behind it; ("", "") where there is none."""
    at, sign = max((title.rfind(sign), sign) for sign in _BETWEEN)
    if at <= 0 or len(title) - at > _LONGEST:
        return "", ""
    return title[:at].rstrip(), title[at + len(sign) :].strip()


def _without_common_end(titles: Sequence[str]) -> list[str]:
    parted = [_parted(title) for title in titles]
    ends, rest = {name for _, name in parted}, {before for before, _ in parted}
    same = len(titles) >= _MANY and len(ends) == 1 and len(rest) >= _MANY and "" not in ends | rest
    return [before for before, _ in parted] if same else list(titles)
