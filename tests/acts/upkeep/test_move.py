"""A store that moves from SQLite to PostgreSQL: all of it, once, whenever it is killed, and nothing is sent from both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from databases import empty_postgres, migrated, sqlite_url

from digestbot.acts.answers.status import status
from digestbot.acts.delivery.deliver import deliver
from digestbot.acts.upkeep.move import MoveReport, give_up, move
from digestbot.cli.answers.status import status_text
from digestbot.errors import AlreadyRunning, StoreError, StoreRefused
from digestbot.store import moving
from digestbot.store.database import SqlStore, open_store
from digestbot.system import process
from digestbot.testing.builders import NOW, subscriber
from digestbot.testing.site import TestSite, by_smtp, delivery_client
from digestbot.testing.smtp_server import SmtpServer

PLACE = "postgresql://digestbot@db/digestbot"


@pytest.fixture
def old(tmp_path: Path) -> Iterator[SqlStore]:
    """A store in which people have digests: some were sent, some wait."""
    opened = migrated(sqlite_url(tmp_path))
    office = TestSite(opened, [subscriber(f"r{n}", id=None) for n in range(3)])
    office.papers(1, 2, 3, signals={"upvotes": 3})
    office.dispatch(NOW)
    yield opened
    opened.close()


@pytest.fixture
def new() -> Iterator[SqlStore]:
    opened = open_store(empty_postgres())
    yield opened
    opened.close()


def moved(old: SqlStore, new: SqlStore, **change: object) -> MoveReport:
    return move(old, new, place=PLACE, now=NOW, **change)  # type: ignore[arg-type]  # one of its parameters


def all_sums(store: SqlStore) -> dict[str, moving.Sums]:
    with store.connection(write=False) as db:
        return {table.name: moving.sums(db, table) for table in moving.TABLES}


def test_everything_is_there_and_the_next_ids_are_new_ones_on_postgres(old: SqlStore, new: SqlStore) -> None:
    report = moved(old, new)
    assert all_sums(old) == all_sums(new)
    assert report.rows == sum(one.rows for one in all_sums(new).values())
    assert report.waiting == 3
    new.migrate()
    office = TestSite(new, [subscriber(f"r{n}", id=None) for n in range(4)])
    assert office.papers(9).papers_new == 1
    with new.reading() as tx:
        assert tx.papers.count_entries_and_papers() == (4, 4)


class Killed(Exception):
    pass


@pytest.mark.parametrize("moment", [0, 1, 15, 30, 50, 55, 60])
def test_a_move_that_is_killed_goes_on_and_brings_the_same_on_postgres(
    old: SqlStore, new: SqlStore, moment: int
) -> None:
    left = [moment]

    def heard(_: str, __: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    with pytest.raises(Killed):
        moved(old, new, heard=heard)
    with pytest.raises(StoreError, match="has not ended"):
        new.migrate()
    assert moved(old, new).again
    assert all_sums(old) == all_sums(new)
    assert moved(old, new).again, "asked once more it says the same"


def test_rows_that_came_twice_are_taken_back_on_postgres(old: SqlStore, new: SqlStore) -> None:
    """The old store was used between two tries, by who gave the move up and began the same again."""

    def heard(what: str, _: int) -> None:
        if what.startswith("comparing"):
            raise Killed

    with pytest.raises(Killed):
        moved(old, new, heard=heard)
    with new.connection() as db:
        db.exec_driver_sql("UPDATE subscribers SET schedule = 'daily 03:00' WHERE id = 1")
        db.exec_driver_sql("DELETE FROM digest_items WHERE paper = 1")
    moved(old, new)
    assert all_sums(old) == all_sums(new)


async def test_mails_go_out_once_from_the_new_store_and_never_from_the_old_on_postgres(
    old: SqlStore, new: SqlStore
) -> None:
    moved(old, new)
    new.migrate()
    async with SmtpServer() as server:
        for store, sent in ((new, 3), (old, 0), (new, 0)):
            site = TestSite.__new__(TestSite)
            site.store, site.now = store, NOW
            client = delivery_client(site, by_smtp(server.port))
            if store is old:
                with pytest.raises(StoreRefused, match="this store was moved to postgresql://digestbot@db/digestbot"):
                    await deliver(client)
            else:
                assert len((await deliver(client)).deliveries) == sent
        assert len({m.recipients for m in server.messages}) == len(server.messages) == 3


def test_a_store_that_was_moved_says_so_to_who_looks_at_it_on_postgres(old: SqlStore, new: SqlStore) -> None:
    told = "this store was moved to postgresql://digestbot@db/digestbot: write it as [store] url"
    for moved_yet, why in ((False, ""), (True, told)):
        if moved_yet:
            moved(old, new)
        found = status(old, now=NOW, day_start=NOW)
        assert found.frozen == why
        assert (told in " ".join(status_text(found, "Papers", "UTC").split())) is moved_yet
    assert not status(new, now=NOW, day_start=NOW).frozen
    assert give_up(old)
    assert not status(old, now=NOW, day_start=NOW).frozen


def test_a_store_that_somebody_works_from_is_left_as_it_is_on_postgres(old: SqlStore, new: SqlStore) -> None:
    with old.transaction() as tx:
        tx.leases.take_lease("daemon", owner=process.name(), now=NOW, lease=timedelta(minutes=1))
    with pytest.raises(AlreadyRunning, match="works from this store"):
        moved(old, new)
    with old.transaction() as tx:
        tx.leases.give_back_lease("daemon", owner=process.name(), next_at=NOW)
        tx.outbox.claim_deliveries(1, owner=process.name(), now=NOW, lease=timedelta(minutes=1))
    with pytest.raises(AlreadyRunning, match="works from this store"):
        moved(old, new)
    with old.transaction() as tx:
        tx.outbox.take_back_from(process.name(), now=NOW)


def test_a_database_with_something_in_it_is_not_moved_to_on_postgres(old: SqlStore, new: SqlStore) -> None:
    with new.connection() as db:
        db.exec_driver_sql("CREATE TABLE theirs (n integer)")
    with pytest.raises(StoreError, match="not empty"):
        moved(old, new)
    with old.transaction() as tx:  # nothing was frozen
        tx.outbox.take_back_from("nobody", now=NOW)


def test_a_database_that_another_store_moves_to_is_left_to_it_on_postgres(
    old: SqlStore, new: SqlStore, tmp_path: Path
) -> None:
    other = migrated(sqlite_url(tmp_path / "other"))

    def heard(_: str, __: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        moved(other, new, heard=heard)
    with pytest.raises(StoreError, match="another store"):
        moved(old, new)
    other.close()


def test_who_gives_up_works_on_with_the_old_store_on_postgres(old: SqlStore, new: SqlStore) -> None:
    before = all_sums(old)
    moved(old, new)
    assert give_up(old)
    assert all_sums(old) == before
    with old.transaction() as tx:
        assert len(tx.outbox.claim_deliveries(9, owner="x", now=NOW, lease=timedelta(minutes=1))) == 3
    assert not give_up(old)


def test_a_row_that_postgresql_does_not_take_is_named(old: SqlStore, new: SqlStore) -> None:
    with old.connection() as db:
        db.execute(sa.text("UPDATE papers SET title = :title WHERE id = 2"), {"title": "a\0b"})
    with pytest.raises(StoreRefused, match="papers, id 2"):
        moved(old, new)


@pytest.mark.slow
def test_the_command_that_is_killed_by_a_signal_goes_on_on_postgres(old: SqlStore, tmp_path: Path) -> None:
    url = empty_postgres()
    main = tmp_path / "config" / "digestbot.toml"
    main.parent.mkdir()
    main.write_text(f'[store]\nurl = "{old.engine.url.render_as_string()}"\n')
    command = [sys.executable, "-m", "digestbot", "--config", str(main), "store", "migrate-to"]
    killed = subprocess.run([*command, url], env=os.environ | {"DIGESTBOT_CRASH": "in-move:8"}, capture_output=True)
    assert killed.returncode == -9
    again = subprocess.run([*command, url, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(again.stdout)["again"] is True
    new = open_store(url)
    assert all_sums(old) == all_sums(new)
    new.close()
    refused = subprocess.run([*command[:-2], "send"], capture_output=True, text=True)
    assert refused.returncode == 1
    assert "this store was moved to" in refused.stderr
