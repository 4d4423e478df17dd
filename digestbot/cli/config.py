"""init and check: a configuration that works, and what is wrong with one."""

from __future__ import annotations

import os
from pathlib import Path

import click

from digestbot.app import App
from digestbot.bundled import folder
from digestbot.cli import show
from digestbot.cli.wired import with_app
from digestbot.errors import DigestbotError
from digestbot.settings import Config


@click.command("init", short_help="Write a commented configuration that works.")
@click.argument("directory", required=False, default=".", metavar="[DIR]", type=click.Path(path_type=Path))
@click.option(
    "--email", default="", metavar="ADDRESS", help="Yours: the first subscriber, and whom sources may write to."
)
def init_command(directory: Path, email: str) -> None:
    """Write a commented configuration that works, into DIR/config. Files that are there stay as they are."""
    made = write_config(directory / "config", email, local_zone())
    if not made:
        raise DigestbotError(
            "there is a configuration already", where=str(directory / "config"), fix="Nothing was changed"
        )
    who = email or "reader@example.org"
    there = "" if directory == Path() else f"  (in {directory})"
    show.say("\n".join([
        *(f"wrote {path}" for path in made),
        "",
        f"Next{there}",
        "  digestbot check                   is everything right?",
        f"  digestbot preview {who}   the first digest, as a file",
        "  digestbot poll                    ask the sources, and keep what they say",
        "  digestbot send --now              a digest into var/maildir, until you set SMTP",
        "  digestbot run                     everything at its time: forget that it is there",
    ]))  # fmt: skip


def write_config(into: Path, email: str, zone: str) -> list[Path]:
    """Ours, with the owner's address and zone in it; the files that were written."""
    made = []
    for source in sorted(folder("config").rglob("*.toml")):
        target = into / source.relative_to(folder("config"))
        if target.exists():
            continue
        text = source.read_text(encoding="utf-8")
        if email:
            text = text.replace('"admin@example.org"', f'"{email}"').replace('"reader@example.org"', f'"{email}"')
        if zone:
            text = text.replace('time_zone = "UTC"     ', f'time_zone = "{zone}"').replace(
                'time_zone = "Europe/Berlin"', f'time_zone = "{zone}"'
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        made.append(target)
    return made


def local_zone() -> str:
    """The IANA name of this machine's zone; "" when it cannot be told."""
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
    if app.config.warnings:
        show.say(show.problems(app.config.warnings) + "\n")
    show.say(check_text(app.config))


def check_text(config: Config) -> str:
    """What digestbot understood."""
    delivery = config.delivery
    if delivery.channel == "smtp" and config.smtp:
        way = f"SMTP to {config.smtp.host}:{config.smtp.port} ({config.smtp.security})"
    else:
        way = f"files in {config.maildir.path}" if delivery.channel == "maildir" else delivery.channel
    topics = sum(len(s.topics) for s in config.subscribers)
    return "\n".join([
        "The configuration is right.",
        f"  sources      {len(config.sources)}: {', '.join(s.name for s in config.sources) or 'none'}",
        f"  subscribers  {len(config.subscribers)} with {show.plural(topics, 'topic')}",
        f"  mail         {way}",
        f"  feeds        {config.feeds.path}",
        f"  store        {without_password(config.store.url)}",
    ])  # fmt: skip


def without_password(url: str) -> str:
    """A database's address for people."""
    scheme, _, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    return f"{scheme}://{login.partition(':')[0]}{at}{place}" if at else url
