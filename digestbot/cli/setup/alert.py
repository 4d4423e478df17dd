"""alert: one alert mail, from a pipe into the Maildir of a source."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path

import click

from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app
from digestbot.errors import DigestbotError, UsageError
from digestbot.system.maildir import put_mail

EX_TEMPFAIL = 75  #: sysexits.h: the mail server keeps the mail and tries again
LARGEST = 1 << 20


@click.command("alert", short_help="Take in one alert mail from stdin.")
@click.option(
    "--source", "name", metavar="SOURCE", default="", help="Which source, where there are several of kind alerts."
)
@json_option
@with_app
def alert_command(app: App, name: str, as_json: bool) -> None:
    """Put one mail from stdin into the Maildir of a source of kind `alerts`: `digestbot alert < message`.

    The next poll of that source reads it. Exit 75 (EX_TEMPFAIL) when it could not be kept, so that a mail server that
    pipes it here tries again.
    """
    from digestbot.sources.kinds.alerts import read_mail

    source, folder = _maildir(app, name)
    data = sys.stdin.buffer.read(LARGEST)
    if not data.strip():
        raise UsageError("there is no mail on stdin", fix="digestbot alert < message")
    try:
        put_mail(folder, data, f"{int(app.clock().timestamp())}.{sha256(data).hexdigest()[:24]}.alert")
    except DigestbotError as error:
        click.echo(f"digestbot: {error}", err=True)
        raise SystemExit(EX_TEMPFAIL) from error
    read = read_mail(data)
    if as_json:
        told = {
            "source": source,
            "kind": read.kind,
            "entries": [e.title for e in read.entries],
            "problems": read.problems,
        }
        terminal.say(terminal.as_json(told))
        return
    terminal.say(f"{read.kind}: {terminal.plural(len(read.entries), 'paper')}, read with the next poll of {source}")
    for problem in read.problems:
        terminal.say(f"  {problem.what}")


def _maildir(app: App, name: str) -> tuple[str, Path]:
    """(name of the source, its Maildir)."""
    known = {
        s.name: str(s.options["maildir"]) for s in app.config.sources if s.kind == "alerts" and s.options.get("maildir")
    }
    if name and name not in known:
        raise UsageError(
            f'there is no source "{name}" of kind alerts with a maildir', fix=f"One of: {', '.join(sorted(known))}"
        )
    if len(known) != 1 and not name:
        fix = (
            'Write a source of kind = "alerts" with maildir = "…"' if not known else f"Say which: --source {min(known)}"
        )
        raise UsageError("no Maildir is configured for alerts" if not known else "several sources take alerts", fix=fix)
    chosen = name or next(iter(known))
    return chosen, app.config.root / known[chosen]
