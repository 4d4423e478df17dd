"""Backtest: a rule tried on the past before it is trusted, a row a day. Reads only.

A paper counts on the day it was first seen, where the subscriber lives. Limits and what was sent before play no part:
the question is what the rule says. The database's full text says which papers a rule may match; only these are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from digestbot.acts.digests.like_matches import like_matches, named_papers
from digestbot.model import FrozenMap, Paper, Subscriber, Topic
from digestbot.rules import PaperIndex, parse
from digestbot.rules.index.fulltext_query import FulltextQuery, fulltext_query_of_any
from digestbot.store import Store, Transaction

OFTEN = 1 / 3  #: a rule that matches more than this part of everything is hardly meant
ENOUGH = 50  #: papers without which nothing can be said about a rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a rule would have brought on one day."""

    day: date
    papers: int  #: that came
    now: int  #: of these, by the rules in force
    then: int  #: by the rules that are tried
    gained: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What the rules that are tried would have brought."""

    subscriber: str
    since: datetime
    days: tuple[Day, ...]  #: oldest first
    gained: tuple[Paper, ...]  #: newest first
    lost: tuple[Paper, ...]

    @property
    def average(self) -> tuple[float, float]:
        """Papers a day, by the rules in force and by those that are tried."""
        count = len(self.days) or 1
        return round(sum(d.now for d in self.days) / count, 1), round(sum(d.then for d in self.days) / count, 1)


def backtest(
    store: Store,
    subscriber: Subscriber,
    tried: Sequence[Topic],
    *,
    rules: Mapping[str, str],
    since: timedelta,
    now: datetime,
) -> Backtest:
    """Hold `tried` against the subscriber's own topics over the papers first seen since. Raises RuleError."""
    need = _need((*subscriber.topics, *tried), rules)
    with store.reading() as tx:
        news = tx.papers.news_seen_between(now - since, now)
        papers = [p for p in tx.full_text.papers_with(need, now - since, now) if not p.replacement]
        alike = like_bits(tx, papers, (*subscriber.topics, *tried), now)
    index, zone = PaperIndex(papers), ZoneInfo(subscriber.time_zone)
    before, after = wanted(index, subscriber.topics, rules, alike), wanted(index, tried, rules, alike)
    came = Counter(seen.astimezone(zone).date() for seen in news)
    by_day: dict[date, int] = {}
    for at, paper in enumerate(papers):
        day = paper.came.astimezone(zone).date()
        by_day[day] = by_day.get(day, 0) | 1 << at
    return Backtest(
        subscriber=subscriber.ref,
        since=now - since,
        days=tuple(
            _day(day, came[day], before & by_day.get(day, 0), after & by_day.get(day, 0))
            for day in _every(came, now.astimezone(zone).date())
        ),
        gained=tuple(reversed(index.papers(after & ~before))),
        lost=tuple(reversed(index.papers(before & ~after))),
    )


def _need(topics: Iterable[Topic], rules: Mapping[str, str]) -> FulltextQuery | None:
    """What a paper must have that one of the topics may match; None where words cannot tell. Raises RuleError."""
    trees = [None if topic.like else parse(topic.query, topics=rules).tree for topic in topics]
    return fulltext_query_of_any(tree for tree in trees if tree is not None) if all(trees) else None


LikeBits = Mapping[
    tuple[tuple[str, ...], float], int
]  #: papers and threshold of a topic → the papers that are like them
NONE: LikeBits = FrozenMap()  #: where only rules are asked about


def like_bits(tx: Transaction, papers: Sequence[Paper], topics: Iterable[Topic], now: datetime) -> LikeBits:
    """The papers, as a set of bits in their order, that each topic made of papers would bring."""
    asked = {(topic.like, topic.threshold): topic for topic in topics if topic.like}
    matches = like_matches(tx, papers, now) if asked else None
    return {
        key: sum(1 << n for n, score in enumerate(matches.scores(tx, topic)) if score >= topic.threshold)
        for key, topic in asked.items()
        if matches is not None
    }


def bits_of(index: PaperIndex, topic: Topic, rules: Mapping[str, str], alike: LikeBits) -> int:
    """The set of papers that one topic matches."""
    if topic.like:
        return alike.get((topic.like, topic.threshold), 0)
    return index.bits(parse(topic.query, topics=rules))


def wanted(index: PaperIndex, topics: Sequence[Topic], rules: Mapping[str, str], alike: LikeBits = NONE) -> int:
    """The set of papers that some topic matches and no mute topic does."""
    found = muted = 0
    for topic in topics:
        bits = bits_of(index, topic, rules, alike)
        if topic.mute:
            muted |= bits
        else:
            found |= bits
    return found & ~muted


def span_of(papers: Sequence[Paper], zone: ZoneInfo, now: datetime) -> int:
    """Days from the first of the papers to today, both counted, where the subscriber lives: what "a day" divides by."""
    seen = [p.first_seen for p in papers if p.first_seen is not None]
    first = min(seen, default=now).astimezone(zone).date()
    return (now.astimezone(zone).date() - first).days + 1


def _every(by_day: Mapping[date, object], last: date) -> list[date]:
    """Quiet days too, from the first that had a paper."""
    first = min(by_day, default=last)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _day(day: date, papers: int, old: int, new: int) -> Day:
    """One day on which so many papers came. `old`, `new`: those of them that the rules in force and the tried ones match."""
    return Day(
        day=day, papers=papers, now=old.bit_count(), then=new.bit_count(), gained=(new & ~old).bit_count(),
        lost=(old & ~new).bit_count(),
    )  # fmt: skip


def _unread(tx: Transaction, topic: Topic) -> str:
    """Which of the papers a topic is made of have no text yet."""
    missing = topic.like and sorted({*topic.like} - named_papers(tx, topic.like).keys())
    if not missing:
        return ""
    named = ", ".join(missing[:3]) + ", …" * (len(missing) > 3)  # as many as fit a line
    return f"{len(missing)} of its {len(topic.like)} papers are not in the record yet ({named}): the next poll asks for them"


def doubts(
    store: Store, subscribers: Sequence[Subscriber], *, rules: Mapping[str, str], now: datetime
) -> list[tuple[str, str, str]]:
    """(subscriber, topic, what is odd) for rules that matched nothing in thirty days, or more than a third of it."""
    with store.reading() as tx:
        papers = [p for p in tx.papers.papers_seen_between(now - timedelta(days=30), now) if not p.replacement]
        topics = [topic for person in subscribers for topic in person.topics]
        odd = [(person.ref, t.name, what) for person in subscribers for t in person.topics if (what := _unread(tx, t))]
        alike = like_bits(tx, papers, topics, now) if len(papers) >= ENOUGH else {}
    if len(papers) < ENOUGH:
        return odd
    index = PaperIndex(papers)
    for subscriber in subscribers:
        for topic in subscriber.topics:
            count = bits_of(index, topic, rules, alike).bit_count()
            if what := _odd_count(topic, count, len(papers)):
                odd.append((subscriber.ref, topic.name, what))
    return odd


def _odd_count(topic: Topic, count: int, of: int) -> str:
    """What is odd about `count` matches among `of` papers of thirty days; "" when nothing is."""
    if not count:
        return f"matched none of the {of:,} papers of the last 30 days"
    if count > of * OFTEN and not topic.mute:
        return f"matches {round(100 * count / of)}% of the last 30 days: {count:,} papers"
    return ""
