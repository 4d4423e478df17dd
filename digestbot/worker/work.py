"""Work: what each job does. It asks the rows what is still to be done, and calls the act."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from digestbot.acts.delivery.deliver import deliver
from digestbot.acts.digests.dispatch import Composed, KeptWindow, Part, dispatch
from digestbot.acts.digests.news import publish_news
from digestbot.acts.intake.poll import is_due, poll
from digestbot.acts.intake.questions import source_rows
from digestbot.acts.jobs import RESOLVE_JOB, Task, delete_failed, deliver_job, deliver_on, dispatched_until, people_of
from digestbot.acts.papers.resolve import resolve
from digestbot.acts.rounds import Intake, encode_round, enrich_round, publish_own_feeds
from digestbot.acts.upkeep.retention import delete_expired
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.app.returned_mail import read_before_sending
from digestbot.app.wiring import App
from digestbot.daemon.live_config import LiveApp
from digestbot.model import State
from digestbot.store import Transaction
from digestbot.system.process import begin_run, run_id

log = logging.getLogger(__name__)

FRESH = timedelta(seconds=60)  #: parts of a dispatch that a process composes within it see the same papers
TURN = 30.0  #: seconds after which a job of delivering lets another have the connections


class Work:
    """The acts behind the jobs of one process."""

    def __init__(self, live: LiveApp) -> None:
        self.live = live
        self.stop = asyncio.Event()  #: the process is asked to end
        self._kept: tuple[App, KeptWindow] | None = None
        self._opened: tuple[App, Intake] | None = None
        self._closing = AsyncExitStack()
        self._opening = asyncio.Lock()

    async def do(self, task: str, ids: dict[str, str | int]) -> None:
        """One job. What it raises makes the job fail; what it was to do is looked for again with the next tick."""
        run_id.set("")
        begin_run()
        match task:
            case Task.POLL:
                await self._poll(str(ids["source"]))
            case Task.RESOLVE:
                await self._resolve()
            case Task.ENRICH:
                async with self._intake() as intake:
                    await encode_round(intake)
                    await enrich_round(intake)
            case Task.DISPATCH:
                await asyncio.to_thread(self._dispatch, int(ids["block"]))
            case Task.DELIVER:
                await self._deliver(int(ids["number"]))
            case Task.INBOX:
                await asyncio.to_thread(read_before_sending, self.live.app)
            case Task.CLEAN:
                await asyncio.to_thread(self._clean)

    async def close(self) -> None:
        """Close the network."""
        await self._closing.aclose()

    @asynccontextmanager
    async def _intake(self) -> AsyncIterator[Intake]:
        """The network, opened once for each configuration: opening it costs more than a request."""
        async with self._opening:
            app = self.live.app
            if self._opened is None or self._opened[0] is not app:
                made = await self._closing.enter_async_context(app.intake())
                client = replace(made.client, on_entries=_resolve_soon)
                self._opened = app, replace(made, client=client)
            intake = self._opened[1]
        yield intake

    async def _poll(self, source: str) -> None:
        async with self._intake() as intake:
            row = (await asyncio.to_thread(source_rows, intake.client.store)).get(source)
            if is_due(row, intake.client.clock()):
                await poll(intake.client, intake.sources, only=[source], run=run_id.get())

    async def _resolve(self) -> None:
        app = self.live.app
        await asyncio.to_thread(resolve, app.store, now=app.clock())
        await asyncio.to_thread(publish_news, app.store, app.feed_settings, now=app.clock())
        await asyncio.to_thread(update_search_index, app.store)  # last: nobody waits for the search

    def _dispatch(self, block: int) -> None:
        app = self.live.app
        kept, settings = self._kept_window(app), app.digest_settings
        names, wait = [s.name for s in app.setups], app.config.delivery.wait_for_sources
        until = dispatched_until(app.store, names, settings, wait=wait, now=kept.moment)

        def noted(tx: Transaction, composed: Sequence[Composed]) -> None:
            if any(one.delivery is not None for one in composed):
                tx.jobs.add_jobs([deliver_job(block)])

        part = Part(people=people_of(block), due_by=until, kept=kept, noted=noted)
        done = dispatch(app.store, settings, now=kept.moment, run=run_id.get(), part=part)
        publish_own_feeds(app.store, app.feed_settings, done)
        if done.slots:
            log.info("composed: %d slots of block %d", len(done.slots), block)

    def _kept_window(self, app: App) -> KeptWindow:
        """Reading the papers of the window for each part anew would cost more than the digests."""
        now = app.clock()
        if self._kept is None or self._kept[0] is not app or not _is_fresh(self._kept[1], now):
            self._kept = app, KeptWindow(moment=now)
        return self._kept[1]

    async def _deliver(self, number: int) -> None:
        app = self.live.app
        mailer = await asyncio.to_thread(app.mailer)
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        ending = asyncio.create_task(self._until_stopped(over), name="end of turn")
        timer = loop.call_later(TURN, over.set)
        try:
            report = await deliver(mailer.client(), stop=over)
        finally:
            timer.cancel()
            ending.cancel()
        if report.deliveries:
            log.info("delivered: %d, %d sent", len(report.deliveries), report.count(State.SENT))
        if over.is_set():
            await asyncio.to_thread(deliver_on, app.store, number, now=app.clock())

    async def _until_stopped(self, over: asyncio.Event) -> None:
        await self.stop.wait()
        over.set()

    def _clean(self) -> None:
        app = self.live.app
        delete_expired(app.store, app.retention, now=app.clock())
        delete_failed(app.store, now=app.clock())


def _is_fresh(kept: KeptWindow, now: datetime) -> bool:
    return kept.moment <= now < kept.moment + FRESH


def _resolve_soon(tx: Transaction) -> None:
    tx.jobs.add_jobs([RESOLVE_JOB])
