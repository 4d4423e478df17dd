"""The order within a topic."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from digestbot.model import Match, Paper

HALF_LIFE = 4.0  #: days after which freshness is worth half


def freshness(paper: Paper, now: datetime) -> float:
    """1 for what was announced (else first seen) just now, a half after four days."""
    came = paper.announced.earliest() if paper.announced else paper.first_seen or now
    days = max(0.0, (now - came.astimezone(UTC)).total_seconds() / 86_400)
    return float(0.5 ** (days / HALF_LIFE))


def order(found: Iterable[tuple[Paper, Match]], now: datetime) -> list[tuple[Paper, Match]]:
    """Best first: the match's score times freshness, then votes, then the newer; of equals by public id."""
    return sorted(
        found,
        key=lambda f: (
            -f[1].score * freshness(f[0], now),
            -f[0].signals.get("upvotes", 0),
            -_seen(f[0]),
            f[0].public_id,
        ),
    )


def _seen(paper: Paper) -> float:
    return paper.first_seen.timestamp() if paper.first_seen else 0.0
