"""Which proxy a request goes through. Behind one, the proxy decides which addresses are connected to, not we."""

from __future__ import annotations

import socket
from contextlib import suppress
from urllib import request
from urllib.parse import urlsplit

from digestbot.transport.addresses import Allowed, allowed, is_address

ENVIRONMENT = "environment"  #: in place of an address: HTTPS_PROXY, HTTP_PROXY and ALL_PROXY
_OWN = ("localhost", "127.0.0.1", "::1")


def proxy_for(url: str, configured: str) -> str:
    """The proxy's address; "" for none. NO_PROXY holds for a configured one too, and this machine is never asked there."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not configured or host in _OWN:  # first: reading the environment is a tenth of asking an unchanged source
        return ""
    if request.proxy_bypass_environment(host):  # type: ignore[attr-defined]  # typeshed leaves it out
        return ""
    if configured != ENVIRONMENT:
        return configured
    given = request.getproxies_environment()
    return given.get(parts.scheme) or given.get("all", "")


def refused_behind_proxy(host: str, allow: Allowed) -> bool:
    """Is this host surely none that may be asked for? What a name leads to, only the proxy knows."""
    if host == "localhost" or host.endswith(".localhost"):
        return not allowed(host, "127.0.0.1", allow)
    written = host
    with suppress(OSError):
        written = socket.inet_ntoa(socket.inet_aton(host))  # 2130706433 and 0x7f.1 are 127.0.0.1
    return is_address(written) and not allowed(host, written, allow)
