"""library: what somebody imported or likes, and whether it still stands."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from digestbot.acts.people.find import find_subscriber
from digestbot.acts.people.library import Holding, holdings
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app, with_app
from digestbot.errors import UsageError

SHOWN = 40  #: lines; --json has all


@click.group("library", short_help="What somebody knows: list, check, export.")
def library_command() -> None:
    """What somebody imported or likes: how each paper stands, and when a service was last asked about it.

    `digestbot import bibtex` fills a library.
    """


@library_command.command("list")
@click.argument("who", metavar="SUBSCRIBER")
@click.option("--fallen", is_flag=True, help="Only what was retracted, withdrawn, questioned or corrected.")
@json_option
@reading_app
def list_command(app: App, who: str, fallen: bool, as_json: bool) -> None:
    """Every paper of a library; what no longer stands first."""
    _show(app, who, fallen, as_json)


@library_command.command("check")
@click.argument("who", metavar="SUBSCRIBER")
@click.option("--notices", metavar="FILE|URL", default="", help="Also a list of Retraction Watch.")
@json_option
@with_app
def check_command(app: App, who: str, notices: str, as_json: bool) -> None:
    """Ask the services about every paper they were not asked about in the last two days. No mail is sent: the next digest tells.

    `run` and `tick` do the same by themselves: a new paper within two days, each again every month.
    """
    one = find_subscriber(app.store, who)
    said = asyncio.run(_check(app, one.ref, notices))
    for line in said:
        click.echo(line, err=True)
    _show(app, who, True, as_json)


@library_command.command("export")
@click.argument("who", metavar="SUBSCRIBER")
@click.option("--as", "form", type=click.Choice(["bibtex", "csv"]), default="bibtex", show_default=True)
@click.option("-o", "--out", metavar="FILE", type=click.Path(path_type=Path), help="Where to write (default: stdout).")
@reading_app
def export_command(app: App, who: str, form: str, out: Path | None) -> None:
    """The library as BibTeX or CSV."""
    from digestbot.papers.exchange.write import bibtex, table

    papers = [h.paper for h in holdings(app.store, find_subscriber(app.store, who))]
    text = bibtex(papers) if form == "bibtex" else table(papers)
    if out is None:
        click.echo(text.encode(), nl=False)
        return
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(out)) from error
    click.echo(f"{out}: {terminal.plural(len(papers), 'paper')}", err=True)


async def _check(app: App, ref: str, notices: str) -> list[str]:
    """Asks, and returns a line for each service."""
    from digestbot.acts.intake.notice_list import read_list
    from digestbot.acts.papers.resolve import resolve
    from digestbot.acts.rounds import library_round

    said = []
    if (listed := app.notice_list(notices)) is not None:
        report = await read_list(app.store, listed, clock=app.clock)
        if report.error:
            raise UsageError(report.error, where=notices, fix="it is https://gitlab.com/crossref/retraction-watch-data")
        resolve(app.store, now=app.clock())
        said.append(f"{report.rows:,} notices read, {report.known:,} of papers here, {report.found:,} of them new")
    async with app.intake() as intake:
        reports = await library_round(intake, find_subscriber(app.store, ref))
    asked = Counter[str]()
    for each in reports:
        asked[each.provider] += each.asked
    errors = {each.provider: f"; {each.error}" for each in reports if each.error}
    return said + [f"{n}: {terminal.plural(asked[n], 'paper')} asked about{errors.get(n, '')}" for n in sorted(asked)]


def _show(app: App, who: str, fallen: bool, as_json: bool) -> None:
    one = find_subscriber(app.store, who)
    every = holdings(app.store, one)
    wanted = [h for h in every if h.stands or not fallen]
    if as_json:
        told = {"subscriber": one.ref, "papers": len(every), "library": [_told(h) for h in wanted]}
        terminal.say(terminal.as_json(told))
        return
    terminal.say(f"{one.email}: {terminal.plural(len(every), 'paper')}, {_counts(every)}.")
    if never := sum(h.asked is None for h in every):
        terminal.say(f"{never:,} of them nobody has been asked about yet.")
    _listed(wanted)


def _counts(every: Sequence[Holding]) -> str:
    counts = Counter(h.stands for h in every if h.stands)
    return ", ".join(f"{many:,} {word}" for word, many in counts.items()) or "nothing is said against any of them"


def _listed(wanted: Sequence[Holding]) -> None:
    """A line a paper; behind one of which something is said, where."""
    rows = [(h.stands or "stands", h.paper.title[:70] or h.paper.public_id, _asked(h)) for h in wanted[:SHOWN]]
    if rows:
        terminal.say(terminal.table(rows))
    said = [f"  {h.paper.public_id}: {' '.join(h.where[:3])}" for h in wanted[:SHOWN] if h.stands and h.where]
    more = [f"… and {len(wanted) - SHOWN:,} more; --json shows everything"] if len(wanted) > SHOWN else []
    for line in said + more:
        terminal.say(line)


def _asked(holding: Holding) -> str:
    if holding.asked is not None:
        return f"asked {holding.asked:%Y-%m-%d}"
    return "not asked yet" if holding.paper.identifiers else "it has no identifier to ask by"


def _told(holding: Holding) -> dict[str, Any]:
    paper = holding.paper
    return {
        "paper": paper.public_id, "title": paper.title, "identifiers": dict(paper.identifiers), "how": holding.how,
        "since": holding.since, "stands": holding.stands, "asked": holding.asked, "next": holding.next,
        "notices": [
            {"kind": n.kind, "id": n.id, "day": n.day.text if n.day else "", "by": n.by, "reason": n.reason}
            for n in paper.notices
        ],
    }  # fmt: skip
