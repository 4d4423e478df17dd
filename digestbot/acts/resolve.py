"""Resolve: decide for each stored entry which paper it speaks of.

The decision itself is `papers.dedupe.decide`, the paper `papers.compose.compose`: both pure. Here stands only what has
to be read and written around them. Entries wait in the database, so a crash in between costs nothing: the next run
takes them up.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from digestbot.model import Paper, PaperId
from digestbot.papers.compose import Mention, compose
from digestbot.papers.dedupe import Record, decide, keys, record
from digestbot.store import Event, Key, Store, StoredEntry, Transaction

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


@dataclass(slots=True)
class _Round:
    """The papers one transaction deals with, as far as they are loaded."""

    by_key: dict[Key, list[PaperId]]
    records: dict[PaperId, Record]
    before: dict[PaperId, Paper]  #: as stored when the round began
    mentions: dict[PaperId, list[StoredEntry]] = field(default_factory=dict)
    added: dict[PaperId, set[Key]] = field(default_factory=dict)
    created: set[PaperId] = field(default_factory=set)


def resolve(store: Store, *, now: datetime) -> ResolveReport:
    """Give every waiting entry its paper."""
    total = ResolveReport()
    while True:
        with store.transaction() as tx:
            entries = tx.papers.unresolved(BATCH)
            if not entries:
                return total
            report = _resolve_batch(tx, entries, now)
        total = ResolveReport(
            papers_new=total.papers_new + report.papers_new,
            joined=total.joined + report.joined,
            versions=total.versions + report.versions,
            quarantined=total.quarantined + report.quarantined,
        )


def _resolve_batch(tx: Transaction, entries: list[StoredEntry], now: datetime) -> ResolveReport:
    usable, bad = _readable(tx, entries, now)
    by_key = tx.papers.find({key for _, r in usable for key in keys(r)})
    known = tx.papers.get({paper for found in by_key.values() for paper in found})
    batch = _Round(by_key=by_key, records={i: record(p) for i, p in known.items()}, before=known)
    batch.mentions = {paper: [] for paper in known} | tx.papers.mentions(known)  # none: a rebuild begins
    joined = [m for stored, new in usable if (m := _place(tx, batch, stored, new, now)) is not None]
    touched = {m.paper for m in joined} | batch.created
    versions = sum(_rewrite(tx, batch, paper, now) for paper in sorted(touched & set(batch.records)))
    tx.papers.add_signals(((s.id, s.entry.signals) for s, _ in usable if s.entry.signals), now=now)
    return ResolveReport(
        papers_new=len(batch.created & set(batch.records)), joined=tuple(joined), versions=versions, quarantined=bad
    )


def _readable(
    tx: Transaction, entries: Iterable[StoredEntry], now: datetime
) -> tuple[list[tuple[StoredEntry, Record]], int]:
    """Entries a paper can be made of; the others go into quarantine with the reason."""
    usable, bad = [], 0
    for stored in entries:
        try:
            facts = record(stored.entry)
            if not facts.identifiers and not stored.entry.title:
                raise ValueError("neither a title nor an identifier: no paper can be told from it")
            compose([_mention(stored)])
        except Exception as error:  # a bug or an impossible value in one entry must not stop the others
            log.warning("entry %d of %s put aside: %s", stored.id, stored.source, error)
            tx.papers.quarantine(stored.id, stage="resolve", error=f"{type(error).__name__}: {error}", now=now)
            bad += 1
        else:
            usable.append((stored, facts))
    return usable, bad


def _place(tx: Transaction, batch: _Round, stored: StoredEntry, new: Record, now: datetime) -> Merge | None:
    """Join the entry to its paper, or make one. A Merge when the paper was there before."""
    near = dict.fromkeys(p for key in keys(new) for p in batch.by_key.get(key, ()))
    decision = decide(new, [(paper, batch.records[paper]) for paper in near if paper in batch.records])
    if not decision.join:
        paper = tx.papers.create(compose([_mention(stored)]), keys=keys(new), now=stored.seen)
        batch.created.add(paper)
        batch.records[paper] = new
        batch.mentions[paper] = []
        reason = "first entry"
    else:
        paper, *others = sorted(decision.join)
        for other in others:
            _merge(tx, batch, other, paper, decision.reason, now)
        reason = decision.reason
    tx.papers.join(stored.id, paper, reason=reason)
    batch.mentions[paper].append(stored)
    _remember(batch, paper, new)
    return Merge(paper=paper, source=stored.source, reason=reason) if decision.join else None


def _merge(tx: Transaction, batch: _Round, loser: PaperId, survivor: PaperId, reason: str, now: datetime) -> None:
    tx.papers.merge(loser, survivor, reason=reason, now=now)
    batch.mentions[survivor] = sorted(
        (*batch.mentions[survivor], *batch.mentions.pop(loser)), key=lambda s: (s.seen, s.id)
    )
    lost = batch.records.pop(loser)
    for key in keys(lost):
        batch.by_key[key] = [survivor if p == loser else p for p in batch.by_key.get(key, [])]
    batch.added.pop(loser, None)
    _remember(batch, survivor, lost)


def _remember(batch: _Round, paper: PaperId, new: Record) -> None:
    """What the entry adds to the paper's record counts for the next entry of this very batch."""
    for key in keys(new):
        if paper not in batch.by_key.setdefault(key, []):
            batch.by_key[key].append(paper)
    batch.added.setdefault(paper, set()).update(keys(new))
    batch.records[paper] = record(compose([_mention(s) for s in batch.mentions[paper]]))


def _rewrite(tx: Transaction, batch: _Round, paper: PaperId, now: datetime) -> bool:
    """Write the paper that its entries amount to now; True when that is a new version of one we had."""
    composed = compose([_mention(s) for s in batch.mentions[paper]])
    tx.papers.update(replace(composed, id=paper), keys=batch.added.get(paper, ()))
    old = batch.before.get(paper)
    if old is None or old.version is None or composed.version is None or composed.version <= old.version:
        return False
    return tx.papers.add_event(Event(paper=paper, kind="version", key=f"v{composed.version}", at=now))


def _mention(stored: StoredEntry) -> Mention:
    return Mention(entry=stored.entry, source=stored.source, seen=stored.seen)
