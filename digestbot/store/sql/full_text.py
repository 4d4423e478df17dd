"""Full text of papers: an index of the database's own, FTS5 in SQLite, a tsvector with GIN in PostgreSQL.

It is made from the papers and can be made again at any time: it is no part of a backup. FTS5 keeps title and abstract
in columns, and no copy of their words: written again, a paper is found by its new words and by those it had before, which
`search_papers` may give too many of. The tsvector holds all words in one row of places, those of title and abstract marked
a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Row

from digestbot.errors import StoreError
from digestbot.model import Paper, PaperId
from digestbot.rules.index.fulltext_query import (
    AllOf,
    FulltextQuery,
    IndexedWords,
    PhraseQuery,
    flat_words,
    indexed_words,
    single_words,
)
from digestbot.store import Part
from digestbot.store.sql.papers.papers import SqlPapers
from digestbot.store.sql.papers.stored_paper import complete_between
from digestbot.store.tables import schema as t
from digestbot.store.tables.among import among
from digestbot.store.tables.chunks import chunks
from digestbot.store.tables.json_codec import loads
from digestbot.store.tables.packing import unpack
from digestbot.store.tables.schema import WAITING, Indexed

#: made by migrations 0005 and 0021; `schema.DERIVED` names it, as what is in it is not copied.
#: https://www.sqlite.org/fts5.html#contentless_tables: REPLACE is an INSERT there, and what is newer of one rowid counts
_FTS5 = "INSERT INTO fulltext (rowid, title, abstract, others) VALUES (:id, :title, :abstract, :others)"
_TSVECTOR = (
    "INSERT INTO fulltext (paper, words) VALUES (:id, CAST(:words AS tsvector))"
    " ON CONFLICT (paper) DO UPDATE SET words = excluded.words"
)
#: https://www.postgresql.org/docs/current/textsearch-limitations.html: 256 places a word, none beyond 16,383
MOST_PLACES, LAST_PLACE = 255, 16_000
_LONG = "\ue03along"  #: a word of a text with more than that: its places are left out, its phrases told by their words
_GAP = 100  #: between title and abstract, so that no phrase goes over
_COLUMNS = {"title": "title", "abstract": "abstract", "either": "{title abstract}", "other": "others"}


class SqlFullText:
    """The contract is `store.FullText`."""

    def __init__(self, db: Connection, papers: SqlPapers) -> None:
        self.db, self.papers = db, papers
        self._sqlite = db.dialect.name == "sqlite"

    def is_behind(self) -> bool:
        p = t.papers.c
        return self.db.execute(sa.select(p.id).where(p.indexed.in_(WAITING)).limit(1)).first() is not None

    def _waiting(self, state: Indexed, most: int) -> Sequence[Row[Any, Any]]:
        """Papers that wait so, the newest first. A change of now waits, and marks them again."""
        p = t.papers.c
        wanted = sa.select(p.id, p.data).where(p.indexed == state).order_by(p.id.desc()).limit(most)
        return self.db.execute(wanted.with_for_update()).all()

    def index_papers(self, most: int) -> int:
        """Writing a paper marks it as changed; indexing removes the mark."""
        for state, then in ((Indexed.WAITS, Indexed.ONCE), (Indexed.WAITS_AGAIN, Indexed.AGAIN)):
            if rows := self._waiting(state, most):
                self._index(rows, then)
                return len(rows)
        return 0

    def _index(self, rows: Sequence[Row[Any, Any]], then: Indexed) -> None:
        rows = rows[::-1]  # rising: FTS5 begins a segment of its index at each number below the one before
        write = sa.text(_FTS5 if self._sqlite else _TSVECTOR)
        self.db.execute(write, [self._row(row.id, indexed_words(loads(Paper, unpack(row.data)))) for row in rows])
        for some in chunks([row.id for row in rows]):
            self.db.execute(sa.update(t.papers).where(t.papers.c.id.in_(some)).values(indexed=then))

    def _row(self, number: int, words: IndexedWords) -> dict[str, Any]:
        if not self._sqlite:
            return {"id": number, "words": _tsvector(words)}
        return {
            "id": number, "title": " ".join(words.title), "abstract": " ".join(words.abstract),
            "others": " ".join(sorted(words.others)),
        }  # fmt: skip

    def search_papers(self, need: FulltextQuery | None, *, before: PaperId | None, most: int) -> Sequence[Paper]:
        p = t.papers
        wanted = sa.select(p).where(p.c.merged_into.is_(None)).order_by(p.c.id.desc()).limit(most)
        if before is not None:
            wanted = wanted.where(p.c.id < before)
        if need is not None:
            wanted = self._having(wanted, need, before)
        return self.papers.whole(self.db.execute(wanted).all())

    def papers_with(self, need: FulltextQuery | None, after: datetime, until: datetime) -> list[Paper]:
        if need is None:
            return self.papers.papers_seen_between(after, until)
        return self.papers.papers_seen_between(after, until, among=self._perhaps(need, after, until))

    def part_of(
        self, need: FulltextQuery, counted: Sequence[FulltextQuery], after: datetime, until: datetime, *,
        besides: Collection[PaperId],
    ) -> Part:  # fmt: skip
        p = t.papers.c
        wanted = sa.select(p.id, p.indexed).where(*complete_between(after, until))
        state = {row.id: row.indexed for row in self.db.execute(wanted)}
        if not state:
            return Part(papers=[], total=0, counts=[0] * len(counted), uncounted=frozenset())
        span = min(state), max(state)
        try:
            with self.db.begin_nested():  # what fails on PostgreSQL takes its transaction along
                flattened, found = self._flattened(span), self._ids_with(need, span)
                having = [self._ids_with(one, span) for one in counted]
        except exc.DatabaseError as error:
            if not _is_damaged(error):
                raise
            raise StoreError(f"the full text cannot be asked: {error.orig}") from error
        doubted = {number for number, how in state.items() if how != Indexed.ONCE} | flattened
        sure = state.keys() - doubted
        read = found | {number for number, how in state.items() if how in WAITING} | {*besides}
        read |= doubted & set[PaperId]().union(*having)
        papers = self._in_order(read & state.keys())
        return Part(
            papers=papers, total=len(state), counts=[len(some & sure) for some in having],
            uncounted=frozenset(p.stored_id for p in papers if p.id in doubted),
        )  # fmt: skip

    def _ids_with(self, need: FulltextQuery, span: tuple[int, int]) -> set[PaperId]:
        """The ids of a span that the index finds with these words."""
        f = sa.table("fulltext", sa.column("rowid"), sa.column("paper"), sa.column("words"))
        number = f.c.rowid if self._sqlite else f.c.paper
        return set(self.db.execute(sa.select(number).where(self._words(need), number.between(*span))).scalars())

    def _flattened(self, span: tuple[int, int]) -> set[PaperId]:
        """Those whose texts were too long for PostgreSQL to keep the places of their words."""
        return set() if self._sqlite else self._ids_with(PhraseQuery("other", (_LONG,)), span)

    def _in_order(self, ids: Collection[PaperId]) -> list[Paper]:
        """Papers as `papers_seen_between` gives them."""
        p = t.papers.c
        rows = [row for these in among(self.db, p.id, ids) for row in self.db.execute(sa.select(t.papers).where(these))]
        return self.papers.whole(sorted(rows, key=lambda row: (row.first_seen, row.id)))

    def _perhaps(self, need: FulltextQuery, after: datetime, until: datetime) -> sa.CompoundSelect[Any]:
        """The ids of papers with these words and of papers that wait to be indexed, from the first of a span of time on."""
        p = t.papers.c
        seen = p.first_seen > after, p.first_seen <= until
        waiting = sa.select(p.id).where(*seen, p.indexed.in_(WAITING))
        f = sa.table("fulltext", sa.column("rowid"), sa.column("paper"), sa.column("words"))
        number = f.c.rowid if self._sqlite else f.c.paper
        first = sa.select(sa.func.min(p.id)).where(*seen).scalar_subquery()
        found = sa.select(number).where(self._words(need), number >= first)
        return sa.union_all(found, waiting)

    def _words(self, need: FulltextQuery) -> sa.ColumnElement[bool]:
        """A condition: a row of the index has these words."""
        if self._sqlite:
            return sa.literal_column("fulltext").op("MATCH")(_fts5(need))
        return sa.column("words").op("@@")(sa.cast(_tsquery(need), sa.Text).op("::")(sa.literal_column("tsquery")))

    def _having(self, wanted: sa.Select[Any], need: FulltextQuery, before: PaperId | None) -> sa.Select[Any]:
        """Restrict to papers with these words. FTS5 walks its rowids from the newest down by itself."""
        f, p = sa.table("fulltext", sa.column("rowid"), sa.column("paper"), sa.column("words")), t.papers
        if not self._sqlite:
            return wanted.join(f, f.c.paper == p.c.id).where(self._words(need))
        wanted = wanted.join(f, f.c.rowid == p.c.id).where(self._words(need)).order_by(None).order_by(f.c.rowid.desc())
        return wanted if before is None else wanted.where(f.c.rowid < before)


def _is_damaged(error: exc.DatabaseError) -> bool:
    """Whether the index is damaged or gone, and not the database busy or away."""
    return not isinstance(error, exc.OperationalError) or "no such table" in str(error.orig)


def _fts5(need: FulltextQuery) -> str:
    """An FTS5 query; no indexed word has a character with a meaning there.
    https://www.sqlite.org/fts5.html#full_text_query_syntax"""
    if isinstance(need, PhraseQuery):
        asked = f'"{" ".join(need.words)}"{" *" if need.prefix else ""}'
        if need.near is not None:
            asked = f"NEAR({' '.join(f'{chr(34)}{word}{chr(34)}' for word in need.words)}, {need.near})"
        return f"{_COLUMNS[need.place]} : {asked}"
    return "(" + (" AND " if isinstance(need, AllOf) else " OR ").join(map(_fts5, need.parts)) + ")"


