"""GET, conditional GET too, over HTTP and HTTPS, under limits, on aiohttp. Checks the address that is really connected to."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from digestbot import __version__
from digestbot.model import Fetched, ReadStatus, Request, Response, ServiceLogin
from digestbot.transport import refusal
from digestbot.transport.addresses import Allowed, allowed
from digestbot.transport.log_in import LogIns
from digestbot.transport.proxies import proxy_for, refused_behind_proxy
from digestbot.transport.reply_meaning import (
    budget,
    fresh_until,
    rate_limit_pause,
    retry_after,
    verdict,
    without_secrets,
)

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/json, text/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one fetch may cost."""

    body: int = 10 * 1024 * 1024  #: bytes after decompression
    seconds: float = 30.0  #: in all, redirects included
    redirects: int = 5
    per_host: int = 8  #: connections to a host and port


#: the host of the hop under way: the connector sees only addresses
_asked: ContextVar[str] = ContextVar("asked", default="")
#: the proxy it goes through: then the address that is connected to is the proxy's, which the operator named
_proxy: ContextVar[str] = ContextVar("proxy", default="")


_SOON = 5.0  #: seconds for the message of a refusal


class _Refused(OSError):
    """An address we do not connect to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """How connections are made; tests give other ways."""

    resolver: AbstractResolver | None = None
    connecting: Callable[[str], None] = lambda _: None  #: is told each address before it is connected to
    tls: ssl.SSLContext | None = None


class HttpTransport:
    """The contract is `transport.Transport`."""

    def __init__(
        self,
        contact: str,
        *,
        allow_private: Allowed = False,
        limits: Limits | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        connections: Connections | None = None,
        proxy: str = "",
    ) -> None:
        """`proxy` is an address, or "environment"."""
        connections = connections or Connections()
        self._agent = f"digestbot/{__version__} (+mailto:{contact})" if contact else f"digestbot/{__version__}"
        self._allow, self._limits, self._clock = allow_private, limits or Limits(), clock
        self._resolver, self._connecting, self._tls = connections.resolver, connections.connecting, connections.tls
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None
        self._log_ins = LogIns(self._log_in, self._fetch)

    async def __aenter__(self) -> HttpTransport:
        # no connection stays open after its answer: hosts that allow one count those of all our processes
        connector = aiohttp.TCPConnector(
            limit=100, limit_per_host=self._limits.per_host, resolver=self._resolver, socket_factory=self._socket,
            ssl=self._tls or True, force_close=True,
        )  # fmt: skip
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=True,
            headers={"User-Agent": self._agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate, br"},
            timeout=aiohttp.ClientTimeout(total=self._limits.seconds),
        )  # fmt: skip
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    def _socket(self, info: Any) -> socket.socket:
        """Makes a socket for an address that is allowed. It is called after DNS, so that the checked address is the used one."""
        family, kind, protocol, _, place = info
        address = str(place[0])
        if not _proxy.get() and not allowed(_asked.get(), address, self._allow):
            raise _Refused(address)
        self._connecting(address)
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    async def fetch(self, request: Request) -> Fetched:
        """One GET, redirects followed by hand; before it a log-in, where the request wants one."""
        if request.login is not None:
            return await self._log_ins.fetch(request, request.login)
        return await self._fetch(request)

    async def _log_in(self, login: ServiceLogin) -> Fetched:
        """Posts the log-in; a redirect is not followed."""
        assert self._session is not None  # `async with` opened it
        request = Request(url=login.url, secrets=login.fields)
        try:
            async with asyncio.timeout(self._limits.seconds):
                proxy = self._way_to(login.url)
                fields = {name: secret.reveal() for name, secret in login.fields.items()}
                async with self._session.post(login.url, json=fields, allow_redirects=False, proxy=proxy) as reply:
                    said = {name.lower(): _readable(value) for name, value in reply.headers.items()}
                    return await self._read_reply(request, login.url, reply, said, self._clock())
        except TimeoutError:
            return _failed(request, f"no whole answer from {_host(login.url)} within {self._limits.seconds:g} s")
        except (aiohttp.ClientError, OSError, ValueError, ssl.SSLError) as error:
            return _failed(request, _words(error, login.url, self._proxy))

    async def _fetch(self, request: Request) -> Fetched:
        began, url, permanent = self._clock(), request.url, True
        try:
            async with asyncio.timeout(self._limits.seconds):
                for _ in range(self._limits.redirects + 1):
                    step = await self._hop(request, url, began)
                    if isinstance(step, Fetched):
                        here = permanent and url != request.url and not step.status.failed
                        moved = step.request.url if here and not request.secrets else ""  # it may repeat the key
                        return replace(step, request=request, moved_to=moved)
                    status, target = step
                    permanent &= status in (301, 308)
                    url = urljoin(url, target)
                    if urlsplit(url).scheme not in ("http", "https"):
                        return _failed(
                            request, f"{_host(request.url)} leads to {urlsplit(url).scheme}:, which is not the web"
                        )
                    if any(f".{_host(url)}".endswith(f".{host}") for host in request.stop_at):
                        stopped = _failed(
                            request, f"{_host(request.url)} leads to {_host(url)}, which has a turn of its own"
                        )
                        return replace(stopped, onward=url, moved_to=url if permanent and not request.secrets else "")
            return _failed(request, f"more than {self._limits.redirects} redirects from {without_secrets(request.url)}")
        except TimeoutError:
            return _failed(request, f"no whole answer from {_host(url)} within {self._limits.seconds:g} s")
        except (aiohttp.ClientError, OSError, ValueError, ssl.SSLError) as error:
            return _failed(request, _words(error, url, self._proxy))

    async def _hop(self, request: Request, url: str, now: datetime) -> Fetched | tuple[int, str]:
        """One request; a Fetched, or (status, where) of a redirect."""
        assert self._session is not None  # `async with` opened it
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            return _failed(request, f"{without_secrets(url)!r} is no web address")
        proxy = self._way_to(url)
        # keys, among the source's own headers too, are for the place they were given for: scheme, host and port
        own = _origin(url) == _origin(request.url)
        asked = _with_secrets(url, request) if own else url
        async with self._session.get(
            asked, headers=_headers(request, own=own), allow_redirects=False, proxy=proxy
        ) as reply:
            said = {name.lower(): _readable(value) for name, value in reply.headers.items()}
            if reply.status in (301, 302, 303, 307, 308) and said.get("location"):
                return reply.status, said["location"]
            return await self._read_reply(request, url, reply, said, now)

    def _way_to(self, url: str) -> str | None:
        """The proxy on the way to an address, if any; the connector is told the host. Raises _Refused."""
        _asked.set(urlsplit(url).hostname or "")
        _proxy.set(proxy_for(url, self._proxy))
        if _proxy.get() and refused_behind_proxy(_asked.get(), self._allow):
            raise _Refused(_asked.get())
        return _proxy.get() or None

    async def _read_reply(
        self, request: Request, url: str, reply: aiohttp.ClientResponse, said: Mapping[str, str], now: datetime
    ) -> Fetched:
        """What a reply that leads nowhere else means, with its body where it has one we want."""
        answer = _answer(url, reply.status, said, now)
        if reply.status == 304 and not _conditional(request):
            return _failed(request, f"304 from {_host(url)}, though we have nothing of it that could be unchanged")
        if 400 <= reply.status < 500 and (words := refusal.words(await self._message(reply), request)):
            return replace(answer, error=f"{answer.error}: {words}")
        if answer.status is not ReadStatus.OK:
            return answer
        body = await self._body(reply)
        if body is None:
            return _failed(request, f"{_host(url)} sends more than {self._limits.body // 2**20} MB")
        named = request.url if request.secrets else url
        return replace(answer, response=Response(url=named, status=reply.status, headers=said, body=body, fetched=now))

    async def _message(self, reply: aiohttp.ClientResponse) -> bytes:
        """Returns the body of a refusal, b"" when it is long or slow: the status says enough."""
        try:
            async with asyncio.timeout(_SOON):
                body = await reply.content.read(refusal.LARGEST + 1)
                while len(body) <= refusal.LARGEST and (more := await reply.content.read(refusal.LARGEST)):
                    body += more
        except (aiohttp.ClientError, OSError, TimeoutError):
            body = b""
        if not reply.content.at_eof():
            reply.close()
        return body if len(body) <= refusal.LARGEST else b""

    async def _body(self, reply: aiohttp.ClientResponse) -> bytes | None:
        """Returns the unpacked body, or None when it grows beyond the limit, so that a zip bomb costs no memory."""
        parts, size = [], 0
        async for part in reply.content.iter_chunked(65536):
            size += len(part)
            if size > self._limits.body:
                reply.close()
                return None
            parts.append(part)
        return b"".join(parts)


def _headers(request: Request, *, own: bool) -> dict[str, str]:
    """The source's own headers, at the place they were given for, and the validators."""
    headers = dict(request.headers) if own else {}
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.last_modified:
        headers["If-Modified-Since"] = request.last_modified
    return headers


