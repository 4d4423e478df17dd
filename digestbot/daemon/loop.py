"""The loop of the daemon: call the rounds every few seconds, on the monotonic clock. What is due stands in the database.

The loop asks no wall clock, so a clock that is set back, or forward by years, neither stops it nor makes it run twice.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from digestbot.system.process import run_id

log = logging.getLogger(__name__)

TICK = 15.0  #: seconds between two looks: a digest is at most that late
GRACE = 10.0  #: seconds a round has to end in when we are asked to stop

Round = Callable[[asyncio.Event], Awaitable[None]]


@dataclass(slots=True)
class Signals:
    """What was asked of the process from outside."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    wake: asyncio.Event = field(default_factory=asyncio.Event)  #: look at once
    reread: bool = False  #: whoever reads the configuration reads it again, and sets this back

    def listen(self) -> None:
        """SIGTERM and SIGINT stop after what is in the air, a second one at once. SIGHUP reloads."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._asked_to_reload)

    def _asked_to_stop(self) -> None:
        if self.stop.is_set():
            log.warning("second signal: leaving at once")
            os._exit(130)
        log.info("stopping: what is in the air finishes first")
        self.stop.set()

    def _asked_to_reload(self) -> None:
        log.info("asked to read the configuration again")
        self.reread = True
        self.wake.set()


async def run(
    rounds: Mapping[str, Round],
    *,
    tick: float = TICK,
    signals: Signals | None = None,
    on_turn: Callable[[], None] = lambda: None,
) -> None:
    """Start every round each `tick` seconds, side by side, never two of one name, until a signal comes.

    `on_turn` is called once a turn, before the rounds. The round named "poll" is cut short at the end: a poll that was
    cut short has written nothing, and the next one asks again. The others get ten seconds.
    """
    signals = signals or Signals()
    signals.listen()
    running: dict[str, asyncio.Task[None]] = {}
    while not signals.stop.is_set():
        on_turn()
        for name, act in rounds.items():
            if name not in running or running[name].done():
                running[name] = asyncio.create_task(_guarded(name, act, signals.stop), name=name)
        await _wait(signals, tick)
    if polling := running.get("poll"):
        polling.cancel()
    for task in running.values():
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(task, GRACE + 2)


async def _wait(signals: Signals, seconds: float) -> None:
    """Until the next turn, a signal, or a reload."""
    asked = [asyncio.ensure_future(event.wait()) for event in (signals.stop, signals.wake)]
    try:
        await asyncio.wait(asked, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        signals.wake.clear()
        for one in asked:
            one.cancel()


async def _guarded(name: str, act: Round, stop: asyncio.Event) -> None:
    """A round that fails is logged, and the next one begins all the same."""
    run_id.set("")  # each round is a run of its own
    try:
        await act(stop)
    except Exception:
        log.exception("this round of %s failed; the next begins in a moment", name)
