"""Group commit: marks and receipts of all connections share transactions, so that one fsync serves many messages.

Receipts are written in the order they came and before the marks of the same transaction: a connection's receipt is
durable before its next dot, because that dot needs a mark. So a receipt waits a moment for the next mark: written at once,
each message would take two transactions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType

from digestbot.acts.delivery.client import DeliveryClient
from digestbot.acts.delivery.operator import PAUSED
from digestbot.acts.delivery.release import release_withheld, settle_refusals
from digestbot.errors import DigestbotError
from digestbot.model import DeliveryResult
from digestbot.system.crash_points import CrashPoint, crash_at

log = logging.getLogger(__name__)

AGAIN = 1.0  #: seconds until receipts that could not be written are tried again
HELD = 0.02  #: seconds that receipts wait for a mark to come
GATHERED = 0.003  #: seconds that a mark waits at most for those of other mails that are on their way
LAST_WRITE = 2.0  #: seconds for what is not written when we are asked to stop
PATIENCE = 60.0  #: seconds that a mail waits with its dot for a database that is busy, full or away


class GroupCommit:
    """Writes what it is handed in one task. `failure` is what ended that task; then nothing is written any more.

    While the database is busy, full or away, everything is tried again: receipts for as long as it takes, marks for
    `PATIENCE`. `stuck` says that marks were given up, `paused` that the operator has paused the outbox: no more mails are
    begun then.
    """

    def __init__(self, client: DeliveryClient, *, by_hand: bool = False, stop: asyncio.Event | None = None) -> None:
        """`by_hand`: a pause of the outbox does not hold. `stop`: once set, nothing waits longer than the grace."""
        self._client, self._by_hand, self._stop = client, by_hand, stop or asyncio.Event()
        self._results: list[DeliveryResult] = []
        self._asking: dict[int, asyncio.Future[bool]] = {}
        self._begun: set[int] = set()  #: mails on their way that have not asked yet
        self._some = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self._soon: asyncio.TimerHandle | None = None  #: writes receipts for which no mark came
        self._gathering: asyncio.TimerHandle | None = None  #: writes marks for which no others came
        self.stuck = self.paused = False
        self._refused_since: float | None = None
        self.failed = asyncio.Event()
        self.failure: BaseException | None = None

    async def __aenter__(self) -> GroupCommit:
        self._task = asyncio.create_task(self._watched(), name="group commit")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or not issubclass(kind, asyncio.CancelledError):
            await self.flush()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def mark_of(self, delivery: int) -> Mark:
        """The commit of one delivery that is now on its way. Its `end` is called whatever becomes of it."""
        self._begun.add(delivery)
        return Mark(self, delivery)

    def end(self, delivery: int) -> None:
        """A mail is no longer on its way: nobody waits for its mark."""
        self._begun.discard(delivery)
        if self._asking and self._is_enough:
            self._wake()

    @property
    def _is_enough(self) -> bool:
        """Whether half of the mails on their way have asked. A transaction costs as much as building a mail or two; those
        that are still being built meanwhile share the next one."""
        return len(self._asking) >= len(self._begun)

    async def commit(self, delivery: int) -> bool:
        """True once the row is durably `committing`, False when it must not go. Raises what ended the task."""
        if self.failure is not None:
            raise self.failure
        asked: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asking[delivery] = asked
        self._begun.discard(delivery)
        self._idle.clear()
        if self._is_enough:
            self._wake()
        elif self._gathering is None:
            self._gathering = asyncio.get_running_loop().call_later(GATHERED, self._wake)
        return await asked

    def finish(self, result: DeliveryResult) -> None:
        """Write the result with the next transaction: that of the next mark, or soon its own."""
        self._results.append(result)
        self._idle.clear()
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(HELD, self._wake)

    async def flush(self) -> None:
        """Wait until everything handed over is durable, or the task has ended.

        Once we are asked to stop, for `LAST_WRITE` at most: what is not written then is unknown to whoever comes next.
        """
        assert self._task is not None  # entered
        if not self._idle.is_set():
            self._wake()
        idle, stop = (asyncio.ensure_future(event.wait()) for event in (self._idle, self._stop))
        over = {idle, self._task}
        try:
            await asyncio.wait({*over, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not any(one.done() for one in over):
                await asyncio.wait(over, timeout=LAST_WRITE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            idle.cancel()
            stop.cancel()

    def _wake(self) -> None:
        for timer in (self._soon, self._gathering):
            if timer is not None:
                timer.cancel()
        self._soon = self._gathering = None
        self._idle.clear()
        self._some.set()

    async def _watched(self) -> None:
        """The task. Whatever ends it is told to everybody who waits for it."""
        try:
            await self._run()
        except Exception as error:
            log.exception("receipts cannot be written: the round ends")
            self.failure = error
            self.failed.set()
            for asked in self._asking.values():
                _reply(asked, error)

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            await asyncio.sleep(0)  # who else is ready in this turn of the loop comes along
            self._wake()  # whoever waits to be joined by others has been
            self._some.clear()
            results, self._results = self._results, []
            asking, self._asking = self._asking, {}
            try:
                granted = await asyncio.to_thread(self._write, results, list(asking))
            except DigestbotError as error:
                if not error.retry:
                    self._asking |= asking
                    raise
                self._try_again(results, asking, error)
                await asyncio.sleep(AGAIN)
                self._some.set()
                continue
            except Exception:
                self._asking |= asking
                raise
            self._refused_since, self.stuck = None, False
            for delivery, asked in asking.items():
                _reply(asked, delivery in granted)
            if not (self._some.is_set() or self._results or self._asking):
                self._idle.set()

    def _try_again(
        self, results: list[DeliveryResult], asking: dict[int, asyncio.Future[bool]], error: DigestbotError
    ) -> None:
        """Told once, and once more when marks are given up."""
        now = asyncio.get_running_loop().time()
        if self._refused_since is None:
            self._refused_since = now
            log.error("receipts and marks could not be written, trying again: %s", error)
        self._results = results + self._results
        if now - self._refused_since < PATIENCE:
            self._asking |= asking
            return
        if not self.stuck:
            log.error("no more mails are sent until the database can be written")
        self.stuck = True
        for asked in asking.values():
            _reply(asked, error)

    def _write(self, results: list[DeliveryResult], ids: list[int]) -> set[int]:
        now, owner = self._client.clock(), self._client.owner
        crash_at(CrashPoint.BEFORE_WRITE)
        with self._client.store.transaction() as tx:
            moved = tx.outbox.finish_deliveries(results, owner=owner, now=now)
            settle_refusals(tx, [r for r in results if r.delivery in moved], now)
            self.paused = bool(ids) and not self._by_hand and tx.breakers.breaker_of(PAUSED).is_open(now)
            wanted = [] if self.paused else ids
            granted = tx.outbox.commit_deliveries(wanted, owner=owner, now=now) if wanted else set[int]()
            release_withheld(tx, _without(wanted, granted))
            crash_at(CrashPoint.IN_WRITE)
        crash_at(CrashPoint.AFTER_WRITE)
        return granted


class Mark:
    """One message's commit, and whether it was granted."""

    def __init__(self, commits: GroupCommit, delivery: int) -> None:
        self._commits, self._delivery, self.granted = commits, delivery, False

    async def commit(self) -> bool:
        """claimed → committing, durable before this returns True. False: do not send."""
        try:
            self.granted = await self._commits.commit(self._delivery)
        except DigestbotError as error:  # the database said no: without a mark there is no dot
            log.error("delivery %d is held back: %s", self._delivery, error)
            return False
        return self.granted

    def end(self) -> None:
        """The mail is accepted, refused or dropped."""
        self._commits.end(self._delivery)


def _without(ids: Iterable[int], granted: set[int]) -> list[int]:
    return [number for number in ids if number not in granted]


def _reply(asked: asyncio.Future[bool], answer: bool | Exception) -> None:
    if asked.done():  # its connection was cancelled meanwhile
        return
    if isinstance(answer, Exception):
        asked.set_exception(answer)
    else:
        asked.set_result(answer)
