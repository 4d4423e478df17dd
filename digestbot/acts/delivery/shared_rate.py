"""A rate towards a mail server that all processes keep together: turns are taken from a row of the store, some at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digestbot.store import Store

AT_ONCE = timedelta(seconds=0.25)  #: turns of so long are taken together: a transaction a mail would be too many


@dataclass(slots=True)
class SharedRate:
    """Gives turns at `per_second`. Turns that were taken and not used are lost, so that the rate is never passed."""

    store: Store
    server: str
    per_second: float
    clock: Callable[[], datetime]
    _next: datetime | None = None
    _left: int = 0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def turn(self) -> None:
        """Wait until one more message may go."""
        async with self._lock:
            apart = timedelta(seconds=1 / self.per_second)
            if not self._left:
                self._left = max(1, int(AT_ONCE / apart))
                self._next = await asyncio.to_thread(self._take, self._left, apart)
            assert self._next is not None
            at, self._next, self._left = self._next, self._next + apart, self._left - 1
        await asyncio.sleep(max(0.0, (at - self.clock()).total_seconds()))

    def _take(self, count: int, apart: timedelta) -> datetime:
        with self.store.transaction() as tx:
            return tx.leases.take_turns(f"rate:{self.server}", count * apart, now=self.clock())
