"""Slots, digests, what was shown to whom, and editions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Row

from digestbot.errors import StoreError
from digestbot.model import (
    Digest,
    EditionState,
    Fate,
    FrozenMap,
    Item,
    Paper,
    PaperId,
    Section,
    SlotState,
    SubscriberId,
)
from digestbot.store import Edition, ShownItem, SlotRow
from digestbot.store.sql.papers.papers import SqlPapers
from digestbot.store.tables import schema as t
from digestbot.store.tables.bulk import write_rows
from digestbot.store.tables.chunks import chunks
from digestbot.store.tables.json_codec import dumps, loads
from digestbot.store.tables.packing import pack, unpack
from digestbot.store.tables.upsert import insert, insert_for

SLOT_COLUMNS = tuple(field.name for field in fields(SlotRow))
_ADD_DIGEST = sa.insert(t.digests).returning(t.digests.c.id, t.digests.c.subscriber, t.digests.c.key)
_ADD_ITEMS = sa.insert(t.digest_items)
_THEIRS = (  # made once: making it takes longer than running it
    sa.select(t.slots)
    .where(t.slots.c.subscriber == sa.bindparam("who"))
    .order_by(t.slots.c.due.desc(), t.slots.c.key.desc())
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_DONE = t.slots.c.state.in_((SlotState.COMPOSED, SlotState.EMPTY))
_RELEASED = sa.exists().where(
    t.digests.c.subscriber == t.slots.c.subscriber, t.digests.c.key == t.slots.c.key, t.digests.c.released == 1
)


@cache  # one a digest: making it takes longer than running it
def _put(dialect: str) -> sa.Executable:
    made = insert_for(dialect, t.slots)
    changed = {name: getattr(made.excluded, name) for name in SLOT_COLUMNS if name not in ("subscriber", "key")}
    ahead = sa.and_(t.slots.c.state == SlotState.COVERED, t.slots.c.decided > made.excluded.decided)
    again = made.on_conflict_do_update(index_elements=["subscriber", "key"], set_=changed, where=ahead)
    return again.returning(t.slots.c.subscriber, t.slots.c.key)


class SqlSlots:
    """The contract is `store.Slots`."""

    def __init__(self, db: Connection, papers: SqlPapers) -> None:
        self.db, self._papers = db, papers

    def add_slot(self, row: SlotRow) -> bool:
        return bool(self.add_slots([row]))

    def add_slots(self, rows: Sequence[SlotRow]) -> set[tuple[SubscriberId, str]]:
        taken: set[tuple[SubscriberId, str]] = set()
        if rows:
            made = self.db.execute(_put(self.db.dialect.name), [_slot_values(row) for row in rows])
            taken = {(row.subscriber, row.key) for row in made}
        return taken

    def slots_of(self, subscriber: SubscriberId, most: int) -> list[SlotRow]:
        rows = self.db.execute(_THEIRS, {"who": subscriber, "most": most})
        return [_slot(row) for row in rows]

    def last_slots(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        return self._newest(_DONE, subscribers)

    def last_delivered_slots(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        return self._newest(sa.and_(_DONE, ~_RELEASED), subscribers)

    def _newest(
        self, wanted: sa.ColumnElement[bool], subscribers: Iterable[SubscriberId]
    ) -> dict[SubscriberId, datetime]:
        """The newest slot of each person that fits. The index holds slots in order, so that one row is read and not
        years of them."""
        c, who = t.slots.c, t.subscribers.c.id
        newest = sa.select(c.due).where(c.subscriber == who, wanted).order_by(c.due.desc()).limit(1)
        each = sa.select(who, newest.correlate(t.subscribers).scalar_subquery().label("newest"))
        rows = [row for some in chunks(subscribers) for row in self.db.execute(each.where(who.in_(some)))]
        return {row.id: row.newest for row in rows if row.newest is not None}

    def last_decisions(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """A row without `decided` was decided when it was due."""
        c = t.slots.c
        decided = sa.func.max(sa.func.coalesce(c.decided, c.due)).label("newest")
        done: dict[SubscriberId, datetime] = {}
        for some in chunks(subscribers):
            wanted = sa.select(c.subscriber, decided).group_by(c.subscriber).where(c.subscriber.in_(some), _DONE)
            done |= {row.subscriber: row.newest for row in self.db.execute(wanted)}
        return done

    def released_slots(self, subscriber: SubscriberId) -> set[str]:
        c = t.digests.c
        wanted = sa.select(c.key).where(c.subscriber == subscriber, c.released == 1)
        return set(self.db.execute(wanted).scalars())

    def add_digest(self, digest: Digest) -> int:
        return self.add_digests([digest])[0]

    def add_digests(self, digests: Sequence[Digest]) -> list[int]:
        if not digests:
            return []
        rows = [
            {"subscriber": d.subscriber.stored_id, "key": d.slot.key, "composed": d.composed, "form": pack(dumps(d))}
            for d in digests
        ]
        try:
            made = {(row.subscriber, row.key): row.id for row in self.db.execute(_ADD_DIGEST, rows)}
            numbers: list[int] = [made[d.subscriber.stored_id, d.slot.key] for d in digests]
            items = [row for d, number in zip(digests, numbers, strict=True) for row in _item_rows(d, number)]
            write_rows(self.db, _ADD_ITEMS, items)
        except exc.IntegrityError as error:
            whose = ", ".join(f"{d.subscriber.ref} {d.slot.key}" for d in digests[:3])
            raise StoreError("a paper of this digest was shown before", where=whose) from error
        return numbers

    def digests_by_id(self, digests: Iterable[int]) -> dict[int, Digest]:
        rows = [
            row
            for some in chunks(set(digests))
            for row in self.db.execute(sa.select(t.digests).where(t.digests.c.id.in_(some)))
        ]
        return {digest.id: digest for digest in self._load(rows) if digest.id is not None}

    def _load(self, rows: list[Row[Any]]) -> list[Digest]:
        stored = [loads(Digest, unpack(row.form), id=row.id) for row in rows]
        wanted = {
            p.id for d in stored for i in d.items() for p in (i.paper, i.beside) if p is not None and p.id is not None
        }
        papers = self._papers.papers_by_id(wanted)
        return [_with_papers(d, papers) for d in stored]

    def digest_of_slot(self, subscriber: SubscriberId, key: str) -> int | None:
        found: int | None = self.db.execute(
            sa.select(t.digests.c.id).where(t.digests.c.subscriber == subscriber, t.digests.c.key == key)
        ).scalar()
        return found

    def digests_of_paper(self, subscriber: SubscriberId, paper: PaperId) -> list[int]:
        c = t.digest_items.c
        wanted = sa.select(c.digest, sa.func.min(c.at).label("at")).where(c.subscriber == subscriber, c.paper == paper)
        return [row.digest for row in self.db.execute(wanted.group_by(c.digest).order_by("at", c.digest))]

    def latest_digests(self, subscribers: Iterable[SubscriberId], most: int) -> dict[SubscriberId, list[Digest]]:
        c = t.digests.c
        place = sa.func.row_number().over(partition_by=c.subscriber, order_by=(c.composed.desc(), c.id.desc()))
        rows: list[Row[Any]] = []
        for some in chunks(subscribers):
            # the forms are read once the newest are known: they are large
            newest = sa.select(c.id, place.label("place")).where(c.subscriber.in_(some), c.released == 0).subquery()
            wanted = sa.select(t.digests).join(newest, newest.c.id == c.id).where(newest.c.place <= most)
            rows += self.db.execute(wanted.order_by(newest.c.place)).all()
        found: dict[SubscriberId, list[Digest]] = {}
        for row, digest in zip(rows, self._load(rows), strict=True):
            found.setdefault(row.subscriber, []).append(digest)
        return found

    def release_digest(self, digest: int) -> list[PaperId]:
        self.db.execute(sa.update(t.digests).where(t.digests.c.id == digest).values(released=1))
        gone = sa.delete(t.digest_items).where(t.digest_items.c.digest == digest).returning(t.digest_items.c.paper)
        return sorted(set(self.db.execute(gone).scalars()))

    def shown_items(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, list[ShownItem]]:
        """Items of a merged paper are left out: its survivor has copies of them."""
        c, p = t.digest_items.c, t.papers.c
        merged = sa.exists(sa.select(1).where(p.id == c.paper, p.merged_into.is_not(None)).correlate(t.digest_items))
        found: dict[SubscriberId, list[ShownItem]] = {}
        for some in chunks(subscribers):
            wanted = (
                sa.select(c.subscriber, c.paper, c.kind, c.version, c.at)
                .where(c.subscriber.in_(some), ~merged)
                .order_by(c.at, c.digest, c.position)
            )
            for r in self.db.execute(wanted):
                item = ShownItem(paper=r.paper, kind=r.kind, version=r.version, at=r.at)
                found.setdefault(r.subscriber, []).append(item)
        return found

    def put_edition(self, edition: Edition) -> None:
        values = {
            "state": edition.state, "closes": edition.closes, "updated": edition.updated,
            "items": json.dumps([list(item) for item in edition.items], ensure_ascii=False),
        }  # fmt: skip
        self.db.execute(
            insert(self.db, t.editions).values(day=edition.day, **values)
            .on_conflict_do_update(index_elements=["day"], set_=values, where=t.editions.c.state == EditionState.OPEN)
        )  # fmt: skip

    def edition_of(self, day: str) -> Edition | None:
        row = self.db.execute(sa.select(t.editions).where(t.editions.c.day == day)).first()
        return _edition(row) if row else None

    def editions_between(self, *, after: datetime, until: datetime) -> list[Edition]:
        c = t.editions.c
        return [
            _edition(r)
            for r in self.db.execute(
                sa.select(t.editions).where(c.closes > after, c.closes <= until).order_by(c.closes)
            )
        ]

    def edition_days(self) -> list[str]:
        return list(self.db.execute(sa.select(t.editions.c.day).order_by(t.editions.c.day.desc())).scalars())

    def latest_editions(self, most: int) -> list[Edition]:
        return [
            _edition(r) for r in self.db.execute(sa.select(t.editions).order_by(t.editions.c.day.desc()).limit(most))
        ]


def _slot_values(row: SlotRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in SLOT_COLUMNS}
    return values | {"fates": json.dumps({str(paper): fate.name for paper, fate in row.fates.items()})}


def _slot(row: Row[Any]) -> SlotRow:
    fates = {PaperId(int(paper)): Fate[name] for paper, name in json.loads(row.fates).items()}
    return SlotRow(**(dict(row._mapping) | {"fates": FrozenMap(fates), "state": SlotState(row.state)}))


def _edition(row: Row[Any]) -> Edition:
    items = tuple((PaperId(paper), why) for paper, why in json.loads(row.items))
    return Edition(day=row.day, state=EditionState(row.state), closes=row.closes, updated=row.updated, items=items)


def _item_rows(digest: Digest, number: int) -> Iterator[dict[str, Any]]:
    """One row for each thing an item tells; their unique key keeps each from being told twice."""
    for position, item in enumerate(digest.items()):
        for paper in item.papers():
            for kind in item.kinds:
                yield {
                    "subscriber": digest.subscriber.id, "paper": paper.id, "digest": number, "position": position,
                    "place": item.place, "version": paper.version, "topic": item.topic, "at": digest.composed, "kind": kind,
                }  # fmt: skip


def _each_item(digest: Digest, change: Any) -> Digest:
    def section(s: Section) -> Section:
        return replace(s, items=tuple(map(change, s.items)), more=tuple(map(change, s.more)))

    return replace(digest, sections=tuple(map(section, digest.sections)))


def _with_papers(digest: Digest, papers: dict[PaperId, Paper]) -> Digest:
    """`replace` takes three times as long, and this is done for every paper of every digest."""

    def whole(item: Item) -> Item:
        beside = papers[item.beside.id] if item.beside is not None and item.beside.id is not None else None
        return Item(
            paper=papers[item.paper.stored_id], kind=item.kind, topic=item.topic, also=item.also, reasons=item.reasons,
            score=item.score, score_parts=item.score_parts, place=item.place, note=item.note, beside=beside,
            beside_had=item.beside_had, follows=item.follows,
        )  # fmt: skip

    return _each_item(digest, whole)
