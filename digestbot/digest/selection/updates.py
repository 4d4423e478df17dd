"""Updates: news of papers that somebody has had, or has in their library, each told once. Pure.

Several events of one paper in one digest are one item with one sentence. An event counts as told by its key, for each
person. An event before they had the paper stood on its card, and is no news to them. Of a paper that they imported no
card told them anything, so what had happened to it before is news too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from digestbot.model import Item, ItemPlace, NoticeKind, Paper, PaperId, Subscriber
from digestbot.papers.facts.events import IMPORTANT, EventKind, Happening
from digestbot.papers.facts.notices import LONGEST_REASON, address, sentence, told_of

MOST_UPDATES = 10  #: cards in the mail; other updates are title lines
_ORDER: Final = tuple(EventKind)  #: as they are listed, what must not be missed first
_FALLEN: Final = (EventKind.RETRACTED, EventKind.WITHDRAWN)
_GRAVE: Final = (*_FALLEN, EventKind.CONCERN)  #: always with a card
#: the kind of notice that says more of an event
_SAID_BY: Final[Mapping[EventKind, NoticeKind]] = {
    EventKind.RETRACTED: NoticeKind.RETRACTION, EventKind.WITHDRAWN: NoticeKind.WITHDRAWAL,
    EventKind.CONCERN: NoticeKind.CONCERN, EventKind.RESTORED: NoticeKind.REINSTATEMENT,
    EventKind.CORRECTED: NoticeKind.CORRECTION,
}  # fmt: skip
_BRIEFLY: Final[Mapping[EventKind, str]] = {
    EventKind.CONCERN: "Its publisher has expressed a concern about it.",
    EventKind.CORRECTED: "It has been corrected.",
}
_LEADS: Final[Mapping[EventKind, str]] = {
    **{kind: f"It has been {kind}." for kind in _FALLEN}, **_BRIEFLY, EventKind.RESTORED: "It stands again.",
}  # fmt: skip
IMPORTED: Final = datetime.min.replace(tzinfo=UTC)  #: when they "had" a paper out of their library: before all events
#: what `explain` calls an event, by its key without a version
WORDS: Final[Mapping[str, str]] = {
    "accepted": "its acceptance", "workshop": "its acceptance at a workshop", "journal": "its publication",
    "code": "its code", "withdrawn": "its withdrawal", "restored": "that it stands again", "retracted": "its retraction",
    "concern": "an expression of concern", "corrected": "its correction",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the subscriber has been shown of one paper."""

    version: int | None  #: the highest
    at: datetime  #: when they had that version
    first: datetime | None = None  #: when they had the paper first; None: at `at`
    told: frozenset[str] = frozenset()  #: keys of the events they were told
    how: str = ""  #: "" by a digest; "liked" or "library" for one that no digest brought


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """An event of a paper, with the paper as it is today and when the event was seen."""

    paper: Paper
    event: Happening
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FateLine:
    """One thing that was said of how a paper stands."""

    text: str
    href: str = ""  #: where that can be read
    seen: datetime | None = None  #: when it was seen here, where nobody says when it was published


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a paper, for whoever looks at it: the same sentences as an update's."""

    lead: str = ""  #: how it stands; "" for a paper of which nothing was said
    grave: bool = False  #: it fell, or there is a concern
    lines: tuple[FateLine, ...] = ()  #: the gravest first, of one kind the newest first


NewsOf = Mapping[PaperId, Sequence[News]]


