"""backup, restore and outbox: what an operator does on a bad day."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import cast

import click

from digestbot.acts.delivery.operator import retry_now
from digestbot.acts.delivery.release import cancel
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app
from digestbot.errors import NotFound
from digestbot.model import Delivery, State
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


@click.group("outbox", short_help="Mail on its way: list, retry, cancel.")
def outbox_command() -> None:
    """Mail on its way out."""


@outbox_command.command("list")
@click.option("--all", "every", is_flag=True, help="Also what has ended.")
@json_option
@with_app
def list_command(app: App, every: bool, as_json: bool) -> None:
    """What waits, is being sent, or nobody knows about."""
    open_states = (State.PENDING, State.CLAIMED, State.COMMITTING, State.DEFERRED, State.UNKNOWN)
    with app.store.reading() as tx:
        found = tx.outbox.list_deliveries(None if every else open_states, most=1000)
    if as_json:
        terminal.say(terminal.as_json([_json(one) for one in found]))
        return
    rows = [
        (
            str(d.id),
            str(d.state),
            d.address,
            f"{d.next_at:%Y-%m-%d %H:%M}",
            str(d.attempts),
            d.last.text[:40] if d.last else "",
        )
        for d in found
    ]
    head = ("ID", "STATE", "ADDRESS", "NEXT TRY (UTC)", "TRIES", "THE SERVER SAID")
    terminal.say(terminal.table(rows, head=head, right=(0, 4)) if rows else "Nothing waits.")


def _json(one: Delivery) -> dict[str, object]:
    told = ("id", "state", "address", "next_at", "expires", "attempts", "message_id")
    return {name: getattr(one, name) for name in told} | {"reason": one.last.text if one.last else ""}


@outbox_command.command("retry")
@click.argument("ids", nargs=-1, required=True, type=int, metavar="ID...")
@with_app
def retry_command(app: App, ids: tuple[int, ...]) -> None:
    """Send these again at once, and ask a mail server that was left alone: what waits, and what is unknown, which may
    arrive a second time."""
    moved = retry_now(app.store, ids, server=app.policy.server, now=app.clock())
    _say(ids, moved, "wait to be sent")


@outbox_command.command("cancel")
@click.argument("ids", nargs=-1, required=True, type=int, metavar="ID...")
@with_app
def cancel_command(app: App, ids: tuple[int, ...]) -> None:
    """Do not send these; their papers come with the next digest."""
    with app.store.transaction() as tx:
        moved = cancel(tx, ids, now=app.clock(), unsure=True)
    _say(ids, moved, "are cancelled")


def _say(asked: tuple[int, ...], moved: list[int], what: str) -> None:
    if not moved:
        raise NotFound("none of these can be moved", fix="`digestbot outbox list` shows what can")
    terminal.say(f"{terminal.plural(len(moved), 'delivery')} of {len(asked)} {what}.")
