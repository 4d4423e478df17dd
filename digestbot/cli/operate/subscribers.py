"""subscribers: who gets mail, and the few things an operator does to one of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from digestbot.acts.people import sync as people
from digestbot.acts.people.find import all_subscribers, find_subscriber
from digestbot.acts.site.links import open_links, revoke_links
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app, with_app
from digestbot.errors import StoreError, UsageError
from digestbot.model import Subscriber, Topic

if TYPE_CHECKING:
    from digestbot.acts.people.import_people import ImportReport

FEEDS = ("feed.xml", "feed.atom", "feed.json")


@click.group("subscribers", short_help="People: list, show, pause, resume, new links.")
def subscribers_command() -> None:
    """Who gets mail. The configuration lists them; here is what may be done to one of them."""


@subscribers_command.command("list")
@json_option
@reading_app
def list_command(app: App, as_json: bool) -> None:
    """Everybody, in the order they joined."""
    everybody = all_subscribers(app.store)
    if as_json:
        terminal.say(terminal.as_json([_json(one) for one in everybody]))
        return
    rows = [(s.ref, s.email, _state(s, app.clock()), s.schedule, str(len(s.topics))) for s in everybody]
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
    with suppress(StoreError):  # shown all the same where the store is only read; mails bring links that open
        open_links(app.store, app.linker, one, now=app.clock())
    feeds = [f"{links.feed}{name}" for name in FEEDS] if links.feed else None
    if as_json:
        terminal.say(terminal.as_json(_json(one) | {"leave": links.leave or None, "feeds": feeds}))
        return
    rows = [
        ("address", one.email), ("state", _state(one, app.clock())), ("schedule", f"{one.schedule} ({one.time_zone})"),
        ("next", terminal.when(one.next_slot, one.time_zone, app.clock())), ("at most", f"{one.max_papers} papers"),
    ]  # fmt: skip
    rows += [("feed", f"{links.feed}{name}") for name in FEEDS if links.feed]
    rows += [("leave", links.leave)] if links.leave else []
    lines = [terminal.heading(one.name or one.ref), terminal.table(rows)]
    lines += [f"\n{terminal.heading(t.name)}{_kind(t)}\n  {t.query}" for t in one.topics]
    terminal.say("\n".join(lines))


def _kind(topic: Topic) -> str:
    """Returns ` (mute)` or ` (best, weekly)`: how a topic differs from one that brings its papers as they come."""
    return " (mute)" if topic.mute else f" (best, {topic.best})" if topic.best else ""


@subscribers_command.command("pause")
@click.argument("who", metavar="SUBSCRIBER")
@click.option("--until", metavar="DAY", default="", help="Until this day begins for them, e.g. 2026-12-07; or 14d.")
@with_app
def pause_command(app: App, who: str, until: str) -> None:
    """Nothing until a day, or until resumed; then one digest of what they missed."""
    one = find_subscriber(app.store, who)
    moment = _until(until, one, app.clock()) if until else None
    people.pause(app.store, one, until=moment, now=app.clock())
    terminal.say(f"{one.email} gets nothing until {_local_day(one, moment) if moment else 'resumed'}.")


@subscribers_command.command("resume")
@click.argument("who", metavar="SUBSCRIBER")
@with_app
def resume_command(app: App, who: str) -> None:
    """Active again: after a pause, after a bounce, or after they unsubscribed (only when they asked for it).

    A suppression of the address is lifted too; the answer says which.
    """
    one = find_subscriber(app.store, who)
    lifted = people.resume_and_lift(app.store, one, now=app.clock())
    told = f"; lifted: {lifted}" if lifted else ""
    terminal.say(f"{one.email} is active again{told}.")


@subscribers_command.command("confirm")
@with_app
def confirm_command(app: App) -> None:
    """Believe at once that people who stand in no file any more are gone; without it that takes ten minutes."""
    gone = people.confirm_missing(app.database)
    _ = app.store  # the configuration is applied
    told = (
        f"{terminal.plural(len(gone), 'subscriber')} removed: {', '.join(gone[:10])}" if gone else "Nobody is missing."
    )
    terminal.say(told)


@subscribers_command.command("import")
@click.argument("file", metavar="CSV", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--consent", metavar="TEXT", default="", help="They agreed already: to what, and where. Kept with each of them."
)
@click.option("--confirm", is_flag=True, help="Each gets a mail with a button first.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each row; change nothing.")
@json_option
@with_app
def import_command(app: App, file: Path, consent: str, confirm: bool, dry_run: bool, as_json: bool) -> None:
    """Take in people from a CSV file with a first row of names: email, name, schedule, time_zone, language, topics, rule.

    Only email is needed. `topics` are names of the site's topics with ; between, `rule` is one of their own. Rows with
    something wrong are left out and told with their line; exit 1 then. The same file again changes nothing.
    """
    from digestbot.acts.people.import_people import Became, import_people

    if bool(consent.strip()) == confirm:
        raise UsageError(
            "have they agreed?", fix='Say to what and where with --consent "…", or ask each with --confirm'
        )
    if confirm and not app.config.site.base_url:
        raise UsageError("there is no page that confirms", fix="Write base_url into [site]")
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            report = import_people(
                app.store, app.signup_settings, lines, consent=consent.strip(), now=app.clock(), dry=dry_run,
                heard=terminal.progress("rows"),
            )  # fmt: skip
    except UnicodeDecodeError as error:
        raise UsageError("the file is not UTF-8", where=str(file), fix="Save it as CSV in UTF-8") from error
    terminal.wipe()
    counts = {str(became): report.count(became) for became in Became}
    if as_json:
        terminal.say(terminal.as_json({"dry": report.dry, "rows": counts, "wrong": report.wrong}))
    else:
        terminal.say(_import_text(file, report, counts))
    if report.count(Became.WRONG):
        raise SystemExit(1)


def _import_text(file: Path, report: ImportReport, counts: Mapping[str, int]) -> str:
    """What became of the rows, and which of them have something wrong, a line each."""
    said = ", ".join(f"{count} {became}" for became, count in counts.items() if count)
    wrong = [f"{file}:{row.line}: {row.what}" + (f". {row.fix}" if row.fix else "") for row in report.wrong]
    more = counts["wrong"] - len(report.wrong)
    tail = [f"and {terminal.plural(more, 'row')} more with something wrong"] if more else []
    kept = ["Nothing was changed."] if report.dry else []
    return "\n".join([f"{said or 'no row'}.", *wrong, *tail, *kept])


@subscribers_command.command("invite")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 366), help="How long it holds.")
@with_app
def invite_command(app: App, days: int) -> None:
    """The address of the form for people with an invitation ([signup] mode = "invitation")."""
    if not app.config.site.base_url:
        raise UsageError("there is no page to invite to", fix="Write base_url into [site]")
    last = int(app.clock().timestamp()) // 86_400 + days
    terminal.say(f"{app.config.site.base_url}/subscribe?invitation={app.signup_settings.invitation(last)}")


@subscribers_command.command("revoke")
@click.argument("who", metavar="SUBSCRIBER")
@with_app
def revoke_command(app: App, who: str) -> None:
    """All private addresses of theirs open nothing from now on; the next mail brings new ones."""
    one = find_subscriber(app.store, who)
    count = revoke_links(app.store, one, now=app.clock())
    terminal.say(f"{terminal.plural(count, 'link')} of {one.email} revoked.")


def _state(one: Subscriber, now: datetime) -> str:
    if one.suppressed and one.status != "left":
        return f"not mailed: {one.suppressed}"
    if one.status != "paused" or one.paused_until is None:
        return one.status
    return f"paused to {_local_day(one, one.paused_until)}" if one.paused_at(now) else "active"


def _local_day(one: Subscriber, moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(one.time_zone))
    return f"{local:%a} {local.day} {local:%b %Y}"


def _json(one: Subscriber) -> dict[str, Any]:
    told = ("email", "name", "status", "paused_until", "schedule", "time_zone", "max_papers", "next_slot", "suppressed")
    return {"subscriber": one.ref} | {name: getattr(one, name) for name in told} | {"topics": one.topics}


def _until(text: str, one: Subscriber, now: datetime) -> datetime:
    """Returns the instant at which that day begins in the subscriber's time zone. Raises UsageError."""
    try:
        if text.endswith("d") and text[:-1].isdecimal():
            return now + timedelta(days=int(text[:-1]))
        moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(one.time_zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is no day", fix="Write it as 2026-12-07, or 14d for two weeks") from None
    if moment <= now:
        raise UsageError(f"{text!r} is in the past", fix="`subscribers resume` ends a pause")
    return moment
