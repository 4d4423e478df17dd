"""poll and tick: half a round, and a whole one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import click

from digestbot.acts.intake.enrich import EnrichReport
from digestbot.acts.intake.poll import SourceReport
from digestbot.acts.intake.questions import checked_names
from digestbot.acts.rounds import PollRound, encode_round, enrich_round, poll_round
from digestbot.acts.upkeep.clock import note_round
from digestbot.acts.upkeep.retention import delete_expired
from digestbot.app.returned_mail import read_before_sending
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.operate.send import poll_and_send, send_text
from digestbot.cli.with_app import json_option, with_app
from digestbot.daemon.service import tell_alarm
from digestbot.daemon.stopping import until_stopped
from digestbot.digest.selection.select import LOOK_BACK


@click.command("poll", short_help="Poll what is due, or the named sources now.")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@json_option
@with_app
def poll_command(app: App, sources: tuple[str, ...], as_json: bool) -> None:
    """Poll what is due, or the named sources now.

    Exit 1 when sources were asked and none of them answered.
    """
    names = checked_names(sources, [s.name for s in app.config.sources])
    heard, polled = (lambda _: None) if as_json else terminal.progress("polled"), count(1)
    taken = asyncio.run(poll_now(app, names, on_progress=lambda _: heard(next(polled))))
    terminal.wipe()
    if as_json:
        terminal.say(terminal.as_json(poll_json(taken)))
    else:
        terminal.say(poll_text(taken))
    if taken.polled.nothing_done:
        raise SystemExit(1)


async def poll_now(
    app: App, only: Sequence[str] = (), *, on_progress: Callable[[SourceReport], None] = lambda _: None
) -> PollRound:
    """Poll what is due, or the named sources."""
    async with app.intake() as intake:
        taken = await poll_round(intake, only=only, on_progress=on_progress)
        await encode_round(intake)
        return taken


async def _enrich(app: App) -> tuple[EnrichReport, ...]:
    """Asks other services what papers lack."""
    done, told = count(0), terminal.progress("looked up")
    async with app.intake() as intake:
        return await enrich_round(intake, on_progress=lambda more: told([next(done) for _ in range(more)][-1]))


def looked_up_text(report: EnrichReport) -> str:
    """Returns `arxiv was asked about 12 papers and had news of 3.`"""
    asked = f"{report.provider} was asked about {terminal.plural(report.asked, 'paper')}"
    return f"{asked}: {report.error}" if report.error else f"{asked} and had news of {report.found}."


def poll_json(taken: PollRound) -> dict[str, Any]:
    """Returns the answer for scripts: a report for each source, and sums."""
    wanted = ("source", "status", "entries", "new", "updated", "expected", "problems", "next_poll")
    return {
        "sources": [{k: v for k in wanted if (v := getattr(report, k)) is not None} for report in taken.polled.sources],
        "papers_new": taken.resolved.papers_new,
        "seconds": round(taken.polled.seconds, 3),
    }


def poll_text(taken: PollRound) -> str:
    """Returns the answer for people: a line for each source, then the sums."""
    if not taken.polled.sources:
        return "Nothing is due. `digestbot poll SOURCE` asks at once."
    rows = [
        (
            r.source,
            terminal.state(r.status.value),
            terminal.plural(r.entries, "entry"),
            f"{r.new - r.older} new" + (f", {r.older} older than {LOOK_BACK.days} days" if r.older else ""),
            _first_problem(r),
        )
        for r in taken.polled.sources
    ]
    papers = f"{terminal.plural(taken.resolved.papers_new, 'paper')} more in all"
    known = sum(1 for m in taken.resolved.joined if "replac" not in m.reason)
    joined = f", {terminal.plural(known, 'entry')} of papers we had" if known else ""
    return f"{terminal.table(rows)}\n{papers}{joined}. {taken.polled.seconds:.1f} s"


def _first_problem(report: SourceReport) -> str:
    if not report.problems:
        return ""
    first, rest = report.problems[0], len(report.problems) - 1
    place = f" ({first.where})" if first.where else ""
    return f"{first.what}{place}" + (f" and {terminal.plural(rest, 'more problem')}" if rest else "")


@click.command("tick", short_help="One round of all that is due: poll, compose, deliver.")
@with_app
def tick_command(app: App) -> None:
    """One round of all that is due, for people with cron.

    The overdue sources of those who are due are asked first, for as long as a digest waits; then digests are composed
    and delivered; then what else is due is polled.
    """
    note_round(app.store, app.policy.server, now=app.clock())
    read_before_sending(app)
    sent = until_stopped(lambda stop: poll_and_send(app, stop))
    terminal.say(send_text(sent))
    tell_alarm(app)
    taken = asyncio.run(poll_now(app))
    terminal.say(poll_text(taken))
    reports = asyncio.run(_enrich(app))
    terminal.wipe()
    for report in (r for r in reports if r.asked):
        terminal.say(looked_up_text(report))
    delete_expired(app.store, app.retention, now=app.clock())
    if sent.nothing_done or (taken.polled.nothing_done and not sent.digests):
        raise SystemExit(1)
