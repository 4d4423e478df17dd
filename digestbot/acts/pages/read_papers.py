"""One paper as its page shows it: who said what of it, its versions, and how it was liked over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.digest.selection.updates import Fate, fate_of
from digestbot.model import Paper
from digestbot.papers.facts.events import FATES
from digestbot.store import Store, StoredEntry

POINTS = 16  #: of the picture of its votes
MOST_MENTIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One entry of the paper."""

    source: str
    seen: datetime
    version: str  #: "v2"; "" where there are no versions
    title: str  #: where it differs from the paper's
    link: str
    reason: str  #: why it was taken for this paper


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """All that its page shows."""

    paper: Paper
    said: tuple[Said, ...]  #: oldest first
    votes: tuple[int, ...]  #: at equal steps from when it was first seen until now; () when nobody voted
    fate: Fate
    beside: tuple[tuple[Paper, str], ...]  #: perhaps the same, with the reason


def read_paper(store: Store, public_id: str, *, now: datetime) -> PaperView | None:
    """The paper with this public id; None when there is none."""
    with store.reading() as tx:
        paper = tx.papers.paper_by_public_id(public_id)
        if paper is None or paper.id is None:
            return None
        mentions = tx.papers.mentions_of(paper.id)
        near = tx.papers.perhaps_same([paper.id]).get(paper.id, [])
        papers = tx.papers.papers_by_id([other for other, _ in near])
        events = sorted(tx.papers.events_of([paper.id], FATES), key=lambda event: event.at)
        moments = steps(paper.first_seen or now, now)
        votes = tuple(tx.papers.signals_at(paper.id, at).get("upvotes", 0) for at in moments)
    return PaperView(
        paper=paper,
        said=_said(paper, mentions[:MOST_MENTIONS]),
        votes=votes if any(votes) else (),
        fate=fate_of(paper, {event.kind: event.at for event in events}),
        beside=tuple((papers[other], reason) for other, reason in near if other in papers),
    )


def steps(begin: datetime, end: datetime) -> list[datetime]:
    """POINTS moments, the last of them `end`; of a long time only its last two weeks."""
    begin = max(begin, end - timedelta(days=14))
    step = max((end - begin) / POINTS, timedelta(minutes=1))
    return [end - step * at for at in range(POINTS - 1, -1, -1)]


def _said(paper: Paper, mentions: Sequence[tuple[StoredEntry, str]]) -> tuple[Said, ...]:
    return tuple(
        Said(
            source=stored.source,
            seen=stored.seen,
            version=f"v{number}" if (number := stored.entry.identifiers.get("arxiv_version", "")) else "",
            title="" if stored.entry.title == paper.title else stored.entry.title,
            link=stored.entry.link,
            reason=reason,
        )
        for stored, reason in mentions
    )
