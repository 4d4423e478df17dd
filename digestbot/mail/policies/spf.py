"""SPF, RFC 7208: is there one record, does it stay within ten lookups, and may an address send?"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal

from digestbot.mail.policies.lookup import Dns
from digestbot.mail.policies.spf_macros import BadMacro, MacroValues, expanded

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


async def check_spf(dns: Dns, domain: str, address: str = "", *, sender: str = "", hello: str = "") -> SpfReport:
    """The whole record is walked, so that its lookups are known; `address` is an IP, "" to only count. `sender` and
    `hello` are what macros stand for: the envelope sender, and the name that the server says in EHLO."""
    report = SpfReport(records=await _records(dns, domain))
    if report.records:
        values = MacroValues(sender=sender or f"@{domain}", address=address, hello=hello or "unknown")
        report.result = await _Walk(dns, report, values).check(domain, ())
    if report.error or report.lookups > MOST_LOOKUPS:
        report.result = "permerror"
    return report


async def _records(dns: Dns, domain: str) -> tuple[str, ...]:
    return tuple(t for t in await dns.txt(domain) if t.lower() == "v=spf1" or t.lower().startswith("v=spf1 "))


@dataclass(frozen=True, slots=True)
class _Walk:
    dns: Dns
    report: SpfReport
    values: MacroValues

    async def check(self, domain: str, above: tuple[str, ...]) -> Result:
        """What the record of a domain says; `above`: those that led here."""
        if domain in above or self.report.lookups > _STOP:
            return self._wrong(f"includes go round at {domain}")
        records = await _records(self.dns, domain)
        if len(records) != 1:
            return self._wrong(f"{domain} has {len(records)} SPF records")
        terms = records[0].split()[1:]
        found: Result | None = None
        try:
            for term in terms:
                sign, mechanism = (term[0], term[1:]) if term[0] in _RESULTS else ("+", term)
                matches = await self._matches(mechanism, domain, above)
                found = found or (_RESULTS[sign] if matches else None)
            return found or await self._redirected(terms, domain, above) or "neutral"
        except BadMacro as error:
            return self._wrong(f"{domain}: {error}")

    def _wrong(self, error: str) -> Result:
        self.report.error = self.report.error or error
        return "permerror"

    async def _redirected(self, terms: list[str], domain: str, above: tuple[str, ...]) -> Result | None:
        """RFC 7208 6.1: redirect= counts where no term matched; beside `all` it is ignored."""
        target = next((term[9:] for term in terms if term.lower().startswith("redirect=")), "")
        if not target or any(term.lstrip("+-~?").lower() == "all" for term in terms):
            return None
        self.report.lookups += 1
        return await self.check(expanded(target, self.values, domain).lower(), (*above, domain))

    async def _matches(self, mechanism: str, domain: str, above: tuple[str, ...]) -> bool:
        """Does a mechanism match the address? Its lookups are counted either way."""
        name, _, rest = mechanism.partition(":")
        name, _, mask = name.partition("/")
        name = name.lower()
        if name == "all":
            return True
        if name in ("ip4", "ip6"):
            return _within(self.values.address, rest)
        if name not in _LOOKUPS:
            if "=" not in mechanism:  # redirect= comes last; exp= and unknown modifiers are ignored, RFC 7208 6
                self._wrong(f"{domain}: unknown mechanism {mechanism[:40]!r}")
            return False
        self.report.lookups += 1
        target, _, own_mask = _split_mask(rest)
        target = expanded(target, self.values, domain).lower() or domain
        if name == "include":
            return await self.check(target, (*above, domain)) == "pass"
        return await self._names_address(name, target, own_mask or mask)

    async def _names_address(self, name: str, target: str, mask: str) -> bool:
        if name == "ptr":
            return await self._by_name(target)
        hosts = await self.dns.mail_hosts(target) if name == "mx" else (target,)
        found = [one for host in hosts[:10] for one in await self.dns.addresses(host)]
        self.report.void += not found
        if name == "exists":  # RFC 7208 5.7: an A record, whatever kind of address sends
            return any(":" not in one for one in found)
        return any(_within(self.values.address, _masked(one, mask)) for one in found)

    async def _by_name(self, target: str) -> bool:
        """RFC 7208 5.5: a name of the address, confirmed by its own addresses, below the target."""
        if not self.values.address:
            return False
        names = (await self.dns.names(self.values.address))[:10]
        for name in (n for n in names if n.lower() == target or n.lower().endswith(f".{target}")):
            if any(_same(self.values.address, one) for one in await self.dns.addresses(name)):
                return True
        return False


def _split_mask(rest: str) -> tuple[str, str, str]:
    """A name and its mask; a macro may hold the sign that begins the mask."""
    closed = rest.rfind("}")
    at = rest.find("/", closed + 1)
    return (rest, "", "") if at < 0 else (rest[:at], "/", rest[at + 1 :])


def _same(one: str, other: str) -> bool:
    return ipaddress.ip_address(one) == ipaddress.ip_address(other)


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
