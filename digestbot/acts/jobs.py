"""Jobs: what is due becomes work for workers. The acts they call are the same as in a round of one process.

A job names a source, or a block of people; whether there is still anything to do, the rows say when it runs. So a job
that runs twice, or late, or not at all does no harm: the next tick looks again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digestbot.acts.answers.queue import SIGN_OF_LIFE, SILENT
from digestbot.acts.digests.due import OUT_OF_REACH
from digestbot.acts.intake.poll import is_due
from digestbot.acts.people.sync import plan_first_slots
from digestbot.acts.site.settings import DigestSettings
from digestbot.errors import ClockWrong
from digestbot.store import Job, Store, Transaction

__all__ = ["SIGN_OF_LIFE", "SILENT", "Added", "Queue", "Task", "add_due_jobs", "due_by", "people_of"]

BLOCK = 500  #: ids of one job of composing
BATCH = 500  #: deliveries that are worth one more job of delivering
DELIVERING = 16  #: most jobs of delivering that wait
CLOCKS_DIFFER = timedelta(seconds=10)  #: most between the clock of a worker and that of the database
KEEP_FAILED = timedelta(days=1)


class Queue(StrEnum):
    """What a worker may be asked to do."""

    SOURCES = "sources"
    DIGESTS = "digests"
    MAIL = "mail"
    UPKEEP = "upkeep"


class Task(StrEnum):
    """The jobs there are."""

    POLL = "poll"
    RESOLVE = "resolve"
    ENRICH = "enrich"
    DISPATCH = "dispatch"
    DELIVER = "deliver"
    INBOX = "inbox"
    CLEAN = "clean"


def poll_job(source: str) -> Job:
    """Poll one source. It waits once, and runs once at a time."""
    name = f"poll:{source}"
    return Job(queue=Queue.SOURCES, task=Task.POLL, ids={"source": source}, once=name, alone=name)


def dispatch_job(block: int) -> Job:
    """Compose for those of a block of people who are due."""
    name = f"dispatch:{block}"
    return Job(queue=Queue.DIGESTS, task=Task.DISPATCH, ids={"block": block}, once=name, alone=name)


def deliver_job(number: int) -> Job:
    """Deliver what waits the longest; several numbers are several workers at it."""
    lane = number % DELIVERING
    return Job(queue=Queue.MAIL, task=Task.DELIVER, ids={"number": lane}, once=f"deliver:{lane}")


#: of these one waits and one runs, over all workers
RESOLVE_JOB = Job(queue=Queue.SOURCES, task=Task.RESOLVE, once="resolve", alone="resolve", priority=1)
ENRICH_JOB = Job(queue=Queue.SOURCES, task=Task.ENRICH, once="enrich", alone="enrich", priority=-1)
INBOX_JOB = Job(queue=Queue.UPKEEP, task=Task.INBOX, once="inbox", alone="inbox")
CLEAN_JOB = Job(queue=Queue.UPKEEP, task=Task.CLEAN, once="clean", alone="clean", priority=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a tick has added."""

    jobs: int = 0
    rescued: int = 0


def add_due_jobs(
    store: Store,
    names: Collection[str],
    settings: DigestSettings,
    *,
    wait: timedelta,
    now: datetime,
    silent: timedelta = SILENT,
) -> Added:
    """Add a job for everything that is due and has none waiting; let jobs of workers that are gone wait again.

    `names`: the configured sources; `wait`: how long digests wait for sources that are due; `silent`: without a sign of
    life for so long a worker is gone.
    """
    plan_first_slots(store, now)
    with store.transaction() as tx:
        rescued = tx.jobs.rescue_jobs(silent)
        due = tx.outbox.count_due(now)
        jobs = [
            *map(poll_job, _overdue(tx, names, now)),
            *([RESOLVE_JOB] if tx.papers.is_entry_waiting() else []),
            *map(dispatch_job, tx.people.due_blocks(due_by(tx, names, settings, wait=wait, now=now), BLOCK)),
            *map(deliver_job, range(min(-(-due // BATCH), DELIVERING))),
            INBOX_JOB, ENRICH_JOB, CLEAN_JOB,
        ]  # fmt: skip
        return Added(jobs=tx.jobs.add_jobs(jobs), rescued=rescued)


def dispatched_until(
    store: Store, names: Collection[str], settings: DigestSettings, *, wait: timedelta, now: datetime
) -> datetime:
    """`due_by` as the database stands."""
    with store.reading() as tx:
        return due_by(tx, names, settings, wait=wait, now=now)


def due_by(
    tx: Transaction, names: Collection[str], settings: DigestSettings, *, wait: timedelta, now: datetime
) -> datetime:
    """Slots that had come by then are composed now: a slot waits `wait` for sources that are due, and longer while no
    source can be reached."""
    rows = [row for row in tx.source_log.sources() if row.name in names]
    if rows and all(row.status in OUT_OF_REACH for row in rows):
        return now - settings.keep_open
    return now - wait if _overdue(tx, names, now) else now


def _overdue(tx: Transaction, names: Collection[str], now: datetime) -> Sequence[str]:
    rows = {row.name: row for row in tx.source_log.sources()}
    return [name for name in names if is_due(rows.get(name), now)]


def refuse_wrong_clock(store: Store, now: datetime) -> None:
    """Raises ClockWrong when this machine's clock is not the database's. Such a worker would send digests too early, and
    take mails that another worker is sending for abandoned ones."""
    with store.reading() as tx:
        moment = tx.jobs.moment()
    if moment is not None and abs(off := now - moment) > CLOCKS_DIFFER:
        told = f"{abs(off).total_seconds():.0f} s {'ahead of' if off > timedelta(0) else 'behind'} the database's"
        raise ClockWrong(f"the clock of this machine is {told}", fix="Let NTP set both clocks")


def people_of(block: int) -> range:
    """The ids of a block."""
    return range(block * BLOCK, (block + 1) * BLOCK)


def deliver_on(store: Store, number: int, *, now: datetime) -> None:
    """Add a job that delivers what is left when the turn of job `number` is over."""
    with store.transaction() as tx:
        if tx.outbox.count_due(now):
            tx.jobs.add_jobs([deliver_job(number)])


def delete_failed(store: Store, *, now: datetime) -> None:
    """Forget jobs that failed more than `KEEP_FAILED` ago."""
    with store.transaction() as tx:
        tx.jobs.delete_failed_jobs(now - KEEP_FAILED)
