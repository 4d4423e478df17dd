"""Readers' own models in a round of digests: who has votes gets one, everybody else costs nothing. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from digestbot.model import Paper, Subscriber, Vote
from digestbot.ranking.likeness import THRESHOLD, likeness
from digestbot.ranking.meaning import Meaning, Meanings
from digestbot.ranking.profile import EVIDENCE, MOST_VOTES, Profile, weight_of_dislikes
from digestbot.ranking.vectors import Background, Vector
from digestbot.store import Transaction

BACKGROUND = 2000  #: newest papers, of all sources, that say how common a word is
EVEN = 0.5  #: the score of a paper that is no more like the liked than like the disliked ones
MOST_LIKES = 100  #: the last ones, that say what else a reader may like
SAMPLE = 300  #: papers that say what meaning is usual
MOST_KEPT = 20_000  #: vectors of papers


class Taste:
    """One reader's model, with the vectors of papers that all readers of a round share."""

    def __init__(
        self, profile: Profile, tastes: Tastes, likes: Sequence[Vector] = (), meaning: Meaning | None = None
    ) -> None:
        self.profile, self._tastes, self._likes = profile, tastes, likes[-MOST_LIKES:]
        self._meaning = meaning
        if meaning is not None:
            self.profile = profile.meaning(meaning.liked, meaning.others)

    def scores(self, papers: Sequence[Paper]) -> list[float]:
        """Returns the model's score of each paper, from 0 to 1."""
        return self.profile.score_vectors(map(self._tastes.vector, papers), self._meanings(papers))

    def moved_by(self, paper: Paper) -> str:
        """Returns what moved a paper, in words."""
        return self.profile.moved_by(paper, *self._meanings([paper]))

    def _meanings(self, papers: Sequence[Paper]) -> list[float]:
        return self._meaning.of([paper.id for paper in papers]) if self._meaning is not None else []

    def liked(self, papers: Sequence[Paper]) -> list[tuple[Paper, float, list[str]]]:
        """Returns the papers that are as like the liked ones as these are like each other, best first, with the words for each.

        None where too few were liked to tell.
        """
        if len(self._likes) < EVIDENCE:
            return []
        alike = likeness(self._likes, self._tastes.background)
        near = alike.score_vectors(map(self._tastes.vector, papers))
        found = [paper for paper, one in zip(papers, near, strict=True) if one >= THRESHOLD]
        scored = sorted(zip(self.scores(found), found, strict=True), key=lambda pair: (-pair[0], pair[1].public_id))
        return [(paper, score, self._for(paper)) for score, paper in scored if score > EVEN]

    def _for(self, paper: Paper) -> list[str]:
        return [name for name, part in self.profile.moved(paper, most=8) if part > 0][:4]


class Tastes:
    """Fits the models of a round's readers. The background is read when the first of them has a vote."""

    def __init__(self, papers: Sequence[Paper] | None, encoder: str = "") -> None:
        """`papers` of a window, oldest first; None while they are not read. `encoder`: the name of the sentence encoder whose
        codes help; "" without one."""
        self.papers, self._encoder = papers, encoder
        self._meanings: Meanings | None = None
        self._vectors: dict[int, tuple[Paper, Vector]] = {}

    @cached_property
    def background(self) -> Background:
        """The newest papers of the window, whoever asks for them."""
        assert self.papers is not None  # the window reads them before it asks
        return Background(self.papers[-BACKGROUND:])

    def rarity(self, one: int) -> float:
        """How rare a feature of a vector is."""
        return self.background.rarity(one)

    def vector(self, paper: Paper) -> Vector:
        """Returns the vector of a paper, made once."""
        kept = self._vectors.get(id(paper))
        if kept is None:
            if len(self._vectors) >= MOST_KEPT:
                self._vectors.clear()
            kept = self._vectors[id(paper)] = (paper, self.background.vector(paper))  # held: its id stays its own
        return kept[1]

    def of(self, tx: Transaction, subscriber: Subscriber) -> Taste | None:
        """Fits the model of one reader; None without votes."""
        votes = tx.votes.votes_of(subscriber.stored_id)
        papers = tx.papers.papers_by_id({vote.paper for vote in votes})
        known = [(self.vector(papers[v.paper]), v.value) for v in reversed(votes) if v.paper in papers]
        if not known:
            return None
        likes = [vector for vector, value in known if value > 0]
        meaning = self._meaning(tx, votes) if self._encoder else None
        return Taste(Profile.of_vectors(known, self.background), self, likes, meaning)

    def _meaning(self, tx: Transaction, votes: Sequence[Vote]) -> Meaning | None:
        """What the votes say of meaning; None while too little is encoded, or where the extra is not installed."""
        try:
            if self._meanings is None:
                ids = [paper.id for paper in self.papers or () if paper.id is not None]
                self._meanings = Meanings(tx.vectors.vectors_of(self._encoder, ids), ids[-SAMPLE:])
            of = {sign: [vote.paper for vote in votes if vote.value * sign > 0][:MOST_VOTES] for sign in (1, -1)}
            codes = tx.vectors.vectors_of(self._encoder, [*of[1], *of[-1]])
            up, down = ([codes[paper] for paper in of[sign] if paper in codes] for sign in (1, -1))
            return self._meanings.fitted(up, down, weight_of_dislikes(len(down)))
        except ImportError:  # numpy: what encoded the papers told so in status
            return None
