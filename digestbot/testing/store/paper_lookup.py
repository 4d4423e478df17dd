"""What `store.PaperLookup` promises of words: a paper is found by what it has in common with a text, whatever came before."""

from __future__ import annotations

from digestbot.model import PaperId
from digestbot.papers.identity.blocking import LARGEST_BLOCK, SMALL_BLOCK, blocks, worth_comparing
from digestbot.papers.identity.title_features import TitleFeatures, features_of
from digestbot.store import Store, Transaction
from digestbot.testing.store.values import Contract, create

#: each shares the end of its title with all others, and no other key
CROWD = [f"Topic{n}x and instrument{n}y in a database management system" for n in range(3 * LARGEST_BLOCK)]


def shelved(tx: Transaction, *texts: TitleFeatures) -> list[PaperId]:
    """Store a paper for each of these texts."""
    papers = create(tx, *range(1, len(texts) + 1))
    tx.papers.add_texts(zip(papers, texts, strict=True))
    return papers


def crowd(count: int) -> list[TitleFeatures]:
    """Texts whose titles have one key in common, each with other authors."""
    return [
        features_of(title, (f"{chr(97 + n // 26)}{chr(97 + n % 26)}q Surname",))
        for n, title in enumerate(CROWD[:count])
    ]


class PaperLookupContract(Contract):
    """Texts under their blocks."""

    def test_a_paper_is_found_by_its_own_words_and_by_some_of_them(self, store: Store) -> None:
        with store.transaction() as tx:
            mine = features_of("Sparse attention over long proteins", ("Okafor, Ines",), 2026, "JMLR")
            [paper] = shelved(tx, mine)
            near = tx.papers.texts_near([features_of("Sparse attention over very long proteins")])
            assert list(near.texts) == [(mine, paper)]
            assert list(tx.papers.texts_near([features_of("Whale songs under arctic ice")]).texts) == []

    def test_one_text_is_found_with_all_papers_it_is_of(self, store: Store) -> None:
        with store.transaction() as tx:
            editorial = features_of("Notes from the editors of this volume")
            papers = shelved(tx, editorial, editorial)
            assert {paper for _, paper in tx.papers.texts_near([editorial]).texts} == set(papers)

    def test_under_each_block_stand_the_numbers_of_its_texts_in_order_and_who_signed_them(self, store: Store) -> None:
        with store.transaction() as tx:
            some = crowd(5)
            shelved(tx, *some)
            near = tx.papers.texts_near([some[0]])
            [shared] = [numbers for numbers in near.under.values() if len(numbers) > 1]
            assert list(shared) == sorted(one.number for one in some)
            assert {n: near.signers[n] for n in shared} == {one.number: one.signers for one in some}

    def test_asked_for_many_at_once_it_finds_what_it_finds_for_each_alone(self, store: Store) -> None:
        with store.transaction() as tx:
            some = crowd(2 * SMALL_BLOCK)
            shelved(tx, *some)
            together, alone = tx.papers.texts_near(some), [tx.papers.texts_near([one]) for one in some]
            assert {known for known, _ in together.texts} == {known for near in alone for known, _ in near.texts}
            for one in some:
                found = worth_comparing(
                    [together.under.get(key, ()) for key in blocks(one)], together.signers, one.signers
                )
                assert found == {known.number for known, _ in tx.papers.texts_near([one]).texts}

    def test_of_a_block_that_overflows_the_smallest_numbers_stay(self, store: Store) -> None:
        with store.transaction() as tx:
            some = crowd(len(CROWD))
            shelved(tx, *some)
            [shared] = [numbers for numbers in tx.papers.texts_near([some[0]]).under.values() if len(numbers) > 1]
            assert list(shared) == sorted(one.number for one in some)[: len(shared)]
            assert LARGEST_BLOCK <= len(shared) <= 2 * LARGEST_BLOCK

    def test_refiled_a_paper_is_found_by_its_new_words_and_keys_only(self, store: Store) -> None:
        with store.transaction() as tx:
            old, new = features_of("Sparse attention over long proteins"), features_of("Whale songs under arctic ice")
            [paper] = shelved(tx, old)
            tx.papers.replace_keys(paper, keys=[("doi", "10.1/x")], words=[new])
            assert list(tx.papers.texts_near([old]).texts) == []
            assert list(tx.papers.texts_near([new]).texts) == [(new, paper)]
            assert tx.papers.identifiers_of([paper]) == {paper: [("doi", "10.1/x")]}
