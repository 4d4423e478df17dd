"""What is looked up at other services, one row for each paper and provider."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.model import PaperId
from digestbot.store import schema as t
from digestbot.store.enriching import DONE, WANTED, WATCHED, Enrichment
from digestbot.store.upsert import insert

E = t.enrichments.c
_KEY = ["paper", "provider"]


class SqlEnrichments:
    """The contract is `store.Enrichments`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def want(self, papers: Iterable[PaperId], provider: str, *, now: datetime) -> None:
        """New rows only."""
        rows = [
            {"paper": paper, "provider": provider, "state": WANTED, "next_at": now} for paper in dict.fromkeys(papers)
        ]
        if rows:
            self.db.execute(insert(self.db, t.enrichments).on_conflict_do_nothing(), rows)

    def watch(self, provider: str, schemes: Iterable[str], *, since: datetime, now: datetime, most: int) -> int:
        """By two lookups in indexes for each paper of the window."""
        p, i, d = t.papers.c, t.identifiers.c, t.digest_items.c
        sent = sa.exists().where(d.paper == p.id)
        known = sa.exists().where(i.paper == p.id, i.scheme.in_(list(schemes)))
        asked = sa.exists().where(E.paper == p.id, E.provider == provider, E.state != DONE)
        wanted = sa.select(p.id).where(p.first_seen > since, p.merged_into.is_(None), sent, known, ~asked)
        found = self.db.execute(wanted.order_by(p.first_seen, p.id).limit(most)).scalars()
        rows = [Enrichment(paper=paper, provider=provider, state=WATCHED, next_at=now) for paper in found]
        self.write(rows)
        return len(rows)

    def due(self, provider: str, now: datetime, most: int) -> list[Enrichment]:
        """`wanted` sorts before `watched`."""
        wanted = sa.select(t.enrichments).where(
            E.provider == provider, E.state.in_((WANTED, WATCHED)), E.next_at <= now
        )
        rows = self.db.execute(wanted.order_by(E.state, E.next_at, E.paper).limit(most))
        return [Enrichment(**row._mapping) for row in rows]

    def write(self, rows: Iterable[Enrichment]) -> None:
        """Over what was there."""
        given = [asdict(row) for row in rows]
        if given:
            adding = insert(self.db, t.enrichments)
            changed = {name: adding.excluded[name] for name in ("state", "tries", "next_at")}
            self.db.execute(adding.on_conflict_do_update(index_elements=_KEY, set_=changed), given)

    def of(self, paper: PaperId) -> list[Enrichment]:
        """By provider."""
        rows = self.db.execute(sa.select(t.enrichments).where(E.paper == paper).order_by(E.provider))
        return [Enrichment(**row._mapping) for row in rows]
