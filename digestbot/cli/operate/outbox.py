"""outbox: mail on its way out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from digestbot.acts.delivery import outbox
from digestbot.acts.delivery.operator import hold_outbox, pause_outbox, resume_outbox
from digestbot.acts.delivery.retry_policy import words
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app, with_app
from digestbot.errors import NotFound, UsageError
from digestbot.model import Delivery


@click.group("outbox", short_help="Mail on its way: list, show, retry, cancel, pause, resume.")
def outbox_command() -> None:
    """Mail on its way out. NAME is a number of the list, or a subscriber's id or address."""


@outbox_command.command("list")
@click.option("--all", "every", is_flag=True, help="Also what has ended.")
@json_option
@reading_app
def list_command(app: App, every: bool, as_json: bool) -> None:
    """What waits, is being sent, or nobody knows about. Times are the site's."""
    found = outbox.list_outbox(app.database, ended=every)
    if as_json:
        terminal.say(terminal.as_json([_json(one) for one in found]))
        return
    now, zone = app.clock(), app.config.site.time_zone
    rows = [(str(d.id), str(d.state), d.address, _next_try(d, zone, now), str(d.attempts)) for d in found]
    head = ("ID", "STATE", "ADDRESS", f"NEXT TRY ({zone})", "TRIES")
    terminal.say(terminal.fitting_table(rows, head=head, right=(0, 4)) if rows else "Nothing waits.")
    for delivery in (d for d in found if d.last and words(d.last)):
        terminal.say(terminal.wrapped(f"{delivery.id}: {_said(delivery)}"))


@outbox_command.command("show")
@click.argument("name")
@json_option
@reading_app
def show_command(app: App, name: str, as_json: bool) -> None:
    """One delivery, with the whole words of the mail server; of a subscriber the newest."""
    one = outbox.show_delivery(app.database, name)
    if as_json:
        terminal.say(terminal.as_json(_json(one)))
        return
    now, zone = app.clock(), app.config.site.time_zone
    rows = [
        ("number", str(one.id)), ("address", one.address), ("state", str(one.state)), ("tries", str(one.attempts)),
        ("next try", _next_try(one, zone, now)), ("given up", _exactly(one.expires, zone)),
        ("message", one.message_id),
    ]  # fmt: skip
    terminal.say(terminal.table(rows))
    if one.last and words(one.last):
        terminal.say(f"\n{terminal.heading('The mail server said')}\n{terminal.wrapped(_said(one))}")


@outbox_command.command("retry")
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--all", "every", is_flag=True, help="Everything that waits; not what nobody knows about.")
@with_app
def retry_command(app: App, names: tuple[str, ...], every: bool) -> None:
    """Send these again with the next round, and ask a mail server again that was left alone.

    Unknown ones may arrive a second time; they are sent again only when they are named.
    """
    if bool(names) == every:
        raise UsageError("name what to send again", fix="Write numbers or subscribers, or --all")
    moved = outbox.retry(app.store, names, app.policy.server, now=app.clock())
    if names or moved:
        _say(moved, "to be sent with the next round: digestbot send")
    else:
        terminal.say("Nothing waits. The mail server is asked again with the next mail.")


@outbox_command.command("cancel")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@with_app
def cancel_command(app: App, names: tuple[str, ...]) -> None:
    """Do not send these; their papers come with the next digest."""
    _say(outbox.take_out(app.store, names, now=app.clock()), "cancelled; their papers come with the next digest")


@outbox_command.command("pause")
@with_app
def pause_command(app: App) -> None:
    """Hand nothing over until it is resumed. Digests are composed at their time, and wait."""
    pause_outbox(app.store, now=app.clock())
    terminal.say("No mail goes out until: digestbot outbox resume. To send a few: digestbot send --only 1")


@outbox_command.command("hold")
@with_app
def hold_command(app: App) -> None:
    """What waits may have been handed over, by a run that nobody knows the end of: send none of it until it is named.

    `outbox retry NAME` sends one again, `outbox cancel NAME` lets its papers come with the next digest.
    """
    held = hold_outbox(app.store, now=app.clock())
    terminal.say(f"{terminal.plural(held, 'delivery')} held" if held else "Nothing waits.")


@outbox_command.command("resume")
@with_app
def resume_command(app: App) -> None:
    """Hand over what waits with the next round."""
    paused = resume_outbox(app.store, now=app.clock())
    terminal.say("Mail goes out again with the next round." if paused else "Nothing was paused.")


def _say(moved: Sequence[Delivery], what: str) -> None:
    if not moved:
        raise NotFound("none of these can be moved", fix="`digestbot outbox list` shows what can")
    named = ", ".join(f"{d.id} ({d.address})" for d in moved[:5]) + (" …" if len(moved) > 5 else "")
    terminal.say(f"{terminal.plural(len(moved), 'delivery')} {what}: {named}")


def _next_try(delivery: Delivery, zone: str, now: datetime) -> str:
    return terminal.when(delivery.next_at, zone, now) if delivery.state in outbox.OPEN else "-"


def _exactly(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %Y %H:%M} ({zone})"


def _said(delivery: Delivery) -> str:
    return words(delivery.last) if delivery.last else ""


def _json(one: Delivery) -> dict[str, object]:
    told = ("id", "state", "address", "next_at", "expires", "attempts", "message_id")
    return {name: getattr(one, name) for name in told} | {"reason": one.last.text if one.last else ""}
