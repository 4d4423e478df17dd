"""Dispatch: for everybody whose slot has come, compose the digest and put its delivery into the outbox.

Slot, digest, items, delivery and the next slot are one transaction: whoever dies before its end has done nothing, and
whoever is second finds the slot taken. Planning (which slots, which state) and selecting are pure; see
`digest.selection.schedule` and `digest.selection.select`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from digestbot.acts.digests.candidates import Desk, Past, Window, has_topics
from digestbot.acts.faults.quarantine_rows import note
from digestbot.acts.people.sync import plan_first_slots
from digestbot.digest.selection.listing_counts import tallies
from digestbot.digest.selection.near_duplicates import paired
from digestbot.digest.selection.quiet_reasons import silence
from digestbot.digest.selection.schedule import Schedule
from digestbot.digest.selection.select import (
    BEFORE_JOINING,
    LOOK_BACK,
    Selection,
    edition_section,
    select,
    updates_section,
    window_start,
)
from digestbot.digest.selection.updates import Shown
from digestbot.errors import DigestbotError, StoreError
from digestbot.mail.message import message_id
from digestbot.model import (
    Delivery,
    Digest,
    FrozenMap,
    PaperId,
    PolledSource,
    ReadStatus,
    Section,
    Silence,
    Slot,
    State,
    Subscriber,
)
from digestbot.store import Edition, SlotRow, SourceRow, Store, Transaction

log = logging.getLogger(__name__)

ROUND = 1000  #: due subscribers read at once
USUAL = LOOK_BACK + timedelta(days=1)  #: how wide the window is that nearly everybody needs
EVERYBODY = 1_000_000
BATCH = 50  #: subscribers of one transaction: one fsync for all of them
KEEP_TRYING = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What became of one subscriber's slot."""

    subscriber: str
    slot: str
    state: str  #: composed | empty | paused | suppressed | left | failed
    reason: str = ""  #: a `Silence`, or what went wrong
    papers: tuple[str, ...] = ()  #: public ids, mail and more
    digest: int | None = None
    delivery: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchReport:
    """What a round of composing did."""

    slots: tuple[Composed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The slots one subscriber has behind them: the last gets the digest, it covers the others."""

    slot: Slot
    covered: tuple[Slot, ...] = ()
    next: Slot


def dispatch(store: Store, desk: Desk, *, now: datetime, only: Collection[str] = (), run: str = "") -> DispatchReport:
    """Compose what is due, for `only` (refs) when it names anybody. People without a planned slot get one first."""
    with store.transaction() as tx:
        plan_first_slots(tx, now)
    done: list[Composed] = []
    failed: set[str] = set()  # still due: they are not tried twice in one round
    window: Window | None = None
    while True:
        with store.reading() as tx:
            most = EVERYBODY if only else ROUND + len(failed)
            due = [s for s in tx.people.due_people(now, most) if s.ref not in failed and (not only or s.ref in only)]
            starts = _starts(tx, _reading(due, now), now)
            some = first(due, starts, now)
            window = _window(tx, desk, [starts[s.ref] for s in some if s.ref in starts], now, window) if some else None
        if window is None:
            return DispatchReport(slots=tuple(done))
        for batch in _batches(some):
            done += _compose_batch(store, desk, window, batch, now=now, run=run)
        note(store, window.papers, window.matching.broken, stage="index", now=now)
        failed |= {c.subscriber for c in done if c.state == "failed"}


def extra(store: Store, desk: Desk, people: Sequence[Subscriber], *, now: datetime, run: str = "") -> DispatchReport:
    """One digest more for each of `people`, due or not, under the same rules; the next slot is left alone."""
    with store.reading() as tx:
        window = _window(tx, desk, _starts(tx, _reading(people, now), now).values(), now)
    done: list[Composed] = []
    for batch in _batches(people):
        done += _compose_batch(store, desk, window, batch, now=now, run=run, extra=True)
    note(store, window.papers, window.matching.broken, stage="index", now=now)
    return DispatchReport(slots=tuple(done))


def look(tx: Transaction, desk: Desk, subscriber: Subscriber, slot: Slot, *, now: datetime) -> Digest:
    """The digest this subscriber would get for `slot`, nothing recorded: for preview."""
    window, past = _window(tx, desk, _starts(tx, [subscriber], now).values(), now), Past.of(tx, [subscriber], now)
    next_slot = Schedule.parse(subscriber.schedule, subscriber.time_zone).next(slot.due)
    digest, _ = _compose(tx, desk, window, past, subscriber, slot, next_slot, open_editions=True)
    return digest


def now_slot(subscriber: Subscriber, now: datetime) -> Slot:
    """The slot of an extra digest: key `now:<instant>`."""
    local = now.astimezone(_zone(subscriber)).replace(tzinfo=None)
    return Slot(key=f"now:{now:%Y-%m-%dT%H:%M:%S.%f}Z", due=now, local=local)


def due_slots(subscriber: Subscriber, now: datetime) -> Due:
    """The slots from the planned one up to now. A machine that slept has several: one digest covers them all."""
    schedule = Schedule.parse(subscriber.schedule, subscriber.time_zone)
    assert subscriber.next_slot is not None  # only planned people are due
    slots = schedule.slots(subscriber.next_slot - timedelta(microseconds=1), now)
    if not slots:  # the schedule changed under a planned slot: that moment still counts, once
        local = subscriber.next_slot.astimezone(_zone(subscriber)).replace(tzinfo=None)
        slots = [Slot(key=f"{local:%Y-%m-%dT%H:%M}", due=subscriber.next_slot, local=local)]
    return Due(slot=slots[-1], covered=tuple(slots[:-1]), next=schedule.next(now))


def first(due: Sequence[Subscriber], starts: Mapping[str, datetime], now: datetime) -> Sequence[Subscriber]:
    """Whose digests are composed next. `starts`: from when on each may get papers, by ref.

    Those who want no more than the last weeks come first, the others together after them: one address whose mails come
    back for a month would make everybody's window as wide.
    """
    usual = [s for s in due if starts.get(s.ref, now) >= now - USUAL]
    return usual or due


def _starts(tx: Transaction, people: Sequence[Subscriber], now: datetime) -> dict[str, datetime]:
    """From when on each may get papers, by ref."""
    some = {s.id: s for s in people if s.id is not None}
    done, kept = tx.slots.last_slots(some), tx.slots.last_delivered_slots(some)
    return {s.ref: window_start(s, now, done.get(who), kept.get(who)) for who, s in some.items()}


def _window(
    tx: Transaction, desk: Desk, starts: Iterable[datetime], now: datetime, last: Window | None = None
) -> Window:
    """One window wide enough for all; no narrower than a usual one of before, whose index it may then have."""
    start = min(starts, default=now)
    if last is not None and (start < now - USUAL or last.start >= now - USUAL):
        start = min(start, last.start)
    return Window(tx, desk, start=start, now=now, last=last)


def _batches(people: Sequence[Subscriber]) -> Iterator[Sequence[Subscriber]]:
    for at in range(0, len(people), BATCH):
        yield people[at : at + BATCH]


def _compose_batch(
    store: Store,
    desk: Desk,
    window: Window,
    people: Sequence[Subscriber],
    *,
    now: datetime,
    run: str,
    extra: bool = False,
) -> list[Composed]:
    """All of a batch in one transaction; when that fails, one by one, so that one bad row costs only itself."""

    def compose(tx: Transaction, some: Sequence[Subscriber]) -> list[Composed]:
        past = Past.of(tx, some)  # also what a clock that was ahead for a while has shown
        each = (_one(tx, desk, window, past, s, now=now, run=run, extra=extra) for s in some)
        return [composed for composed in each if composed is not None]

    try:
        with store.transaction() as tx:
            return compose(tx, people)
    except Exception as error:
        if isinstance(error, StoreError) and error.retry:
            raise
        log.warning("composing %d digests at once failed, so one by one: %s", len(people), error)
    done: list[Composed] = []
    for subscriber in people:
        try:
            with store.transaction() as tx:
                done += compose(tx, [subscriber])
        except Exception as error:  # whatever a row nobody foresaw makes of it: it is this person's only
            reason = str(error) if isinstance(error, DigestbotError) else f"{type(error).__name__}: {error}"
            log.error("no digest for %s: %s", subscriber.ref, reason)
            done.append(Composed(subscriber=subscriber.ref, slot="", state="failed", reason=reason))
    return done


def _one(
    tx: Transaction,
    desk: Desk,
    window: Window,
    past: Past,
    subscriber: Subscriber,
    *,
    now: datetime,
    run: str,
    extra: bool,
) -> Composed | None:
    """One subscriber's slot, whatever becomes of it; None when somebody else has done it."""
    assert subscriber.id is not None  # stored people have one
    schedule = Schedule.parse(subscriber.schedule, subscriber.time_zone)
    due = Due(slot=now_slot(subscriber, now), next=schedule.next(now)) if extra else due_slots(subscriber, now)
    if not extra and not tx.people.plan_slot(subscriber.id, due.next.due, was=subscriber.next_slot):
        return None
    row = SlotRow(subscriber=subscriber.id, key=due.slot.key, due=due.slot.due, state="empty", run=run, decided=now)
    for slot in due.covered:
        covered = replace(row, key=slot.key, due=slot.due, state="covered", covered_by=due.slot.key)
        tx.slots.add_slot(replace(covered, reason=Silence.COVERED))
    if kept := _kept_from(subscriber, now):
        tx.slots.add_slot(replace(row, state=kept, reason=kept))
        return Composed(subscriber=subscriber.ref, slot=due.slot.key, state=kept, reason=kept)
    digest, selection = _compose(tx, desk, window, past, subscriber, due.slot, due.next, open_editions=extra)
    return _record(tx, desk, subscriber, digest, selection, row)


def _kept_from(subscriber: Subscriber, now: datetime) -> str:
    """Why this subscriber gets nothing at all: "left", "suppressed", "paused" or ""."""
    if subscriber.status == "left":
        return "left"
    if subscriber.suppressed:
        return "suppressed"
    paused = subscriber.status == "paused" and (subscriber.paused_until is None or subscriber.paused_until > now)
    return "paused" if paused else ""


def _reading(people: Sequence[Subscriber], now: datetime) -> list[Subscriber]:
    """Those who may get something: the others' window, since before their pause, need not be read."""
    return [s for s in people if not _kept_from(s, now)]


def _record(
    tx: Transaction, desk: Desk, subscriber: Subscriber, digest: Digest, selection: Selection, row: SlotRow
) -> Composed | None:
    """Slot, digest and delivery, all or nothing."""
    row = replace(
        row, seen=digest.considered, matched=selection.matched, chosen=selection.chosen,
        fates=FrozenMap(selection.held()), reason="" if selection.chosen else silence(digest.considered, digest.polled),
    )  # fmt: skip
    if not selection.chosen and (subscriber.when_empty == "skip" or row.key.startswith("now:")):
        if not tx.slots.add_slot(row):
            return None
        return Composed(subscriber=subscriber.ref, slot=row.key, state="empty", reason=row.reason)
    if not tx.slots.add_slot(replace(row, state="composed")):
        return None
    number = tx.slots.add_digest(digest)
    delivery = tx.outbox.add_delivery(_delivery(desk, digest, number))
    desk.linker.record(tx, subscriber, number, now=digest.composed)
    papers = tuple(p.public_id for i in digest.items() for p in i.papers())
    return Composed(
        subscriber=subscriber.ref, slot=row.key, state="composed", papers=papers, digest=number, delivery=delivery
    )


def _delivery(desk: Desk, digest: Digest, number: int) -> Delivery:
    """Tried until the subscriber's next slot, or for two days: then its papers come with a later digest."""
    latest = digest.composed + KEEP_TRYING
    expires = min(latest, digest.next_slot.due) if digest.next_slot else latest
    return Delivery(
        id=0,
        kind="digest",
        digest=number,
        subscriber=digest.subscriber.id,
        address=digest.subscriber.email,
        state=State.PENDING,
        message_id=message_id(digest.subscriber.ref, digest.slot.key, desk.domain),
        next_at=digest.composed,
        expires=expires,
    )


def _compose(
    tx: Transaction,
    desk: Desk,
    window: Window,
    past: Past,
    subscriber: Subscriber,
    slot: Slot,
    next_slot: Slot | None,
    *,
    open_editions: bool,
) -> tuple[Digest, Selection]:
    assert subscriber.id is not None  # stored people have one
    start = window_start(subscriber, slot.due, past.done.get(subscriber.id), past.kept.get(subscriber.id))
    start = max(start, window.restored) if window.restored else start
    shown, known = past.shown.get(subscriber.id, {}), past.known.get(subscriber.id, frozenset())
    found = [(topic, window.matching.found(topic, start)) for topic in subscriber.topics]
    if has_topics(subscriber):
        selection = select(
            subscriber, found, shown, window.news, window.matching.rising, start=start, why=window.matching.why,
            known=known,
        )  # fmt: skip
    else:
        unwanted = {*known, *(paper.id for _, matches in found for paper, _ in matches)}
        topicless = past.topicless.get(subscriber.id)
        since = start if topicless is None else max(start, topicless - BEFORE_JOINING)
        selection = _edition(window, subscriber, shown, unwanted, since, open_editions)
    sections = paired(selection.sections, window.perhaps, shown, window.by_id, _zone(subscriber))
    selection = replace(selection, sections=sections)
    new_since = max(start, past.decided.get(subscriber.id, start))
    digest = Digest(
        subscriber=subscriber,
        slot=slot,
        site=desk.site,
        composed=window.now,
        sections=selection.sections,
        considered=window.matching.considered(new_since),
        polled=_polled(window, selection, new_since, window.new_by_source(tx, new_since)),
        next_slot=next_slot,
        contact=desk.contact,
    )
    return digest, selection


def _edition(
    window: Window,
    subscriber: Subscriber,
    shown: Mapping[PaperId, Shown],
    muted: Collection[PaperId | None],
    after: datetime,
    open_too: bool,
) -> Selection:
    """What they have not had of the closed editions; of the open one as it stands where the caller wants it.

    An edition may be closed long after its hour, by the next poll: which were closed at the last digest nobody knows.
    """
    closed = [e for e in window.editions if e.state == "closed" and after < e.closes <= window.now]
    sections = _edition_sections(window, subscriber, closed, shown, muted)
    if open_too and not sections:
        now_open = [e for e in window.editions if e.state == "open"]
        sections = _edition_sections(window, subscriber, now_open, shown, muted)
    matched = sum(len(s.items) + len(s.more) for s in sections)
    if update := updates_section(subscriber, shown, window.news, muted):
        sections.append(update)
    return Selection(sections=tuple(sections), matched=matched)


def _edition_sections(
    window: Window,
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


def _polled(window: Window, selection: Selection, since: datetime, new: Mapping[str, int]) -> tuple[PolledSource, ...]:
    """The footer's account: what each source brought, what of it is in this mail, and why it was quiet."""
    sent = Counter(i.paper.sources[0] for s in selection.sections for i in s.items if i.paper.sources)
    return tuple(
        _account(window, row, since, PolledSource(
            ref=row.name, name=window.desk.titles.get(row.name, row.name), new=new.get(row.name, 0), sent=sent[row.name],
            tally=tallies(window.listings.get(row.name, ()), since.date()),
        ))
        for row in window.sources
    )  # fmt: skip


def _account(window: Window, row: SourceRow, since: datetime, line: PolledSource) -> PolledSource:
    if row.status is None:
        return replace(line, state="never", note="not polled yet")
    if row.status.failed:
        began = f"since {row.failing_since.astimezone(UTC):%a %H:%M} UTC: " if row.failing_since else ""
        return replace(line, state="failing", note=f"{began}{row.error or row.status}")
    if row.status is ReadStatus.STALE:
        return replace(line, note=row.error)
    if line.new:
        return line
    usual = window.desk.quiet.get(row.name)
    return replace(line, state="quiet", note=usual(since, window.now) if usual else "")


def _zone(subscriber: Subscriber) -> ZoneInfo:
    return ZoneInfo(subscriber.time_zone)
