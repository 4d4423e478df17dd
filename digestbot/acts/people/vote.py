"""Vote: what somebody thought of a paper, said on the command line; and forgetting all of it."""

from __future__ import annotations

from datetime import datetime

from digestbot.acts.papers.find import find_paper
from digestbot.model import Paper, Subscriber, Vote
from digestbot.store import Store


def vote(store: Store, text: str, subscriber: Subscriber, value: int, *, now: datetime) -> Paper:
    """+1 or -1 for the paper that `text` names (an id, a DOI, words of a title); 0 takes a vote back.

    Gives the paper. Raises NotFound.
    """
    with store.transaction() as tx:
        paper = find_paper(tx, text)
        if value == 0:
            tx.votes.remove_vote(subscriber.stored_id, paper.stored_id)
        else:
            liked = Vote(
                subscriber=subscriber.stored_id,
                paper=paper.stored_id,
                value=1 if value > 0 else -1,
                at=now,
                via="command",
            )
            tx.votes.add_votes([liked])
    return paper


def forget_votes(store: Store, subscriber: Subscriber) -> int:
    """Deletes all votes of a subscriber, those of an imported library too; returns how many."""
    with store.transaction() as tx:
        votes = tx.votes.votes_of(subscriber.stored_id)
        return sum(tx.votes.remove_vote(subscriber.stored_id, one.paper) for one in votes)
