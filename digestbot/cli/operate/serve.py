"""run, worker and serve: the daemon, one that takes jobs of the queue, and the pages alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import click

from digestbot.acts.jobs import Queue, refuse_wrong_clock
from digestbot.app.wiring import App
from digestbot.cli.with_app import with_app
from digestbot.daemon.live_config import LiveApp
from digestbot.errors import StoreError, UsageError
from digestbot.store.queue_schema import FIX, MISSING

log = logging.getLogger(__name__)

SOURCES_AT_ONCE = 8  #: that one worker polls


@click.command("run", short_help="The daemon: everything, at its time.")
@click.option("--tick", default=15.0, show_default=True, metavar="SECONDS", help="How often to look what is due.")
@with_app
def run_command(app: App, tick: float) -> None:
    """Poll, compose and deliver, everything at its time, until stopped.

    SIGTERM or Ctrl-C asks: what is in the air finishes within 10 s. A second one kills. SIGHUP reads the configuration
    again; so does a change of its files. With [store] queue = "procrastinate" it is the pages and a worker of all queues.
    """
    if app.config.store.queue != "local":
        _work(app, tuple(Queue), SOURCES_AT_ONCE, tick, pages=True)
        return
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


@click.command("worker", short_help="Take jobs of the queue, beside any number of others.")
@click.option(
    "--queues", default=",".join(Queue), show_default=True, metavar="NAMES", help="Which queues, with commas between."
)
@click.option(
    "--concurrency",
    default=SOURCES_AT_ONCE,
    show_default=True,
    type=click.IntRange(1, 64),
    metavar="N",
    help="How many sources are polled at once. Of composing and of delivering a worker does one job at a time.",
)
@click.option("--tick", default=15.0, show_default=True, metavar="SECONDS", help="How often to look what is due.")
@with_app
def worker_command(app: App, queues: str, concurrency: int, tick: float) -> None:
    """Take jobs of the queue until stopped, beside any number of other workers on any number of machines.

    Needs [store] queue = "procrastinate". One of the workers looks for what is due; when it is gone another does, within
    30 s. SIGTERM or Ctrl-C asks: what is in the air finishes within 10 s. A worker that is killed costs nothing: its jobs
    are taken by others within a minute.
    """
    if app.config.store.queue == "local":
        raise UsageError("there is no queue to work on", where="[store] queue", fix='Write queue = "procrastinate"')
    _work(app, _named(queues), concurrency, tick, pages=False)


def _named(queues: str) -> tuple[Queue, ...]:
    """Returns the queues of `a,b`. Raises UsageError for one that does not exist."""
    names = [name.strip() for name in queues.split(",") if name.strip()]
    known = [str(queue) for queue in Queue]
    if not names or (unknown := [name for name in names if name not in known]):
        said = f"no queue {unknown[0]!r}" if names else "no queue is named"
        raise UsageError(said, where="--queues", fix=f"known: {', '.join(known)}")
    return tuple(dict.fromkeys(map(Queue, names)))


def _work(app: App, queues: Collection[Queue], concurrency: int, tick: float, *, pages: bool) -> None:
    """Takes jobs until a signal comes. Raises StoreError when the package or the database is missing."""
    from digestbot.daemon.loop import Signals
    from digestbot.daemon.stopping import Leaving

    try:
        from digestbot.worker.service import serve_jobs
    except ModuleNotFoundError as error:
        raise StoreError(MISSING, fix=FIX) from error
    logging.getLogger("digestbot").setLevel(logging.INFO)
    app.leave_to_others()  # whoever ticks applies the files
    refuse_wrong_clock(app.store, app.clock())
    live = LiveApp(app)
    live.applies = False
    log.info("working on %s", ", ".join(queues))
    signals = Signals(leaving=Leaving())
    with _pages(live, wanted=pages):
        asyncio.run(serve_jobs(live, queues, concurrency=concurrency, tick=tick, signals=signals))
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
def _pages(live: LiveApp, *, wanted: bool = True) -> Iterator[None]:
    """Serves the pages while the block runs, if they are wanted and the site has a web address."""
    if not wanted or not live.app.config.site.base_url:
        yield
        return
    from digestbot.web.server import serving

    with serving(live):
        yield
