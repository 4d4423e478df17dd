"""What is looked up at other services, one row for each paper and provider; what the sentence encoder made of papers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.model import PaperId
from digestbot.store.contract.enrichments import DONE, KEPT, WANTED, WATCHED, Enrichment
from digestbot.store.tables import schema as t
from digestbot.store.tables.chunks import chunks
from digestbot.store.tables.upsert import insert

E = t.enrichments.c
_KEY = ["paper", "provider"]


class SqlEnrichments:
    """The contract is `store.Enrichments`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def want_papers(self, papers: Iterable[PaperId], provider: str, *, now: datetime) -> None:
        rows = [
            {"paper": paper, "provider": provider, "state": WANTED, "next_at": now} for paper in dict.fromkeys(papers)
        ]
        if rows:
            self.db.execute(insert(self.db, t.enrichments).on_conflict_do_nothing(), rows)

    def watch_papers(self, provider: str, schemes: Iterable[str], *, since: datetime, now: datetime, most: int) -> int:
        """Candidates are read in small groups: as one statement SQLite would read all identifiers for each paper."""
        p = t.papers.c
        window = self.db.execute(sa.select(p.id).where(p.first_seen > since, p.merged_into.is_(None)).order_by(p.id))
        found: list[PaperId] = []
        for some in chunks(window.scalars()):
            found += self._to_watch(some, provider, list(schemes))
            if len(found) >= most:
                break
        rows = [Enrichment(paper=paper, provider=provider, state=WATCHED, next_at=now) for paper in found[:most]]
        self.write_rows(rows)
        return len(rows)

    def _to_watch(self, papers: list[PaperId], provider: str, schemes: list[str]) -> list[PaperId]:
        """Papers of `papers` that were sent, have an identifier of one of `schemes` and have no open row."""
        i, d = t.identifiers.c, t.digest_items.c
        asked = set(self.db.execute(
            sa.select(E.paper).where(E.paper.in_(papers), E.provider == provider, E.state.not_in((DONE, KEPT)))
        ).scalars())  # fmt: skip
        left = [paper for paper in papers if paper not in asked]
        sent = set(self.db.execute(sa.select(d.paper).where(d.paper.in_(left)).distinct()).scalars())
        known = self.db.execute(sa.select(i.paper, i.scheme).where(i.paper.in_(sent))).all()
        named = {row.paper for row in known if row.scheme in schemes}
        return [paper for paper in left if paper in named]

    def unkept_papers(self, provider: str, schemes: Iterable[str]) -> list[PaperId]:
        v, d, p, i = t.votes.c, t.digest_items.c, t.papers.c, t.identifiers.c
        held = sa.union(sa.select(v.paper).where(v.value == 1), sa.select(d.paper)).subquery()
        open_ = sa.exists(
            sa.select(1).where(E.paper == p.id, E.provider == provider, E.state.in_((WANTED, WATCHED, KEPT)))
            .correlate(t.papers)
        )  # fmt: skip
        named = sa.exists(sa.select(1).where(i.paper == p.id, i.scheme.in_(list(schemes))).correlate(t.papers))
        wanted = sa.select(p.id).join(held, held.c.paper == p.id).where(p.merged_into.is_(None), ~open_, named)
        return list(self.db.execute(wanted.order_by(p.id)).scalars())

    def due_rows(self, provider: str, now: datetime, most: int) -> list[Enrichment]:
        """A statement for each state: together they would be sorted, each alone is read off the index."""
        found: list[list[Enrichment]] = []
        for state in (WANTED, WATCHED, KEPT):
            due = sa.select(t.enrichments).where(E.provider == provider, E.state == state, E.next_at <= now)
            rows = self.db.execute(due.order_by(E.next_at, E.paper).limit(most))
            found.append([Enrichment(**row._mapping) for row in rows])
        kept = [min(most // len(found), len(some)) for some in found]
        left = most - sum(kept)
        for at, some in enumerate(found):
            more = min(left, len(some) - kept[at])
            kept[at], left = kept[at] + more, left - more
        return [row for many, some in zip(kept, found, strict=True) for row in some[:many]]

    def write_rows(self, rows: Iterable[Enrichment]) -> None:
        given = [asdict(row) for row in rows]
        if given:
            adding = insert(self.db, t.enrichments)
            changed = {name: adding.excluded[name] for name in ("state", "tries", "next_at", "asked")}
            self.db.execute(adding.on_conflict_do_update(index_elements=_KEY, set_=changed), given)

    def rows_of(self, paper: PaperId) -> list[Enrichment]:
        rows = self.db.execute(sa.select(t.enrichments).where(E.paper == paper).order_by(E.provider))
        return [Enrichment(**row._mapping) for row in rows]

    def rows_of_papers(self, papers: Iterable[PaperId]) -> dict[PaperId, list[Enrichment]]:
        found: dict[PaperId, list[Enrichment]] = {}
        for some in chunks(papers):
            wanted = sa.select(t.enrichments).where(E.paper.in_(some)).order_by(E.paper, E.provider)
            for row in self.db.execute(wanted):
                found.setdefault(row.paper, []).append(Enrichment(**row._mapping))
        return found


class SqlVectors:
    """The contract is `store.Vectors`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def papers_to_encode(self, encoder: str, *, since: datetime, most: int, voted: bool = True) -> list[PaperId]:
        p, v = t.papers.c, t.vectors.c
        if self.db.execute(sa.select(t.votes.c.paper).limit(1)).first() is None:
            return []
        coded = sa.exists(sa.select(1).where(v.paper == p.id, v.encoder == encoder))
        missing = sa.select(p.id, p.first_seen).where(p.merged_into.is_(None), p.title != "", ~coded)
        recent = missing.where(p.first_seen > since)
        liked = [missing.where(p.id.in_(sa.select(t.votes.c.paper)))] if voted else []
        rows = {
            row.id: row.first_seen
            for wanted in (*liked, recent)
            for row in self.db.execute(wanted.order_by(p.first_seen.desc(), p.id.desc()).limit(most))
        }
        return [paper for paper, _ in sorted(rows.items(), key=lambda row: (row[1], row[0]), reverse=True)[:most]]

    def put_vectors(self, encoder: str, codes: Mapping[PaperId, bytes]) -> None:
        there: set[PaperId] = set()
        for some in chunks(codes):
            there |= set(self.db.execute(sa.select(t.papers.c.id).where(t.papers.c.id.in_(some))).scalars())
        rows = [{"paper": paper, "encoder": encoder, "code": code} for paper, code in codes.items() if paper in there]
        if rows:
            adding = insert(self.db, t.vectors)
            changed = {name: adding.excluded[name] for name in ("encoder", "code")}
            self.db.execute(adding.on_conflict_do_update(index_elements=["paper"], set_=changed), rows)

    def vectors_of(self, encoder: str, papers: Iterable[PaperId]) -> dict[PaperId, bytes]:
        v = t.vectors.c
        return {
            row.paper: bytes(row.code)
            for some in chunks(papers)
            for row in self.db.execute(sa.select(v.paper, v.code).where(v.paper.in_(some), v.encoder == encoder))
        }

    def count_vectors(self, encoder: str) -> int:
        counted = sa.select(sa.func.count()).select_from(t.vectors).where(t.vectors.c.encoder == encoder)
        return self.db.execute(counted).scalar() or 0

    def delete_vectors(self, *, before: datetime) -> int:
        p, v = t.papers.c, t.vectors.c
        old = sa.exists(sa.select(1).where(p.id == v.paper, p.first_seen < before))
        voted = sa.exists(sa.select(1).where(t.votes.c.paper == v.paper))
        return self.db.execute(sa.delete(t.vectors).where(old, ~voted)).rowcount
