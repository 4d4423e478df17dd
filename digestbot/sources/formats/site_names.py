"""The name of a feed's site, which content systems hang on every title: `Ponds in winter | Lake Lab`. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from digestbot.model import Entry

#: between a title and the name of the place; the longer before the shorter
_BETWEEN: Final = (" | ", " || ", " :: ", " » ", " « ", " • ", " · ", " - ", " – ", " — ")
_ANY: Final = re.compile(r" (?:\|\|?|::|[»«•·–—-]) ")  #: one of these
_LONGEST: Final = 80  #: letters of a name
_MANY: Final = 3  #: titles that show a name which the feed itself does not say
_BEFORE: Final = re.compile(r"([^:|]{2,80}?)(?::\s|\s[|»:·–—-]{1,2}\s)\s{0,9}(?=\S)")
_NUMBER: Final = re.compile(r"[\[(#]{0,2}(\d{1,4})[\]).:]{0,2}\s{1,9}(?=\S)")
_PARTS: Final = re.compile(r"\s[|»«•·–—-]\s|:\s")  #: of the feed's own title: `Lake Lab | News`, `RSS: Lake Lab`


def without_site_name(entries: Sequence[Entry], feed_title: str) -> list[Entry]:
    """The entries without the name of their site behind their titles.

    The name is the feed's own or a part of it, or what stands behind a sign at the end of every title, of three or more.
    """
    names = {part.strip().casefold() for part in (feed_title, *_PARTS.split(feed_title))} - {""}
    cut = [_cut(entry.title, names) for entry in entries]
    if cut == [entry.title for entry in entries]:
        cut = _without_common_end(cut)
    cut = _without_begin(cut, names)
    return [e if title == e.title else replace(e, title=title) for e, title in zip(entries, cut, strict=True)]


def _cut(title: str, names: set[str]) -> str:
    before, name = _parted(title)
    return before if before and name.casefold() in names else title


def _parted(title: str) -> tuple[str, str]:
    """What stands before the last sign between title and name, and behind it; ("", "") where there is none."""
    if not _ANY.search(title):  # most
        return "", ""
    at, sign = max((title.rfind(sign), sign) for sign in _BETWEEN)
    if at <= 0 or len(title) - at > _LONGEST:
        return "", ""
    return title[:at].rstrip(), title[at + len(sign) :].strip()


def _without_begin(titles: list[str], names: set[str]) -> list[str]:
    """The titles without the name of their place before each, or their place in the list: `3. Ponds in winter`."""
    if len(titles) < _MANY:
        return titles
    ends = _ends(_BEFORE, titles, lambda found, _: found.group(1).casefold() in names)
    ends = ends or _ends(_NUMBER, titles, lambda found, place: int(found.group(1)) == place)
    return [title[end:] for end, title in zip(ends, titles, strict=True)] if ends else titles


def _ends(pattern: re.Pattern[str], titles: list[str], fits: Callable[[re.Match[str], int], bool]) -> list[int]:
    """Where what stands before each title ends; [] unless it stands before all."""
    found = [match for place, title in enumerate(titles, 1) if (match := pattern.match(title)) and fits(match, place)]
    return [match.end() for match in found] if len(found) == len(titles) else []


def _without_common_end(titles: Sequence[str]) -> list[str]:
    parted = [_parted(title) for title in titles]
    ends, rest = {name for _, name in parted}, {before for before, _ in parted}
    same = len(titles) >= _MANY and len(ends) == 1 and len(rest) >= _MANY and "" not in ends | rest
    return [before for before, _ in parted] if same else list(titles)
