"""Entries, papers, and what joins them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from digestbot.model import Entry, FrozenMap, Paper, PaperId
from digestbot.papers.facts.assemble import carries
from digestbot.store import Added, Event, Joined, Key, NewPaper, PutAside, StoredEntry
from digestbot.store.contract.rows import Stage
from digestbot.store.sql.papers import paper_events, title_blocks
from digestbot.store.sql.papers.content_hash import content_hash, numbered_hash
from digestbot.store.sql.papers.paper_lookup import SqlPaperLookup
from digestbot.store.sql.papers.paper_window import SqlPaperWindow
from digestbot.store.sql.papers.stored_paper import complete_between, stored_paper, waits_again
from digestbot.store.sql.quarantine import SqlQuarantine, title_of
from digestbot.store.tables import schema as t
from digestbot.store.tables.among import among
from digestbot.store.tables.bulk import write_and_read, write_rows
from digestbot.store.tables.chunks import CHUNK, chunks
from digestbot.store.tables.json_codec import dumps, loads
from digestbot.store.tables.packing import pack, unpack
from digestbot.store.tables.schema import Indexed
from digestbot.store.tables.upsert import insert

log = logging.getLogger(__name__)

RESOLVING = 0x64696765  #: the advisory lock of whoever resolves
_REPLACED = '"replacement":true'  #: in a paper's `data`; inside a text the quotes would be escaped
READERS = "readers"  #: the source of the votes of our own subscribers
_OWN_COLUMNS = frozenset({"id", "public_id", "first_seen", "sources", "signals"})  #: not in a paper's `data`


class SqlPapers(SqlPaperLookup, SqlPaperWindow):
    """The contract is `store.Papers`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def add_entries(
        self, source: str, entries: Sequence[Entry], *, sha: str, now: datetime, old: Collection[int] = (),
        again: Collection[int] = (),
    ) -> list[Added]:  # fmt: skip
        e = t.entries.c
        data = [dumps(entry) for entry in entries]
        hashes = [content_hash(entry, text) for entry, text in zip(entries, data, strict=True)]
        known = self._known(source, [entry.native_key for entry in entries])
        for at in again:
            hashes[at] = numbered_hash(known, entries[at].native_key, hashes[at])
        keys_before = {key for key, _ in known}
        rows = {
            (entry.native_key, h): {
                "source": source, "native_key": entry.native_key, "content_hash": h, "sha": sha, "position": at,
                "first_seen": now, "data": pack(data[at]), "old": int(at in old),
            }
            for at, (entry, h) in enumerate(zip(entries, hashes, strict=True))
            if (entry.native_key, h) not in known
        }  # fmt: skip
        fresh: set[tuple[str, str]] = set()
        if rows:
            adding = insert(self.db, t.entries).on_conflict_do_nothing()
            new = write_and_read(self.db, adding, list(rows.values()), e.native_key, e.content_hash, e.id)
            made = {(r.native_key, r.content_hash): r.id for r in new}
            fresh = set(made)
            known |= made if len(made) == len(rows) else self._known(source, [key for key, _ in rows])
        added = []
        for entry, hashed in zip(entries, hashes, strict=True):
            key = (entry.native_key, hashed)
            added.append(Added(id=known[key], fresh=key in fresh, known_key=entry.native_key in keys_before))
            fresh.discard(key)
        return added

    def _known(self, source: str, keys: Iterable[str]) -> dict[tuple[str, str], int]:
        e = t.entries.c
        known: dict[tuple[str, str], int] = {}
        for these in among(self.db, e.native_key, set(keys)):
            wanted = sa.select(e.native_key, e.content_hash, e.id).where(e.source == source, these)
            known |= {(r.native_key, r.content_hash): r.id for r in self.db.execute(wanted)}
        return known

    def unresolved_entries(self, most: int) -> list[StoredEntry]:
        """PostgreSQL takes an advisory lock, because it lets two transactions write at once; SQLite never does."""
        if self.db.dialect.name == "postgresql":
            self.db.execute(sa.select(sa.func.pg_advisory_xact_lock(RESOLVING)))
        e = t.entries
        wanted = (
            sa.select(e, sa.literal("").label("named"))
            .where(e.c.waiting == 1)
            .order_by(e.c.first_seen, e.c.id)
            .limit(most)
        )
        return [_stored(row) for row in self.db.execute(wanted)]

    def first_waiting_entry(self) -> int | None:
        e = t.entries.c
        return self.db.execute(sa.select(e.id).where(e.waiting == 1).order_by(e.first_seen, e.id).limit(1)).scalar()

    def is_entry_waiting(self) -> bool:
        return self.db.execute(sa.select(t.entries.c.id).where(t.entries.c.waiting == 1).limit(1)).first() is not None

    def quarantine_entry(self, entry: int, *, stage: Stage, error: str, now: datetime) -> None:
        e = t.entries.c
        where = self.db.execute(sa.select(e.source, e.sha, e.position, e.data).where(e.id == entry)).one()
        row = PutAside(
            stage=stage, subject=f"entry:{entry}", error=error, source=where.source, entry=entry, sha=where.sha,
            position=where.position, title=title_of(where.data),
        )  # fmt: skip
        SqlQuarantine(self.db).add_items([row], now=now)
        self._wait([entry], 0)

    def _wait(self, entries: Iterable[int], waiting: int) -> None:
        for these in among(self.db, t.entries.c.id, entries):
            self.db.execute(sa.update(t.entries).where(these).values(waiting=waiting))

    def add_papers(self, papers: Sequence[NewPaper]) -> list[PaperId]:
        if not papers:
            return []
        names = self._free([new.paper.public_id for new in papers])
        rows = [
            {"public_id": name, "first_seen": new.seen, **_columns(new.paper)}
            for name, new in zip(names, papers, strict=True)
        ]
        p = t.papers.c
        ids = {r.public_id: r.id for r in write_and_read(self.db, sa.insert(t.papers), rows, p.public_id, p.id)}
        made = [PaperId(ids[name]) for name in names]
        self.add_keys((paper, key) for paper, new in zip(made, papers, strict=True) for key in new.keys)
        return made

    def _free(self, wanted: Sequence[str]) -> list[str]:
        """Public ids that are free: taken ones get the next number behind them."""
        p = t.papers.c.public_id
        taken = {
            name for these in among(self.db, p, wanted) for name in self.db.execute(sa.select(p).where(these)).scalars()
        }
        free = []
        for name in wanted:
            if name in taken:
                name = self._numbered(name, taken)
            taken.add(name)
            free.append(name)
        return free

    def _numbered(self, name: str, taken: Collection[str]) -> str:
        """The first of name-2, name-3 … that is free, asked for in groups so that each group is one index lookup."""
        p = t.papers.c.public_id
        for start in count(2, CHUNK):
            numbered = [f"{name}-{n}" for n in range(start, start + CHUNK)]
            used = {*taken, *self.db.execute(sa.select(p).where(p.in_(numbered))).scalars()}
            if free := next((one for one in numbered if one not in used), None):
                return free
        raise AssertionError("numbers do not end")  # pragma: no cover

    def update_paper(self, paper: Paper, *, keys: Iterable[Key] = ()) -> None:
        number = paper.stored_id
        p, values, before = t.papers.c, _columns(paper), self._before(number)
        if before is not None:
            values["indexed"] = waits_again(before, paper)
        if _is_news(paper) and paper.first_seen is not None and not _was_news(before):
            values["first_seen"] = paper.first_seen
        self.db.execute(sa.update(t.papers).where(p.id == number).values(**values))
        self.add_keys((number, key) for key in keys)

    def _before(self, number: PaperId) -> Row[Any, Any, Any, Any] | None:
        """The paper as it is stored."""
        p = t.papers.c
        wanted = sa.select(p.old, p.title, p.data, p.indexed).where(p.id == number)
        return self.db.execute(wanted.with_for_update()).first()

    def add_mentions(self, mentions: Iterable[Joined]) -> None:
        given = list(mentions)
        rows = [{"entry": m.entry, "paper": m.paper, "reason": m.reason, "kind": "speaks of" if m.named else "is",
                 "named": m.named} for m in given]  # fmt: skip
        if rows:
            m = t.mentions.c
            for these in among(self.db, m.entry, [g.entry for g in given if not g.named]):
                self.db.execute(sa.delete(t.mentions).where(these, m.kind == "is"))
            adding = insert(self.db, t.mentions)
            changed = {name: adding.excluded[name] for name in ("reason", "kind", "named")}
            write_rows(self.db, adding.on_conflict_do_update(index_elements=["entry", "paper"], set_=changed), rows)
            self._wait([g.entry for g in given], 0)

    def merge_papers(self, loser: PaperId, survivor: PaperId, *, reason: str, now: datetime) -> None:
        self.db.execute(
            sa.update(t.mentions).where(t.mentions.c.paper == loser, t.mentions.c.kind == "is").values(reason=reason)
        )
        self._drop_older_votes(loser, survivor)
        for table, own in (
            (t.identifiers, ("scheme", "value")), (t.signals, ("source", "kind", "at")), (t.paper_events, ("kind", "key")),
            (t.mentions, ("entry",)), (t.texts, ("number",)), (t.votes, ("subscriber",)), (t.enrichments, ("provider",)),
            (t.picks, ("day",)), (t.vectors, ()), (t.namesakes, ("subscriber", "person")),
        ):  # fmt: skip
            twice = _has_too(survivor, table, own)
            self.db.execute(sa.delete(table).where(table.c.paper == loser, twice))
            self.db.execute(sa.update(table).where(table.c.paper == loser).values(paper=survivor))
        self._show_too(loser, survivor)
        p = t.papers.c
        self.db.execute(
            sa.update(t.papers).where(sa.or_(p.id == loser, p.merged_into == loser)).values(merged_into=survivor)
        )

    def _show_too(self, loser: PaperId, survivor: PaperId) -> None:
        """Copy shown items, not move them: when the papers are split again, each must know whom it was shown to."""
        items = t.digest_items
        columns = [column.name for column in items.c]
        theirs = [sa.literal(survivor).label(name) if name == "paper" else items.c[name] for name in columns]
        wanted = sa.select(*theirs).where(items.c.paper == loser, ~_has_too(survivor, items, ("subscriber", "kind")))
        self.db.execute(sa.insert(items).from_select(columns, wanted))

    def revive_paper(self, survivor: PaperId, names: Collection[str]) -> PaperId | None:
        p = t.papers.c
        wanted = sa.select(p.id).where(p.merged_into == survivor, p.public_id.in_(names)).order_by(p.id)
        found = list(self.db.execute(wanted).scalars())
        if not found:
            return None
        first = PaperId(found[0])
        self.db.execute(sa.update(t.papers).where(p.id.in_(found)).values(merged_into=first))
        self.db.execute(sa.update(t.papers).where(p.id == first).values(merged_into=None))
        return first

    def _drop_older_votes(self, loser: PaperId, survivor: PaperId) -> None:
        """Where somebody voted for both papers, the newer vote stays, even if it was cast for the loser."""
        newer, v = t.votes.alias(), t.votes.c
        later = sa.and_(newer.c.paper == loser, newer.c.subscriber == v.subscriber, newer.c.at > v.at)
        outdated = sa.exists(sa.select(1).select_from(newer).where(later).correlate(t.votes))
        self.db.execute(sa.delete(t.votes).where(v.paper == survivor, outdated))

    def entries_of(self, papers: Iterable[PaperId]) -> dict[PaperId, list[StoredEntry]]:
        found: dict[PaperId, list[StoredEntry]] = {}
        for some in chunks(papers):
            wanted = (
                sa.select(t.entries, t.mentions.c.paper, t.mentions.c.named)
                .join(t.mentions, t.mentions.c.entry == t.entries.c.id)
                .where(t.mentions.c.paper.in_(some))
                .order_by(t.entries.c.first_seen, t.entries.c.id)
            )
            for row in self.db.execute(wanted):
                found.setdefault(row.paper, []).append(_stored(row))
        return found

    def mentions_of(self, paper: PaperId) -> list[tuple[StoredEntry, str]]:
        wanted = (
            sa.select(t.entries, t.mentions.c.reason, t.mentions.c.named)
            .join(t.mentions, t.mentions.c.entry == t.entries.c.id)
            .where(t.mentions.c.paper == paper)
            .order_by(t.entries.c.first_seen, t.entries.c.id)
        )
        return [(_stored(row), row.reason) for row in self.db.execute(wanted)]

    def papers_by_id(self, papers: Iterable[PaperId]) -> dict[PaperId, Paper]:
        found: dict[PaperId, Paper] = {}
        p, winner = t.papers, t.papers.alias()
        for some in chunks(set(papers)):
            wanted = sa.select(p.c.id.label("asked"), winner).join(
                winner, winner.c.id == sa.func.coalesce(p.c.merged_into, p.c.id)
            )
            rows = self.db.execute(wanted.where(p.c.id.in_(some))).all()
            whole = self._complete(rows)
            found |= {row.asked: whole[row.id] for row in rows}
        return found

    def paper_by_public_id(self, public_id: str) -> Paper | None:
        asked: PaperId | None = self.db.execute(
            sa.select(t.papers.c.id).where(t.papers.c.public_id == public_id)
        ).scalar()
        return self.papers_by_id([asked]).get(asked) if asked is not None else None

    def papers_titled(self, words: Sequence[str], most: int) -> list[Paper]:
        p = t.papers.c
        holds = [p.title.icontains(word, autoescape=True) for word in words]
        wanted = sa.select(t.papers).where(p.merged_into.is_(None), *holds)
        return self.whole(self.db.execute(wanted.order_by(p.first_seen.desc(), p.id.desc()).limit(most)).all())

    def signals_at(self, paper: PaperId, at: datetime) -> dict[str, int]:
        return self.signals_of_papers_at([paper], at).get(paper, {})

    def signals_of_papers_at(self, papers: Collection[PaperId], at: datetime) -> dict[PaperId, dict[str, int]]:
        found: dict[PaperId, dict[str, int]] = {}
        for some in chunks(papers):
            found |= _best(self._newest_signals(some, at))
        return found

    def papers_seen_between(
        self, after: datetime, until: datetime, *, newest: int | None = None,
        among: sa.Select[Any] | sa.CompoundSelect[Any] | None = None,
    ) -> list[Paper]:  # fmt: skip
        """`among`: a statement that gives the ids of those that are read."""
        p = t.papers.c
        wanted = sa.select(t.papers).where(*complete_between(after, until))
        if among is not None:
            wanted = wanted.where(p.id.in_(among))
        if newest is not None:
            wanted = wanted.order_by(p.first_seen.desc(), p.id.desc()).limit(newest)
            return self.whole(self.db.execute(wanted).all()[::-1])
        rows = self.db.execute(wanted.order_by(p.first_seen, p.id))
        return [paper for some in rows.partitions(CHUNK) for paper in self.whole(some)]  # packed, not all at once

    def untitled_papers_between(self, after: datetime, until: datetime) -> list[Paper]:
        p = t.papers.c
        fit = (p.first_seen > after, p.first_seen <= until, p.merged_into.is_(None), p.title == "")
        return self.whole(self.db.execute(sa.select(t.papers).where(*fit).order_by(p.first_seen, p.id)).all())

    def whole(self, rows: Sequence[Row[Any]]) -> list[Paper]:
        """Rows of `papers` as complete Papers, in the same order."""
        found: dict[PaperId, Paper] = {}
        for some in chunks(rows):
            found |= self._complete(some)
        return [found[row.id] for row in rows]

    def _complete(self, rows: Iterable[Row[Any]]) -> dict[PaperId, Paper]:
        """Rows of `papers` with the sources and signals that stand in other tables."""
        by_id = {row.id: row for row in rows}
        sources: dict[int, list[str]] = {}
        signals: dict[PaperId, dict[str, int]] = {}
        for some in chunks(by_id):
            m, e = t.mentions.c, t.entries.c
            carried = (
                sa.select(m.paper, e.source)
                .join(t.entries, e.id == m.entry)
                .where(m.paper.in_(some))
                .order_by(e.first_seen, e.id)
            )
            for row in self.db.execute(carried):
                if carries(row.source) and row.source not in sources.setdefault(row.paper, []):
                    sources[row.paper].append(row.source)
            signals |= _best(self._newest_signals(some))
        return {
            i: stored_paper(
                row, id=i, public_id=row.public_id, first_seen=row.first_seen,
                sources=tuple(sources.get(i, ())), signals=FrozenMap(signals.get(i, {})),
            )
            for i, row in by_id.items()
        }  # fmt: skip

    def add_signals(self, values: Iterable[tuple[int, Mapping[str, int]]], *, now: datetime) -> None:
        given = dict(values)
        m, e = t.mentions.c, t.entries.c
        for some in chunks(given):
            homes = self.db.execute(
                sa.select(m.entry, m.paper, e.source).join(t.entries, e.id == m.entry).where(m.entry.in_(some))
            ).all()
            last, told = self._newest_signals({h.paper for h in homes}), [column.name for column in t.signals.c]
            rows = {
                (h.paper, h.source, kind): dict(zip(told, (h.paper, h.source, kind, now, value), strict=True))
                for h in homes
                for kind, value in given[h.entry].items()
                if last.get((h.paper, h.source, kind)) != value
            }
            if rows:
                adding = insert(self.db, t.signals)  # twice at one instant: the later word counts
                again = adding.on_conflict_do_update(
                    index_elements=["paper", "source", "kind", "at"], set_={"value": adding.excluded.value}
                )
                write_rows(self.db, again, list(rows.values()))

    def _newest_signals(
        self, papers: Collection[PaperId], at: datetime | None = None
    ) -> dict[tuple[PaperId, str, str], int]:
        """(paper, source, kind) → the last value until `at`, from the history of signals."""
        s = t.signals.c
        place = sa.func.row_number().over(partition_by=(s.paper, s.source, s.kind), order_by=s.at.desc())
        known = s.paper.in_(papers) if at is None else sa.and_(s.paper.in_(papers), s.at <= at)
        ranked = sa.select(t.signals, place.label("place")).where(known).subquery()
        rows = self.db.execute(sa.select(ranked).where(ranked.c.place == 1))
        return {(r.paper, r.source, r.kind): r.value for r in rows}

    def add_event(self, event: Event) -> bool:
        row = {"paper": event.paper, "kind": event.kind, "key": event.key, "at": event.at, "note": event.note}
        made = insert(self.db, t.paper_events).values(**row).on_conflict_do_nothing().returning(t.paper_events.c.paper)
        return self.db.execute(made).first() is not None

    def divide_events(self, paper: PaperId, made: PaperId, events: Iterable[Event]) -> None:
        paper_events.divide(self.db, paper, made, events)

    def events_between(self, after: datetime, until: datetime) -> list[Event]:
        return paper_events.between(self.db, after, until)

    def events_of(self, papers: Iterable[PaperId], kinds: Iterable[str]) -> list[Event]:
        return paper_events.of_papers(self.db, papers, kinds)

    def count_entries_and_papers(self) -> tuple[int, int]:
        entries = self.db.execute(sa.select(sa.func.count()).select_from(t.entries)).scalar_one()
        papers = self.db.execute(
            sa.select(sa.func.count()).select_from(t.papers).where(t.papers.c.merged_into.is_(None))
        )
        return entries, papers.scalar_one()

    def newest_entry_by_source(self) -> dict[str, datetime]:
        e = t.entries.c
        rows = self.db.execute(sa.select(e.source, sa.func.max(e.first_seen).label("newest")).group_by(e.source))
        return {row.source: row.newest for row in rows}

    def forget_resolution(self) -> None:
        m, i = t.mentions.c, t.identifiers.c
        home = sa.select(m.paper).where(m.entry == t.entries.c.id, m.kind == "is").scalar_subquery()
        self.db.execute(sa.update(t.entries).values(home=sa.func.coalesce(home, t.entries.c.home), waiting=1))
        named = sa.exists(sa.select(1).where(m.paper == i.paper, m.named == i.scheme + ":" + i.value))
        self.db.execute(sa.delete(t.identifiers).where(~named))
        self.db.execute(sa.delete(t.mentions).where(m.kind == "is"))
        self.db.execute(sa.delete(t.quarantine).where(t.quarantine.c.entry.is_not(None)))
        title_blocks.forget(self.db)


