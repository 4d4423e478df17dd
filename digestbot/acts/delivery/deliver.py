"""Deliver: hand what waits in the outbox to the channel, and write down what became of each message.

The promise (DESIGN.md section 9): killing this process at any moment loses nothing and repeats nothing, but for
messages whose final dot had gone out and whose answer had not been written down. That holds because `committing` is
durable before the dot, the receipt is durable before the same connection's next dot, and only `committing` without a
receipt becomes `unknown`.

Marks of all connections share transactions (`_Marks`): one fsync serves as many messages as came in the meantime.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from digestbot.acts.delivery.fallback_cards import bared, mended
from digestbot.acts.delivery.release import Result, after_refusals, after_withholding, release, words
from digestbot.acts.faults.isolate import Breaks
from digestbot.acts.faults.quarantine_rows import note
from digestbot.channels import Channel, Connection
from digestbot.errors import DigestbotError
from digestbot.model import Delivery, Digest, Message, Outcome, Receipt, State
from digestbot.store import Store
from digestbot.system import process

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
HAND = 25  #: rows claimed for each connection at once
GRACE = 10.0  #: seconds for what is in the air when we are asked to stop
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
BACKOFF_AFTER = timedelta(hours=4)
BREAKER_AT = 5  #: failures of the server in a row
BREAKER = timedelta(minutes=15)
LONGEST_BREAK = timedelta(hours=4)
#: RFC 3463: the address itself is wrong. Policy (5.7.x) and full boxes (5.2.2) never suppress.


Build = Callable[[Digest], Message]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the operator decided about the moments nobody can know (DESIGN.md section 9)."""

    on_unknown: str = "resend"  #: "resend" once, after `unknown_after`, or "hold"
    unknown_after: timedelta = timedelta(minutes=15)
    per_day: int | None = None
    server: str = "channel"  #: name of the breaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of one delivery in this round."""

    delivery: int
    digest: int | None
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverReport:
    """What a round of delivering did."""

    deliveries: tuple[Delivered, ...] = ()
    closed_until: datetime | None = None  #: the server is down: nothing is tried before this instant
    capped: bool = False  #: the day's cap is reached

    def count(self, state: State) -> int:
        """How many ended this round in `state`."""
        return sum(d.state is state for d in self.deliveries)


def clear(store: Store, policy: Policy, *, now: datetime) -> None:
    """Before anything is claimed: take back what dead workers held, resend or hold unknown ones, expire old ones."""
    with store.transaction() as tx:
        late = set(tx.outbox.overdue_owners(now))
        for owner in tx.outbox.owners():
            if owner in late or process.gone(owner):
                waiting, unknown = tx.outbox.take_back_from(owner, now=now)
                log.warning("a worker is gone: %d deliveries wait again, %d are unknown", waiting, unknown)
        if policy.on_unknown == "resend":
            tx.outbox.resend_unknown(before=now - policy.unknown_after, now=now)
        release(tx, tx.outbox.expire_deliveries(now))


async def deliver(
    store: Store,
    channel: Channel,
    build: Build,
    policy: Policy,
    *,
    clock: Callable[[], datetime],
    owner: str,
    stop: asyncio.Event | None = None,
    heard: Callable[[Delivered], None] = lambda _: None,
) -> DeliverReport:
    """Send until nothing waits, the server is down, the cap is reached, or `stop` is set."""
    stop = stop or asyncio.Event()
    await asyncio.to_thread(clear, store, policy, now=clock())
    done: list[Delivered] = []
    async with channel, _Marks(store, owner, clock) as marks:
        lines = [channel.connection() for _ in range(channel.connections)]
        try:
            while not stop.is_set():
                failures, until = await asyncio.to_thread(_breaker, store, policy.server)
                if until is not None and until > clock():
                    return DeliverReport(deliveries=tuple(done), closed_until=until)
                room, capped = await asyncio.to_thread(_room, store, policy, clock(), HAND * len(lines))
                claimed = await asyncio.to_thread(_claim, store, room, owner, clock()) if room else []
                if not claimed:
                    return DeliverReport(deliveries=tuple(done), capped=capped)
                round_ = _Round(store, build, policy, marks, clock, stop, heard, failures=failures)
                done += await round_.run(lines, claimed)
        finally:
            await asyncio.gather(*(line.close() for line in lines))
    return DeliverReport(deliveries=tuple(done))


