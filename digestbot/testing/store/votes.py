"""What `store.Votes` promises: one vote of each person for each paper, the newest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from digestbot.model import Namesake, PaperId, Subscriber, Vote
from digestbot.papers.facts.events import EventKind
from digestbot.store import Event, Pick, Store
from digestbot.testing.store.values import DAY, HOUR, MANY, MINUTE, NOW, Contract, carried, create, ident, join


def vote(subscriber: Subscriber, paper: PaperId, **change: Any) -> Vote:
    """A vote as the link of a mail makes it: liked, now."""
    values: dict[str, Any] = {"subscriber": ident(subscriber), "paper": paper, "value": 1, "at": NOW, "via": "mail"}
    return Vote(**values | change)


def said_of(subscriber: Subscriber, paper: PaperId, **change: Any) -> Namesake:
    """A word on a namesake: it is them, now."""
    values: dict[str, Any] = {
        "subscriber": ident(subscriber),
        "person": "jane doe",
        "paper": paper,
        "same": True,
        "at": NOW,
    }
    return Namesake(**values | change)


class VotesContract(Contract):
    """Votes, and what becomes of them when papers are merged."""

    def test_votes_come_back_newest_first_and_are_each_persons_own(self, store: Store) -> None:
        with store.transaction() as tx:
            (ada, bo), (one, two) = join(tx, "ada", "bo"), create(tx, 1, 2)
            old, new = vote(ada, one), vote(ada, two, value=-1, at=NOW + MINUTE, via="library")
            tx.votes.add_votes([old, new, vote(bo, one, value=-1)])
            assert tx.votes.votes_of(ident(ada)) == [new, old]

    def test_what_was_said_of_namesakes_is_each_persons_own_and_the_last_word_holds(self, store: Store) -> None:
        with store.transaction() as tx:
            (ada, bo), (one, two) = join(tx, "ada", "bo"), create(tx, 1, 2)
            last = [
                said_of(ada, one, same=False, at=NOW + MINUTE),
                said_of(ada, two),
                said_of(ada, one, person="max roe"),
            ]
            for said in (said_of(ada, one), *last, said_of(bo, one)):
                tx.votes.put_namesake(said)
            assert tx.votes.namesakes_of([ident(ada)]) == {ident(ada): last}
            assert set(tx.votes.namesakes_of([ident(ada), ident(bo)])) == {ident(ada), ident(bo)}
            assert tx.votes.namesakes_of([]) == {}

    def test_what_was_said_of_a_merged_paper_is_said_of_its_survivor(self, store: Store) -> None:
        with store.transaction() as tx:
            (ada, bo), (loser, survivor) = join(tx, "ada", "bo"), create(tx, 1, 2)
            tx.votes.put_namesake(said_of(ada, loser))
            tx.votes.put_namesake(said_of(bo, loser))
            tx.votes.put_namesake(said_of(bo, survivor, same=False))
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            tx.votes.put_namesake(said_of(ada, loser, person="max roe"))
            found = tx.votes.namesakes_of([ident(ada), ident(bo)])
            assert found[ident(ada)] == [said_of(ada, survivor), said_of(ada, survivor, person="max roe")]
            assert found[ident(bo)] == [said_of(bo, survivor, same=False)]

    def test_of_a_paper_that_is_not_there_nothing_is_said(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada] = join(tx, "ada")
            tx.votes.put_namesake(said_of(ada, PaperId(99)))
            assert tx.votes.namesakes_of([ident(ada)]) == {}

    def test_what_somebody_said_of_namesakes_goes_with_them(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada], [one] = join(tx, "ada"), create(tx, 1)
            tx.votes.put_namesake(said_of(ada, one))
            tx.people.erase_person(ident(ada), now=NOW)
            assert tx.votes.namesakes_of([ident(ada)]) == {}

    def test_of_two_votes_for_one_paper_the_newest_counts(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada], [one] = join(tx, "ada"), create(tx, 1)
            tx.votes.add_votes([vote(ada, one)])
            tx.votes.add_votes([vote(ada, one, value=-1, at=NOW + DAY, via="web"), vote(ada, one, at=NOW - DAY)])
            assert tx.votes.votes_of(ident(ada)) == [vote(ada, one, value=-1, at=NOW + DAY, via="web")]

    def test_of_two_votes_at_one_instant_the_later_word_counts(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada], [one] = join(tx, "ada"), create(tx, 1)
            tx.votes.add_votes([vote(ada, one), vote(ada, one, value=-1)])
            assert [v.value for v in tx.votes.votes_of(ident(ada))] == [-1]

    def test_likes_of_papers_to_which_something_happened_are_found_and_no_others(self, store: Store) -> None:
        with store.transaction() as tx:
            (ada, bo), (one, two, three) = join(tx, "ada", "bo"), create(tx, 1, 2, 3)
            for paper, kind in ((one, EventKind.RETRACTED), (two, EventKind.CODE), (three, EventKind.RETRACTED)):
                tx.papers.add_event(Event(paper=paper, kind=kind, key=kind.value, at=NOW))
            liked = vote(ada, one, via="library")
            tx.votes.add_votes([liked, vote(ada, two), vote(ada, three, value=-1)])
            found = tx.votes.liked_with_events([ident(ada), ident(bo)], [EventKind.RETRACTED])
            assert found == {ident(ada): [liked]}
            assert [e.paper for e in tx.papers.events_of([one, two], [EventKind.RETRACTED])] == [one]

    def test_a_vote_can_be_taken_back(self, store: Store) -> None:
        with store.transaction() as tx:
            (ada, bo), [one] = join(tx, "ada", "bo"), create(tx, 1)
            tx.votes.add_votes([vote(ada, one), vote(bo, one)])
            assert tx.votes.remove_vote(ident(ada), one)
            assert not tx.votes.remove_vote(ident(ada), one)
            assert (len(tx.votes.votes_of(ident(ada))), len(tx.votes.votes_of(ident(bo)))) == (0, 1)

    def test_many_votes_are_put_at_once(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada], papers = join(tx, "ada"), create(tx, *range(1, MANY + 1))
            tx.votes.add_votes(vote(ada, paper, via="library") for paper in papers)
            assert len(tx.votes.votes_of(ident(ada))) == MANY

    def test_a_vote_for_a_paper_that_is_not_there_is_passed_over(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada] = join(tx, "ada")
            tx.votes.add_votes([vote(ada, PaperId(7))])
            assert tx.votes.votes_of(ident(ada)) == []

    def test_merging_moves_the_votes(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada], (survivor, loser) = join(tx, "ada"), create(tx, 1, 2)
            tx.votes.add_votes([vote(ada, loser)])
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            assert tx.votes.votes_of(ident(ada)) == [vote(ada, survivor)]

    def test_where_both_had_a_vote_the_newer_one_counts(self, store: Store) -> None:
        with store.transaction() as tx:
            (ada, bo), (survivor, loser) = join(tx, "ada", "bo"), create(tx, 1, 2)
            older, newer = {"value": 1, "at": NOW - DAY}, {"value": -1, "at": NOW}
            tx.votes.add_votes([vote(ada, survivor, **older), vote(ada, loser, **newer)])
            tx.votes.add_votes([vote(bo, survivor, **newer), vote(bo, loser, **older)])
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            assert tx.votes.votes_of(ident(ada)) == [vote(ada, survivor, **newer)]
            assert tx.votes.votes_of(ident(bo)) == [vote(bo, survivor, **newer)]

    def test_a_vote_for_a_merged_paper_is_its_survivors(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada], (survivor, loser) = join(tx, "ada"), create(tx, 1, 2)
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            tx.votes.add_votes([vote(ada, loser)])
            assert tx.votes.votes_of(ident(ada)) == [vote(ada, survivor)]
            assert tx.votes.remove_vote(ident(ada), loser)

    def test_the_papers_of_many_people_come_at_once(self, store: Store) -> None:
        with store.transaction() as tx:
            (ada, bo, cy), (one, two) = join(tx, "ada", "bo", "cy"), create(tx, 1, 2)
            tx.votes.add_votes([vote(ada, one), vote(ada, two, at=NOW - DAY), vote(bo, two, value=-1)])
            found = tx.votes.voted_papers([ident(ada), ident(bo), ident(cy)])
            assert found == {ident(ada): {one: NOW, two: NOW - DAY}, ident(bo): {two: NOW}}

    def test_how_many_readers_like_a_paper_is_added_to_the_votes_of_services(self, store: Store) -> None:
        with store.transaction() as tx:
            (ada, bo, cy), paper = join(tx, "ada", "bo", "cy"), carried(tx, 1, "daily")
            [seen] = tx.papers.entries_of([paper])[paper]
            tx.papers.add_signals([(seen.id, {"upvotes": 41})], now=NOW)
            tx.votes.add_votes([vote(ada, paper), vote(bo, paper, value=-1), vote(cy, paper, via="library")])
            tx.votes.count_votes([paper], now=NOW)
            assert tx.papers.papers_by_id([paper])[paper].signals == {"upvotes": 42}
            tx.votes.remove_vote(ident(ada), paper)
            tx.votes.count_votes([paper], now=NOW + DAY)
            assert tx.papers.papers_by_id([paper])[paper].signals == {"upvotes": 41}
            assert tx.papers.signals_at(paper, NOW + HOUR) == {"upvotes": 42}


class PicksContract(Contract):
    """What curators chose."""

    def test_picks_come_in_the_order_they_were_made_and_the_later_word_counts(self, store: Store) -> None:
        with store.transaction() as tx:
            one, two = create(tx, 1, 2)
            first = Pick(day="2026-11-23", paper=two, by="Ada", why="reads well", at=NOW)
            for pick in (first, replace(first, paper=one, at=NOW + HOUR), replace(first, day="2026-11-22")):
                tx.picks.put_pick(pick)
            tx.picks.put_pick(replace(first, why="and is right"))
            assert [(p.paper, p.why) for p in tx.picks.picks_of(["2026-11-23"])] == [
                (two, "and is right"), (one, "reads well"),
            ]  # fmt: skip
            assert tx.picks.remove_pick("2026-11-23", two)
            assert not tx.picks.remove_pick("2026-11-23", two)

    def test_a_merged_papers_pick_is_its_survivors(self, store: Store) -> None:
        with store.transaction() as tx:
            survivor, loser = create(tx, 1, 2)
            tx.picks.put_pick(Pick(day="2026-11-23", paper=loser, by="Ada", at=NOW))
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            assert [p.paper for p in tx.picks.picks_of(["2026-11-23"])] == [survivor]
            assert tx.picks.remove_pick("2026-11-23", loser)
