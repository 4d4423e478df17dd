"""The order within a topic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from digestbot.model import Paper

HALF_LIFE = 4.0  #: days after which freshness is worth half


def freshness(paper: Paper, now: datetime) -> float:
    """1 for what was announced (else first seen) just now, a half after four days."""
    came = paper.announced.earliest() if paper.announced else paper.first_seen or now
    days = max(0.0, (now - came.astimezone(UTC)).total_seconds() / 86_400)
    return float(0.5 ** (days / HALF_LIFE))


class RelevanceOrder:
    """What the order of a window's papers needs, worked out once for everybody's rules."""

    def __init__(self, papers: Sequence[Paper], now: datetime) -> None:
        self._fresh = [freshness(paper, now) for paper in papers]
        equals = sorted(range(len(papers)), key=lambda n: _among_equals(papers[n]))
        self._place = {n: place for place, n in enumerate(equals)}

    def best_first(self, scored: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
        """(number of a paper, its match's score): score times freshness, then votes, the newer, the public id."""
        fresh, place = self._fresh, self._place
        ordered = sorted([(-score * fresh[n], place[n], n, score) for n, score in scored])
        return [(n, score) for _, _, n, score in ordered]


def _among_equals(paper: Paper) -> tuple[int, float, str]:
    seen = paper.first_seen.timestamp() if paper.first_seen else 0.0
    return -paper.signals.get("upvotes", 0), -seen, paper.public_id