def _breaker(store: Store, server: str) -> tuple[int, datetime | None]:
    with store.reading() as tx:
        return tx.breakers.breaker_of(server)


def _set_breaker(store: Store, server: str, failures: int, open_until: datetime | None) -> None:
    with store.transaction() as tx:
        tx.breakers.set_breaker(server, failures=failures, open_until=open_until)


def _room(store: Store, policy: Policy, now: datetime, most: int) -> tuple[int, bool]:
    """How many may be claimed, and whether the day's cap is what says none."""
    if policy.per_day is None:
        return most, False
    with store.reading() as tx:
        left = policy.per_day - tx.outbox.count_sent_since(now - timedelta(days=1))
    return max(0, min(most, left)), left <= 0


def _claim(store: Store, most: int, owner: str, now: datetime) -> list[Delivery]:
    with store.transaction() as tx:
        return tx.outbox.claim_deliveries(most, owner=owner, now=now, lease=LEASE)


@dataclass(slots=True)
class _Round:
    """One handful of claimed deliveries on its way over all lines."""

    store: Store
    build: Build
    policy: Policy
    marks: _Marks
    clock: Callable[[], datetime]
    stop: asyncio.Event
    heard: Callable[[Delivered], None]
    digests: Mapping[int, Digest] = field(default_factory=dict)
    waiting: list[Delivery] = field(default_factory=list)
    held: set[int] = field(default_factory=set)
    broken: Breaks = field(default_factory=dict)  #: papers whose cards cannot be rendered
    failures: int = 0  #: of the server, in a row
    down: bool = False
    done: list[Delivered] = field(default_factory=list)

    async def run(self, lines: Iterable[Connection], claimed: list[Delivery]) -> list[Delivered]:
        """Send them; give back what was not tried."""
        self.waiting, self.held = list(reversed(claimed)), {d.id for d in claimed}
        self.digests = await asyncio.to_thread(_load, self.store, claimed)
        beat = asyncio.create_task(self._renew(), name="renew leases")
        tasks = [asyncio.create_task(self._work(line), name="deliver") for line in lines]
        try:
            await _until_done_or_stopped(tasks, self.stop)
        finally:
            beat.cancel()
            await self.marks.settle()
            await asyncio.to_thread(self._give_back)
            papers = (item.paper for digest in self.digests.values() for item in digest.items())
            await asyncio.to_thread(partial(note, self.store, papers, self.broken, stage="render", now=self.clock()))
        return self.done

    async def _renew(self) -> None:
        """A slow server must not cost us the lease of what is still in our hand."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            await asyncio.to_thread(self._renew_now)

    def _renew_now(self) -> None:
        with self.store.transaction() as tx:
            tx.outbox.renew_leases(sorted(self.held), owner=self.marks.owner, until=self.clock() + LEASE)

    async def _work(self, line: Connection) -> None:
        while self.waiting and not self.down and not self.stop.is_set():
            delivery = self.waiting.pop()
            try:
                message = self._message(delivery)  # 2 ms; a thread would cost more in turns at the interpreter's lock
            except Exception as error:  # a template, a header, or a value of this one digest: the others go on
                log.error("delivery %d cannot be built: %s", delivery.id, error)
                receipt = Receipt(outcome=Outcome.DEFERRED, stage="build", text=str(error))
                self._finish(delivery, receipt, committed=False)
                continue
            mark = self.marks.of(delivery.id)
            receipt = await line.send(message, mark.commit)
            self._finish(delivery, receipt, committed=mark.granted)
            await self._watch(receipt)

    def _message(self, delivery: Delivery) -> Message:
        digest = self.digests.get(delivery.digest or 0)
        if digest is None:
            raise DigestbotError("its digest is not in the store", where=f"delivery {delivery.id}")
        if digest.subscriber.email != delivery.address:  # they have another one since it was composed
            digest = replace(digest, subscriber=replace(digest.subscriber, email=delivery.address))
        message, breaks = mended(bared(digest, self.broken), self.build)
        self.broken |= breaks
        return replace(message, message_id=delivery.message_id, recipient=delivery.address)

    def _finish(self, delivery: Delivery, receipt: Receipt, *, committed: bool) -> None:
        state, next_at = settle(delivery, receipt, committed=committed, now=self.clock())
        self.held.discard(delivery.id)
        self.marks.finish(delivery.id, state, receipt, next_at)
        if receipt.outcome is Outcome.WITHHELD:
            return
        done = Delivered(delivery=delivery.id, digest=delivery.digest, state=state, reason=words(receipt))
        self.done.append(done)
        self.heard(done)

    async def _watch(self, receipt: Receipt) -> None:
        """The breaker: five failures of the server in a row, or a refused login, and nobody knocks for a while."""
        if receipt.outcome not in (Outcome.ACCEPTED, Outcome.UNAVAILABLE):
            return
        if receipt.outcome is Outcome.ACCEPTED and not self.failures:
            return
        self.failures, open_until = breaker(self.failures, receipt, now=self.clock())
        self.down |= open_until is not None
        await asyncio.to_thread(_set_breaker, self.store, self.policy.server, self.failures, open_until)

    def _give_back(self) -> None:
        """What was claimed and not tried waits again at once, at no cost."""
        if not self.held:
            return
        now, nothing = self.clock(), Receipt(outcome=Outcome.WITHHELD)
        with self.store.transaction() as tx:
            tx.outbox.finish_deliveries(
                ((i, State.PENDING, nothing, now) for i in sorted(self.held)), owner=self.marks.owner, now=now
            )


def _load(store: Store, deliveries: Iterable[Delivery]) -> dict[int, Digest]:
    with store.reading() as tx:
        return tx.slots.digests_by_id(d.digest for d in deliveries if d.digest is not None)


async def _until_done_or_stopped(tasks: list[asyncio.Task[None]], stop: asyncio.Event) -> None:
    """All of them; once `stop` is set, those in the air get the grace, then are cancelled."""
    stopped = asyncio.create_task(stop.wait(), name="stop")
    try:
        working = asyncio.ensure_future(asyncio.gather(*tasks))
        waiting: set[asyncio.Future[Any]] = {working, stopped}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(working), GRACE)
        if not working.done():
            working.cancel()
        with suppress(asyncio.CancelledError):
            await working
    finally:
        stopped.cancel()


def settle(delivery: Delivery, receipt: Receipt, *, committed: bool, now: datetime) -> tuple[State, datetime | None]:
    """The state a receipt leads to, and when to try again. Pure."""
    match receipt.outcome:
        case Outcome.ACCEPTED:
            return State.SENT, None
        case Outcome.REFUSED if delivery.resends:  # the first try may have arrived: its papers must not come again
            return State.UNKNOWN, now
        case Outcome.REFUSED:
            return State.REFUSED, None
        case Outcome.UNKNOWN:
            return State.UNKNOWN, now
        case Outcome.DEFERRED:
            return State.DEFERRED, now + backoff(delivery)
        case Outcome.UNAVAILABLE if committed:  # the server answered the dot with "not now": no doubt is left
            return State.DEFERRED, now + backoff(delivery)
        case _:
            return State.PENDING, now + BACKOFF[0] if receipt.outcome is Outcome.UNAVAILABLE else now


def backoff(delivery: Delivery) -> timedelta:
    """1, 5, 15, 60 minutes, then every 4 hours, each ± 20 %, the same for the same delivery and attempt."""
    base = BACKOFF[delivery.attempts] if delivery.attempts < len(BACKOFF) else BACKOFF_AFTER
    spread = Random(f"{delivery.message_id} {delivery.attempts}").uniform(0.8, 1.2)  # noqa: S311  # spread, not secrecy
    return base * spread


def breaker(failures: int, receipt: Receipt, *, now: datetime) -> tuple[int, datetime | None]:
    """(failures in a row, closed until) after a receipt. Pure. Doubles from 15 minutes to 4 hours."""
    if receipt.outcome is Outcome.ACCEPTED:
        return 0, None
    failures += 1
    if receipt.stage != "auth" and failures < BREAKER_AT:
        return failures, None
    times = max(0, failures - BREAKER_AT)
    return failures, now + min(BREAKER * 2 ** min(times, 8), LONGEST_BREAK)


class _Mark:
    """One message's commit, and whether it was granted."""

    def __init__(self, marks: _Marks, delivery: int) -> None:
        self._marks, self._delivery, self.granted = marks, delivery, False

    async def commit(self) -> bool:
        """claimed → committing, durable before this returns True. False: do not send."""
        try:
            self.granted = await self._marks.commit(self._delivery)
        except DigestbotError as error:  # the database said no: without a mark there is no dot
            log.error("delivery %d is held back: %s", self._delivery, error)
            return False
        return self.granted


