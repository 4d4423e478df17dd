"""subscribers: who gets mail, and the few things an operator does to one of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from digestbot.acts.people import sync as people
from digestbot.acts.people.find import all_subscribers, find_subscriber
from digestbot.acts.site.links import open_links, revoke_links
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app
from digestbot.errors import UsageError
from digestbot.model import Subscriber


@click.group("subscribers", short_help="People: list, show, pause, resume, new links.")
def subscribers_command() -> None:
    """Who gets mail. The configuration lists them; here is what may be done to one of them."""


@subscribers_command.command("list")
@json_option
@with_app
def list_command(app: App, as_json: bool) -> None:
    """Everybody, in the order they joined."""
    everybody = all_subscribers(app.store)
    if as_json:
        terminal.say(terminal.as_json([_json(one) for one in everybody]))
        return
    rows = [(s.ref, s.email, _state(s), s.schedule, str(len(s.topics))) for s in everybody]
    head = ("ID", "ADDRESS", "STATE", "SCHEDULE", "TOPICS")
    terminal.say(terminal.table(rows, head=head, right=(4,)) if rows else "Nobody yet: see config/subscribers.")


@subscribers_command.command("show")
@click.argument("who", metavar="SUBSCRIBER")
@json_option
@with_app
def show_command(app: App, who: str, as_json: bool) -> None:
    """One person: settings, topics, and their private addresses."""
    one = find_subscriber(app.store, who)
    links = app.linker.links(one)
    open_links(app.store, app.linker, one, now=app.clock())
    if as_json:
        terminal.say(terminal.as_json(_json(one) | {"leave": links.leave or None, "feed": links.feed or None}))
        return
    rows = [
        ("address", one.email), ("state", _state(one)), ("schedule", f"{one.schedule} ({one.time_zone})"),
        ("next", terminal.when(one.next_slot, one.time_zone, app.clock())), ("at most", f"{one.max_papers} papers"),
    ]  # fmt: skip
    rows += [("feed", links.feed), ("leave", links.leave)] if links.leave else []
    lines = [terminal.heading(one.name or one.ref), terminal.table(rows)]
    lines += [f"\n{terminal.heading(t.name)}{' (mute)' if t.mute else ''}\n  {t.query}" for t in one.topics]
    terminal.say("\n".join(lines))


@subscribers_command.command("pause")
@click.argument("who", metavar="SUBSCRIBER")
@click.option("--until", metavar="DAY", default="", help="Until this day begins for them, e.g. 2026-12-07; or 14d.")
@with_app
def pause_command(app: App, who: str, until: str) -> None:
    """Nothing until a day, or until resumed; then one digest of what they missed."""
    one = find_subscriber(app.store, who)
    moment = _until(until, one, app.clock()) if until else None
    people.pause(app.store, one, until=moment, now=app.clock())
    terminal.say(f"{one.email} gets nothing until {f'{moment:%a %d %b %Y}' if moment else 'resumed'}.")


@subscribers_command.command("resume")
@click.argument("who", metavar="SUBSCRIBER")
@with_app
def resume_command(app: App, who: str) -> None:
    """Active again, after a pause or after they unsubscribed (only when they asked for it)."""
    one = find_subscriber(app.store, who)
    people.resume(app.store, one, now=app.clock())
    again = find_subscriber(app.store, one.ref)
    kept = f", but the address must not be mailed: {again.suppressed}" if again.suppressed else ""
    terminal.say(f"{one.email} is active again{kept}.")


@subscribers_command.command("revoke")
@click.argument("who", metavar="SUBSCRIBER")
@with_app
def revoke_command(app: App, who: str) -> None:
    """All private addresses of theirs open nothing from now on; the next mail brings new ones."""
    one = find_subscriber(app.store, who)
    count = revoke_links(app.store, one, now=app.clock())
    terminal.say(f"{terminal.plural(count, 'link')} of {one.email} revoked.")


def _state(one: Subscriber) -> str:
    if one.suppressed and one.status != "left":
        return f"not mailed: {one.suppressed}"
    return f"paused to {one.paused_until:%d %b}" if one.status == "paused" and one.paused_until else one.status


def _json(one: Subscriber) -> dict[str, Any]:
    told = ("email", "name", "status", "paused_until", "schedule", "time_zone", "max_papers", "next_slot", "suppressed")
    return {"subscriber": one.ref} | {name: getattr(one, name) for name in told} | {"topics": one.topics}


def _until(text: str, one: Subscriber, now: datetime) -> datetime:
    """A day begins at midnight where they live. Raises UsageError."""
    if text.endswith("d") and text[:-1].isdecimal():
        return now + timedelta(days=int(text[:-1]))
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(one.time_zone)).astimezone(UTC)
    except ValueError:
        raise UsageError(f"{text!r} is no day", fix="Write it as 2026-12-07, or 14d for two weeks") from None
    if moment <= now:
        raise UsageError(f"{text!r} is in the past", fix="`subscribers resume` ends a pause")
    return moment
