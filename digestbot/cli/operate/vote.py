"""vote: more or less like this paper, by hand."""

from __future__ import annotations

import click

from digestbot.acts.people.find import find_subscriber
from digestbot.acts.people.vote import vote
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app

VALUES = {"up": 1, "down": -1, "none": 0}
SAID = {"up": "liked", "down": "not liked", "none": "no vote"}


@click.command("vote", short_help="What somebody thinks of a paper: up, down or none.")
@click.argument("paper")
@click.argument("who", metavar="SUBSCRIBER")
@click.argument("said", metavar="up|down|none", type=click.Choice(list(VALUES)))
@json_option
@with_app
def vote_command(app: App, paper: str, who: str, said: str, as_json: bool) -> None:
    """What somebody thinks of a paper. The newest word counts; none takes it back.

    PAPER is an id, a DOI, an address or words of a title.
    """
    one = find_subscriber(app.store, who)
    found = vote(app.store, paper, one, VALUES[said], now=app.clock())
    if as_json:
        terminal.say(terminal.as_json({"subscriber": one.ref, "paper": found.public_id, "vote": VALUES[said]}))
        return
    terminal.say(f"{one.ref}, {SAID[said]}: {found.title} ({found.public_id})")
