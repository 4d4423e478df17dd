"""Updates: news of papers that somebody has had, each told once. Pure.

Several events of one paper in one digest are one item with one sentence. An event counts as told by its key, for each
person. An event before they had the paper stood on its card, and is no news to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from digestbot.model import Item, ItemPlace, Paper, PaperId, Subscriber
from digestbot.papers.facts.events import IMPORTANT, EventKind, Happening

MOST_UPDATES = 10  #: cards in the mail; other updates are title lines
_ORDER: Final = tuple(EventKind)  #: as they are listed, what must not be missed first
_FALLEN: Final = (EventKind.RETRACTED, EventKind.WITHDRAWN)
#: what `explain` calls an event, by its key without a version
WORDS: Final[Mapping[str, str]] = {
    "accepted": "its acceptance", "workshop": "its acceptance at a workshop", "journal": "its publication",
    "code": "its code", "withdrawn": "its withdrawal", "restored": "that it stands again", "retracted": "its retraction",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the subscriber has been shown of one paper."""

    version: int | None  #: the highest
    at: datetime  #: when they had that version
    first: datetime | None = None  #: when they had the paper first; None: at `at`
    told: frozenset[str] = frozenset()  #: keys of the events they were told


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """An event of a paper, with the paper as it is today and when the event was seen."""

    paper: Paper
    event: Happening
    at: datetime


NewsOf = Mapping[PaperId, Sequence[News]]


def by_paper(news: Iterable[News]) -> NewsOf:
    """News grouped by paper, each group in its order."""
    found: dict[PaperId, list[News]] = {}
    for one in news:
        found.setdefault(one.paper.stored_id, []).append(one)
    return found


def updates(subscriber: Subscriber, shown: Mapping[PaperId, Shown], news: NewsOf) -> list[Item]:
    """One item for each paper of which this subscriber is to be told something.

    Retracted and withdrawn papers come first and always have a card; then acceptance, publication and code; then new
    versions, those that say what they change before those that do not. Within a rank, the order in which it happened.
    """
    told = [
        (shown[paper], new)
        for paper in shown.keys() & news.keys()
        if (new := [n for n in news[paper] if _wanted(subscriber, n.event) and _is_new(n, shown[paper])])
    ]
    told.sort(key=lambda one: (_rank(one[1]), one[1][0].at, one[1][0].paper.public_id))
    zone = ZoneInfo(subscriber.time_zone)
    return [_item(had, new, zone, at) for at, (had, new) in enumerate(told)]


def _rank(news: Sequence[News]) -> int:
    """0 for what must not be missed, then as much as it says; 3 for a version of which nothing is known."""
    if any(n.event.kind in _FALLEN for n in news):
        return 0
    if any(n.event.kind is not EventKind.VERSION for n in news):
        return 1
    return 2 if any(n.event.note.strip() != n.event.key for n in news) else 3


def _wanted(subscriber: Subscriber, event: Happening) -> bool:
    return subscriber.updates == "all" or (subscriber.updates == "important" and event.kind in IMPORTANT)


def _is_new(one: News, had: Shown) -> bool:
    if one.event.kind is EventKind.VERSION:
        return int(one.event.key[1:]) > (had.version or 1)
    return one.event.key not in had.told and one.at > (had.first or had.at)


def _item(had: Shown, news: Sequence[News], zone: ZoneInfo, at: int) -> Item:
    events = sorted((n.event for n in news), key=lambda e: _ORDER.index(e.kind))  # sorted() is stable: v2 before v3
    return Item(
        paper=news[-1].paper, kind="+".join(e.key for e in events), note=_sentence(had, events, zone, news[-1].paper.standing),
        place=ItemPlace.MAIL if _rank(news) == 0 or (at < MOST_UPDATES and _rank(news) < 3) else ItemPlace.MORE,
    )  # fmt: skip


def _sentence(had: Shown, events: Sequence[Happening], zone: ZoneInfo, standing: str) -> str:
    """`You had v1 on Wed 30 September. New: accepted at ISCA; v2 changes two sentences of the abstract.`"""
    day = had.at.astimezone(zone)
    version = f"v{had.version}" if had.version else "it"
    told = [f"You had {version} on {day:%a} {day.day} {day:%B}."]
    fallen = [e.kind for e in events if e.kind in _FALLEN] if standing else []  # else it stands again since
    told += [f"It has been {' and '.join(dict.fromkeys(fallen))}."] if fallen else []
    # the version that withdraws a paper is the withdrawal itself
    silent = (*_FALLEN, EventKind.RESTORED, EventKind.VERSION) if fallen else _FALLEN
    rest = dict.fromkeys(e.note for e in events if e.kind not in silent)
    told += [f"New: {'; '.join(rest)}."] if rest else []
    return " ".join(told)
