"""Moving: everything of one database into another, in steps that a kill at any moment leaves to be taken up.

The old database is frozen first: triggers refuse every write, of every process that has it open. So nothing changes between
a kill and the next try, and nobody goes on sending from it when the move is done. The new one has a table `moving` until
all of it is there and compared; while it has, no digestbot opens it. Rows are written in chunks, and how many of a table are
there is written in the same transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from digestbot.errors import StoreError, StoreRefused, StoreUnreachable
from digestbot.store.copying import count_on
from digestbot.store.sql.site import FROZEN
from digestbot.store.tables import schema as t

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

CHUNK = 5000  #: rows of one transaction
WORDS = 2**128
GO_ON = "Go on with it, by the configuration of the old store: digestbot store migrate-to URL"
moving = sa.Table(
    "moving",
    sa.MetaData(),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
)  #: how many rows of each table are there; a row with the move's own name and 0 says which move it is
TABLES = tuple(t.metadata.sorted_tables)
TABLES_BY_NAME = {table.name: table for table in TABLES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What a table amounts to: how many rows, and the sum of their hashes, whatever their order."""

    rows: int
    sum: int


def freeze(db: Connection, why: str) -> None:
    """Let every write to this SQLite database fail with `why`, in every process."""
    said = why.replace("'", "''")
    for table in TABLES:
        for act in ("INSERT", "UPDATE", "DELETE"):
            name = f"{FROZEN}{table.name}_{act.lower()}"
            db.exec_driver_sql(
                f"CREATE TRIGGER {name} BEFORE {act} ON {table.name} BEGIN SELECT RAISE(ABORT, '{said}'); END"  # our own names
            )


def thaw(db: Connection) -> None:
    """Take writes again."""
    for name in _triggers(db):
        db.exec_driver_sql(f"DROP TRIGGER {name}")


def is_frozen(db: Connection) -> bool:
    """Whether writes are refused."""
    return bool(_triggers(db))


def _triggers(db: Connection) -> list[str]:
    names = db.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
    return [name for name in names if name.startswith(FROZEN)]


def refuse_foreign(db: Connection) -> None:
    """Raises StoreError when the database to move to has something in it that is no move of ours."""
    names = set(sa.inspect(db).get_table_names())
    if moving.name in names:
        return
    ours = {table.name for table in TABLES}
    for name in sorted(names - {"alembic_version", t.DERIVED}):
        if name.startswith("procrastinate_"):
            continue
        if name not in ours or db.execute(sa.text(f'SELECT 1 FROM "{name}" LIMIT 1')).first():  # noqa: S608
            raise StoreError(
                "the database to move to is not empty", where=f"table {name}", fix="Make an empty database, and name it"
            )


def begin(db: Connection, move: str) -> dict[str, int]:
    """How many rows of each table are there; `move` is the name of this move. Raises StoreError when another is begun."""
    moving.create(db, checkfirst=True)
    found: dict[str, int] = {row.name: row.rows for row in db.execute(sa.select(moving))}
    if not found:
        db.execute(sa.insert(moving), [{"name": name, "rows": 0} for name in (move, *(one.name for one in TABLES))])
    elif move not in found:
        raise StoreError("another store is being moved into this database", fix="Make an empty database, and name it")
    return {table.name: found.get(table.name, 0) for table in TABLES}


def there(db: Connection) -> dict[str, int]:
    """How many rows of each table are there."""
    return {row.name: row.rows for row in db.execute(sa.select(moving))}


def count(db: Connection, table: sa.Table) -> int:
    """How many rows a table has."""
    return db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def is_moving(db: Connection) -> bool:
    """Whether a move into this database has begun and not ended."""
    return sa.inspect(db).has_table(moving.name)


def has_our_tables(db: Connection) -> bool:
    """Whether a digestbot has made its tables."""
    return sa.inspect(db).has_table("alembic_version")


def end(db: Connection) -> None:
    """All is there and compared: the database may be used."""
    moving.drop(db)


def chunks_from(db: Connection, table: sa.Table, skip: int) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table in the order of its key, without the first `skip`. The full text is made anew over there."""
    wanted = sa.select(table).order_by(*table.primary_key).offset(skip)
    for some in db.execution_options(yield_per=CHUNK).execute(wanted).partitions(CHUNK):
        yield [_moved(table, dict(row._mapping)) for row in some]


def _moved(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"indexed": 0} if table is t.papers else row


def add_chunk(db: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Write rows, and that they are there. Raises StoreRefused with the row that the database does not take."""
    _write(db, table, rows)
    done = sa.update(moving).where(moving.c.name == table.name).values(rows=moving.c.rows + len(rows))
    db.execute(done)
    count_on(db, table)


def _write(db: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """PostgreSQL takes rows several times as quickly by COPY as by INSERT."""
    import psycopg

    names = [column.name for column in table.columns]
    convert = [column.type.dialect_impl(db.dialect).bind_processor(db.dialect) for column in table.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    driver: Any = db.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                values = (row[name] for name in names)
                copy.write_row([way(value) if way else value for way, value in zip(convert, values, strict=True)])
    except (psycopg.DataError, psycopg.IntegrityError, UnicodeError) as error:
        raise StoreRefused(str(error).splitlines()[0], where=table.name) from error
    except psycopg.OperationalError as error:
        raise StoreUnreachable("the database server went away", fix=GO_ON) from error


def refused_row(
    table: sa.Table, rows: list[dict[str, Any]], takes: Callable[[list[dict[str, Any]]], bool]
) -> StoreError:
    """Which of the rows the database does not take, found by halves."""
    while len(rows) > 1:
        half = len(rows) // 2
        rows = rows[half:] if takes(rows[:half]) else rows[:half]
    key = ", ".join(f"{column.name} {rows[0][column.name]}" for column in table.primary_key)
    return StoreRefused(
        "a row that PostgreSQL does not take, such as a text with a NUL in it", where=f"{table.name}, {key}"
    )


def empty(db: Connection, table: sa.Table) -> None:
    """Take back a table, with all that refers to it."""
    db.exec_driver_sql(f'TRUNCATE "{table.name}" CASCADE')
    for one in TABLES:  # what referred to it is empty too
        if db.execute(sa.select(sa.literal(1)).select_from(one).limit(1)).first() is None:
            db.execute(sa.update(moving).where(moving.c.name == one.name).values(rows=0))


def sums(db: Connection, table: sa.Table, heard: Callable[[int], None] = lambda _: None) -> Sums:
    """Of what the rows mean, not of how a database writes them: the same on both."""
    count, total = 0, 0
    for some in db.execution_options(yield_per=CHUNK).execute(sa.select(table)).partitions(CHUNK):
        for row in some:
            said = repr(tuple(_moved(table, dict(row._mapping)).values())).encode("utf-8", "surrogatepass")
            total += int.from_bytes(hashlib.blake2b(said, digest_size=16).digest())
        count += len(some)
        heard(len(some))
    return Sums(rows=count, sum=total % WORDS)


def counts_on(db: Connection, table: sa.Table) -> bool:
    """Whether the next id the database will give is greater than every id in the table."""
    if db.dialect.name != "postgresql" or "id" not in table.c:
        return True
    name = db.execute(sa.select(sa.func.pg_get_serial_sequence(table.name, "id"))).scalar()
    if name is None:
        return True
    last, called = db.exec_driver_sql(f"SELECT last_value, is_called FROM {name}").one()  # noqa: S608
    highest = db.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one()
    return bool(last + (1 if called else 0) > highest)
