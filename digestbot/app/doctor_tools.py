"""What `doctor` examines with: the network, DNS, the mail server, the database, the disk; and what is configured of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from functools import partial

from digestbot.acts.answers.doctor import DatabaseState, DoctorTools, SenderSetup, SiteSetup
from digestbot.acts.answers.doctor.machine import frozen_because
from digestbot.app.wiring import App
from digestbot.channels.relay_probe import probe_relay
from digestbot.errors import DigestbotError
from digestbot.mail.policies.lookup import Dns
from digestbot.model import Security
from digestbot.store.reading import open_to_read
from digestbot.system.files import disk_space
from digestbot.transport import dns, sntp
from digestbot.transport.http import HttpTransport


@asynccontextmanager
async def doctor_tools(app: App) -> AsyncIterator[DoctorTools]:
    """The tools of one examination, over an open network; private addresses are allowed, as the site's own may be one."""
    async with HttpTransport(app.config.site.contact, allow_private=True, clock=app.clock) as transport:
        yield DoctorTools(
            database=partial(_database, app), dns=_dns(), fetch=transport.fetch, probe=probe_relay, offset=sntp.clock_offset,
            free=disk_space, now=app.clock(),
        )  # fmt: skip


def site_setup(app: App) -> SiteSetup:
    """What the configuration says of the site, its sender and its folders. Reads the DKIM key, and nothing else."""
    config = app.config
    database = config.store.url.removeprefix("sqlite:///")
    folders = [config.feeds.path, *([config.maildir.path] if config.delivery.channel == "maildir" else [])]
    if database != config.store.url:
        folders.insert(0, (config.root / database).parent)
    return SiteSetup(
        sender=_sender(app), base_url=config.site.base_url, contact=config.site.contact, folders=tuple(folders)
    )


def _database(app: App) -> DatabaseState | None:
    if not app.has_database:
        return None
    with closing(open_to_read(app.config.store.url, root=app.config.root)) as store:
        return DatabaseState(problems=store.damage(), is_current=store.current_revision(), frozen=frozen_because(store))


def _dns() -> Dns | None:
    """None where dnspython, of the extra `doctor`, is not installed."""
    try:
        return dns.SystemDns()
    except DigestbotError:
        return None


def _sender(app: App) -> SenderSetup:
    dkim, author = app.config.dkim, app.config.delivery.domain.lower()
    record, error = _dkim_record(app)
    setup = SenderSetup(
        author=author, envelope=author, host="", port=0, security=Security.NONE, hello="",
        dkim_domain=dkim.domain.lower() if dkim else "", dkim_selector=dkim.selector if dkim else "", dkim_record=record,
        dkim_error=error,
    )  # fmt: skip
    smtp = app.config.smtp if app.config.delivery.channel == "smtp" else None
    if smtp is None:
        return setup
    envelope = smtp.sender.rpartition("@")[2].lower() or author
    return replace(setup, envelope=envelope, host=smtp.host, port=smtp.port, security=smtp.security, hello=smtp.hello)


def _dkim_record(app: App) -> tuple[str, str]:
    """(the record that DNS should hold, why the key cannot be read): one of them at most."""
    try:
        return (app.signer.key.record if app.signer else ""), ""
    except DigestbotError as broken:
        return "", str(broken.what)