def _best(newest: Mapping[tuple[PaperId, str, str], int]) -> dict[PaperId, dict[str, int]]:
    """The highest count that a service gives of each kind; the votes of our own readers are added to it."""
    found: dict[PaperId, dict[str, int]] = {}
    for (paper, source, kind), value in sorted(newest.items(), key=lambda one: one[0][1] == READERS):
        best = found.setdefault(paper, {})
        best[kind] = best.get(kind, 0) + value if source == READERS else max(value, best.get(kind, value))
    return found


def _is_news(paper: Paper) -> bool:
    """Whether people may be shown this paper as new."""
    return bool(paper.title) and not paper.old and not paper.replacement


def _was_news(row: Row[Any, Any, Any, Any] | None) -> bool:
    """Whether people may be shown the paper as new, as it is stored."""
    return row is not None and not row.old and row.title != "" and _REPLACED not in unpack(row.data)


def _columns(paper: Paper) -> dict[str, Any]:
    data = pack(dumps(paper, leave_out=_OWN_COLUMNS))
    return {
        "title": paper.title,
        "version": paper.version,
        "old": int(paper.old),
        "data": data,
        "indexed": Indexed.WAITS,
    }


def _stored(row: Row[Any]) -> StoredEntry:
    return StoredEntry(id=row.id, source=row.source, entry=loads(Entry, unpack(row.data)), seen=row.first_seen,
                       old=bool(row.old), named=row.named, home=row.home)  # fmt: skip


def _has_too(survivor: PaperId, table: sa.Table, own: Iterable[str]) -> sa.ColumnElement[bool]:
    """A condition: the survivor has such a row as well."""
    theirs = table.alias()
    same = sa.and_(theirs.c.paper == survivor, *(theirs.c[name] == table.c[name] for name in own))
    return sa.exists(sa.select(1).select_from(theirs).where(same).correlate(table))
