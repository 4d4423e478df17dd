"""Likeness: how like a few named papers others are, for topics that are made of papers instead of a rule. Pure.

The weights are those of a reader's model that only liked these papers. Its scale is made anew: a paper scores 0.9 when it is as
like the others as one of the named papers is that was left out. So a threshold means the same for three papers and for thirty. On
the sets of `benchmarks/relevance` 0.8 lets six in ten of the other relevant papers through, and one in twenty of other topics.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from digestbot.ranking.profile import Profile
from digestbot.ranking.vectors import Background, Vector

THRESHOLD = 0.8  #: unless a topic says otherwise
FOLDS = 10  #: groups that are left out in turn
ALONE = 0.35  #: of the score of a single named paper: what another one like it may reach
COPIES = 0.6  #: of their own score: no more is asked where the named papers are nearly copies of each other
SAMPLE = 300  #: papers of the background that say what is unlike


def likeness(named: Sequence[Vector], background: Background) -> Profile:
    """Fits a model of what is like the named papers, at least one, against the background."""
    whole = _fitted(named, background)
    low = _unlike(whole, background)
    most = fmean(whole.weighed(named)) - low
    gained = min(_gained(named, background), COPIES * most) if len(named) > 1 else ALONE * most
    return whole.between(low, low + gained)


def _gained(named: Sequence[Vector], background: Background) -> float:
    """How far a named paper that is left out stands above the background, on average."""
    folds = min(len(named), FOLDS)
    gained: list[float] = []
    for fold in range(folds):
        model = _fitted([v for n, v in enumerate(named) if n % folds != fold], background)
        unlike = _unlike(model, background)
        gained += [value - unlike for value in model.weighed(named[fold::folds])]
    return fmean(gained)


def _fitted(named: Sequence[Vector], background: Background) -> Profile:
    return Profile.of_vectors([(vector, 1) for vector in named], background)


def _unlike(model: Profile, background: Background) -> float:
    sample = background.sample[:SAMPLE]
    return fmean(model.weighed(sample)) if sample else 0.0
