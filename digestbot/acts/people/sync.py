"""Sync: make the stored subscribers those of the configuration (reconciliation)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from digestbot.acts.delivery.release import cancel
from digestbot.acts.papers.resolve import resolve
from digestbot.acts.site.marks import DOUBTED
from digestbot.digest.selection.schedule import Schedule
from digestbot.model import Entry, Subscriber, SubscriberId
from digestbot.model.mail import WAITING
from digestbot.model.people import UNSUBSCRIBED
from digestbot.store import PlannedSlot, Store, Transaction

log = logging.getLogger(__name__)

LIKED = "library:topics"  #: the internal source of papers that topics are made of
DOUBTED_FROM = 4  #: so many who vanish at once, and at least half of all, are doubted; an empty list always is
BELIEVED_AFTER = timedelta(minutes=10)
PLANNED = 1000  #: people whose first slots are one transaction
FAR_AHEAD = timedelta(days=8)  #: most schedules have a slot a week


def sync(
    store: Store,
    subscribers: Sequence[Subscriber],
    sources: Sequence[tuple[str, str]],
    *,
    rules: Mapping[str, str] | None = None,
    liked: Sequence[Entry] = (),
    now: datetime,
) -> None:
    """Take over the configuration's people, sources and site rules; who is gone gets nothing that still waits.

    When nearly everybody is gone at once, the file is more likely than not written at this moment: they stay until it
    still says so ten minutes later, or until somebody confirms it.

    `liked` are the papers that topics are made of: they go into the record, and are news for nobody.
    """
    with store.transaction() as tx:
        tx.source_log.sync_sources(sources)
        tx.site.sync_rules(rules or {}, now=now)
        wanted = [*_without_erased(tx, subscribers), *_doubted(tx, subscribers, now)]
        for number in tx.people.sync_people(wanted, now=now):
            if (moved := tx.people.find_person(number)) is not None:
                tx.outbox.readdress_deliveries(number, moved.email)
        for gone in tx.outbox.awaited_by_removed():
            stop_deliveries(tx, gone, now)
        tx.people.lift_ended_suppressions(now)
        kept = tx.papers.add_entries(LIKED, liked, sha="", now=now, old=range(len(liked))) if liked else []
    plan_first_slots(store, now)
    if any(one.fresh for one in kept):
        resolve(store, now=now)


def _without_erased(tx: Transaction, listed: Sequence[Subscriber]) -> list[Subscriber]:
    """Whoever had everything deleted is not stored again because a file still names them."""
    erased = tx.people.erased_addresses(person.email for person in listed)
    if erased:
        refs = sorted(person.ref for person in listed if person.email in erased)
        log.warning("had all their data deleted, and get nothing: %s. Take them out of the files", ", ".join(refs))
    return [person for person in listed if person.email not in erased]


def _doubted(tx: Transaction, listed: Sequence[Subscriber], now: datetime) -> list[Subscriber]:
    """Stored people who are in no file any more, and whose removal is not believed yet."""
    refs, stored = {person.ref for person in listed}, tx.people.listed_refs()
    missing = [ref for ref in stored if ref not in refs]
    noted = tx.site.note(DOUBTED)
    if not missing or (listed and len(missing) < max(DOUBTED_FROM, len(stored) / 2)):
        if noted is not None:
            tx.site.remove_note(DOUBTED)
        return []
    if noted is None:
        tx.site.set_note(DOUBTED, at=now, text="\n".join(sorted(missing)))
        log.warning("%d of %d subscribers stand in no file any more: kept for ten minutes", len(missing), len(stored))
    elif not noted.at <= now < noted.at + BELIEVED_AFTER:
        tx.site.remove_note(DOUBTED)
        return []
    return tx.people.people_of_refs(missing)


def confirm_missing(store: Store) -> list[str]:
    """Believe at once that the people who are missing in the files are gone; their refs."""
    with store.transaction() as tx:
        noted = tx.site.note(DOUBTED)
        if noted is None:
            return []
        tx.site.set_note(DOUBTED, at=noted.at - BELIEVED_AFTER, text=noted.text)
        return noted.text.split()


def is_doubted(store: Store) -> bool:
    """Whether people are kept who are missing in the files."""
    with store.reading() as tx:
        return tx.site.note(DOUBTED) is not None


def plan_first_slots(store: Store, now: datetime) -> None:
    """Whoever has no slot planned (new, or with a new schedule) gets the first one after now. Many are planned in more
    than one transaction, so that others write between them."""
    first = cache(lambda schedule, zone: Schedule.parse(schedule, zone).next(now).due)
    more = True
    while more:
        with store.transaction() as tx:
            people = tx.people.people_without_slot(PLANNED)
            tx.people.plan_slots(PlannedSlot(p.stored_id, first(p.schedule, p.time_zone), None) for p in people)
        more = len(people) == PLANNED
    with store.transaction() as tx:  # a rare schedule, or the clock was ahead for a while
        for person in tx.people.people_planned_after(now + FAR_AHEAD):
            due = first(person.schedule, person.time_zone)
            if person.next_slot is not None and due < person.next_slot:
                tx.people.plan_slot(person.stored_id, due, was=person.next_slot)


def leave(store: Store, subscriber: Subscriber, *, now: datetime) -> None:
    """They unsubscribed: at once, also for what waits, and whatever the configuration says."""
    with store.transaction() as tx:
        leave_within(tx, subscriber, now=now)


def leave_within(tx: Transaction, subscriber: Subscriber, *, now: datetime) -> None:
    """`leave` as part of a larger transaction."""
    tx.people.mark_left(subscriber.stored_id)
    tx.people.suppress_address(subscriber.email, reason=UNSUBSCRIBED, now=now)
    stop_deliveries(tx, subscriber.stored_id, now)


def pause(store: Store, subscriber: Subscriber, *, until: datetime | None, now: datetime) -> None:
    """Nothing until then (None: until resumed); what waits is taken back, and its papers come after the pause."""
    with store.transaction() as tx:
        tx.people.pause_person(subscriber.stored_id, until=until)
        stop_deliveries(tx, subscriber.stored_id, now)


def resume(store: Store, subscriber: Subscriber, *, now: datetime) -> None:
    """Active again; an unsubscribed address may be mailed again."""
    with store.transaction() as tx:
        tx.people.resume_person(subscriber.stored_id)
        if subscriber.suppressed == UNSUBSCRIBED:
            tx.people.lift_suppression(subscriber.email, now=now)


def change_within(tx: Transaction, subscriber: Subscriber, wanted: Subscriber, *, now: datetime) -> None:
    """Settings that somebody of the page chose. Who wants no mails any more gets none of those that wait, either."""
    tx.people.change_person(subscriber.stored_id, wanted, now=now)
    if subscriber.mail and not wanted.mail:
        stop_deliveries(tx, subscriber.stored_id, now)


def stop_deliveries(tx: Transaction, subscriber: SubscriberId, now: datetime) -> None:
    """Cancel the mails that wait for these people; the papers in them are free again."""
    cancel(tx, [delivery.id for delivery in tx.outbox.list_deliveries(WAITING, subscriber=subscriber)], now=now)


def resume_and_lift(store: Store, subscriber: Subscriber, *, now: datetime) -> str:
    """Active again by the operator's word: a suppression of the address is lifted too, whatever its reason.

    Gives the reason that was lifted, or "".
    """
    with store.transaction() as tx:
        tx.people.resume_person(subscriber.stored_id)
        lifted = tx.people.lift_suppression(subscriber.email, now=now)
    return subscriber.suppressed if lifted else ""
