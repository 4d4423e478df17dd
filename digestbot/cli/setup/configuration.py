"""init, check, plan and config: a configuration that works, what is wrong with one, and what one would change."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.bundled import folder
from digestbot.cli import terminal
from digestbot.cli.setup.beginnings import FIELDS, Begun, beginning
from digestbot.cli.with_app import json_option, with_app
from digestbot.errors import ConfigError, ConfigProblem, DigestbotError
from digestbot.settings import Config
from digestbot.system.files import replace_file

if TYPE_CHECKING:  # heavy, and needed by `plan` only
    from digestbot.acts.answers.plan import Plan


@click.command("init", short_help="Write a commented configuration that works.")
@click.argument("directory", required=False, default=".", metavar="[DIR]", type=click.Path(path_type=Path))
@click.option(
    "--email", default="", metavar="ADDRESS", help="Yours: the first subscriber, and whom sources may write to."
)
@click.option(
    "--field", "of", default="", metavar="FIELD", help=f"Sources and rules to start with: {', '.join(FIELDS)}."
)
def init_command(directory: Path, email: str, of: str) -> None:
    """Write a commented configuration that works, into DIR/config. Where one file is there already, nothing is written.

    --field begins with the places of a field and rules to change; without it with arXiv's machine learning.
    """
    begun = beginning(of) if of else None
    made = write_config(directory / "config", email, local_zone(), begun)
    if not made:
        raise DigestbotError(
            "there is a configuration already", where=str(directory / "config"), fix="Nothing was changed"
        )
    there = "" if directory == Path() else f"  (in {directory})"
    terminal.say("\n".join([
        *(f"wrote {path}" for path in made),
        "",
        *([terminal.wrapped(f"It lacks: {begun.lacks}", "", "  "), ""] if begun and begun.lacks else []),
        f"Next{there}",
        "  digestbot check                   is everything right?",
        "  digestbot preview reader          the first digest, as a file",
        "  digestbot poll                    ask the sources, and keep what they say",
        "  digestbot send --now              a digest into var/maildir, until you set SMTP",
        "  digestbot run                     everything at its time: forget that it is there",
    ]))  # fmt: skip


def write_config(into: Path, email: str, zone: str, begun: Begun | None = None) -> list[Path]:
    """Writes our sample with the owner's address and zone, and the beginning of a field; returns the files.

    Writes nothing, and returns none, when one exists.
    """
    made: list[Path] = []
    if into.is_dir() and next(into.rglob("*.toml"), None) is not None:
        return made
    for source in sorted(folder("config").rglob("*.toml")):
        target = into / source.relative_to(folder("config"))
        text = source.read_text(encoding="utf-8")
        text = begun.put_into(text) if begun else text
        if email:
            text = text.replace('"admin@example.org"', f'"{email}"').replace('"reader@example.org"', f'"{email}"')
        if zone:
            text = text.replace('time_zone = "UTC"     ', f'time_zone = "{zone}"').replace(
                'time_zone = "Europe/Berlin"', f'time_zone = "{zone}"'
            )
        replace_file(target, text.encode())
        made.append(target)
    return made


def local_zone() -> str:
    """Returns the IANA name of this machine's time zone; "" when it is not known."""
    named = os.environ.get("TZ", "")
    link = Path("/etc/localtime")
    if not named and link.is_symlink():
        named = str(link.resolve()).partition("zoneinfo/")[2]
    from zoneinfo import available_timezones

    return named if named in available_timezones() else ""


@click.command("check", short_help="Read the configuration and say what is wrong with it.")
@with_app
def check_command(app: App) -> None:
    """Read the configuration and say what is wrong with it: every problem of all files at once. Exit 2 on errors."""
    from digestbot.acts.answers.damage import refuse_damaged

    _render(app)
    _sign(app)
    _queue(app)
    if app.has_database:
        refuse_damaged(app.store, app.config.store.url.rpartition("@")[2])
    warnings = (*app.config.warnings, *_unused(app), *_unspoken(app), *_left(app), *_odd(app))
    if warnings:
        terminal.say(terminal.problems(warnings) + "\n")
    terminal.say(check_text(app.config))


def _sign(app: App) -> None:
    """Signs a mail, because a key that signs none is an error of the configuration."""
    try:
        _ = app.signer
    except DigestbotError as error:
        file = str(app.main or "")
        raise ConfigError(
            (ConfigProblem(file=file, key="[dkim] key_file", what=error.what, detail=error.fix),)
        ) from error


def _queue(app: App) -> None:
    """Looks whether the package of the queue is installed. Raises ConfigError."""
    from importlib.util import find_spec

    from digestbot.store.queue_schema import FIX, MISSING

    if app.config.store.queue != "local" and not (find_spec("procrastinate") and find_spec("psycopg_pool")):
        raise ConfigError((ConfigProblem(file=str(app.main or ""), key="[store] queue", what=MISSING, detail=FIX),))


def _render(app: App) -> None:
    """Renders a mail in each language, so that a broken template or text is found now. Raises TemplateError."""
    from digestbot.acts.upkeep.retry_quarantined import proof
    from digestbot.model import Paper

    sample = Paper(title="A sample", link="https://example.org/1", authors=("A. Author",), summary="One sentence.")
    tried = proof(sample, site=app.config.site.name, now=app.clock())
    for language in sorted({person.language for person in app.config.subscribers} or {"en"}):
        app.templates.letter(replace(tried, subscriber=replace(tried.subscriber, language=language)))


