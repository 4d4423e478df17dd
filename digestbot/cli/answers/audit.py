"""audit: what each source listed on each day, and what of it came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

import click

from digestbot.acts.answers.audit import Audit, Line, audit
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app
from digestbot.model import ListingState
from digestbot.sources import Listed

NAMED = 6  #: missing ids in a line


@click.command("audit", short_help="What each source listed, day by day, and what of it came.")
@click.option("--date", "day", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), help="Only this listing day.")
@json_option
@reading_app
def audit_command(app: App, day: datetime | None, as_json: bool) -> None:
    """What each source listed, day by day, and what of it came: the last seven days, and what was missed in a month.

    Exit 1 when something is missing.
    """
    listed = {setup.name: setup.source for setup in app.setups if isinstance(setup.source, Listed)}
    found = audit(app.store, now=app.clock(), day=day.date() if day else None, listed=listed)
    terminal.say(terminal.as_json(audit_json(found)) if as_json else audit_text(found))
    if not found.complete:
        raise SystemExit(1)


def audit_json(found: Audit) -> dict[str, Any]:
    """Returns the answer for scripts."""
    days = [_line_json(line) for line in found.lines]
    return {"complete": found.complete, "days": days, "left_out": dict(found.left_out)}


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "source": line.source, "part": line.part or None, "date": line.day.isoformat(), "state": str(line.state),
        "expected": line.expected, "got": line.got, "missing": list(line.missing), "complete": not line.lacks,
        "checked": line.checked, "since": line.since,
    }  # fmt: skip


def audit_text(found: Audit) -> str:
    """Returns the answer for people: a block for each day."""
    if not found.lines:
        return "Nothing is written down of that time: no source was polled then."
    blocks = [_block(day, list(lines)) for day, lines in groupby(found.lines, key=lambda line: line.day)]
    missing = sum(line.lacks for line in found.lines)
    end = f"Something is missing in {terminal.plural(missing, 'line')}." if missing else "Nothing is missing."
    no_papers = [
        terminal.wrapped(f"{name} left out as no papers at its last poll: {said}.", "") for name, said in found.left_out
    ]
    return "\n\n".join([*blocks, *no_papers, end])


def _block(day: date, lines: list[Line]) -> str:
    rows = [(f"  {line.source} {line.part}".rstrip(), _count(line), _words(line)) for line in lines]
    return f"{terminal.heading(f'{day:%A} {day.day} {day:%B}')}\n{terminal.table(rows, right=(1,))}"


def _count(line: Line) -> str:
    return f"{line.got}" if line.expected is None else f"{line.got} of {line.expected}"


def _words(line: Line) -> str:
    """Returns the state in words, with the ids that are missing."""
    if line.missing:
        return terminal.paint(_missing(line.missing), fg="red")
    unsure = line.overdue or (line.state == ListingState.CLOSED and line.expected is None)
    if unsure:
        return terminal.paint("not counted again since its end", **({"fg": "red"} if line.overdue else {}))
    if line.state == ListingState.MISSED and line.got:
        return terminal.paint("missed: only a part of it came", fg="red")
    if line.lacks:
        return terminal.paint(f"{_LACKS.get(str(line.state), 'some are missing')}{_since(line)}", fg="red")
    if line.state == "counted":
        return "came"
    checked = ", counted again after its end" if line.checked else ""
    return f"{_STATES[str(line.state)]}{checked}"


def _missing(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return f"missing {', '.join(ids[:NAMED])}{more}"


def _since(line: Line) -> str:
    return f"; failing since {line.since:%a} {line.since.day} {line.since:%b %H:%M} UTC" if line.since else ""


_STATES = {"filling": "still filling", "closed": "done"}
_LACKS = {
    "stale": "stale: an earlier list is still shown",
    "missed": "missed: nothing of that day came",
    "failing": "never answered that day",
    "unreadable": "answered, but no answer could be read",
    "cut": "its list was not read to its end",
}
