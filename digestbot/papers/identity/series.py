"""Series: entries of one reply that have one title and are several works. Pure.

Three items called `Notice` stand beside each other in a feed: there the title tells nothing, not even
together with the day or the author. Such an entry is known by its address, its guid and its whole text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from operator import eq

from digestbot.model import Entry
from digestbot.papers.identity.page_urls import normalize_page_url
from digestbot.papers.identity.reissues import TELLS, Said
from digestbot.papers.identity.title_features import features_of
from digestbot.papers.text.clean import clean, fold

_MANY = 200  #: of one title: each is compared with the next


def with_series_marked(entries: Sequence[Entry]) -> list[Entry]:
    """The entries of one reply; those that others share their title with, and are other works, are marked as `serial`."""
    titled: dict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        if entry.title:
            titled[fold(clean(entry.title))].append(number)
    serial = {number for numbers in titled.values() if len(numbers) > 1 for number in _several(entries, numbers)}
    return [replace(e, serial=True) if n in serial else e for n, e in enumerate(entries)]


def _several(entries: Sequence[Entry], numbers: Sequence[int]) -> list[int]:
    """All of these where any two are different works, none where they are one listed again."""
    given = [_One(entries[number]) for number in numbers[:_MANY]]
    first, *others = given
    return [] if len(numbers) <= _MANY and all(first.is_once_more(other) for other in others) else list(numbers)


class _One:
    """One entry, and what it says."""

    def __init__(self, entry: Entry) -> None:
        self.date = entry.published or entry.announced
        year = self.date.day().year if self.date else None
        words = features_of(entry.title, entry.authors, year, entry.venue, "")
        self.said, self.people = Said(entry, words), set(words.names) | set(words.bodies)
        self.page, self.ids = normalize_page_url(entry.link), dict(entry.identifiers)
        self.guid = entry.native_key if entry.native_key != entry.link else ""

    def is_once_more(self, other: _One) -> bool:
        """Does a feed list one work twice: in two categories, or under two guids?"""
        mine, theirs = self.said, other.said
        here, there = (self.page, mine.day), (other.page, theirs.day)
        if self._is_apart(other):
            return False
        if self.guid and self.guid == other.guid:
            return any(map(eq, here, there))
        if len(mine.text) >= TELLS and mine.text == theirs.text:
            return mine.day == theirs.day or mine.telling
        if mine.telling:
            return mine.day == theirs.day or not (mine.text and theirs.text)
        return (*here, self.date, mine.text) == (*there, other.date, theirs.text)

    def _is_apart(self, other: _One) -> bool:
        """Do both have an identifier of a kind, or authors, and not the same?"""
        people = bool(self.people and other.people) and self.people.isdisjoint(other.people)
        return people or any(self.ids[scheme] != other.ids.get(scheme, self.ids[scheme]) for scheme in self.ids)
