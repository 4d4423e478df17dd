"""Few rules: of a window only the papers are read that these may match, and what weighs by all of them is counted. Reads only.

The digests that come of it are those that come of the whole window (tested). Where many rules are asked, reading all is quicker.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.acts.digests.reader_history import has_topics
from digestbot.acts.site.settings import DigestSettings
from digestbot.errors import RuleError, StoreError
from digestbot.model import Paper, PaperId, Subscriber
from digestbot.ranking.trending import WITHIN
from digestbot.rules import Rule, parse
from digestbot.rules.index.narrowing import Counts, Narrowed, narrowed
from digestbot.rules.language.syntax_tree import Node
from digestbot.store import Transaction

log = logging.getLogger(__name__)

#: what was indexed before it was noted which papers are indexed again is told apart only as far back (migration 0022)
WIDEST = timedelta(days=90)
EACH = 60  #: papers of a window for each part that is counted: with fewer, reading all of them takes no longer
EACH_WORD = 5  #: and for each word that is asked for; PostgreSQL looks for phrases paper by paper
LONGEST = 10_000  #: characters that are asked for; PostgreSQL takes no query of more than a megabyte


@dataclass(frozen=True, slots=True, kw_only=True)
class FewRules:
    """The part of a window that some rules need."""

    papers: Sequence[Paper]  #: oldest first
    total: int  #: papers of the window
    having: Mapping[Node, int]  #: `Counts.having`
    uncounted: Collection[PaperId]
    rules: Mapping[str, Rule]  #: by their text

    def counts(self, papers: Sequence[Paper]) -> Counts:
        """What an index of these papers, all or most of the part, has to know of the window."""
        return Counts(self.total, self.having, sum(1 << n for n, p in enumerate(papers) if p.id in self.uncounted))


def few_rules(
    tx: Transaction, settings: DigestSettings, readers: Collection[Subscriber], start: datetime, now: datetime
) -> FewRules | None:
    """Read what the digests of these readers need of the papers first seen in (start, now]; None where they need all of them,
    or reading all is quicker.

    Besides what their rules may match that is what has votes, and of the last days what several services carry: it may trend.
    """
    rules = _rules(settings, readers) if now - start <= WIDEST else {}
    need = narrowed(rule.tree for rule in rules.values()) if rules else None
    if need is None or not _pays(need, tx.papers.count_new_papers(start, now)):
        return None
    besides = _lively(tx, settings, start, now)
    try:
        part = tx.full_text.part_of(need.read, list(need.counted.values()), start, now, besides=besides)
    except StoreError as error:  # no mail hangs on an index that can be made again
        log.warning("all papers are read: %s", error)
        return None
    having = dict(zip(need.counted, part.counts, strict=True))
    return FewRules(papers=part.papers, total=part.total, having=having, uncounted=part.uncounted, rules=rules)


def _pays(need: Narrowed, papers: int) -> bool:
    """Whether asking the full text is quicker than reading all papers."""
    return len(need.counted) * EACH + len(need.words) * EACH_WORD <= papers and sum(map(len, need.words)) <= LONGEST


def _rules(settings: DigestSettings, readers: Collection[Subscriber]) -> dict[str, Rule]:
    """The rules of these readers; none when one of them needs more than what rules match, or has a rule that cannot be read."""
    if settings.encoder or any(reader.discover or not has_topics(reader) for reader in readers):
        return {}
    topics = [topic for reader in readers for topic in reader.topics]
    if any(topic.like for topic in topics):
        return {}
    try:
        return {query: parse(query, topics=settings.topics) for query in {topic.query for topic in topics}}
    except RuleError:
        return {}


def _lively(tx: Transaction, settings: DigestSettings, start: datetime, now: datetime) -> set[PaperId]:
    """What has votes, and of the last days what several services carry."""
    since = max(start, now - WITHIN)
    carried = tx.papers.sources_of_papers_between(since, now)
    shared = {
        paper
        for paper, sources in carried.items()
        if len(sources) > 1 and len({settings.services.get(source, source) for source in sources}) > 1
    }
    return tx.papers.voted_papers_between(start, now) | shared
