"""Compose: one digest from the papers of the round, what its reader has had, and what their topics match. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from digestbot.acts.digests.best_lists import ReaderLists
from digestbot.acts.digests.candidates import CandidateWindow
from digestbot.acts.digests.reader_history import ReaderHistory, has_topics
from digestbot.acts.digests.tastes import Taste
from digestbot.digest.selection.listing_counts import tallies
from digestbot.digest.selection.namesakes import Answer, Follower, Verdict, Whom, asked
from digestbot.digest.selection.near_duplicates import paired
from digestbot.digest.selection.rhythm import rhythm_of
from digestbot.digest.selection.select import (
    BEFORE_JOINING,
    Found,
    Had,
    Reach,
    Selection,
    edition_section,
    select,
    updates_section,
    window_start,
    with_discovered,
)
from digestbot.digest.selection.updates import Held, Shown
from digestbot.model import (
    Digest,
    EditionState,
    Item,
    Paper,
    PaperId,
    PolledSource,
    ReadStatus,
    ScorePart,
    Section,
    Slot,
    Subscriber,
    Topic,
)
from digestbot.store import Edition, SourceRow, Transaction


class _Asked(NamedTuple):
    """What one reader's digest is chosen by."""

    tx: Transaction
    window: CandidateWindow
    subscriber: Subscriber
    had: Had
    lists: ReaderLists
    reach: Reach
    taste: Taste | None
    follower: Follower
    perhaps: dict[
        PaperId, tuple[Whom, Verdict]
    ]  #: whose papers of people they follow may be, as far as `found` saw them

    def found(self) -> list[tuple[Topic, Sequence[Found]]]:
        """The matches of each topic, best first, without papers by other people of a name that they follow."""
        return [(topic, self._theirs(topic, self._matching(topic))) for topic in self.subscriber.topics]

    def _matching(self, topic: Topic) -> Sequence[Found]:
        """The matches of a topic. Those of a best list reach back to what may have risen, and how new they are does not count.

        What they had is left out: most of what matches in two weeks. But a mute topic hides news of that too, and among people
        who are followed it tells whose the others are.
        """
        rhythm = rhythm_of(topic)
        rare = rhythm is not None and topic.name in self.reach.best
        after = self.lists.since(rhythm, late=True) if rhythm is not None and rare else self.reach.start
        if topic.like:
            return self.window.likes.found(self.tx, topic, after, self.taste, fresh=not rare)
        had = () if topic.mute or topic.follow else self.had.shown
        return self.window.matching.found(topic, after, self.taste, without=had, fresh=not rare)

    def _theirs(self, topic: Topic, found: Sequence[Found]) -> Sequence[Found]:
        if not topic.follow or not found:
            return found
        made = self.follower.verdicts(topic, [paper for paper, _ in found], self.window.settings.topics)
        self.perhaps.update({p: one for p, one in made.items() if one[1].answer is Answer.PERHAPS})
        others = {p for p, (_, verdict) in made.items() if verdict.answer is Answer.NO}
        return [one for one in found if one[0].id not in others] if others else found


def compose_digest(
    tx: Transaction,
    window: CandidateWindow,
    history: ReaderHistory,
    subscriber: Subscriber,
    slot: Slot,
    next_slot: Slot | None,
    *,
    open_editions: bool,
) -> tuple[Digest, Selection]:
    """Compose the digest of one slot, and say what was selected for it. Records nothing."""
    who = subscriber.stored_id
    start = window_start(subscriber, slot.due, history.last_slot.get(who), history.last_delivered_slot.get(who))
    start = max(start, window.restored) if window.restored else start
    shown, known = history.shown.get(who, {}), history.known.get(who, frozenset())
    taste = window.taste_of(tx, subscriber) if known else None
    lists = ReaderLists(window, history, subscriber, slot)
    had = Had(shown, known, history.held.get(who, Held()))
    follower = history.followers.get(who, Follower())
    asks = _Asked(tx, window, subscriber, had, lists, lists.reach(tx, start), taste, follower, {})
    topicless = history.topics_ended.get(who)
    selection = (
        _of_topics(asks) if has_topics(subscriber) else _of_edition(asks, topicless, open_editions=open_editions)
    )
    told = paired(selection.sections, window.perhaps, shown, window.by_id, ZoneInfo(subscriber.time_zone))
    selection = replace(selection, sections=_with_questions(told, asks.perhaps) if asks.perhaps else told)
    new_since = max(start, history.decided.get(who, start))
    digest = Digest(
        subscriber=subscriber,
        slot=slot,
        site=window.settings.site,
        composed=window.now,
        sections=selection.sections,
        waits=selection.waits,
        considered=window.considered(tx, new_since),
        polled=_polled(window, selection, new_since, window.new_by_source(tx, new_since)),
        next_slot=next_slot,
        contact=window.settings.contact,
    )
    return digest, selection


