"""Votes: what each person thought of each paper."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.model import Namesake, PaperId, SubscriberId, Vote
from digestbot.store.sql.papers.papers import READERS
from digestbot.store.tables import schema as t
from digestbot.store.tables.chunks import chunks
from digestbot.store.tables.upsert import insert

_C = t.votes.c
_N = t.namesakes.c


class SqlVotes:
    """The contract is `store.Votes`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def add_votes(self, votes: Iterable[Vote]) -> None:
        given = list(votes)
        survivor = self._survivors(vote.paper for vote in given)
        rows = [
            {"subscriber": v.subscriber, "paper": survivor[v.paper], "value": v.value, "at": v.at, "via": v.via}
            for v in given
            if v.paper in survivor
        ]
        if rows:
            adding = insert(self.db, t.votes)
            new = adding.excluded
            self.db.execute(
                adding.on_conflict_do_update(
                    index_elements=["subscriber", "paper"], where=new.at >= _C.at,
                    set_={"value": new.value, "at": new.at, "via": new.via},
                ),
                rows,
            )  # fmt: skip

    def voted_papers(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, dict[PaperId, datetime]]:
        found: dict[SubscriberId, dict[PaperId, datetime]] = {}
        for some in chunks(subscribers):
            wanted = sa.select(_C.subscriber, _C.paper, _C.at).where(_C.subscriber.in_(some))
            for row in self.db.execute(wanted):
                found.setdefault(row.subscriber, {})[row.paper] = row.at
        return found

    def votes_of(self, subscriber: SubscriberId) -> list[Vote]:
        wanted = sa.select(t.votes).where(_C.subscriber == subscriber).order_by(_C.at.desc(), _C.paper.desc())
        return [
            Vote(subscriber=r.subscriber, paper=r.paper, value=r.value, at=r.at, via=r.via)
            for r in self.db.execute(wanted)
        ]

    def liked_with_events(
        self, subscribers: Iterable[SubscriberId], kinds: Iterable[str]
    ) -> dict[SubscriberId, list[Vote]]:
        e, found = t.paper_events.c, dict[SubscriberId, list[Vote]]()
        happened = sa.exists(sa.select(1).where(e.paper == _C.paper, e.kind.in_(list(kinds))).correlate(t.votes))
        for some in chunks(subscribers):
            wanted = sa.select(t.votes).where(_C.subscriber.in_(some), _C.value == 1, happened)
            for r in self.db.execute(wanted.order_by(_C.subscriber, _C.paper)):
                vote = Vote(subscriber=r.subscriber, paper=r.paper, value=r.value, at=r.at, via=r.via)
                found.setdefault(r.subscriber, []).append(vote)
        return found

    def put_namesake(self, said: Namesake) -> None:
        meant = self._survivors([said.paper]).get(said.paper)
        if meant is None:
            return
        row = {
            "subscriber": said.subscriber,
            "person": said.person,
            "paper": meant,
            "same": int(said.same),
            "at": said.at,
        }
        adding = insert(self.db, t.namesakes).values(**row)
        new = {"same": adding.excluded.same, "at": adding.excluded.at}
        self.db.execute(adding.on_conflict_do_update(index_elements=["subscriber", "person", "paper"], set_=new))

    def namesakes_of(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, list[Namesake]]:
        found: dict[SubscriberId, list[Namesake]] = {}
        for some in chunks(subscribers):
            wanted = sa.select(t.namesakes).where(_N.subscriber.in_(some))
            for r in self.db.execute(wanted.order_by(_N.subscriber, _N.person, _N.paper)):
                said = Namesake(subscriber=r.subscriber, person=r.person, paper=r.paper, same=bool(r.same), at=r.at)
                found.setdefault(r.subscriber, []).append(said)
        return found

    def remove_vote(self, subscriber: SubscriberId, paper: PaperId) -> bool:
        meant = self._survivors([paper]).get(paper, paper)
        gone = sa.delete(t.votes).where(_C.subscriber == subscriber, _C.paper == meant)
        return self.db.execute(gone).rowcount == 1

    def count_votes(self, papers: Iterable[PaperId], *, now: datetime) -> None:
        s, meant = t.signals.c, set(self._survivors(papers).values())
        for some in chunks(meant):
            liked = sa.select(_C.paper, sa.func.count().label("many")).where(
                _C.paper.in_(some), _C.value == 1, _C.via != "library"
            )
            counts = {row.paper: row.many for row in self.db.execute(liked.group_by(_C.paper))}
            theirs = sa.select(s.paper, s.value).where(s.paper.in_(some), s.source == READERS).order_by(s.at)
            before = {row.paper: row.value for row in self.db.execute(theirs)}
            rows = [
                {"paper": paper, "source": READERS, "kind": "upvotes", "at": now, "value": counts.get(paper, 0)}
                for paper in sorted(some)
                if counts.get(paper, 0) != before.get(paper, 0)
            ]
            if rows:
                adding = insert(self.db, t.signals)
                key = ["paper", "source", "kind", "at"]
                self.db.execute(
                    adding.on_conflict_do_update(index_elements=key, set_={"value": adding.excluded.value}), rows
                )

    def _survivors(self, papers: Iterable[PaperId]) -> dict[PaperId, PaperId]:
        """Paper id → itself, or the paper it was merged into; unknown ids are left out."""
        p = t.papers.c
        meant = sa.func.coalesce(p.merged_into, p.id).label("meant")
        return {
            row.id: row.meant
            for some in chunks(set(papers))
            for row in self.db.execute(sa.select(p.id, meant).where(p.id.in_(some)))
        }
