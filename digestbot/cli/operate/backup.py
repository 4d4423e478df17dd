"""backup and restore."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import cast

import click

from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app
from digestbot.store.database import SqlStore


@click.command("backup", short_help="The whole store as one file, while everything runs.")
@click.argument("file", required=False, metavar="[FILE]", type=click.Path(path_type=Path))
@json_option
@with_app
def backup_command(app: App, file: Path | None, as_json: bool) -> None:
    """The whole store as one file, taken at one moment while everything runs.

    FILE is backup-DATE.db when it is not given. It holds addresses and the key of private links: keep it safe.
    """
    from digestbot.acts.upkeep.backup import backup
    from digestbot.system.site_key import site_key

    now = app.clock()
    to = file or Path(f"backup-{now:%Y%m%dT%H%M%SZ}.db")
    key = site_key(app.feed_settings.key_file)
    report = backup(cast(SqlStore, app.database), key, to, now=now, on_progress=terminal.progress("rows copied"))
    terminal.wipe()
    size = f"{report.size / 1e6:.1f} MB"
    terminal.say(
        terminal.as_json(report) if as_json else f"{report.file}: {terminal.plural(report.rows, 'row')}, {size}"
    )


@click.command("restore", short_help="Fill an empty store with a backup; sends nothing twice.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--gap", type=click.Choice(["sent", "unsent"]), default="sent", show_default=True,
    help="What came between the backup and now counts as sent, or as not.",
)  # fmt: skip
@json_option
@with_app
def restore_command(app: App, file: Path, gap: str, as_json: bool) -> None:
    """Fill the empty store of the configuration with a backup, from SQLite or PostgreSQL alike.

    What waited in the outbox is held: `digestbot outbox` shows it. Stop a running digestbot first.
    """
    from digestbot.acts.upkeep.backup import restore

    report = restore(
        cast(SqlStore, app.database),
        app.feed_settings.key_file,
        file,
        now=app.clock(),
        gap=gap,
        on_progress=terminal.progress("rows copied"),
    )
    terminal.wipe()
    if as_json:
        terminal.say(terminal.as_json(report))
        return
    when = f"{report.made.astimezone(UTC):%a %d %b %Y %H:%M} UTC"
    lines = [f"{terminal.plural(report.rows, 'row')} of the backup of {when} are back."]
    if report.held:
        waited = f"{terminal.plural(report.held, 'delivery')} waited then"
        lines.append(f"{waited}; nobody knows whether they went out since. They are held: `digestbot outbox list`.")
    if report.gap_counts_as_sent:
        lines.append("What came since the backup counts as sent: nothing comes twice, something may not come at all.")
        lines.append("If nothing was running in between, restore again into an empty store with --gap unsent.")
    elif gap == "unsent":
        lines.append(
            "What came since the backup comes with the next digests: it comes twice where it was sent already."
        )
    terminal.say("\n".join(lines))
