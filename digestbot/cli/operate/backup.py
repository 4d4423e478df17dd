"""backup, restore and store: keeping everything, and moving it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from pathlib import Path

import click

from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app
from digestbot.errors import UsageError


@click.command("backup", short_help="The whole store as one file, while everything runs.")
@click.argument("file", required=False, metavar="[FILE]", type=click.Path(path_type=Path))
@json_option
@with_app
def backup_command(app: App, file: Path | None, as_json: bool) -> None:
    """The whole store as one file, taken at one moment while everything runs.

    FILE is backup-DATE.db when it is not given. It holds addresses and the key of private links: keep it safe.
    """
    from digestbot.acts.upkeep.backup import backup
    from digestbot.app.whole_store import sql_store
    from digestbot.system.site_key import site_key

    now = app.clock()
    to = file or Path(f"backup-{now:%Y%m%dT%H%M%SZ}.db")
    key = site_key(app.feed_settings.key_file)
    report = backup(sql_store(app), key, to, now=now, on_progress=terminal.progress("rows copied"))
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
    from digestbot.app.whole_store import sql_store

    report = restore(
        sql_store(app),
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


@click.group("store", short_help="The database: migrate, migrate-to.")
def store_command() -> None:
    """The database itself."""


@store_command.command("migrate", short_help="Bring the tables to this version.")
@with_app
def migrate_command(app: App) -> None:
    """Bring the tables to this version, as every command does that opens them. For who wants to do it at an hour of theirs."""
    _ = app.database
    terminal.say(f"{terminal.without_password(app.config.store.url)} is up to date.")


@store_command.command("migrate-to", short_help="Move everything from SQLite to PostgreSQL.")
@click.argument("url", required=False, metavar="[URL]")
@click.option("--give-up", is_flag=True, help="Use the old store again; the new one is left as it is.")
@json_option
@with_app
def migrate_to_command(app: App, url: str | None, give_up: bool, as_json: bool) -> None:
    """Move everything from the SQLite store of the configuration to an empty PostgreSQL database, and compare it.

    URL is like postgresql://digestbot@db.example.org/digestbot. Stop a running digestbot first. From the beginning on the old
    store takes no more writes, so that nothing is sent from both. Killed at any moment, the same command goes on.
    """
    from digestbot.acts.upkeep.move import give_up as take_back
    from digestbot.acts.upkeep.move import move
    from digestbot.app.whole_store import configured_store, stores_to_move

    if give_up:
        with configured_store(app) as source:
            was = take_back(source)
        terminal.say("The old store is used again." if was else "The old store was not moved: nothing was changed.")
        return
    if not url:
        raise UsageError("where to?", fix="digestbot store migrate-to postgresql://user@host/name")
    told = terminal.progress("rows")
    counted = Counter[str]()

    def heard(_: str, rows: int) -> None:
        counted["all"] += rows
        told(counted["all"])

    with stores_to_move(app, url) as (source, target):
        report = move(source, target, place=terminal.without_password(url), now=app.clock(), heard=heard)
    terminal.wipe()
    if as_json:
        terminal.say(terminal.as_json(report))
        return
    lines = [
        f"{terminal.plural(report.rows, 'row')} of {report.tables} tables are in the new place, and are the same as in the old one.",
        f"{terminal.plural(report.waiting, 'delivery')} {'goes' if report.waiting == 1 else 'go'} out from there.",
        f'Now write url = "{terminal.without_password(url)}" into [store]. The old store takes no more writes; keep it as a copy.',
    ]
    terminal.say("\n".join(lines))
