"""Select: which papers one subscriber gets for one slot, where they stand, and why. Pure.

A paper is eligible when it matches now, was never shown to this subscriber, and was first seen inside the window. A
paper beyond a limit is *more* of the same digest and counts as shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heapreplace
from itertools import islice
from typing import NamedTuple

from digestbot.digest.selection.apart import Near, apart, much_like, nothing_near
from digestbot.digest.selection.rhythm import PLACES
from digestbot.digest.selection.updates import Held, NewsOf, Shown, updates
from digestbot.model import (
    BestOf,
    Fate,
    FrozenMap,
    Grade,
    Item,
    ItemPlace,
    Paper,
    PaperId,
    Reason,
    ScorePart,
    Section,
    SectionKind,
    Span,
    Subscriber,
    Topic,
)
from digestbot.ranking.best import must_reads

LOOK_BACK = timedelta(days=14)
BEFORE_JOINING = timedelta(days=2)  #: also how far back a new or changed topic reaches
OWED = timedelta(days=60)  #: before the last slot: how far back that reaches which was given back

Found = tuple[Paper, float]  #: with its match's score
Why = Callable[[Topic, Sequence[Paper]], Sequence[tuple[Reason, ...]]]


class Asking(NamedTuple):
    """What is asked of papers that come into a digest."""

    why: Why  #: the reasons for each of these papers under a topic
    near: Near = nothing_near  #: the near-copies of a paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The sections of a digest, and the fate of every paper that was considered."""

    sections: tuple[Section, ...] = ()
    fates: Mapping[PaperId, Fate] = field(default_factory=dict)  #: of every paper that matched; of all others NO_MATCH
    matched: int = 0  #: papers that match a topic and were not shown before
    waits: bool = (
        False  #: nothing comes, and what matches or all they follow comes weekly or monthly, with a later digest
    )

    def held(self) -> dict[PaperId, Fate]:
        """Papers that matched and were held back, with the reason, except those that were sent before."""
        kept = (Fate.MUTED, Fate.KNOWN, Fate.REPLACEMENT, Fate.WITHDRAWN, Fate.TOO_OLD, Fate.NOT_BEST, Fate.BEST_LIKE)
        return {paper: fate for paper, fate in self.fates.items() if fate in kept}

    @property
    def chosen(self) -> int:
        """How many papers count as shown: in the mail and in *more*."""
        return sum(len(i.papers()) for s in self.sections for i in (*s.items, *s.more))


def window_start(
    subscriber: Subscriber,
    due: datetime,
    last_done: datetime | None,
    last_kept: datetime | None,
    look_back: timedelta = LOOK_BACK,
    before_joining: timedelta = BEFORE_JOINING,
) -> datetime:
    """Papers first seen after this instant are eligible (aware UTC, exclusive).

    The window starts at the last slot whose papers were all delivered, because a mail that did not arrive gives its
    papers back. It reaches at most 60 days before the last slot, or as long before it as the slots are apart, so that
    one failing address does not widen every window. `before_joining`: how long before somebody came papers may be from; the first
    best list is of a whole week or month.
    """
    reached = last_kept or subscriber.joined or due  # a pause may have begun before the first digest
    if last_done is not None:
        reached = max(reached, last_done - max(OWED, due - last_done))
    start = min(due - look_back, reached)
    return start if subscriber.joined is None else max(start, subscriber.joined - before_joining)


def topic_start(topic: Topic, start: datetime) -> datetime:
    """Where the window of a topic starts: a topic that was added or changed later reaches back two days before the
    change. Not so its first best list, which is of a whole week or month."""
    return start if topic.since is None else max(start, topic.since - BEFORE_JOINING)


@dataclass(frozen=True, slots=True, kw_only=True)
class BestList:
    """A topic of which this digest brings the best of a week or a month."""

    span: Span
    since: datetime  #: papers first seen after it are candidates
    late: Mapping[PaperId, str] = FrozenMap()  #: so are these, seen before it, that rose since; with what was seen


