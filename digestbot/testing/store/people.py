"""What `store.People` promises: the configuration's people, their topics, and addresses we must not mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from digestbot.model import SubscriberId, Topic
from digestbot.store import PlannedSlot, Store, Transaction
from digestbot.testing.store.values import DAY, HOUR, MANY, NOW, Contract, ident, join, person, reader


def listed(tx: Transaction, now: datetime = NOW, **change: Any) -> None:
    """Store the reader as the configuration says, and nobody else."""
    tx.people.sync_people([reader(**change)], now=now)


def planned(tx: Transaction, ref: str, due: datetime) -> SubscriberId:
    """A person with a first slot planned."""
    number = ident(person(tx, ref))
    assert tx.people.plan_slot(number, due, was=None)
    return number


class PeopleContract(Contract):
    """Sync, pauses, plans, suppressions."""

    def test_a_person_comes_back_as_configured_and_joined_now(self, store: Store) -> None:
        wanted = reader(
            name="Ines", language="de", max_papers=9, when_empty="send", updates="important", trending=0,
            topics=(Topic(name="A", query="a OR b", limit=8), Topic(name="B", query="c", weight=0.5)),
        )  # fmt: skip
        with store.transaction() as tx:
            tx.people.sync_people([wanted], now=NOW)
            found = person(tx)
            topics = tuple(replace(topic, since=NOW) for topic in wanted.topics)
            assert found == replace(wanted, id=found.id, joined=NOW, topics=topics)

    def test_people_are_listed_in_the_order_they_joined(self, store: Store) -> None:
        with store.transaction() as tx:
            join(tx, "zoe", "bo")
            join(tx, "ada", "bo", "zoe", now=NOW + DAY)
            assert [(s.ref, s.joined) for s in tx.people.all_people()] == [
                ("zoe", NOW),
                ("bo", NOW),
                ("ada", NOW + DAY),
            ]

    def test_a_thousand_people_join_and_leave_at_once(self, store: Store) -> None:
        refs = [f"reader{n}" for n in range(MANY)]
        with store.transaction() as tx:
            assert [s.ref for s in join(tx, *refs)] == refs
            assert join(tx) == []
            assert len(tx.people.all_people(removed=True)) == MANY

    def test_it_is_known_since_when_somebody_has_no_topics(self, store: Store) -> None:
        topic, mute = Topic(name="A", query="a"), Topic(name="M", query="m", mute=True)
        with store.transaction() as tx:
            listed(tx, topics=(topic, mute))
            who = ident(person(tx))
            assert tx.people.topics_ended([who]) == {}
            listed(tx, NOW + DAY, topics=(mute,))
            listed(tx, NOW + 2 * DAY, topics=())
            assert tx.people.topics_ended([who]) == {who: NOW + DAY}

    def test_a_changed_address_is_still_the_same_person(self, store: Store) -> None:
        with store.transaction() as tx:
            listed(tx)
            before = person(tx)
            changed = reader(email="new@example.org", name="New", max_papers=3)
            assert tx.people.sync_people([changed], now=NOW + DAY) == [before.id]
            assert person(tx) == replace(before, email="new@example.org", name="New", max_papers=3)

    def test_the_next_slot_stays_when_the_schedule_does(self, store: Store) -> None:
        with store.transaction() as tx:
            listed(tx)
            planned(tx, "reader", NOW + DAY)
            listed(tx, name="New", topics=())
            assert person(tx).next_slot == NOW + DAY

    def test_a_changed_schedule_or_zone_unplans_the_next_slot(self, store: Store) -> None:
        changes: tuple[dict[str, Any], ...] = (
            {"schedule": "daily 18:00"},
            {"schedule": "daily 18:00", "time_zone": "UTC"},
        )
        for change in changes:
            with store.transaction() as tx:
                if not tx.people.all_people():
                    listed(tx)
                planned(tx, "reader", NOW + DAY)
                listed(tx, **change)
                assert person(tx).next_slot is None

    def test_a_changed_query_or_name_is_in_force_since_now(self, store: Store) -> None:
        with store.transaction() as tx:
            listed(tx, topics=(Topic(name="A", query="a"), Topic(name="B", query="b"), Topic(name="C", query="c")))
            later = (Topic(name="A", query="a"), Topic(name="B", query="bb"), Topic(name="CC", query="c"))
            listed(tx, topics=later, now=NOW + DAY)
            assert [(t.name, t.query, t.since) for t in person(tx).topics] == [
                ("A", "a", NOW), ("B", "bb", NOW + DAY), ("CC", "c", NOW + DAY),
            ]  # fmt: skip

    def test_a_changed_limit_weight_or_order_leaves_a_topic_in_force(self, store: Store) -> None:
        with store.transaction() as tx:
            listed(tx, topics=(Topic(name="A", query="a"), Topic(name="B", query="b")))
            listed(
                tx, topics=(Topic(name="B", query="b", limit=2, weight=3), Topic(name="A", query="a")), now=NOW + DAY
            )
            assert person(tx).topics == (
                Topic(name="B", query="b", limit=2, weight=3, since=NOW),
                Topic(name="A", query="a", since=NOW),
            )

    def test_a_topic_that_comes_back_is_in_force_since_it_did(self, store: Store) -> None:
        with store.transaction() as tx:
            listed(tx)
            listed(tx, topics=(), now=NOW + HOUR)
            assert person(tx).topics == ()
            listed(tx, now=NOW + DAY)
            assert [t.since for t in person(tx).topics] == [NOW + DAY]

    def test_two_topics_alike_stay_two_however_often_they_are_read(self, store: Store) -> None:
        alike = (Topic(name="A", query="a"), Topic(name="A", query="a"))
        with store.transaction() as tx:
            for day in range(3):
                listed(tx, topics=alike, now=NOW + day * DAY)
            assert [t.since for t in person(tx).topics] == [NOW, NOW]

    def test_who_is_no_longer_listed_is_removed(self, store: Store) -> None:
        with store.transaction() as tx:
            join(tx, "ada", "bo")
            planned(tx, "bo", NOW)
            assert [s.ref for s in join(tx, "ada")] == ["ada"]
            assert [(s.ref, s.status) for s in tx.people.all_people(removed=True)] == [
                ("ada", "active"),
                ("bo", "removed"),
            ]

    def test_who_is_listed_again_joins_anew_with_their_history(self, store: Store) -> None:
        with store.transaction() as tx:
            [before] = join(tx, "reader")
            join(tx, now=NOW + HOUR)
            assert join(tx, "reader", now=NOW + DAY) == [replace(before, joined=NOW + DAY)]

    def test_a_pause_set_by_command_stays(self, store: Store) -> None:
        with store.transaction() as tx:
            listed(tx)
            tx.people.pause_person(ident(person(tx)), until=NOW + DAY)
            listed(tx, name="New")
            assert (person(tx).status, person(tx).paused_until) == ("paused", NOW + DAY)

    def test_a_pause_without_an_end_lasts_until_resumed(self, store: Store) -> None:
        with store.transaction() as tx:
            [before] = join(tx, "reader")
            tx.people.pause_person(ident(before), until=None)
            assert person(tx) == replace(before, status="paused")
            tx.people.resume_person(ident(before))
            assert person(tx) == before

    def test_resuming_ends_a_pause_with_an_end(self, store: Store) -> None:
        with store.transaction() as tx:
            [before] = join(tx, "reader")
            tx.people.pause_person(ident(before), until=NOW + DAY)
            tx.people.resume_person(ident(before))
            assert person(tx) == before

    def test_who_is_removed_is_neither_paused_nor_resumed(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            join(tx)
            tx.people.pause_person(ident(someone), until=None)
            assert person(tx).status == "removed"
            tx.people.resume_person(ident(someone))
            assert person(tx).status == "removed"

    def test_a_person_is_found_by_ref_address_or_id(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada, _] = join(tx, "ada", "bo")
            found = [tx.people.find_person(who) for who in ("ada", "ada@example.org", "  ADA@Example.ORG ", ident(ada))]
            assert found == [ada] * 4

    def test_nobody_is_found_by_an_unknown_name(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            unknown = ("nobody", "nobody@example.org", SubscriberId(ident(someone) + 1))
            assert [tx.people.find_person(who) for who in unknown] == [None] * 3

    def test_of_two_with_one_address_the_one_who_is_listed_is_found(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.people.sync_people([reader("old", email="a@example.org")], now=NOW)
            tx.people.sync_people([reader("new", email="a@example.org")], now=NOW)
            assert person(tx, "a@example.org").ref == "new"

    def test_people_are_due_when_their_slot_has_come_longest_first(self, store: Store) -> None:
        with store.transaction() as tx:
            join(tx, "late", "early", "future", "unplanned")
            for ref, due in (("late", NOW), ("early", NOW - HOUR), ("future", NOW + HOUR)):
                planned(tx, ref, due)
            assert [s.ref for s in tx.people.due_people(NOW, 10)] == ["early", "late"]
            assert [s.ref for s in tx.people.due_people(NOW, 1)] == ["early"]

    def test_who_is_removed_is_not_due(self, store: Store) -> None:
        with store.transaction() as tx:
            join(tx, "reader")
            planned(tx, "reader", NOW)
            join(tx)
            assert tx.people.due_people(NOW, 10) == []

    def test_who_has_no_slot_and_is_not_removed_is_unplanned(self, store: Store) -> None:
        with store.transaction() as tx:
            join(tx, "gone", "planned", "new")
            planned(tx, "planned", NOW)
            join(tx, "planned", "new")
            assert [s.ref for s in tx.people.people_without_slot()] == ["new"]
            assert tx.people.people_without_slot(0) == []

    def test_a_plan_holds_only_for_who_knows_the_last_one(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            number = ident(someone)
            assert tx.people.plan_slot(number, NOW, was=None)
            assert not tx.people.plan_slot(number, NOW + HOUR, was=None)
            assert not tx.people.plan_slot(number, NOW + HOUR, was=NOW + DAY)
            assert person(tx).next_slot == NOW
            assert tx.people.plan_slot(number, NOW + HOUR, was=NOW)
            assert person(tx).next_slot == NOW + HOUR

    def test_of_many_plans_those_hold_that_know_the_last_one(self, store: Store) -> None:
        with store.transaction() as tx:
            new, known, late = map(ident, join(tx, "new", "known", "late"))
            assert tx.people.plan_slots([PlannedSlot(known, NOW, None), PlannedSlot(late, NOW, None)]) == {known, late}
            again = [
                PlannedSlot(new, NOW + HOUR, None),
                PlannedSlot(known, NOW + HOUR, NOW),
                PlannedSlot(late, NOW, None),
            ]
            assert tx.people.plan_slots(again) == {new, known}
            assert person(tx, "late").next_slot == NOW
            assert person(tx, "new").next_slot == person(tx, "known").next_slot == NOW + HOUR

    def test_a_suppressed_address_is_known_by_every_spelling(self, store: Store) -> None:
        with store.transaction() as tx:
            join(tx, "reader", "other")
            tx.people.suppress_address(" Reader@EXAMPLE.org", reason="complained", now=NOW)
            assert [(s.ref, s.suppressed) for s in tx.people.all_people()] == [("reader", "complained"), ("other", "")]

    def test_a_suppression_outlives_the_subscriber(self, store: Store) -> None:
        with store.transaction() as tx:
            listed(tx, email="a@example.org")
            tx.people.suppress_address("a@example.org", reason="bounced", now=NOW)
            tx.people.sync_people([reader("other", email="a@example.org")], now=NOW)
            assert person(tx, "other").suppressed == "bounced"

    def test_a_lifted_suppression_is_none(self, store: Store) -> None:
        with store.transaction() as tx:
            listed(tx)
            tx.people.suppress_address("reader@example.org", reason="bounced", now=NOW)
            assert tx.people.lift_suppression("READER@example.org", now=NOW)
            assert person(tx).suppressed == ""

    def test_what_is_not_suppressed_cannot_be_lifted(self, store: Store) -> None:
        with store.transaction() as tx:
            assert not tx.people.lift_suppression("reader@example.org", now=NOW)
            tx.people.suppress_address("reader@example.org", reason="bounced", now=NOW)
            assert tx.people.lift_suppression("reader@example.org", now=NOW)
            assert not tx.people.lift_suppression("reader@example.org", now=NOW)

    def test_an_address_may_be_suppressed_again(self, store: Store) -> None:
        with store.transaction() as tx:
            listed(tx)
            for reason in ("bounced", "complained"):
                tx.people.suppress_address("reader@example.org", reason=reason, now=NOW)
                tx.people.lift_suppression("reader@example.org", now=NOW)
            tx.people.suppress_address("reader@example.org", reason="unsubscribed", now=NOW)
            assert person(tx).suppressed == "unsubscribed"


def subscribed(tx: Transaction, ref: str = "web-1", now: datetime = NOW, **change: Any) -> SubscriberId:
    """Somebody subscribed by the page."""
    return tx.people.add_person(reader(ref, **change), now=now)


class PeopleOfThePageContract(Contract):
    """People who subscribed by the page, beside those of the configuration."""

    def test_many_subscribe_at_once_and_who_was_removed_joins_anew(self, store: Store) -> None:
        topics = (Topic(name="A", query="a"), Topic(name="B", query="b"))
        with store.transaction() as tx:
            join(tx, "ada", "bo")
            before = ident(person(tx, "ada"))
            join(tx, "bo")
            numbers = tx.people.add_people([reader(ref, topics=topics) for ref in ("zoe", "ada", "eva")], now=NOW + DAY)
            assert numbers[1] == before
            found = [tx.people.find_person(number) for number in numbers]
            assert [one and (one.ref, one.origin, one.joined, one.next_slot) for one in found] == [
                (ref, "web", NOW + DAY, None) for ref in ("zoe", "ada", "eva")
            ]
            assert [one and [t.name for t in one.topics] for one in found] == [["A", "B"]] * 3
            assert tx.people.add_people([], now=NOW) == []

    def test_it_is_told_at_once_what_the_people_of_many_addresses_are(self, store: Store) -> None:
        with store.transaction() as tx:
            join(tx, "ada", "bo", "eva")
            tx.people.mark_left(ident(person(tx, "bo")))
            join(tx, "ada", "bo")
            addresses = [f"{ref.upper()}@example.org" for ref in ("ada", "bo", "eva", "nobody")]
            assert tx.people.statuses_of(addresses) == {"ADA@example.org": "active", "BO@example.org": "left"}
            tx.people.suppress_address("eva@example.org", reason="bounced", now=NOW)
            assert tx.people.suppressions_of(addresses) == {"EVA@example.org": "bounced"}
            assert tx.people.listed_refs() == ["ada", "bo"]
            assert tx.people.left_refs() == ["bo"]
            assert [one.ref for one in tx.people.people_of_refs(["eva", "ada", "none"])] == ["ada", "eva"]

    def test_who_subscribes_by_the_page_joins_now_and_stays_when_files_are_read(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada] = join(tx, "ada")
            number = subscribed(tx, length="short", mail=False)
            assert join(tx, "ada", now=NOW + DAY)[0] == ada
            found = person(tx, "web-1")
            wanted = reader("web-1", length="short", mail=False)
            topics = tuple(replace(topic, since=NOW) for topic in wanted.topics)
            assert found == replace(wanted, id=number, joined=NOW, origin="web", topics=topics)

    def test_a_person_of_the_page_changes_their_own_settings(self, store: Store) -> None:
        with store.transaction() as tx:
            number = subscribed(tx)
            planned(tx, "web-1", NOW + HOUR)
            topics = (Topic(name="B", query="b"),)
            wanted = reader("web-1", email="new@example.org", schedule="mon 08:00", topics=topics)
            tx.people.change_person(number, wanted, now=NOW + DAY)
            found = person(tx, "new@example.org")
            assert (found.id, found.schedule, found.next_slot) == (number, "mon 08:00", None)
            assert found.topics == (Topic(name="B", query="b", since=NOW + DAY),)

    def test_the_page_changes_nobody_of_a_file(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada] = join(tx, "ada")
            tx.people.change_person(ident(ada), reader("ada", name="Eve"), now=NOW)
            assert person(tx, "ada") == ada

    def test_a_listed_address_belongs_to_the_file_with_its_history(self, store: Store) -> None:
        with store.transaction() as tx:
            number = subscribed(tx, email="ada@example.org")
            [ada] = join(tx, "ada", now=NOW + DAY)
            assert (ada.id, ada.ref, ada.origin, ada.joined) == (number, "ada", "file", NOW)

    def test_a_listed_person_who_gets_the_address_of_one_of_the_page_is_the_only_one(self, store: Store) -> None:
        with store.transaction() as tx:
            join(tx, "ada")
            subscribed(tx, email="new@example.org")
            tx.people.sync_people([reader("ada", email="new@example.org")], now=NOW)
            assert [(s.ref, s.status) for s in tx.people.all_people(removed=True)] == [
                ("ada", "active"), ("web-1", "removed"),
            ]  # fmt: skip

    def test_who_comes_back_by_the_page_has_their_history_and_topics(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada] = join(tx, "ada")
            join(tx)
            number = subscribed(tx, email="ADA@example.org", now=NOW + DAY, topics=())
            found = person(tx, "web-1")
            assert (number, found.joined, found.topics) == (ada.id, NOW + DAY, ada.topics)
            tx.people.mark_left(number)
            assert subscribed(tx, "web-2", email="ada@example.org") == number
            assert person(tx, "web-2").status == "active"

    def test_an_erased_person_leaves_a_hash_and_nothing_else(self, store: Store) -> None:
        with store.transaction() as tx:
            number = subscribed(tx, email="ada@example.org")
            tx.people.erase_person(number, now=NOW)
            [gone] = tx.people.all_people(removed=True)
            assert (gone.email, gone.name, gone.topics, gone.status) == ("", "", (), "removed")
            assert tx.people.find_person("ada@example.org") is None
            assert tx.people.erased_addresses(["Ada@example.org", "bo@example.org"]) == {"Ada@example.org"}
            assert [(s.reason, s.address) for s in tx.people.suppressions()] == [("erased", "")]

    def test_a_lifted_tombstone_is_none(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.people.erase_person(subscribed(tx, email="ada@example.org"), now=NOW)
            assert tx.people.lift_suppression("ada@example.org", now=NOW)
            assert tx.people.erased_addresses(["ada@example.org"]) == set()

    def test_a_suppression_is_known_and_lifted_by_its_reason_whoever_has_the_address(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.people.suppress_address("ada@example.org", reason="unsubscribed", now=NOW)
            assert tx.people.suppression_of("ADA@example.org ") == "unsubscribed"
            assert not tx.people.lift_suppression_for("ada@example.org", "bounced", now=NOW)
            assert tx.people.lift_suppression_for("ada@example.org", "unsubscribed", now=NOW)
            assert tx.people.suppression_of("ada@example.org") == ""
