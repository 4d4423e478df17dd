"""profile: what a reader's votes taught their model."""

from __future__ import annotations

import textwrap
from typing import Any

import click

from digestbot.acts.answers.profile import ProfileReport, profile
from digestbot.acts.people.find import find_subscriber
from digestbot.acts.people.vote import forget_votes
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app

COLUMNS = 80


@click.command("profile", short_help="What somebody's votes taught: show, reset, export.")
@click.argument("who", metavar="SUBSCRIBER")
@click.argument("action", metavar="show|reset|export", type=click.Choice(["show", "reset", "export"]), default="show")
@json_option
@with_app
def profile_command(app: App, who: str, action: str, as_json: bool) -> None:
    """What somebody's votes and imported library taught their model.

    show: the words, authors and categories that lift a paper or push it down. export: the votes, one JSON document. reset:
    deletes the votes; papers that were in no digest may come again.
    """
    one = find_subscriber(app.store, who)
    if action == "reset":
        gone = forget_votes(app.store, one, now=app.clock())
        answer = {"subscriber": one.ref, "removed": gone}
        terminal.say(terminal.as_json(answer) if as_json else f"{terminal.plural(gone, 'vote')} of {one.ref} removed.")
        return
    found = profile(app.store, one, now=app.clock())
    if action == "export" or as_json:
        terminal.say(terminal.as_json(profile_json(found)))
    else:
        terminal.say(profile_text(found))


def profile_json(found: ProfileReport) -> dict[str, Any]:
    """Returns the answer for scripts."""
    return {
        "subscriber": found.subscriber,
        "trust": round(found.trust, 3),
        "up": found.up,
        "down": found.down,
        "votes": [
            {"paper": paper.public_id, "title": paper.title, "identifiers": dict(paper.identifiers), "vote": vote.value,
             "at": vote.at, "via": vote.via}
            for vote, paper in found.votes
        ],
    }  # fmt: skip


def profile_text(found: ProfileReport) -> str:
    """Returns what the model has learnt, for people, 80 columns wide."""
    if not found.votes:
        return f"{found.subscriber} has not voted. digestbot vote PAPER {found.subscriber} up, or import a library."
    down = len(found.votes) - found.likes
    lines = [
        f"{found.subscriber}: {found.likes} up, {down} down. The model counts {found.trust:.0%}, the rule's words the rest."
    ]
    for sign, words in (("▲", found.up), ("▼", found.down)):
        if words:
            lines += textwrap.wrap(f"{sign} {', '.join(words)}", COLUMNS, subsequent_indent="  ")
    return "\n".join(lines)
