"""SPF, RFC 7208: is there one record, does it stay within ten lookups, and may an address send?

Macros (RFC 7208 7) are not expanded: a mechanism with one counts its lookup and matches nothing.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Literal

from digestbot.mail.policies.lookup import Dns

MOST_LOOKUPS = 10  #: RFC 7208 4.6.4
MOST_VOID = 2
_STOP = 30  #: lookups after which even a broken record is left alone
_LOOKUPS = ("include", "a", "mx", "ptr", "exists")

Result = Literal["none", "pass", "fail", "softfail", "neutral", "permerror"]
_RESULTS: dict[str, Result] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


@dataclass(slots=True)
class SpfReport:
    """What the record of a domain says."""

    records: tuple[str, ...] = ()  #: all that begin with v=spf1; more than one is an error
    result: Result = "none"  #: for the address that was asked about
    lookups: int = 0
    void: int = 0  #: lookups without an answer
    error: str = ""  #: of a permerror
    seen: set[str] = field(default_factory=set)


async def check_spf(dns: Dns, domain: str, address: str = "") -> SpfReport:
    """The whole record is walked, so that its lookups are known; `address` is an IP, "" to only count."""
    report = SpfReport(records=await _records(dns, domain))
    if report.records:
        report.result = await _check(dns, domain, report, address)
    if report.error or report.lookups > MOST_LOOKUPS:
        report.result = "permerror"
    return report


async def _records(dns: Dns, domain: str) -> tuple[str, ...]:
    return tuple(t for t in await dns.txt(domain) if t.lower() == "v=spf1" or t.lower().startswith("v=spf1 "))


async def _check(dns: Dns, domain: str, report: SpfReport, address: str) -> Result:
    if domain in report.seen or report.lookups > _STOP:
        report.error = report.error or f"includes go round at {domain}"
        return "permerror"
    report.seen.add(domain)
    records = await _records(dns, domain)
    if len(records) != 1:
        report.error = f"{domain} has {len(records)} SPF records"
        return "permerror"
    terms = records[0].split()[1:]
    found: Result | None = None
    for term in terms:
        sign, mechanism = (term[0], term[1:]) if term[0] in _RESULTS else ("+", term)
        matches = await _matches(dns, domain, mechanism.lower(), report, address)
        found = found or (_RESULTS[sign] if matches else None)
    return found or await _redirected(dns, terms, report, address) or "neutral"


async def _redirected(dns: Dns, terms: list[str], report: SpfReport, address: str) -> Result | None:
    """RFC 7208 6.1: redirect= counts where no term matched; beside `all` it is ignored."""
    target = next((term[9:].lower() for term in terms if term.lower().startswith("redirect=")), "")
    if not target or any(term.lstrip("+-~?").lower() == "all" for term in terms):
        return None
    report.lookups += 1
    return await _check(dns, target, report, address)


async def _matches(dns: Dns, domain: str, mechanism: str, report: SpfReport, address: str) -> bool:
    """Does a mechanism match the address? Its lookups are counted either way."""
    name, _, rest = mechanism.partition(":")
    name, _, mask = name.partition("/")
    if name == "all":
        return True
    if name in ("ip4", "ip6"):
        return _within(address, rest)
    if name not in _LOOKUPS:
        if "=" not in mechanism:  # redirect= comes last; exp= and unknown modifiers are ignored, RFC 7208 6
            report.error = f"{domain}: unknown mechanism {mechanism[:40]!r}"
        return False
    report.lookups += 1
    target, _, own_mask = rest.partition("/")
    target, mask = target or domain, own_mask or mask
    if "%" in target or name in ("ptr", "exists"):
        return False
    if name == "include":
        return await _check(dns, target, report, address) == "pass"
    hosts = await dns.mail_hosts(target) if name == "mx" else (target,)
    found = [one for host in hosts[:10] for one in await dns.addresses(host)]
    report.void += not found
    return any(_within(address, _masked(one, mask)) for one in found)


def _masked(address: str, mask: str) -> str:
    """`24//64`: the first of IPv4, the second of IPv6."""
    four, _, six = mask.partition("/")
    bits = (six.strip("/") if ":" in address else four) or ("128" if ":" in address else "32")
    return f"{address}/{bits}"


def _within(address: str, network: str) -> bool:
    try:
        return bool(address) and ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
