"""suggest: what a rule could ask for besides, or leave out, with what that would cost."""

from __future__ import annotations

import shlex
import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click

from digestbot.acts.answers.dry_parts import PartCount
from digestbot.acts.answers.suggest import Proposal, Suggestions, TopicAdvice, Trial, suggest
from digestbot.acts.people.find import find_subscriber
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.answers.backtest import span, topic_named
from digestbot.cli.with_app import json_option, reading_app
from digestbot.model import Subscriber, Topic

WIDEST = 100  #: columns
FOR_TITLES = 14  #: columns that an example needs


@click.command("suggest", short_help="How a rule could bring less of the wrong and more of the right.")
@click.argument("who", metavar="SUBSCRIBER")
@click.option("--topic", "name", metavar="NAME", default="", help="Only about this topic.")
@click.option("--query", metavar="RULE", default="", help="About this rule in place of the topic's: to go on from it.")
@click.option("--aim", type=click.IntRange(1), metavar="N", help="Papers a day that it should bring at most.")
@click.option("--since", default="30d", show_default=True, metavar="TIME", help="How far back: 30d, 12h.")
@json_option
@reading_app
def suggest_command(app: App, who: str, name: str, query: str, aim: int | None, since: str, as_json: bool) -> None:
    """How a rule could bring less of the wrong and more of the right, each step with what it would cost.

    Looks at what was voted up and down, and, where a topic brings more than its mail has room for (or than --aim),
    at the themes it holds. Changes nothing.
    """
    one = find_subscriber(app.store, who)
    rules = {t.name: t.query for t in app.config.topics}
    trial = Trial(topics=_topics(one, name, query), rules=rules, since=span(since), aim=aim)
    found = suggest(app.store, one, trial, now=app.clock(), on_progress=terminal.progress("read"))
    terminal.wipe()
    terminal.say(terminal.as_json(suggest_json(found, since)) if as_json else suggest_text(found, since, aim))


def _topics(one: Subscriber, name: str, query: str) -> Sequence[Topic]:
    chosen = [topic_named(one, name)] if name else one.topics
    if not query:
        return chosen
    return [replace(chosen[0], query=query)] if name or len(chosen) == 1 else [Topic(name="", query=query)]


def suggest_json(found: Suggestions, since: str) -> dict[str, Any]:
    """Returns the answer for scripts."""
    topics = [
        {
            **terminal.plain(advice),
            "try": command(found.subscriber, advice, advice.best, since) if advice.best else None,
        }
        for advice in found.topics
    ]
    return {**terminal.plain(replace(found, topics=())), "topics": topics}


def suggest_text(found: Suggestions, since: str, aim: int | None = None) -> str:
    """Returns the answer for people: a section for each topic, then what to try."""
    votes = f"{found.liked} liked, {found.disliked} not" if found.liked + found.disliked else "no votes yet"
    head = f"{found.papers:,} papers in {terminal.plural(found.days, 'day')}; {votes}."
    sections = [head, *(_topic(found, advice, since, aim) for advice in found.topics)]
    if not found.topics:
        sections.append("No topics: the daily edition is what comes. Topics stand in the subscribers' file.")
    return "\n\n".join(sections)


def _topic(found: Suggestions, advice: TopicAdvice, since: str, aim: int | None) -> str:
    name = f'Topic "{advice.topic}"' if advice.topic else "Tried"
    lines = [terminal.heading(name), _indented(advice.query), *_brings(found, advice, aim), *_proposals(advice)]
    if advice.dry and found.papers:
        lines += ["", *_dry(advice.dry)]
    elif best := advice.best:
        lines += ["", "Try:", _indented(command(found.subscriber, advice, best, since))]
    elif advice.a_day > advice.goal:
        lines += ["", "No word parts these papers. Votes would tell more:", _vote(found)]
    elif found.liked + found.disliked == 0:
        lines += ["", "Nothing to narrow: --aim 5 looks for fewer. Votes would tell more:", _vote(found)]
    else:
        lines += ["", "Nothing to propose: no word tells these papers from the others."]
    return "\n".join(lines)


