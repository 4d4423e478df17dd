"""Deliveries on their way out. Every change is a compare-and-set: state and owner stand in the WHERE."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Row

from digestbot.errors import StoreError
from digestbot.model import Delivery, DeliveryResult, Fault, Lane, Outcome, Receipt, SendStage, State, SubscriberId
from digestbot.model.mail import CONFIRM, MOVES, WAITING
from digestbot.model.people import UNSUBSCRIBED
from digestbot.store.sql.people import address_hash
from digestbot.store.tables import schema as t
from digestbot.store.tables.chunks import chunks

D = t.deliveries.c
IN_HAND = (State.CLAIMED.value, State.COMMITTING.value)
_WAITING = [state.value for state in WAITING]
CAPPING = 0x64696763  #: the advisory lock of whoever counts what a cap allows
_FREE = {"owner": "", "lease_until": None}


_ADD = sa.insert(t.deliveries).returning(D.id, D.message_id)
# The statements of the hot path are made once: building them costs more than running them.
_MINE = sa.update(t.deliveries).where(D.id.in_(sa.bindparam("ids", expanding=True)), D.owner == sa.bindparam("by"))
_NOW: sa.BindParameter[Any] = sa.bindparam("now", type_=D.changed.type)
#: who left by themselves gets the one mail that they, or somebody in their name, asked for to come back
_ASKED_BACK = sa.and_(D.kind == CONFIRM, t.suppressions.c.reason == UNSUBSCRIBED)
_SUPPRESSED = sa.exists().where(
    t.suppressions.c.email_hash == D.address_hash, t.suppressions.c.lifted.is_(None), ~_ASKED_BACK
)
_P = t.subscribers.c
_PAUSED = sa.and_(_P.status == "paused", sa.or_(_P.paused_until.is_(None), _P.paused_until > _NOW))
_UNWANTED = sa.exists().where(_P.id == D.subscriber, sa.or_(_P.status.in_(("removed", "left")), _PAUSED))
_CLAIMED = _MINE.where(D.state == State.CLAIMED.value)
_COMMIT = (
    _CLAIMED.where(~_SUPPRESSED, ~_UNWANTED).values(state=State.COMMITTING.value, changed=_NOW).returning(D.id)
)  # fmt: skip
_WITHHOLD_SUPPRESSED = _CLAIMED.where(_SUPPRESSED).values(state=State.SUPPRESSED.value, changed=_NOW, **_FREE)
_WITHHOLD_UNWANTED = _CLAIMED.where(_UNWANTED).values(state=State.CANCELLED.value, changed=_NOW, **_FREE)


_SAY = sa.insert(t.receipts)
_GIVE_BACK = _CLAIMED.values(state=State.PENDING.value, changed=_NOW, **_FREE)


class _Change(NamedTuple):
    """What rows of one batch have in common."""

    state: State
    next_at: datetime | None
    fell: bool
    give_up: datetime | None

    def parameters(self) -> dict[str, datetime]:
        found = {"again": self.next_at, "give_up": self.give_up}
        return {name: moment for name, moment in found.items() if moment is not None}


@cache
def _finish(state: State, again: bool, fell: bool, give_up: bool) -> sa.Executable:
    """From what is in hand to `state`; `again`: with a next try, `give_up`: and a last one."""
    before = [was.value for was, to in MOVES.items() if state in to and was.value in IN_HAND]
    values: dict[str, Any] = {"state": state.value, "changed": _NOW, **_FREE}
    if again:
        values["next_at"] = sa.bindparam("again", type_=D.next_at.type)
    if state is State.DEFERRED:
        values["attempts"] = D.attempts + 1
    if fell:
        values["falls"] = D.falls + 1
    if give_up:
        last = sa.bindparam("give_up", type_=D.expires.type)
        values["expires"] = sa.case((D.expires > last, last), else_=D.expires)
    return _MINE.where(D.state.in_(before)).values(**values).returning(D.id)


RESEND_WITHIN = timedelta(hours=28)  #: room for the second try of an unknown one: a cap per day may need the next day's


class SqlOutbox:
    """The contract is `store.Outbox`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def add_delivery(self, delivery: Delivery) -> int:
        return self.add_deliveries([delivery])[0]

    def add_deliveries(self, deliveries: Sequence[Delivery]) -> list[int]:
        if not deliveries:
            return []
        try:
            made = self.db.execute(_ADD, [_new_row(delivery) for delivery in deliveries])
        except exc.IntegrityError as error:
            where = ", ".join(f"digest {delivery.digest}" for delivery in deliveries[:3])
            raise StoreError("this message is in the outbox already", where=where) from error
        numbers = {row.message_id: row.id for row in made}
        return [numbers[delivery.message_id] for delivery in deliveries]

    def delivery_by_id(self, delivery: int) -> Delivery | None:
        return next(iter(self._read(sa.select(t.deliveries).where(D.id == delivery))), None)

    def delivery_by_message_id(self, message_id: str) -> Delivery | None:
        return next(iter(self._read(sa.select(t.deliveries).where(D.message_id == message_id))), None)

    def delivery_of_digest(self, digest: int) -> Delivery | None:
        return next(iter(self._read(sa.select(t.deliveries).where(D.digest == digest))), None)

    def claim_deliveries(
        self, most: int, *, owner: str, now: datetime, lease: timedelta, unfallen: bool = False
    ) -> list[Delivery]:
        wanted = [D.next_at <= now, D.expires > now, *([D.falls == 0] if unfallen else [])]
        waiting = sorted(
            (lane, row.next_at, row.id)
            for lane in Lane
            for state in WAITING
            for row in self._longest_due(state, lane, most, wanted)
        )
        ids = [number for *_, number in waiting[:most]]
        taken: list[int] = []
        for some in chunks(ids):
            claimed = sa.update(t.deliveries).where(D.id.in_(some), D.state.in_([s.value for s in WAITING]))
            values = {"state": State.CLAIMED.value, "owner": owner, "lease_until": now + lease, "changed": now}
            taken += self.db.execute(claimed.values(**values).returning(D.id)).scalars()
        rows = {d.id: d for some in chunks(taken) for d in self._read(sa.select(t.deliveries).where(D.id.in_(some)))}
        return [rows[i] for i in ids if i in rows]

    def _longest_due(
        self, state: State, lane: Lane, most: int, wanted: Sequence[sa.ColumnElement[bool]]
    ) -> Iterable[Row[Any]]:
        """Of one state and lane, so that an index has them in this order and skips a hundred thousand others."""
        rows = sa.select(D.next_at, D.id).where(D.state == state.value, D.lane == lane.value, *wanted)
        # PostgreSQL: workers pass each other; SQLite has one writer and drops it
        return self.db.execute(rows.order_by(D.next_at, D.id).limit(most).with_for_update(skip_locked=True))

    def renew_leases(self, ids: Iterable[int], *, owner: str, until: datetime) -> None:
        for some in chunks(ids):
            mine = sa.update(t.deliveries).where(D.id.in_(some), D.owner == owner, D.state.in_(IN_HAND))
            self.db.execute(mine.values(lease_until=until))

    def commit_deliveries(self, ids: Iterable[int], *, owner: str, now: datetime) -> set[int]:
        moved: set[int] = set()
        for some in chunks(ids):
            values = {"ids": some, "by": owner, "now": now}
            granted = set(self.db.execute(_COMMIT, values).scalars())
            moved |= granted
            if len(granted) < len(some):
                self.db.execute(_WITHHOLD_SUPPRESSED, values)
                self.db.execute(_WITHHOLD_UNWANTED, values)
        return moved

    def finish_deliveries(self, results: Iterable[DeliveryResult], *, owner: str, now: datetime) -> set[int]:
        given = {result.delivery: result for result in results}
        alike: dict[_Change, list[int]] = {}  # most of a batch are simply sent: one statement
        for result in given.values():
            alike.setdefault(_Change(result.state, result.next_at, result.fell, result.give_up), []).append(
                result.delivery
            )
        moved: set[int] = set()
        for change, ids in alike.items():
            statement = _finish(change.state, change.next_at is not None, change.fell, change.give_up is not None)
            values = {"by": owner, "now": now} | change.parameters()
            for some in chunks(ids):
                moved |= set(self.db.execute(statement, values | {"ids": some}).scalars())
        said = [
            _receipt_row(i, result.receipt, now)
            for i, result in given.items()
            if i in moved and result.receipt.outcome is not Outcome.WITHHELD
        ]
        if said:
            self.db.execute(_SAY, said)
        return moved

    def give_back_deliveries(self, ids: Iterable[int], *, owner: str, now: datetime) -> None:
        for some in chunks(ids):
            self.db.execute(_GIVE_BACK, {"ids": some, "by": owner, "now": now})

    def take_back_from(self, owner: str, *, now: datetime) -> tuple[int, int]:
        mine = sa.update(t.deliveries).where(D.owner == owner)
        waiting = self.db.execute(
            mine.where(D.state == State.CLAIMED.value).values(
                state=State.PENDING.value, next_at=now, changed=now, **_FREE
            )
        ).rowcount
        unknown = self.db.execute(
            mine.where(D.state == State.COMMITTING.value).values(
                state=State.UNKNOWN.value, next_at=now, changed=now, **_FREE
            )
        ).rowcount
        return waiting, unknown

    def overdue_owners(self, now: datetime) -> list[str]:
        late = sa.select(D.owner).distinct().where(D.state.in_(IN_HAND), D.lease_until <= now)
        return list(self.db.execute(late).scalars())

    def owners(self) -> list[str]:
        return list(self.db.execute(sa.select(D.owner).distinct().where(D.state.in_(IN_HAND))).scalars())

    def resend_unknown(self, *, before: datetime, now: datetime) -> list[int]:
        old = sa.update(t.deliveries).where(D.state == State.UNKNOWN.value, D.changed <= before, D.resends == 0)
        again = now + RESEND_WITHIN
        late = sa.case((D.expires < again, sa.literal(again, D.expires.type)), else_=D.expires)
        values = {"state": State.PENDING.value, "resends": D.resends + 1, "changed": now, "expires": late}
        return list(self.db.execute(old.values(**values).returning(D.id)).scalars())

    def expire_deliveries(self, now: datetime, subscribers: Iterable[SubscriberId] | None = None) -> list[int]:
        expired: list[int] = []
        for some in [None] if subscribers is None else chunks(subscribers):
            over = [D.expires <= now, *([] if some is None else [D.subscriber.in_(some)])]
            self._move(None, WAITING, State.UNKNOWN, now, D.resends > 0, *over)
            expired += self._move(None, WAITING, State.EXPIRED, now, *over)
        return expired

    def queue_places(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        found: dict[SubscriberId, datetime] = {}
        for some in chunks(subscribers):
            newest = sa.select(sa.func.max(D.id)).where(D.subscriber.in_(some)).group_by(D.subscriber)
            wanted = sa.select(D.subscriber, D.next_at, D.expires)
            for row in self.db.execute(wanted.where(D.id.in_(newest), D.state == State.EXPIRED.value)):
                found[row.subscriber] = min(row.next_at, row.expires)
        return found

    def cancel_deliveries(self, ids: Iterable[int], *, now: datetime) -> list[int]:
        return self._move(ids, (*WAITING, State.UNKNOWN), State.CANCELLED, now)

    def retry_deliveries(self, ids: Iterable[int], *, now: datetime) -> list[int]:
        again = sa.update(t.deliveries).where(D.state == State.UNKNOWN.value)
        given = list(ids)
        for some in chunks(given):
            self.db.execute(again.where(D.id.in_(some)).values(resends=D.resends + 1, expires=now + RESEND_WITHIN))
        return self._move(given, (*WAITING, State.UNKNOWN), State.PENDING, now)

    def _move(
        self, ids: Iterable[int] | None, was: Iterable[State], to: State, now: datetime, *more: sa.ColumnElement[bool]
    ) -> list[int]:
        moved: list[int] = []
        for some in [None] if ids is None else chunks(ids):
            wanted = sa.update(t.deliveries).where(D.state.in_([s.value for s in was]), *more)
            if some is not None:
                wanted = wanted.where(D.id.in_(some))
            values = {"state": to.value, "changed": now} | ({"next_at": now} if to is State.PENDING else {})
            moved += self.db.execute(wanted.values(**values).returning(D.id)).scalars()
        return moved

    def bring_forward(self, ids: Iterable[int], *, now: datetime) -> None:
        latest = now + timedelta(days=2)
        expires = sa.case((D.expires > latest, sa.literal(latest, D.expires.type)), else_=D.expires)
        waiting = sa.update(t.deliveries).where(D.state.in_([s.value for s in WAITING]))
        for some in chunks(ids):
            self.db.execute(waiting.where(D.id.in_(some)).values(next_at=now, expires=expires))

    def readdress_deliveries(self, subscriber: SubscriberId, address: str) -> int:
        waiting = sa.update(t.deliveries).where(D.subscriber == subscriber, D.state.in_([s.value for s in WAITING]))
        count: int = self.db.execute(waiting.values(address=address, address_hash=address_hash(address))).rowcount
        return count

    def hold_all_as_unknown(self, *, now: datetime) -> int:
        active = ("pending", "claimed", "committing", "deferred")
        held = {"state": "unknown", "resends": 1, "owner": "", "lease_until": None, "changed": now}
        count: int = self.db.execute(sa.update(t.deliveries).where(D.state.in_(active)).values(**held)).rowcount
        return count

    def delete_receipts(self, before: datetime) -> int:
        r, ended = (
            t.receipts.c,
            sa.select(D.id).where(D.state.in_(("sent", "refused", "expired", "cancelled", "suppressed"))),
        )
        last = sa.select(sa.func.max(r.id)).group_by(r.delivery)
        gone = sa.delete(t.receipts).where(r.at < before, r.delivery.in_(ended), r.id.not_in(last))
        count: int = self.db.execute(gone).rowcount
        return count

    def list_deliveries(
        self, states: Iterable[State] | None = None, *, most: int = 100, subscriber: SubscriberId | None = None
    ) -> list[Delivery]:
        wanted = sa.select(t.deliveries).order_by(D.id.desc()).limit(most)
        if states is not None:
            wanted = wanted.where(D.state.in_([s.value for s in states]))
        return self._read(wanted if subscriber is None else wanted.where(D.subscriber == subscriber))

    def awaited_by_removed(self) -> list[SubscriberId]:
        s = t.subscribers.c
        gone = sa.select(s.id).distinct().join(t.deliveries, D.subscriber == s.id)
        return list(self.db.execute(gone.where(D.state.in_(_WAITING), s.status == "removed").order_by(s.id)).scalars())

    def count_by_state(self) -> dict[State, int]:
        rows = self.db.execute(sa.select(D.state, sa.func.count().label("many")).group_by(D.state))
        return {State(row.state): row.many for row in rows}

    def count_sent_since(self, since: datetime) -> int:
        r = t.receipts.c
        wanted = (
            sa.select(sa.func.count()).select_from(t.receipts).where(r.at >= since, r.outcome == Outcome.ACCEPTED.value)
        )
        return self.db.execute(wanted).scalar_one()

    def count_towards_cap(self, since: datetime) -> int:
        """PostgreSQL takes an advisory lock, because it lets two transactions write at once; SQLite never does."""
        if self.db.dialect.name == "postgresql":
            self.db.execute(sa.select(sa.func.pg_advisory_xact_lock(CAPPING)))
        in_hand = sa.select(sa.func.count()).where(D.state.in_(IN_HAND))
        return self.count_sent_since(since) + self.db.execute(in_hand).scalar_one()

    def count_due(self, now: datetime) -> int:
        wanted = sa.select(sa.func.count()).where(D.state.in_(_WAITING), D.next_at <= now, D.expires > now)
        return self.db.execute(wanted).scalar_one()

    def longest_waiting(self, before: datetime, *, most: int = 100) -> list[Delivery]:
        wanted = sa.select(t.deliveries).where(D.state.in_(_WAITING), D.next_at <= before)
        return self._read(wanted.order_by(D.next_at, D.id).limit(most))

    def last_answers(self, most: int, *, since: datetime | None = None) -> list[tuple[int, Receipt]]:
        r = t.receipts.c
        final = (Outcome.ACCEPTED.value, Outcome.REFUSED.value)
        wanted = sa.select(t.receipts).where(r.outcome.in_(final)).order_by(r.at.desc(), r.id.desc()).limit(most)
        rows = self.db.execute(wanted if since is None else wanted.where(r.at > since))
        return [(row.delivery, _receipt(row)) for row in rows]

    def next_due(self, now: datetime) -> datetime | None:
        first = sa.select(D.next_at).where(D.expires > now).order_by(D.next_at, D.id).limit(1)
        due = (
            self.db.execute(first.where(D.state == state.value, D.lane == lane.value)).scalar()
            for state in WAITING
            for lane in Lane
        )
        return min((moment for moment in due if moment is not None), default=None)

    def _read(self, wanted: sa.Select[Any]) -> list[Delivery]:
        rows = self.db.execute(wanted).all()
        last: dict[int, Receipt] = {}
        for some in chunks(row.id for row in rows):
            said = sa.select(t.receipts).where(t.receipts.c.delivery.in_(some)).order_by(t.receipts.c.id)
            last |= {r.delivery: _receipt(r) for r in self.db.execute(said)}
        return [_delivery(row, last.get(row.id)) for row in rows]


def _new_row(delivery: Delivery) -> dict[str, Any]:
    return {
        "kind": delivery.kind, "digest": delivery.digest, "subscriber": delivery.subscriber, "address": delivery.address,
        "address_hash": address_hash(delivery.address), "state": delivery.state.value, "next_at": delivery.next_at,
        "expires": delivery.expires, "message_id": delivery.message_id, "changed": delivery.next_at,
        "lane": delivery.lane.value,
    }  # fmt: skip


def _delivery(row: Row[Any], last: Receipt | None) -> Delivery:
    return Delivery(
        id=row.id, kind=row.kind, digest=row.digest, subscriber=row.subscriber, address=row.address, state=State(row.state),
        message_id=row.message_id, attempts=row.attempts, resends=row.resends, falls=row.falls, lane=Lane(row.lane),
        next_at=row.next_at, expires=row.expires,
        owner=row.owner, lease_until=row.lease_until, last=last,
    )  # fmt: skip


def _receipt_row(delivery: int, receipt: Receipt, now: datetime) -> dict[str, Any]:
    return {
        "delivery": delivery, "at": now, "outcome": receipt.outcome.value, "stage": receipt.stage.value, "code": receipt.code,
        "enhanced": receipt.enhanced, "text": receipt.text, "fault": receipt.fault.value if receipt.fault else "",
    }  # fmt: skip


def _receipt(row: Row[Any]) -> Receipt:
    return Receipt(
        outcome=Outcome(row.outcome), stage=SendStage(row.stage), code=row.code, enhanced=row.enhanced, text=row.text,
        fault=Fault(row.fault) if row.fault else None,
    )  # fmt: skip
