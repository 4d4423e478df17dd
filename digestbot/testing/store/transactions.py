"""What `store.Store` and `store.Transaction` promise: all of it or nothing, in aware UTC, from any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone

import pytest

from digestbot.errors import StoreError
from digestbot.model import Breaker, PolledSource
from digestbot.store import Store
from digestbot.testing.store.values import NOW, Contract, add, create, digest, entry, ident, join, person, post


class TransactionContract(Contract):
    """Transactions over all aggregates."""

    def test_what_was_written_is_there_afterwards(self, store: Store) -> None:
        with store.transaction() as tx:
            add(tx, entry())
        with store.reading() as tx:
            assert tx.papers.count_entries_and_papers() == (1, 0)

    def test_a_healthy_store_has_no_damage(self, store: Store) -> None:
        with store.transaction() as tx:
            add(tx, entry())
        assert store.damage() == []
        assert store.damage(0) == [], "given up"

    @pytest.mark.parametrize("error", [ValueError, StoreError, KeyboardInterrupt])
    def test_an_exception_undoes_all_aggregates(self, store: Store, error: type[BaseException]) -> None:
        with pytest.raises(error), store.transaction() as tx:  # noqa: PT012  # all of it is undone together
            add(tx, entry())
            join(tx, "reader")
            post(tx)
            tx.breakers.set_breaker("smtp", Breaker(failures=5, open_until=NOW))
            raise error("stop")
        with store.reading() as tx:
            assert tx.papers.count_entries_and_papers() == (0, 0)
            assert tx.people.all_people(removed=True) == []
            assert tx.outbox.list_deliveries() == []
            assert tx.breakers.breaker_of("smtp") == Breaker()

    def test_a_transaction_sees_what_it_wrote(self, store: Store) -> None:
        with store.transaction() as tx:
            add(tx, entry())
            assert tx.papers.count_entries_and_papers() == (1, 0)

    def test_whoever_only_reads_cannot_write(self, store: Store) -> None:
        with pytest.raises(StoreError), store.reading() as tx:
            add(tx, entry())
        with store.transaction() as tx:
            assert tx.papers.count_entries_and_papers() == (0, 0)

    def test_writing_goes_on_after_a_read(self, store: Store) -> None:
        for number in range(3):
            with store.reading() as tx:
                assert tx.papers.count_entries_and_papers() == (number, 0)
            with store.transaction() as tx:
                add(tx, entry(number))

    def test_migrating_again_changes_nothing(self, store: Store) -> None:
        with store.transaction() as tx:
            add(tx, entry())
        store.migrate()
        with store.reading() as tx:
            assert tx.papers.count_entries_and_papers() == (1, 0)

    def test_times_come_back_in_utc_to_the_microsecond(self, store: Store) -> None:
        tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            tx.people.plan_slot(ident(someone), tokyo, was=None)
            found = person(tx).next_slot
            assert found == NOW
            assert found is not None
            assert found.utcoffset() == timedelta(0)

    def test_naive_times_are_refused(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
        with pytest.raises(Exception, match="naive"), store.transaction() as tx:
            tx.people.plan_slot(ident(someone), NOW.replace(tzinfo=None), was=None)

    def test_the_store_is_used_from_many_threads(self, store: Store) -> None:
        def write(number: int) -> None:
            with store.transaction() as tx:
                add(tx, entry(number))
            with store.reading() as tx:
                assert tx.papers.count_entries_and_papers()[0] > 0

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(write, range(40)))
        with store.reading() as tx:
            assert tx.papers.count_entries_and_papers() == (40, 0)

    def test_an_error_names_no_value_that_was_written(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], [made] = join(tx, "reader"), create(tx, 1)
            tx.slots.add_digest(digest(someone, made, key="1"))
        secret = (PolledSource(ref="s", name="database is locked, disk is full"),)
        with pytest.raises(StoreError) as caught, store.transaction() as tx:
            tx.slots.add_digest(digest(someone, made, key="2", polled=secret))
        assert "locked" not in str(caught.value)
        assert type(caught.value) is StoreError
