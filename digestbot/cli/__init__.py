"""The command line: parse input, call an act, show its result. Commands import what they need when they run, so that `--help`
is quick; they open no transaction.

Wings: `setup` (beginning and configuration), `answers` (questions), `operate` (what changes something). `terminal` is how results
look, `logs` how events are written, `with_app` how a command gets its configuration. A decision belongs to an act.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from contextlib import suppress
from typing import Any

import click

from digestbot import __version__
from digestbot.errors import ConfigError, DigestbotError

#: command → module below digestbot.cli; read without importing it, so that `--help` stays quick
COMMANDS = {
    "demo": ("setup.demo", "The whole way on bundled samples, on this machine only."),
    "init": ("setup.configuration", "Write a commented configuration that works."),
    "check": ("setup.configuration", "Read the configuration and say what is wrong with it."),
    "plan": ("setup.configuration", "What a configuration would change, before it is applied."),
    "config": ("setup.configuration", "The configuration: schema."),
    "backtest": ("answers.backtest", "Try a rule on the past, a row a day; changes nothing."),
    "search": ("answers.search", "The rule language over every stored paper, newest first."),
    "suggest": ("answers.suggest", "How a rule could bring less of the wrong and more of the right."),
    "try": ("setup.try_source", "What is read at an address or in a file; needs no configuration."),
    "poll": ("operate.rounds", "Poll what is due, or the named sources now."),
    "preview": ("answers.preview", "Write the digest somebody would get now; sends nothing."),
    "send": ("operate.send", "Compose what is due and deliver the outbox once."),
    "tick": ("operate.rounds", "One round of all that is due: poll, compose, deliver."),
    "run": ("operate.serve", "The daemon: everything, at its time."),
    "worker": ("operate.serve", "Take jobs of the queue, beside any number of others."),
    "serve": ("operate.serve", "Only the pages: editions, papers, feeds, and those behind the links of mails."),
    "publish": ("operate.publish", "The public pages and feeds as files, for any web server or none."),
    "status": ("answers.status", "What happened, what comes next, and why no mail came."),
    "audit": ("answers.audit", "What each source listed, day by day, and what of it came."),
    "doctor": ("answers.doctor", "Will mails arrive? SPF, DKIM, DMARC, TLS, clock, disk, database."),
    "explain": ("answers.explain", "Why a paper came to somebody, or did not."),
    "vote": ("operate.vote", "What somebody thinks of a paper: up, down or none."),
    "follow": ("setup.follow", "People followed by name: confirm or deny a paper, list what was said."),
    "profile": ("operate.profile", "What somebody's votes taught: show, reset, export."),
    "sources": ("setup.sources", "Where papers come from: list, add."),
    "import": ("setup.exchange", "Feeds from an OPML list, papers from a BibTeX or RIS library."),
    "export": ("setup.exchange", "Feeds as OPML; papers as BibTeX or CSV."),
    "library": ("setup.library", "What somebody knows: list, check (does it still stand?), export."),
    "subscribers": ("operate.subscribers", "People: list, show, pause, resume, invite, new links."),
    "outbox": ("operate.outbox", "Mail on its way: list, show, retry, cancel, hold, pause, resume."),
    "suppressions": ("operate.suppressions", "Addresses that must not be mailed: list, add, remove, import, export."),
    "bounce": ("operate.bounce", "Read mails that came back: bounces, complaints, unsubscribe mails."),
    "alert": ("setup.alert", "Take in one alert mail (Google Scholar, PubMed, a journal) from stdin."),
    "dkim": ("operate.dkim", "The key that signs mails: key."),
    "pick": ("operate.pick", "Put a paper on the day's edition, by name and with a line why."),
    "papers": ("operate.papers", "Papers: show, merge, split, rebuild."),
    "quarantine": ("operate.quarantine", "What broke a step and was put aside: list, show, retry, drop."),
    "backup": ("operate.backup", "The whole store as one file, while everything runs."),
    "store": ("operate.backup", "The database itself: migrate, migrate-to."),
    "restore": ("operate.backup", "Fill an empty store with a backup; sends nothing twice."),
}
#: what others call it → our command
ELSEWHERE = {
    "why": "explain", "fetch": "poll", "update": "poll", "crawl": "poll", "mail": "send", "deliver": "send",
    "queue": "outbox", "mailq": "outbox", "start": "run", "daemon": "run", "cron": "tick", "web": "serve", "server": "serve",
    "build": "publish", "setup": "init", "new": "init", "quickstart": "init", "validate": "check", "lint": "check",
    "diff": "plan", "schema": "config", "history": "backtest", "simulate": "backtest", "query": "search", "find": "search",
    "dry-run": "preview", "show": "papers", "merge": "papers", "split": "papers", "users": "subscribers",
    "unsubscribe": "subscribers", "pause": "subscribers", "feeds": "sources", "add": "sources", "opml": "import",
    "bibtex": "export", "bounces": "bounce", "blocklist": "suppressions", "like": "vote", "upvote": "vote",
    "health": "doctor", "log": "status", "logs": "status", "info": "status", "migrate": "store", "test": "try",
}  # fmt: skip


class _Commands(click.Group):
    """Finds a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"digestbot.cli.{COMMANDS[name][0]}")
        command = getattr(module, f"{name}_command")
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from difflib import get_close_matches

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = [ELSEWHERE[args[0]]] if args[0] in ELSEWHERE else get_close_matches(args[0], COMMANDS, 1)
            hint = f' Did you mean "{near[0]}"?' if near else f" One of: {', '.join(COMMANDS)}."
            raise click.UsageError(f'No such command "{args[0]}".{hint}', ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config", metavar="FILE", envvar="DIGESTBOT_CONFIG", default="config/digestbot.toml", show_default=True,
    help="The main configuration file (also $DIGESTBOT_CONFIG).",
)  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Log what happens to stderr; tracebacks of errors.")
@click.version_option(__version__, prog_name="digestbot")
@click.pass_context
def cli(ctx: click.Context, config: str, verbose: bool) -> None:
    """Papers from many sources, each once, filtered by your rules, in one mail at your hour."""
    ctx.obj = {"config": config, "verbose": verbose}


def main() -> Any:
    """The entry point: every error is printed here, and only here. No traceback reaches a person without --verbose."""
    _write_what_can_be_written()
    try:
        result = cli.main(standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        return result
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except BrokenPipeError:  # the reader of a pipe went away: nothing to say
        _drop_stdout()
        sys.exit(1)
    except ConfigError as error:
        from digestbot.cli.terminal import problems

        click.echo(problems(error.problems), err=True)
        sys.exit(error.exit_code)
    except DigestbotError as error:
        _end(f"digestbot: {error}", error.exit_code)
    except OSError as error:  # a folder nobody may write, a full disk behind stdout
        _drop_stdout()
        where = f"{error.filename}: " if error.filename else ""
        _end(f"digestbot: {where}{error.strerror or error}", 1)
    except Exception as error:
        _end(f"digestbot: a mistake of the program: {type(error).__name__}: {error}. With -v it says where.", 1)


def _end(line: str, code: int) -> None:
    if "-v" in sys.argv or "--verbose" in sys.argv:
        raise  # noqa: PLE0704  # called while an exception is handled
    click.echo(line, err=True)
    sys.exit(code)


def _write_what_can_be_written() -> None:
    """Prints a question mark for a character that the encoding of the pipe or terminal lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _drop_stdout() -> None:
    """Discards what is left in stdout, which Python would try to write once more at its end."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
