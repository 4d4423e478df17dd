"""What sources said: rows of sources, replies, polls, listing days."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from digestbot.model import Listing, ListingState, ReadStatus, Response
from digestbot.store import Poll, SourceRow
from digestbot.store.tables import schema as t
from digestbot.store.tables.upsert import insert

CLOCK_WAS_AHEAD = timedelta(days=1)
FARTHEST = timedelta(days=30)  #: no source makes us wait longer
#: made once: building them costs more than running them, and every poll does
_WRITE_SOURCE = sa.update(t.sources).where(t.sources.c.name == sa.bindparam("named"))
_ADD_POLL = sa.insert(t.polls).inline()


class SqlSourceLog:
    """The contract is `store.SourceLog`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def sync_sources(self, sources: Sequence[tuple[str, str]]) -> None:
        kinds = {row.name: row.kind for row in self.db.execute(sa.select(t.sources.c.name, t.sources.c.kind))}
        self.db.execute(sa.update(t.sources).values(listed=0))
        for at, (name, kind) in enumerate(sources):
            if kinds.get(name, kind) != kind:  # another parser: what was remembered is not for it
                self.db.execute(sa.delete(t.sources).where(t.sources.c.name == name))
            listed = {"listed": 1, "position": at}
            adding = insert(self.db, t.sources).values(name=name, kind=kind, **listed)  # two may start at once
            self.db.execute(adding.on_conflict_do_update(index_elements=["name"], set_=listed))

    def sources(self) -> list[SourceRow]:
        rows = self.db.execute(sa.select(t.sources).where(t.sources.c.listed == 1).order_by(t.sources.c.position))
        return [_source(row) for row in rows]

    def write_source(self, row: SourceRow) -> None:
        """Every column but the source's place in the configuration."""
        values = {
            "state": json.dumps(dict(row.state)), "validators": json.dumps(dict(row.validators)), "moved": json.dumps(dict(row.moved)),
            "status": row.status.value if row.status else None, "failures": row.failures, "failing_since": row.failing_since,
            "next_poll": row.next_poll, "last_poll": row.last_poll, "last_ok": row.last_ok, "newest": row.newest, "error": row.error,
        }  # fmt: skip
        self.db.execute(_WRITE_SOURCE, {"named": row.name, **values})

    def add_poll(self, poll: Poll) -> None:
        self.db.execute(_ADD_POLL, {
            "source": poll.source, "at": poll.at, "status": poll.status.value, "run": poll.run, "got": poll.got,
            "new": poll.new, "expected": poll.expected, "problems": poll.problems, "error": poll.error,
        })  # fmt: skip

    def polls_of(self, source: str, most: int) -> list[Poll]:
        p = t.polls.c
        wanted = sa.select(t.polls).where(p.source == source).order_by(p.at.desc(), p.id.desc()).limit(most)
        return [
            Poll(source=r.source, at=r.at, status=ReadStatus(r.status), run=r.run, got=r.got, new=r.new, expected=r.expected,
                 problems=r.problems, error=r.error)
            for r in self.db.execute(wanted)
        ]  # fmt: skip

    def newest_poll(self) -> int:
        return self.db.execute(sa.select(sa.func.max(t.polls.c.id))).scalar() or 0

    def polls_brought(self, after: int) -> bool:
        brought = sa.select(t.polls.c.id).where(t.polls.c.id > after, t.polls.c.got > 0).limit(1)
        return self.db.execute(brought).first() is not None

    def first_poll_of(self, source: str) -> datetime | None:
        first: datetime | None = self.db.execute(
            sa.select(sa.func.min(t.polls.c.at)).where(t.polls.c.source == source)
        ).scalar()
        return first

    def put_listings(self, rows: Iterable[Listing]) -> None:
        values = [_listing_values(row) for row in rows]
        if not values:
            return
        adding = insert(self.db, t.listings)
        changed = {name: adding.excluded[name] for name in values[0] if name not in ("source", "part", "day")}
        self.db.execute(adding.on_conflict_do_update(index_elements=["source", "part", "day"], set_=changed), values)

    def listings(self, *, since: date, source: str = "") -> list[Listing]:
        """Days are ISO dates, so that text sorts as dates do."""
        c = t.listings.c
        wanted = sa.select(t.listings).where(c.day >= since.isoformat())
        wanted = wanted.where(c.source == source) if source else wanted
        return [_listing(row) for row in self.db.execute(wanted.order_by(c.day, c.source, c.part))]

    def keep_reply(self, source: str, response: Response) -> str:
        sha = hashlib.sha256(response.body).hexdigest()
        row = {
            "source": source, "sha": sha, "url": response.url, "status": response.status, "fetched": response.fetched,
            "headers": json.dumps(dict(response.headers)), "body": zlib.compress(response.body, 6),
        }  # fmt: skip
        self.db.execute(insert(self.db, t.responses).values(**row).on_conflict_do_nothing())
        return sha

    def replies(self) -> Iterator[tuple[str, str, Response]]:
        """Reads one body into memory at a time."""
        wanted = sa.select(t.responses.c.source, t.responses.c.sha).order_by(t.responses.c.fetched, t.responses.c.sha)
        for source, sha in self.db.execute(wanted).all():
            if response := self.reply(source, sha):
                yield sha, source, response

    def reply(self, source: str, sha: str) -> Response | None:
        one = sa.select(t.responses).where(t.responses.c.source == source, t.responses.c.sha == sha)
        r = self.db.execute(one).first()
        if r is None:
            return None
        body = zlib.decompress(r.body)
        return Response(url=r.url, status=r.status, headers=json.loads(r.headers), body=body, fetched=r.fetched)

    def delete_expired(self, *, replies: datetime, polls: datetime) -> tuple[int, int]:
        """A source's newest reply stays however old it is: a rebuild needs it."""
        r = t.responses.c
        newest = sa.select(r.source, sa.func.max(r.fetched)).group_by(r.source)
        broken = sa.select(t.quarantine.c.sha)
        old = sa.and_(r.fetched < replies, sa.tuple_(r.source, r.fetched).not_in(newest), r.sha.not_in(broken))
        gone: int = self.db.execute(sa.delete(t.responses).where(old)).rowcount
        self.db.execute(sa.delete(t.listings).where(t.listings.c.day < polls.date().isoformat()))
        lines: int = self.db.execute(sa.delete(t.polls).where(t.polls.c.at < polls)).rowcount
        return gone, lines


def _source(row: Row[Any]) -> SourceRow:
    return SourceRow(
        name=row.name, kind=row.kind, state=json.loads(row.state), validators=json.loads(row.validators),
        moved=json.loads(row.moved), status=ReadStatus(row.status) if row.status else None, failures=row.failures,
        failing_since=row.failing_since, next_poll=row.next_poll, last_poll=row.last_poll, last_ok=row.last_ok,
        newest=row.newest, error=row.error,
    )  # fmt: skip


def _listing_values(row: Listing) -> dict[str, Any]:
    return {
        "source": row.source, "part": row.part, "day": row.day.isoformat(), "state": row.state.value,
        "expected": row.expected, "got": json.dumps(row.got), "equal_polls": row.equal_polls, "changed": row.changed,
        "updated": row.updated, "checked": row.checked, "tries": row.tries,
    }  # fmt: skip


def _listing(row: Row[Any]) -> Listing:
    return Listing(
        source=row.source, part=row.part, day=date.fromisoformat(row.day), state=ListingState(row.state),
        expected=row.expected, got=tuple(json.loads(row.got)), equal_polls=row.equal_polls, changed=row.changed,
        updated=row.updated, checked=row.checked, tries=row.tries,
    )  # fmt: skip
