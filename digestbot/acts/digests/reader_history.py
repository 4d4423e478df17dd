"""ReaderHistory: what the readers of one batch have had, read once for all of them. Reads only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digestbot.digest.selection.namesakes import Follower
from digestbot.digest.selection.updates import IMPORTED, Held, News, Shown, by_paper
from digestbot.model import PaperId, Subscriber, SubscriberId, Vote
from digestbot.papers.facts.events import FATES, Happening
from digestbot.store import RESTORED, ShownItem, Transaction


def has_topics(subscriber: Subscriber) -> bool:
    """Whether a topic brings this reader papers. Mute topics bring none; readers without topics get the edition."""
    return any(not topic.mute for topic in subscriber.topics)


@dataclass(frozen=True, slots=True)
class ReaderHistory:
    """What the readers of one batch have had."""

    last_slot: Mapping[SubscriberId, datetime]  #: due time of the newest slot that was composed or found empty
    last_delivered_slot: Mapping[SubscriberId, datetime]  #: due time of the newest slot whose digest was not released
    topics_ended: Mapping[SubscriberId, datetime]  #: when the last topic of a reader without topics ended
    decided: Mapping[SubscriberId, datetime]  #: when the newest slot was decided; what came until then is not new
    shown: Mapping[SubscriberId, Mapping[PaperId, Shown]]  #: the latest version of each paper that was shown
    known: Mapping[SubscriberId, frozenset[PaperId]]  #: papers voted on, or in a library they imported
    held: Mapping[SubscriberId, Held]  #: papers they like or imported to which something happened
    queue_places: Mapping[SubscriberId, datetime]  #: since when those wait whose last mail never went
    followers: Mapping[SubscriberId, Follower]  #: what those said of namesakes who follow people by name

    @classmethod
    def of(cls, tx: Transaction, people: Sequence[Subscriber], now: datetime | None = None) -> ReaderHistory:
        """Read the history, or the history as of `now`: a preview may look at another moment."""
        ids = [s.id for s in people if s.id is not None]
        shown = {person: _latest(items, now) for person, items in tx.slots.shown_items(ids).items()}
        voted = tx.votes.voted_papers(ids)
        known = {who: frozenset(p for p, at in each.items() if now is None or at <= now) for who, each in voted.items()}
        bare = [s.id for s in people if s.id is not None and not has_topics(s)]
        return cls(
            last_slot=tx.slots.last_slots(ids), last_delivered_slot=tx.slots.last_delivered_slots(ids),
            topics_ended=tx.people.topics_ended(bare),
            decided=tx.slots.last_decisions(ids), shown=shown, known=known, held=_held(tx, voted, now),
            queue_places=tx.outbox.queue_places(ids), followers=followers_of(tx, people, now),
        )  # fmt: skip


def followers_of(tx: Transaction, people: Sequence[Subscriber], now: datetime | None) -> dict[SubscriberId, Follower]:
    """What those said who follow people by name. Two statements for all of them, none where nobody follows a name."""
    ids = [s.id for s in people if s.id is not None and any(topic.follow for topic in s.topics)]
    said = tx.votes.namesakes_of(ids) if ids else {}
    papers = tx.papers.papers_by_id({one.paper for some in said.values() for one in some}) if said else {}
    return {who: Follower.of([s for s in some if now is None or s.at <= now], papers) for who, some in said.items()}


def _held(tx: Transaction, voted: Mapping[SubscriberId, object], now: datetime | None) -> dict[SubscriberId, Held]:
    """What happened to papers that they like or imported: of imported ones ever, of liked ones since they liked them.

    Few papers ever fall, so this asks for those that did, not for whole libraries; and for nobody without votes.
    """
    votes = tx.votes.liked_with_events(voted, FATES) if voted else {}
    if not votes:
        return {}
    papers = tx.papers.papers_by_id({vote.paper for some in votes.values() for vote in some})
    restored = tx.site.timestamp(RESTORED)
    news = by_paper(
        News(paper=papers[e.paper], event=Happening(kind=e.kind, key=e.key, note=e.note or e.key), at=e.at)
        for e in tx.papers.events_of(papers, FATES)
        if now is None or e.at <= now
    )
    return {who: Held(papers={v.paper: _as_shown(v, restored) for v in some}, news=news) for who, some in votes.items()}


def _as_shown(vote: Vote, restored: datetime | None) -> Shown:
    """What a restored database says before the restore may have been told by the one before it."""
    imported = vote.via == "library"
    first = IMPORTED if imported else vote.at
    if restored is not None and vote.at <= restored:
        first = max(first, restored)
    return Shown(version=None, at=vote.at, first=first, how="library" if imported else "liked")


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
