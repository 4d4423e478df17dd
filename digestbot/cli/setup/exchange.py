"""import and export: feeds as OPML, papers as BibTeX, RIS and CSV."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from digestbot.acts.people.find import find_subscriber
from digestbot.acts.people.import_library import Imported, Library
from digestbot.app.config_files import add_sources
from digestbot.app.wiring import App, kinds
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app, with_app
from digestbot.errors import UsageError
from digestbot.model import Paper
from digestbot.papers.exchange.opml import Skipped
from digestbot.settings.fields import Wrong, duration
from digestbot.settings.writing import NewSource

SHOWN = 20  #: lines of one list; --json has all


@click.group("import", short_help="Feeds from an OPML list, papers from a BibTeX or RIS library.")
def import_command() -> None:
    """Feeds from an OPML list, papers from a BibTeX or RIS library."""


@click.group("export", short_help="Feeds as OPML; papers as BibTeX or CSV.")
def export_command() -> None:
    """Feeds as OPML; papers as BibTeX or CSV."""


@import_command.command("opml")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would be added; write nothing.")
@json_option
@with_app
def opml_in(app: App, file: Path, dry_run: bool, as_json: bool) -> None:
    """Add the feeds of an OPML list to the configuration, each once, and say what was left out and why.

    Nothing is asked of the network: `digestbot poll` tells how each of them answers.
    """
    from digestbot.acts.intake.feed_lists import additions
    from digestbot.papers.exchange.opml import read_opml

    try:
        listed = read_opml(file.read_bytes())
    except ValueError as error:
        raise UsageError(str(error), where=str(file)) from error
    found = additions(listed, app.config.sources, kinds(), file=file.name)
    main = app.main_file
    if found.new and not dry_run:
        add_sources(main, found.new)
    if as_json:
        told = [{"source": n.name, "kind": n.kind, "title": n.title, "options": dict(n.options)} for n in found.new]
        terminal.say(
            terminal.as_json(
                {"added": [] if dry_run else told, "would_add": told if dry_run else [], "skipped": found.skipped}
            )
        )
        return
    rows = [_row(new) for new in found.new]
    head = f"{'Would add' if dry_run else 'Added'} {terminal.plural(len(rows), 'source')}"
    terminal.say(f"{head} to {main}." if rows else "There is no feed in it that is not there already.")
    _listed(rows)
    _left_out(found.skipped)


def _row(new: NewSource) -> tuple[str, str, str]:
    """(name, kind, where it is read): an address, or categories."""
    return new.name, new.kind, str(new.options.get("url") or ", ".join(new.options.get("categories", ())))


@import_command.command("bibtex")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--subscriber", "who", metavar="SUBSCRIBER", required=True, help="Whose library it is.")
@click.option("--dry-run", is_flag=True, help="Say what is read; write nothing.")
@json_option
@with_app
def bibtex_in(app: App, file: Path, who: str, dry_run: bool, as_json: bool) -> None:
    """Take in a library of known and liked papers: BibTeX, or RIS.

    They count as liked, and are never sent to that person as new; nobody is mailed about them.
    """
    from digestbot.acts.people.import_library import import_library, read_library

    one = find_subscriber(app.store, who)
    library = read_library(file.read_bytes())
    if not library.entries and not library.problems and not library.nameless:
        raise UsageError("this is no BibTeX, and no RIS", where=str(file), fix="Export the library from its program")
    done = None if dry_run else import_library(app.store, library, one, now=app.clock())
    if as_json:
        about = {"read": len(library.entries), "twice": library.twice, "nameless": library.nameless}
        terminal.say(terminal.as_json({"subscriber": one.ref, **about, "problems": library.problems, "imported": done}))
    else:
        terminal.say(f"{terminal.plural(len(library.entries), 'paper')} read from {file}{_besides(library)}.")
        terminal.say(_became(done, one.email) if done else "Nothing was written.")
        _listed([(f"  {p.where}", p.what) for p in library.problems])
    if not library.entries:
        raise SystemExit(1)


def _besides(library: Library) -> str:
    said = [
        f"{library.twice} of them twice" if library.twice else "",
        f"{terminal.plural(library.nameless, 'entry')} without a title" if library.nameless else "",
        f"{terminal.plural(len(library.problems), 'place')} could not be read" if library.problems else "",
    ]
    return "".join(f"; {part}" for part in said if part)


def _became(done: Imported, address: str) -> str:
    new = f"{done.new:,} is" if done.new == 1 else f"{done.new:,} are"
    return (
        f"{done.known:,} were in the record, {new} new to it. {terminal.plural(done.liked, 'paper')} now liked by "
        f"{address}, who will not get them as new."
    )


@export_command.command("opml")
@click.option("-o", "--out", metavar="FILE", type=click.Path(path_type=Path), help="Where to write (default: stdout).")
@reading_app
def opml_out(app: App, out: Path | None) -> None:
    """The sources of the configuration that are feeds, as a list any feed reader takes."""
    from digestbot.acts.intake.feed_lists import as_list
    from digestbot.papers.exchange.opml import write_opml

    feeds, skipped = as_list(app.config.sources, kinds(), now=app.clock())
    _write(out, write_opml(app.config.site.name, feeds), terminal.plural(len(feeds), "feed"))
    for one in skipped:
        click.echo(f"left out {one.what}: {one.why}", err=True)


_WHICH: tuple[Callable[[Any], Any], ...] = (
    click.option("--digest", metavar="SUBSCRIBER[@SLOT]", default="", help="Of a digest: their newest, or a slot's."),
    click.option("--query", metavar="RULE", default="", help="What a rule matches."),
    click.option("--since", metavar="TIME", default="365d", show_default=True, help="With --query: first seen since."),
    click.option("--edition", metavar="DAY", default="", help="Of a day's edition, like 2026-11-23."),
    click.option("--liked", metavar="SUBSCRIBER", default="", help="What somebody voted up, their library too."),
    click.option("-o", "--out", metavar="FILE", type=click.Path(path_type=Path), help="Where to (default: stdout)."),
)


def _papers_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options that say which papers, and where to."""
    for option in reversed(_WHICH):
        command = option(command)
    return command


