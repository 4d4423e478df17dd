"""The best of a week or a month: one list, ranked by what is known at its end, in two grades. Pure.

It is not the days appended: how new a paper is does not count, votes that came late do. A paper of before the span has its
chance once more when its votes rose within it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, log2
from statistics import fmean, median, pstdev
from typing import Final

from digestbot.model import FrozenMap, Grade, Paper, PaperId
from digestbot.ranking.community import EACH_ITS_OWN, carriers, is_news, usual_votes
from digestbot.ranking.trending import why

LATE: Final = 5  #: fewest votes within the span that lift a paper of before it
NOTHING: Final[Mapping[PaperId, int]] = FrozenMap()
FEWEST = 8  #: papers to choose from, without which nothing stands out
MOST_MUST = 1 / 2  #: of the places: where everything is a must, nothing is


@dataclass(frozen=True, slots=True, kw_only=True)
class BestPaper:
    """One paper of the list."""

    paper: Paper
    grade: Grade
    score: float
    why: str  #: `▲ 41 votes · in 3 sources`; of a paper of before the span `▲ 30 votes in 7 days`
    late: bool = False  #: it was seen before the span, and rose within it


def best_of(
    papers: Iterable[Paper],
    *,
    since: datetime,
    now: datetime,
    before: Mapping[PaperId, int] = NOTHING,
    services: Mapping[str, str] = EACH_ITS_OWN,
    most: int = 20,
) -> list[BestPaper]:
    """Returns the best papers of a span for everybody, best first: by votes against the usual, and by services that carry them.

    The span is from `since` to `now`. `papers` are those that were seen in it, and such of before it as may have risen: `before`
    has the votes that these had at `since`. Nothing without a vote or a second service is among them, no new version of an older
    paper, and none that was withdrawn or retracted.
    """
    news = [p for p in papers if is_news(p) and not p.old]
    fresh = [p for p in news if p.came > since]
    late = late_risers(news, since=since, before=before)
    usual = usual_votes(fresh)
    scored = [(log2(1 + _votes(p) / usual) + max(0, carriers(p, services) - 1), p) for p in fresh]
    scored += [(log2(1 + grown / usual), p) for p, grown in late]
    ranked = sorted(((score, p) for score, p in scored if score > 0), key=lambda pair: (-pair[0], pair[1].public_id))
    grown_by = {p.public_id: f"▲ {grown} votes in {days(since, now)}" for p, grown in late}
    must = must_reads([score for score, _ in ranked], most)
    return [
        BestPaper(
            paper=p, grade=Grade.MUST if at < must else Grade.RELATED, score=score,
            why=grown_by.get(p.public_id) or why(p, services), late=p.public_id in grown_by,
        )
        for at, (score, p) in enumerate(ranked[:most])
    ]  # fmt: skip


def late_risers(papers: Iterable[Paper], *, since: datetime, before: Mapping[PaperId, int]) -> list[tuple[Paper, int]]:
    """Returns the papers seen before `since` whose votes rose after it, each with how many came: at least five, and as many as is
    usual among those that got any.

    `before` are the votes at `since`. A paper that is not in it had none then.
    """
    grown = [
        (p, _votes(p) - before.get(p.id, 0))
        for p in papers
        if p.first_seen is not None and p.first_seen <= since and p.id is not None
    ]
    some = [(p, votes) for p, votes in grown if votes >= LATE]
    usual = median([votes for _, votes in some]) if some else LATE
    return [(p, votes) for p, votes in some if votes >= usual]


def must_reads(scores: Sequence[float], most: int) -> int:
    """Returns how many of the first of `scores`, which are best first, stand out: by more than the usual spread around the mean.

    At most half of the `most` places. Of equal scores none stands out, nor of fewer than eight: what is usual is not known then.
    """
    if len(scores) < FEWEST:
        return 0
    bar = fmean(scores) + pstdev(scores)
    return min(sum(score > bar + 1e-9 for score in scores), ceil(most * MOST_MUST))


def _votes(paper: Paper) -> int:
    return paper.signals.get("upvotes", 0)


def days(since: datetime, until: datetime) -> str:
    """`7 days`: the length of a span in whole days, at least one."""
    count = max(1, round((until - since) / timedelta(days=1)))
    return f"{count} day{'s' * (count != 1)}"
