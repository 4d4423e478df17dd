"""Reissues: the keys under which a source brings an entry once more with another address, guid, date or title. Pure.

Feeds regenerate their guids, put a new token into each link, move from `/blog/x` to `/research/x`, date anew what they
have touched, and mend titles. What stays names the entry: a title that says much, or one that says little with its text,
its day or its authors, for a series (`Weekly links`) has one title for many.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from digestbot.model import Entry, Paper
from digestbot.papers.identity.page_urls import feed_guid, host_of, normalize_page_url
from digestbot.papers.identity.title_features import TitleFeatures
from digestbot.papers.text.clean import UNSPACED, clean, fold_again

_WORDS: Final = 7  #: a title of as many words says enough
_SIGNS: Final = 10  #: or of as many signs of a script without blanks
_READ: Final = 2000  #: characters of a text that tell it from others
_TELLS: Final = 100  #: letters of a text that with a telling title is nobody else's, whatever its day


def reissue_keys(thing: Entry | Paper, words: TitleFeatures, source: str) -> tuple[str, ...]:
    """The keys of an entry that no identifier names. () without a title."""
    if not words.title:
        return ()
    said = _Said(thing, words)
    own = normalize_page_url(thing.link)
    host, anywhere = host_of(own), tuple(said.anywhere())
    keys = [
        *((place, *telling) for place in (f"source {source}" if source else "", host) if place for telling in anywhere),
        *((f"page {own}", *telling) for telling in said.on_one_page() if own),
        *((f"guid {source}", *telling) for telling in _under_one_guid(thing, own, said) if source),
    ]
    return tuple(dict.fromkeys(_digest(*key) for key in keys))


def named_reissue_keys(thing: Entry | Paper, words: TitleFeatures, source: str) -> tuple[str, ...]:
    """The keys of an entry that has an identifier today and had none before, or the other way round: its guid and its page.

    () where words find it, by a title that says much and by people.
    """
    said = _Said(thing, words)
    if not source or not words.title or (said.telling and words.names):
        return ()
    own = normalize_page_url(thing.link)
    return tuple(dict.fromkeys(_digest(f"guid {source}", *key) for key in _under_one_guid(thing, own, said)))


def _under_one_guid(thing: Entry | Paper, own: str, said: _Said) -> Iterator[tuple[str, ...]]:
    """What has the name that its feed gives it, and its title or its page, is that entry on the same day or with its text."""
    if not isinstance(thing, Entry) or not thing.native_key:
        return
    named = feed_guid(own, thing.native_key) if own else ""  # "" where it is the page, on which others may stand
    for part in [part for part in (said.day and f"day {said.day}", said.text) if part] or [""]:
        yield thing.native_key, said.title, part
        if named and part:
            yield thing.native_key, f"page {own}", part


class _Said:
    """What an entry says that the next of a series does not."""

    def __init__(self, thing: Entry | Paper, words: TitleFeatures) -> None:
        date = thing.published or thing.announced
        self.title = words.squeezed
        self.day = str(date.day()) if date is not None and date.precision in ("day", "instant") else ""
        self.undated = date is None
        self.text = fold_again(clean(thing.summary[:_READ]))
        self.names = "\t".join(words.names)
        self.recurs = words.recurring
        unspaced = not words.title.isascii() and len(UNSPACED.findall(words.title)) >= _SIGNS
        long = len(words.words) >= _WORDS or unspaced
        self.telling = long and not words.recurring  #: does the title alone say which entry it is?

    def anywhere(self) -> Iterator[tuple[str, ...]]:
        """The keys by which it is the same entry as one with another address."""
        if self.telling and (self.day or self.undated):
            yield self.day, self.title
        if len(self.text) >= _TELLS and (self.telling or self.undated):
            yield "text", self.title, self.text
        if self.day and not self.telling:
            yield from (
                (self.day, self.title, part) for part in (self.text, self.names if not self.recurs else "") if part
            )

    def on_one_page(self) -> Iterator[tuple[str, ...]]:
        """The keys by which it is the same entry as one at the same address."""
        if self.telling:
            yield (self.title,)
        elif not self.recurs:
            yield self.title, self.text or self.day


def _digest(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()
