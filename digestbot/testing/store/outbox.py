"""What `store.Outbox` promises: every move is a compare-and-set, and nothing moves that may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digestbot.errors import StoreError
from digestbot.model import DeliveryResult, Outcome, Receipt, SendStage, State
from digestbot.model.mail import MOVES
from digestbot.store import Store
from digestbot.testing.store.values import (
    ACCEPTED,
    BUSY,
    DAY,
    HOUR,
    MANY,
    MINUTE,
    NOW,
    Contract,
    claim,
    delivery,
    digest,
    ended,
    ident,
    in_hand,
    join,
    post,
    state_of,
    stored,
)

IN_HAND = (State.CLAIMED, State.COMMITTING)
FINISHES = [(was, to) for was in IN_HAND for to in MOVES[was] - {State.COMMITTING}]
NOT_FINISHES = [(was, to) for was in IN_HAND for to in set(State) - MOVES[was] - {was}]


class OutboxContract(Contract):
    """Deliveries on their way out."""

    def test_many_deliveries_are_numbered_in_their_order(self, store: Store) -> None:
        with store.transaction() as tx:
            given = [delivery(n) for n in (3, 1, 2)]
            numbers = tx.outbox.add_deliveries(given)
            found = [tx.outbox.delivery_by_id(number) for number in numbers]
            assert [row.message_id if row else "" for row in found] == [one.message_id for one in given]
            assert tx.outbox.add_deliveries([]) == []

    def test_a_delivery_comes_back_as_it_was_added(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            number = tx.slots.add_digest(digest(someone))
            wanted = delivery(digest=number, subscriber=someone.id)
            made = tx.outbox.add_delivery(wanted)
            assert tx.outbox.delivery_by_id(made) == tx.outbox.delivery_of_digest(number) == replace(wanted, id=made)
            assert tx.outbox.delivery_by_message_id(wanted.message_id) == replace(wanted, id=made)

    def test_an_unknown_delivery_is_none(self, store: Store) -> None:
        with store.reading() as tx:
            assert tx.outbox.delivery_by_id(1) is None
            assert tx.outbox.delivery_by_message_id("<1@example.org>") is None
            assert tx.outbox.delivery_of_digest(1) is None

    def test_a_message_is_in_the_outbox_once(self, store: Store) -> None:
        with store.transaction() as tx:
            post(tx)
        with pytest.raises(StoreError), store.transaction() as tx:
            post(tx)

    def test_claimed_rows_carry_owner_and_lease(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = post(tx)
            [claimed] = tx.outbox.claim_deliveries(5, owner="a", now=NOW, lease=MINUTE)
            assert (claimed.id, claimed.state, claimed.owner, claimed.lease_until) == (
                made, State.CLAIMED, "a", NOW + MINUTE,
            )  # fmt: skip
            assert stored(tx, made) == claimed

    def test_a_row_is_claimed_by_one_caller_only(self, store: Store) -> None:
        with store.transaction() as tx:
            made = post(tx, 3)
            assert [claim(tx, owner="a", most=2), claim(tx, owner="b"), claim(tx, owner="c")] == [
                made[:2], made[2:], [],
            ]  # fmt: skip

    def test_rows_longest_due_are_claimed_first_deferred_ones_among_them(self, store: Store) -> None:
        with store.transaction() as tx:
            deferred = ended(tx, State.DEFERRED, BUSY, at=NOW - HOUR, number=9)
            late = tx.outbox.add_delivery(delivery(1, next_at=NOW))
            early = tx.outbox.add_delivery(delivery(2, next_at=NOW - 2 * HOUR))
            assert claim(tx, most=2) == [early, deferred]
            assert claim(tx, most=2) == [late]

    def test_rows_are_claimed_from_the_instant_they_are_due_until_they_expire(self, store: Store) -> None:
        with store.transaction() as tx:
            [due] = post(tx, next_at=NOW, expires=NOW + MINUTE)
            assert claim(tx, now=NOW - MINUTE) == []
            assert claim(tx, now=NOW + MINUTE) == []
            assert claim(tx, now=NOW) == [due]

    def test_only_pending_and_deferred_rows_are_claimed(self, store: Store) -> None:
        with store.transaction() as tx:
            numbers = {
                state: tx.outbox.add_delivery(delivery(n, state=state, next_at=NOW + n * MINUTE))
                for n, state in enumerate(State)
            }
            assert claim(tx, now=NOW + HOUR) == [numbers[State.PENDING], numbers[State.DEFERRED]]

    def test_thousands_are_claimed_and_committed_at_once(self, store: Store) -> None:
        with store.transaction() as tx:
            made = post(tx, MANY)
            assert claim(tx) == made
            assert tx.outbox.commit_deliveries(made, owner="a", now=NOW) == set(made)

    def test_a_lease_is_renewed_for_its_owner_only(self, store: Store) -> None:
        with store.transaction() as tx:
            made = in_hand(tx, State.CLAIMED)
            tx.outbox.renew_leases([made], owner="b", until=NOW + HOUR)
            assert stored(tx, made).lease_until == NOW + MINUTE
            tx.outbox.renew_leases([made], owner="a", until=NOW + HOUR)
            assert stored(tx, made).lease_until == NOW + HOUR

    def test_a_row_that_is_committing_is_renewed_too_since_its_answer_may_take_long(self, store: Store) -> None:
        with store.transaction() as tx:
            made = in_hand(tx, State.COMMITTING)
            tx.outbox.renew_leases([made], owner="a", until=NOW + HOUR)
            assert stored(tx, made).lease_until == NOW + HOUR

    def test_its_owner_commits_a_claimed_row_once(self, store: Store) -> None:
        with store.transaction() as tx:
            made = in_hand(tx, State.CLAIMED)
            assert tx.outbox.commit_deliveries([made], owner="b", now=NOW) == set()
            assert tx.outbox.commit_deliveries([made], owner="a", now=NOW) == {made}
            assert state_of(tx, made) is State.COMMITTING
            assert tx.outbox.commit_deliveries([made], owner="a", now=NOW) == set()

    def test_a_row_that_was_taken_back_is_not_committed(self, store: Store) -> None:
        with store.transaction() as tx:
            made = in_hand(tx, State.CLAIMED)
            tx.outbox.take_back_from("a", now=NOW)
            assert tx.outbox.commit_deliveries([made], owner="a", now=NOW) == set()
            assert state_of(tx, made) is State.PENDING

    def test_the_row_of_a_suppressed_address_becomes_suppressed(self, store: Store) -> None:
        with store.transaction() as tx:
            first, second = post(tx, 2)
            claim(tx)
            tx.people.suppress_address("READER1@example.org", reason="unsubscribed", now=NOW)
            assert tx.outbox.commit_deliveries([first, second], owner="a", now=NOW) == {second}
            assert (stored(tx, first).state, stored(tx, first).owner) == (State.SUPPRESSED, "")

    def test_a_lifted_suppression_holds_nothing_back(self, store: Store) -> None:
        with store.transaction() as tx:
            made = in_hand(tx, State.CLAIMED)
            tx.people.suppress_address("reader1@example.org", reason="bounced", now=NOW)
            tx.people.lift_suppression("reader1@example.org", now=NOW)
            assert tx.outbox.commit_deliveries([made], owner="a", now=NOW) == {made}

    def test_suppressed_rows_are_found_however_many_are_committed_at_once(self, store: Store) -> None:
        with store.transaction() as tx:
            made = post(tx, MANY)
            claim(tx)
            tx.people.suppress_address(f"reader{MANY}@example.org", reason="bounced", now=NOW)
            assert tx.outbox.commit_deliveries(made, owner="a", now=NOW) == set(made[:-1])
            assert state_of(tx, made[-1]) is State.SUPPRESSED

    def test_rows_of_removed_people_are_cancelled_at_the_commit(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            [made] = post(tx, subscriber=ident(someone))
            claim(tx)
            join(tx)
            assert tx.outbox.commit_deliveries([made], owner="a", now=NOW) == set()
            assert (stored(tx, made).state, stored(tx, made).owner) == (State.CANCELLED, "")

    def test_rows_of_paused_people_are_cancelled_at_the_commit(self, store: Store) -> None:
        with store.transaction() as tx:
            people = join(tx, "until", "open", "over", "active")
            made = [tx.outbox.add_delivery(delivery(n, subscriber=ident(s))) for n, s in enumerate(people)]
            claim(tx)
            for someone, end in zip(people, (NOW + HOUR, None, NOW), strict=False):
                tx.people.pause_person(ident(someone), until=end)
            assert tx.outbox.commit_deliveries(made, owner="a", now=NOW) == set(made[2:])
            assert [state_of(tx, number) for number in made[:2]] == [State.CANCELLED, State.CANCELLED]

    @pytest.mark.parametrize(("was", "to"), FINISHES)
    def test_what_is_in_hand_ends_where_the_moves_allow(self, store: Store, was: State, to: State) -> None:
        with store.transaction() as tx:
            made = in_hand(tx, was)
            assert tx.outbox.finish_deliveries([DeliveryResult(made, to, ACCEPTED, None)], owner="a", now=NOW) == {made}
            found = stored(tx, made)
            assert (found.state, found.owner, found.lease_until, found.last) == (to, "", None, ACCEPTED)

    @pytest.mark.parametrize(("was", "to"), NOT_FINISHES)
    def test_what_is_in_hand_goes_nowhere_else(self, store: Store, was: State, to: State) -> None:
        with store.transaction() as tx:
            made = in_hand(tx, was)
            assert tx.outbox.finish_deliveries([DeliveryResult(made, to, ACCEPTED, None)], owner="a", now=NOW) == set()
            assert (stored(tx, made).state, stored(tx, made).last) == (was, None)

    def test_only_its_owner_finishes_a_row(self, store: Store) -> None:
        with store.transaction() as tx:
            made = in_hand(tx, State.COMMITTING)
            assert (
                tx.outbox.finish_deliveries([DeliveryResult(made, State.SENT, ACCEPTED, None)], owner="b", now=NOW)
                == set()
            )
            assert (stored(tx, made).state, stored(tx, made).last) == (State.COMMITTING, None)

    def test_a_row_is_finished_once(self, store: Store) -> None:
        with store.transaction() as tx:
            made = ended(tx, State.SENT)
            assert (
                tx.outbox.finish_deliveries([DeliveryResult(made, State.REFUSED, BUSY, None)], owner="a", now=NOW)
                == set()
            )
            assert stored(tx, made).last == ACCEPTED

    def test_deferred_costs_an_attempt_and_waits_until_then(self, store: Store) -> None:
        with store.transaction() as tx:
            made = in_hand(tx, State.COMMITTING)
            tx.outbox.finish_deliveries([DeliveryResult(made, State.DEFERRED, BUSY, NOW + HOUR)], owner="a", now=NOW)
            found = stored(tx, made)
            assert (found.attempts, found.next_at, found.last) == (1, NOW + HOUR, BUSY)

    def test_a_row_that_is_given_back_costs_no_attempt(self, store: Store) -> None:
        with store.transaction() as tx:
            made = in_hand(tx, State.CLAIMED)
            down = Receipt(outcome=Outcome.UNAVAILABLE, stage=SendStage.CONNECT, text="refused")
            tx.outbox.finish_deliveries([DeliveryResult(made, State.PENDING, down, NOW + MINUTE)], owner="a", now=NOW)
            assert (stored(tx, made).attempts, stored(tx, made).next_at) == (0, NOW + MINUTE)
            assert claim(tx, owner="b", now=NOW + MINUTE) == [made]

    def test_many_results_of_many_kinds_are_written_at_once(self, store: Store) -> None:
        with store.transaction() as tx:
            sent, deferred, refused = post(tx, 3)
            claim(tx)
            tx.outbox.commit_deliveries([sent, deferred, refused], owner="a", now=NOW)
            hard = Receipt(
                outcome=Outcome.REFUSED, stage=SendStage.RCPT, code=550, enhanced="5.1.1", text="no such user"
            )
            results = [DeliveryResult(sent, State.SENT, ACCEPTED, None), DeliveryResult(deferred, State.DEFERRED, BUSY, NOW + HOUR),
                       DeliveryResult(refused, State.REFUSED, hard, None)]  # fmt: skip
            assert tx.outbox.finish_deliveries(iter(results), owner="a", now=NOW) == {sent, deferred, refused}
            assert [stored(tx, n).last for n in (sent, deferred, refused)] == [ACCEPTED, BUSY, hard]

    def test_the_last_receipt_is_the_one_that_is_shown(self, store: Store) -> None:
        with store.transaction() as tx:
            made = ended(tx, State.DEFERRED, BUSY)
            claim(tx)
            tx.outbox.commit_deliveries([made], owner="a", now=NOW)
            tx.outbox.finish_deliveries([DeliveryResult(made, State.SENT, ACCEPTED, None)], owner="a", now=NOW)
            assert stored(tx, made).last == ACCEPTED

    def test_what_a_gone_owner_had_waits_again_or_is_unknown(self, store: Store) -> None:
        with store.transaction() as tx:
            claimed, committing, others = post(tx, 3)
            claim(tx, owner="a", most=2)
            claim(tx, owner="b")
            tx.outbox.commit_deliveries([committing], owner="a", now=NOW)
            assert tx.outbox.take_back_from("a", now=NOW + HOUR) == (1, 1)
            assert [state_of(tx, n) for n in (claimed, committing, others)] == [
                State.PENDING, State.UNKNOWN, State.CLAIMED,
            ]  # fmt: skip
            assert claim(tx, owner="c", now=NOW + HOUR) == [claimed]

    @pytest.mark.parametrize("state", IN_HAND)
    def test_an_owner_is_overdue_once_the_lease_is_over(self, store: Store, state: State) -> None:
        with store.transaction() as tx:
            in_hand(tx, state)
            assert tx.outbox.overdue_owners(NOW + MINUTE / 2) == []
            assert tx.outbox.overdue_owners(NOW + MINUTE) == ["a"]

    def test_owners_are_those_with_rows_in_hand_each_once(self, store: Store) -> None:
        with store.transaction() as tx:
            made = post(tx, 4)
            claim(tx, owner="a", most=2)
            claim(tx, owner="b", most=2)
            tx.outbox.commit_deliveries(made[:1], owner="a", now=NOW)
            assert sorted(tx.outbox.owners()) == ["a", "b"]
            tx.outbox.take_back_from("b", now=NOW)
            assert tx.outbox.owners() == ["a"]

    def test_an_unknown_row_is_resent_once_after_its_time(self, store: Store) -> None:
        with store.transaction() as tx:
            made = ended(tx, State.UNKNOWN)
            assert tx.outbox.resend_unknown(before=NOW - MINUTE, now=NOW) == []
            assert tx.outbox.resend_unknown(before=NOW, now=NOW + HOUR) == [made]
            assert (stored(tx, made).state, stored(tx, made).resends) == (State.PENDING, 1)
            assert stored(tx, made).next_at == NOW, "behind everybody a cap per day would never reach it"
            claim(tx, now=NOW + HOUR)
            tx.outbox.commit_deliveries([made], owner="a", now=NOW + HOUR)
            tx.outbox.take_back_from("a", now=NOW + HOUR)
            assert tx.outbox.resend_unknown(before=NOW + DAY, now=NOW + DAY) == []
            assert state_of(tx, made) is State.UNKNOWN

    def test_waiting_rows_expire_at_their_instant(self, store: Store) -> None:
        with store.transaction() as tx:
            deferred = ended(tx, State.DEFERRED, BUSY, number=9)
            [pending] = post(tx)
            assert tx.outbox.expire_deliveries(NOW + 2 * DAY - MINUTE) == []
            assert sorted(tx.outbox.expire_deliveries(NOW + 2 * DAY)) == [deferred, pending]
            assert state_of(tx, pending) is State.EXPIRED

    def test_what_waits_follows_a_person_to_their_new_address(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone, other] = join(tx, "ada", "bo")
            mine = tx.outbox.add_delivery(delivery(1, subscriber=ident(someone)))
            theirs = tx.outbox.add_delivery(delivery(2, subscriber=ident(other)))
            sent = tx.outbox.add_delivery(delivery(3, subscriber=ident(someone), state=State.SENT))
            assert tx.outbox.readdress_deliveries(ident(someone), "new@example.org") == 1
            addresses = [stored(tx, n).address for n in (mine, theirs, sent)]
            assert addresses == ["new@example.org", "reader2@example.org", "reader3@example.org"]
            tx.people.suppress_address("new@example.org", reason="bounced", now=NOW)
            assert claim(tx) == [mine, theirs]
            assert tx.outbox.commit_deliveries([mine, theirs], owner="a", now=NOW) == {theirs}

    def test_a_second_try_that_runs_out_of_time_is_unknown_again(self, store: Store) -> None:
        with store.transaction() as tx:
            made = in_hand(tx, State.COMMITTING)
            tx.outbox.take_back_from("a", now=NOW)
            late = NOW + 3 * DAY
            assert tx.outbox.resend_unknown(before=late, now=late) == [made]
            assert stored(tx, made).expires == late + 28 * HOUR
            assert tx.outbox.expire_deliveries(late + 28 * HOUR) == []
            assert state_of(tx, made) is State.UNKNOWN

    @pytest.mark.parametrize("state", IN_HAND)
    def test_rows_in_hand_do_not_expire(self, store: Store, state: State) -> None:
        with store.transaction() as tx:
            made = in_hand(tx, state)
            assert tx.outbox.expire_deliveries(NOW + 9 * DAY) == []
            assert state_of(tx, made) is state

    def test_waiting_and_unknown_rows_are_cancelled_and_no_others(self, store: Store) -> None:
        with store.transaction() as tx:
            numbers = {state: tx.outbox.add_delivery(delivery(n, state=state)) for n, state in enumerate(State)}
            moved = [numbers[s] for s in (State.PENDING, State.DEFERRED, State.UNKNOWN)]
            assert sorted(tx.outbox.cancel_deliveries(numbers.values(), now=NOW)) == moved
            assert {state_of(tx, n) for n in moved} == {State.CANCELLED}
            assert state_of(tx, numbers[State.COMMITTING]) is State.COMMITTING

    def test_only_the_rows_named_are_cancelled(self, store: Store) -> None:
        with store.transaction() as tx:
            first, second = post(tx, 2)
            assert tx.outbox.cancel_deliveries([first], now=NOW) == [first]
            assert tx.outbox.cancel_deliveries([], now=NOW) == []
            assert state_of(tx, second) is State.PENDING

    def test_waiting_and_unknown_rows_are_retried_at_once_and_no_others(self, store: Store) -> None:
        with store.transaction() as tx:
            numbers = {
                state: tx.outbox.add_delivery(delivery(n, state=state, next_at=NOW + DAY))
                for n, state in enumerate(State)
            }
            moved = [numbers[State.PENDING], numbers[State.DEFERRED], numbers[State.UNKNOWN]]
            assert sorted(tx.outbox.retry_deliveries(numbers.values(), now=NOW)) == moved
            assert claim(tx, now=NOW) == moved

    def test_rows_are_listed_newest_first_with_their_last_receipt(self, store: Store) -> None:
        with store.transaction() as tx:
            sent = ended(tx, State.SENT, number=9)
            waiting = post(tx, 2)
            assert [(d.id, d.last) for d in tx.outbox.list_deliveries()] == [
                (waiting[1], None), (waiting[0], None), (sent, ACCEPTED),
            ]  # fmt: skip

    def test_rows_are_listed_by_state_by_person_and_up_to_a_number(self, store: Store) -> None:
        with store.transaction() as tx:
            ada, bo = (ident(s) for s in join(tx, "ada", "bo"))
            rows = ((ada, State.PENDING), (bo, State.PENDING), (ada, State.SENT))
            one, two, three = (
                tx.outbox.add_delivery(delivery(n, subscriber=s, state=state)) for n, (s, state) in enumerate(rows)
            )
            assert [d.id for d in tx.outbox.list_deliveries([State.PENDING])] == [two, one]
            assert [d.id for d in tx.outbox.list_deliveries(subscriber=ada)] == [three, one]
            assert [d.id for d in tx.outbox.list_deliveries([State.PENDING, State.SENT], subscriber=ada, most=1)] == [
                three
            ]

    def test_rows_are_counted_by_state(self, store: Store) -> None:
        with store.transaction() as tx:
            ended(tx, State.SENT, number=9)
            post(tx, 2)
            assert tx.outbox.count_by_state() == {State.SENT: 1, State.PENDING: 2}

    def test_the_days_cap_counts_what_was_accepted_since(self, store: Store) -> None:
        with store.transaction() as tx:
            for number, at in enumerate((NOW - HOUR, NOW)):
                made = tx.outbox.add_delivery(delivery(number, next_at=at))
                claim(tx, now=at)
                tx.outbox.commit_deliveries([made], owner="a", now=at)
                tx.outbox.finish_deliveries([DeliveryResult(made, State.SENT, ACCEPTED, None)], owner="a", now=at)
            ended(tx, State.DEFERRED, BUSY, number=9)
            assert [tx.outbox.count_sent_since(NOW - HOUR), tx.outbox.count_sent_since(NOW - MINUTE)] == [2, 1]
            assert tx.outbox.count_sent_since(NOW + MINUTE) == 0

    def test_a_cap_counts_what_is_in_anybodys_hand_too(self, store: Store) -> None:
        with store.transaction() as tx:
            ended(tx, State.SENT, ACCEPTED, number=1)
            for number in (2, 3, 4):
                tx.outbox.add_delivery(delivery(number))
            tx.outbox.commit_deliveries(claim(tx, owner="a", most=1), owner="a", now=NOW)
            claim(tx, owner="b", most=1)
            assert (tx.outbox.count_sent_since(NOW - DAY), tx.outbox.count_towards_cap(NOW - DAY)) == (1, 3)

    def test_the_next_waiting_row_says_when_it_is_due(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.outbox.next_due(NOW) is None
            tx.outbox.add_delivery(delivery(1, next_at=NOW + DAY))
            tx.outbox.add_delivery(delivery(2, state=State.DEFERRED, next_at=NOW + HOUR))
            tx.outbox.add_delivery(delivery(3, state=State.SENT, next_at=NOW))
            tx.outbox.add_delivery(delivery(4, next_at=NOW - DAY, expires=NOW))
            assert tx.outbox.next_due(NOW) == NOW + HOUR

    def test_who_left_gets_the_mail_that_asks_whether_they_come_back_and_no_other(self, store: Store) -> None:
        with store.transaction() as tx:
            asked, digest = post(tx, kind="confirm"), post(tx, message_id="<other@example.org>")
            tx.people.suppress_address("reader1@example.org", reason="unsubscribed", now=NOW)
            claim(tx)
            assert tx.outbox.commit_deliveries([*asked, *digest], owner="a", now=NOW) == set(asked)
            assert state_of(tx, digest[0]) is State.SUPPRESSED

    def test_who_had_everything_deleted_gets_not_even_that_mail(self, store: Store) -> None:
        with store.transaction() as tx:
            asked = post(tx, kind="confirm")
            tx.people.suppress_address("reader1@example.org", reason="erased", now=NOW)
            claim(tx)
            assert tx.outbox.commit_deliveries(asked, owner="a", now=NOW) == set()
