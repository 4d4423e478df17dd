"""Kept: a cache of public answers by content. A page is made once and answered from memory until what it shows may differ.

What another process writes is seen within a second, what this one writes at once. The same bytes keep their ETag and
their date. Conditional requests, HEAD and gzip are answered here and nowhere else (RFC 9110 8.8, 12.5.3, 13).
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from digestbot.app.wiring import App
from digestbot.web.frame.forms import has_copy
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site

FRESH = 1.0  #: seconds that an answer stands before the store is asked again
MOST, MOST_BYTES = 512, 64 * 1024 * 1024  #: answers and bytes that are kept
SEARCHES = 3  #: answers to a stranger's query that are made at once: threads are left for all else
LEAST_PACKED = 600  #: bytes: a smaller body fits one packet anyway
Made = str | bytes | None
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer, with the bytes, headers and validators it is sent with."""

    plain: bytes
    packed: bytes  #: gzip; b"" where it does not pay
    tag: str  #: the ETag's middle
    modified: int  #: seconds since 1970: when these bytes were first made
    headers: Headers  #: without those of the body's form
    app: App
    commits: int
    checked: float

    @property
    def size(self) -> int:
        """How many bytes of memory it takes."""
        return len(self.plain) + len(self.packed)


class Answers:
    """The kept answers of one server."""

    def __init__(self, site: Site, clock: Callable[[], float] = time.monotonic) -> None:
        self._site, self._clock = site, clock
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._size = 0
        self._making: dict[str, asyncio.Lock] = {}
        self._searching = asyncio.Semaphore(SEARCHES)

    async def answer(
        self, request: Request, kind: str, make: Callable[[], Made], *, query: str = "", private: bool = False
    ) -> Response:
        """The answer to a request for this path; 404 where `make` returns None. `query` is what it depends on beside the
        path and the `kind`. `private` answers are neither kept here nor by others."""
        key = f"{kind} {request.scope['path']}?{query}"
        kept = self._kept.get(key)
        if kept is None or not self._stands(kept):
            made = await self._made_anew(key, kind, make, private=private)
            if made is None:
                return self._site.message(404, Says.NO_PAGE)
            kept = made
        else:
            self._kept.move_to_end(key)
        return respond(request, kept)

    def _stands(self, kept: Kept) -> bool:
        app = self._site.app
        return kept.app is app and kept.commits == app.database.commits and self._clock() - kept.checked < FRESH

    async def _made_anew(self, key: str, kind: str, make: Callable[[], Made], *, private: bool) -> Kept | None:
        """Made by one of those who ask at the same time (single-flight); the others wait for it."""
        lock = self._making.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                before = self._kept.get(key)
                if before is not None and self._stands(before):
                    return before
                app, commits, now = self._site.app, self._site.app.database.commits, self._clock()
                async with self._searching if not key.endswith("?") else nullcontext():
                    body = await run_in_threadpool(make)
                if body is None:
                    return None
                plain = body.encode() if isinstance(body, str) else body
                if before is not None and before.plain == plain:
                    kept = replace(before, app=app, commits=commits, checked=now)
                else:
                    stamp = (app, commits, now)
                    kept = await run_in_threadpool(pack, plain, kind, stamp, private=private)
                if not private:
                    self._keep(key, kept)
                return kept
        finally:
            if not lock.locked():
                self._making.pop(key, None)

    def _keep(self, key: str, kept: Kept) -> None:
        old = self._kept.pop(key, None)
        self._size += kept.size - (old.size if old else 0)
        self._kept[key] = kept
        while len(self._kept) > MOST or self._size > MOST_BYTES:
            _, gone = self._kept.popitem(last=False)
            self._size -= gone.size


def pack(plain: bytes, kind: str, stamp: tuple[App, int, float], *, private: bool) -> Kept:
    """Makes the answer that these bytes are."""
    packed = gzip.compress(plain, 6, mtime=0) if len(plain) >= LEAST_PACKED else b""
    text = kind.startswith("text/") or kind.endswith(("xml", "json"))
    modified = int(time.time())
    headers: Headers = [
        (b"content-type", (f"{kind}; charset=utf-8" if text else kind).encode()),
        (b"cache-control", b"private, no-cache" if private else b"public, max-age=60"),
        (b"last-modified", formatdate(modified, usegmt=True).encode()),
        (b"vary", b"Accept-Encoding"),
    ]
    if private:
        headers.append((b"x-robots-tag", b"noindex"))
    app, commits, now = stamp
    tag = hashlib.sha256(plain).hexdigest()[:32]
    return Kept(plain, packed, tag, modified, headers, app, commits, now)


def respond(request: Request, kept: Kept) -> Response:
    """200 with the body, or 304 where the reader has it."""
    asked = request.headers
    packs = bool(kept.packed) and takes_gzip(asked.get("accept-encoding", ""))
    tag = f'"{kept.tag}-gzip"' if packs else f'"{kept.tag}"'
    headers = [*kept.headers, (b"etag", tag.encode())]
    if _has_it(kept, asked.get("if-none-match", ""), asked.get("if-modified-since", "")):
        return Raw(304, b"", [h for h in headers if h[0] != b"content-type"])
    body = kept.packed if packs else kept.plain
    headers.append((b"content-length", str(len(body)).encode()))
    if packs:
        headers.append((b"content-encoding", b"gzip"))
    return Raw(200, b"" if request.method == "HEAD" else body, headers)


def _has_it(kept: Kept, if_none_match: str, if_modified_since: str) -> bool:
    """If-None-Match wins over If-Modified-Since (RFC 9110 13.2.2)."""
    if if_none_match:
        return has_copy(if_none_match, f'"{kept.tag}"')
    return bool(if_modified_since) and kept.modified <= _seconds(if_modified_since)


@lru_cache(maxsize=256)
def _seconds(http_date: str) -> float:
    try:
        return parsedate_to_datetime(http_date).timestamp()
    except (ValueError, OverflowError):
        return 0.0


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str) -> bool:
    """Whether gzip, or anything, is named and not refused by `q=0`."""
    found = {}
    for one in accept_encoding.lower().split(",")[:20]:
        name, _, weight = one.partition(";")
        found[name.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return found.get("gzip", found.get("x-gzip", found.get("*", False)))


class Raw(Response):
    """An answer whose headers are finished."""

    def __init__(self, status: int, body: bytes, headers: Headers) -> None:
        self.status_code, self.body, self.raw_headers, self.background = status, body, headers, None
