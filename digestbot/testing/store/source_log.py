"""What `store.SourceLog` promises: sources, replies, polls, leases and breakers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from digestbot.model import Breaker, Fault, Listing, ListingState, ReadStatus, Response
from digestbot.store import Poll, SourceRow, Store, Transaction
from digestbot.testing.store.values import DAY, HOUR, MINUTE, NOW, Contract

POLLED = SourceRow(
    name="arxiv",
    kind="arxiv",
    state={"page": 3, "seen": ["a", "b"], "deep": {"x": None}},
    validators={"https://a.org/": ['W/"1"', "Mon", "00"]},
    moved={"https://a.org/": "https://b.org/"},
    status=ReadStatus.LATER,
    failures=2,
    failing_since=NOW - DAY,
    next_poll=NOW + HOUR,
    last_poll=NOW,
    last_ok=NOW - DAY,
    newest=NOW - 2 * DAY,
    error="503",
)


LISTED = Listing(
    source="arxiv",
    part="cs.CL",
    day=date(2026, 11, 23),
    state=ListingState.FILLING,
    got=("2611.00001", "2611.00002v2"),
    expected=3,
    equal_polls=1,
    changed=NOW - HOUR,
    updated=NOW,
    checked=NOW + DAY,
    tries=1,
)


def reply(body: bytes = b"<rss/>", fetched: datetime = NOW) -> Response:
    """A reply of a source."""
    return Response(url="https://a.org/", status=200, headers={"etag": '"1"'}, body=body, fetched=fetched)


def take(tx: Transaction, owner: str, *, now: datetime = NOW, lease: timedelta = MINUTE) -> datetime | None:
    """Take the lease that the tests are about."""
    return tx.leases.take_lease("host", owner=owner, now=now, lease=lease)


class SourceLogContract(Contract):
    """Everything we remember of the outside."""

    def test_sources_come_in_the_order_of_the_configuration(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.source_log.sync_sources([("b", "feed"), ("a", "arxiv")])
            assert tx.source_log.sources() == [SourceRow(name="b", kind="feed"), SourceRow(name="a", kind="arxiv")]
            tx.source_log.sync_sources([("a", "arxiv"), ("c", "feed"), ("b", "feed")])
            assert [s.name for s in tx.source_log.sources()] == ["a", "c", "b"]

    def test_what_is_remembered_of_a_source_comes_back(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.source_log.sync_sources([("arxiv", "arxiv"), ("other", "feed")])
            tx.source_log.write_source(POLLED)
            assert tx.source_log.sources() == [POLLED, SourceRow(name="other", kind="feed")]

    def test_every_write_replaces_the_one_before(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.source_log.sync_sources([("arxiv", "arxiv")])
            tx.source_log.write_source(POLLED)
            tx.source_log.write_source(SourceRow(name="arxiv", kind="arxiv"))
            assert tx.source_log.sources() == [SourceRow(name="arxiv", kind="arxiv")]

    def test_a_source_that_is_no_longer_configured_is_kept_and_not_listed(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.source_log.sync_sources([("arxiv", "arxiv")])
            tx.source_log.write_source(POLLED)
            tx.source_log.sync_sources([])
            assert tx.source_log.sources() == []
            tx.source_log.sync_sources([("arxiv", "arxiv")])
            assert tx.source_log.sources() == [POLLED]

    def test_a_changed_kind_starts_over(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.source_log.sync_sources([("arxiv", "arxiv")])
            tx.source_log.write_source(POLLED)
            tx.source_log.sync_sources([("arxiv", "feed")])
            assert tx.source_log.sources() == [SourceRow(name="arxiv", kind="feed")]

    def test_polls_come_newest_first_and_as_many_as_asked(self, store: Store) -> None:
        polls = [
            Poll(source="arxiv", at=NOW + n * HOUR, status=ReadStatus.OK, run="r", got=n, new=1, expected=9, problems=2, error="x")
            for n in range(3)
        ]  # fmt: skip
        with store.transaction() as tx:
            for poll in (*polls, Poll(source="other", at=NOW, status=ReadStatus.GONE)):
                tx.source_log.add_poll(poll)
            assert tx.source_log.polls_of("arxiv", 2) == [polls[2], polls[1]]
            assert tx.source_log.polls_of("other", 2) == [Poll(source="other", at=NOW, status=ReadStatus.GONE)]

    def test_a_poll_that_brought_something_is_told_from_those_that_did_not(self, store: Store) -> None:
        with store.transaction() as tx:
            assert (tx.source_log.newest_poll(), tx.source_log.polls_brought(0)) == (0, False)
            tx.source_log.add_poll(Poll(source="arxiv", at=NOW, status=ReadStatus.OK, got=3))
            first = tx.source_log.newest_poll()
            tx.source_log.add_poll(Poll(source="arxiv", at=NOW, status=ReadStatus.UNCHANGED))
            assert tx.source_log.newest_poll() > first
            assert (tx.source_log.polls_brought(first - 1), tx.source_log.polls_brought(first)) == (True, False)

    def test_polls_of_one_instant_come_last_written_first(self, store: Store) -> None:
        with store.transaction() as tx:
            for got in range(3):
                tx.source_log.add_poll(Poll(source="arxiv", at=NOW, status=ReadStatus.OK, got=got))
            assert [p.got for p in tx.source_log.polls_of("arxiv", 9)] == [2, 1, 0]

    def test_a_reply_comes_back_whole(self, store: Store) -> None:
        body = bytes(range(256)) * 40
        with store.transaction() as tx:
            sha = tx.source_log.keep_reply("arxiv", reply(body))
            assert sha == sha256(body).hexdigest()
            assert list(tx.source_log.replies()) == [(sha, "arxiv", reply(body))]

    def test_the_same_bytes_of_the_same_source_are_kept_once(self, store: Store) -> None:
        with store.transaction() as tx:
            first = tx.source_log.keep_reply("arxiv", reply())
            assert tx.source_log.keep_reply("arxiv", reply(fetched=NOW + HOUR)) == first
            assert [(source, r.fetched) for _, source, r in tx.source_log.replies()] == [("arxiv", NOW)]

    def test_the_same_bytes_of_two_sources_are_both_kept(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.source_log.keep_reply("arxiv", reply()) == tx.source_log.keep_reply("daily", reply())
            assert {source for _, source, _ in tx.source_log.replies()} == {"arxiv", "daily"}

    def test_replies_come_oldest_first(self, store: Store) -> None:
        with store.transaction() as tx:
            for hour in (2, 0, 1):
                tx.source_log.keep_reply("arxiv", reply(b"%d" % hour, NOW + hour * HOUR))
            assert [r.body for _, _, r in tx.source_log.replies()] == [b"0", b"1", b"2"]

    def test_replies_may_be_read_while_entries_are_written(self, store: Store) -> None:
        with store.transaction() as tx:
            for hour in range(3):
                tx.source_log.keep_reply("arxiv", reply(b"%d" % hour, NOW + hour * HOUR))
            for _, source, response in tx.source_log.replies():
                tx.source_log.keep_reply(source, replace(response, body=response.body + b"!", fetched=NOW + DAY))
            assert len(list(tx.source_log.replies())) == 6

    def test_a_free_lease_is_taken(self, store: Store) -> None:
        with store.transaction() as tx:
            assert take(tx, "a") is None
            assert tx.leases.lease_holder("host", NOW) == "a"

    def test_a_taken_lease_says_when_to_ask_again(self, store: Store) -> None:
        with store.transaction() as tx:
            take(tx, "a")
            assert take(tx, "b") == NOW + MINUTE
            assert tx.leases.lease_holder("host", NOW) == "a"

    def test_its_holder_takes_a_lease_again_for_longer(self, store: Store) -> None:
        with store.transaction() as tx:
            take(tx, "a")
            assert take(tx, "a", lease=HOUR) is None
            assert take(tx, "b") == NOW + HOUR

    def test_a_lease_that_is_over_is_anybodys(self, store: Store) -> None:
        with store.transaction() as tx:
            take(tx, "a")
            assert tx.leases.lease_holder("host", NOW + MINUTE) == ""
            assert take(tx, "b", now=NOW + MINUTE) is None

    def test_a_lease_that_is_given_back_is_free_from_then_on(self, store: Store) -> None:
        with store.transaction() as tx:
            take(tx, "a", lease=HOUR)
            tx.leases.give_back_lease("host", owner="a", next_at=NOW + MINUTE)
            assert tx.leases.lease_holder("host", NOW) == ""
            assert take(tx, "b") == take(tx, "a") == NOW + MINUTE
            assert take(tx, "b", now=NOW + MINUTE) is None

    def test_nobody_gives_back_the_lease_of_another(self, store: Store) -> None:
        with store.transaction() as tx:
            take(tx, "a", lease=HOUR)
            tx.leases.give_back_lease("host", owner="b", next_at=NOW)
            assert tx.leases.lease_holder("host", NOW) == "a"
            assert take(tx, "b") == NOW + HOUR

    def test_leases_of_other_names_are_free(self, store: Store) -> None:
        with store.transaction() as tx:
            take(tx, "a")
            assert tx.leases.take_lease("other", owner="b", now=NOW, lease=MINUTE) is None
            assert tx.leases.lease_holder("nobody's", NOW) == ""

    def test_nobody_takes_what_is_postponed_before_its_time(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.leases.postpone_lease("host", until=NOW + HOUR)
            assert take(tx, "a") == NOW + HOUR
            assert tx.leases.lease_holder("host", NOW) == ""
            assert take(tx, "a", now=NOW + HOUR) is None

    def test_until_when_a_lease_is_postponed_is_known_without_taking_it(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.leases.postpone_lease("host", until=NOW + HOUR)
        with store.reading() as tx:
            assert tx.leases.postponed_until("host", NOW) == NOW + HOUR
            assert tx.leases.postponed_until("host", NOW + HOUR) is None
            assert tx.leases.postponed_until("other", NOW) is None

    def test_of_two_postponements_the_later_holds(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.leases.postpone_lease("host", until=NOW + HOUR)
            tx.leases.postpone_lease("host", until=NOW + MINUTE)
            assert take(tx, "a") == NOW + HOUR

    def test_a_postponement_outlasts_the_turn_that_heard_it(self, store: Store) -> None:
        with store.transaction() as tx:
            take(tx, "a")
            tx.leases.postpone_lease("host", until=NOW + HOUR)
            tx.leases.give_back_lease("host", owner="a", next_at=NOW + MINUTE)
            assert take(tx, "b") == NOW + HOUR

    def test_a_server_nobody_spoke_to_has_no_failures(self, store: Store) -> None:
        with store.reading() as tx:
            assert tx.breakers.breaker_of("smtp") == Breaker()

    def test_the_breaker_stands_as_it_was_set_last(self, store: Store) -> None:
        with store.transaction() as tx:
            down = Breaker(
                failures=5, open_until=NOW + HOUR, fault=Fault.ACCOUNT, text="auth: 535 no", since=NOW, suspect=7
            )
            tx.breakers.set_breaker("smtp", down)
            tx.breakers.set_breaker("other", Breaker(failures=1))
            assert tx.breakers.breaker_of("smtp") == down
            tx.breakers.set_breaker("smtp", Breaker())
            assert tx.breakers.breaker_of("smtp") == Breaker()

    def test_the_sites_rules_have_a_history(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.site.sync_rules({"a": "one", "b": "two"}, now=NOW)
            tx.site.sync_rules({"a": "one", "b": "three"}, now=NOW + DAY)
            tx.site.sync_rules({"b": "three"}, now=NOW + 2 * DAY)
            days = (NOW - DAY, NOW, NOW + DAY, NOW + 3 * DAY)
            assert [tx.site.rules_at(day) for day in days] == [
                {}, {"a": "one", "b": "two"}, {"a": "one", "b": "three"}, {"b": "three"},
            ]  # fmt: skip

    def test_a_line_of_a_listing_day_comes_back_whole_and_the_next_replaces_it(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.source_log.put_listings([LISTED, replace(LISTED, part="cs.AI")])
            tx.source_log.put_listings([replace(LISTED, got=("1", "2"), tries=2)])
            assert tx.source_log.listings(since=LISTED.day) == [
                replace(LISTED, part="cs.AI"), replace(LISTED, got=("1", "2"), tries=2),
            ]  # fmt: skip

    def test_listing_days_are_found_by_source_and_since_a_day(self, store: Store) -> None:
        later = replace(LISTED, day=LISTED.day + DAY, changed=None, checked=None, expected=None)
        with store.transaction() as tx:
            tx.source_log.put_listings([later, LISTED, replace(LISTED, source="daily")])
            assert tx.source_log.listings(since=LISTED.day, source="arxiv") == [LISTED, later]
            assert tx.source_log.listings(since=later.day) == [later]

    def test_the_first_poll_is_the_oldest_line(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.source_log.first_poll_of("arxiv") is None
            for hour in (3, 1, 2):
                tx.source_log.add_poll(Poll(source="arxiv", at=NOW + hour * HOUR, status=ReadStatus.OK))
            assert tx.source_log.first_poll_of("arxiv") == NOW + HOUR

    def test_a_mark_is_the_last_moment_said(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.site.timestamp("restored") is None
            assert tx.site.note("restored") is None
            tx.site.set_note("restored", at=NOW, text="some words")
            assert (tx.site.note("restored").text, tx.site.timestamp("restored")) == ("some words", NOW)  # type: ignore[union-attr]  # it is there
            tx.site.remove_note("restored")
            assert tx.site.timestamp("restored") is None
            tx.site.set_timestamp("restored", at=NOW)
            tx.site.set_timestamp("restored", at=NOW + DAY)
            assert tx.site.timestamp("restored") == NOW + DAY
