"""Leases of hosts and of the daemon, and circuit breakers of mail servers: what processes share."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.model import Breaker, Fault
from digestbot.store.tables import schema as t
from digestbot.store.tables.upsert import insert, insert_for

CLOCK_WAS_AHEAD = timedelta(days=1)
FARTHEST = timedelta(days=30)  #: no source makes us wait longer


@cache
def _take(dialect: str) -> sa.Executable:
    """Made once: building it costs more than running it, and every poll does."""
    owner, until, next_at = t.leases.c.owner, t.leases.c.until, t.leases.c.next_at
    now, too_long, too_far = (sa.bindparam(name, type_=t.Moment()) for name in ("now", "too_long", "too_far"))
    adding = insert_for(dialect, t.leases).values({name: sa.bindparam(name) for name in ("name", "owner", "until")})
    mine = sa.or_(owner == adding.excluded.owner, owner == "", until <= now, until > too_long)
    open_ = sa.or_(next_at.is_(None), next_at <= now, next_at > too_far)
    taken = {"owner": adding.excluded.owner, "until": adding.excluded.until}
    return adding.on_conflict_do_update(index_elements=["name"], set_=taken, where=sa.and_(mine, open_)).returning(
        t.leases.c.name
    )


_NEXT = sa.bindparam("next", type_=t.Moment())
_GIVE_BACK = (
    sa.update(t.leases)
    .where(t.leases.c.name == sa.bindparam("named"), t.leases.c.owner == sa.bindparam("holder"))
    .values(owner="", until=None, next_at=sa.case((t.leases.c.next_at > _NEXT, t.leases.c.next_at), else_=_NEXT))
)
_NEXT_AT = sa.select(t.leases.c.next_at).where(t.leases.c.name == sa.bindparam("named"))


class SqlLeases:
    """The contract is `store.Leases`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def take_lease(self, name: str, *, owner: str, now: datetime, lease: timedelta) -> datetime | None:
        """One statement decides who gets the lease; a refused caller then reads until when it is taken."""
        given = {
            "name": name, "owner": owner, "until": now + lease, "now": now,
            # nobody takes a lease for a day longer than they say: the clock was ahead when it was written, and was put back
            "too_long": now + lease + CLOCK_WAS_AHEAD, "too_far": now + FARTHEST + CLOCK_WAS_AHEAD,
        }  # fmt: skip
        if self.db.execute(_take(self.db.dialect.name), given).first() is not None:
            return None
        row = self.db.execute(sa.select(t.leases).where(t.leases.c.name == name)).one()
        held = row.until if row.owner not in ("", owner) and row.until and row.until > now else now
        later: datetime = max(held, row.next_at or now)
        return later

    def give_back_lease(self, name: str, *, owner: str, next_at: datetime) -> None:
        """A later `postpone_lease` stays in force."""
        self.db.execute(_GIVE_BACK, {"named": name, "holder": owner, "next": next_at})

    def postpone_lease(self, name: str, *, until: datetime) -> None:
        self.db.execute(
            insert(self.db, t.leases).values(name=name, owner="", next_at=until).on_conflict_do_update(
                index_elements=["name"], set_={"next_at": until},
                where=sa.or_(t.leases.c.next_at.is_(None), t.leases.c.next_at < until),
            )
        )  # fmt: skip

    def take_turns(self, name: str, span: timedelta, *, now: datetime) -> datetime:
        """The row is locked until the transaction ends."""
        self.db.execute(
            insert(self.db, t.leases)
            .values(name=name, owner="", next_at=now)
            .on_conflict_do_nothing(index_elements=["name"])
        )
        last = self.db.execute(_NEXT_AT.with_for_update(), {"named": name}).scalar_one()
        begin: datetime = now if last is None or last > now + FARTHEST else max(last, now)
        self.db.execute(sa.update(t.leases).where(t.leases.c.name == name).values(next_at=begin + span))
        return begin

    def postponed_until(self, name: str, now: datetime) -> datetime | None:
        """An instant too far ahead was written by a clock that was put back."""
        next_at = self.db.execute(_NEXT_AT, {"named": name}).scalar()
        return next_at if next_at and now < next_at <= now + FARTHEST + CLOCK_WAS_AHEAD else None

    def lease_holder(self, name: str, now: datetime) -> str:
        wanted = sa.select(t.leases.c.owner).where(t.leases.c.name == name, t.leases.c.until > now)
        return self.db.execute(wanted).scalar() or ""


_BREAKER = sa.select(t.servers).where(t.servers.c.name == sa.bindparam("named"))


class SqlBreakers:
    """The contract is `store.Breakers`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def breaker_of(self, server: str) -> Breaker:
        row = self.db.execute(_BREAKER, {"named": server}).first()  # asked with each group commit
        if row is None:
            return Breaker()
        return Breaker(
            failures=row.failures, open_until=row.open_until, fault=Fault(row.fault) if row.fault else None,
            text=row.text, since=row.since, suspect=row.suspect,
        )  # fmt: skip

    def set_breaker(self, server: str, breaker: Breaker) -> None:
        values: dict[str, Any] = {
            "failures": breaker.failures, "open_until": breaker.open_until, "fault": breaker.fault.value if breaker.fault else "",
            "text": breaker.text, "since": breaker.since, "suspect": breaker.suspect,
        }  # fmt: skip
        self.db.execute(
            insert(self.db, t.servers)
            .values(name=server, **values)
            .on_conflict_do_update(index_elements=["name"], set_=values)
        )
