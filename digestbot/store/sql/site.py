"""What is one per site: its rules over time, and named timestamps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.store.contract.rows import Note
from digestbot.store.tables import schema as t
from digestbot.store.tables.upsert import insert

FROZEN = "frozen_"  #: how the names of the triggers begin that refuse writes to a store that was moved

_TIMESTAMP = sa.select(t.marks.c.at).where(t.marks.c.name == sa.bindparam("named"))  #: asked at every poll


class SqlSite:
    """The contract is `store.Site`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def sync_rules(self, rules: Mapping[str, str], *, now: datetime) -> None:
        c = t.site_topics.c
        known = {(r.name, r.query): r.id for r in self.db.execute(sa.select(t.site_topics).where(c.valid_to.is_(None)))}
        ended = [number for rule, number in known.items() if rule not in rules.items()]
        new = [
            {"name": name, "query": query, "valid_from": now}
            for name, query in rules.items()
            if (name, query) not in known
        ]
        if ended:
            self.db.execute(sa.update(t.site_topics).where(c.id.in_(ended)).values(valid_to=now))
        if new:
            self.db.execute(sa.insert(t.site_topics), new)

    def rules_at(self, at: datetime) -> dict[str, str]:
        c = t.site_topics.c
        in_force = sa.and_(c.valid_from <= at, sa.or_(c.valid_to.is_(None), c.valid_to > at))
        return {r.name: r.query for r in self.db.execute(sa.select(t.site_topics).where(in_force).order_by(c.id))}

    def set_timestamp(self, name: str, *, at: datetime) -> None:
        self.set_note(name, at=at, text="")

    def set_note(self, name: str, *, at: datetime, text: str) -> None:
        made = insert(self.db, t.marks).values(name=name, at=at, note=text)
        self.db.execute(made.on_conflict_do_update(index_elements=["name"], set_={"at": at, "note": text}))

    def note(self, name: str) -> Note | None:
        row = self.db.execute(sa.select(t.marks).where(t.marks.c.name == name)).first()
        return Note(at=row.at, text=row.note) if row else None

    def remove_note(self, name: str) -> None:
        self.db.execute(sa.delete(t.marks).where(t.marks.c.name == name))

    def why_frozen(self) -> str:
        if self.db.dialect.name != "sqlite":
            return ""
        refusing = f"SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '{FROZEN}%'"  # noqa: S608  # our own name
        why = (self.db.exec_driver_sql(refusing).scalar() or "").partition("ABORT, '")[2]
        return str(why.rpartition("')")[0].replace("''", "'"))

    def timestamp(self, name: str) -> datetime | None:
        found: datetime | None = self.db.execute(_TIMESTAMP, {"named": name}).scalar()
        return found
