"""Fixed answers of DNS, for tests of what reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from digestbot.mail.policies.lookup import DnsFailed


class FixedDns:
    """The contract is `mail.policies.lookup.Dns`. `records`: (type, name) → values; None is a server that fails."""

    def __init__(self, records: Mapping[tuple[str, str], Sequence[str] | None]) -> None:
        self.records, self.asked = records, list[tuple[str, str]]()

    def _find(self, kind: str, name: str) -> tuple[str, ...]:
        self.asked.append((kind, name))
        found = self.records.get((kind, name.lower().rstrip(".")), ())
        if found is None:
            raise DnsFailed("no answer", where=f"{kind} {name}")
        return tuple(found)

    async def txt(self, name: str) -> tuple[str, ...]:
        """Returns the TXT records."""
        return self._find("TXT", name)

    async def addresses(self, name: str) -> tuple[str, ...]:
        """Returns the addresses (A and AAAA), which the table holds under "A"."""
        return self._find("A", name)

    async def mail_hosts(self, name: str) -> tuple[str, ...]:
        """Returns the MX records."""
        return self._find("MX", name)

    async def names(self, address: str) -> tuple[str, ...]:
        """Returns the PTR records of an address."""
        return self._find("PTR", address)
