"""Near-duplicates: two papers that are perhaps the same stand on one card, with a note (diversity). Pure.

A wrong merge hides a paper, so that "perhaps" merges nothing. The note saves readers from finding out by themselves
that the third card is the ninth one again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

from digestbot.digest.selection.updates import Shown
from digestbot.model import Item, Paper, PaperId, Section

Perhaps = Mapping[PaperId, Sequence[tuple[PaperId, str]]]  #: paper → (other, why it is thought to be the same)


def paired(
    sections: Sequence[Section],
    perhaps: Perhaps,
    shown: Mapping[PaperId, Shown],
    papers: Mapping[PaperId, Paper],
    zone: ZoneInfo,
) -> tuple[Section, ...]:
    """The sections with each new paper beside its near duplicate; of two in this digest, the first card tells of
    both.

    A paper whose near duplicate the reader has had before still comes, and its note says on which day (in `zone`). A
    paper stands on one card only.
    """
    if not perhaps:
        return tuple(sections)
    coming = _new_items(sections)
    cards: dict[PaperId, Item] = {}
    gone: set[PaperId] = set()
    for paper, item in coming.items():
        for other, why in perhaps.get(paper, ()) if paper not in gone else ():
            if other in coming and other not in gone and other not in cards:
                cards[paper] = replace(item, beside=coming[other].paper, note=_note(item, why))
                gone.add(other)
                break
            if other in shown and other in papers:
                cards[paper] = _beside_had(item, papers[other], why, shown[other].at.astimezone(zone))
                break
    return _with_cards(sections, cards, gone)


def _with_cards(sections: Sequence[Section], cards: Mapping[PaperId, Item], gone: set[PaperId]) -> tuple[Section, ...]:
    made = (_with(section, cards, gone) for section in sections)
    return tuple(section for section in made if section.items or section.more)


def _new_items(sections: Sequence[Section]) -> dict[PaperId, Item]:
    items = chain.from_iterable((*section.items, *section.more) for section in sections)
    return {item.paper.id: item for item in items if item.kind == "new" and item.paper.id is not None}


def _beside_had(item: Item, other: Paper, why: str, day: datetime) -> Item:
    why = f"{why}. You had that one on {day:%a} {day.day} {day:%B}"
    return replace(item, beside=other, beside_had=True, note=_note(item, why))


def _note(item: Item, why: str) -> str:
    said = f"{why[:1].upper()}{why[1:]}."
    return f"{item.note} · {said}" if item.note else said


def _with(section: Section, cards: Mapping[PaperId, Item], gone: set[PaperId]) -> Section:
    def kept(items: Sequence[Item]) -> tuple[Item, ...]:
        return tuple(_card(i, cards) for i in items if i.kind != "new" or i.paper.id not in gone)

    return replace(section, items=kept(section.items), more=kept(section.more))


def _card(item: Item, cards: Mapping[PaperId, Item]) -> Item:
    return cards.get(item.paper.id, item) if item.kind == "new" and item.paper.id is not None else item