class _Marks:
    """Group commits. Receipts of a batch are written before its marks, and both in the order they came."""

    def __init__(self, store: Store, owner: str, clock: Callable[[], datetime]) -> None:
        self._store, self.owner, self._clock = store, owner, clock
        self._results: list[Result] = []
        self._asking: dict[int, asyncio.Future[bool]] = {}
        self._some = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> _Marks:
        self._task = asyncio.create_task(self._run(), name="marks")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.settle()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def of(self, delivery: int) -> _Mark:
        """The commit of one delivery."""
        return _Mark(self, delivery)

    async def commit(self, delivery: int) -> bool:
        """True once the row is durably `committing`, False when it must not go."""
        asked: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asking[delivery] = asked
        self._wake()
        return await asked

    def finish(self, delivery: int, state: State, receipt: Receipt, next_at: datetime | None) -> None:
        """Write the receipt with the next transaction: before this connection's next dot, since that needs one too."""
        self._results.append((delivery, state, receipt, next_at))
        self._wake()

    async def settle(self) -> None:
        """Wait until everything handed over is durable."""
        await self._idle.wait()

    def _wake(self) -> None:
        self._idle.clear()
        self._some.set()

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            results, self._results = self._results, []
            asking, self._asking = self._asking, {}
            try:
                granted = await asyncio.to_thread(self._write, results, list(asking))
            except DigestbotError as error:
                log.error("receipts could not be written, trying again: %s", error)
                self._results = results + self._results
                for asked in asking.values():
                    _answer(asked, error)
                await asyncio.sleep(1.0)
                self._some.set()
                continue
            for delivery, asked in asking.items():
                _answer(asked, delivery in granted)
            if not self._some.is_set():
                self._idle.set()

    def _write(self, results: list[Result], ids: list[int]) -> set[int]:
        now = self._clock()
        with self._store.transaction() as tx:
            moved = tx.outbox.finish_deliveries(results, owner=self.owner, now=now)
            after_refusals(tx, [r for r in results if r[0] in moved], now)
            granted = tx.outbox.commit_deliveries(ids, owner=self.owner, now=now) if ids else set[int]()
            after_withholding(tx, [number for number in ids if number not in granted])
            return granted


def _answer(asked: asyncio.Future[bool], answer: bool | Exception) -> None:
    if asked.done():  # its line was cancelled meanwhile
        return
    if isinstance(answer, Exception):
        asked.set_exception(answer)
    else:
        asked.set_result(answer)
