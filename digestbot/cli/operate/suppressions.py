"""suppressions: the addresses that must not be mailed."""

from __future__ import annotations

from pathlib import Path

import click

from digestbot.acts.people import suppressions
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app, with_app
from digestbot.errors import UsageError
from digestbot.system.files import replace_file


@click.group("suppressions", short_help="Addresses that must not be mailed: list, add, remove, import, export.")
def suppressions_command() -> None:
    """Addresses that must not be mailed: they unsubscribed, bounced, complained, or were added by hand.

    Only a hash of each is kept, which outlives the subscriber; the address is shown while a subscriber has it.
    """


@suppressions_command.command("list")
@json_option
@reading_app
def list_command(app: App, as_json: bool) -> None:
    """Every suppressed address, oldest first, with the reason."""
    found = suppressions.all_suppressions(app.database)
    if as_json:
        terminal.say(terminal.as_json(found))
        return
    if not found:
        terminal.say("No address is suppressed.")
        return
    now, zone = app.clock(), app.config.site.time_zone
    rows = [
        (
            one.address or f"sha256:{one.email_hash[:12]}…",
            terminal.when(one.since, zone, now),
            terminal.when(one.until, zone, now) if one.until else "-",
            one.reason,
        )
        for one in found
    ]
    terminal.say(terminal.fitting_table(rows, head=("ADDRESS", "SINCE", "UNTIL", "REASON")))


@suppressions_command.command("add")
@click.argument("address")
@click.option("--reason", default="", metavar="TEXT", help="Why, as `list` shows it.")
@with_app
def add_command(app: App, address: str, reason: str) -> None:
    """Never mail ADDRESS until it is removed here; what waits for it is cancelled."""
    suppressions.suppress(app.store, address, reason=reason, now=app.clock())
    terminal.say(f"{address} is not mailed any more.")


@suppressions_command.command("remove")
@click.argument("address")
@with_app
def remove_command(app: App, address: str) -> None:
    """Mail ADDRESS again."""
    suppressions.lift(app.store, address, now=app.clock())
    terminal.say(f"{address} may be mailed again.")


@suppressions_command.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@with_app
def import_command(app: App, file: Path, as_json: bool) -> None:
    """Add the addresses of FILE: an export of ours, or addresses or SHA-256 hashes, one a line."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("this is no text in UTF-8", where=str(file)) from error
    done = suppressions.import_suppressions(app.store, text, now=app.clock())
    if as_json:
        terminal.say(terminal.as_json(done))
    else:
        count = terminal.plural(done.added, "suppression")
        terminal.say(f"{count} added, {done.known} known already, {len(done.unread)} lines could not be read.")
        for line in done.unread[:10]:
            terminal.say(f"  {terminal.raw(line.encode())}")
    if not done.added and not done.known:
        raise SystemExit(1)


@suppressions_command.command("export")
@click.option("-o", "--out", metavar="FILE", type=click.Path(path_type=Path), help="Where to write (default: stdout).")
@reading_app
def export_command(app: App, out: Path | None) -> None:
    """All of them as CSV: address where it is known, SHA-256, reason, since."""
    text = suppressions.exported(suppressions.all_suppressions(app.database))
    if out is None:
        click.echo(text, nl=False)
        return
    replace_file(out, text.encode(), mode=0o600)
    terminal.say(f"{out}: {terminal.plural(text.count(chr(10)) - 1, 'suppression')}")
