"""What broke a step, with its bytes."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from digestbot.model import Entry, PaperId
from digestbot.store import PutAside, Stage, StoredEntry
from digestbot.store.tables import schema as t
from digestbot.store.tables.json_codec import loads
from digestbot.store.tables.packing import unpack
from digestbot.store.tables.upsert import insert

log = logging.getLogger(__name__)

_C = t.quarantine.c
_LONGEST = 2000  #: characters of an error: some carry the whole value they stumbled over


class SqlQuarantine:
    """The contract is `store.Quarantine`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def add_items(self, rows: Iterable[PutAside], *, now: datetime) -> None:
        for row in rows:  # rare, and mostly one
            adding = insert(self.db, t.quarantine).values(
                stage=row.stage, subject=row.subject, source=row.source, entry=row.entry, paper=row.paper, sha=row.sha,
                position=row.position, title=_storable(row.title), data=zlib.compress(row.data) if row.data else None,
                error=_storable(row.error)[:_LONGEST], at=now, last=now,
            )  # fmt: skip
            newer = {name: adding.excluded[name] for name in ("sha", "position", "title", "data", "error", "last")}
            again = adding.on_conflict_do_update(
                index_elements=["stage", "subject"], set_={**newer, "tries": _C.tries + 1}
            )
            self.db.execute(again)

    def all_items(self) -> list[PutAside]:
        wanted = sa.select(*(c for c in _C if c.name != "data")).order_by(_C.at, _C.id)
        return [_row(row, b"") for row in self.db.execute(wanted)]

    def item(self, number: int) -> PutAside | None:
        row = self.db.execute(sa.select(t.quarantine).where(_C.id == number)).first()
        return _row(row, zlib.decompress(row.data) if row.data else b"") if row else None

    def release_items(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.db.execute(sa.delete(t.quarantine).where(_C.id == number))

    def count_items(self) -> int:
        return self.db.execute(sa.select(sa.func.count()).select_from(t.quarantine)).scalar_one()

    def entry(self, entry: int) -> StoredEntry | None:
        e = t.entries.c
        row = self.db.execute(sa.select(e.id, e.source, e.data, e.first_seen).where(e.id == entry)).first()
        if row is None:
            return None
        found = _entry(row.data)
        return None if found is None else StoredEntry(id=row.id, source=row.source, entry=found, seen=row.first_seen)

    def retry_entries(self, entries: Iterable[int]) -> None:
        for entry in entries:
            self.db.execute(sa.update(t.entries).where(t.entries.c.id == entry).values(waiting=1))

    def paper_of(self, entry: int) -> PaperId | None:
        m = t.mentions.c
        return self.db.execute(sa.select(m.paper).where(m.entry == entry).order_by(m.paper)).scalar()


def _storable(text: str) -> str:
    """Text without lone surrogates and NUL, which PostgreSQL refuses and errors like to quote."""
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()


def _row(row: Row[Any], data: bytes) -> PutAside:
    told = {name: getattr(row, name) for name in row._fields if name != "data"}
    return PutAside(**told | {"stage": Stage(row.stage), "data": data})


def title_of(data: bytes) -> str:
    """Of a stored entry; "" for one that cannot be read."""
    found = _entry(data)
    return found.title if found else ""


def _entry(data: bytes) -> Entry | None:
    """None for one that cannot be read: that may be why it was put aside."""
    try:
        return loads(Entry, unpack(data))
    except Exception as error:
        log.warning("a stored entry is damaged: %s: %s", type(error).__name__, error)
        return None
