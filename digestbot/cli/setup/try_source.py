"""try: look at a source before it is configured."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import click

from digestbot.acts.intake.try_source import Inspected, inspect
from digestbot.app.reply_reader import reply_reader
from digestbot.app.wiring import fetched, kinds
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option
from digestbot.model import Entry, Problem
from digestbot.settings.config import Fetch

SHOWN = 12  #: entries listed for people
MOST_PROBLEMS = 5  #: listed for people


@click.command("try", short_help="What is read at an address or in a file; needs no configuration.")
@click.argument("inputs", nargs=-1, required=True, metavar="URL|FILE...")
@click.option("--kind", default="", help="Read it as this kind of source (default: by what the bytes look like).")
@json_option
def try_command(inputs: tuple[str, ...], kind: str, as_json: bool) -> None:
    """What is read at an address or in a file; needs no configuration.

    One JSON document a line with --json. Exit 1 when nothing could be read anywhere.
    """
    read = False
    with closing(reply_reader(Fetch())) as reader:
        for name in inputs:
            now = datetime.now(UTC)
            seen = inspect(name, asyncio.run(fetched(name, now)), kinds(), kind=kind, now=now, parse=reader.read_now)
            read |= not seen.status.failed
            terminal.say(terminal.as_json(try_json(seen)) if as_json else try_text(seen))
    if not read:
        raise SystemExit(1)


def try_json(seen: Inspected) -> dict[str, Any]:
    """Returns the answer for scripts, without absent values; `entries` and `problems` always stand there."""
    result = seen.result
    about = {
        "input": seen.input,
        "kind": seen.kind,
        "status": seen.status,
        "title": result.title,
        "listed": result.listed,
        "curators": result.curators,
        "expected": result.expected,
        "left_out": result.left_out or None,
        "not_papers": result.not_papers,
    }
    filled = {name: value for name, value in about.items() if value not in (None, "")}
    return {**filled, "entries": [entry_json(e) for e in result.entries], "problems": list(seen.problems)}


def entry_json(entry: Entry) -> dict[str, Any]:
    """Returns an entry for scripts, without absent values."""
    return {name: value for name, value in terminal.plain(entry).items() if value not in (None, "", [], {})}


def try_text(seen: Inspected, *, most: int = SHOWN) -> str:
    """Returns the answer for people: whether it works, what is in it, what is wrong with it."""
    result = seen.result
    what = " · ".join(w for w in (result.kind, result.title, str(result.listed or ""), result.curators) if w)
    lines = [
        terminal.heading(seen.input),
        f"  {terminal.state(seen.status.value)}: {terminal.plural(len(result.entries), 'entry')}",
    ]
    if what:
        lines[1] += f" · {what}"
    rows = [(str(_date(e)), _ids(e), e.title or "(without a title)") for e in result.entries[:most]]
    lines += [f"  {terminal.fitted(line, 2)}" for line in terminal.table(rows).splitlines()]
    if len(result.entries) > most:
        lines.append(f"  ... and {len(result.entries) - most} more; --json shows everything")
    if result.left_out:
        lines.append(f"  left out: {result.not_papers or result.left_out} (no papers)")
    return "\n".join([*lines, *_problem_lines(seen.problems)])


def _problem_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """The first problems, a line each, and how many more there are."""
    for problem in problems[:MOST_PROBLEMS]:
        place = f" ({problem.where})" if problem.where else ""
        yield f"  problem: {problem.what}{place}" + (f". {problem.hint}" if problem.hint else "")
    if len(problems) > MOST_PROBLEMS:
        yield f"  ... and {terminal.plural(len(problems) - MOST_PROBLEMS, 'more problem')}"


def _date(entry: Entry) -> str:
    when = entry.announced or entry.published or entry.updated
    return when.text[:10] if when else "-"


def _ids(entry: Entry) -> str:
    known: Mapping[str, str] = entry.identifiers
    if "arxiv" in known:
        return f"{known['arxiv']}v{known['arxiv_version']}" if "arxiv_version" in known else known["arxiv"]
    return next(
        (known[scheme] for scheme in ("doi", "pmid", "acl", "openreview", "iacr", "hal", "dblp") if scheme in known),
        "-",
    )
