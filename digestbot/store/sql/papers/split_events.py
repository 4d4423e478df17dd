"""Apart: what happened to two papers while they were one goes to the one it happened to, and with it who was told."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.model import PaperId
from digestbot.store import Event
from digestbot.store.tables import schema as t
from digestbot.store.tables.upsert import insert


def divide(db: Connection, paper: PaperId, made: PaperId, events: Iterable[Event]) -> None:
    """Split events between `paper` and `made`, which was taken out of it. Only keys that the whole had count."""
    e = t.paper_events.c
    had = {(row.kind, row.key) for row in db.execute(sa.select(e.kind, e.key).where(e.paper == paper))}
    kept = [event for event in events if (event.kind, event.key) in had]
    db.execute(sa.delete(t.paper_events).where(e.paper.in_((paper, made))))
    rows = [{"paper": v.paper, "kind": v.kind, "key": v.key, "at": v.at, "note": v.note} for v in kept]
    if rows:
        db.execute(sa.insert(t.paper_events), rows)
    foreign = {key for _, key in had} - {v.key for v in kept if v.paper == paper}
    _told_of(db, paper, made, foreign & {v.key for v in kept if v.paper == made})
    db.execute(
        sa.delete(t.digest_items).where(t.digest_items.c.paper == paper, t.digest_items.c.kind.in_(sorted(foreign)))
    )


def _told_of(db: Connection, paper: PaperId, made: PaperId, keys: Collection[str]) -> None:
    """Move "told to subscriber" along with each event to the part that the event belongs to."""
    items = t.digest_items
    columns = [column.name for column in items.c]
    moved = [sa.literal(made).label(name) if name == "paper" else items.c[name] for name in columns]
    wanted = sa.select(*moved).where(items.c.paper == paper, items.c.kind.in_(sorted(keys)))
    db.execute(insert(db, items).from_select(columns, wanted).on_conflict_do_nothing())
