"""explain: why a paper came to somebody, or did not."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import click

from digestbot.acts.answers.explain import Explanation, TopicAnswer, explain
from digestbot.acts.people.find import find_subscriber
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app
from digestbot.model import ScorePart
from digestbot.rules.evaluation.explain import Clause

COLUMNS = 80
MOST_LINES = 14  #: of one topic's clauses
CAME = {"sent": "SENT", "more": "SENT AS MORE"}


@click.command("explain", short_help="Why a paper came to somebody, or did not.")
@click.argument("paper")
@click.argument("subscriber")
@click.option("--slot", metavar="KEY", default="", help="About this slot, e.g. 2026-11-23T07:30.")
@json_option
@reading_app
def explain_command(app: App, paper: str, subscriber: str, slot: str, as_json: bool) -> None:
    """Why a paper came to somebody, or did not.

    PAPER is an id, a DOI, an address or words of a title.
    """
    one = find_subscriber(app.store, subscriber)
    found = explain(app.store, app.digest_settings, paper, one, now=app.clock(), slot=slot)
    zone = one.time_zone
    terminal.say(terminal.as_json(explain_json(found)) if as_json else explain_text(found, zone, app))


def explain_json(found: Explanation) -> dict[str, Any]:
    """Returns the answer for scripts."""
    return {
        "paper": found.paper.public_id,
        "title": found.paper.title,
        "subscriber": found.subscriber,
        "verdict": found.verdict,
        "why": found.why,
        "slot": found.slot or None,
        "due": found.due,
        "topics": found.topics,
        "score": found.score_parts,
        "seen": found.seen,
        "now": found.now or None,
    }


def explain_text(found: Explanation, zone: str, app: App) -> str:
    """Returns the answer for people, 80 columns wide."""
    word = CAME.get(found.verdict, "NOT SENT")
    head = textwrap.fill(
        found.paper.title, COLUMNS, initial_indent=f"{word}: ", subsequent_indent=" " * (len(word) + 2)
    )
    version = f" v{found.paper.version}" if found.paper.version else ""
    lines = [terminal.heading(head), " " * (len(word) + 2) + found.paper.public_id + version, ""]
    lines += textwrap.wrap(found.why, COLUMNS)
    for answer in found.topics:
        if not answer.clause.value and (found.came or answer.mute):
            continue  # what did not matter
        lines += ["", *_topic(answer)]
    if found.score_parts:
        lines += ["", *textwrap.wrap(score_text(found.score_parts), COLUMNS)]
    lines += ["", terminal.heading("Where it came from"), f"  (all times: {zone})", *_seen(found, zone, app)]
    if found.now:
        lines += ["", *textwrap.wrap(found.now, COLUMNS)]
    return "\n".join(lines)


def score_text(parts: Sequence[ScorePart]) -> str:
    """Returns `Its place: 1.42 = words 0.61 + your votes 0.34 (state space ▲) + new 0.47`; what the score is the sum of."""
    shown = [f"{p.name} {p.points:.2f}{f' ({p.detail})' if p.detail else ''}" for p in parts]
    return f"Its place: {sum(p.points for p in parts):.2f} = {' + '.join(shown)}"


def _topic(answer: TopicAnswer) -> Iterator[str]:
    said = _word(answer.clause.value)
    kind = "Mute topic" if answer.mute else "Topic"
    yield f"{terminal.heading(f'{kind} “{answer.topic}”')}  {said}"
    rows = list(_clauses(answer.clause, 0))
    for value, text, saw in rows[:MOST_LINES]:
        line = f"  {_word(value):<8}{text}"
        yield from textwrap.wrap(f"{line}   {saw}".rstrip(), COLUMNS, subsequent_indent=" " * 12)
    if len(rows) > MOST_LINES:
        yield f"  ... and {terminal.plural(len(rows) - MOST_LINES, 'more part')} of the rule"


def _clauses(clause: Clause, depth: int) -> Iterator[tuple[bool | None, str, str]]:
    yield clause.value, "  " * depth + clause.text, clause.saw
    for part in clause.parts:
        yield from _clauses(part, depth + 1)


def _word(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "unknown"}[value]


def _seen(found: Explanation, zone: str, app: App) -> Iterator[str]:
    rows = [
        (
            f"  {s.source}",
            terminal.when(s.seen, zone, app.clock()),
            f"announced as {s.kind}" if s.kind else "",
            s.reason,
        )
        for s in found.seen
    ]
    yield terminal.table(rows)