def _with_questions(
    sections: Sequence[Section], perhaps: Mapping[PaperId, tuple[Whom, Verdict]]
) -> tuple[Section, ...]:
    """The cards of topics ask about papers that are perhaps by somebody whom they follow."""

    def told(items: Sequence[Item]) -> tuple[Item, ...]:
        return tuple(
            asked(i, *perhaps[i.paper.stored_id]) if i.kind == "new" and i.topic and i.paper.id in perhaps else i
            for i in items
        )

    return tuple(replace(s, items=told(s.items), more=told(s.more)) if s.kind == "topic" else s for s in sections)


def _of_topics(asks: _Asked) -> Selection:
    """What the reader's topics bring, and beside it what trends and what they may discover."""
    window, subscriber, start = asks.window, asks.subscriber, asks.reach.start
    beside = subscriber.trending or subscriber.discover
    excluded = window.matching.named_by_not(subscriber.topics) if beside else set()
    rising = [(paper, why) for paper, why in window.matching.rising if paper.id not in excluded]
    selection = select(
        subscriber, asks.found(), asks.had, window.news, rising, reach=asks.reach, asking=window.asking(asks.tx)
    )
    scored = tuple(_scored(window, subscriber, section, asks.taste) for section in selection.sections)
    selection = replace(selection, sections=scored)
    if not subscriber.discover or asks.taste is None or not selection.sections:
        return selection
    apart = [p for p in window.matching.papers if p.id not in excluded and _may_come(p, start)]
    return with_discovered(selection, subscriber, asks.taste.liked(apart), asks.had)


def _may_come(paper: Paper, start: datetime) -> bool:
    """Whether a paper is news of the window."""
    return bool(paper.first_seen and paper.first_seen > start and not paper.replacement and not paper.standing)


def _of_edition(asks: _Asked, topicless: datetime | None, *, open_editions: bool) -> Selection:
    """What a reader without topics gets. `topicless` is when their last topic ended."""
    window, subscriber, lists, shown = asks.window, asks.subscriber, asks.lists, asks.had.shown
    start, rhythm = asks.reach.start, rhythm_of(subscriber)
    muted = {paper.id for _, matches in asks.found() for paper, _ in matches}
    unwanted = {*asks.had.known, *muted}
    since = start if topicless is None else max(start, topicless - BEFORE_JOINING)
    if rhythm is None:
        sections = _editions(window, subscriber, shown, unwanted, since, open_editions)
    else:
        sections = [] if lists.wait(subscriber) else lists.of_edition(asks.tx, rhythm, {*shown, *unwanted})
    selection = _with_updates(window, subscriber, sections, asks.had, muted)
    return replace(selection, waits=not selection.sections and lists.wait(subscriber))


def _scored(window: CandidateWindow, subscriber: Subscriber, section: Section, taste: Taste | None) -> Section:
    """Adds to each match of a topic what its score is the sum of, and to one of the day's risers what was seen."""
    if section.kind != "topic":
        return section
    items, fresh = (*section.items, *section.more), section.best is None
    like = next((topic for topic in subscriber.topics if topic.like and topic.name == section.title), None)
    if like is None:
        parts = window.matching.parts(items, taste, fresh=fresh)
    else:
        parts = (window.likes.parts(like, item, taste, fresh=fresh) for item in items)
    risers = window.matching.risers
    shown = tuple(_with_parts(i, next(parts), i.note or risers.get(i.paper.id, "")) for i in section.items)
    return replace(section, items=shown, more=tuple(_with_parts(i, next(parts), i.note) for i in section.more))


