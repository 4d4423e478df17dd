"""What `store.FullText` promises: whatever a rule is true for is found by what the rule needs."""

from __future__ import annotations

from dataclasses import replace

from digestbot.model import Paper, PaperId
from digestbot.rules import parse
from digestbot.rules.index.fulltext_query import FulltextQuery, fulltext_query
from digestbot.store import NewPaper, Store, Transaction
from digestbot.testing.store.values import HOUR, MANY, NOW, Contract, create


def put(tx: Transaction, *papers: Paper) -> list[PaperId]:
    """Store papers and index them."""
    made = tx.papers.add_papers([NewPaper(paper, (), NOW) for paper in papers])
    while tx.full_text.index_papers(MANY):
        pass
    return made


def found(tx: Transaction, rule: str, *, before: PaperId | None = None, most: int = 10) -> list[PaperId]:
    """The ids that a query finds, in its order."""
    papers = tx.full_text.search_papers(fulltext_query(parse(rule).tree), before=before, most=most)
    return [paper.id for paper in papers if paper.id is not None]


def need_of(rule: str) -> FulltextQuery:
    """What the rule needs."""
    need = fulltext_query(parse(rule).tree)
    assert need is not None
    return need


class FullTextContract(Contract):
    """What full-text search promises."""

    def test_papers_are_found_by_their_words_newest_first(self, store: Store) -> None:
        with store.transaction() as tx:
            first, other, last = put(
                tx,
                Paper(title="Flow Matching", public_id="1"),
                Paper(title="Whales", public_id="2"),
                Paper(summary="Flows match.", public_id="3"),
            )
            assert found(tx, "flow") == [last, first]
            assert found(tx, "whale") == [other]
            assert found(tx, "ti:flow") == [first]
            assert found(tx, "match*") == [last, first]

    def test_a_page_begins_below_an_id_and_ends_when_it_is_full(self, store: Store) -> None:
        with store.transaction() as tx:
            made = put(tx, *(Paper(title="Flow", public_id=f"{n}") for n in range(5)))
            assert found(tx, "flow", most=2) == [made[4], made[3]]
            assert found(tx, "flow", before=made[3], most=2) == [made[2], made[1]]

    def test_what_a_rule_cannot_tell_from_words_narrows_nothing(self, store: Store) -> None:
        with store.transaction() as tx:
            made = put(tx, Paper(title="Flow", public_id="1"), Paper(title="Whale", public_id="2"))
            assert found(tx, "-flow") == found(tx, "upvotes:>3 OR flow") == [made[1], made[0]]

    def test_a_changed_paper_is_found_by_its_new_words_once_it_is_indexed(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = put(tx, Paper(title="Flow", public_id="1"))
            tx.papers.update_paper(replace(tx.papers.papers_by_id([made])[made], title="Whale"))
            assert tx.full_text.is_behind()
            assert tx.full_text.index_papers(10) == 1
            assert not tx.full_text.is_behind()
            assert tx.full_text.index_papers(10) == 0
            assert found(tx, "whale") == [made]

    def test_other_fields_are_told_apart(self, store: Store) -> None:
        with store.transaction() as tx:
            [made, _] = put(
                tx,
                Paper(title="A", authors=("Łukasz Kaiser",), categories=("cs.CV",), public_id="1",
                      identifiers={"doi": "10.5/a'b\\c"}, venue="Nature"),
                Paper(title="Kaiser, cs.CV and Nature", public_id="2"),
            )  # fmt: skip
            for rule in ("au:kaiser", 'au:"L Kaiser"', "cat:cs.*", "doi:10.5/a'b\\c", "has:doi", "venue:nature"):
                assert found(tx, rule) == [made], rule

    def test_merged_papers_are_left_out(self, store: Store) -> None:
        with store.transaction() as tx:
            kept, lost = create(tx, 1, 2)
            tx.papers.merge_papers(lost, kept, reason="same", now=NOW)
            tx.full_text.index_papers(10)
            assert found(tx, "paper") == [kept]

    def test_a_word_longer_than_any_index_takes_is_found(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = put(tx, Paper(title="x" * 5000, summary="of the " * 20_000, public_id="1"))
            assert found(tx, '"of the"') == [made]
            assert found(tx, "x" * 300) == [made]  # narrowed no further than to its beginning

    def test_papers_of_a_span_are_found_by_their_words_oldest_first(self, store: Store) -> None:
        need = fulltext_query(parse("flow").tree)
        with store.transaction() as tx:
            early, first, _, last = put(
                tx,
                Paper(title="Flow, early", public_id="1"),
                Paper(title="Flow Matching", public_id="2"),
                Paper(title="Whales", public_id="3"),
                Paper(summary="Flows match.", title="On", public_id="4"),
            )
            assert [p.id for p in tx.full_text.papers_with(need, NOW - HOUR, NOW)] == [early, first, last]
            assert tx.full_text.papers_with(need, NOW, NOW + HOUR) == []
            [late] = tx.papers.add_papers([NewPaper(Paper(title="Flow, late", public_id="5"), (), NOW + HOUR)])
            assert [p.id for p in tx.full_text.papers_with(need, NOW, NOW + HOUR)] == [late]
            every = tx.papers.papers_seen_between(NOW - HOUR, NOW + HOUR)
            assert tx.full_text.papers_with(None, NOW - HOUR, NOW + HOUR) == every

    def test_what_waits_to_be_indexed_may_be_meant(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = put(tx, Paper(title="Whale", public_id="1"))
            tx.papers.update_paper(replace(tx.papers.papers_by_id([made])[made], title="Flow"))
            [new] = tx.papers.add_papers([NewPaper(Paper(title="Flow", public_id="2"), (), NOW)])
            need = fulltext_query(parse("flow").tree)
            assert [p.id for p in tx.full_text.papers_with(need, NOW - HOUR, NOW)] == [made, new]

    def test_a_part_of_a_span_is_read_and_the_rest_of_it_counted(self, store: Store) -> None:
        with store.transaction() as tx:
            made = put(
                tx,
                Paper(title="Flow matching", categories=("cs.CV",), public_id="1"),
                Paper(title="A whale", summary="Its flows.", categories=("cs.CV",), public_id="2"),
                Paper(title="A whale song", public_id="3"),
                Paper(title="On krill", public_id="4"),
            )
            flow, whale, seen, both = (need_of(rule) for rule in ("flow", "whale", "cat:cs.cv", '"whale song"'))
            part = tx.full_text.part_of(flow, [flow, whale, seen, both], NOW - HOUR, NOW, besides=[made[3]])
            assert [p.id for p in part.papers] == [made[0], made[1], made[3]]
            assert (part.total, list(part.counts), part.uncounted) == (4, [2, 2, 2, 1], frozenset())
            assert tx.full_text.part_of(flow, [whale], NOW, NOW + HOUR, besides=[made[3]]).total == 0

    def test_what_may_be_found_by_words_of_before_is_read_and_not_counted(self, store: Store) -> None:
        with store.transaction() as tx:
            once, again, waits, far = put(tx, *(Paper(title=f"Whale {n}", public_id=f"{n}") for n in range(4)))
            for number, title in ((once, ""), (again, "Krill"), (far, "Plankton")):
                had = tx.papers.papers_by_id([number])[number]
                tx.papers.update_paper(replace(had, title=title or had.title, venue="Nature"))
            while tx.full_text.index_papers(MANY):
                pass
            tx.papers.update_paper(replace(tx.papers.papers_by_id([waits])[waits], title="Flow"))
            part = tx.full_text.part_of(need_of("seal"), [need_of("whale")], NOW - HOUR, NOW, besides=[])
            assert {waits} <= {p.id for p in part.papers} <= {again, waits, far}  # PostgreSQL finds no words of before
            assert (part.total, list(part.counts)) == (4, [1])
            assert part.uncounted == {p.id for p in part.papers}
            assert [p.id for p in tx.papers.papers_seen_between(NOW - HOUR, NOW, newest=2)] == [waits, far]

    def test_a_paper_that_lost_a_word_stays_uncounted_however_often_it_is_written_again(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = put(tx, Paper(title="Whale", public_id="1"))
            for title in ("Krill", "Krill", "Krill"):
                tx.papers.update_paper(replace(tx.papers.papers_by_id([made])[made], title=title))
                tx.full_text.index_papers(MANY)
                part = tx.full_text.part_of(need_of("krill"), [need_of("whale")], NOW - HOUR, NOW, besides=[])
                assert (list(part.counts), part.uncounted) == ([0], frozenset({made}))
