"""Matches the papers of a round's window with the rules of everybody who is due, each distinct rule once.

A rule is parsed when somebody who is due has it. The index finds its papers and their scores. Reasons are computed only
for a paper that stands in a digest.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from digestbot.acts.digests.few_rules import FewRules
from digestbot.acts.digests.tastes import Taste
from digestbot.acts.faults.isolate import Breaks, breaking
from digestbot.digest.selection.select import Found
from digestbot.model import TRENDING, Item, Paper, PaperId, Reason, ScorePart, Topic
from digestbot.ranking.community import EACH_ITS_OWN
from digestbot.ranking.relevance import Own, RelevanceOrder
from digestbot.ranking.trending import NOTHING_KNOWN, Growths, rising
from digestbot.rules import PaperIndex, Rule, parse
from digestbot.rules.language.syntax_tree import without_not

Asked = TypeVar("Asked")
Told = TypeVar("Told")
RISERS = 5  #: papers of the window that are called trending where they also match
MOST_RULES = 10_000  #: that are kept read
MOST_KEPT = 50_000  #: reasons, and as many scores in their parts
MOST_FOUND = 500_000  #: papers that these match, kept with their scores


def _kept(cache: dict[Asked, Told], asked: Asked, told: Told) -> Told:
    """Keep what was found for the next who asks the same; begin anew when there is too much."""
    if len(cache) >= MOST_KEPT:
        cache.clear()
    cache[asked] = told
    return told


class TopicMatches:
    """The papers of a window, oldest first, and the matches of rules among them.

    A paper that makes the evaluation of every rule fail is left out and listed in `broken`.
    """

    def __init__(
        self,
        papers: Sequence[Paper],
        topics: Mapping[str, str],
        now: datetime,
        services: Mapping[str, str] = EACH_ITS_OWN,
        votes_before: Mapping[PaperId, int] | None = None,
        week_ago: Growths = NOTHING_KNOWN,
        few: FewRules | None = None,
    ) -> None:
        """`few`: the papers are the part of a window that these rules need."""
        self._topics, self._now, self._services, self._before = topics, now, services, votes_before
        self._week_ago = week_ago
        self.broken: Breaks = {}
        self._rules: dict[str, Rule] = dict(few.rules) if few else {}
        self._few = few
        self._begin(papers)

    def _begin(self, papers: Sequence[Paper]) -> None:
        self.papers, self._index = papers, PaperIndex(papers, self._few.counts(papers) if self._few else None)
        self._ids = [paper.id for paper in papers]
        self._matched: dict[str, int] = {}
        self._found: dict[tuple[str, int, bool], list[Found]] = {}
        self._named: dict[str, frozenset[PaperId]] = {}
        self._whys: dict[tuple[str | PaperId | None, ...], Sequence[tuple[Reason, ...]]] = {}
        self._reasons = 0  # of papers, in _whys
        self._told: dict[tuple[PaperId | None, float, bool], tuple[ScorePart, ...]] = {}
        self._pairs = 0  # in _found
        news = [p for p in papers if not p.replacement]
        try:
            self._order = RelevanceOrder(papers, self._now, self._services)
            self.rising = rising(news, self._now, self._services, self._before, self._week_ago)
        except Exception:  # which of them is it?
            breaks = breaking(papers, lambda p: (RelevanceOrder([p], self._now), rising([p], self._now)))
            if not breaks:
                raise
            self._without(breaks)
            return
        self.risers = {paper.id: f"{TRENDING}{why}" for paper, why in self.rising[:RISERS]}
        self._seen = [p.first_seen for p in news if p.first_seen is not None]
        self._oldest = min((p.first_seen for p in papers if p.first_seen is not None), default=self._now)

    def _without(self, breaks: Breaks) -> None:
        self.broken |= breaks
        self._begin([paper for paper in self.papers if paper.id not in breaks])

    @property
    def order(self) -> RelevanceOrder:
        """The order of relevance among this window's papers."""
        return self._order

    def considered(self, after: datetime) -> int:
        """Counts the papers first seen after an instant."""
        return len(self._seen) - bisect_right(self._seen, after)

    def found(
        self,
        topic: Topic,
        after: datetime,
        taste: Taste | None = None,
        *,
        without: Container[PaperId] = (),
        fresh: bool = True,
    ) -> Sequence[Found]:
        """Returns the matches of a topic among the papers first seen after an instant, best first. Raises RuleError.

        With `taste`, in the order of that reader. `without`: papers that cannot come, and need no place in an order.
        `fresh`: how new a paper is counts, as it does but in a best list.
        """
        bits = left = self.matched(topic.query)
        if without and bits:
            ids = self._ids
            for n in self._index.numbers(bits):
                if ids[n] in without:
                    left ^= 1 << n
        found: Sequence[Found] = self._ranked(topic.query, left, taste, fresh=fresh) if left else []
        if after < self._oldest:
            return found
        return [f for f in found if f[0].first_seen and f[0].first_seen > after]

    def matched(self, query: str) -> int:
        """Returns the papers that a rule matches, as a set: bit n is the n-th paper. Raises RuleError.

        If the evaluation fails, drops the papers that cause it, for every rule, and retries.
        """
        bits = self._matched.get(query)
        if bits is None:
            rule = self._rule(query)
            try:
                bits = self._index.bits(rule)
            except Exception:  # which of them is it?
                breaks = breaking(self.papers, lambda paper: PaperIndex([paper]).match(rule))
                if not breaks:
                    raise
                self._without(breaks)
                bits = self._index.bits(rule)
            if len(self._matched) >= MOST_RULES:
                self._matched = {}
            self._matched[query] = bits
        return bits

    def why(self, topic: Topic, papers: Sequence[Paper]) -> Sequence[tuple[Reason, ...]]:
        """Returns the reasons why a topic matches each of these papers."""
        asked = (topic.query, *(paper.id for paper in papers))
        told = self._whys.get(asked)
        if told is None:
            told = self._index.reasons(self._rule(topic.query), papers)
            self._reasons += len(told)
            if self._reasons > MOST_KEPT:
                self._whys, self._reasons = {}, len(told)
            self._whys[asked] = told
        return told

    def parts(
        self, items: Sequence[Item], taste: Taste | None, *, fresh: bool = True
    ) -> Iterator[tuple[ScorePart, ...]]:
        """Yields what the score of each item of a topic is the sum of. `fresh` as in `found`."""
        if taste is None:
            yield from (self._parts(item, fresh=fresh) for item in items)
            return
        for item, one in zip(items, taste.scores([item.paper for item in items]), strict=True):
            n, own = self._index.number(item.paper), Own(one, taste.profile.trust, taste.moved_by(item.paper))
            yield () if n is None else self._order.parts(n, item.score, own, fresh=fresh)

    def _parts(self, item: Item, *, fresh: bool) -> tuple[ScorePart, ...]:
        """The same for everybody without a model of their own."""
        asked = (item.paper.id, item.score, fresh)
        made = self._told.get(asked)
        if made is None:
            n = self._index.number(item.paper)
            made = _kept(self._told, asked, () if n is None else self._order.parts(n, item.score, fresh=fresh))
        return made

    def named_by_not(self, topics: Iterable[Topic]) -> set[PaperId]:
        """Returns the papers that a topic would match but for its NOT."""
        named: set[PaperId] = set()
        for topic in (topic for topic in topics if not topic.like):
            if topic.query not in self._named:
                if len(self._named) >= MOST_RULES:
                    self._named.clear()
                self._named[topic.query] = frozenset(self._named_by(self._rule(topic.query)))
            named |= self._named[topic.query]
        return named

    def _named_by(self, rule: Rule) -> Iterator[PaperId]:
        wanted = without_not(rule.tree)
        if wanted is not None and wanted is not rule.tree:
            bits = self._index.bits(Rule(rule.text, wanted)) & ~self._index.bits(rule)
            yield from (paper.id for paper in self._index.papers(bits) if paper.id is not None)

    def _ranked(self, query: str, bits: int, taste: Taste | None, *, fresh: bool) -> Sequence[Found]:
        """Some matches of a rule, best first. Those of readers without a model are the same for all of whom the same may come."""
        if taste is not None:
            matched, usual = self._weights(query, bits)
            own = taste.scores([self.papers[n] for n, _ in matched])
            by_number = {n: one for (n, _), one in zip(matched, own, strict=True)}
            ranked = self._order.best_first(matched, by_number, taste.profile.trust, usual=usual, fresh=fresh)
            return [(self.papers[n], score) for n, score in ranked]
        found = self._found.get((query, bits, fresh))
        if found is None:
            matched, usual = self._weights(query, bits)
            ranked = self._order.best_first(matched, usual=usual, fresh=fresh)
            found = [(self.papers[n], score) for n, score in ranked]
            self._keep((query, bits, fresh), found)
        return found

    def _weights(self, query: str, bits: int) -> tuple[list[tuple[int, float]], float]:
        """The weight of the rule's words in each of these papers, and the mean of all that it matches."""
        every = self.matched(query)
        weighed = self._index.by_score(self._rule(query), every)
        usual = sum(weight * papers.bit_count() for weight, papers in weighed) / every.bit_count()
        numbers = self._index.numbers
        return [(n, weight) for weight, papers in weighed if papers & bits for n in numbers(papers & bits)], usual

    def _keep(self, asked: tuple[str, int, bool], found: list[Found]) -> None:
        if self._pairs + len(found) > MOST_FOUND or len(self._found) >= MOST_RULES:
            self._found, self._pairs = {}, 0
        self._found[asked] = found
        self._pairs += len(found)

    def _rule(self, query: str) -> Rule:
        if query not in self._rules:
            if len(self._rules) >= MOST_RULES:
                self._rules = {}
            self._rules[query] = parse(query, topics=self._topics)
        return self._rules[query]
