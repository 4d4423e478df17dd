"""The queue: how much waits for workers, since when, and how many work on it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.store import QueueDepth, Transaction

SIGN_OF_LIFE = timedelta(seconds=5)  #: a worker gives one so often
SILENT = 4 * SIGN_OF_LIFE  #: without one for so long it is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """How the queue stands."""

    workers: int  #: lanes of workers that gave a sign of life
    depths: tuple[QueueDepth, ...]
    due: int  #: people whose slot has come and whose digest is not composed yet


def queue_state(tx: Transaction, now: datetime) -> QueueState | None:
    """How it stands now; None where no worker was ever here."""
    workers, depths = tx.jobs.count_workers(SILENT), tx.jobs.queue_depths()
    if not workers and not depths:
        return None
    return QueueState(workers=workers, depths=tuple(depths), due=tx.people.count_due_people(now))
