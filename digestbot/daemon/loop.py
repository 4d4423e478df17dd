"""The daemon: APScheduler with one tick job. What is due stands in the database; the scheduler only looks often.

APScheduler's own cron triggers fire twice on the night the clocks go back, and its job stores would be a second truth:
hence one interval job in memory, and slots as rows.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

from digestbot.system.process import run_id

log = logging.getLogger(__name__)

TICK = 15.0  #: seconds between two looks: a digest is at most that late
GRACE = 10.0

Tick = Callable[[asyncio.Event], Awaitable[None]]


async def run(mail: Tick, poll: Tick, *, tick: float = TICK, stop: asyncio.Event | None = None) -> None:
    """Call `mail` and `poll` every `tick` seconds, side by side, never two of one kind, until a signal comes.

    A slow source never holds up a digest. The first SIGTERM or SIGINT asks: what is in the air finishes within 10 s;
    the second kills.
    """
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    stop = stop or asyncio.Event()
    _listen(stop)
    running: dict[str, asyncio.Task[None]] = {}

    async def look() -> None:  # async, so that APScheduler calls it on the loop and not in a thread
        for name, act in (("mail", mail), ("poll", poll)):
            if name not in running or running[name].done():
                running[name] = asyncio.create_task(_guarded(name, act, stop), name=name)

    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(look, "interval", seconds=tick, coalesce=True, max_instances=1, misfire_grace_time=None)
    scheduler.start()
    await look()
    await stop.wait()
    scheduler.shutdown(wait=False)
    if poll_task := running.get("poll"):
        poll_task.cancel()  # a poll that is cut short has written nothing: the next one asks again
    for task in running.values():
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(task, GRACE + 2)


async def _guarded(name: str, act: Tick, stop: asyncio.Event) -> None:
    """A round that fails is logged, and the next one comes all the same."""
    run_id.set("")  # each round is a run of its own
    try:
        await act(stop)
    except Exception:
        log.exception("this round of %s failed; the next comes in a moment", name)


def _listen(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if stop.is_set():
            log.warning("second signal: leaving at once")
            os._exit(130)
        log.info("stopping: what is in the air finishes first")
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked)
