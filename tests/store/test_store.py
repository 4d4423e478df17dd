"""The store passes the suite that is shipped for strangers' stores, on each of its databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from databases import empty_store

from digestbot.store.database import SqlStore
from digestbot.store.tables import schema as t
from digestbot.testing.store import StoreContract
from digestbot.testing.store.values import HOUR, NOW, carried


def rows(store: SqlStore, table: sa.Table) -> int:
    with store.engine.connect() as db:
        return db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


class SqlContract(StoreContract):
    """What the contract leaves to the implementation."""

    def test_a_signal_equal_to_the_last_is_not_stored_again(self, store: SqlStore) -> None:
        with store.transaction() as tx:
            made = carried(tx, 1, "daily")
            [home] = tx.papers.entries_of([made])[made]
            for hour, votes in enumerate((5, 5, 6, 6, 5)):
                tx.papers.add_signals([(home.id, {"upvotes": votes})], now=NOW + hour * HOUR)
        assert rows(store, t.signals) == 3

    def test_a_suppressed_address_is_nowhere_in_words(self, store: SqlStore) -> None:
        with store.transaction() as tx:
            tx.people.suppress_address("reader@example.org", reason="bounced", now=NOW)
        with store.engine.connect() as db:
            assert "reader" not in str(db.execute(sa.select(t.suppressions)).all())


@pytest.mark.slow  # what is tried in memory too
class TestSqliteFile(SqlContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqlStore]:
        with empty_store("sqlite", tmp_path) as store:
            yield store


class TestSqliteMemory(SqlContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqlStore]:
        with empty_store("memory", tmp_path) as store:
            yield store


class TestPostgres(SqlContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqlStore]:
        with empty_store("postgresql", tmp_path) as store:
            yield store