def by_paper(news: Iterable[News]) -> NewsOf:
    """News grouped by paper, each group in its order."""
    found: dict[PaperId, list[News]] = {}
    for one in news:
        found.setdefault(one.paper.stored_id, []).append(one)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The papers that a reader likes or imported and no digest brought, of which there is something to tell."""

    papers: Mapping[PaperId, Shown] = field(default_factory=dict)
    news: NewsOf = field(default_factory=dict)


def updates(
    subscriber: Subscriber, shown: Mapping[PaperId, Shown], news: NewsOf, held: Held | None = None
) -> list[Item]:
    """One item for each paper of which this subscriber is to be told something.

    Retracted and withdrawn papers come first and always have a card, as do those with an expression of concern; then
    acceptance, publication and code; then new versions, those that say what they change before those that do not.
    Within a rank, the order in which it happened.
    """
    held = held or Held()
    candidates = [(shown[paper], news[paper]) for paper in shown.keys() & news.keys()]
    candidates += [(held.papers[p], held.news[p]) for p in (held.papers.keys() & held.news.keys()) - shown.keys()]
    told = [
        (had, new)
        for had, every in candidates
        if (new := [n for n in every if _wanted(subscriber, n.event) and _is_new(n, had)])
    ]
    if not told:
        return []
    told.sort(key=lambda one: (_rank(one[1]), one[1][0].at, one[1][0].paper.public_id))
    zone = ZoneInfo(subscriber.time_zone)
    return [_item(had, new, zone, at) for at, (had, new) in enumerate(told)]


def fate_of(paper: Paper, seen: Mapping[EventKind, datetime]) -> Fate:
    """What became of a paper. `seen`: when each kind of event was seen here the last time."""
    noticed = {notice.kind for notice in paper.notices}
    kinds = [k for k, said in _SAID_BY.items() if k in seen or k.value == paper.standing.value or said in noticed]
    now = next((kind for kind in kinds if paper.standing or kind not in _FALLEN), None)
    if now is None:
        return Fate()
    lines = tuple(line for kind in kinds for line in _lines(paper, kind, seen.get(kind)))
    return Fate(lead=_LEADS[now], grave=now in _GRAVE, lines=lines)


def _lines(paper: Paper, kind: EventKind, seen: datetime | None) -> Iterable[FateLine]:
    notices = [notice for notice in reversed(paper.notices) if notice.kind is _SAID_BY[kind]]
    for one in notices:
        yield FateLine(text=sentence(one), href=address(one), seen=None if one.day else seen)
    if not notices:
        yield FateLine(text=_said(paper, [kind]) or _LEADS[kind], seen=seen)


def _rank(news: Sequence[News]) -> int:
    """0 for what must not be missed, then as much as it says; 3 for a version of which nothing is known."""
    if any(n.event.kind in _GRAVE for n in news):
        return 0
    if any(n.event.kind is not EventKind.VERSION for n in news):
        return 1
    return 2 if any(n.event.note.strip() != n.event.key for n in news) else 3


def _wanted(subscriber: Subscriber, event: Happening) -> bool:
    return subscriber.updates == "all" or (subscriber.updates == "important" and event.kind in IMPORTANT)


def _is_new(one: News, had: Shown) -> bool:
    if had.how and not one.paper.standing and one.event.kind in (*_FALLEN, EventKind.RESTORED):
        return False  # it fell and stands again before they had heard of either
    if one.event.kind is EventKind.VERSION:
        return int(one.event.key[1:]) > (had.version or 1)
    return one.event.key not in had.told and one.at > (had.first or had.at)


def _item(had: Shown, news: Sequence[News], zone: ZoneInfo, at: int) -> Item:
    events = sorted((n.event for n in news), key=lambda e: _ORDER.index(e.kind))  # sorted() is stable: v2 before v3
    return Item(
        paper=news[-1].paper, kind="+".join(e.key for e in events), note=_sentence(had, events, zone, news[-1].paper),
        place=ItemPlace.MAIL if _rank(news) == 0 or (at < MOST_UPDATES and _rank(news) < 3) else ItemPlace.MORE,
    )  # fmt: skip


def _sentence(had: Shown, events: Sequence[Happening], zone: ZoneInfo, paper: Paper) -> str:
    """`You had v1 on Wed 30 September. New: accepted at ISCA; v2 changes two sentences of the abstract.`"""
    kinds = dict.fromkeys(e.kind for e in events)
    fallen = [kind for kind in kinds if kind in _FALLEN and paper.standing]  # else it stands again since
    told = [_known(had, zone)]
    again = " again" if any(e.key.rpartition("-")[2].isdigit() for e in events if e.kind in fallen) else ""
    told += [f"It has been {' and '.join(fallen)}{again}."] if fallen else []
    told += [said for kind, said in _BRIEFLY.items() if kind in kinds]
    told += [_said(paper, [kind for kind in kinds if kind in fallen or kind not in _FALLEN])]
    # the version that withdraws a paper is the withdrawal itself
    silent = {*_FALLEN, *_BRIEFLY, *((EventKind.RESTORED, EventKind.VERSION) if fallen else ())}
    rest = dict.fromkeys(e.note for e in events if e.kind not in silent)
    told += [f"New: {'; '.join(rest)}."] if rest else []
    return " ".join(filter(None, told))


def _known(had: Shown, zone: ZoneInfo) -> str:
    """How they know the paper."""
    day = had.at.astimezone(zone)
    if had.how == "library":
        return "It is in your library."
    if had.how == "liked":
        return f"You liked it on {day:%a} {day.day} {day:%B}."
    version = f"v{had.version}" if had.version else "it"
    return f"You had {version} on {day:%a} {day.day} {day:%B}."


def _said(paper: Paper, kinds: Sequence[EventKind]) -> str:
    """What was published about it, where, and by whom it is passed on; of a withdrawn preprint the authors' own words."""
    said = told_of(paper, [_SAID_BY[event] for event in dict.fromkeys(kinds) if event in _SAID_BY])
    if (
        not said
        and EventKind.WITHDRAWN in kinds
        and ("withdr" in paper.comment.lower() or "retract" in paper.comment.lower())
    ):
        words = paper.comment if len(paper.comment) <= LONGEST_REASON else f"{paper.comment[: LONGEST_REASON - 1]}…"
        return f"Its authors write: “{words}”"
    return said
