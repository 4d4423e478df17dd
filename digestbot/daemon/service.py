"""The service: everything at its time, until stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from digestbot.acts.rounds import encode_round, enrich_round, poll_for_digests, poll_round, send_round
from digestbot.acts.upkeep.alarm import raise_alarm
from digestbot.acts.upkeep.clock import note_jump, note_round
from digestbot.acts.upkeep.retention import delete_expired
from digestbot.app.returned_mail import read_before_sending
from digestbot.app.wiring import App
from digestbot.daemon.heartbeat import ClockWatch
from digestbot.daemon.live_config import LiveApp
from digestbot.daemon.loop import Signals, run
from digestbot.daemon.place import take_place
from digestbot.system.alarm import call
from digestbot.system.service_manager import notify

log = logging.getLogger(__name__)


async def serve_rounds(live: LiveApp, *, tick: float, signals: Signals | None = None) -> None:
    """Poll, compose and deliver until a signal comes. A slow source holds up no digest beyond its bound."""
    signals = signals or Signals()
    clocks, jumps = ClockWatch(live.app.clock), list[tuple[datetime, datetime]]()

    def turn() -> None:
        live.heartbeat.beat()
        notify("WATCHDOG=1")
        if (jump := clocks.look()) is not None:
            jumps.append(jump)

    async def mail(stop: asyncio.Event) -> None:
        asked, signals.reread = signals.reread, False
        await asyncio.to_thread(take_place, live.app)
        app = await asyncio.to_thread(live.refresh, asked=asked)
        while jumps:
            await asyncio.to_thread(note_jump, app.store, app.policy.server, *jumps.pop(0))
        await asyncio.to_thread(note_round, app.store, app.policy.server, now=app.clock())
        await asyncio.to_thread(read_before_sending, app)
        await poll_then_send(app, stop)
        await asyncio.to_thread(tell_alarm, app)

    async def poll(_: asyncio.Event) -> None:
        app = live.app
        async with app.intake() as intake:
            await poll_round(intake)
            await encode_round(intake)
            await enrich_round(intake)
        await asyncio.to_thread(delete_expired, app.store, app.retention, now=app.clock())

    loop = asyncio.get_running_loop()

    def wake() -> None:
        with suppress(RuntimeError):  # it is stopping
            loop.call_soon_threadsafe(signals.wake.set)

    live.wake = wake
    notify("READY=1")
    live.heartbeat.tick = tick
    with live.heartbeat.watched():
        await run({"mail": mail, "poll": poll}, tick=tick, signals=signals, on_turn=turn)
    notify("STOPPING=1")


async def poll_then_send(app: App, stop: asyncio.Event) -> None:
    """Ask the overdue sources of those who are due, then compose, then deliver."""
    await _unless(stop, _poll_for_digests(app))
    if not stop.is_set():
        await send_round(app.mailer(), stop=stop)


async def _poll_for_digests(app: App) -> None:
    async with app.intake() as intake:
        await poll_for_digests(intake, app.digest_settings, at_most=app.config.delivery.wait_for_sources)


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do it, or leave it when we are asked to stop: what was asked of a source is asked again."""
    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        tasks[1].cancel()
        if not tasks[0].done():
            tasks[0].cancel()
    with suppress(asyncio.CancelledError):
        await tasks[0]


def tell_alarm(app: App) -> None:
    """Tell whom [alerts] names that no mail goes out, or that it does again."""
    alerts = app.config.alerts
    if alerts.command or alerts.url:
        tell = partial(call, command=alerts.command, url=alerts.url)
        raise_alarm(app.store, app.policy.server, tell, site=app.config.site.name, after=alerts.after, now=app.clock())
