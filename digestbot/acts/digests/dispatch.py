"""Dispatch: for everybody whose slot has come, compose the digest and put its delivery into the outbox.

Slot, digest, items, delivery and the next slot are one transaction: whoever dies before its end has done nothing, and
whoever is second finds the slot taken (so that a round is idempotent). Planning (which slots, which state) and selecting are pure; see
`digest.selection.schedule` and `digest.selection.select`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digestbot.acts.delivery.release import expire_replaced
from digestbot.acts.delivery.retry_policy import KEEP_TRYING
from digestbot.acts.digests.candidates import CandidateWindow
from digestbot.acts.digests.compose import compose_digest
from digestbot.acts.digests.due import (
    USUAL,
    Due,
    due_slots,
    kept_from,
    now_slot,
    readers,
    stays_open,
    usual_window_first,
    window_starts,
)
from digestbot.acts.digests.reader_history import ReaderHistory
from digestbot.acts.faults.quarantine_rows import note
from digestbot.acts.people.sync import plan_first_slots
from digestbot.acts.site.settings import DigestSettings
from digestbot.digest.selection.quiet_reasons import silence_of
from digestbot.digest.selection.schedule import Schedule
from digestbot.errors import DigestbotError, StoreError
from digestbot.mail.message import message_id
from digestbot.model import (
    Delivery,
    Digest,
    FrozenMap,
    ItemPlace,
    Silence,
    SlotState,
    State,
    Subscriber,
    SubscriberId,
)
from digestbot.store import PlannedSlot, SlotRow, Stage, Store, Transaction
from digestbot.system.crash_points import CrashPoint, crash_at

log = logging.getLogger(__name__)

ROUND = 1000  #: due subscribers read at once
EVERYBODY = 1_000_000
BATCH = 200  #: subscribers of one transaction: one fsync for all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What became of one subscriber's slot."""

    subscriber: str
    slot: str
    state: SlotState
    reason: str = ""  #: a `Silence`, or what went wrong
    papers: tuple[str, ...] = ()  #: public ids, mail and more
    shown: int = 0  #: papers with a card in the mail; the others are `more`
    digest: int | None = None
    delivery: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchReport:
    """What a round of composing did."""

    slots: tuple[Composed, ...] = ()
    open: tuple[str, ...] = ()  #: refs of due people whose slot waits until one of their sources can be reached


@dataclass(slots=True)
class KeptWindow:
    """The usual window of one moment, for all parts of a dispatch that one process composes."""

    moment: datetime
    window: CandidateWindow | None = None


def _quiet(_: Transaction, __: Sequence[Composed]) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One worker's part of a dispatch."""

    people: range  #: ids
    due_by: datetime  #: only slots that had come by then
    kept: KeptWindow
    noted: Callable[[Transaction, Sequence[Composed]], None] = _quiet  #: called in the transaction of each batch


