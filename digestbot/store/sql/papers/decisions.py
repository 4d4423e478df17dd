"""Decisions: which entries must, cannot or perhaps may be one paper. A part of `store.Papers`.

They speak of entries, because papers come and go while the entries stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from digestbot.model import PaperId
from digestbot.store.contract.rows import Decided, DecisionKind
from digestbot.store.tables import schema as t
from digestbot.store.tables.chunks import chunks
from digestbot.store.tables.upsert import insert

_A, _B = t.mentions.alias("a"), t.mentions.alias("b")


def add(db: Connection, made: Iterable[Decided]) -> None:
    """Write decisions; one that was undone is in force again."""
    rows = {
        (d.kind, *sorted((d.entry_a, d.entry_b))): {
            "kind": d.kind, "entry_a": min(d.entry_a, d.entry_b), "entry_b": max(d.entry_a, d.entry_b), "reason": d.reason,
            "by": d.by, "at": d.at, "undone": None,
        }
        for d in made
    }  # fmt: skip
    if rows:
        adding = insert(db, t.decisions)
        again = {name: adding.excluded[name] for name in ("reason", "by", "at", "undone")}
        db.execute(
            adding.on_conflict_do_update(index_elements=["kind", "entry_a", "entry_b"], set_=again), list(rows.values())
        )


def undo(db: Connection, kind: DecisionKind, entries: Iterable[int], others: Iterable[int], now: datetime) -> int:
    """End decisions of a kind between two sets of entries; returns how many."""
    d, mine, theirs = t.decisions.c, list(entries), list(others)
    between = sa.or_(
        sa.and_(d.entry_a.in_(mine), d.entry_b.in_(theirs)), sa.and_(d.entry_a.in_(theirs), d.entry_b.in_(mine))
    )
    undone = sa.update(t.decisions).where(d.kind == kind, d.undone.is_(None), between).values(undone=now)
    return db.execute(undone).rowcount


def _with_papers(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Decisions in force with the papers that their entries belong to now."""
    d = t.decisions.c
    joined = t.decisions.outerjoin(_A, sa.and_(_A.c.entry == d.entry_a, _A.c.kind == "is")).outerjoin(
        _B, sa.and_(_B.c.entry == d.entry_b, _B.c.kind == "is")
    )
    wanted = sa.select(t.decisions, _A.c.paper.label("paper_a"), _B.c.paper.label("paper_b")).select_from(joined)
    return wanted.where(d.undone.is_(None), *conditions).order_by(d.id)


def by_hand(db: Connection) -> list[tuple[Decided, PaperId | None, PaperId | None]]:
    """All must and cannot decisions. An entry that waits after a rebuild counts for the paper it was."""
    rows = db.execute(_with_papers(t.decisions.c.kind.in_((DecisionKind.MUST, DecisionKind.CANNOT)))).all()
    waiting = {e for row in rows for e, p in ((row.entry_a, row.paper_a), (row.entry_b, row.paper_b)) if p is None}
    e = t.entries.c
    homes = {i: h for some in chunks(waiting) for i, h in db.execute(sa.select(e.id, e.home).where(e.id.in_(some)))}
    return [
        (_decided(row), row.paper_a or homes.get(row.entry_a), row.paper_b or homes.get(row.entry_b)) for row in rows
    ]


def about(db: Connection, paper: PaperId) -> list[tuple[Decided, PaperId | None]]:
    """Decisions about one paper, each with the other paper."""
    rows = db.execute(_with_papers(sa.or_(_A.c.paper == paper, _B.c.paper == paper)))
    return [(_decided(row), row.paper_b if row.paper_a == paper else row.paper_a) for row in rows]


def perhaps(db: Connection, papers: Iterable[PaperId]) -> dict[PaperId, list[tuple[PaperId, str]]]:
    """For each paper those that are perhaps the same, with the reason; pairs that a person separated are left out."""
    found: dict[PaperId, dict[PaperId, str]] = {}
    for some in chunks(papers):
        of_kind = (t.decisions.c.kind == DecisionKind.PERHAPS, _A.c.paper != _B.c.paper)
        rows = [r for side in (_A, _B) for r in db.execute(_with_papers(*of_kind, side.c.paper.in_(some)))]
        apart = _apart(db, rows)
        for row in rows:
            if frozenset((row.paper_a, row.paper_b)) not in apart:
                found.setdefault(row.paper_a, {})[row.paper_b] = row.reason
                found.setdefault(row.paper_b, {})[row.paper_a] = row.reason
    return {paper: list(others.items()) for paper, others in found.items()}


def _apart(db: Connection, rows: Sequence[Row[Any]]) -> set[frozenset[PaperId]]:
    if not rows:
        return set()
    kept = db.execute(_with_papers(t.decisions.c.kind == DecisionKind.CANNOT))
    return {frozenset((row.paper_a, row.paper_b)) for row in kept}


def _decided(row: Row[Any]) -> Decided:
    return Decided(
        kind=DecisionKind(row.kind), entry_a=row.entry_a, entry_b=row.entry_b, reason=row.reason, by=row.by, at=row.at
    )
