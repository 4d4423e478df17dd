"""doctor: is everything in a state in which mails arrive?"""

from __future__ import annotations

import asyncio
import shutil
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app
from digestbot.errors import DigestbotError
from digestbot.model import Security

if TYPE_CHECKING:
    from digestbot.acts.answers.doctor import DatabaseState, Finding, SenderSetup, SiteSetup
    from digestbot.mail.policies.lookup import Dns


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
    from digestbot.acts.answers.doctor import DoctorTools, examine
    from digestbot.channels.relay_probe import probe_relay
    from digestbot.transport.http import HttpTransport
    from digestbot.transport.sntp import clock_offset

    # the operator's own address may be a private one
    async with HttpTransport(app.config.site.contact, allow_private=True, clock=app.clock) as transport:
        tools = DoctorTools(
            database=partial(_database, app), dns=_dns(), fetch=transport.fetch, probe=probe_relay, offset=clock_offset, free=_free,
            now=app.clock(),
        )  # fmt: skip
        return await examine(tools, _site(app))


def _database(app: App) -> DatabaseState | None:
    from digestbot.acts.answers.doctor import DatabaseState
    from digestbot.store.reading import open_to_read

    if not app.has_database:
        return None
    with closing(open_to_read(app.config.store.url, root=app.config.root)) as store:
        return DatabaseState(problems=store.damage(), is_current=store.current_revision())


def _dns() -> Dns | None:
    from digestbot.transport.dns import SystemDns

    try:
        return SystemDns()
    except DigestbotError:
        return None


def _site(app: App) -> SiteSetup:
    from digestbot.acts.answers.doctor import SiteSetup

    config = app.config
    database = config.store.url.removeprefix("sqlite:///")
    folders = [config.feeds.path, *([config.maildir.path] if config.delivery.channel == "maildir" else [])]
    if database != config.store.url:
        folders.insert(0, (config.root / database).parent)
    return SiteSetup(
        sender=_sender(app), base_url=config.site.base_url, contact=config.site.contact, folders=tuple(folders)
    )


def _sender(app: App) -> SenderSetup:
    from digestbot.acts.answers.doctor import SenderSetup

    config, smtp = app.config, app.config.smtp if app.config.delivery.channel == "smtp" else None
    author = config.delivery.domain.lower()
    envelope = (smtp.sender if smtp else "").rpartition("@")[2].lower() or author
    record = error = ""
    try:
        record = app.signer.key.record if app.signer else ""
    except DigestbotError as broken:
        error = str(broken.what)
    return SenderSetup(
        author=author, envelope=envelope, host=smtp.host if smtp else "", port=smtp.port if smtp else 0,
        security=smtp.security if smtp else Security.NONE, hello=smtp.hello if smtp else "",
        dkim_domain=config.dkim.domain.lower() if config.dkim else "",
        dkim_selector=config.dkim.selector if config.dkim else "", dkim_record=record, dkim_error=error,
    )  # fmt: skip


def _free(folder: Path) -> tuple[int, int]:
    """Returns the free and the whole space, in bytes, of the disk of the nearest folder that exists."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    usage = shutil.disk_usage(there)
    return usage.free, usage.total


def _text(findings: list[Finding]) -> str:
    rows = [(terminal.state(f.state), f.check.replace("_", " "), f.text) for f in findings]
    table = terminal.table(rows).splitlines()
    lines = []
    for line, finding in zip(table, findings, strict=True):
        lines.append(line)
        if finding.fix:
            lines.append(f"         -> {finding.fix}")
    return "\n".join(lines)
