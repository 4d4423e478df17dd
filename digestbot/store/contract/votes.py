"""The contract of votes, beside the others in `digestbot.store`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import PaperId
from digestbot.model.people import SubscriberId, Vote


class Votes(Protocol):
    """What people thought of papers: at most one vote of each person for each paper."""

    def add_votes(self, votes: Iterable[Vote]) -> None:
        """The newest of each person and paper counts, whatever the order they come in; of two at one instant the later
        word. A merged paper's vote is its survivor's; one for a paper that is not there is passed over."""

    def voted_papers(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, dict[PaperId, datetime]]:
        """Of each the papers they voted on, and when; people without votes are left out."""

    def votes_of(self, subscriber: SubscriberId) -> list[Vote]:
        """All of theirs, newest first."""

    def remove_vote(self, subscriber: SubscriberId, paper: PaperId) -> bool:
        """Take a vote back; False when there was none."""
