"""sources: where papers come from, and how another place is added."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import click

from digestbot.acts.intake.questions import source_rows
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app, with_app
from digestbot.errors import UsageError
from digestbot.transport.reply_meaning import without_keys

SHOWN = 5  #: titles of what was read


@click.group("sources", short_help="Where papers come from: list, add.")
def sources_command() -> None:
    """Where papers come from. The configuration lists them."""


@sources_command.command("list")
@json_option
@reading_app
def list_command(app: App, as_json: bool) -> None:
    """Every source, in the order of the configuration."""
    rows = source_rows(app.store)
    told: list[dict[str, Any]] = [
        {"source": s.name, "kind": s.kind, "title": s.title, "every": s.every, "asks": _asks(s.options)}
        | {"status": rows[s.name].status, "last_poll": rows[s.name].last_poll}
        for s in app.config.sources
    ]
    if as_json:
        terminal.say(terminal.as_json([{k: v for k, v in one.items() if v not in ("", None)} for one in told]))
        return
    if not told:
        terminal.say("No source yet: digestbot sources add URL")
        return
    cells = [(t["source"], t["kind"], terminal.state(t["status"] or "not polled yet"), t["asks"]) for t in told]
    terminal.say(terminal.table(cells, head=("SOURCE", "KIND", "STATE", "ASKS")))


def _asks(options: Any) -> str:
    """Returns a source's address, or what it asks for."""
    if options.get("url"):
        return without_keys(str(options["url"]), "***")
    said = [", ".join(v) if isinstance(v, list | tuple) else str(v) for v in options.values() if v]
    return " · ".join(said) or "its own address"


@sources_command.command("add")
@click.argument("address", metavar="URL")
@click.option("--name", default="", help="What to call it (default: after its title).")
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
@json_option
@with_app
def add_command(app: App, address: str, name: str, dry_run: bool, as_json: bool) -> None:
    """Find the source behind a page's address, show what is read there, and write it into the configuration.

    A feed itself, a page that names one, an arXiv listing, the daily papers. Exit 1 when nothing can be read.
    """
    from digestbot.acts.intake.discover import Discovered, discover
    from digestbot.acts.intake.feed_lists import already
    from digestbot.app.config_files import add_sources
    from digestbot.app.wiring import kinds
    from digestbot.cli.setup.try_source import entry_json, try_text
    from digestbot.settings.writing import NewSource, free_name

    taken = [s.name for s in app.config.sources]
    if name in taken:
        raise UsageError(f"there is a source {name!r} already", fix="Choose another --name")
    whole = address if "://" in address else f"https://{address}"

    async def found() -> Discovered:
        async with app.transport() as transport:
            return await discover(whole, transport.fetch, kinds(), now=app.clock(), reader=app.reader)

    source = asyncio.run(found())
    title = source.seen.result.title
    new = NewSource(
        name=name or free_name(title or _host(whole), taken), kind=source.kind, options=source.options, title=title
    )
    same = already(source.kind, source.options, app.config.sources)
    assert app.main is not None  # commands read theirs from a file
    if not same and not dry_run:
        add_sources(app.main, [new])
    if as_json:
        read = [entry_json(e) for e in source.seen.result.entries]
        terminal.say(terminal.as_json({
            "added": not same and not dry_run, "already": same or None, "source": new.name, "kind": new.kind,
            "options": dict(new.options), "status": source.seen.status, "found": source.way, "block": new.toml(),
            "entries": read,
        }))  # fmt: skip
        return
    terminal.say(try_text(source.seen, most=SHOWN))
    terminal.say(f"  {source.way}")
    if same:
        terminal.say(f"\nNothing was written: the source {same} asks the same.")
        return
    terminal.say(f"\n{'Would be written' if dry_run else 'Written'} to {app.main}:\n\n{new.toml()}")
    if not dry_run:
        terminal.say(f"digestbot poll {new.name}    asks it now; a running digestbot does so by itself")


def _host(address: str) -> str:
    return urlsplit(address).hostname or "source"
