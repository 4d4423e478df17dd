"""A reader's own model: what their votes taught it, and the votes themselves. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.acts.digests.tastes import BACKGROUND
from digestbot.model import Paper, Subscriber, Vote
from digestbot.ranking.profile import Profile
from digestbot.ranking.vectors import Background
from digestbot.store import Store

LOOK_BACK = timedelta(days=60)  #: where papers of the background come from
MOST_WORDS = 12  #: up, and as many down


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileReport:
    """What a reader's votes say."""

    subscriber: str
    votes: tuple[tuple[Vote, Paper], ...]  #: newest first
    trust: float  #: how much the model counts beside the rule, 0 to 1
    up: tuple[str, ...] = ()  #: words, authors and categories that lift a paper, the strongest first
    down: tuple[str, ...] = ()

    @property
    def likes(self) -> int:
        """Votes for more like this."""
        return sum(vote.value > 0 for vote, _ in self.votes)


def profile(store: Store, subscriber: Subscriber, *, now: datetime) -> ProfileReport:
    """Fits the model of one reader as a digest of now would."""
    with store.reading() as tx:
        votes = tx.votes.votes_of(subscriber.stored_id)
        papers = tx.papers.papers_by_id({vote.paper for vote in votes})
        history = tx.papers.papers_seen_between(now - LOOK_BACK, now)[-BACKGROUND:] if votes else []
    known = tuple((vote, papers[vote.paper]) for vote in votes if vote.paper in papers)
    if not known:
        return ProfileReport(subscriber=subscriber.ref, votes=(), trust=0.0)
    fitted = Profile.fit([(paper, vote.value) for vote, paper in reversed(known)], Background(history))
    strongest = fitted.strongest((paper for _, paper in known), most=400)
    return ProfileReport(
        subscriber=subscriber.ref, votes=known, trust=fitted.trust,
        up=_words(strongest, 1), down=_words(strongest, -1),
    )  # fmt: skip


def _words(strongest: Sequence[tuple[str, float]], sign: int) -> tuple[str, ...]:
    return tuple(name for name, weight in strongest if weight * sign > 0)[:MOST_WORDS]
