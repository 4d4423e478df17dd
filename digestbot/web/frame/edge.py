"""The edge: who really asks (proxies), whether we are meant (trusted hosts), and the security headers of every answer: CSP, HSTS.

Plain ASGI, because it stands before every answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digestbot.daemon.live_config import LiveApp
from digestbot.settings import Config

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
EVERY = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
#: of an answer that says nothing of caches: it is for one reader
PRIVATE = ((b"cache-control", b"private, no-store"), (b"x-robots-tag", b"noindex"))
HSTS = (b"strict-transport-security", b"max-age=31536000")
#: answered whatever host is named: monitors ask by an address or a container's name, and leaving always works
ANY_HOST = ("/healthz", "/readyz", "/u/")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MOST_HOPS = 16  #: of X-Forwarded-For that are looked at


@dataclass(frozen=True, slots=True)
class Edge:
    """Around the whole application.

    X-Forwarded-For and -Proto count only from `[web] proxies`; then `request.client` is the real one. A request for a
    host that is not ours is refused: no page ever repeats the host it was asked for, and this keeps other sites' names
    from leading here.
    """

    inner: ASGIApp
    elsewhere: ASGIApp  #: answers who asks for a host that is not ours
    live: LiveApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one connection, as ASGI defines it."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        config = self.live.app.config
        if config.web.proxies:
            unwrap(scope, config.web.proxies)
        added = (*EVERY, HSTS) if scope["scheme"] == "https" else EVERY

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                private = () if b"cache-control" in given else PRIVATE
                message["headers"] = [*message["headers"], *(h for h in (*added, *private) if h[0] not in given)]
            await send(message)

        if scope["path"].startswith(ANY_HOST) or meant(_header(scope, b"host"), config):
            await self.inner(scope, receive, headed)
        else:
            await self.elsewhere(scope, receive, headed)


def unwrap(scope: Scope, proxies: tuple[str, ...]) -> None:
    """Make client and scheme those that our own proxies say. The last address that is no proxy of ours is the client:
    what stands before it, anybody can write."""
    client = scope.get("client")
    if client is None or not within(client[0], proxies):
        return
    scope["by_proxy"] = True
    if (scheme := _header(scope, b"x-forwarded-proto").strip().lower()) in ("http", "https"):
        scope["scheme"] = scheme
    found = client[0]
    for hop in reversed(_header(scope, b"x-forwarded-for").split(",")[-MOST_HOPS:]):
        address = hop.strip().strip("[]")
        if not _is_address(address):
            break
        found = address
        if not within(address, proxies):
            break
    scope["client"] = (found, 0)


@lru_cache(maxsize=1024)
def within(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address is one of these, or in one of these networks."""
    return _is_address(address) and any(ip_address(address) in ip_network(one, strict=False) for one in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def meant(host: str, config: Config) -> bool:
    """Whether a Host header names this site. Without a base address any IP address is this site too."""
    return _meant(host, config.site.base_url, config.web.host, config.web.hosts)


@lru_cache(maxsize=256)
def _meant(host: str, base_url: str, listen: str, more: Collection[str]) -> bool:
    name = re.sub(r":\d*\Z", "", host.strip().lower()).strip("[]").rstrip(".")
    if name in LOOPBACK or name == listen or name in more:
        return True
    return name == urlsplit(base_url).hostname if base_url else _is_address(name)
