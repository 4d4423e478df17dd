"""The queue: procrastinate's tables, written by its own SQL functions on our connection.

Its Python API defers a job on a connection of psycopg's own; here it is the transaction that writes the rows, so that both
are there or neither: https://procrastinate.readthedocs.io/en/stable/howto/production/external_connection.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection

from digestbot.errors import StoreError
from digestbot.store.contract.leases import Job, QueueDepth

#: those whose queueing lock waits already are left out; of two with the same in one call the first is taken
_ADD = sa.text("""
SELECT coalesce(cardinality(procrastinate_defer_jobs_v1(array_agg(wanted.job ORDER BY wanted.place))), 0) FROM (
  SELECT DISTINCT ON (coalesce(j->>'once', place::text)) place,
    ROW(j->>'queue', j->>'task', (j->>'priority')::integer, j->>'alone', j->>'once', j->'ids', NULL)
      ::procrastinate_job_to_defer_v1 AS job
  FROM jsonb_array_elements(CAST(:jobs AS jsonb)) WITH ORDINALITY AS given (j, place)
  WHERE NOT EXISTS (SELECT FROM procrastinate_jobs WHERE queueing_lock = j->>'once' AND status = 'todo')
  ORDER BY coalesce(j->>'once', place::text), place
) AS wanted HAVING count(*) > 0
""")
#: a worker that ended in good order, and one that another worker's start has pruned, leave jobs without a worker
_STALLED = sa.text("""
SELECT job.id, (job.queueing_lock IS NOT NULL AND EXISTS (
    SELECT FROM procrastinate_jobs AS other WHERE other.queueing_lock = job.queueing_lock AND other.status = 'todo'
  )) AS doubled
FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
WHERE job.status = 'doing' AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => :silent))
ORDER BY job.id FOR UPDATE OF job SKIP LOCKED
""")
_AGAIN = sa.text("SELECT procrastinate_retry_job_v2(:id, NULL, NULL, NULL, NULL)")
_DROP = sa.text("SELECT procrastinate_finish_job_v1(:id, 'failed', true)")
_DELETE = sa.text("""
DELETE FROM procrastinate_jobs AS job WHERE status NOT IN ('todo', 'doing')
AND NOT EXISTS (SELECT FROM procrastinate_events WHERE job_id = job.id AND at >= :before)
""")
_DEPTHS = sa.text("""
SELECT queue_name AS queue, count(*) FILTER (WHERE status = 'todo') AS waiting,
  count(*) FILTER (WHERE status = 'doing') AS running, count(*) FILTER (WHERE status IN ('failed', 'aborted')) AS failed,
  (SELECT at FROM procrastinate_events AS event WHERE event.job_id = min(job.id) FILTER (WHERE status = 'todo')
   ORDER BY event.id LIMIT 1) AS oldest
FROM procrastinate_jobs AS job GROUP BY queue_name ORDER BY queue_name
""")
_WORKERS = sa.text(
    "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat >= now() - make_interval(secs => :silent)"
)


class SqlJobs:
    """The contract is `store.Jobs`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def add_jobs(self, jobs: Iterable[Job]) -> int:
        wanted = list(jobs)
        if not wanted:
            return 0
        self._needed()
        try:
            return self._add(wanted)
        except exc.IntegrityError:  # another transaction has added one of them just now
            return sum(self._add_one(job) for job in wanted)

    def _add_one(self, job: Job) -> int:
        try:
            return self._add([job])
        except exc.IntegrityError:
            return 0

    def _add(self, jobs: Sequence[Job]) -> int:
        said = [
            {"queue": job.queue, "task": job.task, "priority": job.priority, "alone": job.alone or None,
             "once": job.once or None, "ids": job.ids}
            for job in jobs
        ]  # fmt: skip
        with self.db.begin_nested():
            return self.db.execute(_ADD, {"jobs": json.dumps(said)}).scalar() or 0

    def rescue_jobs(self, silent: timedelta) -> int:
        if not self._there():
            return 0
        stalled = self.db.execute(_STALLED, {"silent": silent.total_seconds()}).all()
        for row in stalled:
            self.db.execute(_DROP if row.doubled else _AGAIN, {"id": row.id})
        return len(stalled)

    def moment(self) -> datetime | None:
        if self.db.dialect.name != "postgresql":
            return None
        found: datetime = self.db.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        return found

    def delete_failed_jobs(self, before: datetime) -> int:
        if not self._there():
            return 0
        count: int = self.db.execute(_DELETE, {"before": before}).rowcount
        return count

    def queue_depths(self) -> list[QueueDepth]:
        if not self._there():
            return []
        return [QueueDepth(**row._mapping) for row in self.db.execute(_DEPTHS)]

    def count_workers(self, silent: timedelta) -> int:
        if not self._there():
            return 0
        count: int = self.db.execute(_WORKERS, {"silent": silent.total_seconds()}).scalar_one()
        return count

    def _there(self) -> bool:
        if self.db.dialect.name != "postgresql":
            return False
        return self.db.execute(sa.text("SELECT to_regclass('procrastinate_jobs')")).scalar() is not None

    def _needed(self) -> None:
        if not self._there():
            raise StoreError(
                "this database has no queue", fix='Write queue = "procrastinate" into [store], with PostgreSQL'
            )