@dataclass(frozen=True, slots=True)
class Reach:
    """From when on papers may come, for topics that bring everything and for those that bring their best."""

    start: datetime  #: papers first seen after it may come
    best: Mapping[str, BestList] = FrozenMap()  #: the topics, by name, whose best comes with this digest
    wait: frozenset[str] = frozenset()  #: those whose best comes with a later one


@dataclass(frozen=True, slots=True)
class Had:
    """The papers that a reader has had, or told us of themselves."""

    shown: Mapping[PaperId, Shown] = field(default_factory=dict)  #: by digests
    known: Collection[PaperId] = frozenset()  #: from an imported library, or by a vote
    held: Held = field(default_factory=Held)  #: of these, papers of which something is to be told


def select(
    subscriber: Subscriber,
    found: Sequence[tuple[Topic, Sequence[Found]]],
    had: Had,
    news: NewsOf,
    rising: Sequence[tuple[Paper, str]],
    *,
    reach: Reach,
    asking: Asking,
) -> Selection:
    """The digest of a subscriber with topics: their topics in order, then updates, then trending.

    A topic that brings its best brings as many papers as it has places, and the others stay free to rise. What another topic
    brings as it comes takes no place there.

    `found` holds the matches of each topic over the window's papers, best first. `rising` holds trending papers with
    the sentence that says why. `asking` is asked only about papers in the digest. A paper that a mute topic matches
    stands in no section. Trending never makes a digest by itself.
    """
    unwanted = muted(found)
    fates: dict[PaperId, Fate] = dict.fromkeys(unwanted, Fate.MUTED)
    wanted = [
        (topic, [f for f in matches if f[0].id not in fates] if fates else matches)
        for topic, matches in found
        if not topic.mute
    ]
    ranked = [
        (_with_places(topic, reach), _eligible(topic, matches, had, fates, reach))
        for topic, matches in wanted
        if topic.name not in reach.wait
    ]
    sections = _topic_sections(subscriber, ranked, fates, asking, reach.best)
    matched = len({paper.stored_id for _, matches in ranked for paper, _ in matches})
    _note_waiting(wanted, had, reach, fates)
    if update := updates_section(subscriber, had, news, unwanted):
        sections.append(update)
    if sections and (trending := _trending(subscriber, rising, {*had.shown, *had.known}, fates, reach.start)):
        sections.append(trending)
    waits = not sections and bool(reach.wait) and (Fate.WAITS in fates.values() or not ranked)
    return Selection(sections=tuple(sections), fates=fates, matched=matched, waits=waits)


def _with_places(topic: Topic, reach: Reach) -> Topic:
    return replace(topic, limit=PLACES) if topic.limit is None and topic.name in reach.best else topic


def _note_waiting(
    wanted: Sequence[tuple[Topic, Sequence[Found]]], had: Had, reach: Reach, fates: dict[PaperId, Fate]
) -> None:
    """Notes the fate of papers that only a waiting topic matches."""
    for topic, matches in wanted:
        if topic.name in reach.wait:
            papers = (paper.stored_id for paper, _ in matches)
            fates.update((paper, Fate.WAITS) for paper in papers if paper not in fates and paper not in had.shown)


def muted(found: Sequence[tuple[Topic, Sequence[Found]]]) -> set[PaperId]:
    """The papers that a mute topic matches."""
    return {paper.stored_id for topic, matches in found if topic.mute for paper, _ in matches}


def _eligible(
    topic: Topic,
    matches: Sequence[Found],
    had: Had,
    fates: dict[PaperId, Fate],
    reach: Reach,
) -> list[Found]:
    """Matches of one topic that may come, in their order. The fate of the others is noted in `fates`."""
    best = reach.best.get(topic.name)
    late = best.late if best else FrozenMap[PaperId, str]()
    since = best.since if best else topic_start(topic, reach.start)
    shown, known, able = had.shown, had.known, []
    for one in matches:
        paper = one[0]
        number = paper.stored_id
        if number in shown:
            fates[number] = Fate.ALREADY_SENT
        elif number in known:
            fates[number] = Fate.KNOWN
        elif paper.replacement:
            fates[number] = Fate.REPLACEMENT
        elif paper.standing:
            fates[number] = Fate.WITHDRAWN
        elif paper.old:
            fates[number] = Fate.RECORD
        elif paper.came > since or number in late:
            able.append(one)
        else:
            fates.setdefault(number, Fate.TOO_OLD)
    return able