def _with_parts(item: Item, parts: tuple[ScorePart, ...], note: str) -> Item:
    """`replace` takes three times as long, and this is done for every paper of every digest."""
    return Item(
        paper=item.paper, kind=item.kind, topic=item.topic, also=item.also, reasons=item.reasons, score=item.score,
        score_parts=parts, place=item.place, note=note, beside=item.beside, beside_had=item.beside_had,
    )  # fmt: skip


def _editions(
    window: CandidateWindow,
    subscriber: Subscriber,
    shown: Mapping[PaperId, Shown],
    muted: Collection[PaperId | None],
    after: datetime,
    open_too: bool,
) -> list[Section]:
    """What they have not had of the closed editions; of the open one as it stands where the caller wants it.

    An edition may be closed long after its hour, by the next poll: which were closed at the last digest nobody knows.
    """
    closed = [e for e in window.editions if e.state is EditionState.CLOSED and after < e.closes <= window.now]
    sections = _edition_sections(window, subscriber, closed, shown, muted)
    if open_too and not sections:
        now_open = [e for e in window.editions if e.state is EditionState.OPEN]
        sections = _edition_sections(window, subscriber, now_open, shown, muted)
    return sections


def _with_updates(
    window: CandidateWindow,
    subscriber: Subscriber,
    sections: list[Section],
    had: Had,
    muted: Collection[PaperId | None],
) -> Selection:
    matched = sum(len(s.items) + len(s.more) for s in sections)
    if update := updates_section(subscriber, had, window.news, muted):
        sections.append(update)
    return Selection(sections=tuple(sections), matched=matched)


def _edition_sections(
    window: CandidateWindow,
    subscriber: Subscriber,
    editions: Sequence[Edition],
    shown: Mapping[PaperId, Shown],
    muted: Collection[PaperId | None],
) -> list[Section]:
    """One for each edition that has something new for them; a paper of two editions comes with the first."""
    sections, room, had = [], subscriber.max_papers, {*muted}
    for edition in editions:
        papers = [(window.by_id[p], why) for p, why in edition.items if p in window.by_id and p not in had]
        had |= {paper.id for paper, _ in papers}
        if section := edition_section(edition.day, _day_title(edition), papers, shown, room):
            sections.append(section)
            room -= len(section.items)
    return sections


def _day_title(edition: Edition) -> str:
    day = date.fromisoformat(edition.day)
    return f"{day:%A} {day.day} {day:%B}"


def _polled(
    window: CandidateWindow, selection: Selection, since: datetime, new: Mapping[str, int]
) -> tuple[PolledSource, ...]:
    """The footer's account: what each source brought, what of it is in this mail, and why it was quiet."""
    sent = Counter(i.paper.sources[0] for s in selection.sections for i in s.items if i.paper.sources)
    return tuple(
        _account(window, row, since, PolledSource(
            ref=row.name, name=window.settings.titles.get(row.name, row.name), new=new.get(row.name, 0), sent=sent[row.name],
            tally=tallies(window.listings.get(row.name, ()), since.date()),
        ))
        for row in window.sources
    )  # fmt: skip


def _account(window: CandidateWindow, row: SourceRow, since: datetime, line: PolledSource) -> PolledSource:
    if row.status is None:
        return replace(line, state="never", note="not polled yet")
    if row.status.failed:
        began = f"since {row.failing_since.astimezone(UTC):%a %H:%M} UTC: " if row.failing_since else ""
        return replace(line, state="failing", note=f"{began}{row.error or row.status}")
    if row.status is ReadStatus.STALE:
        return replace(line, note=row.error)
    if line.new:
        return line
    usual = window.settings.quiet.get(row.name)
    return replace(line, state="quiet", note=usual(since, window.now) if usual else "")
