"""alert: one alert mail, from a pipe into the Maildir of a source."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import click

from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app
from digestbot.errors import DigestbotError, UsageError
from digestbot.settings.config import SourceConfig
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
    from digestbot.app.wiring import kinds
    from digestbot.sources.kinds.alerts import read_mail

    source, readers = chosen_source(app.config.sources, kinds(), name)
    folder = app.config.root / str(source.options["maildir"])
    data = sys.stdin.buffer.read(LARGEST)
    if not data.strip():
        raise UsageError("there is no mail on stdin", fix="digestbot alert < message")
    try:
        put_mail(folder, data, f"{int(app.clock().timestamp())}.{sha256(data).hexdigest()[:24]}.alert")
    except DigestbotError as error:
        click.echo(f"digestbot: {error}", err=True)
        raise SystemExit(EX_TEMPFAIL) from error
    read = read_mail(data, readers=readers)
    if as_json:
        told = {
            "source": source.name,
            "kind": read.kind,
            "entries": [e.title for e in read.entries],
            "problems": read.problems,
        }
        terminal.say(terminal.as_json(told))
        return
    terminal.say(
        f"{read.kind}: {terminal.plural(len(read.entries), 'paper')}, read with the next poll of {source.name}"
    )
    for problem in read.problems:
        terminal.say(f"  {problem.what}")


def chosen_source(sources: Iterable[SourceConfig], kinds: Mapping[str, Any], name: str) -> tuple[SourceConfig, Any]:
    """The source that takes mails, of kind `alerts` or of a stranger's that reads others too; with its readers."""
    from digestbot.sources.kinds.alerts import AlertsSource

    with_maildir = [s for s in sources if s.options.get("maildir")]
    known = {s.name: s for s in with_maildir if issubclass(kinds[s.kind], AlertsSource)}
    if name and name not in known:
        raise UsageError(
            f'there is no source "{name}" of alert mails with a maildir', fix=f"One of: {', '.join(sorted(known))}"
        )
    if len(known) != 1 and not name:
        fix = (
            'Write a source of kind = "alerts" with maildir = "…"' if not known else f"Say which: --source {min(known)}"
        )
        raise UsageError("no Maildir is configured for alerts" if not known else "several sources take alerts", fix=fix)
    chosen = known[name or next(iter(known))]
    return chosen, kinds[chosen.kind].readers
