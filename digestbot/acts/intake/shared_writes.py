"""Small writes of many sources in one transaction: what comes while one is being written goes into the next together.

Write coalescing, as `acts.delivery.group_commit` does it for receipts.
A source that is unchanged costs a lease, a look at its host and a line in the log. Each in a transaction of its own would
cost more than asking the source.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from digestbot.store import Store, Transaction

T = TypeVar("T")
Act = Callable[[Transaction], Any]

MOST = 400  #: entries of one transaction: other writers do not wait long


@dataclass(frozen=True, slots=True)
class _Asked:
    """One act and who waits for what it returns."""

    act: Act
    entries: int
    answer: asyncio.Future[Any]


class SharedWrites:
    """Hands acts to one writer. An act may be called twice: alone, after one beside it failed and all was undone."""

    def __init__(self) -> None:
        self._waiting: list[_Asked] = []
        self._writer: asyncio.Task[None] | None = None

    async def write(self, store: Store, act: Callable[[Transaction], T], *, entries: int = 0) -> T:
        """What `act` returns, once it is durable; raises what it raises. `entries`: about how many rows it writes."""
        asked = _Asked(act, entries, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(store), name="shared writes")
        return cast("T", await asked.answer)

    async def _write(self, store: Store) -> None:
        await asyncio.sleep(0)  # whoever is ready in this turn of the loop comes along
        while self._waiting:
            some = self._next()
            for asked, (value, error) in zip(some, await asyncio.to_thread(_together, store, some), strict=True):
                if asked.answer.done():  # its task was cancelled meanwhile
                    continue
                if error is None:
                    asked.answer.set_result(value)
                else:
                    asked.answer.set_exception(error)

    def _next(self) -> list[_Asked]:
        """The acts of the next transaction: as many as it takes, at least one."""
        count, entries = 0, 0
        for asked in self._waiting:
            entries += asked.entries
            if count and entries > MOST:
                break
            count += 1
        some, self._waiting = self._waiting[:count], self._waiting[count:]
        return some


def _together(store: Store, asked: list[_Asked]) -> list[tuple[Any, Exception | None]]:
    try:
        with store.transaction() as tx:
            values = [one.act(tx) for one in asked]
        return [(value, None) for value in values]
    except Exception as error:
        if len(asked) == 1:
            return [(None, error)]
    return [answer for one in asked for answer in _together(store, [one])]
