"""vote: more or less like this paper, by hand."""

from __future__ import annotations

import click

from digestbot.acts.vote import vote
from digestbot.app import App
from digestbot.cli import show
from digestbot.cli.wired import json_option, with_app

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
    one = app.subscriber(who)
    found = vote(app.store, paper, one, VALUES[said], now=app.clock())
    if as_json:
        show.say(show.as_json({"subscriber": one.ref, "paper": found.public_id, "vote": VALUES[said]}))
        return
    show.say(f"{one.ref}, {SAID[said]}: {found.title} ({found.public_id})")
