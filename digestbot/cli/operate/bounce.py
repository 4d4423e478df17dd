"""bounce: mails that came back, from a pipe or a Maildir."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.logs import to_stderr
from digestbot.errors import DigestbotError, UsageError

if TYPE_CHECKING:
    from digestbot.acts.people.inbox import TakenReturn

EX_TEMPFAIL = 75  #: sysexits.h: the mail server keeps the mail and tries again


@click.command("bounce", short_help="Read mails that came back: bounces, complaints, unsubscribe mails.")
@click.option("--maildir", is_flag=True, help="Everything new in `[bounces] maildir`, in place of one mail on stdin.")
@click.option("--imap", is_flag=True, help="Everything unseen in `[bounces] imap`.")
@click.option("--recent", is_flag=True, help="Read nothing: show the last 50 mails that came back.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document a mail on stdout, nothing else there.")
@click.pass_context
def bounce_command(ctx: click.Context, maildir: bool, imap: bool, recent: bool, as_json: bool) -> None:
    """Read one mail from stdin and do what it proves: `digestbot bounce < message`.

    Exit 0 when it was read, whatever it changed; 75 (EX_TEMPFAIL) when it could not be, so that a mail server that pipes
    it here keeps it and tries again.
    """
    to_stderr(logging.INFO if ctx.obj["verbose"] else logging.WARNING)
    if recent:
        terminal.say(_recent(Path(ctx.obj["config"]), as_json))
        return
    try:
        for taken in _taken(Path(ctx.obj["config"]), maildir=maildir, imap=imap):
            terminal.say(terminal.as_json(taken) if as_json else _line(taken))
    except DigestbotError as error:
        click.echo(f"digestbot: {error}", err=True)
        raise SystemExit(EX_TEMPFAIL) from error


def _taken(main: Path, *, maildir: bool, imap: bool) -> list[TakenReturn]:
    from digestbot.app.returned_mail import take_returned_mail, take_returned_mailbox, take_returned_maildir
    from digestbot.mail.bounces.mime import LARGEST

    data = b"" if maildir or imap else sys.stdin.buffer.read(LARGEST)
    with App(config=load(main), main=main).opened() as app:
        if imap and app.config.bounces.imap is None:
            raise UsageError("no mailbox is configured", fix='Write imap = "imaps://…" into [bounces]')
        if imap:
            return take_returned_mailbox(app)
        if not maildir:
            return [take_returned_mail(app, data)]
        if app.config.bounces.maildir is None:
            raise UsageError("no Maildir is configured", fix='Write maildir = "…" into [bounces]')
        return take_returned_maildir(app)


def _recent(main: Path, as_json: bool) -> str:
    from digestbot.acts.people.inbox import recent_returns

    with App(config=load(main), main=main).opened() as app:
        rows, zone, now = recent_returns(app.store, 50), app.config.site.time_zone, app.clock()
    if as_json:
        return terminal.as_json(
            {"returned": [{"at": r.at, "kind": r.kind, "effect": r.effect, "reason": r.text} for r in rows]}
        )
    cells = [(terminal.when(row.at, zone, now), row.kind, row.effect, row.text) for row in rows]
    return terminal.table(cells, head=("AT", "KIND", "EFFECT", "WORDS")) if cells else "Nothing has come back."


def _line(taken: TakenReturn) -> str:
    whose = f" {taken.subscriber}" if taken.subscriber else ""
    return f"{taken.kind}:{whose} {taken.effect}{f', {taken.reason}' if taken.reason else ''}"
