"""import and export: feeds as OPML, papers as BibTeX, RIS and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from digestbot.app import App, add_sources, kinds
from digestbot.cli import show
from digestbot.cli.wired import json_option, with_app
from digestbot.errors import UsageError
from digestbot.papers.exchange.opml import Skipped

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
    from digestbot.acts.feedlists import additions
    from digestbot.papers.exchange.opml import read_opml

    try:
        listed = read_opml(file.read_bytes())
    except ValueError as error:
        raise UsageError(str(error), where=str(file)) from error
    found = additions(listed, app.config.sources, kinds(), file=file.name)
    assert app.main is not None  # commands read theirs from a file
    if found.new and not dry_run:
        add_sources(app.main, found.new)
    if as_json:
        told = [{"source": n.name, "kind": n.kind, "title": n.title, "options": dict(n.options)} for n in found.new]
        show.say(
            show.as_json(
                {"added": [] if dry_run else told, "would_add": told if dry_run else [], "skipped": found.skipped}
            )
        )
        return
    rows = [
        (n.name, n.kind, str(n.options.get("url") or ", ".join(n.options.get("categories", ())))) for n in found.new
    ]
    head = f"{'Would add' if dry_run else 'Added'} {show.plural(len(rows), 'source')}"
    show.say(f"{head} to {app.main}." if rows else "There is no feed in it that is not there already.")
    _listed(rows)
    _left_out(found.skipped)


@export_command.command("opml")
@click.option("-o", "--out", metavar="FILE", type=click.Path(path_type=Path), help="Where to write (default: stdout).")
@with_app
def opml_out(app: App, out: Path | None) -> None:
    """The sources of the configuration that are feeds, as a list any feed reader takes."""
    from digestbot.acts.feedlists import as_list
    from digestbot.papers.exchange.opml import write_opml

    feeds, skipped = as_list(app.config.sources, kinds(), now=app.clock())
    _write(out, write_opml(app.config.site.name, feeds), show.plural(len(feeds), "feed"))
    for one in skipped:
        click.echo(f"left out {one.what}: {one.why}", err=True)


def _write(out: Path | None, text: str, what: str) -> None:
    """To stdout, or into a file and a word about it on stderr."""
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(out)) from error
    click.echo(f"{out}: {what}", err=True)


def _listed(rows: Sequence[Sequence[str]]) -> None:
    if rows:
        show.say("\n".join(f"  {line}" for line in show.table(rows[:SHOWN]).splitlines()))
    if len(rows) > SHOWN:
        show.say(f"  ... and {len(rows) - SHOWN} more; --json shows everything")


def _left_out(skipped: tuple[Skipped, ...]) -> None:
    if not skipped:
        return
    show.say(f"\nLeft out ({len(skipped)}):")
    _listed([(one.what[:50], one.why) for one in skipped])