def _topic_sections(
    subscriber: Subscriber,
    ranked: Sequence[tuple[Topic, list[Found]]],
    fates: dict[PaperId, Fate],
    asking: Asking,
    best: Mapping[str, BestList],
) -> list[Section]:
    """Each paper under its first topic, those that bring everything before the best lists. Papers beyond a limit become *more*, and
    so do near-copies of those above."""
    also: dict[PaperId, list[str]] = {}  # further topics of each paper
    own: list[tuple[Topic, list[Found]]] = [(topic, []) for topic, _ in ranked]
    for at in sorted(range(len(ranked)), key=lambda at: ranked[at][0].name in best):
        topic, matches = ranked[at]
        first = own[at][1]
        for found in matches:
            number = found[0].stored_id
            if number in also:
                also[number].append(topic.name)
            else:
                also[number] = []
                first.append(found)
    room = subscriber.max_papers
    able = [apart(m, room if t.limit is None else min(t.limit, room), asking.near) for t, m in own]
    kept = _share([(topic, len(one.cards)) for (topic, _), one in zip(own, able, strict=True)], room)
    sections = []
    for (topic, matches), one, keep in zip(own, able, kept, strict=True):
        cards, like = one.first(keep)
        places = frozenset(cards)
        come = [(at, p, s) for at, (p, s) in enumerate(matches) if topic.name not in best or at in places]
        reasons = asking.why(topic, [p for _, p, _ in come])
        items = [
            Item(paper=p, topic=topic.name, also=tuple(also[p.stored_id]), reasons=why, score=score,
                 place=ItemPlace.MAIL if at in places else ItemPlace.MORE, note=much_like(like[at]) if at in like else "")
            for (at, p, score), why in zip(come, reasons, strict=True)
        ]  # fmt: skip
        if topic.name in best:
            sections += _best_sections(topic, matches, items, best[topic.name], like, fates)
            continue
        beyond = Fate.MORE_LIMIT if keep == topic.limit else Fate.MORE_MAX
        fates.update({i.paper.stored_id: _placed(i, beyond) for i in items})
        if items:
            sections.append(_section(SectionKind.TOPIC, topic.name, topic.query, items))
    return sections


def _placed(item: Item, beyond: Fate) -> Fate:
    if item.place is ItemPlace.MAIL:
        return Fate.SHOWN
    return Fate.MORE_LIKE if item.note else beyond


def _best_sections(
    topic: Topic,
    matches: Sequence[Found],
    items: Sequence[Item],
    best: BestList,
    like: Container[int],
    fates: dict[PaperId, Fate],
) -> list[Section]:
    """The best of a topic in its grades. What has no place is neither shown nor *more*: it may still rise."""
    fates.update({p.stored_id: Fate.BEST_LIKE if at in like else Fate.NOT_BEST for at, (p, _) in enumerate(matches)})
    fates.update({item.paper.stored_id: Fate.SHOWN for item in items})
    told = [replace(item, note=best.late.get(item.paper.stored_id, "")) for item in items]
    must = must_reads([score for at, (_, score) in enumerate(matches) if at not in like], len(items))
    return graded(
        Section(kind=SectionKind.TOPIC, title=topic.name, note=topic.query, items=tuple(told)),
        must,
        best.span,
        len(matches),
    )


def graded(whole: Section, must: int, span: Span, of: int) -> list[Section]:
    """A best list, chosen from `of` papers, as sections: the first `must` stand out, then the rest; without grades where none does."""
    best = BestOf(span=span, places=len(whole.items), of=of)
    parts = [(Grade.MUST, whole.items[:must]), (Grade.RELATED if must else None, whole.items[must:])]
    return [replace(whole, items=some, best=replace(best, grade=grade)) for grade, some in parts if some]


