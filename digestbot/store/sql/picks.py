"""What curators chose."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.model import PaperId
from digestbot.store.contract.votes import Pick
from digestbot.store.tables import schema as t
from digestbot.store.tables.upsert import insert

_C = t.picks.c


class SqlPicks:
    """The contract is `store.Picks`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def put_pick(self, pick: Pick) -> None:
        said = {"by": pick.by, "why": pick.why, "at": pick.at}
        made = insert(self.db, t.picks).values(day=pick.day, paper=self._survivor(pick.paper), **said)
        self.db.execute(made.on_conflict_do_update(index_elements=["day", "paper"], set_=said))

    def remove_pick(self, day: str, paper: PaperId) -> bool:
        gone = sa.delete(t.picks).where(_C.day == day, _C.paper == self._survivor(paper))
        return self.db.execute(gone).rowcount == 1

    def picks_of(self, days: Iterable[str]) -> list[Pick]:
        wanted = sa.select(t.picks).where(_C.day.in_(list(days))).order_by(_C.at, _C.paper)
        return [Pick(day=r.day, paper=r.paper, by=r.by, why=r.why, at=r.at) for r in self.db.execute(wanted)]

    def _survivor(self, paper: PaperId) -> PaperId:
        p = t.papers.c
        meant: PaperId | None = self.db.execute(
            sa.select(sa.func.coalesce(p.merged_into, p.id)).where(p.id == paper)
        ).scalar()
        return paper if meant is None else meant
