"""All checks at once, each bounded in time: a server that does not answer costs one line, not the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from digestbot.acts.answers.doctor import machine, sender_dns
from digestbot.acts.answers.doctor.findings import DoctorTools, Finding, SiteSetup, skipped
from digestbot.errors import DigestbotError
from digestbot.mail.policies.lookup import Dns

SECONDS = 15.0  #: for one check


async def examine(tools: DoctorTools, site: SiteSetup, *, seconds: float = SECONDS) -> list[Finding]:
    """Findings in the order of the checks."""
    sender = site.sender
    checks: dict[str, Callable[[], Awaitable[list[Finding]]]] = {
        "spf": lambda: _by_dns(tools.dns, "spf", lambda dns: sender_dns.spf(dns, sender)),
        "dkim": lambda: _by_dns(tools.dns, "dkim", lambda dns: sender_dns.dkim(dns, sender)),
        "dmarc": lambda: _by_dns(tools.dns, "dmarc", lambda dns: sender_dns.dmarc(dns, sender)),
        "ptr": lambda: _by_dns(tools.dns, "ptr", lambda dns: sender_dns.ptr(dns, sender)),
        "tls": lambda: machine.tls(tools, sender),
        "one_click": lambda: machine.one_click(tools, site),
        "clock": lambda: machine.clock(tools),
        "disk": lambda: machine.disk(tools, site),
        "database": lambda: machine.database(tools),
    }
    done = await asyncio.gather(*(_bounded(name, check, seconds) for name, check in checks.items()))
    return [*(finding for found in done for finding in found), *machine.bulk(site)]


async def _by_dns(dns: Dns | None, name: str, check: Callable[[Dns], Awaitable[list[Finding]]]) -> list[Finding]:
    if dns is None:
        return [skipped(name, "DNS was not asked: dnspython is not installed", "pip install 'digestbot[doctor]'")]
    return await check(dns)


async def _bounded(name: str, check: Callable[[], Awaitable[list[Finding]]], seconds: float) -> list[Finding]:
    try:
        return await asyncio.wait_for(check(), seconds)
    except TimeoutError:
        return [skipped(name, f"no answer within {seconds:g} s", "Try again; is the network up?")]
    except DigestbotError as error:
        return [skipped(name, str(error.what), error.fix)]
