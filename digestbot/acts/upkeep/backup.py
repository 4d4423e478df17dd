"""Backup and restore: the whole store as one file, taken while everything runs, and put back without a mail twice.

The file is a SQLite database of our schema whatever the store is, so a backup of PostgreSQL can be restored into SQLite
and the other way. It also carries the site's key: links in mails that went out stay good.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from digestbot import __version__
from digestbot.errors import DigestbotError, StoreCorrupt
from digestbot.store import RESTORED
from digestbot.store.database import SqlStore, open_store
from digestbot.system.files import create_private, make_folder, private_copy, size_of, writing_beside

NO_GAP = timedelta(minutes=15)  #: a backup younger than this is restored as if nothing had run since


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """What was written."""

    file: Path
    rows: int
    size: int  #: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreReport:
    """What was put back, and what of the time since counts as sent."""

    rows: int
    made: datetime  #: when the backup was taken
    version: str  #: of the digestbot that took it
    held: int  #: deliveries that waited then: nobody knows whether they went out since
    gap_counts_as_sent: bool


def backup(
    store: SqlStore, key: bytes, to: Path, *, now: datetime, on_progress: Callable[[int], None] = lambda _: None
) -> BackupReport:
    """Write `to`, whole or not at all. Raises DigestbotError when there is something already."""
    if to.exists():
        raise DigestbotError("there is a file of this name already", where=str(to), fix="Choose another name")
    make_folder(to.parent)
    with writing_beside(to) as beside:
        made = open_store(f"sqlite:///{beside.resolve()}")
        try:
            made.migrate()
            rows = store.copy_to(made, on_progress)
        finally:
            made.close()
        with closing(sqlite3.connect(beside)) as db, db:
            db.execute("PRAGMA journal_mode=DELETE")  # one file, without a journal beside it
            db.execute("CREATE TABLE backup_info (made TEXT, version TEXT, key BLOB)")
            db.execute("INSERT INTO backup_info VALUES (?, ?, ?)", (now.isoformat(), __version__, key))
    return BackupReport(file=to, rows=rows, size=size_of(to))


def restore(
    store: SqlStore,
    key_file: Path,
    file: Path,
    *,
    now: datetime,
    gap: str = "sent",
    on_progress: Callable[[int], None] = lambda _: None,
) -> RestoreReport:
    """Fill the empty `store` with a backup. `gap`: what came since the backup counts as "sent" or "unsent".

    What waited in the outbox is held: whether it went out after the backup, nobody can know. Raises StoreError when the
    store is not empty, StoreCorrupt when the file is no backup.
    """
    with private_copy(file) as copy:  # it is brought to our schema: the backup itself stays as it is
        try:
            with closing(sqlite3.connect(copy)) as db, db:
                [(made, version, key)] = db.execute("SELECT made, version, key FROM backup_info").fetchall()
                db.execute("DROP TABLE backup_info")
        except (sqlite3.Error, ValueError) as error:
            raise StoreCorrupt("this is no backup of digestbot's", where=str(file)) from error
        source = open_store(f"sqlite:///{copy}")
        try:
            source.migrate()
            rows = source.copy_to(store, on_progress)
        finally:
            source.close()
    taken = datetime.fromisoformat(made)
    counts = gap == "sent" and now - taken > NO_GAP
    with store.transaction() as tx:
        held = tx.outbox.hold_all_as_unknown(now=now)
        if holder := tx.leases.lease_holder("daemon", now):  # it ran on the store that was backed up
            tx.leases.give_back_lease("daemon", owner=holder, next_at=now)
        if counts:
            tx.site.set_timestamp(RESTORED, at=now)
    if key:  # links of mails that went out stay good; a key that exists stays
        create_private(key_file, key)
    return RestoreReport(rows=rows, made=taken, version=version, held=held, gap_counts_as_sent=counts)
