"""Vote: what somebody thought of a paper, said on the command line; and forgetting all of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from digestbot.acts.papers.find import find_paper
from digestbot.model import Paper, Subscriber, Vote
from digestbot.store import Store, Transaction


def vote(store: Store, text: str, subscriber: Subscriber, value: int, *, now: datetime) -> Paper:
    """+1 or -1 for the paper that `text` names (an id, a DOI, words of a title); 0 takes a vote back.

    Gives the paper. Raises NotFound.
    """
    with store.transaction() as tx:
        paper = find_paper(tx, text)
        _put(tx, paper, subscriber, value, via="command", now=now)
    return paper


def vote_by_page(store: Store, public_id: str, subscriber: Subscriber, value: int, *, now: datetime) -> Paper | None:
    """The same from a page, for the paper of an address; None when there is none."""
    with store.transaction() as tx:
        paper = tx.papers.paper_by_public_id(public_id)
        if paper is not None:
            _put(tx, paper, subscriber, value, via="web", now=now)
    return paper


def voted(store: Store, public_id: str, subscriber: Subscriber) -> tuple[Paper, int] | None:
    """The paper of an address, and what they said of it so far: 1, -1 or 0; None when there is no such paper."""
    with store.reading() as tx:
        paper = tx.papers.paper_by_public_id(public_id)
        if paper is None:
            return None
        said = {vote.paper: vote.value for vote in tx.votes.votes_of(subscriber.stored_id)}
    return paper, said.get(paper.id, 0) if paper.id is not None else 0


def _put(
    tx: Transaction, paper: Paper, subscriber: Subscriber, value: int, *, via: Literal["command", "web"], now: datetime
) -> None:
    if value == 0:
        tx.votes.remove_vote(subscriber.stored_id, paper.stored_id)
    else:
        said = Vote(
            subscriber=subscriber.stored_id, paper=paper.stored_id, value=1 if value > 0 else -1, at=now, via=via
        )
        tx.votes.add_votes([said])
    tx.votes.count_votes([paper.stored_id], now=now)


def forget_votes(store: Store, subscriber: Subscriber, *, now: datetime) -> int:
    """Deletes all votes of a subscriber, those of an imported library too; returns how many."""
    with store.transaction() as tx:
        votes = tx.votes.votes_of(subscriber.stored_id)
        count = sum(tx.votes.remove_vote(subscriber.stored_id, one.paper) for one in votes)
        tx.votes.count_votes([one.paper for one in votes], now=now)
        return count
