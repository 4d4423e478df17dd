"""A reader's own model: which words, authors and categories move a paper up or down, learnt from votes. Pure.

Learning to rank by relevance feedback, without a cold start: one vote is enough.

The weight of a feature is its mean in liked papers less a part of its mean in disliked ones, over the spread of its values: a
linear discriminant with a diagonal covariance. It is computed in one pass over the votes, and on the sets of
`benchmarks/relevance` it is level with a logistic regression at ten votes and above it at thirty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt, tanh
from statistics import fmean, pstdev

from digestbot.model import Paper
from digestbot.ranking.meaning import MEANT
from digestbot.ranking.vectors import Background, Table, Vector, feature, names_of, total
from digestbot.rules.words.stemming import stem
from digestbot.rules.words.tokenizer import words_of

#: weight of the mean of disliked papers: of few, of many, a half of the way
DISLIKES, MANY_DISLIKES, HALF_WAY = 0.25, 0.65, 40
UNVOTED = 0.1  #: and that of the background, while nothing was disliked
PRIOR = 10  #: votes that the background's spread counts for
MOST_VOTES = 400  #: of each sign, the last ones: interests change, and a library of thousands is no slower
SAID = 0.5  #: the least that meaning moved a paper, of a quarter of the way from other to liked ones, to be told
RECENT = 24  #: votes that say whether an interest has changed
EVIDENCE = 5  #: liked papers without which nothing is recommended that no rule brings
MOST_TRUST, HALF_TRUST = (
    0.85,
    1.5,
)  #: what the model weighs at most beside the rule's words, and after how many votes half of it


class Profile:
    """A fitted model. `score` is 0.5 for a paper between the liked and the disliked ones, towards 1 for a liked one."""

    def __init__(
        self,
        weights: Mapping[int, float],
        middle: float,
        scale: float,
        votes: int,
        background: Background,
        meant: float = 0.0,
    ) -> None:
        """`meant`: what one spread of meaning weighs."""
        self._weights, self._middle, self._scale, self.votes = weights, middle, scale, votes
        self._background, self._meant = background, meant
        self._made: Table = ()

    @property
    def _table(self) -> Table:
        """The weights as a table for all vectors there are by now."""
        if len(self._made) != self._background.places:
            self._made = self._background.table(self._weights)
        return self._made

    @classmethod
    def fit(cls, votes: Sequence[tuple[Paper, int]], background: Background | Iterable[Paper]) -> Profile:
        """Learns from votes, +1 or -1, the newest last. Background papers come from outside the reader's own stream."""
        known = background if isinstance(background, Background) else Background(background)
        vectors = [(known.vector(paper), value) for paper, value in votes]
        return cls.of_vectors(vectors, known)

    @classmethod
    def of_vectors(cls, votes: Sequence[tuple[Vector, int]], background: Background) -> Profile:
        """Learns from papers that are vectors already, the newest last."""
        return cls._fitted(in_force(votes, background), background)

    @classmethod
    def _fitted(cls, votes: Sequence[tuple[Vector, int]], background: Background) -> Profile:
        liked = [vector for vector, value in votes if value > 0][-MOST_VOTES:]
        disliked = [vector for vector, value in votes if value < 0][-MOST_VOTES:]
        up: dict[int, float] = {}
        down: dict[int, float] = {}
        squares: dict[int, float] = {}
        total(liked, up, squares)
        total(disliked, down, squares)
        many, few, count = max(1, len(liked)), max(1, len(disliked)), len(liked) + len(disliked)
        against = {} if disliked else background.mean
        dislikes = weight_of_dislikes(len(disliked))
        weights: dict[int, float] = {}
        for one, square in squares.items():
            spread = (square + background.squares[one] * PRIOR) / (count + PRIOR)
            mean = up.get(one, 0.0) / many - dislikes * down.get(one, 0.0) / few - UNVOTED * against.get(one, 0.0)
            weights[one] = mean / sqrt(spread + 1e-5)
        table = background.table(weights)
        made = cls(weights, *_scale(table, liked, disliked or background.sample[:300]), count, background)
        made._made = table
        return made

    def meaning(self, liked: float, others: float) -> Profile:
        """Returns the same model with what its reader's votes say of meaning: the mean value of liked papers, and of others."""
        meant = MEANT * pstdev(self.weighed(self._background.sample[:300])) if self._background.sample else 0.0
        middle = self._middle + meant * (liked + others) / 2
        scale = max(1e-6, self._scale + meant * (liked - others) / 4)
        return Profile(self._weights, middle, scale, self.votes, self._background, meant)

    @property
    def trust(self) -> float:
        """How much the model counts beside the rule: 0 without votes, a half after two or three, towards 0.85."""
        return MOST_TRUST * self.votes / (self.votes + HALF_TRUST)

    def score(self, papers: Iterable[Paper]) -> list[float]:
        """Returns a score from 0 to 1 for each paper, each made a vector first."""
        return self.score_vectors(map(self._background.vector, papers))

    def score_vectors(self, vectors: Iterable[Vector], meanings: Sequence[float] = ()) -> list[float]:
        """Returns a score from 0 to 1 for each vector; about a microsecond each. `meanings`: the value of each, if there are."""
        given = list(vectors)  # made before the table is
        table, middle, steep = self._table, self._middle, 0.5 / self._scale
        weights = [sum(v.look_up(table)) * v.unit for v in given]  # as `Vector.weight`, without the call
        if meanings:
            weights = [weight + self._meant * meaning for weight, meaning in zip(weights, meanings, strict=True)]
        return [
            0.5 + 0.5 * tanh((weight - middle) * steep) for weight in weights
        ]  # the logistic curve; never overflows

    def weighed(self, vectors: Iterable[Vector]) -> list[float]:
        """Returns what each vector weighs, on no scale: `between` makes one of two such values."""
        given = list(vectors)
        table = self._table
        return [vector.weight(table) for vector in given]

    def between(self, low: float, high: float) -> Profile:
        """Returns the same model with a scale on which what weighs `low` scores 0.1 and what weighs `high` 0.9."""
        return Profile(self._weights, (low + high) / 2, max(1e-6, (high - low) / 4), self.votes, self._background)

    def moved(self, paper: Paper, most: int = 4) -> list[tuple[str, float]]:
        """Returns what moved a paper most, as it is written there, with how far; below 0 is down."""
        parts = self._named(paper)
        strongest = sorted(((part, name) for part, name in parts if part), key=lambda p: (-abs(p[0]), p[1]))[:most]
        written = _written(paper)
        return [(written.get(name, name), part / self._scale) for part, name in strongest]

    def moved_by(self, paper: Paper, meaning: float = 0.0) -> str:
        """Returns what moved a paper, in words: `state space ▲, survey ▼`. `meaning`: the value of its meaning."""
        moved = [(name, part) for name, part in self.moved(paper)]
        if abs(part := meaning * self._meant / self._scale) >= SAID:
            moved.append(("the text as a whole", part))
        return ", ".join(f"{name} {'▲' if part > 0 else '▼'}" for name, part in moved)

    def _parts(self, vector: Vector) -> list[float]:
        """What each feature of a vector weighs in it."""
        one = [weight * vector.unit for weight in vector.look_up(self._table)]
        return one[: len(vector.features)]

    def strongest(self, papers: Iterable[Paper], most: int = 20) -> list[tuple[str, float]]:
        """Returns the features that moved these papers most, all together, as they are written there."""
        moved: dict[str, float] = {}
        written: dict[str, str] = {}
        for paper in papers:
            for name, as_written in _written(paper).items():
                written.setdefault(name, as_written)
            for part, name in self._named(paper):
                moved[name] = moved.get(name, 0.0) + part
        ranked = sorted(((name, part) for name, part in moved.items() if part), key=lambda p: (-abs(p[1]), p[0]))[:most]
        return [(written.get(name, name), part) for name, part in ranked]

    def _named(self, paper: Paper) -> list[tuple[float, str]]:
        """What each feature of a paper moved it, with its name."""
        vector = self._background.vector(paper)
        values = dict(zip(vector.features, self._parts(vector), strict=True))
        return [(values[one], name) for name in names_of(paper) if (one := feature(name)) in values]


