"""What happened to papers: read, and divided when a paper is taken apart, with who was told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from digestbot.model import PaperId
from digestbot.papers.facts.events import EventKind
from digestbot.store import Event
from digestbot.store.tables import schema as t
from digestbot.store.tables.chunks import chunks
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


def between(db: Connection, after: datetime, until: datetime) -> list[Event]:
    """Events in (after, until], oldest first."""
    e = t.paper_events.c
    wanted = sa.select(t.paper_events).where(e.at > after, e.at <= until).order_by(e.at, e.paper, e.key)
    return [_event(row) for row in db.execute(wanted)]


def of_papers(db: Connection, papers: Iterable[PaperId], kinds: Iterable[str]) -> list[Event]:
    """Events of these kinds that happened to these papers, oldest first."""
    e, wanted = t.paper_events.c, list(kinds)
    every = (sa.select(t.paper_events).where(e.paper.in_(some), e.kind.in_(wanted)) for some in chunks(papers))
    found = [_event(row) for one in every for row in db.execute(one)]
    return sorted(found, key=lambda event: (event.at, event.paper, event.key))


def _event(row: Row[Any]) -> Event:
    return Event(paper=row.paper, kind=EventKind(row.kind), key=row.key, at=row.at, note=row.note)
