"""How papers are found, and what was decided about them: the part `store.Finding` of the papers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.model import PaperId
from digestbot.papers.identity.title_features import TitleFeatures
from digestbot.store import Decided, Key, Near
from digestbot.store.contract.rows import DecisionKind
from digestbot.store.sql.papers import decisions, title_blocks
from digestbot.store.tables import schema as t
from digestbot.store.tables.among import among
from digestbot.store.tables.bulk import write_rows
from digestbot.store.tables.upsert import insert


class SqlPaperLookup:
    """The contract is `store.contract.papers.PaperLookup`."""

    db: Connection

    def papers_by_key(self, keys: Iterable[Key]) -> dict[Key, list[PaperId]]:
        by_scheme: dict[str, list[str]] = {}
        for scheme, value in dict.fromkeys(keys):
            by_scheme.setdefault(scheme, []).append(value)
        found: dict[Key, list[PaperId]] = {}
        i = t.identifiers.c
        for scheme, values in by_scheme.items():
            for theirs in among(self.db, i.value, values):
                wanted = sa.select(i.value, i.paper).where(i.scheme == scheme, theirs).order_by(i.paper)
                for value, paper in self.db.execute(wanted).all():
                    found.setdefault((scheme, value), []).append(paper)
        return found

    def texts_near(self, words: Iterable[TitleFeatures]) -> Near:
        return title_blocks.near(self.db, words)

    def identifiers_of(self, papers: Iterable[PaperId]) -> dict[PaperId, list[Key]]:
        i = t.identifiers.c
        found: dict[PaperId, list[Key]] = {}
        for theirs in among(self.db, i.paper, papers):
            for paper, scheme, value in self.db.execute(sa.select(i.paper, i.scheme, i.value).where(theirs)).all():
                found.setdefault(paper, []).append((scheme, value))
        return found

    def add_texts(self, found_by: Iterable[tuple[PaperId, TitleFeatures]]) -> None:
        title_blocks.file(self.db, found_by)

    def replace_keys(self, paper: PaperId, *, keys: Iterable[Key], words: Iterable[TitleFeatures]) -> None:
        self.db.execute(sa.delete(t.identifiers).where(t.identifiers.c.paper == paper))
        title_blocks.forget(self.db, [paper])
        self.add_keys((paper, key) for key in keys)
        title_blocks.file(self.db, ((paper, text) for text in words))

    def add_keys(self, keys: Iterable[tuple[PaperId, Key]]) -> None:
        rows = [{"scheme": scheme, "value": value, "paper": paper} for paper, (scheme, value) in keys]
        write_rows(self.db, insert(self.db, t.identifiers).on_conflict_do_nothing(), rows)

    def add_decisions(self, made: Iterable[Decided]) -> None:
        decisions.add(self.db, made)

    def undo_decisions(
        self, kind: DecisionKind, entries: Iterable[int], others: Iterable[int], *, now: datetime
    ) -> int:
        return decisions.undo(self.db, kind, entries, others, now)

    def manual_decisions(self) -> list[tuple[Decided, PaperId | None, PaperId | None]]:
        return decisions.by_hand(self.db)

    def decisions_about(self, paper: PaperId) -> list[tuple[Decided, PaperId | None]]:
        return decisions.about(self.db, paper)

    def perhaps_same(self, papers: Iterable[PaperId]) -> dict[PaperId, list[tuple[PaperId, str]]]:
        return decisions.perhaps(self.db, papers)

    def orphaned_papers(self) -> list[tuple[PaperId, PaperId]]:
        m, e, p = t.mentions.c, t.entries.c, t.papers.c
        theirs = t.mentions.alias()
        has = sa.exists(
            sa.select(1).select_from(theirs).where(theirs.c.paper == p.id, theirs.c.kind == "is").correlate(t.papers)
        )
        wanted = (
            sa.select(p.id, sa.func.min(m.paper).label("now"))
            .select_from(t.papers.join(t.entries, e.home == p.id).join(t.mentions, m.entry == e.id))
            .where(p.merged_into.is_(None), ~has, m.kind == "is").group_by(p.id).order_by(p.id)
        )  # fmt: skip
        return [(row.id, row.now) for row in self.db.execute(wanted)]