def _papers(app: App, digest: str, query: str, since: str, edition: str, liked: str) -> list[Paper]:
    from digestbot.acts.answers import paper_lists as pick

    if sum(map(bool, (digest, query, edition, liked))) != 1:
        raise UsageError("say which papers", fix="One of --digest, --query, --edition, --liked")
    if digest:
        who, slot = _who_and_slot(digest)
        return pick.of_digest(app.store, find_subscriber(app.store, who), slot)
    if edition:
        return pick.of_edition(app.store, edition)
    if liked:
        return pick.of_likes(app.store, find_subscriber(app.store, liked))
    rules = {topic.name: topic.query for topic in app.config.topics}
    return pick.of_rule(app.store, query, rules=rules, since=_duration(since), now=app.clock())


def _who_and_slot(text: str) -> tuple[str, str]:
    """Splits WHO@SLOT. An address holds an @ too, so only a date behind it is a slot."""
    who, _, slot = text.rpartition("@")
    return (who, slot) if re.match(r"\d{4}-\d\d-\d\dT|now:", slot) else (text, "")


def _duration(text: str) -> timedelta:
    try:
        return duration(text)
    except Wrong as error:
        raise UsageError(f"--since {error}") from error


@export_command.command("bibtex")
@_papers_option
@reading_app
def bibtex_out(app: App, /, out: Path | None, **which: str) -> None:
    """Papers as BibTeX: what a digest, an edition or a rule brings, or what somebody likes."""
    from digestbot.papers.exchange.write import bibtex

    papers = _papers(app, **which)
    _write(out, bibtex(papers), terminal.plural(len(papers), "paper"))


@export_command.command("csv")
@_papers_option
@reading_app
def csv_out(app: App, /, out: Path | None, **which: str) -> None:
    """Papers as CSV (UTF-8, RFC 4180), one a line; no cell is a formula to a spreadsheet."""
    from digestbot.papers.exchange.write import table

    papers = _papers(app, **which)
    _write(out, table(papers), terminal.plural(len(papers), "paper"))


def _write(out: Path | None, text: str, what: str) -> None:
    """Writes to stdout, or into a file and says so on stderr."""
    if out is None:
        click.echo(text.encode(), nl=False)  # bytes: the ends of CSV's lines are CR LF everywhere
        return
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(out)) from error
    click.echo(f"{out}: {what}", err=True)


def _listed(rows: Sequence[Sequence[str]]) -> None:
    if rows:
        terminal.say("\n".join(f"  {line}" for line in terminal.table(rows[:SHOWN]).splitlines()))
    if len(rows) > SHOWN:
        terminal.say(f"  ... and {len(rows) - SHOWN} more; --json shows everything")


def _left_out(skipped: tuple[Skipped, ...]) -> None:
    if not skipped:
        return
    terminal.say(f"\nLeft out ({len(skipped)}):")
    _listed([(one.what[:50], one.why) for one in skipped])
