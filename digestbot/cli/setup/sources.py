"""sources: where papers come from, and how another place is added."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from digestbot.acts.intake.questions import source_rows
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app, with_app
from digestbot.errors import UsageError
from digestbot.transport.reply_meaning import without_keys

if TYPE_CHECKING:  # heavy, and needed by one command only
    from digestbot.acts.intake.discover import Discovered
    from digestbot.settings.writing import NewSource
    from digestbot.sources.recipes import Recipe

SHOWN = 5  #: titles of what was read
ROOM = 12  #: letters of a title that still say something
FEW = 6  #: recipes that are described one by one


@click.group("sources", short_help="Where papers come from: list, add, recipes.")
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
        terminal.say("No source yet: digestbot sources add NAME, or URL")
        return
    cells = [(t["source"], t["kind"], terminal.state(t["status"] or "not polled yet"), t["asks"]) for t in told]
    terminal.say(terminal.table(cells, head=("SOURCE", "KIND", "STATE", "ASKS")))


def _asks(options: Any) -> str:
    """Returns a source's address, or what it asks for."""
    if options.get("url"):
        return without_keys(str(options["url"]), "***")
    said = [", ".join(v) if isinstance(v, list | tuple) else str(v) for v in options.values() if v]
    return " · ".join(said) or "its own address"


@sources_command.command("recipes")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@json_option
@click.pass_context
def recipes_command(ctx: click.Context, words: tuple[str, ...], as_json: bool) -> None:
    """Places that are known by name, and what each brings; WORD narrows the list (a field, a publisher, a kind).

    Yours stand in recipes.toml beside the configuration. A category of arXiv is a name, too.
    """
    from digestbot.app.recipes import known_recipes

    known = known_recipes(Path(ctx.obj["config"]))
    found = known.like(" ".join(words))
    if as_json:
        told = [{"name": r.name, "title": r.title, "kind": r.kind, "options": dict(r.options), "every": r.every,
                 "fields": list(r.fields), "page": r.page, "about": r.about} for r in found]  # fmt: skip
        terminal.say(terminal.as_json([{k: v for k, v in one.items() if v not in ("", [])} for one in told]))
        return
    if not found:
        near = known.near(" ".join(words))
        raise UsageError(
            f"there is no recipe for {' '.join(words)!r}",
            fix=f"Did you mean {', '.join(near)}? "
            if near
            else "A place's own address will do: digestbot sources add URL",
        )
    terminal.say(recipes_text(found))


def recipes_text(found: Sequence[Recipe]) -> str:
    """Returns the list for people; of few recipes what each brings, too."""
    if len(found) > FEW:
        names = max(len(one.name) for one in found)
        beside = terminal.columns() - names - 2
        rows = [
            f"{one.name:{names}}  {terminal.cut(one.title, beside)}" if beside >= ROOM else one.name for one in found
        ]
        return "\n".join(
            [*rows, "", terminal.wrapped("digestbot sources recipes NAME    what one brings and lacks", "", "")]
        )
    blocks = []
    for one in found:
        every = f" · every {one.every}" if one.every else ""
        blocks.append("\n".join([
            terminal.heading(one.name), terminal.wrapped(f"{one.title} · {one.kind}{every}"), terminal.wrapped(one.about, further="  ")
        ]))  # fmt: skip
    if len(found) == 1:
        blocks.append(written(found[0]).toml())
    asked = " --query WORDS" if found[0].wants_words else ""
    return "\n\n".join([*blocks, f"digestbot sources add {found[0].name}{asked}"])


def written(recipe: Recipe) -> NewSource:
    """The block of a recipe, with its remark, its rhythm and its title."""
    from digestbot.settings.fields import duration
    from digestbot.settings.writing import NewSource

    return NewSource(
        name=recipe.name, kind=recipe.kind, options=recipe.options, title=recipe.title, remark=recipe.about,
        every=duration(recipe.every) if recipe.every else None,
    )  # fmt: skip