def in_force(votes: Sequence[tuple[Vector, int]], background: Background) -> Sequence[tuple[Vector, int]]:
    """Returns the votes to learn from: all, or only the newest where these say the opposite of the others.

    An interest has changed when the older votes' model puts what was liked lately below what was disliked lately.
    """
    older, newest = votes[:-RECENT], votes[-RECENT:]
    up, down = ([vector for vector, value in newest if value * sign > 0] for sign in (1, -1))
    if len(older) < RECENT or min(len(up), len(down)) < RECENT // 4:
        return votes
    model = Profile._fitted(older, background)
    before = sum(model.weighed(up)) / len(up) - sum(model.weighed(down)) / len(down)
    return newest if before < 0 else votes


def weight_of_dislikes(count: int) -> float:
    """Returns what the mean of so many disliked papers counts against that of the liked ones."""
    return DISLIKES + (MANY_DISLIKES - DISLIKES) * count / (count + HALF_WAY)


def _scale(table: Table, liked: Sequence[Vector], others: Sequence[Vector]) -> tuple[float, float]:
    """Returns the middle between liked and other papers, and a quarter of their distance."""
    high, low = (fmean([v.weight(table) for v in some] or [0.0]) for some in (liked, others))
    return (high + low) / 2, max(1e-6, (high - low) / 4)


def _written(paper: Paper) -> dict[str, str]:
    """Stem → the word as it stands in the paper; authors as they are written."""
    written = {f"au:{' '.join(words_of(author).folded)}": author for author in paper.authors}
    for text in (paper.summary, paper.title):
        cut = words_of(text)
        written.update((stem(word), cut.shown(n, n)) for n, word in enumerate(cut.folded))
    return written
