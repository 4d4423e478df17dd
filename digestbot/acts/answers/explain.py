"""Explain: why one paper came to one person, or did not. Reads only.

What was decided is read where it was written down: the digests, and what each slot held back. For all else the same
`select` is asked again, about this paper alone, with the rules, the text and the signals as they were at that slot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from digestbot.acts.digests.like_matches import LikeMatches, like_matches
from digestbot.acts.digests.preview import preview_digest
from digestbot.acts.digests.reader_history import ReaderHistory, followers_of
from digestbot.acts.papers.find import find_paper
from digestbot.acts.site.settings import DigestSettings
from digestbot.digest.selection.apart import MUCH_LIKE
from digestbot.digest.selection.namesakes import Answer, Follower, sentence
from digestbot.digest.selection.quiet_reasons import AFTER, WORDS
from digestbot.digest.selection.rhythm import comes, next_with, rhythm_of
from digestbot.digest.selection.schedule import Schedule
from digestbot.digest.selection.select import LOOK_BACK, Asking, BestList, Had, Reach, select, window_start
from digestbot.digest.selection.updates import WORDS as NEWS
from digestbot.digest.selection.updates import Shown
from digestbot.errors import NotFound
from digestbot.model import (
    Delivery,
    Digest,
    EditionState,
    Fate,
    Item,
    ItemPlace,
    Paper,
    PaperId,
    PartialDate,
    ScorePart,
    Silence,
    SlotState,
    Subscriber,
    SubscriberId,
    Topic,
)
from digestbot.papers.facts.assemble import Mention, assemble_paper
from digestbot.rules import parse
from digestbot.rules.evaluation.explain import Clause
from digestbot.rules.evaluation.explain import explain as clauses
from digestbot.store import RESTORED, SlotRow, Store, Transaction

MOST_SLOTS = 400  #: how far back slots are looked through

#: a sentence for each fate that needs no more than the days: `day` of the digest, `came` of the paper
_BECAUSE: Final[Mapping[Fate, str]] = {
    Fate.NO_MATCH: "It was considered for the digest of {day}, and none of your topics matched.",
    Fate.KNOWN: "You know it: it stands in the library you imported, or you voted on it.",
    Fate.REPLACEMENT: "It came as a new version of a paper that was announced before we knew it: not news.",
    Fate.WITHDRAWN: "It was {standing} before a digest of yours could bring it: not news.",
    Fate.TOO_OLD: "It came {came}, before what the digest of {day} reaches back to.",
    Fate.BEST_LIKE: "It is much like two papers that stand above it in the list of {day}. It comes with a later one if its votes rise.",
    Fate.ALREADY_SENT: "You had it before, under another id; the two are one paper now.",
}
_OTHERWISE: Final = "As words are read today it would have come with the digest of {day}; they were read otherwise."


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicAnswer:
    """One topic, and what its rule said of the paper."""

    topic: str
    query: str
    mute: bool
    clause: Clause


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """One entry of the paper: who said it, when we saw it, and why it was taken for this paper."""

    source: str
    seen: datetime
    kind: str  #: arXiv's announce type; "" elsewhere
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What became of one paper for one person, with the reasons."""

    subscriber: str
    paper: Paper
    verdict: str  #: sent, more, a `Fate`'s name in small letters, a `Silence`, after_slot or not_in_edition
    why: str  #: a sentence
    slot: str = ""  #: key of the slot it is about
    due: datetime | None = None
    topics: tuple[TopicAnswer, ...] = ()
    seen: tuple[Appearance, ...] = ()
    score_parts: tuple[
        ScorePart, ...
    ] = ()  #: what its place in the digest was decided by; () where no topic brought it
    now: str = ""  #: what has changed since, and what comes of it; "" when nothing has

    @property
    def came(self) -> bool:
        """Has the paper reached them?"""
        return self.verdict in ("sent", "more")


