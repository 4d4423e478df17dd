"""The database itself: opening (with its connection pool), transactions, migrations, and its errors in our words."""

from __future__ import annotations

import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

from digestbot.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreNewer, StoreRefused, StoreUnreachable
from digestbot.store.copying import copy
from digestbot.store.moving import GO_ON, is_moving
from digestbot.store.queue_schema import prepare_queue
from digestbot.store.sql.confirmations import SqlConfirmations
from digestbot.store.sql.enrichments import SqlEnrichments, SqlVectors
from digestbot.store.sql.full_text import SqlFullText
from digestbot.store.sql.jobs import SqlJobs
from digestbot.store.sql.leases import SqlBreakers, SqlLeases
from digestbot.store.sql.outbox import SqlOutbox
from digestbot.store.sql.papers.papers import SqlPapers
from digestbot.store.sql.people import SqlPeople
from digestbot.store.sql.picks import SqlPicks
from digestbot.store.sql.quarantine import SqlQuarantine
from digestbot.store.sql.returned import SqlReturned
from digestbot.store.sql.site import SqlSite
from digestbot.store.sql.slots import SqlSlots
from digestbot.store.sql.source_log import SqlSourceLog
from digestbot.store.sql.tokens import SqlTokens
from digestbot.store.sql.votes import SqlVotes

WAIT = 30.0  #: seconds a writer waits for another
MIGRATING = 0x64696767  #: the advisory lock of whoever migrates
_STEPS_BETWEEN_LOOKS = 10_000  #: of the database at the clock: some milliseconds
MIGRATIONS = Path(__file__).with_name("migrations")


