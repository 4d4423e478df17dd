"""search: the rule language over every stored paper."""

from __future__ import annotations

import textwrap
from contextlib import suppress
from typing import Any

import click

from digestbot.acts.answers.search import Found, search
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app
from digestbot.digest.rendering.cards import authors, matched
from digestbot.errors import StoreError
from digestbot.model import Match, Paper
from digestbot.rules import parse

COLUMNS = 80


@click.command("search", short_help="The rule language over every stored paper, newest first.")
@click.argument("query", metavar="QUERY")
@click.option(
    "--most", default=20, show_default=True, type=click.IntRange(1, 10_000), metavar="N", help="At most so many."
)
@json_option
@reading_app
def search_command(app: App, query: str, most: int, as_json: bool) -> None:
    """The rule language over every stored paper, newest first, each with what matched.

    QUERY is a rule as in a topic: 'diffusion cat:cs.CV -ti:survey'. Exit 1 when nothing is found.
    """
    rule = parse(query, topics=app.rules)
    terminal.doubt(rule.warnings([one.name for one in app.config.sources]))
    with suppress(StoreError):  # a database that is only read answers by what is indexed
        update_search_index(app.store, terminal.progress("indexing papers for the search:"))
    terminal.wipe()
    found = search(app.store, rule, most=most)
    terminal.say(terminal.as_json(search_json(query, found)) if as_json else search_text(found))
    if not found.papers:
        raise SystemExit(1)


def search_json(query: str, found: Found) -> dict[str, Any]:
    """Returns the answer for scripts."""
    papers = [{"paper": p.public_id, "title": p.title, "link": p.link, "first_seen": p.first_seen, "authors": p.authors,
               "identifiers": p.identifiers, "reasons": m.reasons} for p, m in found.papers]  # fmt: skip
    return {"query": query, "papers": papers, "more": found.more}


def search_text(found: Found) -> str:
    """Returns the answer for people: a few lines for each paper."""
    if not found.papers:
        return "Nothing stored matches."
    blocks = ["\n".join(_paper(paper, match)) for paper, match in found.papers]
    told = terminal.plural(len(found.papers), "paper")
    last = f"The newest {told}; there are older ones: --most {4 * len(found.papers)}" if found.more else told
    return "\n\n".join([*blocks, f"{last}."])


def _paper(paper: Paper, match: Match) -> list[str]:
    day = paper.announced or paper.published
    about = " · ".join(p for p in (authors(paper.authors, 3), day.text[:10] if day else "", paper.public_id) if p)
    return [
        *(terminal.heading(line) for line in textwrap.wrap(paper.title or "(without a title)", COLUMNS)),
        *textwrap.wrap(about, COLUMNS, initial_indent="  ", subsequent_indent="  "),
        *textwrap.wrap(_matched(match), COLUMNS, initial_indent="  ", subsequent_indent="  "),
    ]


def _matched(match: Match) -> str:
    """Returns the reasons in the words that a mail uses."""
    return ", ".join(
        f"{' and '.join(f'“{word}”' for word in words)} {place.replace(chr(95), ' ')}".rstrip()
        for words, place in matched(match.reasons)
    )
