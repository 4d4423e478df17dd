"""Move: an installation on SQLite goes on on PostgreSQL. It may be killed at any moment, and is then called again."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from digestbot.errors import AlreadyRunning, DigestbotError, StoreCorrupt, StoreError, StoreRefused, UsageError
from digestbot.store import Transaction
from digestbot.store import moving as m
from digestbot.store.database import SqlStore, SqlTransaction
from digestbot.system import process
from digestbot.system.crash_points import CrashPoint, crash_at

MOVE = "moved to"  #: note of the old store: a word that names the move, and the new place without its password
Heard = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveReport:
    """What is in the new place."""

    rows: int
    tables: int
    waiting: int  #: deliveries that go out from there
    again: bool  #: an earlier try had begun


def _quiet(_: str, __: int) -> None:
    pass


def move(source: SqlStore, target: SqlStore, *, place: str, now: datetime, heard: Heard = _quiet) -> MoveReport:
    """Everything of `source` (SQLite) into the empty `target` (PostgreSQL), compared, and `source` frozen for ever.

    `place`: the new address without its password. `heard` is told what is done, and how many rows more.
    Raises AlreadyRunning while a daemon or a command sends from the old store, StoreError when the new one is not empty.
    """
    if source.dialect != "sqlite" or target.dialect != "postgresql":
        raise UsageError("only a store on SQLite is moved, to postgresql://…")
    if _is_done(source, target):
        return _report(target, again=True)
    with target.connection() as db:
        m.refuse_foreign(db)
    target.migrate(moving=True)
    name, again = _freeze(source, place, now)
    with target.connection() as db:
        there = m.begin(db, name)
    for table in m.TABLES:
        _move_table(source, target, table.name, there[table.name], heard)
    for table in m.TABLES:
        _compare(source, target, table.name, heard)
    with target.connection() as db:
        m.end(db)
    return _report(target, again=again)


def give_up(source: SqlStore) -> bool:
    """Use the old store again, as if nothing had been moved; False when it was not frozen."""
    with source.connection() as db:
        frozen = m.is_frozen(db)
        m.thaw(db)
    if frozen:
        with source.transaction() as tx:
            tx.site.remove_note(MOVE)
    return frozen


def _freeze(source: SqlStore, place: str, now: datetime) -> tuple[str, bool]:
    """The name of this move, and whether an earlier try had begun it. Nobody writes to the old store from here on."""
    with source.reading() as tx:
        noted = tx.site.note(MOVE)
    with source.connection() as db:
        if noted is not None and m.is_frozen(db):
            name, _, before = noted.text.partition(" ")
            if before != place:
                raise StoreError(
                    f"this store is being moved to {before}",
                    fix="Name that, or begin anew with: store migrate-to --give-up",
                )
            return name, True
    name = secrets.token_hex(8)
    with source.connection() as db:
        tx = SqlTransaction(db)
        _refuse_used(tx, now)
        tx.site.set_note(MOVE, at=now, text=f"{name} {place}")
        m.freeze(db, f"this store was moved to {place}: write it as [store] url")
    return name, False


def _refuse_used(tx: Transaction, now: datetime) -> None:
    """Raises AlreadyRunning while somebody works from this store."""
    holder = tx.leases.lease_holder("daemon", now)
    busy = [owner for owner in (holder, *tx.outbox.owners()) if owner and not process.gone(owner)]
    if busy:
        raise AlreadyRunning(
            f"{process.words(busy[0])} works from this store", fix="Stop it, and call this again: nothing was changed"
        )


def _move_table(source: SqlStore, target: SqlStore, name: str, there: int, heard: Heard) -> None:
    table = m.TABLES_BY_NAME[name]
    heard(f"copying {name}", there)
    with source.connection(write=False) as old:
        for rows in m.chunks_from(old, table, there):
            try:
                with target.connection() as new:
                    m.add_chunk(new, table, rows)
                    crash_at(CrashPoint.IN_MOVE)
            except StoreRefused as error:
                raise m.refused_row(table, rows, lambda some: _takes(target, name, some)) from error
            heard(f"copying {name}", len(rows))


def _takes(target: SqlStore, name: str, rows: list[dict[str, object]]) -> bool:
    """Whether the database takes these; nothing of them stays."""
    table = m.TABLES_BY_NAME[name]
    try:
        with target.connection() as db:
            m.add_chunk(db, table, rows)
            raise _Enough
    except _Enough:
        return True
    except DigestbotError:
        return False


class _Enough(Exception):  # not an error: it undoes a transaction
    """What was tried is undone."""


def _compare(source: SqlStore, target: SqlStore, name: str, heard: Heard) -> None:
    """Copy a table again that differs, with all tables that refer to it. It differs when the old store was used between two tries."""
    if _is_same(source, target, name, heard):
        return
    table = m.TABLES_BY_NAME[name]
    with target.connection() as db:
        m.empty(db, table)
        there = m.there(db)
    for again in m.TABLES:
        if not there[again.name]:
            _move_table(source, target, again.name, 0, heard)
    if not _is_same(source, target, name, heard):
        raise StoreCorrupt(
            f"the table {name} is not what it was after it was copied twice", where=target.name,
            fix="Use the old store: digestbot store migrate-to --give-up",
        )  # fmt: skip


def _is_same(source: SqlStore, target: SqlStore, name: str, heard: Heard) -> bool:
    table = m.TABLES_BY_NAME[name]
    with source.connection(write=False) as old, target.connection(write=False) as new:
        before = m.sums(old, table, lambda rows: heard(f"comparing {name}", rows))
        return before == m.sums(new, table) and m.counts_on(new, table)


def _is_done(source: SqlStore, target: SqlStore) -> bool:
    """Whether the move had ended: the note of the old store came over with everything."""
    with target.connection(write=False) as db:
        if m.is_moving(db) or not m.has_our_tables(db):
            return False
    with source.reading() as old, target.reading() as new:
        return old.site.note(MOVE) is not None and old.site.note(MOVE) == new.site.note(MOVE)


def _report(target: SqlStore, *, again: bool) -> MoveReport:
    with target.connection(write=False) as db:
        rows = sum(m.count(db, table) for table in m.TABLES)
    with target.reading() as tx:
        states = tx.outbox.count_by_state()
    waiting = sum(
        count for state, count in states.items() if state in ("pending", "deferred", "claimed", "unknown", "committing")
    )
    return MoveReport(rows=rows, tables=len(m.TABLES), waiting=waiting, again=again)
