"""The machine's DNS, by dnspython: the extra `digestbot[doctor]`."""

from __future__ import annotations

from typing import Any

from digestbot.errors import DigestbotError
from digestbot.mail.policies.lookup import DnsFailed

LIFETIME = 5.0  #: seconds for one lookup


class SystemDns:
    """The contract is `mail.policies.lookup.Dns`. Raises DigestbotError when dnspython is not installed."""

    def __init__(self) -> None:
        try:
            import dns.asyncresolver
        except ModuleNotFoundError as error:
            raise DigestbotError("asking DNS needs one more package", fix="pip install 'digestbot[doctor]'") from error
        from dns.exception import DNSException

        try:
            self._resolver = dns.asyncresolver.Resolver()
        except (DNSException, OSError) as error:
            raise DigestbotError("this machine has no DNS configured", where="/etc/resolv.conf") from error

    async def txt(self, name: str) -> tuple[str, ...]:
        """The TXT records of a name."""
        return tuple(b"".join(one.strings).decode("utf-8", "replace") for one in await self._ask(name, "TXT"))

    async def addresses(self, name: str) -> tuple[str, ...]:
        """The addresses of a name: A, then AAAA."""
        found = [*await self._ask(name, "A"), *await self._ask(name, "AAAA")]
        return tuple(one.address for one in found)

    async def mail_hosts(self, name: str) -> tuple[str, ...]:
        """The mail servers of a domain (MX), by preference."""
        found = sorted(await self._ask(name, "MX"), key=lambda one: one.preference)
        return tuple(one.exchange.to_text(omit_final_dot=True) for one in found)

    async def names(self, address: str) -> tuple[str, ...]:
        """The names of an address (PTR)."""
        import dns.reversename

        name = dns.reversename.from_address(address).to_text()
        return tuple(one.target.to_text(omit_final_dot=True) for one in await self._ask(name, "PTR"))

    async def _ask(self, name: str, kind: str) -> list[Any]:
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer

        try:
            return list(await self._resolver.resolve(name, kind, lifetime=LIFETIME, search=False))
        except (NXDOMAIN, NoAnswer):
            return []
        except (DNSException, OSError, UnicodeError) as error:
            raise DnsFailed(f"DNS gave no answer: {type(error).__name__}", where=f"{kind} {name}") from error
