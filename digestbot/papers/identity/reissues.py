"""Reissues: the keys under which a source brings an entry once more with another address, guid, date or title. Pure.

Feeds regenerate their guids, put a new token into each link, move from `/blog/x` to `/research/x`, date anew what they
have touched, and mend titles. What stays names the entry: a title that says much, or one that says little with its text,
its day or its authors, for a series (`Weekly links`) has one title for many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from hashlib import blake2b
from typing import Final

from digestbot.model import Entry, Paper, PartialDate
from digestbot.papers.identity.page_urls import feed_guid, host_of, normalize_page_url
from digestbot.papers.identity.title_features import TitleFeatures, features_of
from digestbot.papers.text.clean import UNSPACED, clean, fold, fold_again

_WORDS: Final = 7  #: a title of as many words says enough
_SIGNS: Final = 10  #: or of as many signs of a script without blanks
_SOME: Final = 3  #: words of a title that is nobody else's on that day, or in a list without days
_READ: Final = 2000  #: characters of a text that tell it from others
_LITTLE: Final = 20  #: letters of a text that with title and authors is nobody else's: "Volume 12, Issue 3, Page 4-9"
TELLS: Final = 100  #: letters of a text that with a telling title is nobody else's, whatever its day
_LONG: Final = 300  #: letters of a text that is no sentence or two below each of a series
_STEP, _STEPS = 2, 3  #: days, and how many times as many: who dates anew does it from day to day, a series has its week
#: `Updated: …`, `[UPDATE] …`: what a source writes before a title that it had brought without it
_MARKED: Final = re.compile(
    r"\s{0,9}[\[(]?(?:updated?|revised)[\])]?\s{0,9}(?:(?<=[\])])|[:–—]|-\s)\s{0,9}(?=\S)", re.IGNORECASE
)


def reissue_keys(thing: Entry | Paper, words: TitleFeatures, source: str) -> tuple[str, ...]:
    """The keys of an entry that a title has; () without one.

    One of a series (`Entry.serial`) is known by its own page and guid alone.
    """
    if not words.title:
        return ()
    said = Said(thing, words)
    own = normalize_page_url(thing.link)
    host = host_of(own)
    everywhere = () if isinstance(thing, Entry) and thing.serial else tuple(said.anywhere())
    keys = [
        *(
            (place, *telling)
            for place in (f"source {source}" if source else "", host)
            if place
            for telling in everywhere
        ),
        *((f"page {own}", *telling) for telling in _on_one_page(thing, said) if own),
        *((f"guid {source}", *telling) for telling in _under_one_guid(thing, own, said) if source),
    ]
    return tuple(dict.fromkeys(_digest(*key) for key in keys))


def named_reissue_keys(thing: Entry | Paper, words: TitleFeatures, source: str) -> tuple[str, ...]:
    """The keys of an entry that has an identifier today and had none before, or the other way round.

    () where words find it, by a title that says much and by people.
    """
    by_words = len(words.words) >= _WORDS and words.names and not _MARKED.match(thing.title)
    return () if not source or by_words else reissue_keys(thing, words, source)


def _on_one_page(thing: Entry | Paper, said: Said) -> Iterator[tuple[str, ...]]:
    """The keys by which it is the same entry as one at the same address."""
    if isinstance(thing, Entry) and thing.serial:
        yield said.whole()
        return
    if said.telling:
        yield (said.title,)
    elif not said.recurs:
        yield said.title, said.text or said.day
        yield from ((said.title, part) for part in (said.day, said.names if "\t" in said.names else "") if part)
    if not said.telling:
        yield said.whole()


def _under_one_guid(thing: Entry | Paper, own: str, said: Said) -> Iterator[tuple[str, ...]]:
    """What has the name that its feed gives it, and its title or its page, is that entry on the same day or with its text.

    With a title that says some it is so on another day and page too, and where no day is known, with another text.
    """
    if not isinstance(thing, Entry) or not thing.native_key:
        return
    named = feed_guid(own, thing.native_key) if own else ""  # "" where it is the page, on which others may stand
    for part in [part for part in (said.day and f"day {said.day}", said.text) if part] or [""]:
        yield thing.native_key, said.title, part
        if named and part:
            yield thing.native_key, f"page {own}", part
    if named and said.says_some:
        yield thing.native_key, said.title, "any"
    if named and said.vague and said.text and not said.recurs:
        yield thing.native_key, said.title, said.dated


class Said:
    """What an entry says that the next of a series does not."""

    def __init__(self, thing: Entry | Paper, words: TitleFeatures) -> None:
        dated = thing.published or thing.announced
        marked = _MARKED.match(thing.title)
        if marked:
            self.title = fold(clean(thing.title[marked.end() :])).replace(" ", "")
        elif "&" in thing.title:  # `Walls & doors` is Walls and doors
            spelled = clean(thing.title).replace("&", " and ")
            self.title = features_of(spelled, (), None, "", "").squeezed
        else:
            self.title = words.squeezed
        self.day = dated.text[:10] if dated is not None and dated.precision in ("day", "instant") else ""
        self.dated = str(dated or "")
        self.moment = _moment(dated)
        self.vague = not self.day  #: an issue's month or year says no more of it than no date
        self.text = fold_again(clean(thing.summary[:_READ]))
        self.names = "\t".join(words.names)
        self.recurs = words.recurring
        long = len(words.words)
        signs = 0 if words.title.isascii() else len(UNSPACED.findall(words.title))
        self.telling = (long >= _WORDS or signs >= _SIGNS) and not self.recurs  #: does the title alone say which it is?
        self.says_some = (long >= _SOME or signs >= _SOME) and not self.recurs

    def anywhere(self) -> Iterator[tuple[str, ...]]:
        """The keys by which it is the same entry as one with another address."""
        if self.says_some:
            yield self.day or self.dated, self.title
        if len(self.text) >= (TELLS if self.telling or not self.dated else _LONG) and (
            self.says_some or not self.dated
        ):
            yield "text", self.title, self.text
        if self._says_enough() and not self._told_by_text():
            yield from (("all", when, self.title, self.text, self.names) for when in self._about_then())
        if self.day and not self.says_some:
            yield from ((self.day, self.title, *parts) for parts in self._beside_the_day())

    def _told_by_text(self) -> bool:
        """Has whatever shares title, text and names with it the key of title and text too, also with its words written apart?

        Three keys of days at each place would find nothing more, and be a third of all its keys.
        """
        return self.telling and len(self.text) >= _LONG

    def _beside_the_day(self) -> Iterator[tuple[str, ...]]:
        """What with a title that says little is nobody else's on that day.

        Two editorials of one day have one text too: "Journal of Ponds, Ahead of Print". Theirs must be a long one, or have
        the authors or the time of day beside it.
        """
        if not self.recurs:
            yield from ((part,) for part in (self.text, self.names, self.moment) if part)
        elif len(self.text) >= TELLS:
            yield (self.text,)
        elif self.text:
            yield from ((self.text, part) for part in (self.names, self.moment) if part)

    def _about_then(self) -> tuple[str, ...]:
        """What two days share that are at most four days apart, and none that are six; of a vague date itself.

        A series has one title, author and text for each week, and its feed perhaps only the newest.
        """
        if self.vague:
            return (self.dated,)
        step = date.fromisoformat(self.day).toordinal() // _STEP
        return tuple(f"about {step + n}" for n in range(_STEPS))

    def _says_enough(self) -> bool:
        """Do text and authors together tell it from the next of its title, some days later?"""
        if self.recurs:
            return False
        if self.vague:
            return bool(self.text or self.names)
        if self.says_some and len(self.text) >= TELLS:
            return True
        return bool(self.names) and (len(self.text) >= _LITTLE or (self.says_some and "\t" in self.names))

    def whole(self) -> tuple[str, ...]:
        """All of it."""
        return "whole", self.title, self.dated, self.text, self.names


def _moment(dated: PartialDate | None) -> str:
    """A time of day; "" for the round ones that a program writes."""
    if dated is None or dated.precision != "instant" or dated.text[14:19] == "00:00":
        return ""
    return dated.earliest().isoformat()


def _digest(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()
