"""The queue: jobs are there when the rows of their transaction are, and come back when their worker is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
import sqlalchemy as sa
from databases import empty_postgres, empty_store

from digestbot.acts.jobs import RESOLVE_JOB, deliver_job, dispatch_job, poll_job, refuse_wrong_clock
from digestbot.errors import ClockWrong, StoreError
from digestbot.model import Delivery, State
from digestbot.store import Job, QueueDepth
from digestbot.store.database import SqlStore, open_store

SILENT = timedelta(seconds=20)
#: of a digest that is not there
NOWHERE = Delivery(
    id=0, kind="digest", digest=4711, subscriber=None, address="r@example.org", state=State.PENDING, message_id="<x@y>",
    next_at=datetime(2026, 11, 23, tzinfo=UTC), expires=datetime(2026, 11, 24, tzinfo=UTC),
)  # fmt: skip


@pytest.fixture(scope="module")
def database() -> Iterator[SqlStore]:
    opened = open_store(empty_postgres())
    opened.migrate()
    opened.prepare_queue()
    yield opened
    opened.close()


@pytest.fixture
def store(database: SqlStore) -> SqlStore:
    with database.engine.begin() as db:
        db.exec_driver_sql("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_events CASCADE")
    return database


def add(store: SqlStore, *jobs: Job) -> int:
    with store.transaction() as tx:
        return tx.jobs.add_jobs(jobs)


def depths(store: SqlStore) -> dict[str, QueueDepth]:
    with store.reading() as tx:
        return {one.queue: one for one in tx.jobs.queue_depths()}


def run(store: SqlStore, sql: str) -> None:
    with store.engine.begin() as db:
        db.execute(sa.text(sql))


def taken_by_a_worker_that_is_gone(store: SqlStore) -> None:
    run(store, "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")
    run(
        store, "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
    )


def rescued(store: SqlStore) -> int:
    with store.transaction() as tx:
        return tx.jobs.rescue_jobs(SILENT)


def test_jobs_of_a_transaction_that_fails_are_not_there_on_postgres(store: SqlStore) -> None:
    def write() -> None:
        with store.transaction() as tx:
            tx.jobs.add_jobs([poll_job("daily")])
            tx.outbox.add_delivery(NOWHERE)

    with pytest.raises(StoreError):
        write()
    assert depths(store) == {}


def test_a_job_that_waits_already_is_left_out_and_the_others_are_added_on_postgres(store: SqlStore) -> None:
    assert add(store, poll_job("daily"), RESOLVE_JOB) == 2
    assert add(store, poll_job("daily"), poll_job("weekly"), poll_job("weekly"), deliver_job(0)) == 2
    assert {name: one.waiting for name, one in depths(store).items()} == {"mail": 1, "sources": 3}


def test_jobs_without_a_name_are_all_added_on_postgres(store: SqlStore) -> None:
    plain = Job(queue="sources", task="poll", ids={"source": "daily"})
    assert add(store, plain, plain) == 2


def test_two_transactions_that_add_the_same_job_add_it_once_on_postgres(store: SqlStore) -> None:
    with store.transaction() as first:
        first.jobs.add_jobs([poll_job("daily")])
        with store.engine.begin() as db:
            db.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            with pytest.raises(sa.exc.OperationalError):  # it waits for the first to end
                db.exec_driver_sql(
                    "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock) VALUES ('q', 't', 'poll:daily')"
                )
    assert add(store, poll_job("daily"), dispatch_job(3)) == 1


def test_jobs_of_a_worker_that_is_gone_wait_again_on_postgres(store: SqlStore) -> None:
    add(store, dispatch_job(0), dispatch_job(1))
    taken_by_a_worker_that_is_gone(store)
    assert depths(store)["digests"].running == 2
    assert rescued(store) == 2
    assert depths(store)["digests"].waiting == 2
    assert rescued(store) == 0


def test_jobs_of_a_worker_that_lives_are_left_to_it_on_postgres(store: SqlStore) -> None:
    add(store, dispatch_job(0))
    taken_by_a_worker_that_is_gone(store)
    run(store, "UPDATE procrastinate_workers SET last_heartbeat = now()")
    assert rescued(store) == 0
    with store.reading() as tx:
        assert tx.jobs.count_workers(SILENT) == 1


def test_jobs_of_a_worker_whose_row_was_pruned_wait_again_on_postgres(store: SqlStore) -> None:
    add(store, dispatch_job(0))
    taken_by_a_worker_that_is_gone(store)
    run(store, "DELETE FROM procrastinate_workers")
    assert rescued(store) == 1


def test_a_lost_job_is_dropped_where_the_same_waits_by_now_on_postgres(store: SqlStore) -> None:
    add(store, poll_job("daily"))
    taken_by_a_worker_that_is_gone(store)
    add(store, poll_job("daily"))
    assert rescued(store) == 1
    assert depths(store)["sources"] == QueueDepth(queue="sources", waiting=1, oldest=depths(store)["sources"].oldest)


def test_a_queue_says_since_when_its_oldest_job_waits_on_postgres(store: SqlStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    add(store, dispatch_job(0))
    oldest = depths(store)["digests"].oldest
    assert oldest is not None
    assert before < oldest < before + timedelta(minutes=1)


def test_failed_jobs_are_deleted_after_a_while_on_postgres(store: SqlStore) -> None:
    add(store, dispatch_job(0), dispatch_job(1))
    run(store, "UPDATE procrastinate_jobs SET status = 'doing'")
    run(store, "UPDATE procrastinate_jobs SET status = 'failed'")
    assert depths(store)["digests"].failed == 2
    with store.transaction() as tx:
        assert tx.jobs.delete_failed_jobs(datetime.now(UTC) - timedelta(days=1)) == 0
        assert tx.jobs.delete_failed_jobs(datetime.now(UTC) + timedelta(minutes=1)) == 2


def test_sqlite_has_no_queue_and_says_so() -> None:
    from pathlib import Path

    with empty_store("memory", Path()) as opened:
        with pytest.raises(StoreError, match="no queue"):
            add(opened, RESOLVE_JOB)
        assert depths(opened) == {}
        assert rescued(opened) == 0


def test_the_tables_of_an_older_procrastinate_are_brought_to_this_one_on_postgres() -> None:
    old = open_store(empty_postgres())
    migrations = resources.files("procrastinate.sql") / "migrations"
    names = sorted(one.name for one in migrations.iterdir() if one.name.endswith(".sql"))
    first = [name for name in names if name < "03.02"]
    with old.engine.begin() as db:
        for name in first:
            driver = db.connection.driver_connection
            assert driver is not None
            driver.execute((migrations / name).read_text())
        db.exec_driver_sql(f"COMMENT ON TABLE procrastinate_jobs IS 'digestbot: made by procrastinate {first[-1]}'")
    old.migrate()
    old.prepare_queue()
    old.prepare_queue()
    assert add(old, dispatch_job(0)) == 1
    taken_by_a_worker_that_is_gone(old)
    assert rescued(old) == 1
    old.close()


def test_a_machine_whose_clock_is_wrong_by_an_hour_takes_no_jobs_on_postgres() -> None:
    opened, now = open_store(empty_postgres()), datetime.now(UTC)
    refuse_wrong_clock(opened, now)
    for wrong, said in ((now + timedelta(hours=1), "ahead of"), (now - timedelta(hours=1), "behind")):
        with pytest.raises(ClockWrong, match=said):
            refuse_wrong_clock(opened, wrong)
    opened.close()


def test_tables_of_procrastinate_that_are_not_ours_are_left_alone_on_postgres() -> None:
    other = open_store(empty_postgres())
    run(other, "CREATE TABLE procrastinate_jobs (id bigint)")
    with pytest.raises(StoreError, match="not digestbot's"):
        other.prepare_queue()
    other.close()
