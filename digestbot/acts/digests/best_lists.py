"""Best lists: the best papers of a week or a month as they stand now, for everybody and for one reader. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from digestbot.acts.digests.candidates import CandidateWindow, votes_before
from digestbot.acts.digests.editions import wanted_papers
from digestbot.acts.digests.reader_history import ReaderHistory
from digestbot.acts.site.settings import FeedSettings
from digestbot.digest.selection.rhythm import PLACES, Rhythm, comes, rhythm_of
from digestbot.digest.selection.select import BestList, Reach, graded, window_start
from digestbot.model import Grade, Item, PaperId, Section, SectionKind, Slot, Subscriber, Topic
from digestbot.ranking.best import BestPaper, best_of
from digestbot.store import Transaction

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
LATE_FOR = timedelta(days=14)  #: before a span: how old a paper may be that rises within it


def best_list(
    tx: Transaction, settings: FeedSettings, *, since: datetime, now: datetime, most: int = 20
) -> list[BestPaper]:
    """Returns the best of what the edition's rule lets through, first seen from `since` to `now` or risen within, best first."""
    papers = wanted_papers(tx.papers.papers_seen_between(since - LATE_FOR, now), settings)
    before = votes_before(
        tx, {p.id for p in papers if p.id is not None and p.first_seen and p.first_seen <= since}, since
    )
    return best_of(papers, since=since, now=now, before=before, services=settings.services, most=most)


class ReaderLists:
    """The best lists of one reader at one slot: which come, and from when on they take papers."""

    def __init__(self, window: CandidateWindow, history: ReaderHistory, subscriber: Subscriber, slot: Slot) -> None:
        self._window, self._subscriber, self._due = window, subscriber, slot.due
        who = subscriber.stored_id
        self._done, self._kept = history.last_slot.get(who), history.last_delivered_slot.get(who)

    def wait(self, wish: Topic | Subscriber) -> bool:
        """Whether what is wished has a rhythm, and comes with a later digest."""
        rhythm = rhythm_of(wish)
        return rhythm is not None and not comes(self._subscriber, rhythm, self._due, self._kept)

    def since(self, rhythm: Rhythm, *, late: bool = False) -> datetime:
        """After which instant a paper was first seen that may stand in the list, or that may if it rose."""
        back = rhythm.length + (rhythm.late_for if late else timedelta())
        start = window_start(self._subscriber, self._due, self._done, self._kept, back, back)
        return max(start, self._window.restored) if self._window.restored else start

    def reach(self, tx: Transaction, start: datetime) -> Reach:
        """From when on each of the reader's topics takes papers; those that bring everything take them after `start`."""
        come = {}
        for topic in self._subscriber.topics:
            if (rhythm := rhythm_of(topic)) is not None and not topic.mute and not self.wait(topic):
                since = self.since(rhythm)
                risen = self._window.risen(tx, self.since(rhythm, late=True), since)
                come[topic.name] = BestList(span=rhythm.span, since=since, late=risen)
        waiting = (topic.name for topic in self._subscriber.topics if not topic.mute and self.wait(topic))
        return Reach(start, come, frozenset(waiting))

    def of_edition(self, tx: Transaction, rhythm: Rhythm, had: Collection[PaperId | None]) -> list[Section]:
        """The best of what stood in the editions, for a reader without topics."""
        window, since, after = self._window, self.since(rhythm), self.since(rhythm, late=True)
        editions = {paper for edition in window.editions for paper, _ in edition.items}
        papers = [
            p for i in sorted(editions - {*had}) if (p := window.by_id.get(i)) and p.first_seen and p.first_seen > after
        ]
        most = min(PLACES, self._subscriber.max_papers)
        found = best_of(
            papers, since=since, now=window.now, before=window.votes_at(tx, since), services=window.settings.services,
            most=most,
        )  # fmt: skip
        items = [Item(paper=best.paper, note=best.why, score=best.score) for best in found]
        must = sum(best.grade is Grade.MUST for best in found)
        return graded(Section(kind=SectionKind.BEST, title="", items=tuple(items)), must, rhythm.span, len(papers))
