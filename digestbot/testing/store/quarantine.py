"""What `store.Quarantine` promises: what broke a step stays, once, with its bytes, until it is released."""

from __future__ import annotations

from dataclasses import replace

from digestbot.store import Joined, PutAside, Stage, Store
from digestbot.testing.store.values import HOUR, NOW, Contract, add, create, entry

ITEM = PutAside(
    stage=Stage.PARSE,
    subject="item:lab:00",
    source="lab",
    sha="00",
    position=3,
    error="ValueError: 7",
    data=b"<item>\x00\xff",
)


class QuarantineContract(Contract):
    """Rows of the quarantine."""

    def test_what_is_put_aside_comes_back_whole(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.quarantine.add_items([ITEM], now=NOW)
            [row] = tx.quarantine.all_items()
            assert tx.quarantine.item(row.id) == replace(ITEM, id=row.id, at=NOW, last=NOW)
            assert tx.quarantine.count_items() == 1

    def test_the_list_carries_no_bytes(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.quarantine.add_items([ITEM], now=NOW)
            assert [row.data for row in tx.quarantine.all_items()] == [b""]

    def test_the_same_thing_again_is_one_more_try_of_it(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.quarantine.add_items([ITEM], now=NOW)
            tx.quarantine.add_items(
                [replace(ITEM, sha="11", error="other"), replace(ITEM, stage=Stage.INDEX)], now=NOW + HOUR
            )
            first, second = tx.quarantine.all_items()
            assert (first.tries, first.error, first.sha, first.at, first.last) == (2, "other", "11", NOW, NOW + HOUR)
            assert (second.stage, second.tries) == ("index", 1)

    def test_released_things_are_gone(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.quarantine.add_items([ITEM], now=NOW)
            tx.quarantine.release_items([row.id for row in tx.quarantine.all_items()])
            assert (tx.quarantine.all_items(), tx.quarantine.count_items()) == ([], 0)

    def test_an_unknown_number_is_nothing(self, store: Store) -> None:
        with store.reading() as tx:
            assert tx.quarantine.item(7) is None

    def test_an_error_may_quote_anything(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.quarantine.add_items([replace(ITEM, error="\ud800\x00" + "x" * 9999, title="\udfff")], now=NOW)
            [row] = tx.quarantine.all_items()
            assert row.error.startswith("\\ud800\\x00xxx")

    def test_an_entry_is_named_with_the_place_of_its_bytes(self, store: Store) -> None:
        with store.transaction() as tx:
            [bad] = add(tx, entry(7))
            assert tx.papers.first_waiting_entry() == bad
            tx.papers.quarantine_entry(bad, stage=Stage.RESOLVE, error="no title", now=NOW)
            [row] = tx.quarantine.all_items()
            assert (row.entry, row.source, row.sha, row.title, row.subject) == (
                bad,
                "arxiv",
                "00",
                "Paper 7",
                f"entry:{bad}",
            )
            assert (tx.papers.unresolved_entries(9), tx.papers.first_waiting_entry()) == ([], None)
            tx.quarantine.retry_entries([bad])
            assert [stored.id for stored in tx.papers.unresolved_entries(9)] == [bad]
            found = tx.quarantine.entry(bad)
            assert found is not None
            assert found.entry == entry(7)

    def test_an_entry_belongs_to_a_paper_or_to_none(self, store: Store) -> None:
        with store.transaction() as tx:
            [one], [paper] = add(tx, entry(1)), create(tx, 1)
            assert tx.quarantine.paper_of(one) is None
            tx.papers.add_mentions([Joined(one, paper, "first entry")])
            assert tx.quarantine.paper_of(one) == paper
            assert tx.quarantine.entry(one + 999) is None
