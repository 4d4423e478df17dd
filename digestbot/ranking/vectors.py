"""Papers as vectors of words, authors and categories, and the background that says how common each of them is. Pure.

A feature is hashed to 16 bits: on the sets of `benchmarks/relevance` this costs no quality, and a vector stays small. Only
the strongest features of a paper are kept. Plain Python is enough: nothing has to be imported for people who never vote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import log, sqrt
from operator import itemgetter
from zlib import crc32

from digestbot.memo import remembered
from digestbot.model import Paper
from digestbot.rules.evaluation.suggest import EMPTY
from digestbot.rules.words.stemming import stem
from digestbot.rules.words.tokenizer import folded_words

SIZE = 1 << 16  #: different features
STRONGEST = 96  #: features of a paper that are kept
IN_TITLE = 2  #: times that a word of the title counts
AUTHORS = 12  #: of a paper; more are a collaboration
KEPT = 2048  #: papers whose features are counted once a round

Table = Sequence[float]  #: what a feature weighs that occurs so often, by `Background`'s numbers of such pairs


@dataclass(frozen=True, slots=True)
class Vector:
    """The strongest features of a paper, of length one.

    `look_up` takes from a table what all its features weigh there, at once: their sum, times `unit`, is the product of the vector
    and the table's weights, in a third of the time that multiplying takes.
    """

    features: tuple[int, ...]
    values: tuple[float, ...]
    look_up: Callable[[Table], tuple[float, ...]]
    unit: float

    def weight(self, table: Table) -> float:
        """What this paper weighs."""
        return sum(self.look_up(table)) * self.unit


def feature(name: str) -> int:
    """Returns the number of a word, `au:` author or `cat:` category; the same on every machine."""
    return crc32(name.encode("utf-8", "surrogatepass")) & (SIZE - 1)


def names_of(paper: Paper) -> Counter[str]:
    """Returns the features of a paper by name, with how often each occurs."""
    words: dict[str, int] = {}
    for text, times in ((paper.title, IN_TITLE), (paper.summary, 1)):
        for word, often in Counter(folded_words(text)).items():
            if len(word) > 1 and word not in EMPTY and not word.isdecimal():
                form = stem(word)
                words[form] = words.get(form, 0) + times * often
    found = Counter(words)
    found.update(f"au:{' '.join(folded_words(author))}" for author in paper.authors[:AUTHORS])
    found.update(f"cat:{category.casefold()}" for category in paper.categories)
    return found


def features_of(paper: Paper) -> Mapping[int, int]:
    """Returns the features of a paper by number, with how often each occurs. Counted once: a paper that is compared
    with others is mostly one of those that tell how common its features are."""
    return _features(paper.title, paper.summary, paper.authors, paper.categories)


@remembered(KEPT)
def _features(title: str, summary: str, authors: tuple[str, ...], categories: tuple[str, ...]) -> Mapping[int, int]:
    paper = Paper(title=title, summary=summary, authors=authors, categories=categories)
    return {feature(name): times for name, times in names_of(paper).items()}


class Background:
    """How common each feature is among papers from outside anybody's own stream; computed once for everybody.

    `papers` are best those of all sources: what only one reader's rules let through has their words in every paper.
    """

    def __init__(self, papers: Iterable[Paper]) -> None:
        self._counted = [features_of(paper) for paper in papers]
        self.count = len(self._counted)
        frequency = Counter(chain.from_iterable(self._counted))
        common = log(self.count + 1)
        self._rarest = common + 1
        self._idf = {one: common - log(papers_having + 1) + 1 for one, papers_having in frequency.items()}
        self._places: dict[tuple[int, int], int] = {}  # (feature, how often it occurs) → place in a table
        self._worth: dict[int, list[tuple[int, float]]] = {}  # feature → its places, with what it is worth there

    @cached_property
    def sample(self) -> list[Vector]:
        """The vectors of its papers. Rarity alone, which near-copies are told by, needs none of them."""
        return [self._vector(features) for features in self._counted]

    @cached_property
    def squares(self) -> list[float]:
        """Mean square of each feature's value."""
        squares = [0.0] * SIZE
        for vector in self.sample:
            for one, value in zip(vector.features, vector.values, strict=True):
                squares[one] += value * value / self.count
        return squares

    @cached_property
    def mean(self) -> dict[int, float]:
        """Mean of each feature's value."""
        mean: dict[int, float] = {}
        for vector in self.sample:
            for one, value in zip(vector.features, vector.values, strict=True):
                mean[one] = mean.get(one, 0.0) + value / self.count
        return mean

    def table(self, weights: Mapping[int, float]) -> Table:
        """The table for `Vector.weight` of the weights of features: for all vectors made so far, but for none made later."""
        made = [0.0] * self.places
        for one, weight in weights.items():
            for place, worth in self._worth.get(one, ()):
                made[place] = weight * worth
        return made

    def rarity(self, one: int) -> float:
        """How rare a feature is: more for rarer ones."""
        return self._idf.get(one, self._rarest)

    @property
    def places(self) -> int:
        """How long a table is now."""
        return len(self._places) + 1

    def vector(self, paper: Paper) -> Vector:
        """Returns the vector of a paper; about 0.1 ms."""
        return self._vector(features_of(paper))

    def _vector(self, features: Mapping[int, int]) -> Vector:
        idf, rarest = self._idf, self._rarest
        weighed = [((1 + log(times)) * idf.get(one, rarest), one) for one, times in features.items()]
        if len(weighed) > STRONGEST:
            weighed = sorted(weighed, reverse=True)[:STRONGEST]
        length = sqrt(sum(value * value for value, _ in weighed)) or 1.0
        places = [self._place(one, features[one], worth) for worth, one in weighed]
        return Vector(
            tuple(one for _, one in weighed), tuple(value / length for value, _ in weighed),
            itemgetter(*places, *[0] * (2 - min(2, len(places)))),  # of one place it would give no tuple
            1 / length,
        )  # fmt: skip

    def _place(self, one: int, times: int, worth: float) -> int:
        """Numbered as they come, the common ones first: so a table is short, and much of it stays near the processor."""
        place = self._places.get((one, times))
        if place is None:
            place = self._places[one, times] = len(self._places) + 1  # 0 weighs nothing
            self._worth.setdefault(one, []).append((place, worth))
        return place


def total(vectors: Sequence[Vector], into: dict[int, float], squares: dict[int, float]) -> None:
    """Adds up vectors, and the squares of their values."""
    for vector in vectors:
        for one, value in zip(vector.features, vector.values, strict=True):
            into[one] = into.get(one, 0.0) + value
            squares[one] = squares.get(one, 0.0) + value * value
