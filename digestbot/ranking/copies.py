"""Near-copies (for diversity): which papers are so like each other that a reader of one learns little from the other. Pure.

Two papers are near-copies when the cosine of their vectors is a half or more: on the sets of `benchmarks/relevance` keeping these
apart costs nothing. A paper of which little more than a title is known is nobody's near-copy.

Only papers that are asked about are compared, each once for all readers. The vectors have length one. A paper's
commonest features, cut where their part of the vector reaches length `REST`, add at most `REST` to a product. So two near-copies owe
at least `NEAR` less `REST` to the rarer features, which few papers share; only papers that share one are multiplied out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from math import fsum

from digestbot.model import Paper, PaperId
from digestbot.ranking.vectors import Vector

NEAR = 0.5  #: cosine
REST = 0.4  #: length of what is not compared at first: with more, more pairs are multiplied out; with less, more are looked at
FEWEST = 32  #: features without which a text is too short to tell


class NearCopies:
    """Finds the near-copies among the papers that are asked about."""

    def __init__(self, vector: Callable[[Paper], Vector], rarity: Callable[[int], float]) -> None:
        """`vector` of a paper, and how rare a feature is."""
        self._vector, self._rarity = vector, rarity
        self._near: dict[PaperId, list[PaperId]] = {}
        self._having: dict[int, list[tuple[PaperId, float]]] = {}  # a feature → papers that have it, rare
        self._vectors: dict[PaperId, Vector] = {}

    def of(self, paper: Paper) -> Collection[PaperId]:
        """The near-copies of a paper among all that were asked about before, and those asked about since."""
        number = paper.stored_id
        near = self._near.get(number)
        if near is None:
            near = self._near[number] = []
            vector = self._vector(paper)
            if len(vector.features) >= FEWEST:
                self._compare(number, vector)
        return near

    def _compare(self, number: PaperId, vector: Vector) -> None:
        values, rarer = dict(zip(vector.features, vector.values, strict=True)), self._rarer(vector)
        products: dict[PaperId, float] = {}
        for one, value in rarer:
            for other, theirs in self._having.setdefault(one, []):
                products[other] = products.get(other, 0.0) + value * theirs
            self._having[one].append((number, value))
        for other, product in products.items():
            if product >= NEAR - REST - 1e-6 and _cosine(self._vectors[other], values) >= NEAR:
                self._near[number].append(other)
                self._near[other].append(number)
        self._vectors[number] = vector

    def _rarer(self, vector: Vector) -> list[tuple[int, float]]:
        """The features, with their values, without which the rest of the vector is shorter than `REST`."""
        pairs = zip(vector.features, vector.values, strict=True)
        rest, rarer = 1.0, []
        for one, value in sorted(pairs, key=lambda pair: (-self._rarity(pair[0]), pair[0])):
            if rest < REST * REST - 1e-9:
                break
            rarer.append((one, value))
            rest -= value * value
        return rarer


def _cosine(vector: Vector, values: Mapping[int, float]) -> float:
    """Rounded once, so that it is the same whichever of the two was asked about first."""
    return fsum(v * values[f] for f, v in zip(vector.features, vector.values, strict=True) if f in values)
