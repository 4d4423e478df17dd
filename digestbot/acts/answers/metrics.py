"""Metrics: how much there is, how it goes, and how old the oldest of it is. No address, name or URL of anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.acts.answers.queue import QueueState, queue_state
from digestbot.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One line of a metric."""

    name: str
    help: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


def measures(store: Store, *, now: datetime) -> list[Measure]:
    """Every metric, those of one name together."""
    with store.reading() as tx:
        entries, papers = tx.papers.count_entries_and_papers()
        states = tx.outbox.count_by_state()
        waiting = tx.outbox.longest_waiting(now + timedelta(days=1), most=1)
        sources = tx.source_log.sources()
        queue = queue_state(tx, now)
    oldest = max(0.0, (now - waiting[0].next_at).total_seconds()) if waiting and waiting[0].next_at else 0.0
    made = [
        Measure(name="entries", help="Entries stored", value=entries),
        Measure(name="papers", help="Papers stored", value=papers),
        Measure(name="digests", help="Digests with a mail", value=sum(states.values())),
    ]
    told = "Deliveries by state"
    made += [
        Measure(name="deliveries", help=told, value=count, labels=(("state", str(state)),))
        for state, count in sorted(states.items())
    ]
    made.append(Measure(name="queue_age_seconds", help="How long the mail that waits longest is due", value=oldest))
    told = "Failed polls in a row, by source"
    made += [
        Measure(name="source_failures", help=told, value=row.failures, labels=(("source", row.name),))
        for row in sources
    ]
    told = "Time since the last poll that did not fail, by source"
    made += [
        Measure(name="source_age_seconds", help=told, value=(now - row.last_ok).total_seconds(),
                labels=(("source", row.name),))
        for row in sources
        if row.last_ok is not None
    ]  # fmt: skip
    return made + (_of_queue(queue, now) if queue else [])


def _of_queue(queue: QueueState, now: datetime) -> list[Measure]:
    """How much waits for workers, by queue."""
    made = [
        Measure(name="worker_lanes", help="Lanes of workers that gave a sign of life", value=queue.workers),
        Measure(name="people_due", help="People whose digest is due and not composed", value=queue.due),
    ]
    told = "Jobs by queue and state"
    made += [
        Measure(name="jobs", help=told, value=count, labels=(("queue", one.queue), ("state", state)))
        for one in queue.depths
        for state, count in (("waiting", one.waiting), ("running", one.running), ("failed", one.failed))
    ]
    told = "How long the job waits that waits longest, by queue"
    made += [
        Measure(name="job_age_seconds", help=told, value=max(0.0, (now - one.oldest).total_seconds()),
                labels=(("queue", one.queue),))
        for one in queue.depths
        if one.oldest is not None
    ]  # fmt: skip
    return made