def dispatch(
    store: Store,
    settings: DigestSettings,
    *,
    now: datetime,
    only: Collection[str] = (),
    run: str = "",
    part: Part | None = None,
) -> DispatchReport:
    """Compose what is due, for `only` (refs) when it names anybody. People without a planned slot get one first, unless
    this is a `part`: then whoever parted the work has planned them."""
    if part is None:
        plan_first_slots(store, now)
    composer = _Composer(store=store, settings=settings, now=now, run=run, noted=part.noted if part else _quiet)
    done: list[Composed] = []
    turn = _Turn(part=part)
    window = part.kept.window if part else None
    while not turn.last:
        turn = _next_turn(store, settings, turn, only, now)
        if turn.people:
            with store.transaction() as tx:  # what still waits of an earlier slot is composed anew, with its papers
                expire_replaced(tx, (s.stored_id for s in turn.people), now=now)
        with store.reading() as tx:
            some, window = _some(tx, settings, turn, now, window)
        if window is not None:
            composed = composer.compose_all(window, some)
            done += composed
            turn = replace(
                turn, last=False, passed=turn.passed | {c.subscriber for c in composed if c.state is SlotState.FAILED}
            )
    return DispatchReport(slots=tuple(done), open=tuple(sorted(turn.waiting)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One look at who is due. A round takes turns until nobody is left: a crowd is more than one window holds."""

    people: tuple[Subscriber, ...] = ()  #: due, and not waiting for a source
    waiting: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()  #: still due, because they failed or wait: not tried twice in one round
    last: bool = False  #: nobody else was due
    part: Part | None = None  #: of a dispatch that is shared


def _next_turn(store: Store, settings: DigestSettings, before: _Turn, only: Collection[str], now: datetime) -> _Turn:
    most = EVERYBODY if only else ROUND + len(before.passed)
    due_by, among = (before.part.due_by, before.part.people) if before.part else (now, None)
    with store.reading() as tx:
        every = (s for s in tx.people.due_people(due_by, most, among=among) if s.ref not in before.passed)
        due = [s for s in every if not only or s.ref in only]
        sources = tx.source_log.sources()
    waiting = before.waiting | {s.ref for s in readers(due, now) if stays_open(s, sources, settings, now)}
    people = tuple(s for s in due if s.ref not in waiting)
    return replace(before, people=people, waiting=waiting, passed=before.passed | waiting, last=len(due) < most)


def _some(
    tx: Transaction, settings: DigestSettings, turn: _Turn, now: datetime, last: CandidateWindow | None
) -> tuple[Sequence[Subscriber], CandidateWindow | None]:
    """Who of a turn is composed for next, and what from; None when it is nobody."""
    starts = window_starts(tx, readers(turn.people, now), now)
    some = usual_window_first(turn.people, starts, now)
    if not some:
        return some, None
    needed = [starts[s.ref] for s in some if s.ref in starts]
    if turn.part is None:
        return some, _window(tx, settings, needed, now, last, readers(some, now))
    window = _window(tx, settings, [*needed, now - USUAL], now, last)  # as wide as the next part may need it
    if window.start >= now - USUAL:
        turn.part.kept.window = window
    return some, window


def compose_extra(
    store: Store, settings: DigestSettings, people: Sequence[Subscriber], *, now: datetime, run: str = ""
) -> DispatchReport:
    """Compose one more digest for each of `people`, due or not, under the same rules; the next slot is left alone."""
    with store.reading() as tx:
        able = readers(people, now)
        window = _window(tx, settings, window_starts(tx, able, now).values(), now, None, able)
    composer = _Composer(store=store, settings=settings, now=now, run=run, extra=True)
    return DispatchReport(slots=tuple(composer.compose_all(window, people)))


def _window(
    tx: Transaction,
    settings: DigestSettings,
    starts: Iterable[datetime],
    now: datetime,
    last: CandidateWindow | None = None,
    only: Collection[Subscriber] = (),
) -> CandidateWindow:
    """One window wide enough for all. It is at least as wide as the previous usual one, whose index it can then reuse. `only`:
    those it is for, where it is for nobody else."""
    start = min(starts, default=now)
    if last is not None and not last.part and (start < now - USUAL or last.start >= now - USUAL):
        start = min(start, last.start)
        if last.now == now and last.start == start:
            return last
    return CandidateWindow(tx, settings, start=start, now=now, last=last, readers=only)


def _batches(people: Sequence[Subscriber]) -> Iterator[Sequence[Subscriber]]:
    for at in range(0, len(people), BATCH):
        yield people[at : at + BATCH]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Composer:
    """Composes and records the digests of one round."""

    store: Store
    settings: DigestSettings
    now: datetime
    run: str
    extra: bool = False  #: one more digest beside the schedule
    noted: Callable[[Transaction, Sequence[Composed]], None] = _quiet  #: called in the transaction of each batch

    def compose_all(self, window: CandidateWindow, people: Sequence[Subscriber]) -> list[Composed]:
        """Compose for all of `people`, a batch in one transaction."""
        done = [composed for batch in _batches(people) for composed in self._batch(window, batch)]
        note(self.store, window.papers, window.matching.broken, stage=Stage.INDEX, now=self.now)
        return done

    def _batch(self, window: CandidateWindow, people: Sequence[Subscriber]) -> list[Composed]:
        """All of a batch in one transaction. When that fails, one by one, so that one bad row costs only itself."""
        try:
            return self._each(window, people)
        except Exception as error:
            if isinstance(error, StoreError) and error.retry:
                raise
            log.warning("composing %d digests at once failed, so one by one: %s", len(people), error)
        return [composed for one in people for composed in self._alone(window, one)]

    def _alone(self, window: CandidateWindow, subscriber: Subscriber) -> list[Composed]:
        try:
            return self._each(window, [subscriber])
        except Exception as error:  # whatever an unforeseen row causes, it costs this person only
            reason = str(error) if isinstance(error, DigestbotError) else f"{type(error).__name__}: {error}"
            log.error("no digest for %s: %s", subscriber.ref, reason)
            return [Composed(subscriber=subscriber.ref, slot="", state=SlotState.FAILED, reason=reason)]

    def _each(self, window: CandidateWindow, people: Sequence[Subscriber]) -> list[Composed]:
        """Everything of a batch is read at once and written at once: a statement takes longer than a row.

        What is chosen in between keeps no other writer waiting: marks and receipts of mails that go out meanwhile. Who
        was faster with a slot is found by compare-and-set, and a paper that was shown meanwhile by its unique key.
        """
        due = {subscriber.stored_id: self._due(subscriber) for subscriber in people}
        with self.store.reading() as tx:
            history = ReaderHistory.of(tx, people)  # also what a clock that was ahead for a while has shown
            made = [self._one(tx, window, history, s, due[s.stored_id]) for s in people]
        with self.store.transaction() as tx:
            return self._record(tx, history, made, due)

    def _record(
        self, tx: Transaction, history: ReaderHistory, made: Sequence[_Made], due: Mapping[SubscriberId, Due]
    ) -> list[Composed]:
        free = self._take(tx, [one.subscriber for one in made], due)
        made = [one for one in made if one.subscriber.stored_id in free]
        taken = tx.slots.add_slots([row for one in made for row in (*one.covered, one.row)])
        mine = [one for one in made if (one.row.subscriber, one.row.key) in taken]
        digests = [one.digest for one in mine if one.digest]
        stored = dict(zip(tx.slots.add_digests(digests), digests, strict=True))
        deliveries = self._mail(tx, history, stored)
        number_of = {digest.subscriber.stored_id: number for number, digest in stored.items()}
        for _ in stored:
            crash_at(CrashPoint.IN_COMPOSE)
        numbers = [number_of.get(one.row.subscriber) for one in mine]
        done = [one.told(number, deliveries.get(number)) for one, number in zip(mine, numbers, strict=True)]
        self.noted(tx, done)
        return done

    def _take(
        self, tx: Transaction, people: Sequence[Subscriber], due: Mapping[SubscriberId, Due]
    ) -> Collection[SubscriberId]:
        """Those whose slot no other process has taken."""
        if self.extra:
            return due.keys()
        return tx.people.plan_slots(PlannedSlot(s.stored_id, due[s.stored_id].next.due, s.next_slot) for s in people)

    def _one(
        self, tx: Transaction, window: CandidateWindow, history: ReaderHistory, subscriber: Subscriber, due: Due
    ) -> _Made:
        """What one subscriber's slot becomes. Writes nothing."""
        row = SlotRow(
            subscriber=subscriber.stored_id, key=due.slot.key, due=due.slot.due, state=SlotState.EMPTY, run=self.run,
            decided=self.now,
        )  # fmt: skip
        covered = [
            replace(row, key=slot.key, due=slot.due, state=SlotState.COVERED, covered_by=due.slot.key, reason=Silence.COVERED)
            for slot in due.covered
        ]  # fmt: skip
        if kept := kept_from(subscriber, self.now):
            return _Made(subscriber, replace(row, state=kept, reason=kept), covered)
        welcome = _is_welcome(subscriber, history)
        open_too = self.extra or welcome  # what the page they came from shows
        digest, selection = compose_digest(tx, window, history, subscriber, due.slot, due.next, open_editions=open_too)
        quiet = not selection.chosen and _says_nothing(digest, welcome=welcome)
        row = replace(
            row, seen=digest.considered, matched=selection.matched, chosen=selection.chosen,
            fates=FrozenMap(selection.held()), reason="" if selection.chosen else silence_of(digest),
            state=SlotState.EMPTY if quiet else SlotState.COMPOSED,
        )  # fmt: skip
        return _Made(subscriber, row, covered, None if quiet else digest)

    def _mail(self, tx: Transaction, history: ReaderHistory, stored: Mapping[int, Digest]) -> dict[int | None, int]:
        """Put digests into the outbox, and open their links; digest → delivery. Who chose their feed alone has none."""
        mails = [
            _delivery(self.settings, digest, number, history.queue_places.get(digest.subscriber.stored_id))
            for number, digest in stored.items()
            if digest.subscriber.mail
        ]
        numbers = tx.outbox.add_deliveries(mails)
        rows = (
            row for number, digest in stored.items() for row in self.settings.linker.rows(digest.subscriber, number)
        )
        tx.tokens.add_tokens(rows, now=self.now)
        return {mail.digest: number for mail, number in zip(mails, numbers, strict=True)}

    def _due(self, subscriber: Subscriber) -> Due:
        if not self.extra:
            return due_slots(subscriber, self.now)
        following = Schedule.parse(subscriber.schedule, subscriber.time_zone).next(self.now)
        return Due(slot=now_slot(subscriber, self.now), next=following)


@dataclass(frozen=True, slots=True)
class _Made:
    """What one subscriber's slot becomes, before it is written."""

    subscriber: Subscriber
    row: SlotRow
    covered: Sequence[SlotRow]
    digest: Digest | None = None

    def told(self, number: int | None, delivery: int | None) -> Composed:
        """With the numbers that the store gave."""
        row, digest = self.row, self.digest
        told = Composed(
            subscriber=self.subscriber.ref, slot=row.key, state=row.state, digest=number, delivery=delivery,
            reason="" if digest else row.reason,
        )  # fmt: skip
        if digest is None:
            return told
        papers = tuple(p.public_id for i in digest.items() for p in i.papers())
        return replace(told, papers=papers, shown=len(digest.items(ItemPlace.MAIL)))


def _says_nothing(digest: Digest, *, welcome: bool) -> bool:
    """Whether an empty digest is not sent either. Who subscribed by the page gets their first digest even when it is
    empty, as the sign that it works."""
    subscriber = digest.subscriber
    skips = subscriber.when_empty == "skip" and not welcome
    extra = digest.slot.key.startswith("now:")
    return skips or extra or not subscriber.mail or (digest.waits and _all_rare(subscriber))


def _all_rare(subscriber: Subscriber) -> bool:
    """Whether all they follow comes weekly or monthly: then they asked for no mail on the days between."""
    return all(topic.best for topic in subscriber.topics if not topic.mute)


def _delivery(settings: DigestSettings, digest: Digest, number: int, place: datetime | None) -> Delivery:
    """A delivery that waits until the subscriber's next slot: that digest has its papers, and its place in the queue."""
    expires = digest.next_slot.due if digest.next_slot else digest.composed + KEEP_TRYING
    return Delivery(
        id=0,
        kind="digest",
        digest=number,
        subscriber=digest.subscriber.id,
        address=digest.subscriber.email,
        state=State.PENDING,
        message_id=message_id(digest.subscriber.ref, digest.slot.key, settings.domain),
        next_at=min(place or digest.composed, digest.composed),
        expires=expires,
    )


def _is_welcome(subscriber: Subscriber, history: ReaderHistory) -> bool:
    """Whether this is the first digest of who subscribed by the page."""
    return subscriber.origin == "web" and subscriber.stored_id not in history.last_slot
