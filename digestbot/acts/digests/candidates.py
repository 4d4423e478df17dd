"""Window: what the digests of one round choose from, read once for all of them. Reads only."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digestbot.acts.digests.topic_matches import TopicMatches
from digestbot.acts.intake.listing_days import current_rows
from digestbot.acts.site.links import Linker
from digestbot.digest.selection.select import LOOK_BACK
from digestbot.digest.selection.updates import News, Shown, by_paper
from digestbot.model import (
    Listing,
    Paper,
    PaperId,
    Subscriber,
    SubscriberId,
)
from digestbot.papers.facts.events import Happening
from digestbot.store import RESTORED, ShownItem, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every digest of this site has in common."""

    site: str
    domain: str  #: of the From address; Message-IDs end in it
    contact: str = ""
    topics: Mapping[str, str] = field(default_factory=dict)  #: the site's rules, for @name
    titles: Mapping[str, str] = field(default_factory=dict)  #: source name → as people see it
    linker: Linker = field(default_factory=Linker)
    parts: Mapping[str, Collection[str]] = field(default_factory=dict)  #: source name → what it lists by days
    #: source name → why nothing can have come from it in (after, until]; "" when something should have
    quiet: Mapping[str, Callable[[datetime, datetime], str]] = field(default_factory=dict)


class Window:
    """The papers and editions all digests of one round choose from. `last`: the round before, whose papers may be the
    same ones."""

    def __init__(
        self, tx: Transaction, desk: Desk, *, start: datetime, now: datetime, last: Window | None = None
    ) -> None:
        self.start, self.now, self.desk = start, now, desk
        self.restored = tx.site.timestamp(RESTORED)
        self.papers = tx.papers.papers_seen_between(start, now)
        self.events = tx.papers.events_between(start, now)
        self.by_id: dict[PaperId, Paper] = {p.id: p for p in self.papers if p.id is not None}
        self.editions = tx.slots.editions_between(after=start, until=now + timedelta(days=2))
        self.sources = tx.source_log.sources()
        self.listings: dict[str, list[Listing]] = {}
        for row in current_rows(tx.source_log.listings(since=min(start, now - LOOK_BACK).date()), desk.parts, now):
            self.listings.setdefault(row.source, []).append(row)
        self.matching: TopicMatches = (
            last.matching
            if last is not None and last.papers == self.papers and last.now == now
            else TopicMatches(self.papers, desk.topics, now)
        )
        self._new: dict[datetime, dict[str, int]] = {}
        self._load(tx)

    def _load(self, tx: Transaction) -> None:
        """Papers older than the window that an event or an edition speaks of."""
        self.perhaps = tx.papers.perhaps_same(self.by_id)
        wanted = {e.paper for e in self.events} | {p for e in self.editions for p, _ in e.items}
        wanted |= {other for others in self.perhaps.values() for other, _ in others}
        self.by_id |= tx.papers.papers_by_id(wanted - self.by_id.keys())
        self.news = by_paper(
            News(paper=self.by_id[e.paper], event=Happening(kind=e.kind, key=e.key, note=e.note or e.key), at=e.at)
            for e in self.events
            if e.paper in self.by_id and not (self.restored and e.at <= self.restored)
        )

    def new_by_source(self, tx: Transaction, after: datetime) -> dict[str, int]:
        """What each source brought since then."""
        if after not in self._new:
            self._new[after] = tx.papers.new_papers_by_source(after, self.now)
        return self._new[after]


def has_topics(subscriber: Subscriber) -> bool:
    """Else they get the editions; a mute topic brings nothing."""
    return any(not topic.mute for topic in subscriber.topics)


@dataclass(frozen=True, slots=True)
class Past:
    """What the people of one batch have had."""

    done: Mapping[SubscriberId, datetime]  #: due of the newest slot that was composed or found empty
    kept: Mapping[SubscriberId, datetime]  #: of the newest of these whose papers were not given back
    topicless: Mapping[SubscriberId, datetime]  #: of those without topics who had some: until when
    decided: Mapping[SubscriberId, datetime]  #: when that was: what came until then is not new any more
    shown: Mapping[SubscriberId, Mapping[PaperId, Shown]]  #: of each paper the latest that was shown
    known: Mapping[SubscriberId, frozenset[PaperId]]  #: voted on, or in a library they imported

    @classmethod
    def of(cls, tx: Transaction, people: Sequence[Subscriber], now: datetime | None = None) -> Past:
        """All of it, or as of `now`: a preview may look at another moment."""
        ids = [s.id for s in people if s.id is not None]
        shown = {person: _latest(items, now) for person, items in tx.slots.shown_items(ids).items()}
        voted = tx.votes.voted_papers(ids)
        known = {who: frozenset(p for p, at in each.items() if now is None or at <= now) for who, each in voted.items()}
        bare = [s.id for s in people if s.id is not None and not has_topics(s)]
        return cls(
            done=tx.slots.last_slots(ids), kept=tx.slots.last_delivered_slots(ids), topicless=tx.people.topics_ended(bare),
            decided=tx.slots.last_decisions(ids), shown=shown, known=known,
        )  # fmt: skip


def _latest(items: Sequence[ShownItem], now: datetime | None) -> dict[PaperId, Shown]:
    """Of each paper the highest version they had and when, and what they were told of it. `items` oldest first."""
    latest: dict[PaperId, Shown] = {}
    for item in items:
        if now is not None and item.at > now:
            continue
        version = int(item.kind[1:]) if re.fullmatch(r"v\d+", item.kind) else item.version
        had = latest.get(item.paper) or Shown(version=version, at=item.at, first=item.at)
        if (version or 1) >= (had.version or 1):
            had = replace(had, version=version, at=item.at)
        latest[item.paper] = replace(had, told=had.told | ({item.kind} - {"new"}))
    return latest
