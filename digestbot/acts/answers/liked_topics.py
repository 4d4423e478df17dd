"""Liked topics: a topic made of the papers somebody voted up, and for each such topic the titles of its papers. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digestbot.acts.digests.like_matches import named_papers
from digestbot.model import Paper, Subscriber, Topic
from digestbot.settings.likes import SCHEMES, named_by
from digestbot.store import Store

MOST = 30  #: papers of such a topic: the newest votes
TOLD = 5  #: titles that are told


@dataclass(frozen=True, slots=True, kw_only=True)
class LikedTopics:
    """What the page of preferences shows of topics made of papers."""

    voted: tuple[str, ...]  #: the papers voted up, as `Topic.like` names them, the newest vote first
    titles: Mapping[tuple[str, ...], tuple[str, ...]]  #: papers of a topic → the first of their titles

    def topic(self, name: str) -> Topic:
        """The topic of the papers voted up."""
        return Topic(name=name, query=named_by(self.voted), like=self.voted)


def liked_topics(store: Store, subscriber: Subscriber, topics: Sequence[Topic]) -> LikedTopics:
    """For a subscriber, and for the topics that their page shows."""
    with store.reading() as tx:
        votes = sorted(tx.votes.votes_of(subscriber.stored_id), key=lambda vote: vote.at, reverse=True)
        papers = tx.papers.papers_by_id([vote.paper for vote in votes if vote.value > 0][:MOST])
        voted = tuple(_key(papers[vote.paper]) for vote in votes if vote.paper in papers)
        made = {topic.like for topic in topics if topic.like} | ({voted} if voted else set())
        known = named_papers(tx, {key for keys in made for key in keys[:TOLD]})
    titles = {keys: tuple(known[key].title for key in keys[:TOLD] if key in known) for keys in made}
    return LikedTopics(voted=voted, titles=titles)


def _key(paper: Paper) -> str:
    scheme = next((scheme for scheme in SCHEMES if scheme in paper.identifiers), "")
    return f"{scheme}:{paper.identifiers[scheme]}" if scheme else f"title:{paper.title}"
