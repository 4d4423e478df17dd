"""A worker's process: lanes that take jobs, the ticker, and an end in good order.

A lane is a worker of procrastinate. Composing and delivering have a lane each with one job at a time, because either
uses all that a process has: its processor, its connections. More of them means more processes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import procrastinate

from digestbot.acts.jobs import SIGN_OF_LIFE, SILENT, Queue, Task
from digestbot.daemon.live_config import LiveApp
from digestbot.daemon.loop import GRACE, Signals
from digestbot.system.service_manager import notify
from digestbot.worker.ticker import Ticker
from digestbot.worker.work import Work

log = logging.getLogger(__name__)

AGAIN = (1.0, 2.0, 5.0, 10.0)  #: seconds until a lane that a database in trouble has ended begins again


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a worker looks for jobs, and after how long without a sign of life it is taken for gone. Both shrink with the tick."""

    look: float = 1.0  #: seconds between two looks into an empty queue
    sign_of_life: timedelta = SIGN_OF_LIFE
    silent: timedelta = SILENT

    @classmethod
    def of(cls, tick: float) -> Pace:
        """The pace that fits to this many seconds between two ticks."""
        part = min(1.0, tick / SIGN_OF_LIFE.total_seconds())
        return cls(look=max(0.05, part), sign_of_life=part * SIGN_OF_LIFE, silent=part * SILENT)


async def serve_jobs(
    live: LiveApp, queues: Collection[Queue], *, concurrency: int, tick: float, signals: Signals
) -> None:
    """Take jobs of `queues` until a signal comes, `concurrency` sources at once; look for what is due, if nobody else does."""
    signals.listen()
    pace = Pace.of(tick)
    work, ticker = Work(live), Ticker(live, signals, silent=pace.silent)
    loop = asyncio.get_running_loop()

    def wake() -> None:
        with suppress(RuntimeError):  # it is stopping
            loop.call_soon_threadsafe(signals.wake.set)

    live.wake, live.heartbeat.tick = wake, tick
    notify("READY=1")
    with live.heartbeat.watched():
        lanes = [
            asyncio.create_task(_keep_lane(work, some, jobs, pace), name=f"lane {some[0]}")
            for some, jobs in _lanes(queues, concurrency)
        ]
        ticking = asyncio.create_task(ticker.run(tick), name="ticker")
        await signals.stop.wait()
        work.stop.set()
        for lane in lanes:
            lane.cancel()  # what it runs has its own grace
        await asyncio.wait([ticking, *lanes], timeout=GRACE + 0.5)
        ticking.cancel()
    notify("STOPPING=1")
    await asyncio.to_thread(ticker.leave)
    await work.close()


def _lanes(queues: Collection[Queue], concurrency: int) -> list[tuple[list[Queue], int]]:
    """Queues that share a lane, and how many jobs of them run at once."""
    shared = [queue for queue in (Queue.SOURCES, Queue.UPKEEP) if queue in queues]
    single = [queue for queue in (Queue.DIGESTS, Queue.MAIL) if queue in queues]
    return [*([(shared, concurrency)] if shared else []), *(([queue], 1) for queue in single)]


async def _keep_lane(work: Work, queues: list[Queue], jobs: int, pace: Pace) -> None:
    """Take jobs until cancelled. A lane that fails, as it does when the database goes away, begins again."""
    tries = 0
    while not work.stop.is_set():
        began = asyncio.get_running_loop().time()
        try:
            async with queue_of(work.live.app.config.store.url, work).open_async() as queue:
                await queue.run_worker_async(
                    queues=[str(one) for one in queues], name=str(queues[0]), concurrency=jobs, listen_notify=False,
                    fetch_job_polling_interval=pace.look, install_signal_handlers=False, delete_jobs="successful",
                    shutdown_graceful_timeout=GRACE - 1, update_heartbeat_interval=pace.sign_of_life.total_seconds(),
                    stalled_worker_timeout=pace.silent.total_seconds(),
                )  # fmt: skip
        except Exception as error:
            log.error("the queue cannot be read: %s; trying again", error)
        if asyncio.get_running_loop().time() - began > 60:
            tries = 0
        await asyncio.sleep(AGAIN[min(tries, len(AGAIN) - 1)])
        tries += 1


def queue_of(url: str, work: Work) -> procrastinate.App:
    """The queue of this database, whose tasks are done by `work`."""
    connector = procrastinate.PsycopgConnector(conninfo=_conninfo(url), min_size=1, max_size=4, timeout=10)
    app = procrastinate.App(connector=connector)
    for task in Task:
        app.task(name=str(task))(_act(work, task))
    return app


def _act(work: Work, task: Task) -> Any:
    async def act(**ids: str | int) -> None:
        await work.do(task, ids)

    return act


def _conninfo(url: str) -> str:
    """The address as libpq takes it: it knows `postgresql://`, and not SQLAlchemy's names of drivers."""
    return "postgresql://" + url.partition("://")[2]
