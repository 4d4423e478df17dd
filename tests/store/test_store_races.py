"""Two workers at once, on both databases: what one row allows happens once, and nobody's write is lost."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databases import empty_store, migrated, sqlite_url

from digestbot.errors import StoreBusy, StoreError, StoreFull, StoreUnreachable
from digestbot.model import Breaker, State
from digestbot.store import database
from digestbot.store.database import SqlStore, open_store
from digestbot.testing.store.values import (
    HOUR,
    MINUTE,
    NOW,
    add,
    delivery,
    entry,
    ident,
    join,
    post,
    slot_row,
)

WORKERS = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with empty_store(request.param, tmp_path) as opened:
        yield opened


def together(work: Callable[[int], object]) -> list[BaseException]:
    """Run by all workers from the same moment; what they raised."""
    start, raised = threading.Barrier(WORKERS), list[BaseException]()

    def run(worker: int) -> None:
        start.wait()
        try:
            work(worker)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def test_no_delivery_is_claimed_by_two(store: SqlStore) -> None:
    with store.transaction() as tx:
        made = post(tx, 200)
    got: list[int] = []

    def work(worker: int) -> None:
        while True:
            with store.transaction() as tx:
                mine = tx.outbox.claim_deliveries(7, owner=f"worker-{worker}", now=NOW, lease=HOUR)
            if not mine:
                return
            got.extend(d.id for d in mine)

    assert together(work) == []
    assert sorted(got) == made


def test_a_slot_is_composed_by_one(store: SqlStore) -> None:
    with store.transaction() as tx:
        [someone] = join(tx, "reader")
    won: list[int] = []

    def work(worker: int) -> None:
        with store.transaction() as tx:
            if tx.slots.add_slot(slot_row(someone)):
                won.append(worker)

    assert together(work) == []
    assert len(won) == 1


def test_an_entry_is_stored_once_whoever_brings_it(store: SqlStore) -> None:
    def work(_: int) -> None:
        for number in range(1, 31):
            with store.transaction() as tx:
                add(tx, entry(number))

    assert together(work) == []
    with store.reading() as tx:
        assert tx.papers.count_entries_and_papers()[0] == 30


def test_readers_that_became_writers_lose_nothing(store: SqlStore) -> None:
    """What a late BEGIN loses: 314 of 400 transactions of four writers."""
    with store.transaction() as tx:
        tx.breakers.set_breaker("smtp", Breaker())

    def work(worker: int) -> None:
        for turn in range(100):
            with store.transaction() as tx:
                tx.people.all_people()
                tx.outbox.add_delivery(delivery(100 * worker + turn))

    assert together(work) == []
    with store.reading() as tx:
        assert tx.outbox.count_by_state()[State.PENDING] == 400


def test_a_plan_is_moved_by_one(store: SqlStore) -> None:
    with store.transaction() as tx:
        [someone] = join(tx, "reader")
    moved: list[bool] = []

    def work(worker: int) -> None:
        with store.transaction() as tx:
            moved.append(tx.people.plan_slot(ident(someone), NOW + worker * MINUTE, was=None))

    assert together(work) == []
    assert moved.count(True) == 1


def test_a_reader_sees_one_moment_while_others_write(store: SqlStore) -> None:
    with store.transaction() as tx:
        add(tx, entry(1))
    with store.reading() as tx:
        before = tx.papers.count_entries_and_papers()
        with store.transaction() as other:
            add(other, entry(2))
        assert tx.papers.count_entries_and_papers() == before


def test_a_database_that_is_held_too_long_is_said_to_be_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "WAIT", 0.2)
    store = migrated(sqlite_url(tmp_path))
    holder = sqlite3.connect(tmp_path / "digestbot.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="another process held"), store.transaction():
        pass
    holder.execute("ROLLBACK")
    holder.close()
    with store.transaction() as tx:
        post(tx)
    store.close()


def test_a_full_database_is_said_to_be_full_and_keeps_what_it_had(tmp_path: Path) -> None:
    store = migrated(sqlite_url(tmp_path))
    with store.transaction() as tx:
        tx.outbox.add_delivery(delivery(0))
    with store.engine.connect() as db:
        pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
        db.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # of this connection, which the pool hands out again
    with pytest.raises(StoreFull, match="cannot be written"):  # noqa: PT012  # whichever write is the first too many
        for turn in range(2000):
            with store.transaction() as tx:
                for number in range(20):
                    tx.outbox.add_delivery(delivery(1 + 20 * turn + number))
    store.close()
    again = migrated(sqlite_url(tmp_path))
    with again.reading() as tx:
        assert tx.outbox.count_by_state()[State.PENDING] % 20 == 1
    again.close()


def test_a_server_that_is_not_there_is_said_without_its_password() -> None:
    pytest.importorskip("psycopg")
    store = open_store("postgresql://bot:s3cret@127.0.0.1:1/digests")
    with pytest.raises(StoreUnreachable) as caught:
        store.migrate()
    assert "s3cret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)
    store.close()


def test_an_unknown_kind_of_store_is_said_with_what_is_known() -> None:
    with pytest.raises(StoreError, match=r"'mysql' is not known.*sqlite:///"):
        open_store("mysql://bot:s3cret@localhost/x")
