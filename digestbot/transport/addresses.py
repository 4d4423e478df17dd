"""Which addresses we connect to: public ones, unless the operator allows more."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Allowed = bool | Sequence[str]

#: carry an IPv4 address that `is_global` does not look at: NAT64 (RFC 6052), 6to4 (RFC 3056), Teredo (RFC 4380)
_TUNNELS = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))


def is_private(address: str) -> bool:
    """True for loopback, link-local, private, shared, reserved and multicast addresses, also inside mapped ones."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return _is_private(ip.ipv4_mapped)
        if any(ip in network for network in _TUNNELS):
            return True
    return _is_private(ip)


def _is_private(ip: IPv4Address | IPv6Address) -> bool:
    return not ip.is_global or ip.is_multicast


def allowed(host: str, address: str, allow: Allowed) -> bool:
    """May `address` be connected to for `host`? `allow`: True for all, or hosts and networks."""
    if allow is True or not is_private(address):
        return True
    return any(_fits(host, address, entry) for entry in allow or ())


def _fits(host: str, address: str, entry: str) -> bool:
    if entry.casefold() == host.casefold():
        return True
    try:
        return ip_address(address.partition("%")[0]) in ip_network(entry, strict=False)
    except ValueError:
        return False
