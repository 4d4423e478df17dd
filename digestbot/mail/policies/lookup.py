"""The lookups that SPF, DKIM and DMARC need, and what may go wrong with them."""

from __future__ import annotations

from typing import Protocol

from digestbot.errors import DigestbotError


class DnsFailed(DigestbotError):
    """No answer: a timeout, or a server that could not say. No record is an answer."""

    retry = True


class Dns(Protocol):
    """Lookups by name. A name that does not exist and one without such a record give (). Raise DnsFailed."""

    async def txt(self, name: str) -> tuple[str, ...]:
        """TXT records, the strings of each joined."""

    async def addresses(self, name: str) -> tuple[str, ...]:
        """The addresses of a name: A and AAAA records."""

    async def mail_hosts(self, name: str) -> tuple[str, ...]:
        """Hosts of the MX records, best first, without the last dot; RFC 7505's null MX is "."."""

    async def names(self, address: str) -> tuple[str, ...]:
        """PTR records of an IP address, without the last dot."""


def tags(record: str) -> dict[str, str]:
    """`v=DMARC1; p=none` as names and values; names in lower case, the first of a name counts."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found
