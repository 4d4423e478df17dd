"""Which addresses we connect to (against SSRF): public ones, unless the operator allows more."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Allowed = bool | Sequence[str]

#: IANA's registries of special-purpose addresses (RFC 6890 and its updates), multicast, and what is reserved. A table of
#: our own: `ipaddress.is_global` changed from release to release, and knows neither 192.88.99.0/24 nor fec0::/10.
#: https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
_SPECIAL_4 = tuple(map(ip_network, (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
)))  # fmt: skip
_UNICAST_6 = ip_network("2000::/3")  #: no other address of IPv6 is global unicast (RFC 4291 2.4)
#: inside of it: IETF protocols with Teredo and ORCHID, documentation, 6to4, segment routing
_SPECIAL_6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16")))


def is_private(address: str) -> bool:
    """True for every address that is not global unicast, also inside mapped ones; those of tunnels are never public."""
    ip = _plain(address)
    if isinstance(ip, IPv4Address):
        return any(ip in network for network in _SPECIAL_4)
    return ip not in _UNICAST_6 or any(ip in network for network in _SPECIAL_6)


def allowed(host: str, address: str, allow: Allowed) -> bool:
    """May `address` be connected to for `host`? `allow`: True for all, or hosts and networks."""
    if allow is True or not is_private(address):
        return True
    return any(_fits(host, address, entry) for entry in allow or ())


def is_address(host: str) -> bool:
    """Is this host an address already, in the form that a browser would show?"""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _plain(address: str) -> IPv4Address | IPv6Address:
    """Without a zone; ::ffff:10.0.0.1 is 10.0.0.1."""
    ip = ip_address(address.partition("%")[0])
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def _fits(host: str, address: str, entry: str) -> bool:
    if entry.casefold() == host.casefold():
        return True
    try:
        return _plain(address) in ip_network(entry, strict=False)
    except ValueError:
        return False
