"""The order within a topic: a sum of what the rule's words say, how new a paper is, and what the community and the reader say.

Each part is a number that a person can read, and `explain` shows the sum. On the sets of `benchmarks/relevance` rare words
count (as in BM25), repeated ones do not: a word of the title counts three times one of the abstract, whatever its number of
occurrences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from digestbot.model import Paper, ScorePart
from digestbot.ranking.community import EACH_ITS_OWN, attention, usual_votes

HALF_LIFE = 4.0  #: days after which freshness is worth half
FRESH, COMMUNITY = 0.5, 0.8  #: the most that these parts add; the words, or the reader's own model, add 1 at most
EVEN = 2.0  #: attention that is worth half of COMMUNITY


def freshness(paper: Paper, now: datetime) -> float:
    """1 for what was announced (else first seen) just now, a half after four days."""
    came = paper.announced.earliest() if paper.announced else paper.first_seen or now
    days = max(0.0, (now - came.astimezone(UTC)).total_seconds() / 86_400)
    return float(0.5 ** (days / HALF_LIFE))


class Own(NamedTuple):
    """What a reader's model says of one paper."""

    score: float = 0.0
    trust: float = 0.0  #: how much it counts, the words the rest
    moved: str = ""  #: what moved the score


NOBODY: Final = Own()
WORDS: Final = ("words", "")  #: what a score is mostly made of: the rule's words


class RelevanceOrder:
    """What the order of a window's papers needs, computed once for everybody's rules."""

    def __init__(self, papers: Sequence[Paper], now: datetime, services: Mapping[str, str] = EACH_ITS_OWN) -> None:
        usual = usual_votes(papers)
        self._fresh = [FRESH * freshness(paper, now) for paper in papers]
        seen = (attention(paper, usual, services) for paper in papers)
        self._community = [COMMUNITY * value / (value + EVEN) for value in seen]
        self._added = [new + community for new, community in zip(self._fresh, self._community, strict=True)]
        equals = sorted(range(len(papers)), key=lambda n: _among_equals(papers[n]))
        self._place = [0] * len(papers)
        for place, n in enumerate(equals):
            self._place[n] = place

    def best_first(
        self,
        matched: Sequence[tuple[int, float]],
        own: Mapping[int, float] | None = None,
        trust: float = 0.0,
        *,
        usual: float | None = None,
        fresh: bool = True,
    ) -> list[tuple[int, float]]:
        """Returns (number of a paper, score), best first. `matched` has the weight of the rule's words in each paper.

        `own` are the scores of the reader's model, which count as much as `trust` says, the words the rest. `usual`: the mean
        weight of all matches, where `matched` are only some. `fresh`: how new a paper is counts too. Among equals: votes, the
        newer, the public id.
        """
        usual = mean_weight(matched) if usual is None else usual
        added, place = self._added if fresh else self._community, self._place
        if own is None:
            scored = [(-((w / (w + usual) if w else 0.0) + added[n]), place[n], n) for n, w in matched]
        else:
            scored = [
                (-((1 - trust) * (w / (w + usual) if w else 0.0) + trust * own[n] + added[n]), place[n], n)
                for n, w in matched
            ]
        scored.sort()
        return [(n, -score) for score, _, n in scored]

    def parts(
        self, n: int, score: float, own: Own = NOBODY, *, fresh: bool = True, base: tuple[str, str] = WORDS
    ) -> tuple[ScorePart, ...]:
        """Returns what a paper's score is the sum of. `base` names what the rest is, and what moved it."""
        new = self._fresh[n] if fresh else 0.0
        rest = score - new - self._community[n] - own.trust * own.score
        parts = [(base[0], rest, base[1]), ("your votes", own.trust * own.score, own.moved)]
        parts += [("new", new, ""), ("community", self._community[n], "")]
        told = [ScorePart(name=name, points=round(points, 3), detail=detail) for name, points, detail in parts]
        return tuple([part for part in told if part.points])  # of a part that is nothing floats leave a rest


def mean_weight(matched: Iterable[tuple[int, float]]) -> float:
    """Returns the mean weight of a rule's words over its matches: a paper of this weight gets half of the words' part."""
    weights = [weight for _, weight in matched]
    return sum(weights) / len(weights) if weights else 0.0


def _among_equals(paper: Paper) -> tuple[int, float, str]:
    seen = paper.first_seen.timestamp() if paper.first_seen else 0.0
    return -paper.signals.get("upvotes", 0), -seen, paper.public_id