def _tsvector(words: IndexedWords) -> str:
    """https://www.postgresql.org/docs/current/datatype-textsearch.html: `'flow':1,9 'match':2 'has':`"""
    places: dict[str, list[int]] = {}
    for start, text in ((1, words.title), (len(words.title) + _GAP, words.abstract)):
        for at, word in enumerate(text, start):
            places.setdefault(word, []).append(at)
    every = dict.fromkeys(flat_words(words))
    if len(words.title) + len(words.abstract) > LAST_PLACE or any(len(p) > MOST_PLACES for p in places.values()):
        return " ".join(f"'{word}'" for word in (*every, _LONG))
    return " ".join(f"'{word}'{':' + ','.join(map(str, places[word])) if word in places else ''}" for word in every)


def _tsquery(need: FulltextQuery) -> str:
    """https://www.postgresql.org/docs/current/datatype-textsearch.html#DATATYPE-TSQUERY"""
    if isinstance(need, PhraseQuery):
        there = " & ".join(f"'{word}'{':*' if begun else ''}" for word, begun in single_words(need))
        if len(need.words) == 1 or need.near is not None:
            return f"({there})"
        phrase = " <-> ".join(f"'{word}'" for word in need.words)
        return f"({there} & ({phrase} | '{_LONG}'))"
    return "(" + (" & " if isinstance(need, AllOf) else " | ").join(map(_tsquery, need.parts)) + ")"
