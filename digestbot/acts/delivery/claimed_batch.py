"""One batch of claimed deliveries on its way over all connections."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from digestbot.acts.delivery.client import Delivered, DeliveryClient
from digestbot.acts.delivery.fallback_cards import as_title_lines, render_with_fallback
from digestbot.acts.delivery.group_commit import GroupCommit
from digestbot.acts.delivery.refusal_watch import RefusalWatch, is_hard
from digestbot.acts.delivery.refusals import forgive_most, stop_for_refusals
from digestbot.acts.delivery.retry_policy import BACKOFF, deferred, next_breaker, next_state, words
from digestbot.acts.faults.isolate import Breaks
from digestbot.acts.faults.quarantine_rows import note
from digestbot.channels import Connection
from digestbot.errors import DigestbotError
from digestbot.model import (
    Breaker,
    Delivery,
    DeliveryResult,
    Digest,
    Fault,
    Message,
    Outcome,
    Receipt,
    SendStage,
    State,
)
from digestbot.store import Stage, Store
from digestbot.system.crash_points import CrashPoint, crash_at

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
GRACE = 5.0  #: seconds for what is in the air when we are asked to stop: the process is gone within ten
HELD_UP = 0.5  #: seconds after which the others no longer wait for a slow mail
RENEW_AGAIN = 1.0  #: seconds after a renewal that a busy database refused


@dataclass(slots=True)
class ClaimedBatch:
    """Sends a batch; what was not tried is given back. A failure of a side task ends it and is raised."""

    client: DeliveryClient
    commits: GroupCommit
    stop: asyncio.Event
    breaker: Breaker
    watch: RefusalWatch
    more: Callable[[], Sequence[Delivery]] | None = None  #: claims further rows while a connection is held up
    digests: dict[int, Digest] = field(default_factory=dict)
    busy: int = 0  #: connections that have a mail in hand
    idle: asyncio.Event = field(default_factory=asyncio.Event)  #: none has
    refilling: asyncio.Lock = field(default_factory=asyncio.Lock)
    noting: asyncio.Lock = field(default_factory=asyncio.Lock)  #: the breaker is being written
    waiting: list[Delivery] = field(default_factory=list)
    held: set[int] = field(default_factory=set)  #: rows that are ours and not finished
    doubted: list[tuple[Delivery, DeliveryResult]] = field(default_factory=list)
    broken: Breaks = field(default_factory=dict)  #: papers whose cards cannot be rendered
    down: bool = False
    too_many: bool = False  #: hard refusals
    some_hard: bool = False  #: one of this batch
    done: list[Delivered] = field(default_factory=list)

    async def run(self, connections: Iterable[Connection], claimed: list[Delivery]) -> list[Delivered]:
        """Send them, and give back what was not tried. Raises what ended a side task."""
        self.waiting, self.held = list(reversed(claimed)), {d.id for d in claimed}
        crash_at(CrashPoint.AFTER_CLAIM)
        try:
            self.digests = await asyncio.to_thread(_load, self.client.store, claimed)
            await self._send_over(connections)
            await self._settle_doubted()
        finally:
            await self.commits.flush()
            await asyncio.to_thread(self._give_back)
        if self.commits.failure is not None:
            raise self.commits.failure
        papers = (item.paper for digest in self.digests.values() for item in digest.items())
        await asyncio.to_thread(
            partial(note, self.client.store, papers, self.broken, stage=Stage.RENDER, now=self.client.clock())
        )
        return self.done

    async def _send_over(self, connections: Iterable[Connection]) -> None:
        """Work on all connections until nothing waits, `stop` is set and the grace is over, or a side task fails."""
        renewal = asyncio.create_task(self._renew(), name="renew leases")
        tasks = [asyncio.create_task(self._work(connection), name="deliver") for connection in connections]
        try:
            await _until_done(tasks, self.stop, (renewal, self.commits.failed))
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal

    async def _renew(self) -> None:
        """Keep the leases of what is still in our hand while a server is slow. A busy database is asked again."""
        wait = LEASE.total_seconds() / 3
        while True:
            await asyncio.sleep(wait)
            try:
                await asyncio.to_thread(self._renew_now)
                wait = LEASE.total_seconds() / 3
            except DigestbotError as error:
                if not error.retry:
                    raise
                log.warning("leases could not be renewed, trying again: %s", error)
                wait = RENEW_AGAIN

    def _renew_now(self) -> None:
        with self.client.store.transaction() as tx:
            until = self.client.clock() + LEASE
            tx.outbox.renew_leases(sorted(self.held), owner=self.client.owner, until=until)

    async def _work(self, connection: Connection) -> None:
        while not self._is_over and (self.waiting or await self._refill()):
            await self.client.turn()
            if self._is_over or not self.waiting:  # another connection took the last one meanwhile
                continue
            delivery = self.waiting.pop()
            try:
                message = self._message(delivery)  # 2 ms; a thread would cost more in turns at the interpreter's lock
            except Exception as error:  # a template, a header, or a value of this one digest: the others go on
                log.error("delivery %d cannot be built: %s", delivery.id, error)
                receipt = Receipt(outcome=Outcome.DEFERRED, stage=SendStage.BUILD, text=str(error), fault=Fault.LATER)
                self._finish(delivery, receipt)
                continue
            crash_at(CrashPoint.BEFORE_MAIL)
            mark = self.commits.mark_of(delivery.id)
            self.busy += 1
            self.idle.clear()
            try:
                receipt = await connection.send(message, mark.commit)
            finally:
                mark.end()
                self.busy -= 1
                if not self.busy:
                    self.idle.set()
            crash_at(CrashPoint.AFTER_ANSWER)
            self._finish(delivery, receipt)
            await self._update_breaker(delivery, receipt)

    @property
    def _is_over(self) -> bool:
        return self.down or self.commits.stuck or self.commits.paused or self.stop.is_set()

    async def _refill(self) -> bool:
        """One slow mail holds up its own connection only: while it does, the others take what else is due."""
        async with self.refilling:
            if self.waiting or self._is_over:
                return bool(self.waiting) and not self._is_over
            if self.more is None or not self.busy:
                return False
            with suppress(TimeoutError):
                await asyncio.wait_for(self.idle.wait(), HELD_UP)
                return False
            claimed = await asyncio.to_thread(self.more)
            self.held |= {delivery.id for delivery in claimed}
            self.digests |= await asyncio.to_thread(_load, self.client.store, claimed)
            self.waiting = list(reversed(claimed))
            return bool(claimed)

    def _message(self, delivery: Delivery) -> Message:
        if (form_mail := self.client.form_mails.get(delivery.kind)) is not None:
            return replace(form_mail(delivery), message_id=delivery.message_id)
        digest = self.digests.get(delivery.digest or 0)
        if digest is None:
            raise DigestbotError("its digest is not in the store", where=f"delivery {delivery.id}")
        if digest.subscriber.email != delivery.address:  # they have another one since it was composed
            digest = replace(digest, subscriber=replace(digest.subscriber, email=delivery.address))
        message, breaks = render_with_fallback(as_title_lines(digest, self.broken), self.client.build)
        self.broken |= breaks
        return replace(message, message_id=delivery.message_id)

    def _finish(self, delivery: Delivery, receipt: Receipt) -> None:
        result = next_state(delivery, receipt, breaker=self.breaker, now=self.client.clock())
        doubtful = self._is_doubtful(delivery, result)
        if doubtful or not delivery.falls:
            self._count(delivery, receipt)
        if doubtful:
            self.doubted.append((delivery, result))
        else:
            self._write(delivery, result)

    def _count(self, delivery: Delivery, receipt: Receipt) -> None:
        """Each mail counts once, however often it is tried."""
        if delivery.last is None or delivery.last.outcome is not Outcome.REFUSED:
            self.watch.add(receipt)
        self.some_hard |= is_hard(receipt)
        if is_hard(receipt) and self.watch.is_many:
            self.too_many = self.down = True

    def _is_doubtful(self, delivery: Delivery, result: DeliveryResult) -> bool:
        """Whether a refused recipient is written down only at the end of the batch: it may be a relay's odd hour.

        A mail that was doubted before is not doubted again, once others have got through.
        """
        receipt = result.receipt
        refused = (
            receipt.outcome is Outcome.REFUSED and receipt.stage == SendStage.RCPT and result.state is State.REFUSED
        )
        return refused and (not delivery.falls or self.breaker.failures > 0)

    async def _settle_doubted(self) -> None:
        """At the end of the batch: the refused are refused, or wait when there are too many of them."""
        if not self.too_many:
            await self._settle_few()
            return
        last = [result.receipt for _, result in self.doubted]
        until = await asyncio.to_thread(stop_for_refusals, self.client, self.breaker, self.watch, last)
        log.error("nothing is sent until %s, and nobody is suppressed: %s", until, self.watch)
        for delivery, result in self.doubted:
            waits = DeliveryResult(
                delivery.id, State.PENDING, result.receipt, self.client.clock() + BACKOFF[0], fell=True
            )
            self._write(delivery, waits)

    async def _settle_few(self) -> None:
        """Where few are mailed and most of them are refused, the refused are tried again later."""
        again = False
        if self.some_hard:
            await self.commits.flush()
            unwritten = {delivery.id: result.receipt for delivery, result in self.doubted}
            again = await asyncio.to_thread(forgive_most, self.client, unwritten)
        if again:
            count = len(self.doubted)
            log.error("more readers are refused than taken: nobody is suppressed, %d mails are tried again", count)
        now = self.client.clock()
        for delivery, result in self.doubted:
            self._write(delivery, deferred(delivery, result.receipt, now) if again else result)

    def _write(self, delivery: Delivery, result: DeliveryResult) -> None:
        self.held.discard(delivery.id)
        if not self.broken:  # else its papers are noted at the end
            self.digests.pop(delivery.digest or 0, None)
        self.commits.finish(result)
        if result.receipt.outcome is Outcome.WITHHELD:
            return
        done = Delivered(delivery=delivery.id, digest=delivery.digest, state=result.state, reason=words(result.receipt))
        self.done.append(done)
        self.client.on_progress(done)

    async def _update_breaker(self, delivery: Delivery, receipt: Receipt) -> None:
        before = self.breaker
        self.breaker = next_breaker(before, delivery, receipt, now=self.client.clock())
        self.down |= self.breaker.is_open(self.client.clock())
        if before.failures and not self.breaker.failures:
            self.watch.clear()
        if self.breaker != before:
            async with self.noting:  # one after the other, each with what is known by then
                await asyncio.to_thread(_set_breaker, self.client, self.breaker)

    def _give_back(self) -> None:
        """What was claimed and not tried waits again at once, at no cost. What is committing stays as it is."""
        if not self.held:
            return
        with suppress(DigestbotError), self.client.store.transaction() as tx:  # without it the lease ends by itself
            tx.outbox.give_back_deliveries(sorted(self.held), owner=self.client.owner, now=self.client.clock())


def _set_breaker(client: DeliveryClient, breaker: Breaker) -> None:
    with client.store.transaction() as tx:
        tx.breakers.set_breaker(client.policy.server, breaker)


def _load(store: Store, deliveries: Iterable[Delivery]) -> dict[int, Digest]:
    with store.reading() as tx:
        return tx.slots.digests_by_id(d.digest for d in deliveries if d.digest is not None)


async def _until_done(
    tasks: list[asyncio.Task[None]], stop: asyncio.Event, side: tuple[asyncio.Task[None], asyncio.Event]
) -> None:
    """Wait for `tasks`. Once `stop` is set, what is in the air gets the grace and is cancelled then.

    `side`: a task that must not end, and an event that says that another has. Both end the tasks at once. Raises what
    ended the side task or one of the tasks.
    """
    renewal, failed = side
    events = [asyncio.create_task(event.wait(), name="event") for event in (stop, failed)]
    working = asyncio.ensure_future(asyncio.gather(*tasks))
    watched: set[asyncio.Future[Any]] = {working, renewal, *events}
    try:
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        if not working.done() and not renewal.done() and not failed.is_set():
            await asyncio.wait(watched - {events[0]}, timeout=GRACE, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for event in events:
            event.cancel()
        if not working.done():
            working.cancel()
        with suppress(asyncio.CancelledError):
            await working
    if renewal.done() and not renewal.cancelled() and (error := renewal.exception()) is not None:
        log.error("leases cannot be renewed: the round ends", exc_info=error)
        raise error
