"""What work costs, whatever else this machine does: time of the processor, in seconds of the machine limits are meant for."""

from __future__ import annotations

import time
from functools import cache
from typing import Self

LOOP = 0.013  #: seconds that `_loop` takes there


class Cost:
    """`with Cost() as cost: work` and then `cost.seconds`, of this thread."""

    seconds: float

    def __enter__(self) -> Self:
        self._slowness, self._began = _slowness(), time.thread_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = (time.thread_time() - self._began) / self._slowness


@cache
def _slowness() -> float:
    """How many times longer this machine takes."""
    return min(_loop() for _ in range(7)) / LOOP


def _loop() -> float:
    began = time.thread_time()
    sum(n * n % 7 for n in range(250_000))
    return time.thread_time() - began
