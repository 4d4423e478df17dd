"""Commands that stop in good order when a signal comes."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def until_stopped(act: Callable[[asyncio.Event], Awaitable[T]]) -> T:
    """Run `act` with an event that SIGTERM, SIGINT and SIGHUP set: a mail in the air finishes before the command ends.

    A second signal does what it does to other programs.
    """

    async def run() -> T:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()

        def asked() -> None:
            stop.set()
            for number in SIGNALS:
                loop.remove_signal_handler(number)

        if threading.current_thread() is not threading.main_thread():
            return await act(stop)  # only the main thread is told of signals
        for number in SIGNALS:
            loop.add_signal_handler(number, asked)
        try:
            return await act(stop)
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)

    return asyncio.run(run())
