"""What `store.Enrichments` promises: what is missing is asked first, what was sent is followed; and `store.Vectors`: one code a paper."""

from __future__ import annotations

from digestbot.model import PaperId, Vote
from digestbot.store import Enrichment, Store, Transaction
from digestbot.store.contract.enrichments import DONE, GIVEN_UP, KEPT, WANTED, WATCHED
from digestbot.testing.store.values import DAY, HOUR, NOW, Contract, create, digest, ident, join


def sent(tx: Transaction, *numbers: int) -> list[PaperId]:
    """Papers with an arXiv id that a reader was sent now."""
    [someone] = join(tx, "reader")
    made = [create(tx, n, keys=[("arxiv", f"2611.{n:05}")])[0] for n in numbers]
    tx.slots.add_digest(digest(someone, *made))
    return made


class EnrichmentsContract(Contract):
    """One row for each paper and provider."""

    def test_what_is_wanted_is_due_at_once(self, store: Store) -> None:
        with store.transaction() as tx:
            one, two = create(tx, 1, 2)
            tx.enrichments.want_papers([two, one, one], "arxiv", now=NOW)
            due = tx.enrichments.due_rows("arxiv", NOW, 10)
            assert due == [Enrichment(paper=p, provider="arxiv", next_at=NOW) for p in (one, two)]
            assert tx.enrichments.due_rows("crossref", NOW, 10) == []

    def test_wanting_again_changes_nothing(self, store: Store) -> None:
        with store.transaction() as tx:
            [one] = create(tx, 1)
            row = Enrichment(paper=one, provider="arxiv", state=GIVEN_UP, tries=5, next_at=NOW)
            tx.enrichments.write_rows([row])
            tx.enrichments.want_papers([one], "arxiv", now=NOW + DAY)
            assert tx.enrichments.rows_of(one) == [row]

    def test_what_is_wanted_comes_before_what_is_watched_and_the_longest_due_first(self, store: Store) -> None:
        with store.transaction() as tx:
            made = create(tx, 1, 2, 3, 4)
            states = ((WATCHED, NOW - DAY), (WANTED, NOW - HOUR), (WANTED, NOW - DAY), (WANTED, NOW + HOUR))
            rows = [
                Enrichment(paper=p, provider="arxiv", state=s, next_at=at)
                for p, (s, at) in zip(made, states, strict=True)
            ]
            tx.enrichments.write_rows(rows)
            assert [r.paper for r in tx.enrichments.due_rows("arxiv", NOW, 10)] == [made[2], made[1], made[0]]
            assert [r.paper for r in tx.enrichments.due_rows("arxiv", NOW, 1)] == [made[2]]

    def test_papers_that_somebody_has_keep_a_third_of_the_places(self, store: Store) -> None:
        with store.transaction() as tx:
            made = create(tx, *range(1, 9))
            tx.enrichments.write_rows(
                Enrichment(paper=p, provider="arxiv", state=KEPT if at > 4 else WANTED, next_at=NOW)
                for at, p in enumerate(made)
            )
            states = [[r.state for r in tx.enrichments.due_rows("arxiv", NOW, most)] for most in (6, 7, 9)]
            assert states == [[WANTED] * 4 + [KEPT] * 2, [WANTED] * 5 + [KEPT] * 2, [WANTED] * 5 + [KEPT] * 3]

    def test_what_is_done_or_given_up_is_not_due(self, store: Store) -> None:
        with store.transaction() as tx:
            one, two = create(tx, 1, 2)
            tx.enrichments.want_papers([one, two], "arxiv", now=NOW)
            rows = tx.enrichments.due_rows("arxiv", NOW, 10)
            states = (DONE, GIVEN_UP)
            tx.enrichments.write_rows(
                Enrichment(paper=r.paper, provider="arxiv", state=s, next_at=NOW)
                for r, s in zip(rows, states, strict=True)
            )
            assert tx.enrichments.due_rows("arxiv", NOW + DAY, 10) == []

    def test_only_papers_that_were_sent_and_have_the_identifier_are_watched(self, store: Store) -> None:
        with store.transaction() as tx:
            one, two = sent(tx, 1, 2)
            create(tx, 3, keys=[("arxiv", "2611.00003")])
            assert tx.enrichments.watch_papers("arxiv", ["doi"], since=NOW - DAY, now=NOW, most=10) == 0
            assert tx.enrichments.watch_papers("arxiv", ["doi", "arxiv"], since=NOW - DAY, now=NOW, most=10) == 2
            assert [(r.paper, r.state) for r in tx.enrichments.due_rows("arxiv", NOW, 10)] == [
                (one, WATCHED),
                (two, WATCHED),
            ]

    def test_watching_begins_once_also_after_something_was_completed(self, store: Store) -> None:
        with store.transaction() as tx:
            one, two = sent(tx, 1, 2)
            tx.enrichments.write_rows([
                Enrichment(paper=one, provider="arxiv", state=DONE, next_at=NOW),
                Enrichment(paper=two, provider="arxiv", state=WANTED, next_at=NOW),
            ])  # fmt: skip
            assert tx.enrichments.watch_papers("arxiv", ["arxiv"], since=NOW - DAY, now=NOW, most=10) == 1
            assert tx.enrichments.watch_papers("arxiv", ["arxiv"], since=NOW - DAY, now=NOW, most=10) == 0
            assert [r.state for p in (one, two) for r in tx.enrichments.rows_of(p)] == [WATCHED, WANTED]

    def test_papers_of_before_are_not_watched(self, store: Store) -> None:
        with store.transaction() as tx:
            sent(tx, 1)
            assert tx.enrichments.watch_papers("arxiv", ["arxiv"], since=NOW, now=NOW, most=10) == 0

    def test_a_merged_papers_rows_go_to_the_survivor(self, store: Store) -> None:
        with store.transaction() as tx:
            one, two = create(tx, 1, 2)
            tx.enrichments.want_papers([two], "arxiv", now=NOW)
            tx.papers.merge_papers(two, one, reason="same", now=NOW)
            assert [r.paper for r in tx.enrichments.due_rows("arxiv", NOW, 10)] == [one]

    def test_papers_that_somebody_has_are_kept_until_they_are(self, store: Store) -> None:
        with store.transaction() as tx:
            sent_one, sent_two = sent(tx, 1, 2)
            [liked], [nobodys] = (
                create(tx, 3, keys=[("arxiv", "2611.00003")]),
                create(tx, 4, keys=[("arxiv", "2611.00004")]),
            )
            [doi_only] = create(tx, 5, keys=[("doi", "10.5555/5")])
            someone = tx.people.all_people()[0].stored_id
            tx.votes.add_votes(
                Vote(subscriber=someone, paper=paper, value=1, at=NOW, via="library") for paper in (liked, doi_only)
            )
            assert tx.enrichments.unkept_papers("arxiv", ["arxiv"]) == [sent_one, sent_two, liked]
            states = ((sent_one, WATCHED), (sent_two, DONE), (liked, KEPT), (nobodys, WANTED))
            rows = [Enrichment(paper=p, provider="arxiv", state=s, asked=NOW, next_at=NOW) for p, s in states]
            tx.enrichments.write_rows(rows)
            assert tx.enrichments.unkept_papers("arxiv", ["arxiv"]) == [sent_two]
            assert tx.enrichments.unkept_papers("crossref", ["doi"]) == [doi_only]
            assert [r.paper for r in tx.enrichments.due_rows("arxiv", NOW, 10)] == [nobodys, sent_one, liked]
            assert tx.enrichments.rows_of_papers([liked, doi_only]) == {liked: [rows[2]]}


