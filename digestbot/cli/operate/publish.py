"""publish: the public pages and feeds as files."""

from __future__ import annotations

from pathlib import Path

import click

from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app


@click.command("publish", short_help="The public pages and feeds as files, for any web server or none.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@json_option
@with_app
def publish_command(app: App, folder: Path, as_json: bool) -> None:
    """Write edition, archive, topics, papers and feeds into DIR, with relative links.

    Only what changed is written. Try it with: python -m http.server -d DIR. What needs somebody to answer (subscribing,
    the search) is left to the address of [site] base_url, or left out.
    """
    from digestbot.app.public_pages import site_as_files

    done = site_as_files(app).publish(folder)
    if as_json:
        terminal.say(terminal.as_json({"files": done.files, "written": done.written, "removed": done.removed}))
        return
    changed = (
        f"{len(done.written)} written, {len(done.removed)} removed" if done.written or done.removed else "no change"
    )
    terminal.say(f"{folder}: {terminal.plural(done.files, 'file')}, {changed}")
