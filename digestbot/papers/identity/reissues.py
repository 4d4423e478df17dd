"""Reissues: the keys under which a source brings an entry once more with another address or guid. Pure.

Feeds regenerate their guids, put a new token into each link, or move from `/blog/x` to `/research/x`. A title that says
much and a date name such an entry for as long as they stay; a title that says little needs its text or its authors too,
for a series (`Weekly links`) has one title for many.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from digestbot.model import Entry, Paper
from digestbot.papers.identity.page_urls import host_of, normalize_page_url
from digestbot.papers.identity.title_features import TitleFeatures
from digestbot.papers.text.clean import UNSPACED, clean, fold

_WORDS: Final = 7  #: a title of as many words says enough
_SIGNS: Final = 10  #: or of as many signs of a script without blanks
_READ: Final = 2000  #: characters of a text that tell it from others


def reissue_keys(thing: Entry | Paper, words: TitleFeatures, source: str) -> tuple[str, ...]:
    """The keys of an entry that no identifier names: of its source and of its host, each with date and title.

    () without a title or without the day it was published: nothing less is sure.
    """
    date = thing.published or thing.announced
    if not words.title or date is None or date.precision in ("year", "month"):
        return ()
    places = [
        place for place in (f"source {source}" if source else "", host_of(normalize_page_url(thing.link))) if place
    ]
    day = date.earliest().isoformat()
    return tuple(_digest(place, day, said) for place in places for said in _sayings(thing, words))


def _sayings(thing: Entry | Paper, words: TitleFeatures) -> Iterator[str]:
    """What an entry says that the next of a series does not."""
    long = len(words.words) >= _WORDS or len(UNSPACED.findall(words.title)) >= _SIGNS
    if long and not words.recurring:
        yield words.squeezed
        return
    if text := fold(clean(thing.summary[:_READ])):
        yield f"{words.squeezed}\n{text}"
    if words.names and not words.recurring:
        yield f"{words.squeezed}\n{words.names}"


def _digest(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()
