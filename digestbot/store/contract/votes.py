"""The contract of votes, and of curators' picks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import PaperId
from digestbot.model.people import Namesake, SubscriberId, Vote


class Votes(Protocol):
    """What people thought of papers: at most one vote of each person for each paper."""

    def add_votes(self, votes: Iterable[Vote]) -> None:
        """Store votes. The newest of each person and paper counts, whatever the order; of two at one instant the
        later in the list. A merged paper's vote goes to its survivor; a vote for an unknown paper is passed over."""

    def voted_papers(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, dict[PaperId, datetime]]:
        """The papers each subscriber voted on, and when. People without votes are left out."""

    def votes_of(self, subscriber: SubscriberId) -> list[Vote]:
        """All votes of one subscriber, newest first."""

    def liked_with_events(
        self, subscribers: Iterable[SubscriberId], kinds: Iterable[str]
    ) -> dict[SubscriberId, list[Vote]]:
        """Of each subscriber the votes for papers they like or imported to which something of these kinds happened.
        Who has none is left out."""

    def put_namesake(self, said: Namesake) -> None:
        """Store whether a paper is by somebody whom they follow; the newest word counts. A merged paper's is its survivor's."""

    def namesakes_of(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, list[Namesake]]:
        """All that each of them said of namesakes, by person and paper. Who said nothing is left out."""

    def remove_vote(self, subscriber: SubscriberId, paper: PaperId) -> bool:
        """Delete a vote; False when there was none."""

    def count_votes(self, papers: Iterable[PaperId], *, now: datetime) -> None:
        """Write how many people like each of these papers as its signal `upvotes` of the source `readers`, where that
        has changed. Papers of imported libraries are no votes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A paper that a curator put on the edition of a day."""

    day: str  #: "2026-11-23" in the site's zone
    paper: PaperId
    by: str  #: who chose it, as readers see it
    why: str = ""  #: a line
    at: datetime


class Picks(Protocol):
    """What curators chose, a paper once a day."""

    def put_pick(self, pick: Pick) -> None:
        """Store it; the later word of the same paper and day counts. A merged paper's pick is its survivor's."""

    def remove_pick(self, day: str, paper: PaperId) -> bool:
        """Take it back; False when there was none."""

    def picks_of(self, days: Iterable[str]) -> list[Pick]:
        """The picks of these days, in the order they were made."""
