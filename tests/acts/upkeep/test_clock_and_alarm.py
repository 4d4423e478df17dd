"""A wall clock that was set, and mail that does not go out: both are told, and neither repeats or loses anything."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from digestbot.acts.answers.status import status
from digestbot.acts.people.sync import confirm_missing, is_doubted, sync
from digestbot.acts.upkeep.alarm import raise_alarm
from digestbot.acts.upkeep.clock import ClockJump, note_jump, note_round
from digestbot.model import Breaker, DeliveryResult, Fault, Outcome, Receipt, SendStage, State
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, subscriber
from digestbot.testing.site import TestSite

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SOURCES = [("arxiv-cs", "arxiv")]


def test_a_round_in_another_year_frees_its_mail_and_leaves_no_trace_in_status(store: SqlStore) -> None:
    site = TestSite(store)
    site.papers(1)
    note_round(store, "test", now=NOW - HOUR)
    future = NOW + 1600 * DAY
    note_round(store, "test", now=future)
    site.dispatch(future)
    with store.transaction() as tx:
        tx.breakers.set_breaker("test", Breaker(failures=5, open_until=future + HOUR, since=future))
    jump = note_round(store, "test", now=NOW)
    assert jump is not None
    assert jump.words == "set back by 4 years"
    [waiting] = site.deliveries(State.PENDING)
    assert waiting.next_at == NOW
    assert waiting.expires <= NOW + 2 * DAY
    found = status(store, now=NOW, day_start=NOW - HOUR, server="test")
    [person] = found.people
    assert (person.last, found.outbox.is_open) == (None, False)
    assert found.jump == jump
    assert status(store, now=NOW + 8 * DAY, day_start=NOW, server="test").jump is None


@pytest.mark.parametrize(
    ("by", "words"),
    [(HOUR, "set forward by 1 hour"), (-5 * DAY, "set back by 5 days"), (90 * MINUTE, "set forward by 2 hours")],
)
def test_a_jump_is_said_in_words(store: SqlStore, by: timedelta, words: str) -> None:
    assert note_jump(store, "test", NOW, NOW + by) == ClockJump(at=NOW + by, by=by)
    assert ClockJump(at=NOW, by=by).words == words
    assert note_round(store, "test", now=NOW + by + MINUTE) is None


def test_people_who_vanish_all_at_once_stay_until_that_is_repeated_or_confirmed(store: SqlStore) -> None:
    everybody = [subscriber(f"r{n}") for n in range(6)]

    def left(people: int, at: timedelta) -> int:
        sync(store, everybody[:people], SOURCES, now=NOW + at)
        with store.reading() as tx:
            return len(tx.people.all_people())

    assert left(6, -HOUR) == 6
    assert left(0, 0 * MINUTE) == 6  # an editor or a checkout has emptied the file for a moment
    assert is_doubted(store)
    assert left(6, MINUTE) == 6
    assert not is_doubted(store)
    assert left(2, 2 * MINUTE) == 6  # more than half of them
    assert left(5, 3 * MINUTE) == 5  # a few are taken out every day
    assert left(0, 4 * MINUTE) == 5
    assert left(0, 13 * MINUTE) == 5
    assert left(0, 14 * MINUTE) == 0
    assert left(6, 20 * MINUTE) == 6
    assert left(0, 21 * MINUTE) == 6
    assert sorted(confirm_missing(store)) == [f"r{n}" for n in range(6)]
    assert left(0, 22 * MINUTE) == 0


REFUSED = Receipt(outcome=Outcome.REFUSED, stage=SendStage.RCPT, code=550, text="who?", fault=Fault.RECIPIENT)
TAKEN = Receipt(outcome=Outcome.ACCEPTED, stage=SendStage.DOT, code=250)


def answered(store: SqlStore, receipt: Receipt, state: State, at: datetime, most: int = 1) -> None:
    """The server says this to so many mails."""
    with store.transaction() as tx:
        ids = [d.id for d in tx.outbox.claim_deliveries(most, owner="x", now=at, lease=MINUTE)]
        assert tx.outbox.commit_deliveries(ids, owner="x", now=at) == set(ids)
        results = [DeliveryResult(number, state, receipt, at) for number in ids]
        assert len(tx.outbox.finish_deliveries(results, owner="x", now=at)) == most


def test_an_alarm_tells_that_most_readers_are_refused_though_the_server_is_asked_as_usual(store: SqlStore) -> None:
    site = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(4)])
    site.papers(1)
    site.dispatch(NOW)

    def look(after: timedelta) -> str:
        return raise_alarm(store, "mx:25", lambda _: True, site="Papers", after=15 * MINUTE, now=NOW + after)

    answered(store, REFUSED, State.DEFERRED, NOW, most=3)
    assert [look(0 * MINUTE), look(14 * MINUTE)] == ["", ""]
    assert look(15 * MINUTE).startswith("Papers: most readers are refused. mx:25 said: ")
    assert "who?" in status(store, now=NOW, day_start=NOW, server="mx:25").mail.said  # type: ignore[union-attr]
    assert look(16 * MINUTE) == ""
    answered(store, TAKEN, State.SENT, NOW + 17 * MINUTE, most=4)
    assert look(18 * MINUTE) == "Papers: mail goes out again by mx:25."
    assert look(19 * MINUTE) == ""


def test_an_alarm_is_told_once_in_each_direction_and_again_until_it_was_heard(store: SqlStore) -> None:
    told, heard = list[str](), [False]
    site = TestSite(store)
    site.papers(1)
    site.dispatch(NOW)

    def tell(text: str) -> bool:
        told.append(text)
        return heard[0]

    def look(after: timedelta) -> str:
        return raise_alarm(store, "mx:25", tell, site="Papers", after=15 * MINUTE, now=NOW + after)

    assert look(0 * MINUTE) == ""
    words = "auth: 535 5.7.8 Username and Password not accepted"
    with store.transaction() as tx:
        breaker = Breaker(failures=1, open_until=NOW + DAY, fault=Fault.ACCOUNT, text=words, since=NOW)
        tx.breakers.set_breaker("mx:25", breaker)
    assert look(10 * MINUTE) == ""
    assert (look(20 * MINUTE), len(told)) == ("", 1)  # nobody heard
    heard[0] = True
    assert words in look(21 * MINUTE)
    assert look(22 * MINUTE) == ""
    with store.transaction() as tx:
        tx.breakers.set_breaker("mx:25", Breaker(since=NOW))
    assert look(25 * MINUTE) == ""  # asked again by hand, or nothing waits any more: nobody knows yet
    answered(store, TAKEN, State.SENT, NOW + 26 * MINUTE)
    assert look(30 * MINUTE) == "Papers: mail goes out again by mx:25."
    assert (look(40 * MINUTE), len(told)) == ("", 3)
