"""Matches of topics that are made of papers instead of a rule: everything in a window that is like them. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from digestbot.acts.digests.tastes import Taste, Tastes
from digestbot.digest.selection.select import LOOK_BACK, Found
from digestbot.model import Item, Paper, PaperId, Reason, ScorePart, Topic
from digestbot.papers.identity.identifiers import title_key
from digestbot.ranking.likeness import likeness
from digestbot.ranking.profile import Profile
from digestbot.ranking.relevance import Own, RelevanceOrder
from digestbot.store import Key, Transaction

MOST_WORDS = 4  #: of a reason


@dataclass(frozen=True, slots=True)
class Alike:
    """What is like a topic's papers, and which of them are in the record with a text."""

    profile: Profile
    named: frozenset[PaperId]


def named_papers(tx: Transaction, keys: Collection[str]) -> dict[str, Paper]:
    """Returns the papers of the record, with a title at least, that a topic names; by the topic's word for each."""
    by_key: dict[str, Key] = {key: (scheme, value) for key in keys for scheme, _, value in [key.partition(":")]}
    found = tx.papers.papers_by_key(key for key in by_key.values() if key[0] != "title")
    papers = tx.papers.papers_by_id({paper for papers in found.values() for paper in papers[:1]})
    known = {key: papers[found[pair][0]] for key, pair in by_key.items() if pair in found and found[pair][0] in papers}
    for key, (scheme, value) in by_key.items():
        if scheme == "title" and (titled := _of_title(tx, value)):
            known[key] = titled
    return {key: paper for key, paper in known.items() if paper.title}


def _of_title(tx: Transaction, title: str) -> Paper | None:
    """The first paper of this title, compared by its folded words; None where there is none."""
    near = tx.papers.papers_titled(title.split()[:12], 6)
    return next((paper for paper in near if title_key(paper.title) == title_key(title)), None)


def like_matches(tx: Transaction, papers: Sequence[Paper], at: datetime) -> LikeMatches:
    """Returns the matches among any papers, against the background of those that came before `at`."""
    tastes = Tastes(tx.papers.papers_seen_between(at - LOOK_BACK, at))
    return LikeMatches(papers, RelevanceOrder(papers, at), tastes)


class LikeMatches:
    """The matches of such topics among the papers of a window."""

    def __init__(self, papers: Sequence[Paper], order: RelevanceOrder, tastes: Tastes) -> None:
        self._papers, self._order, self._tastes = papers, order, tastes
        self._numbers = {paper.id: n for n, paper in enumerate(papers)}
        self._alike: dict[tuple[str, ...], Alike | None] = {}
        self._scores: dict[tuple[str, ...], list[float]] = {}

    def alike(self, tx: Transaction, topic: Topic) -> Alike | None:
        """The model of a topic's papers; None where none of them is in the record yet."""
        if topic.like not in self._alike:
            self._alike[topic.like] = self._fitted(tuple(named_papers(tx, topic.like).values()))
        return self._alike[topic.like]

    def _fitted(self, named: Sequence[Paper]) -> Alike | None:
        vectors = [self._tastes.vector(paper) for paper in named]
        if not vectors:
            return None
        ids = frozenset(paper.id for paper in named if paper.id is not None)
        return Alike(likeness(vectors, self._tastes.background), ids)

    def scores(self, tx: Transaction, topic: Topic) -> list[float]:
        """How like the topic's papers each paper of the window is; 0 for these papers themselves."""
        alike = self.alike(tx, topic)
        if alike is None:
            return [0.0] * len(self._papers)
        if topic.like not in self._scores:
            made = alike.profile.score_vectors(map(self._tastes.vector, self._papers))
            self._scores[topic.like] = [
                0.0 if paper.id in alike.named else score for paper, score in zip(self._papers, made, strict=True)
            ]
        return self._scores[topic.like]

    def said(self, tx: Transaction, topic: Topic, paper: Paper) -> tuple[bool, str]:
        """Whether a paper of the window is like the topic's, and what was seen."""
        alike = self.alike(tx, topic)
        if alike is None:
            return False, "none of its papers is in the record with a title yet; the next poll asks for them"
        if paper.id in alike.named:
            return False, "it is one of these papers itself"
        score = self.scores(tx, topic)[self._numbers[paper.id]]
        return score >= topic.threshold, f"{score:.2f} of {topic.threshold:g}: {alike.profile.moved_by(paper)}"

    def found(
        self, tx: Transaction, topic: Topic, after: datetime, taste: Taste | None, *, fresh: bool
    ) -> Sequence[Found]:
        """Returns the papers first seen after an instant that are like the topic's, best first."""
        scores = self.scores(tx, topic)
        passed = [
            n for n, paper in enumerate(self._papers)
            if scores[n] >= topic.threshold and paper.first_seen and paper.first_seen > after
        ]  # fmt: skip
        own = taste.scores([self._papers[n] for n in passed]) if taste else [0.0] * len(passed)
        trust = taste.profile.trust if taste else 0.0
        bases = {n: (1 - trust) * scores[n] + trust * one for n, one in zip(passed, own, strict=True)}
        ranked = self._order.best_first([(n, 0.0) for n in passed], bases, 1.0, fresh=fresh)
        return [(self._papers[n], score) for n, score in ranked]

    def why(self, topic: Topic, papers: Sequence[Paper]) -> Sequence[tuple[Reason, ...]]:
        """Returns the words that make each paper like the topic's. Only after `found` of that topic."""
        alike = self._alike.get(topic.like)
        moved = [alike.profile.moved(paper, most=3 * MOST_WORDS) if alike else [] for paper in papers]
        return [
            tuple([Reason(field="like", text=word) for word, part in some if part > 0][:MOST_WORDS]) for some in moved
        ]

    def parts(self, topic: Topic, item: Item, taste: Taste | None, *, fresh: bool) -> tuple[ScorePart, ...]:
        """Returns what the score of an item of that topic is the sum of. Only after `found` of that topic."""
        n, alike = self._numbers.get(item.paper.id), self._alike.get(topic.like)
        if n is None or alike is None:
            return ()
        own = Own()
        if taste is not None:
            [one] = taste.scores([item.paper])
            own = Own(one, taste.profile.trust, taste.moved_by(item.paper))
        return self._order.parts(
            n, item.score, own, fresh=fresh, base=("like these", alike.profile.moved_by(item.paper))
        )
