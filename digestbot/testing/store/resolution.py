"""What `store.Papers` promises of entries: how they come in, wait, join a paper, and carry its signals."""

from __future__ import annotations

from digestbot.model import Link, LinkRel, PartialDate
from digestbot.store import Joined, Stage, Store
from digestbot.testing.store.values import (
    HOUR,
    MANY,
    MINUTE,
    NOW,
    Contract,
    add,
    carried,
    create,
    digest,
    entry,
    ident,
    join,
)

WHOLE = entry(
    summary="We do.\nIt works.",
    authors=("Ines Okafor", "李 明"),
    affiliations=("Lab",),
    categories=("cs.LG",),
    updated=PartialDate("2026-11-23T07:30:00Z"),
    announced=PartialDate("2026-11-23"),
    link="https://arxiv.org/abs/2611.00001",
    announce_type="cross",
    submitter="mei",
    links=(Link(LinkRel.PDF, "https://arxiv.org/pdf/2611.00001"),),
    signals={"upvotes": 3},
    venue="ICML",
    language="en",
    comment="Accepted",
    tldr="It works.",
    rights="CC0",
)


class ResolutionContract(Contract):
    """Entries, mentions, signals."""

    def test_an_entry_comes_back_with_everything_it_said(self, store: Store) -> None:
        with store.transaction() as tx:
            [number] = add(tx, WHOLE, source="daily")
            [found] = tx.papers.unresolved_entries(10)
            assert (found.id, found.source, found.entry, found.seen) == (number, "daily", WHOLE, NOW)

    def test_each_entry_gets_one_answer_in_order(self, store: Store) -> None:
        with store.transaction() as tx:
            numbers = add(tx, *(entry(n) for n in range(MANY)))
            found = {s.id: s.entry.title for s in tx.papers.unresolved_entries(MANY)}
            assert [found[n] for n in numbers] == [f"Paper {n}" for n in range(MANY)]

    def test_an_entry_is_fresh_the_first_time_only(self, store: Store) -> None:
        with store.transaction() as tx:
            [first] = tx.papers.add_entries("arxiv", [entry()], sha="1", now=NOW)
            [again] = tx.papers.add_entries("arxiv", [entry()], sha="2", now=NOW + HOUR)
            assert (first.fresh, first.known_key) == (True, False)
            assert again == (first.id, False, True)

    def test_an_entry_that_comes_again_keeps_when_it_was_first_seen(self, store: Store) -> None:
        with store.transaction() as tx:
            add(tx, entry())
            add(tx, entry(), now=NOW + HOUR)
            assert [s.seen for s in tx.papers.unresolved_entries(10)] == [NOW]

    def test_other_content_under_a_known_key_is_another_entry(self, store: Store) -> None:
        with store.transaction() as tx:
            [first] = tx.papers.add_entries("arxiv", [entry()], sha="1", now=NOW)
            [other] = tx.papers.add_entries("arxiv", [entry(comment="v2")], sha="2", now=NOW)
            assert other.id != first.id
            assert (other.fresh, other.known_key) == (True, True)

    def test_what_is_said_once_more_after_something_else_is_another_entry_by_choice(self, store: Store) -> None:
        with store.transaction() as tx:
            said = [
                tx.papers.add_entries("arxiv", [entry(comment=text)], sha="", now=NOW + at * HOUR, again=[0])[0]
                for at, text in enumerate(("", "", "fell", "fell", "", "", "fell", ""))
            ]
            assert [one.fresh for one in said] == [True, False, True, False, True, False, True, True]
            assert [said[n].id == said[n - 1].id for n in (1, 3, 5)] == [True] * 3
            assert len({one.id for one in said}) == 5
            [plain] = tx.papers.add_entries("arxiv", [entry(comment="fell")], sha="", now=NOW + 9 * HOUR)
            assert plain == (said[2].id, False, True)

    def test_votes_change_without_the_entry_changing(self, store: Store) -> None:
        with store.transaction() as tx:
            [first] = tx.papers.add_entries("arxiv", [entry(signals={"upvotes": 1})], sha="1", now=NOW)
            [again] = tx.papers.add_entries("arxiv", [entry(signals={"upvotes": 9})], sha="2", now=NOW)
            assert again == (first.id, False, True)

    def test_an_equal_entry_twice_in_one_call_is_stored_once(self, store: Store) -> None:
        with store.transaction() as tx:
            first, again = tx.papers.add_entries("arxiv", [entry(), entry()], sha="1", now=NOW)
            assert first.id == again.id
            assert (first.fresh, again.fresh) == (True, False)
            assert tx.papers.count_entries_and_papers()[0] == 1

    def test_the_same_words_of_two_sources_are_two_entries(self, store: Store) -> None:
        with store.transaction() as tx:
            add(tx, entry(), source="arxiv")
            [other] = tx.papers.add_entries("daily", [entry()], sha="1", now=NOW)
            assert (other.fresh, other.known_key) == (True, False)

    def test_no_entries_make_no_answers(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.papers.add_entries("arxiv", [], sha="1", now=NOW) == []

    def test_unresolved_entries_come_oldest_first(self, store: Store) -> None:
        with store.transaction() as tx:
            [late], early = add(tx, entry(1), now=NOW + HOUR), add(tx, entry(2), entry(3), now=NOW)
            assert [s.id for s in tx.papers.unresolved_entries(10)] == [*early, late]

    def test_no_more_unresolved_entries_than_asked_for(self, store: Store) -> None:
        with store.transaction() as tx:
            numbers = add(tx, *(entry(n) for n in range(5)))
            assert [s.id for s in tx.papers.unresolved_entries(3)] == numbers[:3]

    def test_entries_with_a_paper_wait_no_longer(self, store: Store) -> None:
        with store.transaction() as tx:
            carried(tx, 1, "arxiv")
            [waiting] = add(tx, entry(2))
            assert [s.id for s in tx.papers.unresolved_entries(10)] == [waiting]

    def test_entries_in_quarantine_wait_no_longer(self, store: Store) -> None:
        with store.transaction() as tx:
            bad, good = add(tx, entry(1), entry(2))
            tx.papers.quarantine_entry(bad, stage=Stage.RESOLVE, error="no title", now=NOW)
            tx.papers.quarantine_entry(bad, stage=Stage.RESOLVE, error="again", now=NOW)
            assert [s.id for s in tx.papers.unresolved_entries(10)] == [good]

    def test_a_mention_keeps_its_reason(self, store: Store) -> None:
        with store.transaction() as tx:
            [number], [made] = add(tx, entry()), create(tx, 1)
            tx.papers.add_mentions([Joined(number, made, "same arXiv id")])
            assert [(s.id, why) for s, why in tx.papers.mentions_of(made)] == [(number, "same arXiv id")]

    def test_a_later_mention_of_the_same_entry_replaces_the_first(self, store: Store) -> None:
        with store.transaction() as tx:
            [number], (wrong, right) = add(tx, entry()), create(tx, 1, 2)
            tx.papers.add_mentions([Joined(number, wrong, "by title")])
            tx.papers.add_mentions([Joined(number, right, "by hand")])
            assert tx.papers.mentions_of(wrong) == []
            assert [(s.id, why) for s, why in tx.papers.mentions_of(right)] == [(number, "by hand")]

    def test_mentions_come_oldest_first_then_by_id(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = create(tx, 1)
            late = add(tx, entry(1), now=NOW + HOUR)
            early = add(tx, entry(2), entry(3), now=NOW)
            tx.papers.add_mentions(Joined(n, made, "") for n in (*late, *reversed(early)))
            assert [s.id for s in tx.papers.entries_of([made])[made]] == [*early, *late]
            assert [s.id for s, _ in tx.papers.mentions_of(made)] == [*early, *late]

    def test_mentions_are_told_apart_by_paper(self, store: Store) -> None:
        with store.transaction() as tx:
            first, second = carried(tx, 1, "arxiv", "daily"), carried(tx, 2, "arxiv")
            found = tx.papers.entries_of([first, second])
            assert {p: [s.entry.title for s in given] for p, given in found.items()} == {
                first: ["Paper 1", "Paper 1"],
                second: ["Paper 2"],
            }

    def test_a_paper_has_the_newest_signal_of_its_source(self, store: Store) -> None:
        with store.transaction() as tx:
            made = carried(tx, 1, "daily")
            [home] = tx.papers.entries_of([made])[made]
            for hour, votes in enumerate((5, 41, 40)):
                tx.papers.add_signals([(home.id, {"upvotes": votes})], now=NOW + hour * HOUR)
            assert tx.papers.papers_by_id([made])[made].signals == {"upvotes": 40}

    def test_of_two_sources_the_larger_signal_counts(self, store: Store) -> None:
        with store.transaction() as tx:
            made = carried(tx, 1, "daily", "other")
            first, second = tx.papers.entries_of([made])[made]
            tx.papers.add_signals([(first.id, {"upvotes": 41})], now=NOW)
            tx.papers.add_signals([(second.id, {"upvotes": 7, "stars": 2})], now=NOW + HOUR)
            assert tx.papers.papers_by_id([made])[made].signals == {"upvotes": 41, "stars": 2}

    def test_signals_of_papers_at_a_moment_are_those_known_then(self, store: Store) -> None:
        with store.transaction() as tx:
            made, later = carried(tx, 1, "daily"), carried(tx, 2, "daily")
            for paper, hour, votes in ((made, 0, 5), (made, 2, 41), (later, 2, 7)):
                [home] = tx.papers.entries_of([paper])[paper]
                tx.papers.add_signals([(home.id, {"upvotes": votes})], now=NOW + hour * HOUR)
            assert tx.papers.signals_of_papers_at([made, later], NOW + HOUR) == {made: {"upvotes": 5}}
            assert tx.papers.signals_of_papers_at([], NOW + HOUR) == {}

    def test_signals_of_one_instant_count_by_the_later_word(self, store: Store) -> None:
        with store.transaction() as tx:
            made = carried(tx, 1, "daily")
            [home] = tx.papers.entries_of([made])[made]
            for votes in (5, 41):
                tx.papers.add_signals([(home.id, {"upvotes": votes})], now=NOW)
            assert tx.papers.papers_by_id([made])[made].signals == {"upvotes": 41}

    def test_signals_of_entries_without_a_paper_are_passed_over(self, store: Store) -> None:
        with store.transaction() as tx:
            [number], [made] = add(tx, entry()), create(tx, 1)
            tx.papers.add_signals([(number, {"upvotes": 5})], now=NOW)
            tx.papers.add_mentions([Joined(number, made, "")])
            assert tx.papers.papers_by_id([made])[made].signals == {}

    def test_signals_of_a_thousand_entries_are_kept_at_once(self, store: Store) -> None:
        with store.transaction() as tx:
            numbers, made = add(tx, *(entry(n) for n in range(MANY))), create(tx, *range(MANY))
            tx.papers.add_mentions(Joined(n, p, "") for n, p in zip(numbers, made, strict=True))
            tx.papers.add_signals(((n, {"upvotes": n}) for n in numbers), now=NOW)
            found = tx.papers.papers_by_id(made)
            assert [found[p].signals["upvotes"] for p in made] == numbers

    def test_forgetting_the_resolution_makes_all_entries_wait_again(self, store: Store) -> None:
        with store.transaction() as tx:
            carried(tx, 1, "arxiv")
            [bad] = add(tx, entry(2), now=NOW + MINUTE)
            tx.papers.quarantine_entry(bad, stage=Stage.RESOLVE, error="no title", now=NOW)
            tx.papers.forget_resolution()
            assert [s.entry.title for s in tx.papers.unresolved_entries(10)] == ["Paper 1", "Paper 2"]

    def test_forgetting_the_resolution_takes_mentions_and_keys_and_keeps_papers(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = create(tx, 1, keys=[("arxiv", "1")])
            tx.papers.add_mentions(Joined(n, made, "") for n in add(tx, entry()))
            tx.papers.forget_resolution()
            assert not tx.papers.entries_of([made]).get(made)
            assert tx.papers.papers_by_key([("arxiv", "1")]) == {}
            assert [s.home for s in tx.papers.unresolved_entries(10)] == [made]
            assert tx.papers.papers_by_id([made])[made].title == "Paper 1"

    def test_forgetting_the_resolution_keeps_what_was_shown(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], made = join(tx, "reader"), carried(tx, 1, "arxiv")
            tx.slots.add_digest(digest(someone, made))
            tx.papers.forget_resolution()
            assert [s.paper for s in tx.slots.shown_items([ident(someone)])[ident(someone)]] == [made]
