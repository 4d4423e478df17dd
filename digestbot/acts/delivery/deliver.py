"""Deliver: hand what waits in the outbox to the channel, and write down what became of each message.

The promise (docs/promises.md): killing this process at any moment loses nothing and repeats nothing, but for messages
whose final dot had gone out and whose answer had not been written down. `committing` is durable before the dot, the
receipt is durable before the same connection's next dot, and only `committing` without a receipt becomes `unknown`.
So delivery is at most once per dot, and at least once over all tries, of one Message-ID.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from digestbot.acts.delivery.claimed_batch import LEASE, ClaimedBatch
from digestbot.acts.delivery.client import Build, Delivered, DeliverReport, DeliveryClient, Policy
from digestbot.acts.delivery.group_commit import GroupCommit
from digestbot.acts.delivery.operator import PAUSED
from digestbot.acts.delivery.refusal_watch import RefusalWatch
from digestbot.acts.delivery.refusals import answers_of
from digestbot.acts.delivery.release import give_up
from digestbot.acts.delivery.retry_policy import closed
from digestbot.acts.delivery.shared_rate import SharedRate
from digestbot.model import Breaker, Delivery, Fault
from digestbot.store import Store, Transaction
from digestbot.system import process
from digestbot.system.crash_points import CrashPoint, crash_at

__all__ = ["Build", "DeliverReport", "Delivered", "DeliveryClient", "Policy", "deliver", "recover_stale"]

log = logging.getLogger(__name__)

CLAIM_SIZE = 50  #: rows claimed for each connection at once
LOOK_AGAIN = 0.2  #: seconds until the outbox is looked into again while digests are still composed
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What may be sent next, and why nothing may."""

    deliveries: tuple[Delivery, ...] = ()
    breaker: Breaker
    watch: RefusalWatch
    single: bool = False  #: one mail tries whether the server is back
    report: DeliverReport | None = None  #: why the round ends here


def recover_stale(store: Store, policy: Policy, *, now: datetime) -> None:
    """Before anything is claimed: take back what dead workers held, resend or hold unknown ones, expire old ones."""
    with store.transaction() as tx:
        late = set(tx.outbox.overdue_owners(now))
        for owner in tx.outbox.owners():
            if owner in late or process.gone(owner):
                waiting, unknown = tx.outbox.take_back_from(owner, now=now)
                log.warning("a worker is gone: %d deliveries wait again, %d are unknown", waiting, unknown)
        if policy.on_unknown == "resend":
            tx.outbox.resend_unknown(before=now - policy.unknown_after, now=now)
        give_up(tx, tx.outbox.expire_deliveries(now), now=now)


async def deliver(
    client: DeliveryClient,
    *,
    stop: asyncio.Event | None = None,
    most: int | None = None,
    coming: asyncio.Future[Any] | None = None,
) -> DeliverReport:
    """Send until nothing waits, the server is down, the cap or `most` is reached, or `stop` is set.

    `coming`: mails are still being composed until it is done. They are sent as they come.
    Raises whatever ended a side task, after what was in the air has been written or given back.
    """
    stop = stop or asyncio.Event()
    if (rate := client.policy.rate) is not None:
        client = replace(client, turn=SharedRate(client.store, client.policy.server, rate, client.clock).turn)
    await asyncio.to_thread(recover_stale, client.store, client.policy, now=client.clock())
    done: list[Delivered] = []
    async with client.channel, GroupCommit(client, by_hand=most is not None, stop=stop) as commits:
        connections = [client.channel.connection() for _ in range(client.channel.connections)]
        try:
            while not stop.is_set():
                room = CLAIM_SIZE * len(connections)
                room = room if most is None else min(room, most - len(done))
                was_last = coming is None or coming.done()  # before the look, or what came between is left behind
                claim = await asyncio.to_thread(_claim_next, client, room, by_hand=most is not None)
                if claim.report is not None and coming is not None and not was_last:
                    await asyncio.wait({coming}, timeout=LOOK_AGAIN)
                    continue
                if claim.report is not None:
                    crash_at(CrashPoint.AFTER_ROUND)
                    return replace(claim.report, deliveries=tuple(done))
                further = partial(_claim_more, client) if most is None else None
                batch = ClaimedBatch(
                    client, commits, stop, claim.breaker, claim.watch, None if claim.single else further
                )
                used = connections[:1] if claim.single else connections
                done += await batch.run(used, list(claim.deliveries))
        finally:
            await asyncio.gather(*(connection.close() for connection in connections))
    return DeliverReport(deliveries=tuple(done))