def revisions() -> Sequence[str]:
    """The schemas there were, ours last. Told by the names of the files: Alembic, which would read them, takes longer to
    import than most questions take to answer, and stays in the memory of a process that rests."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


class SqlTransaction:
    """All aggregates over one connection."""

    def __init__(self, db: Connection) -> None:
        self.papers = SqlPapers(db)
        self.full_text = SqlFullText(db, self.papers)
        self.people = SqlPeople(db)
        self.slots = SqlSlots(db, self.papers)
        self.outbox = SqlOutbox(db)
        self.source_log = SqlSourceLog(db)
        self.leases = SqlLeases(db)
        self.breakers = SqlBreakers(db)
        self.site = SqlSite(db)
        self.tokens = SqlTokens(db)
        self.quarantine = SqlQuarantine(db)
        self.enrichments = SqlEnrichments(db)
        self.vectors = SqlVectors(db)
        self.returned = SqlReturned(db)
        self.votes = SqlVotes(db)
        self.confirmations = SqlConfirmations(db)
        self.picks = SqlPicks(db)
        self.jobs = SqlJobs(db)


class SqlStore:
    """A Store on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine, self.name = engine, name
        self.commits = 0
        # one connection serves an in-memory database: its threads take turns
        self._turn = threading.RLock() if isinstance(engine.pool, StaticPool) else None

    def migrate(self, *, moving: bool = False) -> None:
        """Bring the schema to ours. `moving`: also where a move into this database has not ended."""
        known = revisions()
        with self._errors(), self._alone(), self._begin(write=False) as db:
            current = self._revision(db, known)
            if not moving and db.dialect.name == "postgresql" and is_moving(db):
                raise StoreError("a move into this database has not ended", where=self.name, fix=GO_ON)
        if current == known[-1]:
            return
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self._errors(), self._alone(), self._begin(write=True) as db:
            if db.dialect.name == "postgresql":  # two workers that start at once; SQLite has one writer anyway
                db.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
            self._revision(db, known)
            config.attributes["connection"] = db
            command.upgrade(config, "head")

    def prepare_queue(self) -> None:
        """Make the tables of the queue, on PostgreSQL. Raises StoreError without the package it comes from."""
        with self._errors(), self._begin(write=True) as db:
            prepare_queue(db)

    def current_revision(self) -> bool:
        """Whether the database has our schema. Raises StoreError when it cannot be read, or is not ours."""
        known = revisions()
        with self._errors(), self._alone(), self._begin(write=False) as db:
            return self._revision(db, known) == known[-1]

    def _revision(self, db: Connection, known: Collection[str]) -> str | None:
        """Which of our schemas it has; None: it is empty."""
        if not sa.inspect(db).has_table("alembic_version"):
            if self.engine.dialect.name == "sqlite" and sa.inspect(db).get_table_names():
                raise StoreCorrupt("this database is not digestbot's", where=self.name, fix="Choose another file")
            return None
        found: str | None = db.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        if found is not None and found not in known:
            raise StoreNewer("the database was written by a newer digestbot", where=self.name, fix="Update digestbot")
        return found

    def damage(self, seconds: float = math.inf) -> list[str]:
        """`quick_check` on SQLite; PostgreSQL has no such question and tells of damage when it reads."""
        with self._errors(), self._alone(), self._begin(write=False) as db:
            if db.dialect.name != "sqlite":
                db.execute(sa.text("SELECT 1"))
                return []
            with _given_up_after(seconds, db):
                rows = db.exec_driver_sql("PRAGMA quick_check(20)").scalars()
                return [row for row in rows if row != "ok"]
        return []  # it took too long

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Read and write, all or nothing."""
        with self._errors(), self._alone(), self._begin(write=True) as db:
            yield SqlTransaction(db)
        self.commits += 1

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        """Read only, a consistent view."""
        with self._errors(), self._alone(), self._begin(write=False) as db:
            yield SqlTransaction(db)

    def copy_to(self, other: SqlStore, heard: Callable[[int], None] = lambda _: None) -> int:
        """Everything, as it is at one moment, into another store that is migrated and empty; how many rows."""
        with self._errors(), self._alone(), self._begin(write=False) as source:  # noqa: SIM117  # errors name their store
            with other._errors(), other._alone(), other._begin(write=True) as target:
                return copy(source, target, heard)

    @contextmanager
    def connection(self, *, write: bool = True) -> Iterator[Connection]:
        """A transaction for those who work on tables and not on aggregates: moving."""
        with self._errors(), self._alone(), self._begin(write=write) as db:
            yield db

    @contextmanager
    def _begin(self, *, write: bool) -> Iterator[Connection]:
        with self.engine.connect() as db:
            if self.engine.dialect.name == "postgresql" and not write:
                db = db.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            elif self.engine.dialect.name == "sqlite":
                db.info["write"] = write
            with db.begin():
                yield db

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        with self._turn:
            yield

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except exc.DBAPIError as error:
            raise in_our_words(error, self.name) from error
        except exc.TimeoutError as error:  # of the pool: all its connections are in use
            raise StoreBusy("too many ask at once", where=self.name, fix="Try again in a moment") from error

    def close(self) -> None:
        """Give connections back."""
        self.engine.dispose()

    @cached_property
    def dialect(self) -> str:
        """The dialect: sqlite or postgresql."""
        return self.engine.dialect.name


def open_store(url: str, *, root: Path | None = None) -> SqlStore:
    """Open `sqlite:///path` (relative to `root`), `sqlite://` (in memory), `sqlite:` (a file without a name, gone at its
    end: what a small cache does not hold is on the disk) or `postgresql://…`.

    Nothing is read yet; call `migrate` before anything else. Raises StoreUnreachable when the folder cannot be made.
    """
    if url == "sqlite://":
        engine = sa.create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
        _sqlite_events(engine, on_disk=False)
        return SqlStore(engine, "the database in memory")
    if url == "sqlite:":
        engine = sa.create_engine(
            "sqlite://", poolclass=StaticPool, creator=lambda: sqlite3.connect("", check_same_thread=False)
        )
        _sqlite_events(engine, on_disk=False)
        return SqlStore(engine, "a copy of the database")
    if url.startswith("sqlite:///"):
        return _open_sqlite(Path(root or Path.cwd()) / url.removeprefix("sqlite:///"))
    if url.startswith(("postgresql://", "postgres://")):
        return _open_postgres("postgresql+psycopg://" + url.partition("://")[2])
    raise StoreError(
        f"a store of the kind {url.partition(':')[0]!r} is not known", fix="Use sqlite:///… or postgresql://…"
    )


def _open_sqlite(path: Path) -> SqlStore:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
    except OSError as error:
        raise StoreUnreachable(f"the database's folder cannot be used: {error.strerror}", where=str(path)) from error
    refuse_emptied(path)
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": WAIT, "check_same_thread": False})
    _sqlite_events(engine, on_disk=True)
    return SqlStore(engine, str(path))


def _create(path: Path) -> None:
    """A database with a header: one of 0 bytes is never a new one of ours. Another process may do the same."""
    made = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        os.close(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # addresses are in it
        with closing(sqlite3.connect(made, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        with suppress(FileExistsError):
            os.link(made, path)  # unlike rename, it leaves what another process has made meanwhile
    except sqlite3.Error as error:
        raise StoreUnreachable(f"the database cannot be created: {error}", where=str(path)) from error
    finally:
        made.unlink(missing_ok=True)


def refuse_emptied(path: Path) -> None:
    """Raises StoreCorrupt for a file without a byte: taken as new, it would send again what was sent."""
    with suppress(OSError):
        if path.is_file() and path.stat().st_size == 0:
            raise StoreCorrupt(
                "this database file is empty: what was in it is gone",
                where=str(path),
                fix="Delete it, and `digestbot restore` the last backup; without one, digestbot begins anew",
            )


def _open_postgres(url: str) -> SqlStore:
    try:
        engine = sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs one more package", fix="pip install 'digestbot[postgres]'") from error
    _postgres_events(engine)
    return SqlStore(engine, f"PostgreSQL database {engine.url.database} on {engine.url.host or 'the local socket'}")


def _sqlite_events(engine: Engine, *, on_disk: bool) -> None:
    """Begin transactions when and how we say: the driver begins late and loses read-then-write races."""

    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None
        if on_disk and not _foreign(connection):
            connection.execute("PRAGMA journal_mode=WAL")  # readers and a writer do not wait for each other
        # FULL: a mark that was committed survives a power cut; the outbox's promise hangs on it
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @sa.event.listens_for(engine, "begin")
    def begun(db: Connection) -> None:
        write = db.info.get("write", False)
        if db.info.get("could_write") != write:  # `info` stays with the connection, as the pragma does
            db.exec_driver_sql(f"PRAGMA query_only={'OFF' if write else 'ON'}")
            db.info["could_write"] = write
        db.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _foreign(connection: sqlite3.Connection) -> bool:
    """Whether another program owns this database; not even its journal mode is changed then."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return bool(tables) and "alembic_version" not in tables


