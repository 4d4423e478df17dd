"""Resolve: decide for each stored entry which paper it speaks of.

The decision is `papers.identity.decisions.decide`, the paper `papers.facts.assemble.assemble_paper`: both are pure. This
file reads what they need and writes what they give. Entries wait in the database, so a crash costs nothing: the next run
takes them up.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from digestbot.acts.papers.manual_decisions import ManualDecisions
from digestbot.acts.papers.record_events import mention_of, record_changes
from digestbot.acts.papers.regroup import separate_conflicting
from digestbot.errors import StoreError, StoreRefused
from digestbot.model import Paper, PaperId
from digestbot.papers.facts.assemble import assemble_paper
from digestbot.papers.identity.candidate_index import CandidateIndex
from digestbot.papers.identity.decisions import Record, decide, is_a_work, mentioned_works, merge_records, record
from digestbot.papers.identity.identifiers import known_ids
from digestbot.store import Decided, DecisionKind, Joined, Key, NewPaper, Stage, Store, StoredEntry, Transaction

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
    with store.reading() as tx:
        if not tx.papers.is_entry_waiting():
            return total
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
    """Resolve what fits into one transaction; None when nothing waits."""
    with store.transaction() as tx:
        entries = tx.papers.unresolved_entries(most)
        return _resolve_batch(tx, entries, now, news) if entries else None


def _one_by_one(store: Store, now: datetime, news: bool) -> ResolveReport:
    """The oldest entry alone; it goes into quarantine when it is what breaks the batch, also by being unreadable."""
    with store.reading() as tx:
        first = tx.papers.first_waiting_entry()
    if first is None:
        return ResolveReport()
    try:
        return _round(store, 1, now, news) or ResolveReport()
    except Exception as error:
        if not _of_a_value(error):
            raise
        log.warning("entry %d put aside: %s", first, error)
        with store.transaction() as tx:
            tx.papers.quarantine_entry(first, stage=Stage.RESOLVE, error=f"{type(error).__name__}: {error}", now=now)
        return ResolveReport(quarantined=1)


def _resolve_batch(tx: Transaction, entries: list[StoredEntry], now: datetime, news: bool) -> ResolveReport:
    usable, bad = _readable(tx, entries, now)
    batch = _Batch(index=_load_candidates(tx, usable), hand=ManualDecisions.load(tx, [one.stored for one in usable]))
    for one in usable:
        batch.place(one)
    before = tx.papers.papers_by_id({PaperId(p) for p in batch.touched if p > 0})
    written = _write(tx, batch, before, {one.stored.id: one for one in usable}, now=now, news=news)
    broken = [written.ids.get(p, p) for p in batch.doubtful]
    parted = sum(separate_conflicting(tx, paper) for paper in dict.fromkeys(broken))
    joined = tuple(
        Merge(paper=written.ids.get(paper, paper), source=one.stored.source, reason=reason)
        for one in usable
        if one.stored.id in batch.joined
        for paper, reason in [batch.homes[one.stored.id]]
    )
    return ResolveReport(
        papers_new=len(written.ids) + parted, joined=joined, versions=written.versions, quarantined=bad
    )


class _Usable(NamedTuple):
    """An entry a paper can be made of, and what of it counts."""

    stored: StoredEntry
    facts: Record
    spoken: tuple[Key, ...]  #: the other works it speaks of
    works: bool  #: is it a paper itself?
    alone: Paper  #: what the entry amounts to where no other is of its paper


def _readable(tx: Transaction, entries: Iterable[StoredEntry], now: datetime) -> tuple[list[_Usable], int]:
    """Entries a paper can be made of; the others go into quarantine with the reason."""
    usable, bad = [], 0
    for stored in entries:
        try:
            usable.append(_usable(stored))
        except Exception as error:  # a bug or an impossible value in one entry must not stop the others
            log.warning("entry %d of %s put aside: %s", stored.id, stored.source, error)
            tx.papers.quarantine_entry(
                stored.id, stage=Stage.RESOLVE, error=f"{type(error).__name__}: {error}", now=now
            )
            bad += 1
    return usable, bad


def _usable(stored: StoredEntry) -> _Usable:
    facts, spoken = record(stored.entry, stored.source), mentioned_works(stored.entry)
    if not known_ids(stored.entry) and not spoken and not stored.entry.title:
        raise ValueError("neither a title nor an identifier: no paper can be told from it")
    alone = assemble_paper([mention_of(stored)])  # raises here, where it breaks no other entry of its paper
    return _Usable(stored, facts, spoken, is_a_work(stored.entry), alone)


def _load_candidates(tx: Transaction, usable: Sequence[_Usable]) -> CandidateIndex:
    """What the store has under the keys of these entries."""
    index = CandidateIndex()
    found = tx.papers.papers_by_key({key for one in usable for key in (*one.facts.identifiers, *one.spoken)})
    near = tx.papers.texts_near(text for one in usable if one.works for text in one.facts.texts)
    index.load_blocks(near.under, near.signers)
    for text, paper in near.texts:
        index.add_text(text, paper)
    homes = {paper for papers in found.values() for paper in papers} | {paper for _, paper in near.texts}
    for paper, identifiers in tx.papers.identifiers_of(homes).items():
        index.add_identifiers(paper, identifiers)
    return index


@dataclass(slots=True)
class _Batch:
    """The papers one transaction deals with. New ones have negative numbers until they are written, all at once."""

    index: CandidateIndex
    hand: ManualDecisions
    touched: dict[int, Record] = field(default_factory=dict)  #: papers, with what the entries add to their keys
    homes: dict[int, tuple[PaperId, str]] = field(default_factory=dict)  #: entry → its paper, and why
    spoken: list[Joined] = field(default_factory=list)
    fresh: dict[int, list[StoredEntry]] = field(default_factory=dict)  #: paper → the entries of this batch
    joined: set[int] = field(default_factory=set)  #: entries of papers that were there before them
    merged: list[tuple[PaperId, PaperId, str]] = field(default_factory=list)  #: (loser, survivor, reason)
    perhaps: list[tuple[int, PaperId, str]] = field(default_factory=list)  #: (entry, other paper, reason)
    doubtful: list[PaperId] = field(default_factory=list)  #: papers that may hold two works
    made: int = 0

    def place(self, one: _Usable) -> None:
        """Join the entry to its paper, or make one; and to those it speaks of."""
        if one.works:
            self._place(one)
        for scheme, value in one.spoken:
            known = self.index.paper_with((scheme, value))
            paper = PaperId(known) if known is not None else self._new()
            named = Record(((scheme, value),))
            self._remember(paper, named, replace(one.stored, named=f"{scheme}:{value}"))
            self.spoken.append(Joined(one.stored.id, paper, f"speaks of {scheme}:{value}", f"{scheme}:{value}"))

    def _place(self, one: _Usable) -> None:
        entry = one.stored.id
        near = self.hand.without_barred(entry, self.index.candidates_for(one.facts), self.index)
        decision = decide(one.facts, near)
        wanted = dict.fromkeys((*self.hand.required_homes(entry, self.index), *decision.join, *decision.contested))
        home, *others = self.hand.compatible_homes(one.stored, wanted, self.index) or [
            self.hand.former_home(one.stored) or self._new()
        ]
        reason = decision.reason if home in decision.join else "by hand" if home in wanted else "first entry"
        if home in wanted:
            self.joined.add(entry)
        for other in others:
            self._merge(PaperId(other), PaperId(home), reason)
        self.homes[entry] = PaperId(home), reason
        self.hand.record_home(entry, home)
        self._remember(PaperId(home), one.facts, one.stored)
        self.perhaps += [(entry, PaperId(p), why) for p, why in decision.perhaps]
        if (decision.by_identifier and self.index.has_conflict(home)) or home in decision.contested:
            self.doubtful.append(PaperId(home))

    def _new(self) -> PaperId:
        self.made += 1
        return PaperId(-self.made)

    def _merge(self, loser: PaperId, survivor: PaperId, reason: str) -> None:
        self.index.merge(loser, survivor)
        self.touched[survivor] = merge_records(
            self.touched.get(survivor, Record(())), self.touched.pop(loser, Record(()))
        )
        self.fresh.setdefault(survivor, []).extend(self.fresh.pop(loser, []))
        self.homes |= {entry: (survivor, reason) for entry, (paper, _) in self.homes.items() if paper == loser}
        self.spoken = [j._replace(paper=survivor) if j.paper == loser else j for j in self.spoken]
        if loser > 0:
            self.merged.append((loser, survivor, reason))

    def _remember(self, paper: PaperId, facts: Record, stored: StoredEntry) -> None:
        """What the entry adds to the paper counts for the next entry of this very batch."""
        self.index.add_record(paper, facts)
        known = self.touched.get(paper)
        self.touched[paper] = facts if known is None else merge_records(known, facts)
        self.fresh.setdefault(paper, []).append(stored)


class _Written(NamedTuple):
    ids: dict[int, PaperId]  #: number in the batch → id of each new paper
    versions: int  #: papers that got a new version


def _write(
    tx: Transaction,
    batch: _Batch,
    before: Mapping[PaperId, Paper],
    usable: Mapping[int, _Usable],
    *,
    now: datetime,
    news: bool,
) -> _Written:
    """The papers as their entries make them now; what happened to them is told as `news`."""
    for loser, survivor, reason in batch.merged:
        tx.papers.merge_papers(loser, survivor, reason=reason, now=now)
    mentions = tx.papers.entries_of([PaperId(p) for p in batch.touched if p > 0])
    every = {p: _all(mentions.get(PaperId(p), ()), batch.fresh[p]) for p in batch.touched}
    composed = {p: _assembled(stored, usable) for p, stored in every.items()}
    ids = _put(tx, batch, composed, now)
    versions = sum(_tell(tx, batch, p, before, composed[p], ids, every[p]) for p in composed) if news else 0
    tx.papers.add_texts((ids.get(p, PaperId(p)), text) for p, facts in batch.touched.items() for text in facts.texts)
    _join(tx, batch, ids, now)
    return _Written(ids, versions)


def _put(tx: Transaction, batch: _Batch, composed: Mapping[int, Paper], now: datetime) -> dict[int, PaperId]:
    """Insert the new papers and write the others; number in the batch → id of each new one."""
    new = [p for p in composed if p < 0]
    rows = [NewPaper(c := composed[p], batch.touched[p].identifiers, c.first_seen or now) for p in new]
    ids = dict(zip(new, tx.papers.add_papers(rows), strict=True))
    for p, value in composed.items():
        if p > 0:
            tx.papers.update_paper(replace(value, id=PaperId(p)), keys=batch.touched[p].identifiers)
    return ids


def _tell(
    tx: Transaction,
    batch: _Batch,
    number: int,
    before: Mapping[PaperId, Paper],
    after: Paper,
    ids: Mapping[int, PaperId],
    entries: Sequence[StoredEntry],
) -> int:
    """Record what happened to one paper, of a new one only how it stands; returns the number of new versions."""
    if number < 0 and not (after.standing or after.notices):
        return 0
    paper, own = ids.get(number, PaperId(number)), [s for s in entries if not s.named]
    return record_changes(tx, paper, before.get(paper), after, own, {s.id for s in batch.fresh[number]})


def _assembled(entries: Sequence[StoredEntry], usable: Mapping[int, _Usable]) -> Paper:
    """The paper of these entries; most new papers have one, and are assembled already."""
    [first, *others] = entries
    known = usable.get(first.id)
    if known is not None and not others and known.stored is first:
        return known.alone
    return assemble_paper([*map(mention_of, entries)])


def _join(tx: Transaction, batch: _Batch, ids: Mapping[int, PaperId], now: datetime) -> None:
    """Mentions, what may be the same, and votes."""
    tx.papers.add_mentions(
        Joined(entry, ids.get(paper, paper), reason) for entry, (paper, reason) in batch.homes.items()
    )
    tx.papers.add_mentions(j._replace(paper=ids.get(j.paper, j.paper)) for j in batch.spoken)
    others = {ids.get(p, p) for p in (PaperId(batch.index.survivor_of(other)) for _, other, _ in batch.perhaps)}
    oldest = {paper: m.id for paper, found in tx.papers.entries_of(others).items() for m in found[::-1] if not m.named}
    tx.papers.add_decisions(
        Decided(kind=DecisionKind.PERHAPS, entry_a=entry, entry_b=oldest[paper], reason=why, by="words", at=now)
        for entry, other, why in batch.perhaps
        if (paper := ids.get(p := batch.index.survivor_of(other), PaperId(p))) in oldest
        and paper != ids.get(batch.homes[entry][0], batch.homes[entry][0])
    )
    entries = {s.id: s.entry for some in batch.fresh.values() for s in some}
    tx.papers.add_signals(((i, entry.signals) for i, entry in entries.items() if entry.signals), now=now)


def _all(stored: Iterable[StoredEntry], fresh: Iterable[StoredEntry]) -> list[StoredEntry]:
    """Every mention once, in the order they came."""
    every = {(s.id, s.named): s for s in (*stored, *fresh)}
    return sorted(every.values(), key=lambda s: (s.seen, s.id))
