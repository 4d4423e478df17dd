"""run and serve: the daemon, and the pages alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import click

from digestbot.app.wiring import App
from digestbot.cli.with_app import with_app
from digestbot.daemon.live_config import LiveApp

log = logging.getLogger(__name__)


@click.command("run", short_help="The daemon: everything, at its time.")
@click.option("--tick", default=15.0, show_default=True, metavar="SECONDS", help="How often to look what is due.")
@with_app
def run_command(app: App, tick: float) -> None:
    """Poll, compose and deliver, everything at its time, until stopped.

    SIGTERM or Ctrl-C asks: what is in the air finishes within 10 s. A second one kills. SIGHUP reads the configuration
    again; so does a change of its files.
    """
    from digestbot.daemon.loop import Signals
    from digestbot.daemon.place import leave_place, take_place
    from digestbot.daemon.service import serve_rounds
    from digestbot.daemon.stopping import Leaving

    logging.getLogger("digestbot").setLevel(logging.INFO)
    take_place(app)
    log.info("running: %d sources, %d subscribers", len(app.config.sources), len(app.config.subscribers))
    live = LiveApp(app)

    async def rounds() -> None:
        try:
            await serve_rounds(live, tick=tick, signals=Signals(leaving=Leaving()))
        finally:
            leave_place(app)  # before threads are waited for that may not end in time

    try:
        with _pages(live):
            asyncio.run(rounds())
    except BaseException:
        leave_place(app)
        raise
    log.info("stopped")


@click.command("serve", short_help="Only the pages behind the links of the mails.")
@with_app
def serve_command(app: App) -> None:
    """Only the pages behind the links of the mails, until stopped. `run` serves them too. SIGHUP reads the configuration
    again; so does a change of its files.
    """
    import signal
    import threading

    from digestbot.daemon.stopping import Leaving
    from digestbot.web.server import serving

    logging.getLogger("digestbot").setLevel(logging.INFO)
    asked, wake, leaving = set[int](), threading.Event(), Leaving()

    def heard(number: int, _: object) -> None:
        if number != signal.SIGHUP:
            leaving.asked()
        asked.add(number)
        wake.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, heard)
    live = LiveApp(app)
    with serving(live):
        while not asked - {signal.SIGHUP}:
            wake.wait(15)
            wake.clear()
            reload = signal.SIGHUP in asked
            asked.discard(signal.SIGHUP)
            live.refresh(asked=reload)


@contextmanager
def _pages(live: LiveApp) -> Iterator[None]:
    """Serves the pages while the block runs, if the site has a web address."""
    if not live.app.config.site.base_url:
        yield
        return
    from digestbot.web.server import serving

    with serving(live):
        yield
