"""Page layout: how many cards, gists and title lines a mail has room for, and in which order they stand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from digestbot.model import Digest, Item, Section, SectionKind

TITLES_BESIDE_A_PAGE = 10  #: title lines where the digest has a page of its own, which holds all papers
_FALLEN = ("retracted", "withdrawn")


class Part(NamedTuple):
    """A section of the mail: its heading and its cards."""

    section: Section
    number: int  #: of its first card; cards are numbered through the mail
    cards: tuple[Item, ...]
    full: int  #: how many of the cards, from the first on, have a gist


class Layout(NamedTuple):
    """What stands in a mail: sections with cards, then title lines."""

    parts: tuple[Part, ...]
    titles: tuple[Item, ...] = ()
    hidden: int = 0  #: papers of the digest that found no room, not even as a title

    def count(self, kind: str) -> int:
        """Cards in sections of one kind."""
        return sum([len(part.cards) for part in self.parts if part.section.kind == kind])

    @property
    def cards(self) -> int:
        """All cards."""
        return sum([len(part.cards) for part in self.parts])

    @property
    def more(self) -> int:
        """Papers that have no card."""
        return len(self.titles) + self.hidden


class Detail(NamedTuple):
    """How much room a mail gives: cards with a gist, cards in all, title lines; whether rules stand below headings."""

    full: int
    cards: int
    titles: int
    rules: bool = True
    alone: bool = False  #: titles are all that was asked for: every chosen paper has one


#: From roomy to narrow: the first that keeps the mail below its size is taken. Title lines give way first, then cards,
#: then gists; the last one holds no paper at all.
DETAILS = (
    *(Detail(10, 40, titles) for titles in (1000, 500, 300, 200, 100, 50, 20, 10)),
    *(Detail(10, cards, 10) for cards in (34, 28, 24, 20, 17, 14, 12, 10)),
    *(Detail(10, 10, titles, rules=False) for titles in (10, 0)),
    *(Detail(most, most, titles, rules=False) for most in (8, 6, 4, 2) for titles in (10, 0)),
    *(Detail(0, 0, titles, rules=False) for titles in (10, 0)),
)  # fmt: skip


#: what a reader's `length` takes from each: cards without a gist; no cards, for a mail of titles
LENGTHS = {
    "full": DETAILS,
    "short": tuple(dict.fromkeys(detail._replace(full=0) for detail in DETAILS)),
    "titles": tuple(
        Detail(0, 0, titles, rules=False, alone=True) for titles in (1000, 500, 300, 200, 100, 50, 20, 10, 0)
    ),
}


def lay_out(digest: Digest, detail: Detail) -> Layout:
    """The cards and title lines that `detail` has room for. The first papers of each section keep their cards longest.

    A section without a card has no heading. Title lines stand after all sections, so that no long list of them hides
    what comes next.
    """
    sections = digest.sections if detail.rules else [_without_rule(s) for s in digest.sections]
    cards = _share([len(s.items) for s in sections], detail.cards, least=[_fallen(s) for s in sections])
    full = _full(sections, cards, detail.full)
    rest = [(*s.items[kept:], *s.more) for s, kept in zip(sections, cards, strict=True)]
    titles = _share([len(items) for items in rest], _room_for_titles(digest, detail))
    lines = tuple(item for items, most in zip(rest, titles, strict=True) for item in items[:most])
    return Layout(tuple(_parts(sections, cards, full)), lines, sum(map(len, rest)) - len(lines))


def _room_for_titles(digest: Digest, detail: Detail) -> int:
    """How many title lines at most: few where the digest has a page of its own that shows them all."""
    if not digest.links.page:
        return detail.titles
    chosen = sum(len(s.items) for s in digest.sections) if detail.alone else 0
    return min(detail.titles, TITLES_BESIDE_A_PAGE + chosen)


def _parts(sections: Sequence[Section], cards: Sequence[int], full: Sequence[int]) -> Iterator[Part]:
    """The sections that have a card, each with the number of its first one in the mail."""
    number = 1
    for section, kept, gists in zip(sections, cards, full, strict=True):
        if kept:
            yield Part(section, number, section.items[:kept], gists)
        number += kept


def whole(digest: Digest) -> Layout:
    """Everything that a digest holds, as its own page shows it: each chosen paper as a card, the others as titles."""
    parts = [Part(s, 1, s.items, len(s.items)) for s in digest.sections if s.items]
    return Layout(tuple(parts), tuple(item for s in digest.sections for item in s.more))


def _without_rule(section: Section) -> Section:
    return replace(section, note="") if section.kind is SectionKind.TOPIC else section


def _fallen(section: Section) -> int:
    """How many papers of an updates section were retracted or withdrawn: they stand first and always have a card."""
    if section.kind is not SectionKind.UPDATES:
        return 0
    return sum(1 for item in section.items if any(kind.startswith(_FALLEN) for kind in item.kinds))


def _share(wanted: Sequence[int], room: int, least: Sequence[int] = ()) -> list[int]:
    """How many of each find room: `least` of each first, then one of each in turn."""
    if sum(wanted) <= room:
        return list(wanted)
    kept = [min(most, room) for most in least] if least else [0] * len(wanted)
    room = max(room - sum(kept), 0)
    while room:
        for at, most in enumerate(wanted):
            if room and kept[at] < most:
                kept[at] += 1
                room -= 1
    return kept


def _full(sections: Sequence[Section], cards: Sequence[int], most: int) -> list[int]:
    """How many cards of each section have a gist: one of each while it lasts, then the first of the mail.

    Updates have none: their readers know the paper.
    """
    able = [0 if s.kind is SectionKind.UPDATES else count for s, count in zip(sections, cards, strict=True)]
    if sum(able) <= most:
        return able
    full = []
    for count in able:
        full.append(min(count, 1, most))
        most -= full[-1]
    for at, count in enumerate(able):
        if full[at]:
            further = min(count - full[at], most)
            full[at] += further
            most -= further
    return full
