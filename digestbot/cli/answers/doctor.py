"""doctor: is everything in a state in which mails arrive?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app

if TYPE_CHECKING:
    from digestbot.acts.answers.doctor import Finding


@click.command("doctor", short_help="Will mails arrive? SPF, DKIM, DMARC, TLS, clock, disk, database.")
@json_option
@reading_app
def doctor_command(app: App, as_json: bool) -> None:
    """Look at DNS, the mail server, the pages, the clock, the disk and the database; say what is wrong and what mends it.

    Changes nothing. Exit 1 when something is bad.
    """
    findings = asyncio.run(_examine(app))
    if as_json:
        terminal.say(terminal.as_json({"findings": findings}))
    else:
        terminal.say(_text(findings))
    if any(finding.state == "bad" for finding in findings):
        raise SystemExit(1)


async def _examine(app: App) -> list[Finding]:
    from digestbot.acts.answers.doctor import examine
    from digestbot.app.doctor_tools import doctor_tools, site_setup

    async with doctor_tools(app) as tools:
        return await examine(tools, site_setup(app))


def _text(findings: list[Finding]) -> str:
    rows = [(terminal.state(f.state), f.check.replace("_", " "), f.text) for f in findings]
    table = terminal.table(rows).splitlines()
    lines = []
    for line, finding in zip(table, findings, strict=True):
        lines.append(line)
        if finding.fix:
            lines.append(f"         -> {finding.fix}")
    return "\n".join(lines)
