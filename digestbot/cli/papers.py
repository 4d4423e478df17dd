"""papers: rebuild."""

from __future__ import annotations

import click

from digestbot.app import App
from digestbot.cli import show
from digestbot.cli.wired import json_option, with_app


@click.group("papers", short_help="Papers: rebuild.")
def papers_command() -> None:
    """Work on the stored papers."""


@papers_command.command("rebuild")
@json_option
@with_app
def rebuild(app: App, as_json: bool) -> None:
    """Read every kept reply again with today's parsers, and decide anew which entries are the same paper.

    Papers keep their ids; nothing that was sent is sent again.
    """
    from digestbot.acts.keep import rebuild

    sources = {setup.name: setup.source for setup in app.setups}
    report = rebuild(app.store, sources, now=app.clock(), heard=show.progress("read"))
    show.wipe()
    if as_json:
        show.say(show.as_json(report))
        return
    gone = (
        f" ({show.plural(report.passed_over, 'reply')} of sources that are gone passed over)"
        if report.passed_over
        else ""
    )
    show.say(
        f"{show.plural(report.replies, 'reply')} read again{gone}: "
        f"{report.entries_new} entries that were not read before."
    )
    show.say(f"{report.papers:,} papers, {report.papers_new} of them new.")