@sources_command.command("add")
@click.argument("place", metavar="NAME|URL")
@click.option("--name", default="", help="What to call it (default: after its title).")
@click.option("--query", "words", default="", metavar="WORDS", help="What to search for, where a recipe is a search.")
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
@json_option
@with_app
def add_command(app: App, place: str, name: str, words: str, dry_run: bool, as_json: bool) -> None:
    """Find the source of a name or behind a page's address, show what is read there, and write it into the configuration.

    A recipe by its name or title (digestbot sources recipes), a category of arXiv, a feed itself, a page that names one, an
    arXiv listing, the daily papers. Exit 1 when nothing can be read.
    """
    from digestbot.acts.intake.discover import discover
    from digestbot.acts.intake.feed_lists import already
    from digestbot.app.config_files import add_sources
    from digestbot.app.wiring import kinds
    from digestbot.cli.setup.try_source import entry_json, try_text
    from digestbot.settings.writing import free_name

    taken = [s.name for s in app.config.sources]
    if name in taken:
        raise UsageError(f"there is a source {name!r} already", fix="Choose another --name")
    main = app.main_file
    recipe, address = _recipe(main, place, words)

    async def found() -> Discovered:
        async with app.transport() as transport:
            return await discover(
                address, transport.fetch, kinds(), now=app.clock(), reader=app.reader, recipe=_ready(app, recipe)
            )

    source = asyncio.run(found())
    by_recipe = recipe is not None and source.way.startswith("the recipe ")
    new = _new(source, recipe if by_recipe else None, address)
    new = replace(new, name=name or free_name(new.name, taken))
    same = already(source.kind, source.options, app.config.sources)
    if not same and not dry_run:
        add_sources(main, [new])
    if as_json:
        read = [entry_json(e) for e in source.seen.result.entries]
        terminal.say(terminal.as_json({
            "added": not same and not dry_run, "already": same or None, "source": new.name, "kind": new.kind,
            "options": dict(new.options), "status": source.seen.status, "found": source.way, "block": new.toml(),
            "entries": read,
        }))  # fmt: skip
        return
    terminal.say(try_text(source.seen, most=SHOWN))
    terminal.say(terminal.wrapped(source.way, further="  "))
    terminal.say(_written(main, new, same, dry_run=dry_run))


def _written(main: Path, new: NewSource, same: str, *, dry_run: bool) -> str:
    """What was written, or why nothing was. `same`: the name of a source that asks the same already."""
    if same:
        return f"\nNothing was written: the source {same} asks the same."
    block = f"to {main}:\n\n{new.toml()}"
    if dry_run:
        return f"\nWould be written {block}"
    return f"\nWritten {block}\ndigestbot poll {new.name}    asks it now; a running digestbot does so by itself"


def _recipe(main: Path, place: str, words: str) -> tuple[Recipe | None, str]:
    """The recipe of a name or an address, if there is one, and the address. Raises UsageError for a name that nobody knows."""
    from digestbot.app.recipes import known_recipes

    known = known_recipes(main)
    recipe, address = known.named(place), ""
    if recipe is None and _is_address(place):
        address = place if "://" in place else f"https://{place}"
        recipe = known.at(address)
    if recipe is None and not address:
        near = known.near(place)
        fix = f"Did you mean {', '.join(near)}?" if near else "See: digestbot sources recipes WORD; or give an address"
        raise UsageError(f"there is no recipe {place!r}", fix=fix)
    if recipe is not None and recipe.wants_words:
        if words:
            return recipe.with_words(words), address
        if not address:
            raise UsageError(
                f"{recipe.name} is a search: say for what", fix=f'digestbot sources add {recipe.name} --query "WORDS"'
            )
        recipe = None  # the address may be a search itself
    return recipe, address


def _is_address(place: str) -> bool:
    return "://" in place or ("." in place.partition("/")[0] and " " not in place)


def _ready(app: App, recipe: Recipe | None) -> Recipe | None:
    """The recipe with its keys and our contact, so that it can be asked."""
    from digestbot.app.config_files import root_of
    from digestbot.app.recipes import with_secrets

    if recipe is None or app.main is None:
        return recipe
    return replace(recipe, options=with_secrets(recipe.options, root_of(app.main)))


def _new(source: Discovered, recipe: Recipe | None, address: str) -> NewSource:
    """What is written."""
    from digestbot.settings.writing import NewSource

    if recipe is not None:
        return written(recipe)
    title = source.seen.result.title
    return NewSource(name=title or _host(address), kind=source.kind, options=source.options, title=title)


def _host(address: str) -> str:
    return urlsplit(address).hostname or "source"
