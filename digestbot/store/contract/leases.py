"""Leases of hosts and of the daemon, circuit breakers of mail servers, the queue of jobs: what processes share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from digestbot.model import Breaker


class Leases(Protocol):
    """Named leases: a host's turn, the daemon's place. They hold across processes."""

    def take_lease(self, name: str, *, owner: str, now: datetime, lease: timedelta) -> datetime | None:
        """Take a lease until now + `lease`. Returns None when the caller has it (also when it had it before), else
        the instant from which asking again is worthwhile."""

    def give_back_lease(self, name: str, *, owner: str, next_at: datetime) -> None:
        """Give a lease back; nobody takes it before `next_at`. Does nothing when `owner` does not hold it."""

    def postpone_lease(self, name: str, *, until: datetime) -> None:
        """Let nobody take the lease before `until` (Retry-After). An earlier instant changes nothing."""

    def postponed_until(self, name: str, now: datetime) -> datetime | None:
        """The instant before which nobody takes the lease; None where no such instant is to come. Writes nothing."""

    def take_turns(self, name: str, span: timedelta, *, now: datetime) -> datetime:
        """The beginning of a span that is the caller's alone: now, or the end of the last one that was taken."""

    def lease_holder(self, name: str, now: datetime) -> str:
        """Who holds the lease; "" when nobody does."""


class Breakers(Protocol):
    """Circuit breakers of mail servers."""

    def breaker_of(self, server: str) -> Breaker:
        """The breaker of a mail server; one that never failed is closed."""

    def set_breaker(self, server: str, breaker: Breaker) -> None:
        """Write it as it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work for some worker. It carries ids only: the rows say what is to be done, and whether it still is."""

    queue: str
    task: str
    ids: dict[str, str | int] = field(default_factory=dict)
    once: str = ""  #: of the jobs with this name one waits, and no second (procrastinate: queueing lock)
    alone: str = ""  #: of the jobs with this name one runs, the others wait (procrastinate: lock)
    priority: int = 0  #: the higher first


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """How much waits in a queue."""

    queue: str
    waiting: int = 0
    running: int = 0
    failed: int = 0  #: jobs that raised; what they were to do is looked for again with the next tick
    oldest: datetime | None = None  #: since when the job waits that waits longest


class Jobs(Protocol):
    """The queue of this database. Only PostgreSQL has one, and only after `prepare_queue`."""

    def add_jobs(self, jobs: Iterable[Job]) -> int:
        """Add jobs that workers see when this transaction is committed; how many. One whose `once` waits already is left
        out. Raises StoreError where there is no queue."""

    def rescue_jobs(self, silent: timedelta) -> int:
        """Jobs of workers that gave no sign of life for `silent`, or are gone, wait again; how many. One whose `once`
        waits by now is dropped: the other does the same."""

    def moment(self) -> datetime | None:
        """What the clock of the database says, by which workers on several machines are measured; None where a store
        has no clock of its own."""

    def delete_failed_jobs(self, before: datetime) -> int:
        """Delete jobs that failed or were cut off before then; how many."""

    def queue_depths(self) -> list[QueueDepth]:
        """Every queue with jobs in it, by name; none where there is no queue."""

    def count_workers(self, silent: timedelta) -> int:
        """Lanes of workers that gave a sign of life within `silent`; 0 where there is no queue."""
