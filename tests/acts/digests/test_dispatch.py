"""Slots become digests: who gets what, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import empty_store

from digestbot.acts.digests.dispatch import dispatch
from digestbot.acts.digests.due import now_slot, usual_window_first
from digestbot.acts.digests.editions import close_editions, update_editions
from digestbot.acts.digests.preview import preview_digest
from digestbot.acts.people.sync import pause, resume
from digestbot.acts.site.settings import DigestSettings, EditionRule, FeedSettings
from digestbot.model import Breaker, DeliveryResult, Outcome, Receipt, SendStage, State, Subscriber, SubscriberId
from digestbot.store import SlotRow
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, entry, subscriber, topic
from digestbot.testing.site import DESK, TestSite

DAY = timedelta(days=1)


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    return TestSite(store)


def history(office: TestSite, ref: str = "reader") -> list[SlotRow]:
    person = office.person(ref)
    assert person.id is not None
    with office.store.reading() as tx:
        return tx.slots.slots_of(person.id, 50)


def test_a_paper_that_matches_comes_with_the_next_slot_and_never_again(office: TestSite) -> None:
    office.papers(1, 2)
    assert sorted(office.titles(office.dispatch(NOW))[0]) == ["2611.00001", "2611.00002"]
    assert office.titles(office.dispatch(NOW + DAY)) == []
    assert [row.state for row in history(office)] == ["empty", "composed"]


def test_nothing_is_composed_before_the_slot_is_due(office: TestSite) -> None:
    office.papers(1)
    assert office.dispatch(NOW - timedelta(minutes=1)).slots == ()


def test_a_second_look_in_the_same_minute_finds_the_slot_taken(office: TestSite) -> None:
    office.papers(1)
    office.dispatch(NOW)
    assert office.dispatch(NOW).slots == ()
    assert len(office.deliveries()) == 1


def test_a_paper_from_two_sources_comes_once(office: TestSite) -> None:
    office.papers(1)
    office.papers(1, source="daily", native_key="daily-1", signals={"upvotes": 3})
    assert office.titles(office.dispatch(NOW)) == [["2611.00001"]]


def test_a_paper_that_gains_a_source_or_a_vote_later_is_not_sent_again(office: TestSite) -> None:
    office.papers(1)
    office.dispatch(NOW)
    office.papers(1, source="daily", native_key="daily-1", signals={"upvotes": 30})
    assert office.titles(office.dispatch(NOW + DAY)) == []


def test_a_paper_that_matches_only_after_it_was_enriched_still_arrives(office: TestSite) -> None:
    office.tuned(topics=(topic(query="upvotes:>=20"),))
    office.papers(1)
    assert office.titles(office.dispatch(NOW)) == []
    office.papers(1, source="daily", native_key="daily-1", signals={"upvotes": 30})
    assert office.titles(office.dispatch(NOW + DAY)) == [["2611.00001"]]


def test_a_new_version_of_a_sent_paper_is_told_once_as_an_update(office: TestSite) -> None:
    office.tuned(updates="all")
    office.papers(1)
    office.dispatch(NOW)
    second = {"arxiv": "2611.00001", "arxiv_version": "2"}
    office.papers(1, identifiers=second, native_key="oai:arXiv.org:2611.00001v2", announce_type="replace")
    report = office.dispatch(NOW + DAY)
    assert office.titles(report) == [["2611.00001"]]
    with office.store.reading() as tx:
        digest = tx.slots.digests_by_id([report.slots[0].digest or 0]).get(report.slots[0].digest or 0)
    assert digest is not None
    told = [(s.kind, i.kind, i.note) for s in digest.sections for i in (*s.items, *s.more)]
    assert told == [("updates", "v2", "You had v1 on Mon 23 November. New: v2.")]
    assert office.titles(office.dispatch(NOW + 2 * DAY)) == []


def test_a_replacement_of_a_paper_we_never_saw_is_no_news(office: TestSite) -> None:
    old = {"arxiv": "2601.00007", "arxiv_version": "3"}
    office.entries(entry(7, identifiers=old, announce_type="replace", native_key="oai:arXiv.org:2601.00007v3"))
    assert office.titles(office.dispatch(NOW)) == []


def test_slots_slept_through_are_covered_by_one_digest(office: TestSite) -> None:
    office.papers(1)
    report = office.dispatch(NOW + 3 * DAY + timedelta(hours=1))
    assert office.titles(report) == [["2611.00001"]]
    assert [row.state for row in history(office)] == ["composed", "covered", "covered", "covered"]
    assert {row.covered_by for row in history(office)[1:]} == {"2026-11-26T07:30"}


def test_somebody_paused_gets_one_digest_of_the_gap(office: TestSite) -> None:
    person = office.person()
    assert person.id is not None
    with office.store.transaction() as tx:
        tx.people.pause_person(person.id, until=NOW + 20 * DAY)
    office.papers(1)
    for day in range(20):
        office.dispatch(NOW + day * DAY)
    office.papers(2)
    assert sorted(office.titles(office.dispatch(NOW + 20 * DAY))[0]) == ["2611.00001", "2611.00002"]
    assert {row.state for row in history(office)} == {"composed", "paused"}


def test_a_suppressed_address_gets_nothing_and_status_can_tell(office: TestSite) -> None:
    with office.store.transaction() as tx:
        tx.people.suppress_address("reader@example.org", reason="unsubscribed", now=office.now)
    office.papers(1)
    assert [(c.state, c.reason) for c in office.dispatch(NOW).slots] == [("suppressed", "suppressed")]
    assert office.deliveries() == []


def test_a_quiet_day_is_skipped_with_its_reason_or_sent_when_wished(office: TestSite) -> None:
    assert [(c.state, c.reason) for c in office.dispatch(NOW).slots] == [("empty", "not_polled")]
    office.tuned(when_empty="send")
    assert [c.state for c in office.dispatch(NOW + DAY).slots] == ["composed"]


def test_new_papers_without_a_match_are_another_kind_of_silence(office: TestSite) -> None:
    office.papers(1, title="On whales", summary="Whales.")
    assert [(c.state, c.reason) for c in office.dispatch(NOW).slots] == [("empty", "no_match")]
    assert (history(office)[0].seen, history(office)[0].matched) == (1, 0)


def test_an_extra_digest_leaves_the_next_slot_and_the_rules_as_they_are(office: TestSite) -> None:
    office.papers(1)
    before = office.person().next_slot
    assert office.titles(office.extra("reader")) == [["2611.00001"]]
    assert office.person().next_slot == before
    office.now += timedelta(seconds=5)
    assert [c.state for c in office.extra("reader").slots] == ["empty"]
    assert office.titles(office.dispatch(NOW)) == []


def test_a_new_topic_reaches_two_days_back(office: TestSite) -> None:
    office.now = NOW - 5 * DAY
    office.papers(1, title="On whales", summary="Whales.")
    office.now = NOW - DAY
    office.papers(2, title="On whales again", summary="Whales.")
    office.now = NOW - timedelta(hours=1)
    office.tuned(topics=(topic("Whales", "whales"),))
    assert office.titles(office.dispatch(NOW)) == [["2611.00002"]]


def test_a_new_subscriber_gets_the_last_two_days_with_the_first_slot(office: TestSite) -> None:
    office.now = NOW - 5 * DAY
    office.papers(1)
    office.now = NOW - DAY
    office.papers(2)
    office.now = NOW - timedelta(hours=1)
    office.people(subscriber(), subscriber("newcomer", id=None))
    report = office.dispatch(NOW)
    assert [list(c.papers) for c in report.slots if c.subscriber == "newcomer"] == [["2611.00002"]]


def test_papers_of_a_delivery_that_failed_come_with_the_next_digest(office: TestSite) -> None:
    office.papers(1)
    report = office.dispatch(NOW)
    with office.store.transaction() as tx:
        tx.slots.release_digest(report.slots[0].digest or 0)
    assert office.titles(office.dispatch(NOW + DAY)) == [["2611.00001"]]


def test_one_broken_rule_costs_only_its_owner(store: SqlStore) -> None:
    broken = subscriber("broken", id=None, topics=(topic(query="@gone"),))
    office = TestSite(store, [broken, *(subscriber(f"r{n}", id=None) for n in range(3))])
    office.papers(1)
    report = office.dispatch(NOW)
    assert sorted(c.state for c in report.slots) == ["composed", "composed", "composed", "failed"]
    assert len(office.deliveries(State.PENDING)) == 3


def test_only_those_who_are_named_are_composed(store: SqlStore) -> None:
    office = TestSite(store, [subscriber("a", id=None), subscriber("b", id=None)])
    office.papers(1)
    assert [c.subscriber for c in office.dispatch(NOW, only=["b"]).slots] == ["b"]


def test_looking_records_nothing(office: TestSite) -> None:
    office.papers(1)
    person = office.person()
    with office.store.reading() as tx:
        digest = preview_digest(tx, DESK, person, now_slot(person, office.now), now=office.now)
    assert [i.paper.public_id for i in digest.items()] == ["2611.00001"]
    assert office.titles(office.dispatch(NOW)) == [["2611.00001"]]


def test_the_footer_says_what_each_source_brought(office: TestSite) -> None:
    office.papers(1, 2)
    report = office.dispatch(NOW)
    with office.store.reading() as tx:
        digest = tx.slots.digests_by_id([report.slots[0].digest or 0]).get(report.slots[0].digest or 0)
    assert digest is not None
    assert [(s.ref, s.name, s.new, s.sent) for s in digest.polled] == [
        ("arxiv-cs", "arXiv cs.LG", 2, 2),
        ("daily", "daily", 0, 0),
    ]


def without_topics(office: TestSite) -> Subscriber:
    return office.tuned(topics=())


def test_a_subscriber_without_topics_gets_the_editions_closed_since_the_last_digest(office: TestSite) -> None:
    without_topics(office)
    press = FeedSettings(site="Papers", zone="Europe/Berlin", path=None, edition=EditionRule())  # type: ignore[arg-type]  # nothing is written
    office.papers(1)
    for hours in (-2, 6):
        office.now = NOW + timedelta(hours=hours)
        update_editions(office.store, press, now=office.now)
    assert office.titles(office.dispatch(NOW + DAY)) == [["2611.00001"]]
    assert office.titles(office.dispatch(NOW + 2 * DAY)) == []


PRESS = FeedSettings(site="Papers", zone="Europe/Berlin", path=Path("unused"))


def test_an_edition_that_a_later_poll_closes_comes_with_the_next_digest_and_once(office: TestSite) -> None:
    office.tuned(topics=(), schedule="daily 12:00")  # the edition closes at twelve, and the mail round is first
    noon, told = NOW + timedelta(hours=4, minutes=30), []
    for day in range(4):
        told += office.titles(office.dispatch(noon + day * DAY))
        office.now = noon + day * DAY + timedelta(seconds=5)
        update_editions(office.store, PRESS, now=office.now)
        office.now = noon + day * DAY + timedelta(hours=2)
        office.papers(day + 1)
        update_editions(office.store, PRESS, now=office.now)
    assert told == [["2611.00001"], ["2611.00002"]]  # of the third the edition is closed, and the next digest has it
    assert office.titles(office.dispatch(noon + 4 * DAY)) == [["2611.00003"]]


def test_the_round_of_its_hour_closes_an_edition_and_what_was_written_down_late_is_the_next_days(
    office: TestSite,
) -> None:
    without_topics(office)
    office.papers(1)
    update_editions(office.store, PRESS, now=office.now)
    noon = NOW + timedelta(hours=4, minutes=30)
    close_editions(office.store, PRESS, now=noon - timedelta(seconds=1))
    assert office.titles(office.dispatch(NOW)) == []
    close_editions(office.store, PRESS, now=noon)
    office.now = noon - timedelta(seconds=2)  # a poll that had begun and is written down now
    office.papers(2)
    for hours in (1, 24):
        update_editions(office.store, PRESS, now=noon + timedelta(hours=hours))
    assert office.titles(office.dispatch(NOW + 2 * DAY)) == [["2611.00001", "2611.00002"]]


def test_who_gives_up_all_topics_is_not_flooded_with_two_weeks_of_editions(office: TestSite) -> None:
    for day in range(5):
        office.now = NOW + day * DAY
        office.papers(day + 1, title=f"Nothing they asked for {day}", summary="")
        update_editions(office.store, PRESS, now=office.now)
        office.now += timedelta(hours=5)
        update_editions(office.store, PRESS, now=office.now)
        office.dispatch(office.now)
    without_topics(office)
    assert office.titles(office.dispatch(NOW + 5 * DAY)) == [["2611.00004", "2611.00005"]]


def refused(office: TestSite) -> None:
    """The mail server refuses what waits."""
    with office.store.transaction() as tx:
        for one in tx.outbox.claim_deliveries(9, owner="a", now=office.now, lease=DAY):
            receipt = Receipt(outcome=Outcome.REFUSED, stage=SendStage.RCPT, code=552)
            tx.outbox.finish_deliveries(
                [DeliveryResult(one.id, State.REFUSED, receipt, None)], owner="a", now=office.now
            )
            assert one.digest is not None
            tx.slots.release_digest(one.digest)


@pytest.mark.parametrize(
    ("schedule", "times"), [("mon 07:30", 3), pytest.param("daily 07:30", 20, marks=pytest.mark.slow), ("every 30d", 1)]
)
def test_what_was_refused_comes_with_the_next_digest_that_arrives(office: TestSite, schedule: str, times: int) -> None:
    office.tuned(schedule=schedule, trending=0)
    for number in range(times + 2):
        due = office.person().next_slot
        assert due is not None
        office.now = due - timedelta(hours=2)
        office.papers(number + 1, announced=None)
        [made] = office.titles(office.dispatch(due))
        if 0 < number <= times:  # the first arrives
            refused(office)
    assert sorted(made) == [f"2611.{n + 2:05}" for n in range(times + 1)]


def test_the_papers_of_a_mail_that_a_pause_took_back_come_after_it(office: TestSite) -> None:
    office.papers(1)
    office.dispatch(NOW)
    pause(office.store, office.person(), until=None, now=NOW + timedelta(hours=1))
    for day in range(1, 31):
        office.dispatch(NOW + day * DAY)
    resume(office.store, office.person(), now=office.now)
    assert office.titles(office.dispatch(NOW + 31 * DAY)) == [["2611.00001"]]
    assert office.titles(office.dispatch(NOW + 32 * DAY)) == []


def test_the_message_id_is_of_the_slot(office: TestSite) -> None:
    office.papers(1)
    office.dispatch(NOW)
    other = DigestSettings(site="Papers", domain="example.org")
    assert other.domain in office.deliveries()[0].message_id


def test_what_was_polled_in_the_slots_own_round_is_not_counted_as_new_the_day_after(office: TestSite) -> None:
    office.now = NOW + timedelta(seconds=2)  # cron: the slot is due, then it is polled, then composed
    office.papers(1)
    first = office.digests(office.dispatch(NOW + timedelta(seconds=5)))
    office.now = NOW + timedelta(hours=5)
    office.papers(2)
    second = office.digests(office.dispatch(NOW + DAY + timedelta(seconds=5)))
    assert [(d.considered, d.polled[0].new, d.polled[0].sent) for d in (*first, *second)] == [(1, 1, 1), (1, 1, 1)]


def test_who_is_owed_papers_of_long_ago_comes_after_the_others_and_widens_nobodys_window() -> None:
    some = [subscriber(ref, id=SubscriberId(n)) for n, ref in enumerate(("weekly", "owed", "new", "daily"), 1)]
    starts = {"weekly": NOW - 14 * DAY, "owed": NOW - 50 * DAY, "daily": NOW - 14 * DAY}
    assert [s.ref for s in usual_window_first(some, starts, NOW)] == ["weekly", "new", "daily"]
    assert [s.ref for s in usual_window_first([some[1]], starts, NOW)] == ["owed"]
    assert usual_window_first([], starts, NOW) == []


class WritingTitles(dict[str, str]):
    """Titles of sources, asked for while a digest is chosen: each time a mark of a mail is written, say."""

    def __init__(self, store: SqlStore) -> None:
        super().__init__()
        self.store, self.written = store, 0

    def get(self, name: str, default: Any = None) -> Any:
        with self.store.transaction() as tx:
            tx.breakers.set_breaker("elsewhere", Breaker(failures=1))
        self.written += 1
        return default


def test_no_other_writer_waits_while_papers_are_chosen(tmp_path: Path) -> None:
    with empty_store("sqlite", tmp_path) as store:
        office, titles = TestSite(store), WritingTitles(store)
        office.papers(1)
        assert office.titles(dispatch(store, replace(DESK, titles=titles), now=NOW)) == [["2611.00001"]]
    assert titles.written
