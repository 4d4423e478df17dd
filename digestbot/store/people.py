"""Subscribers, their topics, and addresses we must not mail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from digestbot.model import Subscriber, SubscriberId, Topic
from digestbot.store import schema as t
from digestbot.store.upsert import insert

PREFERENCES = ("name", "max_papers", "when_empty", "updates", "trending")


def address_hash(address: str) -> str:
    """What stands in the place of an address that may have been erased."""
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()


class SqlPeople:
    """The contract is `store.People`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def sync(self, subscribers: Sequence[Subscriber], *, now: datetime) -> None:
        """Make the stored people those given."""
        known = {row.ref: row for row in self.db.execute(sa.select(t.subscribers))}
        topics = self._topic_rows()
        for at, wanted in enumerate(subscribers):
            row = known.pop(wanted.ref, None)
            number = self._insert(wanted, at, now) if row is None else self._change(row, wanted, at)
            self._sync_topics(number, wanted.topics, topics.get(number, []), now)
        gone = [row.id for row in known.values() if row.status != "removed"]
        if gone:
            self.db.execute(sa.update(t.subscribers).where(t.subscribers.c.id.in_(gone)).values(status="removed", next_slot=None))

    def _insert(self, wanted: Subscriber, at: int, now: datetime) -> SubscriberId:
        values = {**_columns(wanted), "ref": wanted.ref, "position": at, "joined": now, "status": "active"}
        made: SubscriberId = self.db.execute(sa.insert(t.subscribers).values(**values).returning(t.subscribers.c.id)).scalar_one()
        return made

    def _change(self, row: Row[Any], wanted: Subscriber, at: int) -> SubscriberId:
        values = {**_columns(wanted), "position": at}
        if row.status == "removed":
            values["status"] = "active"
        if (row.schedule, row.time_zone) != (wanted.schedule, wanted.time_zone):
            values["next_slot"] = None
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if changed:
            self.db.execute(sa.update(t.subscribers).where(t.subscribers.c.id == row.id).values(**changed))
        number: SubscriberId = row.id
        return number

    def _sync_topics(self, subscriber: SubscriberId, wanted: Sequence[Topic], rows: Iterable[Row[Any]], now: datetime) -> None:
        old = {(row.name, row.query): row for row in rows}
        for at, topic in enumerate(wanted):
            values = {"limit": topic.limit, "position": at}
            row = old.pop((topic.name, topic.query), None)
            if row is None:
                new = {"subscriber": subscriber, "name": topic.name, "query": topic.query, "valid_from": now, **values}
                self.db.execute(sa.insert(t.topics).values(**new))
            elif any(getattr(row, name) != value for name, value in values.items()):
                self.db.execute(sa.update(t.topics).where(t.topics.c.id == row.id).values(**values))
        if old:
            ended = [row.id for row in old.values()]
            self.db.execute(sa.update(t.topics).where(t.topics.c.id.in_(ended)).values(valid_to=now))

    def _topic_rows(self) -> dict[int, list[Row[Any]]]:
        rows: dict[int, list[Row[Any]]] = {}
        for row in self.db.execute(sa.select(t.topics).where(t.topics.c.valid_to.is_(None)).order_by(t.topics.c.position)):
            rows.setdefault(row.subscriber, []).append(row)
        return rows

    def _complete(self, rows: Sequence[Row[Any]]) -> list[Subscriber]:
        numbers = [row.id for row in rows]
        topics: dict[int, list[Topic]] = {}
        c = t.topics.c
        for at in range(0, len(numbers), 400):
            wanted = sa.select(t.topics).where(c.valid_to.is_(None), c.subscriber.in_(numbers[at : at + 400])).order_by(c.position)
            for r in self.db.execute(wanted):
                topic = Topic(name=r.name, query=r.query, limit=r.limit, since=r.valid_from)
                topics.setdefault(r.subscriber, []).append(topic)
        suppressed = self._suppressed([row.email for row in rows])
        return [
            Subscriber(
                ref=r.ref, email=r.email, schedule=r.schedule, time_zone=r.time_zone, topics=tuple(topics.get(r.id, ())), id=r.id,
                status=r.status, paused_until=r.paused_until, joined=r.joined, next_slot=r.next_slot,
                suppressed=suppressed.get(address_hash(r.email), ""), **json.loads(r.preferences),
            )
            for r in rows
        ]  # fmt: skip

    def _suppressed(self, addresses: Sequence[str]) -> dict[str, str]:
        hashes, c = [address_hash(a) for a in addresses], t.suppressions.c
        found: dict[str, str] = {}
        for at in range(0, len(hashes), 400):
            wanted = sa.select(c.email_hash, c.reason).where(c.lifted.is_(None), c.email_hash.in_(hashes[at : at + 400]))
            found |= {row.email_hash: row.reason for row in self.db.execute(wanted)}
        return found

    def all(self, *, removed: bool = False) -> list[Subscriber]:
        """In the order they joined."""
        wanted = sa.select(t.subscribers).order_by(t.subscribers.c.id)
        if not removed:
            wanted = wanted.where(t.subscribers.c.status != "removed")
        return self._complete(self.db.execute(wanted).all())

    def get(self, who: str | SubscriberId) -> Subscriber | None:
        """By id, ref or address; a ref wins over an address."""
        c = t.subscribers.c
        if isinstance(who, int):
            rows = self.db.execute(sa.select(t.subscribers).where(c.id == who)).all()
        else:
            either = sa.or_(c.ref == who, c.email_key == who.strip().casefold())
            listed = sa.case((c.status == "removed", 1), else_=0)
            rows = self.db.execute(sa.select(t.subscribers).where(either).order_by(c.ref != who, listed)).all()
        return self._complete(rows[:1])[0] if rows else None

    def due(self, now: datetime, most: int) -> list[Subscriber]:
        """Longest due first."""
        c = t.subscribers.c
        wanted = sa.select(t.subscribers).where(c.next_slot <= now, c.status != "removed").order_by(c.next_slot, c.id).limit(most)
        return self._complete(self.db.execute(wanted).all())

    def unplanned(self) -> list[Subscriber]:
        """Without a next slot."""
        c = t.subscribers.c
        return self._complete(self.db.execute(sa.select(t.subscribers).where(c.next_slot.is_(None), c.status != "removed")).all())

    def plan(self, subscriber: SubscriberId, next_slot: datetime, *, was: datetime | None) -> bool:
        """Compare and set."""
        c = t.subscribers.c
        before = c.next_slot.is_(None) if was is None else c.next_slot == was
        return self.db.execute(sa.update(t.subscribers).where(c.id == subscriber, before).values(next_slot=next_slot)).rowcount == 1

    def pause(self, subscriber: SubscriberId, *, until: datetime | None) -> None:
        """Until then."""
        self._set(subscriber, status="paused", paused_until=until)

    def resume(self, subscriber: SubscriberId) -> None:
        """Active again."""
        self._set(subscriber, status="active", paused_until=None)

    def _set(self, subscriber: SubscriberId, **values: Any) -> None:
        self.db.execute(sa.update(t.subscribers).where(t.subscribers.c.id == subscriber).values(**values))

    def suppress(self, address: str, *, reason: str, now: datetime) -> None:
        """By hash."""
        values = {"reason": reason, "since": now, "lifted": None}
        self.db.execute(
            insert(self.db, t.suppressions).values(email_hash=address_hash(address), **values)
            .on_conflict_do_update(index_elements=["email_hash"], set_=values)
        )  # fmt: skip

    def lift(self, address: str, *, now: datetime) -> bool:
        """Mail it again."""
        c = t.suppressions.c
        lifted = sa.update(t.suppressions).where(c.email_hash == address_hash(address), c.lifted.is_(None)).values(lifted=now)
        return self.db.execute(lifted).rowcount == 1


def _columns(wanted: Subscriber) -> dict[str, Any]:
    return {
        "email": wanted.email, "email_key": wanted.email.strip().casefold(), "schedule": wanted.schedule, "time_zone": wanted.time_zone,
        "preferences": json.dumps({name: getattr(wanted, name) for name in PREFERENCES}, sort_keys=True),
    }  # fmt: skip
