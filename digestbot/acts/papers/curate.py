"""Papers by hand: look at one, join two, take one apart. What a person decides holds for ever; the opposite undoes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from digestbot.acts.papers.find import find_paper
from digestbot.acts.papers.regroup import reassemble, take_out
from digestbot.errors import NotFound
from digestbot.model import Paper, PaperId
from digestbot.papers.identity.decisions import SCHEMES
from digestbot.store import Decided, DecisionKind, Store, StoredEntry, Transaction

HAND = "hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One entry of a paper: who said it, when we saw it, and why it is this paper."""

    entry: int
    source: str
    seen: datetime
    title: str
    identifiers: tuple[str, ...]
    kind: Literal["is", "speaks of"]
    reason: str
    brought: str = ""  #: why its source brought it, in the source's words


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A decision in force about one of its entries and another."""

    kind: DecisionKind
    entries: tuple[int, int]
    other: str  #: public id of the other paper; "" for the same one
    title: str  #: of the other
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that is known about how a paper came to be."""

    paper: str  #: public id
    title: str
    identifiers: tuple[str, ...]
    first_seen: datetime | None
    entries: tuple[Voice, ...]
    decisions: tuple[Ruling, ...]


def show(store: Store, text: str) -> Dossier:
    """The dossier of the paper that is meant. Raises NotFound."""
    with store.reading() as tx:
        return _dossier(tx, find_paper(tx, text))


def merge(store: Store, text: str, other: str, *, now: datetime) -> Dossier:
    """The two are one paper, for ever: the older one stays, with what was sent of either. Raises NotFound."""
    with store.transaction() as tx:
        ids = sorted({find_paper(tx, text).stored_id, find_paper(tx, other).stored_id})
        if len(ids) == 1:
            raise NotFound("these are one paper already", fix=f"`digestbot papers show {text}` shows its entries")
        mine, theirs = (_own(tx, paper) for paper in ids)
        tx.papers.undo_decisions(DecisionKind.CANNOT, _ids(mine), _ids(theirs), now=now)
        why = "the same paper, by hand"
        tx.papers.add_decisions([
            Decided(kind=DecisionKind.MUST, entry_a=mine[0].id, entry_b=theirs[0].id, reason=why, by=HAND, at=now)
        ])  # fmt: skip
        survivor, loser = PaperId(ids[0]), PaperId(ids[1])
        tx.papers.merge_papers(loser, survivor, reason=why, now=now)
        reassemble(tx, survivor)
        return _dossier(tx, tx.papers.papers_by_id([survivor])[survivor])


def split(store: Store, text: str, entries: Sequence[int], *, now: datetime) -> tuple[Dossier, Dossier]:
    """These entries are another paper, for ever: (what stays, what was taken out under a new id). Raises NotFound.

    What was sent stays with the paper it was sent as: two that were merged get their own ids back.
    """
    with store.transaction() as tx:
        paper = find_paper(tx, text).stored_id
        own = _own(tx, paper)
        out = [s for s in own if s.id in set(entries)]
        stay = [s for s in own if s.id not in set(entries)]
        if missing := sorted(set(entries) - {s.id for s in own}):
            has = ", ".join(str(s.id) for s in own)
            raise NotFound(f"no entry {', '.join(map(str, missing))} of this paper", fix=f"It has {has}")
        if not out or not stay:
            raise NotFound("nothing would be left of the paper", fix="Name some of its entries, not all")
        for kind in (DecisionKind.MUST, DecisionKind.PERHAPS):
            tx.papers.undo_decisions(kind, _ids(out), _ids(stay), now=now)
        tx.papers.add_decisions(
            Decided(
                kind=DecisionKind.CANNOT, entry_a=a.id, entry_b=b.id, reason="other papers, by hand", by=HAND, at=now
            )
            for a in out
            for b in stay
        )
        made = take_out(tx, paper, out, stay, reason="taken out by hand")
        at = {s.id: p for p, found in tx.papers.entries_of([paper, made]).items() for s in found if not s.named}
        both = tx.papers.papers_by_id([paper, made])
        return _dossier(tx, both[at[stay[0].id]]), _dossier(tx, both[at[out[0].id]])


def _own(tx: Transaction, paper: PaperId) -> list[StoredEntry]:
    """The entries that are the paper, oldest first. Raises NotFound where there is none."""
    own = [s for s in tx.papers.entries_of([paper]).get(paper, []) if not s.named]
    if not own:
        raise NotFound("the paper is only spoken of: no entry is it yet", fix="Wait until a source brings it")
    return own


def _ids(entries: Sequence[StoredEntry]) -> list[int]:
    return [s.id for s in entries]


def _dossier(tx: Transaction, paper: Paper) -> Dossier:
    number = paper.stored_id
    decisions = tx.papers.decisions_about(number)
    others = tx.papers.papers_by_id({other for _, other in decisions if other is not None})
    return Dossier(
        paper=paper.public_id,
        title=paper.title,
        identifiers=(*_named(paper.identifiers), *paper.same_as),
        first_seen=paper.first_seen,
        entries=tuple(_voice(s, why) for s, why in tx.papers.mentions_of(number)),
        decisions=tuple(
            _ruling(d, others.get(other) if other not in (None, number) else None) for d, other in decisions
        ),
    )


def _named(identifiers: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{scheme}:{identifiers[scheme]}" for scheme in SCHEMES if scheme in identifiers)


def _voice(stored: StoredEntry, reason: str) -> Voice:
    return Voice(
        entry=stored.id, source=stored.source, seen=stored.seen, title=stored.entry.title,
        identifiers=_named(stored.entry.identifiers), kind="speaks of" if stored.named else "is", reason=reason,
        brought=stored.entry.reason,
    )  # fmt: skip


def _ruling(made: Decided, other: Paper | None) -> Ruling:
    return Ruling(
        kind=made.kind, entries=(made.entry_a, made.entry_b), other=other.public_id if other else "",
        title=other.title if other else "", reason=made.reason, by=made.by, at=made.at,
    )  # fmt: skip
