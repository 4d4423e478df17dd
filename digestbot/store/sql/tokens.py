"""Tokens of links, by their hash."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.model import SubscriberId
from digestbot.store import TokenRow
from digestbot.store.tables import schema as t
from digestbot.store.tables.bulk import write_rows
from digestbot.store.tables.upsert import insert

_C = t.tokens.c


class SqlTokens:
    """The contract is `store.Tokens`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def add_tokens(self, rows: Iterable[TokenRow], *, now: datetime) -> None:
        given = [
            {"hash": r.hash, "purpose": r.purpose, "subscriber": r.subscriber, "digest": r.digest, "made": now}
            for r in rows
        ]
        if given:
            write_rows(self.db, insert(self.db, t.tokens).on_conflict_do_nothing(), given)

    def find_token(self, hash: str, *, purpose: str) -> TokenRow | None:
        wanted = sa.select(t.tokens).where(_C.hash == hash, _C.purpose == purpose, _C.revoked.is_(None))
        row = self.db.execute(wanted).first()
        return (
            TokenRow(hash=row.hash, purpose=row.purpose, subscriber=row.subscriber, digest=row.digest) if row else None
        )

    def was_revoked(self, hash: str, *, purpose: str) -> bool:
        wanted = sa.select(_C.hash).where(_C.hash == hash, _C.purpose == purpose, _C.revoked.is_not(None))
        return self.db.execute(wanted).first() is not None

    def revoke_feeds(self, subscriber: SubscriberId, *, now: datetime) -> None:
        s, theirs = t.subscribers.c, (_C.subscriber == subscriber, _C.purpose == "feed", _C.revoked.is_(None))
        self.db.execute(sa.update(t.tokens).where(*theirs).values(revoked=now))
        self.db.execute(sa.update(t.subscribers).where(s.id == subscriber).values(feed_epoch=s.feed_epoch + 1))

    def revoke_tokens(self, subscriber: SubscriberId, *, now: datetime) -> int:
        gone = sa.update(t.tokens).where(_C.subscriber == subscriber, _C.revoked.is_(None)).values(revoked=now)
        count: int = self.db.execute(gone).rowcount
        s = t.subscribers.c
        self.db.execute(sa.update(t.subscribers).where(s.id == subscriber).values(token_epoch=s.token_epoch + 1))
        return count
