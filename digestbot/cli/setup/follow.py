"""follow: whose a paper is, where somebody follows a person and others have the same name."""

from __future__ import annotations

import click

from digestbot.acts.people.find import find_subscriber
from digestbot.acts.people.namesakes import said_of, say
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app, with_app


@click.group("follow", short_help="People followed by name: confirm or deny a paper, list what was said.")
def follow_command() -> None:
    """People whom topics follow by name: which papers are theirs, and which are by others of that name.

    What is said holds for that paper, and its co-authors count as evidence for later ones.
    """


@follow_command.command("confirm")
@click.argument("who", metavar="SUBSCRIBER")
@click.argument("paper")
@click.argument("person")
@with_app
def confirm_command(app: App, who: str, paper: str, person: str) -> None:
    """The paper is by the person they follow."""
    _say(app, who, paper, person, same=True)


@follow_command.command("deny")
@click.argument("who", metavar="SUBSCRIBER")
@click.argument("paper")
@click.argument("person")
@with_app
def deny_command(app: App, who: str, paper: str, person: str) -> None:
    """The paper is by another of that name."""
    _say(app, who, paper, person, same=False)


@follow_command.command("list")
@click.argument("who", metavar="SUBSCRIBER")
@json_option
@reading_app
def list_command(app: App, who: str, as_json: bool) -> None:
    """What somebody said of namesakes, the newest first."""
    said = said_of(app.store, find_subscriber(app.store, who))
    if as_json:
        terminal.say(terminal.as_json(
            [{"person": s.person, "paper": p.public_id, "same": s.same, "at": s.at.isoformat()} for s, p in said]
        ))  # fmt: skip
    elif said:
        rows = [(s.person, "theirs" if s.same else "another's", p.public_id, p.title[:60]) for s, p in said]
        terminal.say(terminal.table(rows))
    else:
        terminal.say("Nothing was said so far.")


def _say(app: App, who: str, paper: str, person: str, *, same: bool) -> None:
    one = find_subscriber(app.store, who)
    found, named = say(app.store, paper, one, person, same=same, now=app.clock())
    whose = f"by {named.name}, whom {one.ref} follows" if same else f"by another {named.name}"
    terminal.say(f"{whose}: {found.title} ({found.public_id})")
