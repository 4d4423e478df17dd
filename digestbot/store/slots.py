"""Slots, digests, what was shown to whom, and editions."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Row

from digestbot.errors import StoreError
from digestbot.model import Digest, Item, Paper, PaperId, Section, SubscriberId
from digestbot.store import Edition, ShownItem, SlotRow
from digestbot.store import schema as t
from digestbot.store.papers import SqlPapers
from digestbot.store.serial import dumps, loads, pack, unpack
from digestbot.store.upsert import insert


class SqlSlots:
    """The contract is `store.Slots`."""

    def __init__(self, db: Connection, papers: SqlPapers) -> None:
        self.db, self._papers = db, papers

    def put(self, row: SlotRow) -> bool:
        """The first one has it."""
        values = {name: getattr(row, name) for name in ("subscriber", "key", "due", "state", "covered_by", "reason", "seen", "matched", "chosen", "run")}
        made = insert(self.db, t.slots).values(**values).on_conflict_do_nothing().returning(t.slots.c.key)
        return self.db.execute(made).first() is not None

    def history(self, subscriber: SubscriberId, most: int) -> list[SlotRow]:
        """Newest first."""
        c = t.slots.c
        rows = self.db.execute(sa.select(t.slots).where(c.subscriber == subscriber).order_by(c.due.desc(), c.key.desc()).limit(most))
        return [SlotRow(**row._mapping) for row in rows]

    def last_done(self, subscriber: SubscriberId) -> datetime | None:
        """Of the newest that was composed or found empty."""
        c = t.slots.c
        done: datetime | None = self.db.execute(
            sa.select(sa.func.max(c.due)).where(c.subscriber == subscriber, c.state.in_(("composed", "empty")))
        ).scalar()
        return done

    def add_digest(self, digest: Digest) -> int:
        """With its items."""
        assert digest.subscriber.id is not None  # digests are of stored people
        form = pack(dumps(_by_id(digest)))
        row = {"subscriber": digest.subscriber.id, "key": digest.slot.key, "composed": digest.composed, "form": form}
        try:
            number: int = self.db.execute(sa.insert(t.digests).values(**row).returning(t.digests.c.id)).scalar_one()
            items = [_item_row(digest, number, at, item) for at, item in enumerate(digest.items())]
            if items:
                self.db.execute(sa.insert(t.digest_items), items)
        except exc.IntegrityError as error:
            raise StoreError("a paper of this digest was shown before", where=f"{digest.subscriber.ref} {digest.slot.key}") from error
        return number

    def digest(self, digest: int) -> Digest | None:
        """As composed."""
        row = self.db.execute(sa.select(t.digests).where(t.digests.c.id == digest)).first()
        return self._load([row])[0] if row else None

    def _load(self, rows: list[Row[Any]]) -> list[Digest]:
        stored = [replace(loads(Digest, unpack(row.form)), id=row.id) for row in rows]
        papers = self._papers.get({i.paper.id for d in stored for i in d.items() if i.paper.id is not None})
        return [_with_papers(d, papers) for d in stored]

    def digest_of(self, subscriber: SubscriberId, key: str) -> int | None:
        """The id."""
        found: int | None = self.db.execute(
            sa.select(t.digests.c.id).where(t.digests.c.subscriber == subscriber, t.digests.c.key == key)
        ).scalar()
        return found

    def digests(self, subscriber: SubscriberId, most: int) -> list[Digest]:
        """Newest first, without the released."""
        c = t.digests.c
        wanted = sa.select(t.digests).where(c.subscriber == subscriber, c.released == 0).order_by(c.composed.desc(), c.id.desc())
        return self._load(list(self.db.execute(wanted.limit(most)).all()))

    def release(self, digest: int) -> list[PaperId]:
        """Its papers may come again."""
        self.db.execute(sa.update(t.digests).where(t.digests.c.id == digest).values(released=1))
        gone = sa.delete(t.digest_items).where(t.digest_items.c.digest == digest).returning(t.digest_items.c.paper)
        return sorted(self.db.execute(gone).scalars())

    def shown(self, subscriber: SubscriberId) -> list[ShownItem]:
        """Everything."""
        c = t.digest_items.c
        rows = self.db.execute(sa.select(c.paper, c.kind, c.version, c.at).where(c.subscriber == subscriber).order_by(c.at))
        return [ShownItem(paper=r.paper, kind=r.kind, version=r.version, at=r.at) for r in rows]

    def put_edition(self, edition: Edition) -> None:
        """A closed one stays."""
        values = {
            "state": edition.state, "closes": edition.closes, "updated": edition.updated,
            "items": json.dumps([list(item) for item in edition.items], ensure_ascii=False),
        }  # fmt: skip
        self.db.execute(
            insert(self.db, t.editions).values(day=edition.day, **values)
            .on_conflict_do_update(index_elements=["day"], set_=values, where=t.editions.c.state == "open")
        )  # fmt: skip

    def edition(self, day: str) -> Edition | None:
        """Of a day."""
        row = self.db.execute(sa.select(t.editions).where(t.editions.c.day == day)).first()
        return _edition(row) if row else None

    def editions(self, *, after: datetime, until: datetime) -> list[Edition]:
        """Oldest first."""
        c = t.editions.c
        return [_edition(r) for r in self.db.execute(sa.select(t.editions).where(c.closes > after, c.closes <= until).order_by(c.closes))]

    def latest_editions(self, most: int) -> list[Edition]:
        """Newest first."""
        return [_edition(r) for r in self.db.execute(sa.select(t.editions).order_by(t.editions.c.day.desc()).limit(most))]


def _edition(row: Row[Any]) -> Edition:
    items = tuple((PaperId(paper), why) for paper, why in json.loads(row.items))
    return Edition(day=row.day, state=row.state, closes=row.closes, updated=row.updated, items=items)


def _item_row(digest: Digest, number: int, at: int, item: Item) -> dict[str, Any]:
    return {
        "subscriber": digest.subscriber.id, "paper": item.paper.id, "kind": item.kind, "digest": number, "position": at,
        "place": item.place, "version": item.paper.version, "topic": item.topic, "at": digest.composed,
    }  # fmt: skip


def _each_item(digest: Digest, change: Any) -> Digest:
    def section(s: Section) -> Section:
        return replace(s, items=tuple(map(change, s.items)), more=tuple(map(change, s.more)))

    return replace(digest, sections=tuple(map(section, digest.sections)))


def _by_id(digest: Digest) -> Digest:
    """Papers by id only: their texts stand in their own table."""
    return _each_item(digest, lambda item: replace(item, paper=Paper(id=item.paper.id)))


def _with_papers(digest: Digest, papers: dict[PaperId, Paper]) -> Digest:
    return _each_item(digest, lambda item: replace(item, paper=papers[item.paper.id]))
