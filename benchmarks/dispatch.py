"""What dispatch does for up to 100,000 people before it writes: match five rules each, choose, and say why.

1,000 papers, five topics a person with a limit of 10, at most 15 papers in a mail; half of what matches was sent before.
The papers and rules are those of `benchmarks.rules`; reading and writing the database is not in the figures. Each crowd
is measured in a process of its own; seconds are those of the processor.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from benchmarks.report import report
from benchmarks.rules import BATCH, EACH, asked, papers
from digestbot.acts.digests.tastes import Tastes
from digestbot.acts.digests.topic_matches import TopicMatches
from digestbot.digest.selection.select import LOOK_BACK, Asking, Had, Reach, select
from digestbot.digest.selection.updates import Shown
from digestbot.model import Paper, PaperId, Reason, Subscriber, Topic
from digestbot.ranking.copies import NearCopies

CROWDS = (1_000, 10_000, 100_000)
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


def window() -> list[Paper]:
    """Over two weeks, oldest first."""
    some = papers()
    step = LOOK_BACK / len(some)
    return [
        replace(p, first_seen=NOW - LOOK_BACK + (n + 1) * step, public_id=str(n), announced=None)
        for n, p in enumerate(some)
    ]


def people(window: list[Paper], count: int, seed: int) -> Iterator[Subscriber]:
    texts = asked(window, count * EACH, seed=seed)
    for n in range(count):
        topics = tuple(Topic(name=f"T{at}", query=next(texts).text(), limit=10) for at in range(EACH))
        yield Subscriber(ref=f"r{n}", email=f"r{n}@example.org", topics=topics, trending=0)


def nothing(topic: Topic, papers: Sequence[Paper]) -> Sequence[tuple[Reason, ...]]:
    return [()] * len(papers)


def crowd(count: int, *, reasons: bool) -> dict[str, float]:
    """Seconds, memory, and what came of it."""
    shelf = window()
    shown = {PaperId(n): Shown(version=None, at=NOW) for n in range(0, len(shelf), 2)}
    start, kept, lists = NOW - LOOK_BACK - timedelta(days=1), [], []
    began = time.process_time()
    matching = TopicMatches(shelf, {}, NOW)
    matching.found(Topic(name="", query="anything"), start)
    took, parsing, choosing = time.process_time() - began, 0.0, 0.0
    tastes = Tastes(matching.papers)
    asking = Asking(matching.why if reasons else nothing, NearCopies(tastes.vector, tastes.rarity).of)
    for at in range(0, count, BATCH):
        batch = list(people(shelf, min(BATCH, count - at), seed=at))
        began = time.process_time()
        for one in batch:
            for topic in one.topics:
                matching._rule(topic.query)
        middle = time.process_time()
        lists += [matching.matched(topic.query) for one in batch for topic in one.topics]
        matched = time.process_time()
        for one in batch:
            found = [(topic, matching.found(topic, start, without=shown)) for topic in one.topics]
            chosen = select(
                one,
                found,
                Had(shown),
                {},
                matching.rising,
                reach=Reach(start),
                asking=asking,
            )
            kept.append(tuple(i.paper.id for s in chosen.sections for i in (*s.items, *s.more)))
        parsing += middle - began
        took += matched - middle
        choosing += time.process_time() - matched
        gc.freeze()  # as in benchmarks.rules: what is kept is not walked over again and again
    return {
        "seconds": took, "choosing": choosing, "parsing": parsing, "papers": sum(map(len, kept)) / count,
        "matched": sum(map(int.bit_count, lists)) / count,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def measured(count: int, how: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.dispatch", str(count), how]
    run: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return run


def main() -> None:
    for count in CROWDS[:-1] if report.quick else CROWDS:
        plain, whole = measured(count, "lists"), measured(count, "reasons")
        who = f"{count:,} people"
        report.add(f"{who}: every rule's list of papers", plain["seconds"], "s", aim="4 for 100,000")
        report.add(f"{who}: choosing {plain['papers']:.1f} papers each", plain["choosing"], "s")
        report.add(f"{who}: choosing with reasons", whole["choosing"], "s", aim="40 for 100,000")
        report.add(f"{who}: memory", whole["megabytes"], "MB", aim="300 for 100,000")


if __name__ == "__main__":
    print(json.dumps(crowd(int(sys.argv[1]), reasons=sys.argv[2] == "reasons")))
