"""poll, send, tick and run: one half of a round, the other, both once, and both for ever."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import click

from digestbot.acts.intake.enrich import EnrichReport
from digestbot.acts.intake.poll import SourceReport
from digestbot.acts.rounds import SentOut, TakenIn
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app
from digestbot.daemon.live_config import Running
from digestbot.errors import AlreadyRunning
from digestbot.model import Digest

log = logging.getLogger(__name__)

DAEMON = timedelta(seconds=90)  #: the daemon's place is kept that long without a sign of life


@click.command("poll", short_help="Poll what is due, or the named sources now.")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@json_option
@with_app
def poll_command(app: App, sources: tuple[str, ...], as_json: bool) -> None:
    """Poll what is due, or the named sources now.

    Exit 1 when sources were asked and none of them answered.
    """
    names = app.source_names(sources)
    heard = terminal.progress("polled") if not as_json else _quiet
    count = 0

    def one(_: SourceReport) -> None:
        nonlocal count
        count += 1
        heard(count)

    taken = asyncio.run(app.take_in(only=names, heard=one))
    terminal.wipe()
    if as_json:
        terminal.say(terminal.as_json(poll_json(taken)))
    else:
        terminal.say(poll_text(taken))
    if taken.polled.nothing_done:
        raise SystemExit(1)


def _look_up(app: App) -> None:
    """Other services are asked last: no digest waits for them."""
    reports = asyncio.run(app.look_up(heard=terminal.progress("looked up")))
    terminal.wipe()
    for report in reports:
        if report.asked:
            terminal.say(looked_up_text(report))


def looked_up_text(report: EnrichReport) -> str:
    """`arxiv was asked about 12 papers and had news of 3.`"""
    asked = f"{report.provider} was asked about {terminal.plural(report.asked, 'paper')}"
    return f"{asked}: {report.error}" if report.error else f"{asked} and had news of {report.found}."


def _quiet(_: int) -> None:
    """No progress."""


def poll_json(taken: TakenIn) -> dict[str, Any]:
    """The shape of DESIGN.md section 14."""
    wanted = ("source", "status", "entries", "new", "updated", "expected", "problems", "next_poll")
    return {
        "sources": [{k: v for k in wanted if (v := getattr(report, k)) is not None} for report in taken.polled.sources],
        "papers_new": taken.resolved.papers_new,
        "seconds": round(taken.polled.seconds, 3),
    }


def poll_text(taken: TakenIn) -> str:
    """A line a source, then what it amounts to."""
    if not taken.polled.sources:
        return "Nothing is due. `digestbot poll SOURCE` asks at once."
    rows = [
        (
            r.source,
            terminal.state(r.status.value),
            terminal.plural(r.entries, "entry"),
            f"{r.new} new",
            _first_problem(r),
        )
        for r in taken.polled.sources
    ]
    papers = terminal.plural(taken.resolved.papers_new, "new paper")
    known = sum(1 for m in taken.resolved.joined if "replac" not in m.reason)
    joined = f", {terminal.plural(known, 'entry')} of papers we had" if known else ""
    return f"{terminal.table(rows)}\n{papers}{joined}. {taken.polled.seconds:.1f} s"


def _first_problem(report: SourceReport) -> str:
    if not report.problems:
        return ""
    first, rest = report.problems[0], len(report.problems) - 1
    place = f" ({first.where})" if first.where else ""
    return f"{first.what}{place}" + (f" and {terminal.plural(rest, 'more problem')}" if rest else "")


@click.command("send", short_help="Compose what is due and deliver the outbox once.")
@click.argument("subscribers", nargs=-1, metavar="[SUBSCRIBER]...")
@click.option("--now", is_flag=True, help="One extra digest, due or not, for those named or for everyone.")
@click.option("--dry-run", is_flag=True, help="Only say what would be sent; records nothing.")
@json_option
@with_app
def send_command(app: App, subscribers: tuple[str, ...], now: bool, dry_run: bool, as_json: bool) -> None:
    """Compose what is due and deliver the outbox once.

    Nothing due is exit 0; exit 1 when something should have gone out and nothing could.
    """
    people = [app.subscriber(who) for who in subscribers]
    if dry_run:
        digests = app.would_send(people, now=now)
        terminal.say(terminal.as_json(dry_json(digests)) if as_json else dry_text(digests))
        return
    more = (people or app.everybody()) if now else []
    heard = terminal.progress("delivered") if not as_json else _quiet
    sent = asyncio.run(app.send_out(only=[p.ref for p in people], more=more, heard=heard))
    terminal.wipe()
    if not app.polled():
        click.echo("Nothing has been polled yet: `digestbot poll` asks the sources.", err=True)
    terminal.say(
        terminal.as_json({"digests": sent.digests, "seconds": round(sent.seconds, 3)}) if as_json else send_text(sent)
    )
    if sent.nothing_done:
        raise SystemExit(1)


def dry_json(digests: list[Digest]) -> dict[str, Any]:
    """As `send --json`, with the outcome that would come first."""
    return {
        "digests": [
            {
                "subscriber": d.subscriber.ref,
                "slot": d.slot.key,
                "papers": [i.paper.public_id for i in d.items()],
                "outcome": "queued" if d.items() or d.subscriber.when_empty == "send" else "skipped_empty",
                "reason": "dry run",
            }
            for d in digests
        ],
        "seconds": 0,
    }


def dry_text(digests: list[Digest]) -> str:
    """What would go to whom."""
    if not digests:
        return "Nothing is due. `--now` composes an extra digest."
    lines = []
    for digest in digests:
        items = digest.items("mail")
        lines.append(terminal.heading(f"{digest.subscriber.email}: {terminal.plural(len(items), 'paper')}"))
        lines += [f"  {item.paper.title}" for item in items]
    return "\n".join([*lines, "Nothing was recorded, nothing was sent."])


def send_text(sent: SentOut) -> str:
    """A line a digest, then what it amounts to."""
    lines = []
    if sent.digests:
        rows = [
            (
                d.subscriber,
                terminal.state(d.outcome.replace("_", " ")),
                terminal.plural(len(d.papers), "paper"),
                d.reason.replace("_", " "),
            )
            for d in sent.digests
        ]
        lines.append(terminal.table(rows))
    else:
        lines.append("Nothing is due. `--now` composes an extra digest.")
    if sent.delivered.closed_until is not None:
        lines.append(
            f"The mail server is not asked before {sent.delivered.closed_until:%H:%M} UTC: it failed too often."
        )
    if sent.delivered.capped:
        lines.append("The cap per day is reached; the rest goes out when it allows.")
    return "\n".join(lines)


@click.command("tick", short_help="One round of all that is due: poll, compose, deliver.")
@with_app
def tick_command(app: App) -> None:
    """One round of all that is due: poll, compose, deliver. For people with cron."""
    from digestbot.app.returned_mail import read_before_sending

    taken = asyncio.run(app.take_in())
    terminal.say(poll_text(taken))
    read_before_sending(app)
    sent = asyncio.run(app.send_out())
    terminal.say(send_text(sent))
    _look_up(app)
    app.forget()
    if taken.polled.nothing_done and not sent.digests:
        raise SystemExit(1)


@click.command("run", short_help="The daemon: everything, at its time.")
@click.option("--tick", default=15.0, show_default=True, metavar="SECONDS", help="How often to look what is due.")
@with_app
def run_command(app: App, tick: float) -> None:
    """Poll, compose and deliver, everything at its time, until stopped.

    SIGTERM or Ctrl-C asks: what is in the air finishes within 10 s. A second one kills.
    """
    from digestbot.app.returned_mail import read_before_sending
    from digestbot.daemon import loop as scheduler

    logging.getLogger("digestbot").setLevel(logging.INFO)
    _take_place(app)
    log.info("running: %d sources, %d subscribers", len(app.config.sources), len(app.config.subscribers))

    running = Running(app)

    async def mail(stop: asyncio.Event) -> None:
        _take_place(app)
        now = await asyncio.to_thread(running.refresh)
        await asyncio.to_thread(read_before_sending, now)
        await now.send_out(stop=stop)

    async def poll(_: asyncio.Event) -> None:
        await running.app.take_in()
        await running.app.look_up()
        await asyncio.to_thread(running.app.forget)

    try:
        with _pages(running):
            asyncio.run(scheduler.run(mail, poll, tick=tick))
    finally:
        with app.store.transaction() as tx:
            tx.leases.give_back_lease("daemon", owner=app.owner, next_at=app.clock())
    log.info("stopped")


@click.command("serve", short_help="Only the pages behind the links of the mails.")
@with_app
def serve_command(app: App) -> None:
    """Only the pages behind the links of the mails, until stopped. `run` serves them too."""
    import signal
    import threading

    from digestbot.web.server import serving

    logging.getLogger("digestbot").setLevel(logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    running = Running(app)
    with serving(running):
        while not stop.wait(15):
            running.refresh()


@contextmanager
def _pages(running: Running) -> Iterator[None]:
    """Where there is a web address, its pages."""
    if not running.app.config.site.base_url:
        yield
        return
    from digestbot.web.server import serving

    with serving(running):
        yield


def _take_place(app: App) -> None:
    """One daemon a store. Raises AlreadyRunning."""
    from digestbot.acts import leases
    from digestbot.system import process

    with app.store.transaction() as tx:
        taken = leases.take(tx, "daemon", owner=app.owner, now=app.clock(), lease=DAEMON)
        holder = tx.leases.lease_holder("daemon", app.clock()) if taken else ""
    if taken:
        raise AlreadyRunning(
            f"another digestbot runs on this store: {process.words(holder)}",
            fix="`digestbot status`, `send` and the others work beside it",
        )
