"""Apart: near-copies of what stands above take no place of a topic (diversity). Pure.

Two much alike stand on cards; further ones go below, and say like what they are. So ten follow-ups of one paper leave room for others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NamedTuple

from digestbot.model import FrozenMap, Paper, PaperId

ALIKE: Final = 2  #: papers on cards that are much like each other; a further one goes below

MUCH_LIKE: Final = "Much like “"  #: how what is told of such a one begins

Near = Callable[[Paper], Collection[PaperId]]  #: the near-copies of a paper, among others those asked about before


class Apart(NamedTuple):
    """Which matches of a topic may stand on cards, by their number, and which are too like those above them."""

    cards: Sequence[int]
    like: Mapping[int, Paper] = (
        FrozenMap()
    )  #: the number of a match that may not → the first paper above that it is like

    def first(self, keep: int) -> Apart:
        """The same where only so many cards have room: what comes after the last of them has none anyway."""
        if keep >= len(self.cards):
            return self
        last = self.cards[keep - 1] if keep else -1
        return Apart(self.cards[:keep], {at: paper for at, paper in self.like.items() if at < last})


def nothing_near(_: Paper) -> Collection[PaperId]:
    """No paper is a near-copy of another."""
    return ()


def apart(matches: Sequence[tuple[Paper, float]], most: int, near: Near) -> Apart:
    """Of matches, best first, the first ones that may stand on cards, at most `most`. Asks about no more than it needs."""
    if len(matches) <= ALIKE or near is nothing_near:
        return Apart(range(min(most, len(matches))))
    cards: list[int] = []
    like: dict[int, Paper] = {}
    above: dict[PaperId, int] = {}
    for at, (paper, _) in enumerate(matches):
        if len(cards) >= most:
            break
        copies = near(paper)
        if len(copies) >= ALIKE and len(there := [above[other] for other in copies if other in above]) >= ALIKE:
            like[at] = matches[min(there)][0]
        else:
            above[paper.stored_id] = at
            cards.append(at)
    return Apart(cards, like)


def much_like(paper: Paper) -> str:
    """What is told of a paper that went below."""
    title = " ".join(paper.title.split()).replace("”", "'")
    return f"{MUCH_LIKE}{title}” above."