def _conditional(request: Request) -> bool:
    """Was something asked for only if it had changed? Zotero has a header of its own for that."""
    own = any(name.lower().startswith("if-") for name in request.headers)
    return bool(request.etag or request.last_modified) or own


def _answer(url: str, status: int, said: Mapping[str, str], now: datetime) -> Fetched:
    """What status and headers tell, without the body."""
    meaning = verdict(status)
    return Fetched(
        request=Request(url=url), status=meaning, http_status=status, etag=said.get("etag", ""),
        last_modified=said.get("last-modified", ""), after=retry_after(said, now), pause=rate_limit_pause(said),
        budget=budget(said, now), fresh_until=fresh_until(said, now),
        error="" if meaning in (ReadStatus.OK, ReadStatus.UNCHANGED) else f"{status} from {_host(url)}",
    )  # fmt: skip


def _with_secrets(url: str, request: Request) -> str:
    """Returns the address as it is asked for. Only here is a source's key added to its address."""
    if not request.secrets:
        return url
    added = urlencode({name: secret.reveal() for name, secret in request.secrets.items()})
    address, _, fragment = url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{added}{'#' if fragment else ''}{fragment}"


def _failed(request: Request, error: str) -> Fetched:
    return Fetched(request=request, status=ReadStatus.UNREACHABLE, error=error)


