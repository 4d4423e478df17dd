"""Subscribers, their topics, and addresses we must not mail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from digestbot.memo import remembered
from digestbot.model import Subscriber, SubscriberId, Topic
from digestbot.model.people import ERASED
from digestbot.store.contract.people import PlannedSlot
from digestbot.store.contract.rows import Suppression
from digestbot.store.tables import schema as t
from digestbot.store.tables.bulk import write_rows
from digestbot.store.tables.chunks import chunks
from digestbot.store.tables.upsert import insert

PREFERENCES = (
    "name", "language", "max_papers", "when_empty", "updates", "trending", "discover", "best", "length", "mail",
)  # fmt: skip


def address_hash(address: str) -> str:
    """Hash of an address, kept in place of an address that may have been erased."""
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()


_S = t.subscribers.c
_MOMENT = _S.next_slot.type
_ONE = (
    sa.update(t.subscribers).where(_S.id == sa.bindparam("who")).values(next_slot=sa.bindparam("next", type_=_MOMENT))
)
_THEIRS = _S.id.in_(sa.bindparam("whose", expanding=True))
_PLAN_ALL = (
    sa.update(t.subscribers).where(_THEIRS).values(next_slot=sa.bindparam("next", type_=_MOMENT)).returning(_S.id)
)
_PLAN_ALL_FIRST = _PLAN_ALL.where(_S.next_slot.is_(None))
_PLAN_ALL_AGAIN = _PLAN_ALL.where(_S.next_slot == sa.bindparam("was", type_=_MOMENT))
_TOPICS = (  # made once: making them takes longer than running them
    sa.select(t.topics)
    .where(t.topics.c.valid_to.is_(None), t.topics.c.subscriber.in_(sa.bindparam("whose", expanding=True)))
    .order_by(t.topics.c.position)
)
_SYNCED = [_S[name] for name in ("id", "ref", "email", "email_key", "schedule", "time_zone", "preferences", "status")]
_SYNCED_TOPIC = [  # in the order of `_topic_columns`
    t.topics.c[name]
    for name in (
        "id", "subscriber", "name", "query", "likes", "limit", "position", "mute", "weight", "best", "threshold", "follows",
    )
]  # fmt: skip
_SUPPRESSED = sa.select(t.suppressions.c.email_hash, t.suppressions.c.reason).where(
    t.suppressions.c.lifted.is_(None), t.suppressions.c.email_hash.in_(sa.bindparam("hashes", expanding=True))
)
_PLAN_FIRST = _ONE.where(_S.next_slot.is_(None))
_PLAN = _ONE.where(_S.next_slot == sa.bindparam("was", type_=_MOMENT))


class SqlPeople:
    """The contract is `store.People`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def sync_people(self, subscribers: Sequence[Subscriber], *, now: datetime) -> list[SubscriberId]:
        moved: list[SubscriberId] = []
        self._take_over(subscribers)
        known = {row.ref: row for row in self.db.execute(sa.select(*_SYNCED).where(_S.origin == "file"))}
        topics = self._topic_rows()
        numbers = self._insert([wanted for wanted in subscribers if wanted.ref not in known], now)
        new: list[dict[str, Any]] = []
        ended: list[int] = []
        for wanted in subscribers:
            row = known.pop(wanted.ref, None)
            number = numbers[wanted.ref] if row is None else self._change(row, wanted, now)
            if row is not None and row.email != wanted.email:
                moved.append(number)
            added, gone = self._change_topics(number, wanted.topics, topics.get(number, []), now)
            new += added
            ended += gone
        if new:
            self.db.execute(sa.insert(t.topics), new)
        for some in chunks(ended):
            self.db.execute(sa.update(t.topics).where(t.topics.c.id.in_(some)).values(valid_to=now))
        for some in chunks(row.id for row in known.values() if row.status != "removed"):
            self.db.execute(sa.update(t.subscribers).where(_S.id.in_(some)).values(status="removed", next_slot=None))
        return moved

    def _take_over(self, listed: Sequence[Subscriber]) -> None:
        """People of the page whose address the configuration lists are the configuration's."""
        if self.db.execute(sa.select(_S.id).where(_S.origin == "web").limit(1)).first() is None:
            return
        refs = set(self.db.execute(sa.select(_S.ref).where(_S.origin == "file")).scalars())
        wanted = {one.email.strip().casefold(): one.ref for one in listed}
        for some in chunks(wanted):
            theirs = sa.select(_S.id, _S.email_key).where(_S.origin == "web", _S.email_key.in_(some))
            for row in self.db.execute(theirs.where(_S.status != "removed").order_by(_S.id)).all():
                ref = wanted[row.email_key]
                values = {"status": "removed", "next_slot": None} if ref in refs else {"ref": ref, "origin": "file"}
                self.db.execute(sa.update(t.subscribers).where(_S.id == row.id).values(**values))
                refs.add(ref)

    def add_person(self, subscriber: Subscriber, *, now: datetime) -> SubscriberId:
        values = _columns(subscriber) | {
            "ref": subscriber.ref, "origin": "web", "status": "active", "paused_until": None, "joined": now, "next_slot": None,
        }  # fmt: skip
        before = self.db.execute(
            sa.select(t.subscribers)
            .where(_S.email_key == values["email_key"], _S.status.in_(("removed", "left")))
            .order_by(_S.status == "removed", _S.id.desc())
        ).first()
        if before is None:
            number: SubscriberId = self.db.execute(
                sa.insert(t.subscribers).values(**values).returning(_S.id)
            ).scalar_one()
        else:
            number = before.id
            self.db.execute(sa.update(t.subscribers).where(_S.id == number).values(**values))
        if subscriber.topics or before is None:
            self._write_topics(number, subscriber.topics, now)
        return number

    def add_people(self, people: Sequence[Subscriber], *, now: datetime) -> list[SubscriberId]:
        keys = [person.email.strip().casefold() for person in people]
        gone = sa.select(_S.email_key).where(_S.status.in_(("removed", "left")))
        before = {key for some in chunks(keys) for key in self.db.execute(gone.where(_S.email_key.in_(some))).scalars()}
        new = [person for person, key in zip(people, keys, strict=True) if key not in before]
        numbers = self._insert(new, now, origin="web")
        topics = [self._change_topics(numbers[person.ref], person.topics, (), now)[0] for person in new]
        write_rows(self.db, sa.insert(t.topics), [row for rows in topics for row in rows])
        return [
            numbers[person.ref] if key not in before else self.add_person(person, now=now)
            for person, key in zip(people, keys, strict=True)
        ]

    def statuses_of(self, addresses: Iterable[str]) -> dict[str, str]:
        keys = {address: address.strip().casefold() for address in addresses}
        wanted = sa.select(_S.email_key, _S.status).where(_S.status != "removed").order_by(_S.id.desc())
        found: dict[str, str] = {}
        for some in chunks(keys.values()):
            found |= {row.email_key: row.status for row in self.db.execute(wanted.where(_S.email_key.in_(some)))}
        return {address: found[key] for address, key in keys.items() if key in found}

    def change_person(self, subscriber: SubscriberId, wanted: Subscriber, *, now: datetime) -> None:
        row = self.db.execute(sa.select(t.subscribers).where(_S.id == subscriber, _S.origin == "web")).first()
        if row is not None and row.status != "removed":
            self._change(row, wanted, now)
            self._write_topics(subscriber, wanted.topics, now)

    def _write_topics(self, subscriber: SubscriberId, wanted: Sequence[Topic], now: datetime) -> None:
        c = t.topics.c
        current = sa.select(*_SYNCED_TOPIC).where(c.subscriber == subscriber, c.valid_to.is_(None))
        rows = self.db.execute(current.order_by(c.position))
        new, ended = self._change_topics(subscriber, wanted, rows.all(), now)
        if new:
            self.db.execute(sa.insert(t.topics), new)
        if ended:
            self.db.execute(sa.update(t.topics).where(c.id.in_(ended)).values(valid_to=now))

    def erase_person(self, subscriber: SubscriberId, *, now: datetime) -> None:
        email = self.db.execute(sa.select(_S.email).where(_S.id == subscriber)).scalar_one()
        mails = t.deliveries
        for where in (mails.c.subscriber == subscriber, mails.c.address_hash == address_hash(email)):
            self.db.execute(sa.update(mails).where(where).values(digest=None, address=""))
        asked = t.confirmations.c
        theirs = sa.or_(asked.subscriber == subscriber, asked.address_hash == address_hash(email))
        self.db.execute(sa.delete(t.confirmations).where(theirs))
        for table in (t.tokens, t.topics, t.votes, t.namesakes, t.consents, t.digest_items, t.digests, t.slots):
            self.db.execute(sa.delete(table).where(table.c.subscriber == subscriber))
        nobody = {
            "ref": f"erased-{subscriber}", "email": "", "email_key": "", "status": "removed", "preferences": "{}",
            "next_slot": None, "paused_until": None, "token_epoch": _S.token_epoch + 1, "origin": "web",
        }  # fmt: skip
        self.db.execute(sa.update(t.subscribers).where(_S.id == subscriber).values(**nobody))
        said = {"reason": ERASED, "since": now, "lifted": None, "until": None}
        made = insert(self.db, t.suppressions).values(email_hash=address_hash(email), **said)
        self.db.execute(made.on_conflict_do_update(index_elements=["email_hash"], set_=said))

    def erased_addresses(self, addresses: Iterable[str]) -> set[str]:
        c = t.suppressions.c
        known = set(self.db.execute(sa.select(c.email_hash).where(c.reason == ERASED, c.lifted.is_(None))).scalars())
        return {address for address in addresses if address_hash(address) in known} if known else set()

    def _insert(self, new: Sequence[Subscriber], now: datetime, *, origin: str = "file") -> dict[str, SubscriberId]:
        """Insert people who join now; ref → id, in their order."""
        if not new:
            return {}
        joining = {"joined": now, "status": "active", "origin": origin}
        rows = [{**_columns(wanted), "ref": wanted.ref, **joining} for wanted in new]
        made = self.db.execute(sa.insert(t.subscribers).returning(_S.id, sort_by_parameter_order=True), rows).scalars()
        return {wanted.ref: number for wanted, number in zip(new, made, strict=True)}

    def _change(self, row: Row[Any], wanted: Subscriber, now: datetime) -> SubscriberId:
        changed = {name: value for name, value in _columns(wanted).items() if getattr(row, name) != value}
        if row.status == "removed":
            changed |= {"status": "active", "paused_until": None, "joined": now}
        if changed.keys() & {"schedule", "time_zone"}:
            changed["next_slot"] = None
        if changed:
            self.db.execute(sa.update(t.subscribers).where(t.subscribers.c.id == row.id).values(**changed))
        number: SubscriberId = row.id
        return number

    def _change_topics(
        self, subscriber: SubscriberId, wanted: Sequence[Topic], rows: Sequence[Row[Any]], now: datetime
    ) -> tuple[list[dict[str, Any]], list[int]]:
        """Update stored topics; returns (rows of new topics, ids of topics that ended)."""
        every = [_topic_columns(topic, at) for at, topic in enumerate(wanted)]
        if [tuple(row)[2:] for row in rows] == [tuple(one.values()) for one in every]:  # as it is for nearly everybody
            return [], []
        old: dict[tuple[str, str, str], list[Row[Any]]] = {}
        for known in rows:
            old.setdefault((known.name, known.query, known.likes), []).append(known)
        new: list[dict[str, Any]] = []
        for values in every:
            same = old.get((values["name"], values["query"], values["likes"]))
            row = same.pop(0) if same else None
            if row is None:
                new.append({"subscriber": subscriber, "valid_from": now, **values})
            elif any(getattr(row, name) != value for name, value in values.items()):
                self.db.execute(sa.update(t.topics).where(t.topics.c.id == row.id).values(**values))
        return new, [row.id for same in old.values() for row in same]

    def _topic_rows(self) -> dict[int, list[Row[Any]]]:
        rows: dict[int, list[Row[Any]]] = {}
        listed = sa.select(_S.id).where(_S.origin == "file")
        current = sa.select(*_SYNCED_TOPIC).where(t.topics.c.valid_to.is_(None), t.topics.c.subscriber.in_(listed))
        for row in self.db.execute(current.order_by(t.topics.c.position)):
            rows.setdefault(row.subscriber, []).append(row)
        return rows

    def _complete(self, rows: Sequence[Row[Any]]) -> list[Subscriber]:
        numbers = [row.id for row in rows]
        topics: dict[int, list[Topic]] = {}
        for some in chunks(numbers):
            for r in self.db.execute(_TOPICS, {"whose": some}):
                topics.setdefault(r.subscriber, []).append(_topic(r))
        suppressed = self._suppressed([row.email for row in rows])
        return [
            Subscriber(
                ref=r.ref, email=r.email, schedule=r.schedule, time_zone=r.time_zone, topics=tuple(topics.get(r.id, ())), id=r.id,
                status=r.status, paused_until=r.paused_until, joined=r.joined, next_slot=r.next_slot,
                token_epoch=r.token_epoch, origin=r.origin, feed_epoch=r.feed_epoch,
                suppressed=suppressed.get(address_hash(r.email), ""), **json.loads(r.preferences),
            )
            for r in rows
        ]  # fmt: skip

    def _suppressed(self, addresses: Sequence[str]) -> dict[str, str]:
        hashes = map(address_hash, addresses)
        rows = [row for some in chunks(hashes) for row in self.db.execute(_SUPPRESSED, {"hashes": some})]
        return {row.email_hash: row.reason for row in rows}

    def all_people(self, *, removed: bool = False) -> list[Subscriber]:
        wanted = sa.select(t.subscribers).order_by(t.subscribers.c.id)
        if not removed:
            wanted = wanted.where(t.subscribers.c.status != "removed")
        return self._complete(self.db.execute(wanted).all())

    def find_person(self, who: str | SubscriberId) -> Subscriber | None:
        """A ref wins over an equal address."""
        c = t.subscribers.c
        if isinstance(who, int):
            rows = self.db.execute(sa.select(t.subscribers).where(c.id == who)).all()
        else:
            either = sa.or_(c.ref == who, c.email_key == who.strip().casefold())
            listed = sa.case((c.status == "removed", 1), else_=0)
            rows = self.db.execute(sa.select(t.subscribers).where(either).order_by(c.ref != who, listed)).all()
        return self._complete(rows[:1])[0] if rows else None

    def due_people(self, now: datetime, most: int, *, among: range | None = None) -> list[Subscriber]:
        c = t.subscribers.c
        wanted = (
            sa.select(t.subscribers)
            .where(c.next_slot <= now, c.status != "removed")
            .order_by(c.next_slot, c.id)
            .limit(most)
        )
        if among is not None:
            wanted = wanted.where(c.id.between(among.start, among.stop - 1))
        return self._complete(self.db.execute(wanted).all())

    def count_due_people(self, now: datetime) -> int:
        c = t.subscribers.c
        wanted = sa.select(sa.func.count()).where(c.next_slot <= now, c.status != "removed")
        return self.db.execute(wanted).scalar_one()

    def due_blocks(self, now: datetime, size: int) -> list[int]:
        c = t.subscribers.c
        block = (c.id // size).label("block")
        wanted = sa.select(block).distinct().where(c.next_slot <= now, c.status != "removed").order_by(block)
        return list(self.db.execute(wanted).scalars())

    def topics_at(self, subscriber: SubscriberId, at: datetime) -> tuple[Topic, ...]:
        c = t.topics.c
        in_force = sa.and_(c.valid_from <= at, sa.or_(c.valid_to.is_(None), c.valid_to > at))
        rows = self.db.execute(sa.select(t.topics).where(c.subscriber == subscriber, in_force).order_by(c.position))
        return tuple(_topic(row) for row in rows)

    def topics_ended(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        c = t.topics.c
        ended = sa.select(c.subscriber, sa.func.max(c.valid_to).label("at")).group_by(c.subscriber)
        ended = ended.where(c.mute == 0, c.valid_to.is_not(None))
        rows = [row for some in chunks(subscribers) for row in self.db.execute(ended.where(c.subscriber.in_(some)))]
        return {row.subscriber: row.at for row in rows}

    def people_without_slot(self, most: int | None = None) -> list[Subscriber]:
        return self._chosen(_S.next_slot.is_(None), _S.status != "removed", most=most)

    def people_planned_after(self, at: datetime) -> list[Subscriber]:
        return self._chosen(_S.next_slot > at, _S.status != "removed")

    def listed_refs(self) -> list[str]:
        wanted = sa.select(_S.ref).where(_S.origin == "file", _S.status != "removed").order_by(_S.id)
        return list(self.db.execute(wanted).scalars())

    def left_refs(self) -> list[str]:
        return list(self.db.execute(sa.select(_S.ref).where(_S.status == "left").order_by(_S.id)).scalars())

    def people_of_refs(self, refs: Iterable[str]) -> list[Subscriber]:
        return [one for some in chunks(refs) for one in self._chosen(_S.ref.in_(some))]

    def _chosen(self, *fit: sa.ColumnElement[bool], most: int | None = None) -> list[Subscriber]:
        wanted = sa.select(t.subscribers).where(*fit).order_by(_S.id).limit(most)
        return self._complete(self.db.execute(wanted).all())

    def plan_slot(self, subscriber: SubscriberId, next_slot: datetime, *, was: datetime | None) -> bool:
        values = {"who": subscriber, "next": next_slot} | ({} if was is None else {"was": was})
        return self.db.execute(_PLAN_FIRST if was is None else _PLAN, values).rowcount == 1

    def plan_slots(self, planned: Iterable[PlannedSlot]) -> set[SubscriberId]:
        alike: dict[tuple[datetime, datetime | None], list[SubscriberId]] = {}  # one hour is the hour of many
        for who, next_slot, was in planned:
            alike.setdefault((next_slot, was), []).append(who)
        done: set[SubscriberId] = set()
        for (next_slot, was), people in alike.items():
            values = {"next": next_slot} | ({} if was is None else {"was": was})
            statement = _PLAN_ALL_FIRST if was is None else _PLAN_ALL_AGAIN
            for some in chunks(people):
                done |= set(self.db.execute(statement, values | {"whose": some}).scalars())
        return done

    def pause_person(self, subscriber: SubscriberId, *, until: datetime | None) -> None:
        self._set(subscriber, ("active", "paused"), status="paused", paused_until=until)

    def resume_person(self, subscriber: SubscriberId) -> None:
        self._set(subscriber, ("paused", "left"), status="active", paused_until=None)

    def mark_left(self, subscriber: SubscriberId) -> None:
        self._set(subscriber, ("active", "paused"), status="left", paused_until=None)

    def _set(self, subscriber: SubscriberId, was: Sequence[str], **values: Any) -> None:
        """Change a status. Removed people stay removed: only the configuration lists them again."""
        self.db.execute(sa.update(t.subscribers).where(_S.id == subscriber, _S.status.in_(was)).values(**values))

    def suppress_address(self, address: str, *, reason: str, now: datetime, until: datetime | None = None) -> None:
        self.suppress_hash(address_hash(address), reason=reason, now=now, until=until)

    def hash_of(self, address: str) -> str:
        return address_hash(address)

    def suppress_hash(self, email_hash: str, *, reason: str, now: datetime, until: datetime | None = None) -> None:
        values, c = {"reason": reason, "since": now, "lifted": None, "until": until}, t.suppressions.c
        ending = None if until is None else sa.or_(c.lifted.is_not(None), c.until.is_not(None))
        self.db.execute(
            insert(self.db, t.suppressions).values(email_hash=email_hash, **values)
            .on_conflict_do_update(index_elements=["email_hash"], set_=values, where=ending)
        )  # fmt: skip

    def suppression_of(self, address: str) -> str:
        return self._suppressed([address]).get(address_hash(address), "")

    def lift_suppression_for(self, address: str, reason: str, *, now: datetime) -> bool:
        return self.suppression_of(address) == reason and self.lift_suppression(address, now=now)

    def suppressions_of(self, addresses: Iterable[str]) -> dict[str, str]:
        hashes = {address: address_hash(address) for address in addresses}
        found = self._suppressed(list(hashes))
        return {address: found[hashed] for address, hashed in hashes.items() if hashed in found}

    def suppressions(self) -> list[Suppression]:
        known = {address_hash(email): email for email in self.db.execute(sa.select(_S.email)).scalars()}
        c = t.suppressions.c
        wanted = sa.select(t.suppressions).where(c.lifted.is_(None)).order_by(c.since, c.email_hash)
        return [
            Suppression(
                email_hash=r.email_hash, reason=r.reason, since=r.since, until=r.until,
                address=known.get(r.email_hash, ""),
            )
            for r in self.db.execute(wanted)
        ]  # fmt: skip

    def lift_ended_suppressions(self, now: datetime) -> int:
        c = t.suppressions.c
        ended = sa.update(t.suppressions).where(c.lifted.is_(None), c.until <= now)
        return self.db.execute(ended.values(lifted=now)).rowcount

    def lift_suppression(self, address: str, *, now: datetime) -> bool:
        c = t.suppressions.c
        lifted = (
            sa.update(t.suppressions)
            .where(c.email_hash == address_hash(address), c.lifted.is_(None))
            .values(lifted=now)
        )
        return self.db.execute(lifted).rowcount == 1


def _topic(row: Row[Any]) -> Topic:
    return Topic(
        name=row.name,
        query=row.query,
        limit=row.limit,
        mute=bool(row.mute),
        weight=row.weight,
        since=row.valid_from,
        best=row.best,
        like=tuple(json.loads(row.likes)),
        threshold=row.threshold,
        follow=tuple(json.loads(row.follows)),
    )


def _topic_columns(topic: Topic, at: int) -> dict[str, Any]:
    """What is stored of the topic that is the `at`-th of a person, in the order of `_SYNCED_TOPIC`."""
    return {
        "name": topic.name, "query": topic.query, "likes": _as_list(topic.like), "limit": topic.limit, "position": at,
        "mute": int(topic.mute), "weight": topic.weight, "best": topic.best, "threshold": topic.threshold,
        "follows": _as_list(topic.follow),
    }  # fmt: skip


def _as_list(some: Sequence[Any]) -> str:
    return json.dumps(some) if some else "[]"


def _columns(wanted: Subscriber) -> dict[str, Any]:
    return {
        "email": wanted.email, "email_key": wanted.email.strip().casefold(), "schedule": wanted.schedule, "time_zone": wanted.time_zone,
        "preferences": _as_object(tuple((name, getattr(wanted, name)) for name in PREFERENCES)),
    }  # fmt: skip


@remembered(4096)  # thousands have the same
def _as_object(values: tuple[tuple[str, Any], ...]) -> str:
    return json.dumps(dict(values), sort_keys=True)
