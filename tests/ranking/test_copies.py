"""Which papers are near-copies of each other."""

from __future__ import annotations

import random
from dataclasses import replace
from math import fsum

from digestbot.model import Paper, Standing
from digestbot.ranking.copies import NEAR, NearCopies
from digestbot.ranking.vectors import Background, Vector, feature, features_of, names_of
from digestbot.testing.builders import paper

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprstvz" for b in "aeiou" for c in "bdgkmnprt"]


def texts(count: int) -> list[Paper]:
    """Papers of which every other one takes a part of its words from the one before."""
    draw, made, last = random.Random(5), [], list[str]()
    for n in range(count):
        own = draw.sample(WORDS, 40)
        taken = draw.randint(10, 40) if n % 2 else 0
        last = last[:taken] + own[taken:]
        made.append(paper(n + 1, title=" ".join(last[:8]), summary=" ".join(last[8:]), authors=(f"Author {n}",)))
    return made


def cosine(one: Vector, other: Vector) -> float:
    values = dict(zip(one.features, one.values, strict=True))
    return fsum(v * values.get(f, 0.0) for f, v in zip(other.features, other.values, strict=True))


def test_they_are_exactly_the_pairs_of_that_cosine_in_whatever_order_one_asks() -> None:
    papers = texts(80)
    background = Background(papers)
    vectors = {p.stored_id: background.vector(p) for p in papers}
    wanted = {
        one: {other for other in vectors if other != one and cosine(vectors[one], vectors[other]) >= NEAR}
        for one in vectors
    }
    assert 20 < sum(map(len, wanted.values())) < 80
    for asked in (papers, papers[::-1]):
        copies = NearCopies(background.vector, background.rarity)
        for p in asked:
            copies.of(p)
        assert {p.stored_id: {*copies.of(p)} for p in papers} == wanted


def test_a_paper_of_which_only_the_title_is_known_is_nobodys_copy() -> None:
    papers = [paper(n, title="Flow matching on manifolds", summary="", authors=("A B",)) for n in (1, 2, 3)]
    background = Background(papers)
    copies = NearCopies(background.vector, background.rarity)
    assert [list(copies.of(p)) for p in papers] == [[], [], []]


def test_the_features_of_a_paper_are_counted_once_and_anew_once_its_words_change() -> None:
    one = texts(1)[0]
    counted = features_of(one)
    assert counted == {feature(name): times for name, times in names_of(one).items()}
    assert features_of(replace(one, standing=Standing.WITHDRAWN)) is counted
    changed = replace(one, summary="Others")
    assert features_of(changed) == {feature(name): times for name, times in names_of(changed).items()} != counted
