"""Resolve: decide for each stored entry which paper it speaks of.

The decision itself is `papers.dedupe.decide`, the paper `papers.compose.compose`: both pure. Here stands only what has
to be read and written around them. Entries wait in the database, so a crash in between costs nothing: the next run
takes them up.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from digestbot.acts.fate import tell
from digestbot.errors import StoreError, StoreRefused
from digestbot.model import Paper, PaperId
from digestbot.papers.compose import Mention, compose
from digestbot.papers.dedupe import Record, decide, keys, record
from digestbot.store import Key, NewPaper, Store, StoredEntry, Transaction

log = logging.getLogger(__name__)

BATCH = 400  #: entries of one transaction: short enough that other writers do not wait long


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """One entry that turned out to be a paper we had, for the story of a run."""

    paper: PaperId
    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveReport:
    """What a round of resolving did."""

    papers_new: int = 0
    joined: tuple[Merge, ...] = ()
    versions: int = 0  #: papers that got a new version
    quarantined: int = 0


def resolve(store: Store, *, now: datetime, news: bool = True) -> ResolveReport:
    """Give every waiting entry its paper. `news`: what that changes may be told as an event; a rebuild tells nothing."""
    total = ResolveReport()
    while True:
        try:
            report = _round(store, BATCH, now, news)
        except Exception as error:  # one value nobody foresaw: which one is it?
            if not _of_a_value(error):
                raise
            report = _one_by_one(store, now, news)
        if report is None:
            return total
        total = ResolveReport(
            papers_new=total.papers_new + report.papers_new,
            joined=total.joined + report.joined,
            versions=total.versions + report.versions,
            quarantined=total.quarantined + report.quarantined,
        )


def _of_a_value(error: Exception) -> bool:
    """A database in trouble is no entry's fault."""
    return not isinstance(error, StoreError) or isinstance(error, StoreRefused)


def _round(store: Store, most: int, now: datetime, news: bool) -> ResolveReport | None:
    """One transaction; None when nothing waits."""
    with store.transaction() as tx:
        entries = tx.papers.unresolved(most)
        return _resolve_batch(tx, entries, now, news) if entries else None


def _one_by_one(store: Store, now: datetime, news: bool) -> ResolveReport:
    """The oldest entry alone; it goes into quarantine when it is what breaks the batch."""
    try:
        return _round(store, 1, now, news) or ResolveReport()
    except Exception as error:
        if not _of_a_value(error):
            raise
        with store.transaction() as tx:
            for stored in tx.papers.unresolved(1):
                log.warning("entry %d of %s put aside: %s", stored.id, stored.source, error)
                tx.papers.quarantine(stored.id, stage="resolve", error=f"{type(error).__name__}: {error}", now=now)
        return ResolveReport(quarantined=1)


def _resolve_batch(tx: Transaction, entries: list[StoredEntry], now: datetime, news: bool) -> ResolveReport:
    usable, bad = _readable(tx, entries, now)
    by_key = tx.papers.find({key for one in usable for key in keys(one.facts)})
    known = tx.papers.get({paper for found in by_key.values() for paper in found})
    batch = _Batch(by_key=by_key, records={i: record(p) for i, p in known.items()})
    # none for some: a rebuild begins
    batch.mentions = {paper: [] for paper in known} | tx.papers.mentions(known)
    for one in usable:
        for loser, survivor, reason in batch.place(one):
            tx.papers.merge(loser, survivor, reason=reason, now=now)
    ids, versions = _write(tx, batch, {u.stored.id: u.alone for u in usable}, known if news else {}, now)
    joined = [
        Merge(paper=ids.get(batch.joins[one.stored.id][0], batch.joins[one.stored.id][0]), source=one.stored.source,
              reason=batch.joins[one.stored.id][1])
        for one in usable
        if one.stored.id in batch.joined
    ]  # fmt: skip
    return ResolveReport(papers_new=len(ids), joined=tuple(joined), versions=versions, quarantined=bad)


class _Usable(NamedTuple):
    """An entry a paper can be made of: its facts, and the paper it would be alone."""

    stored: StoredEntry
    facts: Record
    alone: Paper


def _readable(tx: Transaction, entries: Iterable[StoredEntry], now: datetime) -> tuple[list[_Usable], int]:
    """Entries a paper can be made of; the others go into quarantine with the reason."""
    usable, bad = [], 0
    for stored in entries:
        try:
            facts = record(stored.entry)
            if not facts.identifiers and not stored.entry.title:
                raise ValueError("neither a title nor an identifier: no paper can be told from it")
            usable.append(_Usable(stored, facts, compose([_mention(stored)])))
        except Exception as error:  # a bug or an impossible value in one entry must not stop the others
            log.warning("entry %d of %s put aside: %s", stored.id, stored.source, error)
            tx.papers.quarantine(stored.id, stage="resolve", error=f"{type(error).__name__}: {error}", now=now)
            bad += 1
    return usable, bad


