"""What is on this machine or at the mail server: TLS, clock, disk, database, and the page of one click."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from digestbot.acts.answers.doctor.findings import DoctorTools, Finding, SenderSetup, SiteSetup, bad, ok, skipped, warn
from digestbot.channels.smtp_login import is_loopback
from digestbot.errors import StoreError
from digestbot.model import Request
from digestbot.store import Store

SLOW_CLOCK, WRONG_CLOCK = timedelta(seconds=30), timedelta(minutes=5)
LOW, VERY_LOW = 1 << 30, 100 << 20  #: bytes free
RENEW = timedelta(days=14)
#: providers whose DMARC policy lets nobody else send in their name
MAILBOX_PROVIDERS = frozenset(
    "gmail.com googlemail.com yahoo.com ymail.com aol.com outlook.com hotmail.com live.com msn.com icloud.com me.com gmx.de "
    "gmx.net web.de mail.ru yandex.ru qq.com 163.com proton.me protonmail.com t-online.de orange.fr".split()
)


async def tls(tools: DoctorTools, sender: SenderSetup) -> list[Finding]:
    """The connection to the mail server."""
    if not sender.host:
        return [skipped("tls", "mails are written into files")]
    where = f"{sender.host}:{sender.port}"
    seen = await asyncio.to_thread(tools.probe, sender.host, sender.port, sender.security)
    if seen.error:
        return [bad("tls", f"{where}: {seen.error}", "Are [smtp] host, port and security right, and is it up?")]
    if not seen.tls:
        if is_loopback(sender.host):
            return [ok("tls", f"{where} answers; it is on this machine and needs no TLS")]
        return [bad("tls", f"{where} answers without TLS", 'Write security = "starttls" or "tls" into [smtp]')]
    if seen.tls in ("TLSv1", "TLSv1.1", "SSLv3"):
        return [warn("tls", f"{where} speaks {seen.tls} only", "Ask whoever runs it for TLS 1.2 or later")]
    if seen.expires and seen.expires - tools.now < RENEW:
        return [warn("tls", f"the certificate of {where} ends on {seen.expires:%Y-%m-%d}", "Renew it")]
    return [ok("tls", f"{where} answers with {seen.tls}, its certificate is valid")]


async def clock(tools: DoctorTools) -> list[Finding]:
    """Slots, signatures and certificates depend on it."""
    try:
        offset = await asyncio.to_thread(tools.offset)
    except (OSError, ValueError) as error:
        return [skipped("clock", f"no time server could be asked: {getattr(error, 'strerror', None) or error}")]
    text = f"the clock is {abs(offset.total_seconds()):.1f} s {'behind' if offset > timedelta(0) else 'ahead'}"
    if abs(offset) > WRONG_CLOCK:
        return [bad("clock", text, "Set it, and let NTP keep it: timedatectl set-ntp true")]
    return [warn("clock", text, "timedatectl set-ntp true")] if abs(offset) > SLOW_CLOCK else [ok("clock", text)]


async def disk(tools: DoctorTools, site: SiteSetup) -> list[Finding]:
    """Is there space where the program writes?"""
    found = {}
    for folder in site.folders:
        try:
            free, total = await asyncio.to_thread(tools.free, folder)
        except OSError as error:
            return [bad("disk", f"{folder} cannot be looked at: {error.strerror}", "Is it there, and ours?")]
        found[free, total] = folder  # folders of one disk are told once
    return [_room(free, total, str(folder)) for (free, total), folder in found.items()]


def _room(free: int, total: int, folder: str) -> Finding:
    text = f"{free / (1 << 30):.1f} GB of {total / (1 << 30):.1f} GB are free at {folder}"
    if free < VERY_LOW:
        return bad("disk", text, "Free some space, or shorten [retention]")
    return warn("disk", text, "Free some space, or shorten [retention]") if free < LOW else ok("disk", text)


def frozen_because(store: Store) -> str:
    """Why the database takes no writes any more; "" where it does."""
    with store.reading() as tx:
        return tx.site.why_frozen()


async def database(tools: DoctorTools) -> list[Finding]:
    """Does it answer, and is it whole?"""
    try:
        state = await asyncio.to_thread(tools.database)
    except StoreError as error:
        return [bad("database", error.what, error.fix)]
    if state is None:
        return [ok("database", "there is none yet: the first command that writes makes it")]
    if state.problems:
        fix = "digestbot restore with the last backup; keep this file"
        return [bad("database", f"it is damaged: {state.problems[0]}", fix)]
    if state.frozen:
        return [bad("database", state.frozen, "Back to this one: digestbot store migrate-to --give-up")]
    older = "" if state.is_current else "; it is of an older version, and the next command that writes changes that"
    return [ok("database", f"it answers and is whole{older}")]


async def one_click(tools: DoctorTools, site: SiteSetup) -> list[Finding]:
    """RFC 8058: can a provider reach the page that unsubscribes?"""
    if not site.base_url:
        fix = "Write base_url into [site] and run the pages: large providers ask for one click"
        return [bad("one_click", "without a web address mails have no one-click unsubscribe", fix)]
    if not site.base_url.startswith("https://"):
        return [
            warn(
                "one_click", f"{site.base_url} is not https: one click does not work", "Put a proxy with TLS before it"
            )
        ]
    fetched = await tools.fetch(Request(url=f"{site.base_url}/healthz"))
    if fetched.http_status == 200:
        return [ok("one_click", f"{site.base_url} answers")]
    text = (
        f"{site.base_url}/healthz answers {fetched.http_status}"
        if fetched.http_status
        else f"{site.base_url} does not answer"
    )
    return [bad("one_click", text, "Is digestbot run or serve running, and does the proxy lead to [web] listen?")]


def bulk(site: SiteSetup) -> list[Finding]:
    """What Gmail, Yahoo and Microsoft ask of bulk senders beside SPF, DKIM and DMARC."""
    author, found = site.sender.author, []
    if author in MAILBOX_PROVIDERS:
        fix = "Send from a domain of your own: this provider's DMARC policy refuses mails of others in its name"
        found.append(bad("bulk", f"From is an address at {author}", fix))
    elif "." not in author or author.endswith((".local", ".localdomain", ".internal", ".example")):
        found.append(
            bad("bulk", f"From ends in {author}, which nobody can answer to", "Write from = … into [delivery]")
        )
    if not site.contact:
        found.append(warn("bulk", "mails name no contact", "Write contact into [site]: it takes unsubscribe mails too"))
    if not site.base_url.startswith("https://"):
        found.append(
            bad(
                "bulk",
                "Gmail and Yahoo ask for one-click unsubscribe (RFC 8058)",
                'Write base_url = "https://…" into [site]',
            )
        )
    return found or [ok("bulk", "one click, contact and From are as Gmail, Yahoo and Microsoft ask")]