def _readable(value: str) -> str:
    """Returns a header's value without the half characters that aiohttp makes of bytes that are no UTF-8."""
    return value.encode(errors="surrogateescape").decode(errors="replace")


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port (RFC 6454)."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "the address"
    except ValueError:
        return "the address"


#: what OpenSSL says of a server that answers in plain HTTP
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL", "HTTP_REQUEST")


def _words(error: BaseException, url: str, proxy: str) -> str:
    """Returns what went wrong, for people, without the whole address."""
    refused = next((e for e in _chain(error) if isinstance(e, _Refused)), None)
    if refused is not None:
        fix = "allow it under [fetch] allow_private if it is yours"
        return f"the address {refused} of {_host(url)} is private: {fix}"
    for kinds, words in _REASONS:
        if isinstance(error, kinds):
            return words(error, _host(url), url) + (_ask_for_proxy(proxy) if kinds in _WITHOUT_PROXY else "")
    return f"{_host(url)} broke off: {type(error).__name__}"


def _no_tls(error: BaseException, host: str, _: str) -> str:
    if any(word in str(error) for word in _NO_TLS):
        return f"{host} does not speak TLS there: is it http:// and not https://?"
    return f"the certificate of {host} is not valid"


def _no_proxy(error: BaseException, host: str, _: str) -> str:
    status = getattr(error, "status", 0)
    said = f"answered {status}" if status else "cannot be reached"
    return f"the proxy on the way to {host} {said}: see [fetch] proxy"


_Exceptions = tuple[type[BaseException], ...]
_NO_HOST: _Exceptions = (aiohttp.ClientConnectorDNSError,)
_NO_SERVER: _Exceptions = (aiohttp.ClientConnectorError, ConnectionError)
#: exceptions and their words; the first that fits counts, and many of them are others' subclasses
_REASONS: tuple[tuple[_Exceptions, Callable[[BaseException, str, str], str]], ...] = (
    ((aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, ssl.SSLError), _no_tls),
    ((aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError), _no_proxy),
    (_NO_HOST, lambda _, host, url: f"there is no host {host}"),
    (
        _NO_SERVER,
        lambda error, host, url: f"{host} cannot be reached: {getattr(error, 'strerror', '') or type(error).__name__}",
    ),
    (
        (aiohttp.ClientPayloadError,),
        lambda _, host, url: f"{host} sent a body that ends too early, or is not packed as its headers say",
    ),
    ((aiohttp.InvalidURL, ValueError), lambda _, host, url: f"{without_secrets(url)!r} is no web address"),
    ((aiohttp.ServerDisconnectedError,), lambda _, host, url: f"{host} hung up without an answer"),
)
_WITHOUT_PROXY = (_NO_HOST, _NO_SERVER)  #: what a proxy that is not named may be the reason of


def _ask_for_proxy(proxy: str) -> str:
    return "" if proxy else " (behind a proxy? name it under [fetch] proxy)"


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    waiting = [error]
    while waiting and len(found) < 20:
        one = waiting.pop()
        if one is None or one in found:
            continue
        found.append(one)
        waiting += [one.__cause__, one.__context__, getattr(one, "os_error", None), *getattr(one, "exceptions", ())]
    return found
