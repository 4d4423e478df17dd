"""The contract of votes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import PaperId
from digestbot.model.people import SubscriberId, Vote


class Votes(Protocol):
    """What people thought of papers: at most one vote of each person for each paper."""

    def add_votes(self, votes: Iterable[Vote]) -> None:
        """Store votes. The newest of each person and paper counts, whatever the order; of two at one instant the
        later in the list. A merged paper's vote goes to its survivor; a vote for an unknown paper is passed over."""

    def voted_papers(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, dict[PaperId, datetime]]:
        """The papers each subscriber voted on, and when. People without votes are left out."""

    def votes_of(self, subscriber: SubscriberId) -> list[Vote]:
        """All votes of one subscriber, newest first."""

    def remove_vote(self, subscriber: SubscriberId, paper: PaperId) -> bool:
        """Delete a vote; False when there was none."""
