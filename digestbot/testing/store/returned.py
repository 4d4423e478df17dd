"""What `store.Returned` promises: a mail that came back counts once, and a suppression uses up what led to it."""

from __future__ import annotations

from typing import Any

from digestbot.model.returned import ReturnKind
from digestbot.store import ReturnedRow, Store
from digestbot.testing.store.values import DAY, NOW, Contract, join, post

ADDRESS = "reader@example.org"


def row(key: str = "one", **change: Any) -> ReturnedRow:
    """The row of a soft bounce that is counted now."""
    values: dict[str, Any] = {
        "key": key, "at": NOW, "kind": ReturnKind.SOFT, "effect": "counted", "address": ADDRESS, "text": "451 later",
    }  # fmt: skip
    return ReturnedRow(**values | change)


class ReturnedContract(Contract):
    """Mails that came back, and suppressions with an end."""

    def test_a_returned_mail_comes_back_without_its_address(self, store: Store) -> None:
        with store.transaction() as tx:
            [number] = post(tx)
            assert tx.returned.add_returned(row(delivery=number))
            assert tx.returned.latest_returned(9) == [row(delivery=number, address="")]

    def test_the_same_mail_is_kept_once(self, store: Store) -> None:
        with store.transaction() as tx:
            assert not tx.returned.is_returned("one")
            assert tx.returned.add_returned(row())
            assert not tx.returned.add_returned(row(text="other", at=NOW + DAY))
            assert tx.returned.is_returned("one")
            assert [one.text for one in tx.returned.latest_returned(9)] == ["451 later"]

    def test_soft_ones_are_counted_by_address_since_a_day_until_used_up(self, store: Store) -> None:
        with store.transaction() as tx:
            for one in (row("a"), row("b", at=NOW + DAY), row("old", at=NOW - DAY), row("c", effect="noted"),
                        row("d", address="other@example.org")):  # fmt: skip
                tx.returned.add_returned(one)
            assert tx.returned.count_soft(" Reader@EXAMPLE.org", since=NOW) == 2
            tx.returned.use_up_soft(ADDRESS)
            assert tx.returned.count_soft(ADDRESS, since=NOW) == 0
            assert tx.returned.count_soft("other@example.org", since=NOW) == 1

    def test_returned_mails_are_counted_by_kind_and_effect(self, store: Store) -> None:
        with store.transaction() as tx:
            for one in (
                row("a"),
                row("b"),
                row("c", kind=ReturnKind.HARD, effect="suppressed"),
                row("d", at=NOW - DAY),
            ):
                tx.returned.add_returned(one)
            assert tx.returned.count_returned(NOW) == {
                (ReturnKind.HARD, "suppressed"): 1,
                (ReturnKind.SOFT, "counted"): 2,
            }

    def test_old_rows_go(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.returned.add_returned(row("old", at=NOW - DAY))
            tx.returned.add_returned(row("new"))
            assert tx.returned.delete_returned(NOW) == 1
            assert [one.key for one in tx.returned.latest_returned(9)] == ["new"]

    def test_a_suppression_with_an_end_is_lifted_when_it_has_come(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            tx.people.suppress_address(someone.email, reason="soft", now=NOW, until=NOW + DAY)
            tx.people.suppress_address("other@example.org", reason="hard", now=NOW)
            assert tx.people.lift_ended_suppressions(NOW + DAY / 2) == 0
            assert [one.suppressed for one in tx.people.all_people()] == ["soft"]
            assert tx.people.lift_ended_suppressions(NOW + DAY) == 1
            assert [one.suppressed for one in tx.people.all_people()] == [""]

    def test_a_suppression_with_an_end_replaces_none_without(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            tx.people.suppress_address(someone.email, reason="unsubscribed", now=NOW)
            tx.people.suppress_address(someone.email, reason="soft", now=NOW, until=NOW + DAY)
            assert tx.people.lift_ended_suppressions(NOW + 2 * DAY) == 0
            assert [one.suppressed for one in tx.people.all_people()] == ["unsubscribed"]
            tx.people.lift_suppression(someone.email, now=NOW)
            tx.people.suppress_address(someone.email, reason="soft", now=NOW, until=NOW + DAY)
            tx.people.suppress_address(someone.email, reason="hard", now=NOW)
            assert tx.people.lift_ended_suppressions(NOW + 2 * DAY) == 0
            assert [one.suppressed for one in tx.people.all_people()] == ["hard"]
