"""Which list of a day holds what leads three days later: trending against the order by votes.

Replays dated snapshots of votes. Each morning both rank the papers known by then, and the leaders are the ten that gain most votes
in the three days that follow; the figure is how many of them stand among the first ten. Give snapshots as a folder in
$DIGESTBOT_SNAPSHOTS: files named by their moment (`2026-11-23T0700Z.json`), each a reply of the daily papers' API. Without one, four
simulated weeks stand in: papers of a weekday's number, with heavy-tailed appeal, votes that come by chance and cool within two days,
and one in twenty that is found late. A simulation shows that the order does what it says, not how often it is right in the world.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import exp
from pathlib import Path
from statistics import fmean

from digestbot.model import Paper, PaperId
from digestbot.ranking.trending import growths_of_day, rising

DAY = timedelta(days=1)
AHEAD, BEST, AIM = 3, 10, 15
Seen = Mapping[PaperId, datetime]
Votes = Mapping[PaperId, int]


def simulated(seed: int, days: int = 28) -> tuple[Seen, list[tuple[datetime, Votes]]]:
    """When each paper was first seen, and the votes of each morning."""
    draw, begin = random.Random(seed), datetime(2026, 10, 26, 7, tzinfo=UTC)
    seen: dict[PaperId, datetime] = {}
    appeal: dict[PaperId, tuple[float, float]] = {}
    votes: dict[PaperId, int] = {}
    mornings = []
    for day in range(days):
        now = begin + day * DAY
        for _ in range(12 if now.weekday() > 4 else 35):
            number = PaperId(len(seen) + 1)
            seen[number] = now - timedelta(hours=draw.uniform(0, 24))
            appeal[number] = (draw.lognormvariate(1.0, 1.2), draw.uniform(4, 9) if draw.random() < 0.05 else 0.0)
            votes[number] = 0
        for number, (much, late) in appeal.items():
            age = (now - seen[number]) / DAY
            rate = much * exp(-age / 2) + (3 * much * exp(-(age - late) / 2) if late and age > late else 0.0)
            expected = rate * min(1.0, age) * (0.6 if now.weekday() > 4 else 1.0)
            votes[number] += sum(draw.random() < expected / 40 for _ in range(40))
        mornings.append((now, dict(votes)))
    return seen, mornings


def recorded(folder: Path) -> tuple[Seen, list[tuple[datetime, Votes]]]:
    """The same from snapshots: the last one of each day."""
    numbers: dict[str, PaperId] = {}
    seen: dict[PaperId, datetime] = {}
    votes: dict[PaperId, int] = {}
    mornings: dict[str, tuple[datetime, Votes]] = {}
    for file in sorted(folder.glob("*.json")):
        now = datetime.fromisoformat(file.stem.removesuffix("Z")).replace(tzinfo=UTC)
        for row in json.loads(file.read_text(encoding="utf-8")):
            number = numbers.setdefault(row["paper"]["id"], PaperId(len(numbers) + 1))
            seen.setdefault(number, now)
            votes[number] = int(row["paper"].get("upvotes") or 0)
        mornings[f"{now:%Y-%m-%d}"] = (now, dict(votes))
    return seen, list(mornings.values())


def found(seen: Seen, mornings: Sequence[tuple[datetime, Votes]]) -> tuple[float, float, float]:
    """Leaders of three days later among the first ten: by votes of all, by votes of three days, by trending."""
    all_votes, new_votes, ours = [], [], []
    for at in range(7, len(mornings) - AHEAD):
        now, votes = mornings[at]
        before, after = mornings[at - 1][1], mornings[at + AHEAD][1]
        leaders = set(sorted(votes, key=lambda p: (votes[p] - after[p], p))[:BEST])
        papers = [
            Paper(id=p, public_id=f"{p:06}", title="x", signals={"upvotes": n}, first_seen=seen[p], sources=("daily",))
            for p, n in votes.items()
            if seen[p] > now - 14 * DAY
        ]
        by_votes = sorted((p for p in papers), key=lambda p: (-p.signals["upvotes"], p.public_id))
        recent = [p for p in by_votes if p.first_seen and p.first_seen > now - 3 * DAY]
        then, day_before = mornings[at - 7], mornings[at - 8][1] if at > 7 else {}
        week_ago = growths_of_day(papers, then[1], day_before, then[0])
        trend = [p for p, _ in rising(papers, now, before={p: before.get(p, 0) for p in votes}, week_ago=week_ago)]
        for ranked, into in ((by_votes, all_votes), (recent, new_votes), (trend, ours)):
            into.append(sum(p.id in leaders for p in ranked[:BEST]))
    return fmean(all_votes), fmean(new_votes), fmean(ours)


def main() -> None:
    folder = os.environ.get("DIGESTBOT_SNAPSHOTS", "")
    runs = [recorded(Path(folder))] if folder else [simulated(seed) for seed in range(8)]
    figures = [found(*run) for run in runs]
    by_votes, recent, ours = (fmean(column) for column in zip(*figures, strict=True))
    print(
        f"  {'of ' + folder if folder else 'eight simulated months'}; leaders of three days later among the first ten:"
    )
    print(f"  by votes {by_votes:.2f}, by votes of the last three days {recent:.2f}, trending {ours:.2f}"
          f" ({100 * (ours / by_votes - 1):+.0f} % and {100 * (ours / recent - 1):+.0f} %; aim +{AIM} %)")  # fmt: skip
