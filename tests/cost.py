"""What work costs, whatever else this machine does: time of the processor, in seconds of the machine limits are meant for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache
from typing import Self

LOOP = 0.013  #: seconds that `_loop` takes there


class Cost:
    """`with Cost() as cost: work` and then `cost.seconds`: of this thread, and of the processes it waited for."""

    seconds: float

    def __enter__(self) -> Self:
        self._slowness, self._began = _slowness(), _used()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = (_used() - self._began) / self._slowness


def quickest(act: Callable[[], object]) -> float:
    """The cheapest of three times: a cache that is cold or shared is not the work's cost."""
    costs = []
    for _ in range(3):
        with Cost() as cost:
            act()
        costs.append(cost.seconds)
    return min(costs)


def _used() -> float:
    processes = os.times()
    return time.thread_time() + processes.children_user + processes.children_system


@cache
def _slowness() -> float:
    """How many times longer this machine takes."""
    return min(_loop() for _ in range(7)) / LOOP


def _loop() -> float:
    began = time.thread_time()
    sum(n * n % 7 for n in range(250_000))
    return time.thread_time() - began