class VectorsContract(Contract):
    """What the sentence encoder made of papers."""

    def test_nothing_is_to_be_encoded_while_nobody_has_voted(self, store: Store) -> None:
        with store.transaction() as tx:
            create(tx, 1, 2)
            assert tx.vectors.papers_to_encode("small", since=NOW - DAY, most=9) == []

    def test_new_papers_and_voted_ones_are_encoded_newest_first_and_each_once(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada] = join(tx, "ada")
            (old, liked), (new,) = create(tx, 1, 2, seen=NOW - 9 * DAY), create(tx, 3)
            tx.votes.add_votes([Vote(subscriber=ident(ada), paper=liked, value=1, at=NOW, via="mail")])
            assert tx.vectors.papers_to_encode("small", since=NOW - DAY, most=9) == [new, liked]
            assert tx.vectors.papers_to_encode("small", since=NOW - DAY, most=1) == [new]
            assert tx.vectors.papers_to_encode("small", since=NOW - DAY, most=9, voted=False) == [new]
            tx.vectors.put_vectors("small", {new: b"one", old: b"two"})
            assert tx.vectors.papers_to_encode("small", since=NOW - DAY, most=9) == [liked]
            assert tx.vectors.vectors_of("small", [old, new, liked]) == {old: b"two", new: b"one"}
            assert tx.vectors.count_vectors("small") == 2

    def test_another_encoder_takes_the_place_of_the_one_before(self, store: Store) -> None:
        with store.transaction() as tx:
            (one,) = create(tx, 1)
            tx.vectors.put_vectors("small", {one: b"one", PaperId(one + 77): b"of no paper"})
            assert tx.vectors.vectors_of("large", [one]) == {}
            tx.vectors.put_vectors("large", {one: b"two"})
            assert tx.vectors.vectors_of("small", [one]) == {}
            assert tx.vectors.vectors_of("large", [one]) == {one: b"two"}

    def test_a_code_goes_with_its_age_but_for_what_somebody_voted_on(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada] = join(tx, "ada")
            (old, liked), (new,) = create(tx, 1, 2, seen=NOW - 9 * DAY), create(tx, 3)
            tx.votes.add_votes([Vote(subscriber=ident(ada), paper=liked, value=1, at=NOW, via="mail")])
            tx.vectors.put_vectors("small", dict.fromkeys((old, liked, new), b"one"))
            assert tx.vectors.delete_vectors(before=NOW - DAY) == 1
            assert set(tx.vectors.vectors_of("small", [old, liked, new])) == {liked, new}

    def test_a_merged_papers_code_is_its_survivors_where_that_has_none(self, store: Store) -> None:
        with store.transaction() as tx:
            survivor, loser, other = create(tx, 1, 2, 3)
            tx.vectors.put_vectors("small", {loser: b"loser", other: b"other"})
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            tx.papers.merge_papers(other, survivor, reason="same", now=NOW)
            assert tx.vectors.vectors_of("small", [survivor, loser, other]) == {survivor: b"loser"}