@dataclass(slots=True)
class _Batch:
    """The papers one transaction deals with. New ones have negative numbers until they are written, all at once."""

    by_key: dict[Key, list[PaperId]]
    records: dict[PaperId, Record]
    mentions: dict[PaperId, list[StoredEntry]] = field(default_factory=dict)
    added: dict[PaperId, dict[Key, None]] = field(default_factory=dict)  #: touched papers, and their keys
    joins: dict[int, tuple[PaperId, str]] = field(default_factory=dict)  #: entry → its paper, and why
    joined: set[int] = field(default_factory=set)  #: entries of papers that were there before them
    made: int = 0

    def place(self, one: _Usable) -> list[tuple[PaperId, PaperId, str]]:
        """Join the entry to its paper, or make one; (loser, survivor, reason) of stored papers it ties together."""
        near = dict.fromkeys(p for key in keys(one.facts) for p in self.by_key.get(key, ()))
        decision = decide(one.facts, [(paper, self.records[paper]) for paper in near if paper in self.records])
        merged: list[tuple[PaperId, PaperId, str]] = []
        if decision.join:
            paper, *others = sorted(decision.join, key=lambda p: (p < 0, abs(p)))  # the oldest survives
            for other in others:
                self._merge(other, paper, decision.reason)
                if other > 0:
                    merged.append((other, paper, decision.reason))
            self.joined.add(one.stored.id)
        else:
            self.made += 1
            paper = PaperId(-self.made)
            self.mentions[paper] = []
        self.joins[one.stored.id] = (paper, decision.reason or "first entry")
        self.mentions[paper].append(one.stored)
        self._remember(paper, one.facts)
        return merged

    def _merge(self, loser: PaperId, survivor: PaperId, reason: str) -> None:
        both = (*self.mentions[survivor], *self.mentions.pop(loser))
        self.mentions[survivor] = sorted(both, key=lambda s: (s.seen, s.id))
        self.joins |= {entry: (survivor, reason) for entry, (paper, _) in self.joins.items() if paper == loser}
        lost = self.records.pop(loser)
        for key in (*keys(lost), *self.added.pop(loser, ())):
            self.by_key[key] = [survivor if p == loser else p for p in self.by_key.get(key, [])]
        self._remember(survivor, lost)

    def _remember(self, paper: PaperId, facts: Record) -> None:
        """What the entry adds to the paper's record counts for the next entry of this very batch."""
        for key in keys(facts):
            if paper not in self.by_key.setdefault(key, []):
                self.by_key[key].append(paper)
        self.added.setdefault(paper, {}).update(dict.fromkeys(keys(facts)))
        mentions = self.mentions[paper]
        self.records[paper] = facts if len(mentions) == 1 else record(compose([_mention(s) for s in mentions]))


def _write(
    tx: Transaction, batch: _Batch, alone: Mapping[int, Paper], before: Mapping[PaperId, Paper], now: datetime
) -> tuple[dict[PaperId, PaperId], int]:
    """The papers as their entries make them now: (number in the batch → id of each new one, papers with a new version)."""
    composed = {
        paper: alone[mentions[0].id] if len(mentions) == 1 and mentions[0].id in alone else compose([*map(_mention, mentions)])
        for paper in batch.added
        if (mentions := batch.mentions[paper])
    }  # fmt: skip
    new = [paper for paper in composed if paper < 0]
    rows = [NewPaper(c := composed[p], tuple(batch.added[p]), c.first_seen or now) for p in new]
    ids = dict(zip(new, tx.papers.create(rows), strict=True))
    versions = 0
    for paper, value in composed.items():
        if paper > 0:
            tx.papers.update(replace(value, id=paper), keys=batch.added[paper])
            versions += tell(tx, paper, before.get(paper), value, batch.mentions[paper], batch.joins.keys())
    tx.papers.join((entry, ids.get(paper, paper), reason) for entry, (paper, reason) in batch.joins.items())
    entries = {s.id: s.entry for mentions in batch.mentions.values() for s in mentions if s.id in batch.joins}
    tx.papers.add_signals(((i, entry.signals) for i, entry in entries.items() if entry.signals), now=now)
    return ids, versions


def _mention(stored: StoredEntry) -> Mention:
    return Mention(entry=stored.entry, source=stored.source, seen=stored.seen, old=stored.old)
