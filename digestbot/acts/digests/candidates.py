"""CandidateWindow: what the digests of one round choose from, read once for all of them. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from digestbot.acts.digests.few_rules import few_rules
from digestbot.acts.digests.like_matches import LikeMatches
from digestbot.acts.digests.tastes import BACKGROUND, Taste, Tastes
from digestbot.acts.digests.topic_matches import TopicMatches
from digestbot.acts.intake.listing_days import current_rows
from digestbot.acts.site.settings import DigestSettings
from digestbot.digest.selection.select import LOOK_BACK, Asking
from digestbot.digest.selection.updates import News, by_paper
from digestbot.model import Listing, Paper, PaperId, Reason, Subscriber, Topic
from digestbot.papers.facts.events import Happening
from digestbot.ranking.best import days, late_risers
from digestbot.ranking.copies import NearCopies
from digestbot.ranking.trending import A_WEEK, GROWS, Growths, growths_of_day
from digestbot.store import RESTORED, Transaction


def votes_before(tx: Transaction, papers: Collection[PaperId], at: datetime) -> dict[PaperId, int]:
    """Returns the votes that papers had at a moment; those that had none may be left out."""
    return {paper: signals.get("upvotes", 0) for paper, signals in tx.papers.signals_of_papers_at(papers, at).items()}


class CandidateWindow:
    """The papers and editions all digests of one round choose from. `last`: the window before, whose papers may be the
    same ones.

    With `readers` it is for these alone: where their rules are few, of all the papers only those are read that they need, and
    `part` is true.
    """

    def __init__(
        self,
        tx: Transaction,
        settings: DigestSettings,
        *,
        start: datetime,
        now: datetime,
        last: CandidateWindow | None = None,
        readers: Collection[Subscriber] = (),
    ) -> None:
        self.start, self.now, self.settings = start, now, settings
        self.restored = tx.site.timestamp(RESTORED)
        few = few_rules(tx, settings, readers, start, now) if readers else None
        self.part = few is not None
        self.papers = few.papers if few else tx.papers.papers_seen_between(start, now)
        self.events = tx.papers.events_between(start, now)
        self.by_id: dict[PaperId, Paper] = {p.id: p for p in self.papers if p.id is not None}
        self.editions = tx.slots.editions_between(after=start, until=now + timedelta(days=2))
        self.sources = tx.source_log.sources()
        self.listings: dict[str, list[Listing]] = {}
        for row in current_rows(tx.source_log.listings(since=min(start, now - LOOK_BACK).date()), settings.parts, now):
            self.listings.setdefault(row.source, []).append(row)
        self.matching: TopicMatches = (
            last.matching
            if last is not None and few is None and not last.part and last.papers == self.papers and last.now == now
            else TopicMatches(
                self.papers,
                settings.topics,
                now,
                settings.services,
                self.votes_at(tx, now - GROWS),
                self._week_ago(tx),
                few,
            )
        )
        same = last if last and last.matching is self.matching and last.settings.encoder == settings.encoder else None
        self.tastes: Tastes = same.tastes if same else Tastes(self._newest(), settings.encoder)
        self.copies: NearCopies = same.copies if same else NearCopies(self.tastes.vector, self.tastes.rarity)
        self.likes = LikeMatches(self.matching.papers, self.matching.order, self.tastes)
        self._considered: dict[datetime, int] = {}
        self._new: dict[datetime, dict[str, int]] = {}
        self._risen: dict[tuple[datetime, datetime], Mapping[PaperId, str]] = {}
        self._load(tx)

    def _week_ago(self, tx: Transaction) -> Growths:
        """What grew on this day of the last week, of the papers of the window."""
        then = self.now - A_WEEK
        votes, before = self.votes_at(tx, then), self.votes_at(tx, then - GROWS)
        return growths_of_day(self.papers, votes, before, then, self.settings.services)

    def _newest(self) -> Sequence[Paper] | None:
        """The papers of the window, of which the newest tell how common words are; None where they are not all read."""
        return None if self.part else self.matching.papers

    def _read_newest(self, tx: Transaction) -> None:
        if self.tastes.papers is None:
            newest = tx.papers.papers_seen_between(self.start, self.now, newest=BACKGROUND)
            self.tastes.papers = [paper for paper in newest if paper.id not in self.matching.broken]

    def taste_of(self, tx: Transaction, subscriber: Subscriber) -> Taste | None:
        """The model of one reader; None without votes."""
        self._read_newest(tx)
        return self.tastes.of(tx, subscriber)

    def asking(self, tx: Transaction) -> Asking:
        """What is asked of papers that come into a digest."""

        def near(paper: Paper) -> Collection[PaperId]:
            self._read_newest(tx)
            return self.copies.of(paper)

        return Asking(self.why, near)

    def considered(self, tx: Transaction, after: datetime) -> int:
        """Counts the papers first seen after an instant, without new versions of older ones."""
        if not self.part:
            return self.matching.considered(after)
        if after not in self._considered:
            self._considered[after] = len(tx.papers.news_seen_between(max(after, self.start), self.now))
        return self._considered[after]

    def why(self, topic: Topic, papers: Sequence[Paper]) -> Sequence[tuple[Reason, ...]]:
        """The reasons why a topic brings each of these papers."""
        return self.likes.why(topic, papers) if topic.like else self.matching.why(topic, papers)

    def votes_at(self, tx: Transaction, at: datetime) -> dict[PaperId, int]:
        """Votes that the papers first seen until then had at an instant."""
        old = [
            p.id
            for p in self.papers
            if p.id is not None and p.signals.get("upvotes") and p.first_seen and p.first_seen <= at
        ]
        return votes_before(tx, old, at)

    def risen(self, tx: Transaction, after: datetime, since: datetime) -> Mapping[PaperId, str]:
        """Papers first seen after an instant and until `since` whose votes rose since then, each with what was seen."""
        if (after, since) not in self._risen:
            old = [p for p in self.papers if p.first_seen and after < p.first_seen <= since]
            found = late_risers(
                old, since=since, before=votes_before(tx, [p.id for p in old if p.id is not None], since)
            )
            span = days(since, self.now)
            self._risen[after, since] = {p.id: f"▲ {votes} votes in {span}" for p, votes in found if p.id is not None}
        return self._risen[after, since]

    def _load(self, tx: Transaction) -> None:
        """Papers older than the window that an event or an edition speaks of."""
        self.perhaps = tx.papers.perhaps_same(self.by_id)
        editions = () if self.part else self.editions  # nobody it is for gets one
        wanted = {e.paper for e in self.events} | {p for e in editions for p, _ in e.items}
        wanted |= {other for others in self.perhaps.values() for other, _ in others}
        self.by_id |= tx.papers.papers_by_id(wanted - self.by_id.keys())
        self.news = by_paper(
            News(paper=self.by_id[e.paper], event=Happening(kind=e.kind, key=e.key, note=e.note or e.key), at=e.at)
            for e in self.events
            if e.paper in self.by_id and not (self.restored and e.at <= self.restored)
        )

    def new_by_source(self, tx: Transaction, after: datetime) -> dict[str, int]:
        """What each source brought since then."""
        if after not in self._new:
            self._new[after] = tx.papers.new_papers_by_source(after, self.now)
        return self._new[after]
