"""Aside: what breaks a step goes into quarantine with its reason, and everything else goes on.

Nothing of this is on the way of what works: only when a step fails for many is it asked which of them it fails for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from digestbot.model import Paper, PaperId
from digestbot.rules import PaperIndex, parse

log = logging.getLogger(__name__)
T = TypeVar("T")
EVERY_FIELD = "ti:a OR abs:a OR au:a OR aff:a OR cat:a OR src:a OR venue:a OR lang:a OR id:a OR doi:a OR has:code"
Breaks = dict[PaperId, str]  #: papers that break a step, and how


def answered(
    index: PaperIndex, papers: Sequence[Paper], ask: Callable[[PaperIndex], list[T]]
) -> tuple[list[T], Breaks]:
    """What the index of `papers` answers; without those papers, named, that cannot be asked."""
    try:
        return ask(index), {}
    except Exception:  # which of them is it?
        breaks = breaking(papers, lambda paper: ask(PaperIndex([paper])))
        if not breaks:
            raise
        return ask(PaperIndex([paper for paper in papers if paper.id not in breaks])), breaks


def ask_everything(paper: Paper) -> None:
    """Raises what a rule would stumble over that looks at every field of the paper."""
    PaperIndex([paper]).match(parse(EVERY_FIELD))


def breaking(papers: Iterable[Paper], step: Callable[[Paper], object]) -> Breaks:
    """The papers for which the step fails by themselves, and how."""
    breaks: Breaks = {}
    for paper in papers:
        try:
            step(paper)
        except Exception as error:  # whatever a value nobody foresaw makes of it
            if paper.id is not None:
                breaks[paper.id] = f"{type(error).__name__}: {error}"
    return breaks
