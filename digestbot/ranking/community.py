"""What the community says of a paper: votes against what is usual, and how many sources carry it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from math import log2
from statistics import median

from digestbot.model import Paper


def usual_votes(papers: Iterable[Paper]) -> float:
    """Returns the median number of votes of the papers that have any; 1 when none has."""
    votes = [v for p in papers if (v := p.signals.get("upvotes", 0)) > 0]
    return max(1.0, median(votes)) if votes else 1.0


def attention(paper: Paper, usual: float) -> float:
    """Returns the doublings of its votes against the usual number, and one for every further source."""
    votes = paper.signals.get("upvotes", 0)
    return log2(1 + votes / usual) + max(0, len(paper.sources) - 1)