def _share(own: Sequence[tuple[Topic, int]], room: int) -> list[int]:
    """How many papers of each topic stand in the mail, of so many that may, so that no topic crowds out another.

    Each next place goes to the topic with the highest weight / (places + 1), the earlier one of equals: twice the
    weight, twice the places.
    """
    kept = [0] * len(own)
    waiting = [(-topic.weight, at) for at, (topic, most) in enumerate(own) if most]
    heapify(waiting)
    for _ in range(min(room, sum(most for _, most in own))):
        at = waiting[0][1]
        topic, most = own[at]
        kept[at] += 1
        if kept[at] < most:
            heapreplace(waiting, (-topic.weight / (kept[at] + 1), at))
        else:
            heappop(waiting)
    return kept


def updates_section(
    subscriber: Subscriber, had: Had, news: NewsOf, muted: Collection[PaperId | None]
) -> Section | None:
    """What happened to papers they know; None when there is nothing to tell. `muted` hides what digests brought: of a
    paper of their own they are told whatever is muted."""
    shown = {p: one for p, one in had.shown.items() if p not in muted} if muted else had.shown
    items = updates(subscriber, shown, news, had.held)
    return _section(SectionKind.UPDATES, "Updates", "News of papers you know", items) if items else None


def _trending(
    subscriber: Subscriber,
    rising: Sequence[tuple[Paper, str]],
    shown: Container[PaperId | None],
    fates: Mapping[PaperId, Fate],
    start: datetime,
) -> Section | None:
    """Trending papers of the window that are not in this digest."""
    new = (
        Item(paper=paper, note=why)
        for paper, why in rising
        if paper.id not in shown and fates.get(paper.stored_id, Fate.TOO_OLD) is Fate.TOO_OLD
        and paper.first_seen is not None and paper.first_seen > start
    )  # fmt: skip
    if not (items := list(islice(new, subscriber.trending))):
        return None
    return _section(SectionKind.TRENDING, "Trending", "Most votes and most sources among the new papers", items)


def _discovered(paper: Paper, score: float, words: Sequence[str]) -> Item:
    parts = (ScorePart(name="your votes", points=round(score, 3), detail=", ".join(words)),)
    reasons = tuple(Reason(field="votes", text=word) for word in words)
    return Item(paper=paper, score=score, score_parts=parts, reasons=reasons)


def with_discovered(
    selection: Selection, subscriber: Subscriber, liked: Sequence[tuple[Paper, float, Sequence[str]]], had: Had
) -> Selection:
    """The same selection with a section of papers that no rule matched and the reader's own model likes.

    `liked` holds them best first, with its score and the words for it. As trending, it never makes a digest by itself, stands
    before it, and takes none of its papers.
    """
    known = {*had.shown, *had.known, *selection.fates}
    known |= {i.paper.stored_id for section in selection.sections for i in (*section.items, *section.more)}
    new = (_discovered(paper, score, words) for paper, score, words in liked if paper.id not in known)
    items = tuple(islice(new, subscriber.discover))
    if not items or not selection.sections:
        return selection
    made = Section(
        kind=SectionKind.DISCOVER,
        title="Discover",
        note="No rule of yours matched these; your votes speak for them",
        items=items,
    )
    before = [section for section in selection.sections if section.kind is not SectionKind.TRENDING]
    rest = [section for section in selection.sections if section.kind is SectionKind.TRENDING]
    return replace(selection, sections=(*before, made, *rest))


def edition_section(
    day: str, title: str, items: Sequence[tuple[Paper, str]], shown: Mapping[PaperId, Shown], most: int
) -> Section | None:
    """The edition of one day for a subscriber without topics; None when they have had all of it.

    Papers that were withdrawn or retracted since stay on the edition's page, but are no news.
    """
    new = [Item(paper=p, note=why) for p, why in items if p.id not in shown and not p.standing]
    placed = [i if at < most else _as_more(i) for at, i in enumerate(new)]
    return _section(SectionKind.EDITION, title, "", placed) if placed else None


def _as_more(item: Item) -> Item:
    return Item(paper=item.paper, note=item.note, place=ItemPlace.MORE)


def _section(kind: SectionKind, title: str, note: str, items: Sequence[Item]) -> Section:
    return Section(
        kind=kind,
        title=title,
        note=note,
        items=tuple(i for i in items if i.place is ItemPlace.MAIL),
        more=tuple(i for i in items if i.place is ItemPlace.MORE),
    )
