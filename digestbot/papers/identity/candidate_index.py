"""The shelf: where the known records stand, so that a new one finds the few it has to be compared with.

`cluster` fills one with entries; `acts.papers.resolve` fills one with what the store has under the same keys. What is found
does not hang on the order in which it was put there.
"""

from __future__ import annotations

import gc
from array import array
from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from digestbot.model import Entry, Paper
from digestbot.papers.identity.blocking import CROWD, MOST, blocks, met
from digestbot.papers.identity.decisions import PLACES, Identifier, Record, decide, grouped, record, together
from digestbot.papers.identity.similarity import far, other_letters, strangers
from digestbot.papers.identity.title_features import Text


class Shelf:
    """Papers by number, found by identifiers and by the blocks of their texts. Numbers below zero are not stored yet."""

    def __init__(self) -> None:
        self._ids: dict[int, Record] = {}  #: without texts
        self._by_identifier: dict[Identifier, list[int]] = {}
        #: numbers of texts: of too many the smallest stay, whatever came first. Arrays, for there are eight to a text: the
        #: garbage collector, which walks through every list, passes them by
        self._blocks: dict[int, array[int]] = {}
        self._texts: dict[int, Text] = {}  #: by their numbers
        self._signers: dict[int, int] = {}  #: of the texts
        self._people: dict[int, int] = {}  #: of the texts that were put here: hundreds are asked about each new record
        self._homes: dict[int, array[int]] = {}  #: of each text: different works may have one title
        self._moved: dict[int, int] = {}

    def identify(self, home: int, identifiers: Iterable[Identifier]) -> None:
        """This paper is known under these."""
        given = tuple(identifiers)
        if not given:
            return
        self._ids[home] = together(self._ids.get(home, Record(())), Record(given))
        for identifier in given:
            homes = self._by_identifier.setdefault(identifier, [])
            if home not in homes:
                homes.append(home)

    def lay(self, under: Mapping[int, Sequence[int]], signers: Mapping[int, int]) -> None:
        """The numbers of the texts under these blocks, ascending, as they are stored, and the signers of each."""
        for block, numbers in under.items():
            self._blocks[block] = array("q", numbers)
        self._signers.update(signers)

    def house(self, text: Text, home: int) -> None:
        """A text that stands under laid blocks, and a paper it is of."""
        self._texts.setdefault(text.number, text)
        homes = self._homes.get(text.number)
        if homes is None:
            self._homes[text.number] = array("q", (home,))
        elif home not in homes and len(homes) <= 2 * CROWD:  # some may turn out to be one
            homes.append(home)

    def put(self, home: int, new: Record) -> None:
        """A record of this paper, under all its keys."""
        self.identify(home, new.identifiers)
        for text in new.texts:
            if text.number not in self._texts:
                for block in blocks(text):
                    under = self._under(block)
                    insort(under, text.number)
                    if len(under) > 2 * MOST:
                        del under[MOST:]
                self._people[text.number] = text.people
                self._signers[text.number] = text.signers
            self.house(text, home)

    def _under(self, block: int) -> array[int]:
        found = self._blocks.get(block)
        if found is None:
            found = self._blocks[block] = array("q")
        return found

    def merge(self, loser: int, survivor: int) -> None:
        """Two turn out to be one."""
        self._ids[survivor] = together(self._ids.get(survivor, Record(())), self._ids.pop(loser, Record(())))
        self._moved[loser] = survivor

    def known(self, identifier: Identifier) -> int | None:
        """The oldest paper under it."""
        return min(map(self.now, self._by_identifier.get(identifier, ())), key=age, default=None)

    def torn(self, home: int) -> bool:
        """Does it have identifiers that exclude each other? Then words may have joined what is not one work."""
        kinds = self._ids[home].by_scheme.items() if home in self._ids else ()
        return any(len(values) > 1 for kind, values in kinds if kind not in PLACES)

    def near(self, new: Record) -> list[tuple[int, Record]]:
        """Who shares an identifier or a block with it, the oldest first, each with the texts that were found."""
        found: dict[int, dict[Text, None]] = {}
        for identifier in new.identifiers:
            for home in self._under_identifier(identifier):
                found.setdefault(self.now(home), {})
        for text in self._alike(new):
            for home in self._homes_of(text):
                found.setdefault(home, {})[text] = None
        return [(home, Record(self._ids_of(home), tuple(found[home]))) for home in sorted(found, key=age)]

    def _under_identifier(self, identifier: Identifier) -> Iterable[int]:
        """A page of hundreds is nobody's own."""
        homes = self._by_identifier.get(identifier, ())
        return homes if identifier[0] not in PLACES or len(homes) <= CROWD else ()

    def _homes_of(self, text: Text) -> Iterable[int]:
        """The papers with this very text: none where it is a crowd's."""
        homes = self._homes[text.number]
        if any(home in self._moved for home in homes):
            homes = self._homes[text.number] = array("q", dict.fromkeys(map(self.now, homes)))
        return homes if len(homes) <= CROWD else ()

    def _alike(self, new: Record) -> list[Text]:
        """The texts under its blocks that are not far from all of its own."""
        near: dict[int, Text] = {}
        for mine in new.texts:
            near |= {text.number: text for text in self._met(mine) if not self._far(mine, text)}
        return [near[number] for number in sorted(near)]

    def _met(self, mine: Text) -> list[Text]:
        """Those worth a look; who is sure to be of other people is left out where that is known already."""
        people = mine.people
        under = met((self._blocks.get(key, ()) for key in blocks(mine)), self._signers, mine.signers)
        return [self._texts[number] for number in under if self._people.get(number, people) & people]

    def _far(self, mine: Text, theirs: Text) -> bool:
        """Of those that were put here the letters are known, and tell sooner than names."""
        if theirs.number in self._people:
            return other_letters(mine, theirs) or strangers(mine, theirs)
        return far(mine, theirs)

    def _ids_of(self, home: int) -> tuple[Identifier, ...]:
        return self._ids[home].identifiers if home in self._ids else ()

    def now(self, home: int) -> int:
        """The paper that this one has become a part of, or itself."""
        while home in self._moved:
            home = self._moved[home]
        return home


