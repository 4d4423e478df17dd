"""Processes that end with the test run, however it ends, and waiting for what they do."""

from __future__ import annotations

import asyncio
import ctypes
import signal
import sys
import time
from collections.abc import Callable

PATIENCE = 120.0  #: seconds until a wait is given up: far more than it takes on a machine with much else to do
LOOK_AGAIN = 0.005  #: seconds between two looks
_PR_SET_PDEATHSIG = 1


def end_with_parent(how: signal.Signals = signal.SIGKILL) -> None:
    """To be called in a new process: it gets this signal when the thread that made it ends. Linux only, else nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, how)


def wait_for(what: Callable[[], object]) -> None:
    """Return as soon as it is true."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(LOOK_AGAIN)


async def wait_meanwhile(what: Callable[[], object]) -> None:
    """The same where what is waited for happens in this loop: in a task, or in a server of ours."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(LOOK_AGAIN)
