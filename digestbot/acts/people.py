"""People: make the stored subscribers those of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from digestbot.acts.deliver import cancel
from digestbot.digest.schedule import Schedule
from digestbot.model import Subscriber
from digestbot.model.mail import WAITING
from digestbot.store import Store, Transaction


def sync(store: Store, subscribers: Sequence[Subscriber], sources: Sequence[tuple[str, str]], *, now: datetime) -> None:
    """Take over the configuration's people and sources; who left gets nothing that still waits."""
    with store.transaction() as tx:
        tx.ledger.sync_sources(sources)
        tx.people.sync(subscribers, now=now)
        for gone in tx.people.all(removed=True):
            if gone.status == "removed" and gone.id is not None:
                waiting = tx.outbox.list(WAITING, subscriber=gone.id)
                cancel(tx, [delivery.id for delivery in waiting], now=now)
        plan_first_slots(tx, now)


def plan_first_slots(tx: Transaction, now: datetime) -> None:
    """Whoever has no slot planned (new, or with a new schedule) gets the first one after now."""
    for subscriber in tx.people.unplanned():
        assert subscriber.id is not None  # stored people have one
        first = Schedule.parse(subscriber.schedule, subscriber.time_zone).next(now)
        tx.people.plan(subscriber.id, first.due, was=None)
