"""Preview: the digest somebody would get, without recording it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from digestbot.acts.digests.candidates import CandidateWindow
from digestbot.acts.digests.compose import compose_digest
from digestbot.acts.digests.due import due_slots, now_slot, window_starts
from digestbot.acts.digests.reader_history import ReaderHistory
from digestbot.acts.site.settings import DigestSettings
from digestbot.digest.selection.rhythm import Rhythm, comes, next_with, rhythm_of
from digestbot.digest.selection.schedule import Schedule
from digestbot.model import Digest, Slot, Subscriber, SubscriberId, Topic
from digestbot.store import Store, Transaction

NOBODY = SubscriberId(0)  #: no row has it


def preview_digest(
    tx: Transaction, settings: DigestSettings, subscriber: Subscriber, slot: Slot, *, now: datetime
) -> Digest:
    """The digest this subscriber would get for `slot`, composed at `now`. Records nothing."""
    start = min(window_starts(tx, [subscriber], now, slot.due).values(), default=now)
    window = CandidateWindow(tx, settings, start=start, now=now, readers=[subscriber])
    following = Schedule.parse(subscriber.schedule, subscriber.time_zone).next(slot.due)
    history = ReaderHistory.of(tx, [subscriber], now)
    digest, _ = compose_digest(tx, window, history, subscriber, slot, following, open_editions=True)
    return digest


def preview_next(store: Store, settings: DigestSettings, subscriber: Subscriber, *, now: datetime) -> Digest:
    """The digest of the next slot if it were composed at `now`. Records nothing."""
    slot = Schedule.parse(subscriber.schedule, subscriber.time_zone).next(now)
    with store.reading() as tx:
        return preview_digest(tx, settings, subscriber, slot, now=now)


def preview_first(store: Store, settings: DigestSettings, person: Subscriber, *, now: datetime) -> Digest:
    """The digest that somebody would get at once who subscribed now. They are nobody yet. Records nothing."""
    newcomer = replace(person, id=NOBODY, joined=now)
    with store.reading() as tx:
        return preview_digest(tx, settings, newcomer, now_slot(newcomer, now), now=now)


def lists_to_come(store: Store, subscriber: Subscriber, digest: Digest) -> list[tuple[str, Rhythm, Slot]]:
    """The best lists that do not come with this digest: the topic ("" for the edition), its rhythm, and the digest it comes with."""
    with store.reading() as tx:
        kept = tx.slots.last_delivered_slots([subscriber.stored_id]).get(subscriber.stored_id)
    schedule, due = Schedule.parse(subscriber.schedule, subscriber.time_zone), digest.slot.due
    topics = [topic for topic in subscriber.topics if not topic.mute]
    wishes: list[tuple[str, Topic | Subscriber]] = [(topic.name, topic) for topic in topics] or [("", subscriber)]
    found = []
    for name, wish in wishes:
        if (rhythm := rhythm_of(wish)) is not None and not comes(subscriber, rhythm, due, kept):
            slot = next_with(subscriber, rhythm, schedule.slots(due, due + 2 * rhythm.length), due)
            found += [(name, rhythm, slot)] if slot else []
    return found


def would_send(
    store: Store, settings: DigestSettings, people: Sequence[Subscriber], *, extra: bool, now: datetime
) -> list[Digest]:
    """What `send` would compose at this moment: for `people`, or for everybody when it names nobody. Records nothing.

    `extra`: as `send --now` does, due or not.
    """
    with store.reading() as tx:
        chosen = people or tx.people.all_people()
        if not extra:
            chosen = [s for s in chosen if s.next_slot is not None and s.next_slot <= now]
        slots = [now_slot(s, now) if extra else due_slots(s, now).slot for s in chosen]
        return [preview_digest(tx, settings, s, slot, now=now) for s, slot in zip(chosen, slots, strict=True)]
