"""What is asked of the papers of a span of time without reading them whole."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.model import PaperId
from digestbot.papers.facts.assemble import carries
from digestbot.store.sql.papers.stored_paper import complete_between, is_replacement
from digestbot.store.tables import schema as t


class SqlPaperWindow:
    """Part of `SqlPapers`, of the same contract."""

    db: Connection

    def sources_of_papers_between(self, after: datetime, until: datetime) -> dict[PaperId, set[str]]:
        p, m, e = t.papers.c, t.mentions.c, t.entries.c
        wanted = (
            sa.select(p.id, e.source)
            .select_from(t.papers.join(t.mentions, m.paper == p.id).join(t.entries, e.id == m.entry))
            .where(*complete_between(after, until))
        )
        found: dict[PaperId, set[str]] = {}
        for row in self.db.execute(wanted):
            if carries(row.source):
                found.setdefault(row.id, set()).add(row.source)
        return found

    def voted_papers_between(self, after: datetime, until: datetime) -> set[PaperId]:
        p, s = t.papers.c, t.signals.c
        voted = sa.select(s.paper).where(s.kind == "upvotes", s.value > 0)
        return set(self.db.execute(sa.select(p.id).where(*complete_between(after, until), p.id.in_(voted))).scalars())

    def news_seen_between(self, after: datetime, until: datetime) -> list[datetime]:
        p = t.papers.c
        wanted = sa.select(p.first_seen, p.data).where(*complete_between(after, until)).order_by(p.first_seen)
        return [row.first_seen for row in self.db.execute(wanted) if not is_replacement(row.data)]

    def new_papers_by_source(self, after: datetime, until: datetime) -> dict[str, int]:
        p, m, e = t.papers.c, t.mentions.c, t.entries.c
        wanted = (
            sa.select(e.source, sa.func.count(sa.distinct(p.id)).label("many"))
            .select_from(t.papers.join(t.mentions, m.paper == p.id).join(t.entries, e.id == m.entry))
            .where(p.first_seen > after, p.first_seen <= until, p.old == 0, p.title != "")
            .group_by(e.source)
        )
        return {row.source: row.many for row in self.db.execute(wanted)}

    def count_new_papers(self, after: datetime, until: datetime) -> int:
        p = t.papers.c
        new = (p.first_seen > after, p.first_seen <= until, p.old == 0, p.title != "", p.merged_into.is_(None))
        return int(self.db.execute(sa.select(sa.func.count()).select_from(t.papers).where(*new)).scalar_one())
