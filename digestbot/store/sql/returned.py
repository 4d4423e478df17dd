"""Mails that came back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.model.returned import ReturnKind
from digestbot.store.contract.returned import ReturnedRow
from digestbot.store.sql.people import address_hash
from digestbot.store.tables import schema as t
from digestbot.store.tables.upsert import insert

_C = t.returned.c


class SqlReturned:
    """The contract is `store.Returned`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def add_returned(self, row: ReturnedRow) -> bool:
        adding = insert(self.db, t.returned).values(
            key=row.key, at=row.at, kind=row.kind.value, effect=row.effect, delivery=row.delivery,
            address_hash=address_hash(row.address) if row.address else "", text=row.text.replace("\x00", ""),
        )  # fmt: skip
        once = adding.on_conflict_do_nothing(index_elements=["key"]).returning(_C.key)
        return self.db.execute(once).first() is not None

    def is_returned(self, key: str) -> bool:
        return self.db.execute(sa.select(_C.key).where(_C.key == key)).first() is not None

    def count_soft(self, address: str, *, since: datetime) -> int:
        counting = sa.select(sa.func.count()).select_from(t.returned)
        counting = counting.where(_C.address_hash == address_hash(address), _C.at >= since)
        return self.db.execute(counting.where(_C.effect == "counted", _C.used == 0)).scalar_one()

    def use_up_soft(self, address: str) -> None:
        self.db.execute(sa.update(t.returned).where(_C.address_hash == address_hash(address)).values(used=1))

    def count_returned(self, since: datetime) -> dict[tuple[ReturnKind, str], int]:
        counting = sa.select(_C.kind, _C.effect, sa.func.count().label("many")).where(_C.at >= since)
        rows = self.db.execute(counting.group_by(_C.kind, _C.effect).order_by(_C.kind, _C.effect))
        return {(ReturnKind(row.kind), row.effect): row.many for row in rows}

    def latest_returned(self, most: int) -> list[ReturnedRow]:
        rows = self.db.execute(sa.select(t.returned).order_by(_C.at.desc(), _C.key).limit(most))
        return [
            ReturnedRow(
                key=r.key, at=r.at, kind=ReturnKind(r.kind), effect=r.effect, delivery=r.delivery, text=r.text
            )
            for r in rows
        ]  # fmt: skip

    def delete_returned(self, before: datetime) -> int:
        return self.db.execute(sa.delete(t.returned).where(_C.at < before)).rowcount