def _claim_next(client: DeliveryClient, room: int, *, by_hand: bool) -> Claim:
    """Claim the next batch, as far as pause, breaker and cap allow. A few that are sent by hand go despite a pause."""
    now = client.clock()
    with client.store.transaction() as tx:
        breaker = _breaker(tx, client, now)
        watch = RefusalWatch(receipt for _, receipt in reversed(answers_of(tx, breaker, now)))
        if not by_hand and tx.breakers.breaker_of(PAUSED).is_open(now):
            return _nothing(tx, breaker, watch, now, DeliverReport(paused=True))
        left = _allowance(tx, client.policy, now)
        if left <= 0 or room <= 0:
            return _nothing(tx, breaker, watch, now, DeliverReport(capped=left <= 0))
        single = bool(breaker.failures and breaker.open_until)
        claimed = _claim(tx, client, breaker, int(min(room, left)), now)
        if not claimed:
            report = DeliverReport(breaker=breaker if breaker.is_open(now) else None)
            return _nothing(tx, breaker, watch, now, report)
        return Claim(deliveries=tuple(claimed), breaker=breaker, watch=watch, single=single)


def _claim_more(client: DeliveryClient) -> tuple[Delivery, ...]:
    """Rows for connections that are free while another is held up; none while anything is in doubt."""
    claim = _claim_next(client, CLAIM_SIZE, by_hand=False)
    if claim.single:
        with client.store.transaction() as tx:
            ids = [delivery.id for delivery in claim.deliveries]
            tx.outbox.give_back_deliveries(ids, owner=client.owner, now=client.clock())
        return ()
    return claim.deliveries


def _claim(tx: Transaction, client: DeliveryClient, breaker: Breaker, room: int, now: datetime) -> list[Delivery]:
    """Rows for one batch. After a failure one mail tries whether the server is back: first one it has not failed at."""
    if not (breaker.failures and breaker.open_until):
        return tx.outbox.claim_deliveries(room, owner=client.owner, now=now, lease=LEASE)
    if breaker.is_open(now) and breaker.suspect is None:
        return []
    other = tx.outbox.claim_deliveries(1, owner=client.owner, now=now, lease=LEASE, unfallen=True)
    if other or breaker.is_open(now):
        return other
    return tx.outbox.claim_deliveries(1, owner=client.owner, now=now, lease=LEASE)


def _nothing(tx: Transaction, breaker: Breaker, watch: RefusalWatch, now: datetime, report: DeliverReport) -> Claim:
    return Claim(breaker=breaker, watch=watch, report=replace(report, due=tx.outbox.count_due(now)))


def _breaker(tx: Transaction, client: DeliveryClient, now: datetime) -> Breaker:
    """The server's breaker; closed when the password was written anew since the login was refused."""
    breaker = tx.breakers.breaker_of(client.policy.server)
    changed = getattr(client.channel, "changed_since", None)  # a channel with a secret of its own may have it
    refused = breaker.is_open(now) and breaker.fault is Fault.ACCOUNT and breaker.since
    if refused and changed and changed(breaker.since):
        log.info("the password has changed: the mail server is asked again")
        breaker = closed(breaker, now=now)
        tx.breakers.set_breaker(client.policy.server, breaker)
    return breaker


def _allowance(tx: Transaction, policy: Policy, now: datetime) -> float:
    """How many more the day's cap allows; what is in the air counts, of every worker."""
    if policy.per_day is None:
        return float("inf")
    return policy.per_day - tx.outbox.count_towards_cap(now - DAY + timedelta(microseconds=1))
