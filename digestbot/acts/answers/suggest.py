"""Suggest: what a rule could ask for besides, what it could leave out, and what that would cost. Reads only.

Votes say what somebody wants; without any, a rule that brings too much is still parted into the themes it holds. Every
figure is the backtest's: papers a day over the same days, limits and what was sent before left out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from digestbot.acts.answers.backtest import span_of, wanted
from digestbot.acts.answers.dry_parts import PartCount, part_counts
from digestbot.model import Paper, PaperId, Subscriber, Topic
from digestbot.rules import PaperIndex, Rule, parse
from digestbot.rules.evaluation.suggest import distinction, shared, unlike, with_part
from digestbot.store import Store, Transaction

MOST = 10  #: proposals of one kind
CANDIDATES = 600  #: parts that are looked at
READ = 3000  #: papers of a too wide rule that are read for parts, the newest
SURE = 1.0  #: standard deviations from which a difference is told
TOO_COMMON = 0.35  #: a word in more of all papers than this names no theme
IN_TITLES = 0.1  #: nor does one that fewer of its papers than this have in their title
TOGETHER = 4  #: parts at most in one proposal
PHRASES = 1.5  #: two words name a theme better than one: so much more they count
FEWEST, MOST_LEFT = 0.03, 0.7  #: of what a rule brings: what a narrower one may leave


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One part, and what a rule with it would bring."""

    part: str  #: as a rule writes it: cat:cs.CV, video, "flow matching"
    query: str  #: the whole rule with it
    a_day: float  #: papers a day that the whole rule brings
    change: float  #: papers a day more than now; below 0: fewer
    liked: int  #: of the papers voted up, how many the whole rule brings
    disliked: int  #: of those voted down
    examples: tuple[str, ...] = ()  #: titles: of what is gained, kept (narrow) or lost (exclude), the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicAdvice:
    """What one rule brings, and how it could be another."""

    topic: str
    query: str
    a_day: float
    share: float  #: of all papers
    liked: int
    disliked: int
    goal: int  #: papers a day it should bring at most: its mail has no room for more, or less is wanted
    add: tuple[Proposal, ...] = ()  #: OR
    narrow: tuple[Proposal, ...] = ()  #: AND
    exclude: tuple[Proposal, ...] = ()  #: AND NOT
    dry: tuple[PartCount, ...] = ()  #: of a rule that brings nothing: how many papers have each part

    @property
    def best(self) -> Proposal | None:
        """The proposal to try first."""
        if self.a_day > self.goal and self.narrow:
            fitting = [p for p in self.narrow if p.a_day <= self.goal]
            return (
                max(fitting, key=lambda p: (p.liked, p.a_day)) if fitting else min(self.narrow, key=lambda p: p.a_day)
            )
        return next(iter((*self.add, *self.exclude, *self.narrow)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What could be asked for besides and left out, for each topic of a subscriber."""

    subscriber: str
    days: int
    papers: int  #: first seen in these days
    liked: int  #: papers voted up, whenever they came
    disliked: int
    topics: tuple[TopicAdvice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is tried on papers that came before."""

    topics: Sequence[Topic]  #: of theirs, or tried ones
    rules: Mapping[str, str]  #: of the site's topics, by name
    since: timedelta  #: before now
    aim: int | None = None  #: papers a day that a topic should bring at most, where its mail has room for more


def suggest(
    store: Store,
    subscriber: Subscriber,
    trial: Trial,
    *,
    now: datetime,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Suggestions:
    """Look at topics over the papers first seen since. Raises RuleError. `on_progress` is told how many papers there are."""
    with store.reading() as tx:
        history = [p for p in tx.papers.papers_seen_between(now - trial.since, now) if not p.replacement]
        votes = _votes(tx, subscriber)
    on_progress(len(history))
    days = span_of(history, ZoneInfo(subscriber.time_zone), now)
    topics, rules = trial.topics, trial.rules
    desk = _Desk(history, votes, days, rules)
    muted = wanted(desk.index, [replace(t, mute=False) for t in subscriber.topics if t.mute], rules)
    looked_at = {topic.name for topic in topics}
    theirs = wanted(desk.index, [*topics, *(t for t in subscriber.topics if t.name not in looked_at)], rules)
    advice = tuple(
        desk.advice(topic, _goal(subscriber, topic, trial.aim), theirs, muted)
        for topic in topics
        if not topic.mute and not topic.like
    )
    return Suggestions(
        subscriber=subscriber.ref, days=days, papers=len(history), liked=desk.liked.bit_count(),
        disliked=desk.disliked.bit_count(), topics=advice,
    )  # fmt: skip


def _goal(subscriber: Subscriber, topic: Topic, aim: int | None) -> int:
    room = min(topic.limit or subscriber.max_papers, subscriber.max_papers)
    return min(aim, room) if aim else room


def _votes(tx: Transaction, subscriber: Subscriber) -> dict[PaperId, tuple[Paper, int]]:
    votes = {vote.paper: vote.value for vote in tx.votes.votes_of(subscriber.stored_id)}
    return {number: (paper, votes[number]) for number, paper in tx.papers.papers_by_id(votes).items()}


class _Desk:
    """The papers of the history, and those voted on, in one index."""

    def __init__(
        self, history: Sequence[Paper], votes: Mapping[PaperId, tuple[Paper, int]], days: int, rules: Mapping[str, str]
    ) -> None:
        known = {paper.id for paper in history}
        papers = [*history, *(paper for number, (paper, _) in votes.items() if number not in known)]
        self.index, self.days, self.rules = PaperIndex(papers), days, rules
        self.history = (1 << len(history)) - 1
        value = {number: value for number, (_, value) in votes.items()}
        self.liked = sum(1 << n for n, p in enumerate(papers) if p.id is not None and value.get(p.id) == 1)
        self.disliked = sum(1 << n for n, p in enumerate(papers) if p.id is not None and value.get(p.id) == -1)

    def bits(self, part: str) -> int:
        """Papers that have a part."""
        return self.index.bits(parse(part))

    def a_day(self, bits: int) -> float:
        """Papers of the history a day."""
        return (bits & self.history).bit_count() / self.days

    def advice(self, topic: Topic, goal: int, theirs: int, muted: int) -> TopicAdvice:
        """One topic. `theirs`: what all topics together bring; `muted`: what no topic may bring."""
        rule = parse(topic.query, topics=self.rules)
        here = self.index.bits(rule) & ~muted
        a_day = self.a_day(here)
        return TopicAdvice(
            topic=topic.name, query=topic.query, a_day=round(a_day, 1), goal=goal,
            share=(here & self.history).bit_count() / max(1, self.history.bit_count()),
            liked=(here & self.liked).bit_count(), disliked=(here & self.disliked).bit_count(),
            add=self._add(rule, here, self.liked & ~theirs & ~here & ~muted, muted),
            narrow=self._narrow(rule, here) if a_day > goal else (),
            exclude=self._exclude(rule, here),
            dry=() if here & self.history else part_counts(rule, self.index, self.index.papers(self.history)),
        )  # fmt: skip

    def _parts(self, papers: int, least: int) -> list[tuple[str, int]]:
        """Parts that these papers share and that name a theme, with all papers that have them."""
        read = self.index.papers(papers)[-READ:]
        found = ((part, self.bits(part)) for part in shared(read, least, CANDIDATES))
        return [(part, bits) for part, bits in found if part.startswith("cat:") or self._is_theme(part, bits)]

    def _is_theme(self, part: str, bits: int) -> bool:
        count = (bits & self.history).bit_count()
        return count <= TOO_COMMON * self.history.bit_count() and self._named(part, bits) >= IN_TITLES * count

    def _voted(self, voted: int, others: int) -> Iterator[tuple[float, str, int]]:
        """Parts that papers voted on have more often than the others; of one paper alone only what its title names."""
        for part, bits in self._parts(voted, 1):
            alone = (bits & voted).bit_count() == 1 and not part.startswith("cat:")
            sure = self._sure(bits, voted, others)
            if sure > SURE and not (alone and (voted.bit_count() > 2 or not self.bits(f"ti:{part}") & voted)):
                yield sure, part, bits

    def _sure(self, bits: int, some: int, others: int) -> float:
        """How sure it is that `some` have a part (`bits`) more often than the others."""
        others &= ~some
        return distinction((bits & some).bit_count(), some.bit_count(), (bits & others).bit_count(), others.bit_count())

    def _made(self, rule: Rule, part: str, query: str, before: int, after: int, examples: int) -> Proposal:
        shown = examples & self.history
        if not part.startswith(("cat:", "(")):  # those that name it in the title, where there are any
            shown = shown & self.bits(f"ti:{part}") or shown
        titles = tuple(paper.title for paper in reversed(self.index.papers(shown)[-2:]))
        return Proposal(
            part=part, query=query, a_day=round(self.a_day(after), 1), examples=titles,
            change=round(self.a_day(after) - self.a_day(before), 1), liked=(after & self.liked).bit_count(),
            disliked=(after & self.disliked).bit_count(),
        )  # fmt: skip

    def _chosen(self, ranked: Sequence[tuple[float, str, int]]) -> list[tuple[str, int]]:
        """The first ones that are not nearly the same set of papers as one before."""
        chosen: list[tuple[str, int]] = []
        for _, part, bits in sorted(ranked, key=lambda r: (-r[0], r[1])):
            if len(chosen) < MOST and unlike((other for _, other in chosen), bits):
                chosen.append((part, bits))
        return chosen

    def _add(self, rule: Rule, here: int, missed: int, muted: int) -> tuple[Proposal, ...]:
        """What the liked papers share that no topic brings: OR it."""
        if not missed:
            return ()
        ranked = [
            (sure, part, bits & ~here & ~muted)
            for sure, part, bits in self._voted(missed, self.history)
            if not part.startswith("cat:")  # a whole category is never a small addition
        ]
        return tuple(
            self._made(rule, part, f"{rule.text} OR {part}", here, here | bits, bits)
            for part, bits in self._chosen(ranked)
        )

    def _narrow(self, rule: Rule, here: int) -> tuple[Proposal, ...]:
        """What parts a too wide rule into themes: AND it, or AND NOT it.

        Liked papers decide, where there are some among its matches; then what titles name: a theme is in titles.
        """
        count, liked = here.bit_count(), here & self.liked
        ranked = []
        for part, bits in self._parts(here, max(2, int(FEWEST * min(count, READ)))):
            inside = bits & here
            if not FEWEST * count <= inside.bit_count() <= MOST_LEFT * count:
                continue
            by_votes = max(0.0, self._sure(inside, liked, here)) * count if liked else 0.0
            ranked.append((by_votes + self._named(part, inside), part, inside))
        chosen = self._chosen(ranked)
        chosen += self._together([(part, bits) for _, part, bits in ranked], liked)
        made = [
            self._made(rule, part, with_part(rule.text, rule.tree, part), here, bits, bits) for part, bits in chosen
        ]
        return tuple(sorted(made, key=lambda p: (-p.liked, -p.a_day)))

    def _together(self, parts: Sequence[tuple[str, int]], liked: int) -> list[tuple[str, int]]:
        """Two to four parts of which each liked paper has one, and few others: the most liked for each paper first."""
        kept: list[str] = []
        covered = 0
        while len(kept) < TOGETHER and liked & ~covered:
            gains = [((bits & liked & ~covered).bit_count() / (bits & ~covered).bit_count(), part, bits)
                     for part, bits in parts if bits & ~covered]  # fmt: skip
            gain, part, bits = max(gains, default=(0.0, "", 0))
            if not gain:
                break
            kept.append(part)
            covered |= bits
        return [(f"({' OR '.join(kept)})", covered)] if len(kept) > 1 else []

    def _named(self, part: str, papers: int) -> float:
        """How many of these papers name it in their title; a category of so many counts for a tenth of them."""
        if part.startswith("cat:"):
            return papers.bit_count() / 10
        named = (self.bits(f"ti:{part}") & papers).bit_count()
        return named * PHRASES if part.startswith('"') else float(named)

    def _exclude(self, rule: Rule, here: int) -> tuple[Proposal, ...]:
        """What the papers voted down share and no liked one has: AND NOT it."""
        bad = here & self.disliked
        if not bad:
            return ()
        ranked = [
            (sure, part, bits & here) for sure, part, bits in self._voted(bad, here) if not bits & here & self.liked
        ]
        return tuple(
            self._made(rule, part, with_part(rule.text, rule.tree, f"NOT {part}"), here, here & ~bits, bits)
            for part, bits in self._chosen(ranked)
        )