def _unused(app: App) -> Iterator[ConfigProblem]:
    """Yields warnings of the operator's templates and texts that change nothing."""
    from digestbot.digest.rendering.template_loader import renamed_texts, unused  # heavy: jinja2

    own = app.config.site.templates
    if own is None:
        return
    for name, meant in unused(own):
        yield ConfigProblem(
            file=str(own), key=name, severity="warning",
            what=f"nothing uses a file of this name; is it {meant}?" if meant else "nothing uses a file of this name",
        )  # fmt: skip
    for name, text, meant in renamed_texts(own):
        yield ConfigProblem(file=str(own / name), key=text, severity="warning", what=f"this text is called {meant} now")


def _unspoken(app: App) -> Iterator[ConfigProblem]:
    """Yields warnings of people in whose language there are no texts."""
    languages = app.templates.stationery.languages
    for person in app.config.subscribers:
        if not languages.knows(person.language):
            yield ConfigProblem(
                file="subscribers", key=f"{person.ref} language", severity="warning",
                what=f'there are no texts in "{person.language}", so their mails are in English; '
                f"there are: {', '.join(sorted(languages.known))}. See docs/templates.md",
            )  # fmt: skip


def _left(app: App) -> Iterator[ConfigProblem]:
    """Yields warnings of people whom the files list although they unsubscribed."""
    from digestbot.acts.people.find import unsubscribed

    if not app.has_database:
        return
    for person in unsubscribed(app.database, app.config.subscribers):
        yield ConfigProblem(
            file="subscribers", key=f"{person.ref} ({person.email})", severity="warning",
            what="has unsubscribed and gets nothing, whatever this file says; take them out",
        )  # fmt: skip


def _odd(app: App) -> Iterator[ConfigProblem]:
    """Yields warnings of rules that the stored history makes doubtful."""
    from digestbot.acts.answers.backtest import doubts

    if not app.has_database:
        return
    for ref, topic, what in doubts(app.database, app.config.subscribers, rules=app.rules, now=app.clock()):
        named = f"{ref} --topic {shlex.quote(topic)}"
        narrower = f"; for narrower ones: digestbot suggest {named}" if "%" in what else ""
        yield ConfigProblem(
            file="subscribers", key=f'{ref}, topic "{topic}"', severity="warning",
            what=f"this rule {what}. Try another: digestbot backtest {named} --query RULE{narrower}",
        )  # fmt: skip


@click.command("plan", short_help="What a configuration would change, before it is applied.")
@click.argument("new", required=False, metavar="[FILE]", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@with_app
def plan_command(app: App, new: Path | None, as_json: bool) -> None:
    """What a configuration would change, before it is applied: people, sources, rules, and what each person would get.

    FILE is the main file of another configuration, say a copy in work; without it the present files are held against
    what was last applied (a running digestbot applies them by itself within seconds). Changes nothing.
    """
    from digestbot.acts.answers.plan import plan

    then = replace(app, config=load(new)) if new else app
    found = plan(app.database, then.config.subscribers, then.source_kinds, then.rules, now=app.clock())
    terminal.say(terminal.as_json(found) if as_json else plan_text(found))


def plan_text(found: Plan) -> str:
    """Returns the answer for people: a line for each change, then what each person gets more and less."""
    if found.empty:
        return "Nothing would change."
    rows = [(terminal.state(c.how), c.what, c.name, c.detail) for c in found.changes]
    lines = [terminal.table(rows)]
    if found.effects:
        span = terminal.plural(round(found.days), "day")
        lines += ["", terminal.heading(f"Papers a day, over the last {span}")]
        figures = [
            (e.subscriber, f"{e.before:g}", f"{e.after:g}", f"+{e.gained:g}", f"-{e.lost:g}") for e in found.effects
        ]
        lines.append(terminal.table(figures, head=("SUBSCRIBER", "NOW", "THEN", "GAINED", "LOST"), right=(1, 2, 3, 4)))
        for effect in found.effects:
            lines += ["", f"{effect.subscriber}, for example"]
            lines += [f"  + {title}" for title in effect.gains] + [f"  - {title}" for title in effect.losses]
    return "\n".join([*lines, "", "Nothing was changed."])


@click.group("config", short_help="The configuration: schema.")
def config_command() -> None:
    """About the configuration itself."""


@config_command.command("schema")
def schema_command() -> None:
    """The JSON Schema of the configuration, for editors that complete and check TOML."""
    from digestbot.settings.schema import json_schema

    terminal.say(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def check_text(config: Config) -> str:
    """Returns, for people, what digestbot understood of the configuration."""
    delivery = config.delivery
    if delivery.channel == "smtp" and config.smtp:
        way = f"SMTP to {config.smtp.host}:{config.smtp.port} ({config.smtp.security})"
    else:
        way = f"files in {config.maildir.path}" if delivery.channel == "maildir" else delivery.channel
    topics = sum(len(s.topics) for s in config.subscribers)
    return "\n".join([
        "The configuration is right.",
        f"  sources      {len(config.sources)}: {', '.join(s.name for s in config.sources) or 'none'}",
        f"  subscribers  {len(config.subscribers)} with {terminal.plural(topics, 'topic')}",
        f"  mail         {way}",
        f"  feeds        {config.feeds.path}",
        f"  store        {terminal.without_password(config.store.url)}",
        f"  asked too    {', '.join(config.enrich.providers) or 'nobody'}"
        + (", about papers that lack something; [enrich] on = false stops it" if config.enrich.providers else ""),
        *([f"  proxy        {terminal.without_password(config.fetch.proxy)}: it decides which addresses are connected to, not we"]
          if config.fetch.proxy else []),
    ])  # fmt: skip
