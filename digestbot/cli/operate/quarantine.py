"""quarantine: what broke a step and was put aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from digestbot.acts.upkeep.retry_quarantined import Looked, quarantined
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app, with_app
from digestbot.errors import NotFound, UsageError
from digestbot.model import Paper
from digestbot.store import PutAside

ERROR = 60  #: characters of a reason in the list


@click.group("quarantine", short_help="What broke a step and was put aside: list, show, retry, drop.")
def quarantine_command() -> None:
    """What broke a step and was put aside, with its bytes and the reason. Everything else went on."""


@quarantine_command.command("list")
@json_option
@reading_app
def list_command(app: App, as_json: bool) -> None:
    """Everything in quarantine, oldest first."""
    rows = quarantined(app.store)
    if as_json:
        terminal.say(terminal.as_json([replace(row, data=b"") for row in rows]))  # `show` has the bytes
        return
    if not rows:
        terminal.say("Nothing is in quarantine.")
        return
    now = app.clock()
    cells = [(str(r.id), r.stage, r.source or "-", _age(r, now), _line(r.error, ERROR)) for r in rows]
    terminal.say(terminal.table(cells, head=("ID", "STEP", "SOURCE", "AGE", "REASON"), right=(0,)))
    terminal.say("\ndigestbot quarantine show ID     its bytes, and where it came from")
    terminal.say("digestbot quarantine retry ID    through its step again; --all for everything")


@quarantine_command.command("show")
@click.argument("number", metavar="ID", type=int)
@click.option("--reply", "whole", is_flag=True, help="The whole reply it came in, not only itself.")
@json_option
@reading_app
def show_command(app: App, number: int, whole: bool, as_json: bool) -> None:
    """One thing: its bytes (what is not printable is escaped), the reason, and where it came from."""
    from digestbot.acts.upkeep.retry_quarantined import look

    looked: Looked = look(app.store, number)
    row, reply = looked.row, looked.reply
    data = reply.body if whole and reply else _data(looked)
    known: dict[str, Any] = {
        "step": row.stage, "reason": row.error, "source": row.source, "title": row.title,
        "address": reply.url if reply else "", "fetched": reply.fetched if reply else None, "reply": row.sha,
        "item": row.position or None, "paper": looked.paper.public_id if looked.paper else "",
        "first": row.at, "last": row.last, "tries": row.tries,
    }  # fmt: skip
    told = {k: v for k, v in known.items() if v not in ("", None)}
    if as_json:
        terminal.say(terminal.as_json(told | {"data": terminal.raw(data)}))
        return
    lines = [(k, terminal.raw(str(terminal.plain(v)).encode("utf-8", "backslashreplace"))) for k, v in told.items()]
    terminal.say(terminal.table(lines))
    terminal.say("")
    terminal.say(terminal.raw(data))


def _data(looked: Looked) -> bytes:
    """The bytes of the item; of one that has none the entry or the paper, as JSON."""
    return looked.row.data or terminal.as_json(looked.entry or looked.paper).encode()


@quarantine_command.command("retry")
@click.argument("numbers", metavar="[ID]...", nargs=-1, type=int)
@click.option("--all", "everything", is_flag=True, help="Everything in quarantine.")
@json_option
@with_app
def retry_command(app: App, numbers: tuple[int, ...], everything: bool, as_json: bool) -> None:
    """Through its step again: after an update, or a mended template. Exit 1 when nothing got through."""
    from digestbot.acts.upkeep.retry_quarantined import proof, retry

    if bool(numbers) == everything:
        raise UsageError("name what to retry", fix="Write the numbers of `digestbot quarantine list`, or --all")

    def render(paper: Paper) -> object:
        return app.build(proof(paper, site=app.config.site.name, now=app.clock()))

    sources = {setup.name: setup.source for setup in app.setups}
    done = retry(app.store, numbers, sources, render, now=app.clock(), parse=app.reader.read_now)
    if as_json:
        terminal.say(terminal.as_json(done))
    elif not done:
        terminal.say("Nothing is in quarantine.")
    else:
        cells = [(str(d.id), d.stage, _line(d.title, 40), _line(d.outcome, 80)) for d in done]
        terminal.say(terminal.table(cells, right=(0,)))
    if done and not any(d.released for d in done):
        raise SystemExit(1)


@quarantine_command.command("drop")
@click.argument("numbers", metavar="ID...", nargs=-1, type=int, required=True)
@with_app
def drop_command(app: App, numbers: tuple[int, ...]) -> None:
    """Mails that came back, once you have read them. Nothing else can be dropped: what broke a step waits for `retry`."""
    from digestbot.acts.people.inbox import drop_mails

    dropped = drop_mails(app.store, numbers)
    if left := [str(number) for number in numbers if number not in dropped]:
        fix = "`quarantine list` shows them with the step inbox"
        raise NotFound(f"{', '.join(left)}: no mail that came back has this number", fix=fix)
    terminal.say(f"Dropped {terminal.plural(len(dropped), 'mail')}.")


def _age(row: PutAside, now: datetime) -> str:
    days = (now - row.at).days if row.at else 0
    hours = int((now - row.at).total_seconds() // 3600) if row.at else 0
    return f"{days} d" if days else f"{hours} h" if hours else "new"


def _line(text: str, most: int) -> str:
    """Returns the text on one line, with control characters escaped."""
    plain = terminal.raw(" ".join(text.split()).encode("utf-8", "backslashreplace"))
    return plain if len(plain) <= most else plain[: most - 1] + "…"
