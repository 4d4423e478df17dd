"""Values for the suite, and the few steps that many of its tests begin with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digestbot.model import (
    Delivery,
    DeliveryResult,
    Digest,
    Entry,
    ItemPlace,
    Outcome,
    Paper,
    PaperId,
    PartialDate,
    Receipt,
    SendStage,
    Slot,
    SlotState,
    State,
    Subscriber,
    SubscriberId,
)
from digestbot.store import Joined, Key, NewPaper, SlotRow, Store, Transaction
from digestbot.testing import builders

NOW = datetime(2026, 11, 23, 6, 30, 0, 123456, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MANY = 1001  #: more than one IN (…) takes
ACCEPTED = Receipt(outcome=Outcome.ACCEPTED, stage=SendStage.DOT, code=250, enhanced="2.0.0", text="queued")
BUSY = Receipt(outcome=Outcome.DEFERRED, stage=SendStage.RCPT, code=451, enhanced="4.7.1", text="try later")


class Contract:
    """What all parts of the suite need."""

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        """A migrated and empty store; its connections are given back afterwards."""
        raise NotImplementedError("say how your store is opened")


def entry(number: int = 1, **change: Any) -> Entry:
    """An entry; `number` makes it another paper's."""
    return builders.entry(number, **{"title": f"Paper {number}", "published": PartialDate("2026-11")} | change)


def add(tx: Transaction, *entries: Entry, source: str = "arxiv", now: datetime = NOW) -> list[int]:
    """Store these entries now; returns their ids."""
    return [added.id for added in tx.papers.add_entries(source, entries, sha="00", now=now)]


def paper(number: int = 1, **change: Any) -> Paper:
    """A paper that is not stored yet."""
    return builders.paper(
        number, **{"id": None, "title": f"Paper {number}", "first_seen": None, "sources": ()} | change
    )


def create(tx: Transaction, *numbers: int, seen: datetime = NOW, keys: Sequence[Key] = ()) -> list[PaperId]:
    """Store these papers now; returns their ids."""
    return tx.papers.add_papers([NewPaper(paper(n), keys, seen) for n in numbers])


def carried(tx: Transaction, number: int, *sources: str, seen: datetime = NOW) -> PaperId:
    """A paper with one entry from each of these sources, in this order."""
    [made] = create(tx, number, seen=seen)
    for at, source in enumerate(sources):
        [one] = add(tx, entry(number), source=source, now=seen + at * MINUTE)
        tx.papers.add_mentions([Joined(one, made, "because")])
    return made


def reader(ref: str = "reader", **change: Any) -> Subscriber:
    """Somebody of the configuration, who is not stored yet."""
    return builders.subscriber(ref, **{"id": None, "joined": None} | change)


def join(tx: Transaction, *refs: str, now: datetime = NOW) -> list[Subscriber]:
    """Store these people as those of the configuration, and nobody else."""
    tx.people.sync_people([reader(ref) for ref in refs], now=now)
    return tx.people.all_people()


def ident(person: Subscriber) -> SubscriberId:
    """The id of a stored person."""
    return person.stored_id


def person(tx: Transaction, ref: str = "reader") -> Subscriber:
    """The person as the store has them."""
    found = tx.people.find_person(ref)
    assert found is not None
    return found


def slot_row(subscriber: Subscriber, key: str = "2026-11-23T07:30", **change: Any) -> SlotRow:
    """A slot that was composed."""
    values: dict[str, Any] = {"subscriber": ident(subscriber), "key": key, "due": NOW, "state": SlotState.COMPOSED}
    return SlotRow(**values | change)


def digest(
    subscriber: Subscriber, *papers: PaperId, more: Sequence[PaperId] = (), key: str = "2026-11-23T07:30", **change: Any
) -> Digest:
    """A digest of stored papers."""
    cards, rest = (
        tuple(builders.item(paper=Paper(id=number, version=2), place=place) for number in numbers)
        for numbers, place in ((papers, ItemPlace.MAIL), (more, ItemPlace.MORE))
    )
    values: dict[str, Any] = {
        "subscriber": subscriber,
        "slot": Slot(key=key, due=NOW, local=NOW.replace(tzinfo=None)),
        "composed": NOW,
    }
    return builders.digest(builders.section(*cards, more=rest), **values | change)


def told(given: Digest, kind: str) -> Digest:
    """The same digest with its papers as news of another kind, e.g. "v2"."""
    [section] = given.sections
    return replace(given, sections=(replace(section, items=tuple(replace(i, kind=kind) for i in section.items)),))


def delivery(number: int = 1, **change: Any) -> Delivery:
    """A delivery that waits from now on, for two days."""
    values: dict[str, Any] = {
        "id": 0,
        "kind": "digest",
        "digest": None,
        "subscriber": None,
        "address": f"reader{number}@example.org",
        "state": State.PENDING,
        "message_id": f"<{number}@example.org>",
        "next_at": NOW,
        "expires": NOW + 2 * DAY,
    }
    return Delivery(**values | change)


def post(tx: Transaction, count: int = 1, **change: Any) -> list[int]:
    """Put new deliveries into the outbox; returns their ids."""
    return [tx.outbox.add_delivery(delivery(n, **change)) for n in range(1, count + 1)]


def claim(tx: Transaction, *, owner: str = "a", now: datetime = NOW, most: int = MANY) -> list[int]:
    """Claim for `owner`, for a minute; returns the ids it got."""
    return [d.id for d in tx.outbox.claim_deliveries(most, owner=owner, now=now, lease=MINUTE)]


def in_hand(tx: Transaction, state: State, *, owner: str = "a") -> int:
    """A delivery that `owner` has claimed or is committing."""
    [made] = post(tx)
    claim(tx, owner=owner)
    if state is State.COMMITTING:
        tx.outbox.commit_deliveries([made], owner=owner, now=NOW)
    assert state_of(tx, made) is state
    return made


def ended(tx: Transaction, state: State, receipt: Receipt = ACCEPTED, *, at: datetime = NOW, number: int = 1) -> int:
    """A delivery that went all the way to `state`; nothing else may wait."""
    made = tx.outbox.add_delivery(delivery(number))
    claim(tx)
    tx.outbox.commit_deliveries([made], owner="a", now=at)
    tx.outbox.finish_deliveries(
        [DeliveryResult(made, state, receipt, at if state is State.DEFERRED else None)], owner="a", now=at
    )
    assert state_of(tx, made) is state
    return made


def stored(tx: Transaction, number: int) -> Delivery:
    """The stored delivery with this id."""
    found = tx.outbox.delivery_by_id(number)
    assert found is not None
    return found


def state_of(tx: Transaction, number: int) -> State:
    """The state of a delivery."""
    return stored(tx, number).state