def explain(
    store: Store, settings: DigestSettings, text: str, subscriber: Subscriber, *, now: datetime, slot: str = ""
) -> Explanation:
    """Why `text` (an id, a DOI, an address, words of a title) came to `subscriber` or did not. Raises NotFound."""
    with store.reading() as tx:
        paper = find_paper(tx, text)
        question = _Question(tx, settings, paper, subscriber, now)
        made = question.answer(slot)
        whose = question.whose()
        return replace(made, why=f"{made.why} {whose}") if whose else made


@dataclass(slots=True)
class _Question:
    """One paper and one person."""

    tx: Transaction
    settings: DigestSettings
    paper: Paper
    subscriber: Subscriber
    time: datetime

    def answer(self, slot: str) -> Explanation:
        """About the slot that was asked for, else about the digest that had it, else about the first that could."""
        rows = [r for r in reversed(self.tx.slots.slots_of(self._who, MOST_SLOTS)) if r.state is not SlotState.COVERED]
        if slot:
            row = next((r for r in rows if r.key == slot), None)
            if row is None:
                raise NotFound(f"no slot {slot!r} of {self.subscriber.ref}", fix=f"Known: {_some(rows)}")
            return self._of_slot(row, rows)
        shown = self.tx.slots.digests_of_paper(self._who, self._id)
        if shown:
            digest = self.tx.slots.digests_by_id(shown[-1:])[shown[-1]]
            return self._of_digest(digest, next((r for r in rows if r.key == digest.slot.key), None))
        seen = self.paper.came
        later = [r for r in rows if _decided(r) >= seen]
        asked = [r for r in later if r.state in (SlotState.COMPOSED, SlotState.EMPTY)] or later
        return self._of_slot(asked[0], rows) if asked else self._to_come()

    def whose(self) -> str:
        """Whether somebody whom they follow by name wrote it, as things stand now."""
        topics = [topic for topic in self.subscriber.topics if topic.follow]
        follower = followers_of(self.tx, [self.subscriber], self.time).get(self._who, Follower()) if topics else None
        rules = self.tx.site.rules_at(self.time) if topics else {}
        made = [follower.verdicts(t, [self.paper], rules) for t in topics] if follower else []
        return " ".join(dict.fromkeys(sentence(*one) for some in made for one in some.values()))

    @property
    def _id(self) -> PaperId:
        return self.paper.stored_id

    @property
    def _who(self) -> SubscriberId:
        return self.subscriber.stored_id

    def _of_digest(self, digest: Digest, row: SlotRow | None) -> Explanation:
        """The answer for a paper that stood in a digest: what became of the digest."""
        item, section = next((i, s) for s in digest.sections for i in (*s.items, *s.more) if i.paper.id == self._id)
        delivery = self.tx.outbox.delivery_of_digest(digest.id) if digest.id is not None else None
        missed = AFTER[delivery.state] if delivery else Silence.QUEUED
        verdict = str(missed) if missed else "more" if item.place is ItemPlace.MORE else "sent"
        day = self._day(digest.slot.due)
        if missed is None:
            why = f"You had it {_place(item)}in the digest of {day}, under “{section.title}”{_told(item)}."
        else:
            why = f"It is in the digest of {day}. {WORDS[missed]}{_heard(delivery)}"
        topics = self._topics(digest.subscriber.topics, self._as_of(digest.composed), digest.composed)
        made = self._made(verdict, why, topics, row, due=digest.slot.due, key=digest.slot.key)
        return replace(made, score_parts=item.score_parts)

    def _of_slot(self, row: SlotRow, rows: Sequence[SlotRow]) -> Explanation:
        """The answer for a paper that was missing in what a slot brought: why."""
        if row.state not in (SlotState.COMPOSED, SlotState.EMPTY):
            state = row.reason or row.state
            why = f"At {self._day(row.due)}: {WORDS[Silence(state)]}"
            return self._made(state, why, (), row, now=self._now())
        number = self.tx.slots.digest_of_slot(self._who, row.key)
        digest = self.tx.slots.digests_by_id([number])[number] if number is not None else None
        if digest is not None and self._id in digest.paper_ids():
            return self._of_digest(digest, row)
        then = self._as_of(_decided(row))
        if then is None:
            why = f"It came {self._day(self.paper.came)}, after the digest of {self._day(row.due)} was made."
            return self._made("after_slot", why, (), row, now=self._now())
        topics = digest.subscriber.topics if digest else self.tx.people.topics_at(self._who, _decided(row))
        if not any(not topic.mute for topic in topics):
            return self._of_edition(row)
        fate = row.fates.get(self._id) or self._fate(row, rows, topics, then)
        answers = self._topics(topics, then, _decided(row))
        why = self._waiting(row, topics, answers) if fate is Fate.WAITS else self._because(fate, row, answers)
        return self._made(fate.name.lower(), why, answers, row, now=self._now())

    def _fate(self, row: SlotRow, rows: Sequence[SlotRow], topics: Sequence[Topic], then: Paper) -> Fate:
        """The same selection, of this paper alone, as things stood at that slot."""
        at = _decided(row)
        done = [r for r in rows if r.state in (SlotState.COMPOSED, SlotState.EMPTY) and r.due < row.due]
        back = self.tx.slots.released_slots(self._who)
        kept = max((r.due for r in done if r.key not in back), default=None)
        start = window_start(self.subscriber, row.due, max((r.due for r in done), default=None), kept)
        restored = self.tx.site.timestamp(RESTORED)
        start = max(start, restored) if restored and restored < at else start
        reach = self._reach(row, topics, start, kept)
        if self.paper.came <= min([start, *(best.since for best in reach.best.values())]):
            return Fate.TOO_OLD
        past = ReaderHistory.of(self.tx, [self.subscriber], at)
        shown: dict[PaperId, Shown] = dict(past.shown.get(self._who, {}))
        follower = past.followers.get(self._who, Follower())
        found = [(topic, self._found(topic, then, at, follower)) for topic in topics]
        person = replace(self.subscriber, topics=tuple(topics))
        known = past.known.get(self._who, frozenset())
        selection = select(
            person,
            found,
            Had(shown, known),
            {},
            (),
            reach=reach,
            asking=Asking(lambda topic, papers: [()] * len(papers)),
        )
        return selection.fates.get(self._id, Fate.NO_MATCH)

    def _found(self, topic: Topic, then: Paper, at: datetime, follower: Follower) -> list[tuple[Paper, float]]:
        """The paper with its score if the topic matched it at that time, as a list of candidates."""
        rules = self.tx.site.rules_at(at)
        if topic.like:
            matches, score = self._likes(then, at).said(self.tx, topic, then)[0], 1.0
        else:
            match = parse(topic.query, topics=rules).match(then)
            matches, score = match is not None, match.score if match else 0.0
        if matches and topic.follow:
            made = follower.verdicts(topic, [then], rules)
            matches = not any(verdict.answer is Answer.NO for _, verdict in made.values())
        return [(then, score)] if matches else []

    def _reach(self, row: SlotRow, topics: Sequence[Topic], start: datetime, kept: datetime | None) -> Reach:
        """Which topics brought their best at that slot, and which waited. What rose late was shown, or is recorded as held."""
        come, wait = {}, set()
        for topic in topics:
            if (rhythm := rhythm_of(topic)) is not None and not topic.mute:
                since = window_start(self.subscriber, row.due, None, kept, rhythm.length, rhythm.length)
                come[topic.name] = BestList(span=rhythm.span, since=since)
                if not comes(self.subscriber, rhythm, row.due, kept):
                    wait.add(topic.name)
        return Reach(start, come, frozenset(wait))

    def _waiting(self, row: SlotRow, topics: Sequence[Topic], answers: Sequence[TopicAnswer]) -> str:
        """The topic that matches and waits, and with which digest it comes."""
        matching = {answer.topic for answer in answers if answer.clause.value}
        topic = next((t for t in topics if t.name in matching and t.best and not t.mute), None)
        rhythm = rhythm_of(topic) if topic else None
        if topic is None or rhythm is None:
            return "A topic that comes weekly or monthly matches it, and comes with a later digest."
        schedule = Schedule.parse(self.subscriber.schedule, self.subscriber.time_zone)
        later = schedule.slots(row.due, row.due + 2 * rhythm.length)
        slot = next_with(self.subscriber, rhythm, later, row.due)
        when = f": next {self._day(slot.due)}" if slot else ""
        return f"“{topic.name}” matches it and brings the best of the {rhythm.span} with {rhythm.words()}{when}."

    def _because(self, fate: Fate, row: SlotRow, answers: Sequence[TopicAnswer]) -> str:
        """One sentence for each fate."""
        if fate is Fate.MUTED:
            mute = next((a.topic for a in answers if a.mute and a.clause.value), "")
            return f"Your mute topic “{mute}” matches it." if mute else "A mute topic matched it."
        if fate is Fate.RECORD:
            return self._in_the_record()
        if fate is Fate.NOT_BEST:
            topic = next((a.topic for a in answers if a.clause.value and not a.mute), "")
            others = f"others had the place in the best of “{topic}”" if topic else "others were better"
            day = self._day(row.due)
            return (
                f"It was considered for the digest of {day}, and {others}. It comes with a later one if its votes rise."
            )
        return _BECAUSE.get(fate, _OTHERWISE).format(
            day=self._day(row.due), came=self._day(self.paper.came), standing=self.paper.standing or "withdrawn"
        )

    def _in_the_record(self) -> str:
        if not self.paper.sources:
            return "Somebody's library has it, and no source brought it: it is in the record, and no news."
        dated = self.paper.announced or self.paper.published
        since = f"It is of {_date(dated)}" if dated else "It was old"
        return f"{since} and came {self._day(self.paper.came)}: into the record, no news for anybody."

    def _of_edition(self, row: SlotRow) -> Explanation:
        """Without topics they get the edition."""
        day = self._day(row.due)
        for edition in self.tx.slots.latest_editions(LOOK_BACK.days):
            if any(paper == self._id for paper, _ in edition.items):
                if edition.state is EditionState.OPEN:
                    why = f"It is in the edition of {edition.day}, which is still open and comes once it is closed."
                else:
                    why = f"It is in the edition of {edition.day}, which closed after the digest of {day} was made."
                return self._made("after_slot", why, (), row)
        why = "You have no topics, so you get the daily edition; it was not among that edition's papers."
        return self._made("not_in_edition", why, (), row)

    def _to_come(self) -> Explanation:
        """The answer for a paper since whose coming no slot has come."""
        if self.subscriber.suppressed or self.subscriber.status != "active":
            state = Silence.SUPPRESSED if self.subscriber.suppressed else Silence(self.subscriber.status)
            return self._made(state, WORDS[state], self._topics(self.subscriber.topics, self.paper, self.time), None)
        why = f"It came {self._day(self.paper.came)}; no digest of yours was due since."
        topics = self._topics(self.subscriber.topics, self.paper, self.time)
        return self._made("after_slot", why, topics, None, now=self._now())

    def _now(self) -> str:
        """What the next digest would make of the paper."""
        if self.subscriber.suppressed or self.subscriber.status != "active" or self._stays_away():
            return ""
        slot = Schedule.parse(self.subscriber.schedule, self.subscriber.time_zone).next(self.time)
        digest = preview_digest(self.tx, self.settings, self.subscriber, slot, now=self.time)
        if self._id not in digest.paper_ids():
            return ""
        return f"As things stand now it comes with the next digest, {self._day(slot.due)}."

    def _stays_away(self) -> bool:
        """Whether it can be told without a look at all other papers that the next digest does not bring it: a reader of
        rules gets what a rule matches, what trends or may be discovered, and news of what they had."""
        topics = [topic for topic in self.subscriber.topics if not topic.mute]
        if not topics or any(topic.like for topic in topics) or self.subscriber.discover:
            return False
        trends = self.subscriber.trending and (self.paper.signals or len(self.paper.sources) > 1)
        if trends or self.tx.slots.digests_of_paper(self._who, self._id):
            return False
        return not any(parse(topic.query, topics=self.settings.topics).match(self.paper) for topic in topics)

    def _as_of(self, at: datetime) -> Paper | None:
        """The paper as it was then, from the entries that had come; None when none had."""
        mentions = [m for m in self.tx.papers.entries_of([self._id]).get(self._id, ()) if m.seen <= at]
        if not mentions:
            return None
        made = assemble_paper(
            [Mention(entry=m.entry, source=m.source, seen=m.seen, old=m.old, named=m.named) for m in mentions]
        )
        signals = self.tx.papers.signals_at(self._id, at)
        return replace(made, id=self.paper.id, public_id=self.paper.public_id, signals=signals)

    def _topics(self, topics: Sequence[Topic], paper: Paper | None, at: datetime) -> tuple[TopicAnswer, ...]:
        """What each rule says of the paper, with the site's rules as they were at `at`."""
        if paper is None:
            return ()
        rules = self.tx.site.rules_at(at)

        def clause(topic: Topic) -> Clause:
            if not topic.like:
                return clauses(parse(topic.query, topics=rules), paper)
            value, saw = self._likes(paper, at).said(self.tx, topic, paper)
            return Clause(text=topic.query, value=value, saw=saw)

        return tuple(TopicAnswer(topic=t.name, query=t.query, mute=t.mute, clause=clause(t)) for t in topics)

    def _likes(self, paper: Paper, at: datetime) -> LikeMatches:
        """This paper against what had come until then."""
        return like_matches(self.tx, [paper], at)

    def _made(
        self,
        verdict: str,
        why: str,
        topics: tuple[TopicAnswer, ...],
        row: SlotRow | None,
        *,
        due: datetime | None = None,
        key: str = "",
        now: str = "",
    ) -> Explanation:
        seen = tuple(
            Appearance(source=m.source, seen=m.seen, kind=m.entry.announce_type, reason=reason)
            for m, reason in self.tx.papers.mentions_of(self._id)
        )
        return Explanation(
            subscriber=self.subscriber.ref, paper=self.paper, verdict=str(verdict), why=why,
            slot=row.key if row else key, due=row.due if row else due, topics=topics, seen=seen, now=now,
        )  # fmt: skip

    def _day(self, moment: datetime) -> str:
        """`Mon 23 Nov 07:30`, on the subscriber's wall."""
        local = moment.astimezone(ZoneInfo(self.subscriber.time_zone))
        return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"


def _decided(row: SlotRow) -> datetime:
    return row.decided or row.due


def _date(dated: PartialDate) -> str:
    """`2026-12-14`, or as little as is known."""
    return dated.text if dated.precision in ("year", "month") else f"{dated.day()}"


def _some(rows: Sequence[SlotRow]) -> str:
    return ", ".join(row.key for row in rows[-5:]) or "none yet"


def _place(item: Item) -> str:
    """Where in its digest, unless it is a card: a near-copy went below, others had no room."""
    if item.place is not ItemPlace.MORE:
        return ""
    like = item.note.startswith(MUCH_LIKE)
    return f"by its title, {item.note[:1].lower()}{item.note[1:-1]}, " if like else "by its title, beyond the limit, "


def _told(item: Item) -> str:
    if item.kind == "new":
        return ""
    return f" as news of {', '.join(NEWS.get(key.partition('-')[0], key) for key in item.kinds)}"


def _heard(delivery: Delivery | None) -> str:
    heard = delivery.last.text if delivery and delivery.last else ""
    return f" The server said: {heard}" if heard else ""
