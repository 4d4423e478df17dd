"""What follows from a receipt: states, waits and the breaker. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from digestbot.acts.delivery.retry_policy import BREAKER_AT, backoff, next_breaker, next_state
from digestbot.model import Breaker, Delivery, Fault, Outcome, Receipt, SendStage, State
from digestbot.testing.builders import NOW

DAY = timedelta(days=1)
CLOSED = Breaker()


def row(**change: Any) -> Delivery:
    values: dict[str, Any] = {"id": 1, "kind": "digest", "digest": 1, "subscriber": None, "address": "a@b.c"}
    values |= {"state": State.CLAIMED, "message_id": "<1@x>", "next_at": NOW, "expires": NOW + DAY}
    return Delivery(**values | change)


def unavailable(fault: Fault, stage: str, code: int | None = None) -> Receipt:
    return Receipt(outcome=Outcome.UNAVAILABLE, stage=SendStage(stage), code=code, fault=fault)


def test_the_waits_grow_from_a_minute_to_four_hours() -> None:
    wanted = [60, 300, 900, 3600, 14400, 14400]
    for attempts, seconds in enumerate(wanted):
        assert 0.8 * seconds <= backoff(row(attempts=attempts)).total_seconds() <= 1.2 * seconds


@pytest.mark.parametrize(
    ("outcome", "change", "state"),
    [
        (Outcome.ACCEPTED, {}, State.SENT),
        (Outcome.REFUSED, {}, State.REFUSED),
        (Outcome.REFUSED, {"resends": 1}, State.UNKNOWN),
        (Outcome.DEFERRED, {}, State.DEFERRED),
        (Outcome.UNKNOWN, {}, State.UNKNOWN),
        (Outcome.UNAVAILABLE, {}, State.PENDING),
        (Outcome.WITHHELD, {}, State.PENDING),
    ],
)
def test_each_outcome_leads_to_one_state(outcome: Outcome, change: dict[str, Any], state: State) -> None:
    assert next_state(row(**change), Receipt(outcome=outcome), breaker=CLOSED, now=NOW).state is state


@pytest.mark.parametrize("stage", ["rcpt", "data", "body", "dot"])
def test_a_second_fall_at_one_mail_is_its_own(stage: str) -> None:
    down, account = unavailable(Fault.SERVER, stage), unavailable(Fault.ACCOUNT, stage, 550)
    first = next_state(row(), down, breaker=CLOSED, now=NOW)
    assert (first.state, first.fell) == (State.PENDING, True)
    second = next_state(row(falls=1), down, breaker=CLOSED, now=NOW)
    assert (second.state, second.receipt.fault) == (State.DEFERRED, Fault.LATER)
    assert next_state(row(falls=1), account, breaker=Breaker(failures=1), now=NOW).state is State.PENDING
    proven = next_state(row(falls=1), account, breaker=CLOSED, now=NOW)
    assert (proven.state, proven.receipt.fault) == (State.REFUSED, Fault.POLICY)


@pytest.mark.parametrize("stage", ["connect", "tls", "auth", "mail"])
def test_what_fails_before_the_recipient_is_never_a_mails_own(stage: str) -> None:
    for fault in (Fault.SERVER, Fault.ACCOUNT):
        result = next_state(row(falls=3), unavailable(fault, stage, 421), breaker=CLOSED, now=NOW)
        assert (result.state, result.fell) == (State.PENDING, False)


def test_a_refused_login_opens_the_breaker_at_once_and_for_half_an_hour_at_most() -> None:
    breaker, waits = CLOSED, []
    for n in range(6):
        at = breaker.open_until or NOW
        breaker = next_breaker(breaker, row(id=n), unavailable(Fault.ACCOUNT, "auth", 535), now=at)
        waits.append(((breaker.open_until or at) - at).total_seconds() / 60)
    assert waits == [15, 30, 30, 30, 30, 30]
    assert breaker.since == NOW


def test_a_server_that_is_down_is_left_alone_after_five_mails_and_ever_longer() -> None:
    down, breaker, waits = unavailable(Fault.SERVER, "connect"), CLOSED, []
    for n in range(12):
        at = breaker.open_until or NOW
        breaker = next_breaker(breaker, row(id=n), down, now=at)
        waits.append(((breaker.open_until or at) - at).total_seconds() / 60)
    assert waits[: BREAKER_AT - 1] == [0] * (BREAKER_AT - 1)
    assert waits[BREAKER_AT - 1 :] == [15, 30, 60, 120, 240, 240, 240, 240]


def test_what_was_in_the_air_while_it_opened_makes_no_pause_longer() -> None:
    opened = next_breaker(CLOSED, row(id=1), unavailable(Fault.ACCOUNT, "auth", 535), now=NOW)
    for n in range(2, 9):
        assert next_breaker(opened, row(id=n), unavailable(Fault.ACCOUNT, "auth", 535), now=NOW) == opened


def test_an_account_fault_at_one_mail_has_a_suspect_until_another_confirms_it() -> None:
    refused = unavailable(Fault.ACCOUNT, "dot", 550)
    opened = next_breaker(CLOSED, row(id=1), refused, now=NOW)
    assert (opened.suspect, opened.is_open(NOW)) == (1, True)
    assert next_breaker(opened, row(id=1, falls=1), refused, now=NOW).suspect == 1
    confirmed = next_breaker(opened, row(id=2), refused, now=NOW)
    assert (confirmed.suspect, confirmed.failures) == (None, 2)
    assert next_breaker(opened, row(id=2), Receipt(outcome=Outcome.ACCEPTED), now=NOW) == Breaker(since=NOW)


@pytest.mark.parametrize("falls", [1, 2, 9])
def test_a_mail_that_falls_again_and_again_counts_once(falls: int) -> None:
    lost = unavailable(Fault.SERVER, "rcpt")
    once = next_breaker(CLOSED, row(), lost, now=NOW)
    assert next_breaker(once, row(falls=falls), lost, now=NOW) == once


def test_an_answer_closes_the_breaker_of_a_server_and_not_of_an_account() -> None:
    refused = Receipt(outcome=Outcome.REFUSED, stage=SendStage.RCPT, code=550, fault=Fault.RECIPIENT)
    down = Breaker(failures=5, open_until=NOW, fault=Fault.SERVER)
    assert next_breaker(down, row(), refused, now=NOW) == Breaker(since=NOW)
    account = replace(down, fault=Fault.ACCOUNT)
    assert next_breaker(account, row(), refused, now=NOW) == account
