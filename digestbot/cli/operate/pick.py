"""pick: put a paper on the day's edition, by name and with a line why."""

from __future__ import annotations

import click

from digestbot.acts.digests.picking import PickedPaper, approve, pick, picked, unpick
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app


@click.command("pick", short_help="Put a paper on the day's edition; without one, what was picked.")
@click.argument("paper", required=False, default="")
@click.option("--by", metavar="NAME", default="", help="Who chose it, as readers see it; by default the site's name.")
@click.option("--why", metavar="LINE", default="", help="A line why.")
@click.option("--day", metavar="DAY", default="", help="Another edition than the open one, like 2026-11-23.")
@click.option("--remove", is_flag=True, help="Take it back.")
@click.option("--approve", "approved", is_flag=True, help="Let the edition go that [edition] hold keeps.")
@json_option
@with_app
def pick_command(
    app: App, paper: str, by: str, why: str, day: str, remove: bool, approved: bool, as_json: bool
) -> None:
    """Put a paper on the day's edition: it stands first, with who chose it and why.

    PAPER is an id, a DOI, an address or words of a title.
    """
    settings, now = app.feed_settings, app.clock()
    on, before = picked(app.store, settings, day=day, now=now)
    if approved:
        approve(app.store, settings, day or on, now=now)
        said = [f"The edition of {day or on} goes out at its hour."]
    elif paper and remove:
        gone = unpick(app.store, settings, paper, day=day, now=now)
        said = [f"{gone.day}: no longer picked: {gone.paper.title}"]
    elif paper:
        before = [pick(app.store, settings, paper, by=by or app.config.site.name, why=why, day=day, now=now)]
        said = [_line(one) for one in before]
    else:
        said = [_line(one) for one in before] or [f"Nothing was picked for {on}."]
    terminal.say(terminal.as_json([_json(one) for one in before]) if as_json else "\n".join(said))


def _line(one: PickedPaper) -> str:
    return (
        f"{one.day}: {one.paper.title} ({one.paper.public_id}), picked by {one.by}{f': {one.why}' if one.why else ''}"
    )


def _json(one: PickedPaper) -> dict[str, str]:
    return {"day": one.day, "paper": one.paper.public_id, "title": one.paper.title, "by": one.by, "why": one.why}
