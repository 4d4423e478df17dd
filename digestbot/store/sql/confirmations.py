"""What people asked for by a form and confirm from their mailbox, and what they agreed to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from digestbot.model import SubscriberId
from digestbot.store.contract.tokens import Confirmation, Consent, Recent
from digestbot.store.sql.people import address_hash
from digestbot.store.tables import schema as t
from digestbot.store.tables.bulk import write_rows
from digestbot.store.tables.chunks import chunks

_C = t.confirmations.c
_COLUMNS = tuple(f.name for f in fields(Confirmation) if f.name != "id")


class SqlConfirmations:
    """The contract is `store.Confirmations`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def add_confirmation(self, asked: Confirmation) -> int:
        values = {name: getattr(asked, name) for name in _COLUMNS} | {"address_hash": address_hash(asked.address)}
        made: int = self.db.execute(sa.insert(t.confirmations).values(**values).returning(_C.id)).scalar_one()
        return made

    def count_recent(self, *, address: str, network: str, day: datetime, hour: datetime) -> Recent:
        def count(*fit: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
            return sa.select(sa.func.count()).select_from(t.confirmations).where(*fit).scalar_subquery()

        of_address = count(_C.address_hash == address_hash(address), _C.at > day)
        row = self.db.execute(
            sa.select(of_address, count(_C.network == network, _C.at > hour), count(_C.at > hour))
        ).one()
        return Recent(*row)

    def asked_since(self, addresses: Iterable[str], since: datetime) -> set[str]:
        hashes = {address_hash(address): address for address in addresses}
        wanted = sa.select(_C.address_hash).where(_C.at > since)
        found = [one for some in chunks(hashes) for one in self.db.execute(wanted.where(_C.address_hash.in_(some)))]
        return {hashes[row.address_hash] for row in found}

    def find_confirmation(self, token: str, *, now: datetime) -> Confirmation | None:
        return self._one(_C.token == token, _C.expires > now)

    def confirmation_of_delivery(self, delivery: int) -> Confirmation | None:
        return self._one(_C.delivery == delivery)

    def asked_confirmations(self, most: int) -> list[Confirmation]:
        wanted = sa.select(t.confirmations).where(_C.state == "asked").order_by(_C.id).limit(most)
        return [_confirmation(row) for row in self.db.execute(wanted)]

    def settle_confirmation(
        self, confirmation: int, state: Literal["queued", "dropped"], *, delivery: int | None = None
    ) -> None:
        self.db.execute(sa.update(t.confirmations).where(_C.id == confirmation).values(state=state, delivery=delivery))

    def use_confirmation(self, confirmation: int) -> bool:
        used = sa.update(t.confirmations).where(_C.id == confirmation, _C.state != "used").values(state="used")
        return self.db.execute(used).rowcount == 1

    def delete_confirmations(self, before: datetime) -> int:
        return self.db.execute(sa.delete(t.confirmations).where(_C.expires < before)).rowcount

    def add_consent(self, subscriber: SubscriberId, consent: Consent) -> None:
        values = {"at": consent.at, "version": consent.version, "text": consent.text}
        self.db.execute(sa.insert(t.consents).values(subscriber=subscriber, **values))

    def add_consents(self, subscribers: Iterable[SubscriberId], consent: Consent) -> None:
        values = {"at": consent.at, "version": consent.version, "text": consent.text}
        write_rows(self.db, sa.insert(t.consents), [{"subscriber": number} | values for number in subscribers])

    def consents_of(self, subscriber: SubscriberId) -> Sequence[Consent]:
        c = t.consents.c
        rows = self.db.execute(sa.select(t.consents).where(c.subscriber == subscriber).order_by(c.id))
        return [Consent(at=row.at, version=row.version, text=row.text) for row in rows]

    def _one(self, *fit: sa.ColumnElement[bool]) -> Confirmation | None:
        row = self.db.execute(sa.select(t.confirmations).where(*fit)).first()
        return _confirmation(row) if row else None


def _confirmation(row: Row[Any]) -> Confirmation:
    return Confirmation(id=row.id, **{name: getattr(row, name) for name in _COLUMNS})
