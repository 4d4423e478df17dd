"""An index of known records, so that a new one is compared with a few of them only.

`cluster` fills it with entries, `acts.papers.resolve` with what the store has under the same keys. What it finds does not
depend on the order in which records were added.
"""

from __future__ import annotations

from array import array
from bisect import insort
from collections.abc import Iterable, Mapping, Sequence

from digestbot.papers.identity.blocking import LARGEST_BLOCK, MOST_PAPERS, blocks, worth_comparing
from digestbot.papers.identity.decisions import (
    PLACES,
    SEVERAL,
    Identifier,
    Record,
    merge_records,
)
from digestbot.papers.identity.similarity import few_trigrams_in_common, no_person_in_common, surely_distant
from digestbot.papers.identity.title_features import TitleFeatures


class CandidateIndex:
    """Papers by number, found by identifiers and by the blocks of their texts. Numbers below zero are not stored yet."""

    def __init__(self) -> None:
        self._ids: dict[int, Record] = {}  #: without texts
        self._by_identifier: dict[Identifier, list[int]] = {}
        #: numbers of texts: of too many the smallest stay, whatever came first. Arrays, for there are eight to a text: the
        #: garbage collector, which walks through every list, passes them by
        self._blocks: dict[int, array[int]] = {}
        self._texts: dict[int, TitleFeatures] = {}  #: by their numbers
        self._signers: dict[int, int] = {}  #: of the texts
        self._people: dict[int, int] = {}  #: of the texts that were put here: hundreds are asked about each new record
        self._homes: dict[int, array[int]] = {}  #: of each text: different works may have one title
        self._moved: dict[int, int] = {}

    def add_identifiers(self, home: int, identifiers: Iterable[Identifier]) -> None:
        """Add identifiers of this paper."""
        given = tuple(identifiers)
        if not given:
            return
        self._add_identifiers(home, merge_records(Record(given), Record(())))

    def _add_identifiers(self, home: int, new: Record) -> None:
        """Add identifiers of this paper, which stand in their order."""
        known = self._ids.get(home)
        if known is None:
            self._ids[home] = Record(new.identifiers) if new.texts else new
        elif new.identifiers != known.identifiers:
            self._ids[home] = merge_records(known, Record(new.identifiers))
        for identifier in new.identifiers:
            homes = self._by_identifier.get(identifier)
            if homes is None:
                self._by_identifier[identifier] = [home]
            elif home not in homes:
                homes.append(home)

    def load_blocks(self, under: Mapping[int, Sequence[int]], signers: Mapping[int, int]) -> None:
        """Load the stored blocks: the numbers of their texts, ascending, and the signers of each text."""
        for block, numbers in under.items():
            self._blocks[block] = array("q", numbers)
        self._signers.update(signers)

    def add_text(self, text: TitleFeatures, home: int) -> None:
        """Add a text of this paper; its blocks are loaded already."""
        self._texts.setdefault(text.number, text)
        homes = self._homes.get(text.number)
        if homes is None:
            self._homes[text.number] = array("q", (home,))
        elif home not in homes and len(homes) <= 2 * MOST_PAPERS:  # some may turn out to be one
            homes.append(home)

    def add_record(self, home: int, new: Record) -> None:
        """Add a record of this paper under all its keys."""
        if new.identifiers:
            self._add_identifiers(home, new)
        for text in new.texts:
            if (number := text.number) not in self._texts:
                for block in blocks(text):
                    under = self._blocks.get(block)
                    if under is None:
                        self._blocks[block] = array("q", (number,))
                        continue
                    insort(under, number)
                    if len(under) > 2 * LARGEST_BLOCK:
                        del under[LARGEST_BLOCK:]
                self._people[number] = text.people
                self._signers[number] = text.signers
            self.add_text(text, home)

    def merge(self, loser: int, survivor: int) -> None:
        """Make `loser` a part of `survivor`."""
        self._ids[survivor] = merge_records(self._ids.get(survivor, Record(())), self._ids.pop(loser, Record(())))
        self._moved[loser] = survivor

    def paper_with(self, identifier: Identifier) -> int | None:
        """Returns the oldest paper with this identifier, or None."""
        return min(map(self.survivor_of, self._by_identifier.get(identifier, ())), key=by_age, default=None)

    def has_conflict(self, home: int) -> bool:
        """Does the paper have two identifiers of one scheme? Then words may have joined two works."""
        kinds = self._ids[home].by_scheme.items() if home in self._ids else ()
        return any(len(values) > 1 for kind, values in kinds if kind not in PLACES and kind not in SEVERAL)

    def candidates_for(self, new: Record) -> list[tuple[int, Record]]:
        """Returns the papers that share an identifier or a block with the record, oldest first, each with the texts found."""
        found: dict[int, dict[TitleFeatures, None]] = {}
        for identifier in new.identifiers:
            if identifier in self._by_identifier:
                for home in self._under_identifier(identifier):
                    found.setdefault(self.survivor_of(home), {})
        for text in self._alike(new):
            for home in self._homes_of(text):
                found.setdefault(home, {})[text] = None
        return [(home, Record(self._ids_of(home), tuple(found[home]))) for home in sorted(found, key=by_age)]

    def _under_identifier(self, identifier: Identifier) -> Iterable[int]:
        """Papers with this identifier; none for a page that more than MOST_PAPERS share."""
        homes = self._by_identifier.get(identifier, ())
        return homes if identifier[0] not in PLACES or len(homes) <= MOST_PAPERS else ()

    def _homes_of(self, text: TitleFeatures) -> Iterable[int]:
        """Papers with this very text; none where more than MOST_PAPERS have it."""
        homes = self._homes[text.number]
        if any(home in self._moved for home in homes):
            homes = self._homes[text.number] = array("q", dict.fromkeys(map(self.survivor_of, homes)))
        return homes if len(homes) <= MOST_PAPERS else ()

    def _alike(self, new: Record) -> list[TitleFeatures]:
        """Returns the texts in the same blocks that are near at least one of its own texts."""
        near: dict[int, TitleFeatures] = {}
        for mine in new.texts:
            near |= {text.number: text for text in self._met(mine) if not self._far(mine, text)}
        return [near[number] for number in sorted(near)]

    def _met(self, mine: TitleFeatures) -> list[TitleFeatures]:
        """Returns the texts worth comparing, without those already known to be by other people."""
        people = mine.people
        under = worth_comparing((self._blocks.get(key, ()) for key in blocks(mine)), self._signers, mine.signers)
        return [self._texts[number] for number in under if self._people.get(number, people) & people]

    def _far(self, mine: TitleFeatures, theirs: TitleFeatures) -> bool:
        """Texts added in this batch have their letters at hand, which rule out more cheaply than names."""
        if theirs.number in self._people:
            return few_trigrams_in_common(mine, theirs) or no_person_in_common(mine, theirs)
        return surely_distant(mine, theirs)

    def _ids_of(self, home: int) -> tuple[Identifier, ...]:
        return self._ids[home].identifiers if home in self._ids else ()

    def survivor_of(self, home: int) -> int:
        """Returns the paper that this one was merged into, or itself."""
        while home in self._moved:
            home = self._moved[home]
        return home


def by_age(home: int) -> tuple[bool, int]:
    """Sort key: stored papers by id, then new ones in the order they came."""
    return home < 0, abs(home)
