"""Stopping in good order when a signal comes (graceful shutdown), and in time whatever does not end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
LEAVE = 9.0  #: seconds after which a process that was asked to stop is gone


class Leaving:
    """Ends the process in time once it was asked to stop, whatever its threads do: DNS, a template, a big transaction.

    No thread can be stopped, and Python waits for all of them. Ending here loses no more than a kill does: nothing but
    the answer to a mail whose final dot had gone out.
    """

    def __init__(self, code: int = 0) -> None:
        self.seconds, self.code = LEAVE, code
        self._asked, self._over = threading.Event(), threading.Event()
        threading.Thread(target=self._wait, name="leaving", daemon=True).start()

    def asked(self) -> None:
        """From now on the time runs. Does nothing else: it is called in a signal handler."""
        self._asked.set()

    def over(self) -> None:
        """Everything ended by itself."""
        self._over.set()
        self._asked.set()

    def _wait(self) -> None:
        self._asked.wait()
        if not self._over.wait(self.seconds):
            log.warning("what was in the air did not end within %g s: leaving without it", self.seconds)
            os._exit(self.code)


def until_stopped(act: Callable[[asyncio.Event], Awaitable[T]]) -> T:
    """Run `act` with an event that SIGTERM, SIGINT and SIGHUP set: a mail in the air finishes before the command ends.

    A second signal does what it does to other programs.
    """
    if threading.current_thread() is not threading.main_thread():
        return asyncio.run(_unasked(act))  # only the main thread is told of signals
    leaving = Leaving(code=130)

    async def run() -> T:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()

        def asked(*_: object) -> None:
            for number, handler in before.items():
                signal.signal(number, handler)
            leaving.asked()
            loop.call_soon_threadsafe(stop.set)

        before = {number: signal.getsignal(number) or signal.SIG_DFL for number in SIGNALS}
        for number in SIGNALS:
            signal.signal(number, asked)
        try:
            return await act(stop)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    try:
        return asyncio.run(run())
    finally:
        leaving.over()


async def _unasked(act: Callable[[asyncio.Event], Awaitable[T]]) -> T:
    return await act(asyncio.Event())
