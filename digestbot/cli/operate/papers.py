"""papers: show, merge, split, rebuild."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator
from datetime import datetime

import click

from digestbot.acts.papers.curate import Dossier, Ruling, Voice
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app, with_app
from digestbot.store import DecisionKind


@click.group("papers", short_help="Papers: show, merge, split, rebuild.")
def papers_command() -> None:
    """Work on the stored papers."""


@papers_command.command("show")
@click.argument("paper")
@json_option
@reading_app
def show_paper(app: App, paper: str, as_json: bool) -> None:
    """Every entry of a paper: who said it, when, and why it is this paper; and what was decided about it.

    PAPER is an id, a DOI, an address or words of a title.
    """
    from digestbot.acts.papers.curate import show as look

    _say(app, [look(app.store, paper)], as_json)


@papers_command.command("merge")
@click.argument("paper")
@click.argument("other")
@json_option
@with_app
def merge(app: App, paper: str, other: str, as_json: bool) -> None:
    """Two papers are one, for ever. The older one stays; nothing that was sent is sent again. `split` undoes it."""
    from digestbot.acts.papers.curate import merge

    _say(app, [merge(app.store, paper, other, now=app.clock())], as_json)


@papers_command.command("split")
@click.argument("paper")
@click.argument("entries", metavar="ENTRY...", nargs=-1, required=True, type=int)
@json_option
@with_app
def split(app: App, paper: str, entries: tuple[int, ...], as_json: bool) -> None:
    """Entries are another paper, for ever. They get an id of their own; what was sent stays. `merge` undoes it.

    ENTRY is a number that `papers show` prints.
    """
    from digestbot.acts.papers.curate import split

    _say(app, split(app.store, paper, entries, now=app.clock()), as_json)


def _say(app: App, found: Iterable[Dossier], as_json: bool) -> None:
    zone, now = app.config.site.time_zone, app.clock()
    papers = list(found)
    if as_json:
        terminal.say(terminal.as_json(papers[0] if len(papers) == 1 else papers))
        return
    terminal.say("\n\n".join("\n".join(_lines(each, zone, now)) for each in papers))


def _lines(found: Dossier, zone: str, now: datetime) -> Iterator[str]:
    """Returns lines for people, wrapped by words on a narrow terminal."""
    yield _wrapped(found.title or "(without a title yet)", "")
    yield _wrapped(", ".join((found.paper, *found.identifiers)), "  ")
    yield ""
    yield terminal.heading(terminal.plural(len(found.entries), "entry"))
    for voice in found.entries:
        yield from _voice(voice, zone, now)
    if found.decisions:
        yield ""
        yield terminal.heading("Decided")
        for ruling in found.decisions:
            yield _wrapped(_ruling(ruling, zone, now), "  ")


def _voice(voice: Voice, zone: str, now: datetime) -> Iterator[str]:
    yield _wrapped(f"{voice.entry}  {voice.source} · {terminal.when(voice.seen, zone, now)} · {voice.reason}", "  ")
    said = [
        *([voice.title] if voice.title else []),
        *([voice.brought] if voice.brought else []),
        *([", ".join(voice.identifiers)] if voice.identifiers else []),
    ]
    for line in said:
        yield _wrapped(line, "     ")


def _ruling(made: Ruling, zone: str, now: datetime) -> str:
    words = {
        DecisionKind.MUST: "are one paper",
        DecisionKind.CANNOT: "are not one paper",
        DecisionKind.PERHAPS: "are perhaps one paper",
    }[made.kind]
    other = f" ({made.other}: {made.title})" if made.other else ""
    return (
        f"{made.entries[0]} and {made.entries[1]} {words}{other}: {made.reason} · {terminal.when(made.at, zone, now)}"
    )


def _wrapped(text: str, indent: str) -> str:
    width = min(shutil.get_terminal_size().columns, 80)
    return textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent + "   " * bool(indent))


@papers_command.command("rebuild")
@json_option
@with_app
def rebuild(app: App, as_json: bool) -> None:
    """Read every kept reply again with today's parsers, and decide anew which entries are the same paper.

    Papers keep their ids; nothing that was sent is sent again.
    """
    from digestbot.acts.upkeep.rebuild import rebuild

    sources = {setup.name: setup.source for setup in app.setups}
    report = rebuild(
        app.store, sources, now=app.clock(), parse=app.reader.read_now, on_progress=terminal.progress("read")
    )
    terminal.wipe()
    if as_json:
        terminal.say(terminal.as_json(report))
        return
    gone = (
        f" ({terminal.plural(report.passed_over, 'reply')} of sources that are gone passed over)"
        if report.passed_over
        else ""
    )
    terminal.say(
        f"{terminal.plural(report.replies, 'reply')} read again{gone}: "
        f"{report.entries_new} entries that were not read before."
    )
    terminal.say(f"{report.papers:,} papers, {report.papers_new} of them new.")
