"""A person's library: what they imported or like, how it stands, and when anybody was last asked about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digestbot.model import NoticeKind, Paper, PaperId, Subscriber, Vote
from digestbot.papers.facts.notices import address
from digestbot.sources.providers import Provider
from digestbot.store import Enrichment, Store
from digestbot.store.contract.enrichments import DONE, GIVEN_UP, KEPT

FRESH = timedelta(days=2)  #: what was asked since then is not asked again by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A paper of a library."""

    paper: Paper
    how: str  #: "imported" or "liked"
    since: datetime
    asked: datetime | None  #: when a service last answered about it
    next: datetime | None  #: when one is asked again; None: nobody is, as no service knows its identifiers

    @property
    def stands(self) -> str:
        """In one word: "retracted", "withdrawn", "concern", "corrected"; "" for a paper of which nothing is said."""
        kinds = {notice.kind for notice in self.paper.notices}
        said = "concern" if NoticeKind.CONCERN in kinds else "corrected" if NoticeKind.CORRECTION in kinds else ""
        return self.paper.standing.value or said

    @property
    def where(self) -> tuple[str, ...]:
        """Addresses of the notices."""
        return tuple(dict.fromkeys(href for notice in self.paper.notices if (href := address(notice))))


def holdings(store: Store, subscriber: Subscriber) -> list[Holding]:
    """Everything in their library, what no longer stands first, then by title."""
    with store.reading() as tx:
        votes = {v.paper: v for v in tx.votes.votes_of(subscriber.stored_id) if v.value == 1}
        papers = tx.papers.papers_by_id(votes)
        rows = tx.enrichments.rows_of_papers(papers)
    every = [_holding(paper, votes[i], rows.get(i, [])) for i, paper in papers.items() if i in votes]
    order = ("retracted", "withdrawn", "concern", "corrected", "")
    return sorted(every, key=lambda h: (order.index(h.stands), h.paper.title.casefold(), h.paper.public_id))


def _holding(paper: Paper, vote: Vote, rows: Sequence[Enrichment]) -> Holding:
    open_ = [row.next_at for row in rows if row.state not in (DONE, GIVEN_UP)]
    return Holding(
        paper=paper, how="imported" if vote.via == "library" else "liked", since=vote.at,
        asked=max((row.asked for row in rows if row.asked), default=None), next=min(open_, default=None),
    )  # fmt: skip


def ask_soon(store: Store, subscriber: Subscriber, providers: Sequence[Provider], *, now: datetime) -> int:
    """Make every paper of a library due that was not asked about in the last two days; returns how many."""
    papers = [h.paper for h in holdings(store, subscriber)]
    wanted = [(p.stored_id, provider.name) for p in papers for provider in providers if provider.name_of(p) is not None]
    with store.transaction() as tx:
        rows = tx.enrichments.rows_of_papers(p.stored_id for p in papers)
        known = {(row.paper, row.provider): row for some in rows.values() for row in some}
        due = [_due(known.get(pair), *pair, now) for pair in wanted]
        tx.enrichments.write_rows(row for row in due if row is not None)
    return len({row.paper for row in due if row is not None})


def _due(had: Enrichment | None, paper: PaperId, provider: str, now: datetime) -> Enrichment | None:
    """The row made due; None for one that is due by itself, or was answered a moment ago."""
    if had is None:
        return Enrichment(paper=paper, provider=provider, state=KEPT, next_at=now)
    fresh = had.asked is not None and now - had.asked <= FRESH
    return replace(had, state=KEPT, next_at=now) if had.state in (KEPT, DONE, GIVEN_UP) and not fresh else None
