"""backtest: a rule tried on the past before it is trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from digestbot.acts.answers.backtest import Backtest, backtest
from digestbot.acts.people.find import find_subscriber
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app
from digestbot.errors import UsageError
from digestbot.model import Paper, Subscriber, Topic
from digestbot.rules import parse
from digestbot.settings.fields import Wrong, duration

EXAMPLES = 10


@click.command("backtest", short_help="Try a rule on the past, a row a day; changes nothing.")
@click.argument("who", metavar="SUBSCRIBER")
@click.option("--since", default="30d", show_default=True, metavar="TIME", help="How far back: 30d, 12h.")
@click.option("--query", metavar="RULE", default="", help="In place of --topic, or of all topics.")
@click.option("--topic", metavar="NAME", default="", help="Which topic --query takes the place of.")
@click.option(
    "--file", "file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The main file of another configuration: its topics are tried.",
)  # fmt: skip
@json_option
@reading_app
def backtest_command(app: App, who: str, since: str, query: str, topic: str, file: Path | None, as_json: bool) -> None:
    """Try a rule on the past, a row a day: what it brings, and what is gained and lost against today's rules.

    Without --query and --file the rules in force are shown as they would have done.
    """
    one = find_subscriber(app.store, who)
    tried, rules = _tried(one, query, topic), {t.name: t.query for t in app.config.topics}
    if file is not None:
        from digestbot.app.config_files import load

        other = load(file)
        tried = next((s.topics for s in other.subscribers if s.ref == one.ref), ())
        rules = {t.name: t.query for t in other.topics}
    if query:
        terminal.doubt(parse(query, topics=rules).warnings([source.name for source in app.config.sources]))
    found = backtest(app.store, one, tried, rules=rules, since=span(since), now=app.clock())
    terminal.say(terminal.as_json(backtest_json(found)) if as_json else backtest_text(found, same=tried == one.topics))


def _tried(one: Subscriber, query: str, name: str) -> tuple[Topic, ...]:
    if not query:
        return one.topics
    if not name:
        return (Topic(name="tried", query=query), *(t for t in one.topics if t.mute))
    chosen = topic_named(one, name)
    return tuple(replace(t, query=query) if t is chosen else t for t in one.topics)


def topic_named(one: Subscriber, name: str) -> Topic:
    """Returns the subscriber's topic of that name, in any case. Raises UsageError."""
    found = [topic for topic in one.topics if topic.name.casefold() == name.casefold()]
    if not found:
        known = ", ".join(topic.name for topic in one.topics) or "they have none"
        raise UsageError(f"{one.ref} has no topic {name!r}", fix=f"One of: {known}")
    return found[0]


def span(text: str) -> timedelta:
    """Returns the time span that `30d` names. Raises UsageError."""
    try:
        return duration(text)
    except Wrong as error:
        raise UsageError(f"--since {error}") from error


def backtest_json(found: Backtest) -> dict[str, Any]:
    """Returns the answer for scripts."""
    now, then = found.average
    return {
        "subscriber": found.subscriber,
        "since": found.since,
        "days": [
            {
                "day": d.day.isoformat(),
                "papers": d.papers,
                "now": d.now,
                "then": d.then,
                "gained": d.gained,
                "lost": d.lost,
            }
            for d in found.days
        ],
        "average": {"now": now, "then": then},
        "gained": [{"paper": p.public_id, "title": p.title} for p in found.gained],
        "lost": [{"paper": p.public_id, "title": p.title} for p in found.lost],
    }


def backtest_text(found: Backtest, *, same: bool) -> str:
    """Returns the answer for people: a row for each day, the average, and examples of what changes."""
    now, then = found.average
    if same:
        rows = [(f"{d.day:%a} {d.day.day} {d.day:%b}", str(d.papers), str(d.now)) for d in found.days]
        table = terminal.table([*rows, ("a day", "", f"{now:g}")], head=("DAY", "PAPERS", "MATCHED"), right=(1, 2))
        return f"{table}\nNothing was changed. --query tries another rule."
    figures = [
        (
            f"{d.day:%a} {d.day.day} {d.day:%b}",
            str(d.papers),
            str(d.now),
            str(d.then),
            _sign("+", d.gained),
            _sign("-", d.lost),
        )
        for d in found.days
    ]
    figures.append(("a day", "", f"{now:g}", f"{then:g}", "", ""))
    head = ("DAY", "PAPERS", "NOW", "THEN", "GAINED", "LOST")
    lines = [terminal.table(figures, head=head, right=(1, 2, 3, 4, 5))]
    lines += _examples("Gained", "+", found.gained) + _examples("Lost", "-", found.lost)
    return "\n".join([*lines, "", "Nothing was changed."])


def _sign(sign: str, count: int) -> str:
    return f"{sign}{count}" if count else ""


def _examples(word: str, sign: str, papers: Sequence[Paper]) -> list[str]:
    if not papers:
        return []
    rest = len(papers) - EXAMPLES
    more = [f"  ... and {rest} more"] if rest > 0 else []
    return ["", terminal.heading(f"{word} ({len(papers)})"), *(f"  {sign} {p.title}" for p in papers[:EXAMPLES]), *more]
