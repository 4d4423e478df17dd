"""What rises: the growth of votes against what is usual, and the number of services that carry a paper.

A paper without a vote and with one source never trends: where nobody votes the section stays empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import exp, log, log2
from statistics import median
from typing import Final

from digestbot.model import FrozenMap, Paper, PaperId
from digestbot.ranking.community import EACH_ITS_OWN, attention, carriers, is_news, usual_votes
from digestbot.ranking.relevance import freshness

WITHIN = timedelta(days=3)  #: trending is about today, also after a weekend
GROWS = timedelta(days=1)  #: over which votes are compared
FEW = 8  #: papers of one service and age, of which what is usual there counts as much as what is known besides
A_WEEK = timedelta(weeks=1)
LATE = 5  #: fewest votes of a day that lift an older paper

Group = tuple[str, int]  #: a service, and age in days
Growths = Mapping[Group, Sequence[int]]
NOTHING_KNOWN: Final[Growths] = FrozenMap()


def rising(
    papers: Sequence[Paper],
    now: datetime,
    services: Mapping[str, str] = EACH_ITS_OWN,
    before: Mapping[PaperId, int] | None = None,
    week_ago: Growths = NOTHING_KNOWN,
) -> list[tuple[Paper, str]]:
    """Returns what trends of the papers, best first, each with the sentence that says why.

    What counts is the growth of votes in the last day against what is usual in it for papers of that service and age, so that
    neither a day on which few vote nor a service where many do decides. `before` are the votes of a day ago, None where no
    history is known.
    Papers first seen in the last three days rise by votes and by the services that carry them; an older one only when its votes
    grew twice as fast as is usual, so that yesterday's giant does not win again and a late riser gets its chance. `services`
    names the service of each source. Neither replacements nor what was withdrawn or retracted is news.
    """
    news = [p for p in papers if is_news(p)]
    grown = {p.public_id: _growth(p, before) for p in news}
    fresh = [p for p in news if p.came > now - WITHIN]
    usual = max(1.0, median([growth for p in fresh if (growth := grown[p.public_id]) > 0] or [1.0]))
    usual_for = usual_growth(growths(fresh, grown, now, services), now, services, week_ago)
    young = {p.public_id for p in fresh}
    late = [p for p in news if p.public_id not in young and grown[p.public_id] >= max(LATE, 2 * usual)]

    def heat_of_fresh(paper: Paper) -> float:
        others = max(0, carriers(paper, services) - 1)
        return (log2(1 + grown[paper.public_id] / usual_for(paper)) + others) * freshness(paper, now)

    heat = [(heat_of_fresh(p), p) for p in fresh if grown[p.public_id] > 0 or carriers(p, services) > 1]
    if before is not None:
        heat += [(log2(1 + grown[p.public_id] / usual), p) for p in late]
    ordered = sorted(heat, key=lambda pair: (-pair[0], pair[1].public_id))
    return [(p, why(p, services, grown[p.public_id])) for _, p in ordered]


def growths_of_day(
    papers: Iterable[Paper],
    votes: Mapping[PaperId, int],
    before: Mapping[PaperId, int],
    at: datetime,
    services: Mapping[str, str] = EACH_ITS_OWN,
) -> Growths:
    """Returns what grew in the day until `at`, an earlier moment: `votes` are those of then, `before` those of a day before."""
    fresh = [p for p in papers if is_news(p) and p.first_seen is not None and at - WITHIN < p.first_seen <= at]
    grown = {p.public_id: max(0, votes.get(p.id, 0) - before.get(p.id, 0)) if p.id is not None else 0 for p in fresh}
    return growths(fresh, grown, at, services)


def growths(
    papers: Iterable[Paper], grown: Mapping[str, int], now: datetime, services: Mapping[str, str] = EACH_ITS_OWN
) -> Growths:
    """Returns by how much those grew that did, by service and age in days."""
    groups: dict[Group, list[int]] = {}
    for paper in papers:
        if (growth := grown[paper.public_id]) > 0:
            for group in _groups(paper, now, services):
                groups.setdefault(group, []).append(growth)
    return groups


def usual_growth(
    today: Growths,
    now: datetime,
    services: Mapping[str, str] = EACH_ITS_OWN,
    week_ago: Growths = NOTHING_KNOWN,
) -> Callable[[Paper], float]:
    """Returns what growth is usual for a paper: the median of those of its service and age in days that grew.

    Of few such papers what was usual for them on that day of the week counts too, and where few are known of that, the
    median of all today. Of several services the one where most is usual.
    """
    anywhere = max(1.0, median([growth for group in today.values() for growth in group] or [1.0]))
    usual = {
        group: _leaning(today.get(group, ()), _leaning(week_ago.get(group, ()), anywhere))
        for group in today.keys() | week_ago.keys()
    }
    return lambda paper: max((usual.get(group, anywhere) for group in _groups(paper, now, services)), default=1.0)


def _leaning(some: Sequence[int], towards: float) -> float:
    """The median of some growths, the nearer to another value the fewer they are."""
    if not some:
        return towards
    return exp((len(some) * log(max(1.0, median(some))) + FEW * log(towards)) / (len(some) + FEW))


def _groups(paper: Paper, now: datetime, services: Mapping[str, str]) -> set[Group]:
    age = (now - paper.first_seen) // GROWS if paper.first_seen is not None else 0
    return {(services.get(source, source), age) for source in paper.sources}


def _growth(paper: Paper, before: Mapping[PaperId, int] | None) -> int:
    votes = paper.signals.get("upvotes", 0)
    return votes if before is None or paper.id is None else max(0, votes - before.get(paper.id, 0))


def edition_order(papers: Sequence[Paper], now: datetime, services: Mapping[str, str] = EACH_ITS_OWN) -> list[Paper]:
    """Every paper: what rises first, then the newer, then by public id."""
    usual = usual_votes(papers)
    newest = {p.public_id: p.first_seen.timestamp() if p.first_seen else 0.0 for p in papers}
    return sorted(papers, key=lambda p: (-heat(p, usual, now, services), -newest[p.public_id], p.public_id))


def heat(paper: Paper, usual: float, now: datetime, services: Mapping[str, str] = EACH_ITS_OWN) -> float:
    """Votes against the usual, one more for every further service, cooling with age."""
    return attention(paper, usual, services) * freshness(paper, now)


def why(paper: Paper, services: Mapping[str, str] = EACH_ITS_OWN, grown: int | None = None) -> str:
    """`▲ 41 votes · in 3 sources`, or `▲ 12 votes in 24 h` where it had some before; "" when nothing is known."""
    votes, sources = paper.signals.get("upvotes", 0), carriers(paper, services)
    shown, since = (grown, " in 24 h") if grown is not None and 0 < grown < votes else (votes, "")
    parts = [f"▲ {shown} vote{'s' * (shown != 1)}{since}"] * (votes > 0) + [f"in {sources} sources"] * (sources > 1)
    return " · ".join(parts)