def age(home: int) -> tuple[bool, int]:
    """Stored ones first, by their ids; then new ones as they came."""
    return home < 0, abs(home)


def cluster(entries: Iterable[Entry | Paper]) -> list[list[int]]:
    """Positions of entries that are one paper, each list ascending, the lists by their first member. Linear.

    First what identifiers tie together, then what words join.
    """
    with _uncollected():
        return clustered([record(entry) for entry in entries])


def clustered(records: Sequence[Record]) -> list[list[int]]:
    """The same for records. They are taken by what they say and not as they came: where a block overflows, who is met
    hangs on who was there before. The largest numbers first, so that those that stay in a block are met by those that go.
    """
    with _uncollected():
        return _clustered(records)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing here makes circles, and walking through all texts again and again would take a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _clustered(records: Sequence[Record]) -> list[list[int]]:
    shelf, members = Shelf(), dict[int, list[int]]()
    groups = [(group, whole(records[at] for at in group)) for group in grouped(records)]
    for place, (group, new) in enumerate(sorted(groups, key=lambda known: _said(known[1]), reverse=True)):
        home, *others = decide(new, shelf.near(new)).join or (place,)
        members.setdefault(home, []).extend(group)
        for other in others:
            members[home] += members.pop(other)
            shelf.merge(other, home)
        shelf.put(home, new)
    return sorted(sorted(each) for each in members.values())


def _said(some: Record) -> tuple[list[int], tuple[Identifier, ...]]:
    return sorted(text.number for text in some.texts), some.identifiers


def whole(records: Iterable[Record]) -> Record:
    """What several records of one paper say together; at least one."""
    first, *rest = records
    for other in rest:
        first = together(first, other)
    return first
