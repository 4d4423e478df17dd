"""What the community says of a paper: votes against what is usual, and how many services carry it. Pure.

Several lists of one service (arXiv's categories) count once: a cross-listed paper is no more in demand for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import log2
from statistics import median
from typing import Final

from digestbot.model import FrozenMap, Paper

EACH_ITS_OWN: Final[Mapping[str, str]] = FrozenMap()  #: no two sources are of one service


def usual_votes(papers: Iterable[Paper]) -> float:
    """Returns the median number of votes of the papers that have any; 1 when none has."""
    votes = [v for p in papers if (v := p.signals.get("upvotes", 0)) > 0]
    return max(1.0, median(votes)) if votes else 1.0


def carriers(paper: Paper, services: Mapping[str, str] = EACH_ITS_OWN) -> int:
    """Returns how many services carry a paper. `services` names the service of each source that is of one."""
    return len({services.get(source, source) for source in paper.sources})


def is_news(paper: Paper) -> bool:
    """Whether a stored paper may rise: no new version of an older one, and neither withdrawn nor retracted."""
    return not paper.replacement and not paper.standing and paper.first_seen is not None


def attention(paper: Paper, usual: float, services: Mapping[str, str] = EACH_ITS_OWN) -> float:
    """Returns the doublings of its votes against the usual number, and one for every further service."""
    votes = paper.signals.get("upvotes", 0)
    return log2(1 + votes / usual) + max(0, carriers(paper, services) - 1)
