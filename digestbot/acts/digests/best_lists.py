"""Best lists for everybody: the best papers of a week or a month as they stand now. Reads only."""

from __future__ import annotations

from datetime import datetime, timedelta

from digestbot.acts.digests.editions import wanted_papers
from digestbot.acts.site.settings import FeedSettings
from digestbot.model import PaperId
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
        tx, [p.id for p in papers if p.id is not None and p.first_seen and p.first_seen <= since], since
    )
    return best_of(papers, since=since, now=now, before=before, services=settings.services, most=most)


def votes_before(tx: Transaction, papers: list[PaperId], at: datetime) -> dict[PaperId, int]:
    """Returns the votes that papers had at a moment."""
    return {paper: signals.get("upvotes", 0) for paper, signals in tx.papers.signals_of_papers_at(papers, at).items()}