_DURABLY = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"


def _postgres_events(engine: Engine) -> None:
    """Limit waits for locks: PostgreSQL's default is to wait for ever. A server may be set to lose what it committed in
    a crash; then a mark would not be durable, and its mail would come twice."""

    @sa.event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.execute(f"SET lock_timeout = {WAIT * 1000:.0f}")
        connection.execute(_DURABLY)
        connection.commit()


def in_our_words(error: exc.DBAPIError, name: str) -> StoreError:
    """A driver's error as one of ours. A bug of this program stays a plain StoreError with the driver's words."""
    said = str(error.orig)
    low = said.lower()
    if isinstance(error, exc.IntegrityError | exc.DataError):
        return StoreRefused(said.splitlines()[0] if said else type(error).__name__, where=name)
    if isinstance(error, exc.ProgrammingError):  # values stand in their words
        return _plainly(error, said, name)
    for kind, signs, what, fix in _KINDS:
        if any(sign in low for sign in signs):
            return kind(what.format(said=said), where=name, fix=fix)
    return _unreachable(error, said, name) if isinstance(error, exc.OperationalError) else _plainly(error, said, name)


#: an error, the words by which a driver's is known, what is said and what to do; the first that fits
_KINDS: Final[tuple[tuple[type[StoreError], tuple[str, ...], str, str], ...]] = (
    (StoreBusy, ("locked", "busy", "lock timeout", "deadlock", "could not serialize"),
     "another process held the database for too long", "Try again in a moment"),
    (StoreFull, ("full", "readonly", "read-only", "disk i/o", "no space"),
     "the database cannot be written: {said}", "Free some space, or make it writable"),
    (StoreCorrupt, ("not a database", "malformed"),
     "this file is no database, or a damaged one", "It was left as it was; restore a copy"),
    (StoreUnreachable, ("unable to open",),
     "the database file cannot be opened", "Are folder and file readable and writable?"),
)  # fmt: skip


def _unreachable(error: exc.OperationalError, said: str, name: str) -> StoreError:
    """A database server that turned us away, or does not answer."""
    low = said.lower()
    if "fatal:" in low and not error.connection_invalidated:
        why = said[low.index("fatal:") + len("fatal:") :].strip().splitlines()[0]
        return StoreUnreachable(f"the database server turned us away: {why}", where=name, fix="Is store.url right?")
    if error.connection_invalidated or "connect" in low:
        return StoreUnreachable("the database server does not answer", where=name, fix="Is it running?")
    return _plainly(error, said, name)


def _plainly(error: exc.DBAPIError, said: str, name: str) -> StoreError:
    return StoreError(said.splitlines()[0] if said else type(error).__name__, where=name)


@contextmanager
def _given_up_after(seconds: float, db: Connection) -> Iterator[None]:
    """A statement on SQLite inside it ends without a result when its time is over."""
    end = time.monotonic() + seconds
    connection: Any = db.connection.driver_connection
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    except exc.OperationalError:
        if time.monotonic() <= end:
            raise
    finally:
        connection.set_progress_handler(None, 0)