def _dry(parts: Sequence[PartCount]) -> list[str]:
    """Returns why a rule finds nothing: the parts that no paper has, or that no paper has together."""
    told = []
    for one in parts:
        near = f"; near: {', '.join(one.near)}" if one.near else ""
        told.append(
            _indented(f"{one.part}: {'no paper' if not one.papers else terminal.plural(one.papers, 'paper')}{near}")
        )
    head = "It finds nothing. Of its parts:" if not parts[0].papers else "No paper has all it asks for. Of its parts:"
    return [head, *told]


def _vote(found: Suggestions) -> str:
    return f"  digestbot vote PAPER {found.subscriber} up"


def _brings(found: Suggestions, advice: TopicAdvice, aim: int | None) -> list[str]:
    """Returns how many papers a rule brings against the places there are, and how many of them were liked."""
    share = f"{advice.share:.0%}" if advice.share >= 0.01 else "under 1%"
    goal = f"{aim} are wanted" if aim == advice.goal else f"a mail has room for {advice.goal}"
    said = f"{advice.a_day:g} papers a day, {share} of all; {goal}."
    if found.liked:
        said += f" It brings {advice.liked} of {found.liked} liked papers"
        said += f" and {advice.disliked} of {found.disliked} not liked." if found.disliked else "."
    return [_indented(said)]


def _proposals(advice: TopicAdvice) -> list[str]:
    lines: list[str] = []
    for title, some, word in (
        ("What it would bring a day with one of these, and without it:", advice.narrow, "AND"),
        ("What papers you did not like have in common, and it would bring without:", advice.exclude, "AND NOT"),
        ("What papers you liked have in common, and it would bring with that too:", advice.add, "OR"),
    ):
        lines += ["", *_wrapped(title), _table(some, word)] if some else []
    return lines


def _table(some: Sequence[Proposal], word: str) -> str:
    """Returns a row for each part of the rule, with the title of a paper where the terminal is wide enough."""
    columns = min(shutil.get_terminal_size((80, 24)).columns, WIDEST)
    votes = any(p.liked or p.disliked for p in some)
    head = ["", word, "AND NOT" if word == "AND" else "CHANGE", *(["LIKED", "DISLIKED"] if votes else [])]
    rows = [_row(p, word, votes=votes) for p in some]
    left = columns - 2 - max(terminal.width(line) for line in terminal.table(rows, head=head).splitlines())
    if left >= FOR_TITLES:
        head.append("FOR EXAMPLE")
        for row, proposal in zip(rows, some, strict=True):
            row.append(textwrap.shorten(proposal.examples[0], left, placeholder="…") if proposal.examples else "")
    return terminal.table(rows, head=head, right=(1, 2, 3, 4) if votes else (1, 2))


def _row(one: Proposal, word: str, *, votes: bool) -> list[str]:
    """The cells of a proposal: a part that is left out shows the papers it costs, another one the change."""
    change = f"{-one.change:g}" if word == "AND" else f"{one.change:+g}"
    return [f"  {one.part}", f"{one.a_day:g}", change, *([str(one.liked), str(one.disliked)] if votes else [])]


def command(who: str, advice: TopicAdvice, proposal: Proposal, since: str) -> str:
    """Returns the command that shows the whole effect, a row for each day."""
    topic = f" --topic {shlex.quote(advice.topic)}" if advice.topic else ""
    back = f" --since {since}" if since != "30d" else ""
    return f"digestbot backtest {shlex.quote(who)}{topic}{back} --query {shlex.quote(proposal.query)}"


def _indented(text: str) -> str:
    """Indents lines; a command stays on one line, so that it can be copied."""
    return f"  {text}" if text.startswith("digestbot ") else "\n".join(_wrapped(text, "  "))


def _wrapped(text: str, indent: str = "") -> list[str]:
    columns = min(shutil.get_terminal_size((80, 24)).columns, WIDEST)
    return textwrap.wrap(text, columns, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
