"""The schema that migrations make is the one the code is written for, on both databases; strange files stay as they were."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from databases import empty_postgres, sqlite_url
from sqlalchemy.engine import Connection

from digestbot.acts.answers.search import search
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.errors import StoreCorrupt, StoreNewer
from digestbot.model import Entry, PaperId
from digestbot.papers.identity.decisions import record
from digestbot.rules import parse
from digestbot.rules.index.fulltext_query import fulltext_query
from digestbot.store.database import MIGRATIONS, SqlStore, open_store, revisions
from digestbot.store.tables import schema as t

EMPTY: dict[str, Callable[[Path], str]] = {"sqlite": sqlite_url, "postgresql": lambda _: empty_postgres()}
MANY = 1_001  #: more than a migration packs at once
OLD_ENTRY = sa.text("INSERT INTO entries (id, source, native_key, first_seen) VALUES (:id, 'arxiv', :key, 0)")


@pytest.fixture(params=EMPTY)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return EMPTY[request.param](tmp_path)


@contextmanager
def writing(store: SqlStore) -> Iterator[Connection]:
    """Below the store's own words: raw rows."""
    with store.engine.connect() as db:
        db.info["write"] = True
        with db.begin():
            yield db


def upgrade(store: SqlStore, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(store) as db:
        config.attributes["connection"] = db
        command.upgrade(config, revision)


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def difference(db: Connection) -> list[object]:
    """What the database has and the code does not declare, and the other way round; full text is the database's own."""

    def declared(name: str | None, kind: str, _: object) -> bool:
        return not (kind == "table" and (name or "").startswith(t.DERIVED))

    found: list[object] = compare_metadata(MigrationContext.configure(db, opts={"include_name": declared}), t.metadata)
    return found


def migrated(url: str) -> SqlStore:
    store = open_store(url)
    store.migrate()
    return store


def test_migrations_make_the_schema_of_the_code(url: str) -> None:
    store = migrated(url)
    with store.engine.connect() as db:
        assert difference(db) == []
    store.close()


def test_migrating_again_changes_nothing(url: str) -> None:
    migrated(url).close()
    migrated(url).close()


def test_what_waited_before_the_second_migration_still_waits(url: str) -> None:
    store = open_store(url)
    upgrade(store, "0001")
    with writing(store) as db:
        for number in (1, 2):
            db.execute(OLD_ENTRY, {"id": number, "key": f"key-{number}"})
        db.execute(sa.text("INSERT INTO papers (id, public_id, first_seen) VALUES (7, '2611.00001', 0)"))
        db.execute(sa.text("INSERT INTO mentions (entry, paper) VALUES (1, 7)"))
    store.migrate()
    with store.engine.connect() as db:
        waiting = {row.id: row.waiting for row in db.execute(sa.select(t.entries.c.id, t.entries.c.waiting))}
    store.close()
    assert waiting == {1: 0, 2: 1}


def test_a_migration_that_was_cut_short_has_done_nothing_and_starts_again(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(url)
    upgrade(store, "0001")
    with writing(store) as db:
        db.execute(OLD_ENTRY, {"id": 1, "key": "key"})
    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.create_index", _cut)  # somewhere in the middle
        with pytest.raises(InterruptedError):
            store.migrate()
    with store.engine.connect() as db:
        assert db.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == "0001"
        assert "waiting" not in {c["name"] for c in sa.inspect(db).get_columns("entries")}
    store.migrate()
    with store.engine.connect() as db:
        assert db.execute(sa.select(t.entries.c.native_key)).scalars().all() == ["key"]
        assert difference(db) == []
    store.close()


def _cut(*_: object, **__: object) -> None:
    raise InterruptedError


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_every_earlier_state_comes_to_the_present_with_its_rows(url: str, revision: str) -> None:
    store = open_store(url)
    upgrade(store, revision)
    with writing(store) as db:
        db.execute(OLD_ENTRY, {"id": 1, "key": "key"})
        db.execute(sa.text("INSERT INTO subscribers (id, ref, email, joined) VALUES (3, 'ada', 'ada@example.org', 0)"))
        db.execute(sa.text("INSERT INTO topics (subscriber, name, query, valid_from) VALUES (3, 'T', 'q', 0)"))
        db.execute(sa.text("INSERT INTO slots (subscriber, key, due, state) VALUES (3, 'k', 0, 'empty')"))
    store.migrate()
    with store.reading() as tx:
        [ada] = tx.people.all_people()
        assert [(topic.name, topic.mute, topic.weight) for topic in ada.topics] == [("T", False, 1.0)]
        assert ada.id is not None
        assert tx.votes.votes_of(ada.id) == []
        assert [(row.key, row.decided, dict(row.fates)) for row in tx.slots.slots_of(ada.id, 9)] == [("k", None, {})]
    store.close()


def test_a_newer_database_is_left_as_it_was(tmp_path: Path) -> None:
    store = migrated(sqlite_url(tmp_path))
    with writing(store) as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    before = digest_of(tmp_path / "digestbot.db")
    again = open_store(sqlite_url(tmp_path))
    with pytest.raises(StoreNewer, match="newer digestbot"):
        again.migrate()
    again.close()
    assert digest_of(tmp_path / "digestbot.db") == before


def test_another_programs_database_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "digestbot.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE songs (title TEXT)")
    db.close()
    before = digest_of(path)
    store = open_store(sqlite_url(tmp_path))
    with pytest.raises(StoreCorrupt, match="not digestbot's"):
        store.migrate()
    store.close()
    assert digest_of(path) == before


@pytest.mark.parametrize(
    "content", [b"hello, this is a letter to my aunt\n" * 200, b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_a_file_that_is_no_database_is_left_as_it_was(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "digestbot.db"
    path.write_bytes(content)
    store = open_store(sqlite_url(tmp_path))
    with pytest.raises(StoreCorrupt):
        store.migrate()
    store.close()
    assert path.read_bytes() == content


def test_what_was_in_quarantine_stays_in_it_with_the_place_of_its_bytes(url: str) -> None:
    store = open_store(url)
    upgrade(store, "0003")
    with writing(store) as db:
        db.execute(OLD_ENTRY, {"id": 4, "key": "key"})
        db.execute(sa.text("UPDATE entries SET sha = 'ab', position = 2"))
        db.execute(sa.text("INSERT INTO quarantine (entry, stage, error, at) VALUES (4, 'resolve', 'no title', 0)"))
    store.migrate()
    with store.reading() as tx:
        [row] = tx.quarantine.all_items()
        assert (row.entry, row.stage, row.source, row.sha, row.position) == (4, "resolve", "arxiv", "ab", 2)
        assert (row.subject, row.error, row.tries) == ("entry:4", "no title", 1)
    store.close()


def test_entries_before_the_ninth_migration_are_found_by_their_words(url: str) -> None:
    store = open_store(url)
    upgrade(store, "0003")
    data = '{"title":"A Table for Every Bit: Lookup Arithmetic","authors":["Ines Okafor"]}'
    with writing(store) as db:
        db.execute(OLD_ENTRY, {"id": 1, "key": "key"})
        db.execute(sa.text("UPDATE entries SET data = :data, waiting = 0"), {"data": data})
        db.execute(sa.text("INSERT INTO papers (id, public_id, first_seen) VALUES (7, 't-1', 0)"))
        db.execute(sa.text("INSERT INTO mentions (entry, paper, reason) VALUES (1, 7, 'first entry')"))
        db.execute(
            sa.text(
                "INSERT INTO identifiers (scheme, value, paper) VALUES ('title', 'atable', 7), ('doi', '10.5555/x', 7)"
            )
        )
    store.migrate()
    text = record(Entry(title="A table for every bit: lookup arithmetic", authors=("Okafor, Ines",))).texts[0]
    with store.reading() as tx:
        assert {paper for _, paper in tx.papers.texts_near([text]).texts} == {7}
        assert tx.papers.papers_by_key([("title", "atable"), ("doi", "10.5555/x")]) == {("doi", "10.5555/x"): [7]}
        assert [(s.id, why, s.named) for s, why in tx.papers.mentions_of(PaperId(7))] == [(1, "first entry", "")]
    store.close()


def test_papers_before_the_21st_migration_keep_their_values_and_are_found_by_their_words(url: str) -> None:
    store = open_store(url)
    upgrade(store, "0020")
    title = "Flow matching for naïve whales"
    with writing(store) as db:
        for number in range(1, MANY + 1):
            db.execute(OLD_ENTRY, {"id": number, "key": f"key-{number}"})
            row = {"id": number, "name": f"p-{number}", "data": json.dumps({"title": f"{title} {number}"})}
            db.execute(
                sa.text(
                    "INSERT INTO papers (id, public_id, title, first_seen, data) VALUES (:id, :name, '', 0, :data)"
                ),
                row,
            )
        db.execute(sa.text("UPDATE entries SET data = :data"), {"data": json.dumps({"title": title, "authors": ["A"]})})
        if db.dialect.name == "sqlite":
            db.execute(
                sa.text("INSERT INTO fulltext (rowid, title, abstract, others) VALUES (2, 'flow', 'whale', 'x')")
            )
            db.execute(sa.text("UPDATE papers SET indexed = 1 WHERE id = 2"))
    store.migrate()
    with store.reading() as tx:
        assert [one.entry for one in tx.papers.unresolved_entries(MANY)] == [Entry(title=title, authors=("A",))] * MANY
        assert tx.papers.papers_by_id([PaperId(MANY)])[PaperId(MANY)].title == f"{title} {MANY}"
        need = fulltext_query(parse("whale").tree)
        known = [paper.id for paper in tx.full_text.search_papers(need, before=None, most=9)]
    assert known == ([2] if url.startswith("sqlite") else [])
    assert update_search_index(store) == (MANY - 1 if url.startswith("sqlite") else MANY)
    assert [paper.title for paper, _ in search(store, parse("whale"), most=1).papers] == [f"{title} {MANY}"]
    store.close()


def test_of_papers_indexed_before_the_22nd_migration_none_counts_as_indexed_once(url: str) -> None:
    day, store = 86_400_000_000, open_store(url)
    upgrade(store, "0021")
    rows = [(1, 300 * day, 1), (2, 390 * day, 1), (3, 395 * day, 0), (4, 410 * day, 1), (5, 300 * day, 0)]
    rows.append((6, 60_000 * day, 1))  # a clock was ahead for a while
    put = sa.text("INSERT INTO papers (id, public_id, first_seen, indexed) VALUES (:id, :name, :seen, :indexed)")
    with writing(store) as db:
        db.execute(put, [{"id": n, "name": f"p-{n}", "seen": seen, "indexed": how} for n, seen, how in rows])
    store.migrate()
    p = t.papers.c
    with store.engine.connect() as db:
        found = {row.id: row.indexed for row in db.execute(sa.select(p.id, p.indexed))}
    assert found == {1: 1, 2: 2, 3: -1, 4: 2, 5: 0, 6: 2}
    store.close()


def test_the_revisions_are_told_by_the_names_of_the_files_as_alembic_reads_them() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert list(revisions()) == [script.revision for script in reversed(list(scripts.walk_revisions()))]
    assert revisions()[-1] == scripts.get_current_head()
