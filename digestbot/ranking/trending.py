"""What rises: a first, honest version, from votes and the number of services that carry a paper.

A paper without a vote and with one source never trends: where nobody votes the section stays empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from digestbot.model import Paper
from digestbot.ranking.community import EACH_ITS_OWN, attention, carriers, usual_votes
from digestbot.ranking.relevance import freshness

WITHIN = timedelta(days=3)  #: trending is about today, also after a weekend


def rising(
    papers: Sequence[Paper], now: datetime, services: Mapping[str, str] = EACH_ITS_OWN
) -> list[tuple[Paper, str]]:
    """What trends of the papers first seen in the last days, best first, each with the sentence that says why.

    `services` names the service of each source; a source it lacks is a service of its own.

    Neither replacements nor what was withdrawn or retracted is news.
    """
    news = [p for p in papers if not p.replacement and not p.standing]
    fresh = [p for p in news if p.first_seen is not None and p.first_seen > now - WITHIN]
    usual = usual_votes(fresh)
    up = [p for p in fresh if p.signals.get("upvotes", 0) > 0 or carriers(p, services) > 1]
    return [(p, why(p, services)) for p in sorted(up, key=lambda p: (-heat(p, usual, now, services), p.public_id))]


def edition_order(papers: Sequence[Paper], now: datetime, services: Mapping[str, str] = EACH_ITS_OWN) -> list[Paper]:
    """Every paper: what rises first, then the newer, then by public id."""
    usual = usual_votes(papers)
    newest = {p.public_id: p.first_seen.timestamp() if p.first_seen else 0.0 for p in papers}
    return sorted(papers, key=lambda p: (-heat(p, usual, now, services), -newest[p.public_id], p.public_id))


def heat(paper: Paper, usual: float, now: datetime, services: Mapping[str, str] = EACH_ITS_OWN) -> float:
    """Votes against the usual, one more for every further service, cooling with age."""
    return attention(paper, usual, services) * freshness(paper, now)


def why(paper: Paper, services: Mapping[str, str] = EACH_ITS_OWN) -> str:
    """`▲ 41 votes · in 3 sources`; "" when neither is known."""
    votes, sources = paper.signals.get("upvotes", 0), carriers(paper, services)
    parts = [f"▲ {votes} vote{'s' * (votes != 1)}"] * (votes > 0) + [f"in {sources} sources"] * (sources > 1)
    return " · ".join(parts)
