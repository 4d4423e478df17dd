"""The order of the outbox: lanes, places, falls; on both databases."""

from __future__ import annotations

from digestbot.model import DeliveryResult, Fault, Lane, Outcome, Receipt, SendStage, State
from digestbot.store import Store
from digestbot.testing.store.values import (
    ACCEPTED,
    BUSY,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    claim,
    delivery,
    ended,
    ident,
    in_hand,
    join,
    post,
    state_of,
    stored,
)


def test_a_lower_lane_is_emptied_before_the_next_one_is_begun(store: Store) -> None:
    with store.transaction() as tx:
        digests = post(tx, 2, next_at=NOW - HOUR)
        confirmation = tx.outbox.add_delivery(delivery(9, lane=Lane.PERSONAL, next_at=NOW))
        assert stored(tx, confirmation).lane is Lane.PERSONAL
        assert claim(tx, most=2) == [confirmation, digests[0]]


def test_rows_at_which_the_server_failed_can_be_left_out(store: Store) -> None:
    with store.transaction() as tx:
        fallen, other = post(tx, 2)
        claim(tx, most=1)
        down = Receipt(outcome=Outcome.UNAVAILABLE, stage=SendStage.RCPT, text="lost", fault=Fault.SERVER)
        result = DeliveryResult(fallen, State.PENDING, down, NOW, fell=True)
        tx.outbox.finish_deliveries([result], owner="a", now=NOW)
        assert (stored(tx, fallen).falls, stored(tx, fallen).attempts, stored(tx, fallen).last) == (1, 0, down)
        claimed = tx.outbox.claim_deliveries(5, owner="b", now=NOW, lease=MINUTE, unfallen=True)
        assert [d.id for d in claimed] == [other]


def test_a_deferral_may_shorten_the_time_that_is_left_and_never_lengthens_it(store: Store) -> None:
    with store.transaction() as tx:
        made = in_hand(tx, State.CLAIMED)
        given = stored(tx, made).expires
        for give_up, expires in ((given + DAY, given), (given - HOUR, given - HOUR)):
            result = DeliveryResult(made, State.DEFERRED, BUSY, NOW, give_up=give_up)
            tx.outbox.finish_deliveries([result], owner="a", now=NOW)
            assert stored(tx, made).expires == expires
            claim(tx)


def test_only_what_is_still_claimed_is_given_back_and_it_keeps_its_place(store: Store) -> None:
    with store.transaction() as tx:
        claimed, committing = post(tx, 2, next_at=NOW - HOUR)
        claim(tx)
        tx.outbox.commit_deliveries([committing], owner="a", now=NOW)
        tx.outbox.give_back_deliveries([claimed, committing], owner="b", now=NOW)
        assert state_of(tx, claimed) is State.CLAIMED
        tx.outbox.give_back_deliveries([claimed, committing], owner="a", now=NOW)
        assert (state_of(tx, claimed), state_of(tx, committing)) == (State.PENDING, State.COMMITTING)
        assert (stored(tx, claimed).next_at, stored(tx, claimed).last) == (NOW - HOUR, None)


def test_rows_of_named_people_expire_alone_and_leave_their_place(store: Store) -> None:
    with store.transaction() as tx:
        ada, bo = (ident(s) for s in join(tx, "ada", "bo"))
        mine = tx.outbox.add_delivery(delivery(1, subscriber=ada, next_at=NOW - HOUR, expires=NOW))
        tx.outbox.add_delivery(delivery(2, subscriber=bo, expires=NOW))
        assert tx.outbox.expire_deliveries(NOW, [ada]) == [mine]
        assert tx.outbox.queue_places([ada, bo]) == {ada: NOW - HOUR}
        tx.outbox.add_delivery(delivery(3, subscriber=ada, state=State.SENT))
        assert tx.outbox.queue_places([ada, bo]) == {}


def test_what_is_due_is_counted_and_who_waits_longest_is_named(store: Store) -> None:
    with store.transaction() as tx:
        old, new = post(tx, 1, next_at=NOW - DAY)[0], tx.outbox.add_delivery(delivery(5, next_at=NOW - HOUR))
        tx.outbox.add_delivery(delivery(6, next_at=NOW + HOUR))
        assert tx.outbox.count_due(NOW) == 2
        assert [d.id for d in tx.outbox.longest_waiting(NOW)] == [old, new]
        assert [d.id for d in tx.outbox.longest_waiting(NOW - 2 * HOUR)] == [old]


def test_the_last_final_answers_are_given_newest_first(store: Store) -> None:
    hard = Receipt(outcome=Outcome.REFUSED, stage=SendStage.RCPT, code=550, enhanced="5.1.1", fault=Fault.RECIPIENT)
    with store.transaction() as tx:
        sent = ended(tx, State.SENT, number=1)
        ended(tx, State.DEFERRED, BUSY, number=2, at=NOW + MINUTE)
        refused = ended(tx, State.REFUSED, hard, number=3, at=NOW + 2 * MINUTE)
        assert tx.outbox.last_answers(9) == [(refused, hard), (sent, ACCEPTED)]
        assert tx.outbox.last_answers(1) == [(refused, hard)]
        assert tx.outbox.last_answers(9, since=NOW + MINUTE) == [(refused, hard)]
