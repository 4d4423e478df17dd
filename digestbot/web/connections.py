"""Limits of the web server's connections, so that half-open ones (slow loris) never take what mail and poll need.

uvicorn limits neither how many connections there are nor how long a request takes to arrive. Here a request has 10 s for
its head and 15 s for its body. Descriptors are counted: those that mail and poll need are kept back. When all places are
taken, the connection that has waited longest without a whole request makes room: whoever asks and listens is served.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from collections import Counter
from contextlib import suppress
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger(__name__)

HEAD, BODY = 10.0, 15.0  #: seconds until they are whole
ANSWER = 60.0  #: seconds for making the answer and reading it: who never reads keeps no place
ARRIVING = 1.0  #: seconds in which who has just connected is still answered when the server stops
MOST = 500  #: connections
OF_ONE_CLIENT = 50  #: not for this machine: a reverse proxy speaks for all
KEPT_BACK = 128  #: descriptors for mail, poll, database and log
BACKLOG = 64  #: connections that are accepted at once: they are descriptors before they are counted
_QUIET = 60.0  #: seconds between two lines about descriptors
_USED_UP = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def places() -> int:
    """How many connections may be open, by the limit of descriptors of this process."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return max(8, min(MOST, soft - KEPT_BACK - BACKLOG)) if soft != resource.RLIM_INFINITY else MOST
    return MOST


class Connections:
    """The open connections of one server; those without a whole request may have to go."""

    def __init__(self, most: int | None = None, of_one_client: int = OF_ONE_CLIENT) -> None:
        self.most, self.of_one_client = places() if most is None else most, of_one_client
        self.open: dict[LimitedHttp, str] = {}
        self.waiting: dict[LimitedHttp, None] = {}  #: without a whole request, longest first
        self._clients: Counter[str] = Counter()

    def admit(self, connection: LimitedHttp, client: str) -> bool:
        """Takes a place, making room if need be."""
        if self._clients[client] >= self.of_one_client and client not in ("127.0.0.1", "::1", ""):
            return False
        if len(self.open) >= self.most:
            longest = next(iter(self.waiting), None)
            if longest is None:
                return False
            longest.drop()
        self.open[connection], self.waiting[connection] = client, None
        self._clients[client] += 1
        return True

    def leave(self, connection: LimitedHttp) -> None:
        """Give the place of this connection back."""
        self.waiting.pop(connection, None)
        client = self.open.pop(connection, None)
        if client is not None:
            self._clients[client] -= 1
            self._clients += Counter()  # without those at 0


class LimitedHttp(H11Protocol):
    """uvicorn's protocol with the limits. Its `limits` are those of the server."""

    limits: ClassVar[Connections]
    _timer: asyncio.TimerHandle | None = None
    _admitted = False
    _last = False  #: the server stops: one more answer, and no other
    _phase: Any = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Refused when all places are taken."""
        peer = transport.get_extra_info("peername")
        if not self.limits.admit(self, str(peer[0]) if peer else ""):
            transport.abort()
            return
        self._admitted = True
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Read what came; of a refused connection nothing is read."""
        if self._admitted:
            super().data_received(data)
            if self._last and self.cycle is not None:
                self.cycle.keep_alive = False
            self._watch()

    def shutdown(self) -> None:
        """The server stops. Whoever connected and was not yet heard is: their request is on its way, and cutting it off would
        be a refusal."""
        if self._admitted and self.cycle is None and not self._last:
            self._last = True
            self._stop()
            self._timer = self.loop.call_later(ARRIVING, self.drop)
        else:
            super().shutdown()

    def on_response_complete(self) -> None:
        """The next request has its own time."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the place of the connection."""
        self._stop()
        self.limits.leave(self)
        if self._admitted:
            super().connection_lost(exc)

    def drop(self) -> None:
        """Ended without an answer."""
        self._stop()
        self.limits.leave(self)
        self.transport.abort()

    def _watch(self) -> None:
        """A time limit for what is awaited: head, then body, then that the answer is taken."""
        state = self.conn.their_state
        if state is self._phase:
            return
        self._phase = state
        self._stop()
        seconds = {h11.IDLE: HEAD, h11.SEND_BODY: BODY}.get(state)
        if seconds is None:
            self.limits.waiting.pop(self, None)
        else:
            self.limits.waiting.setdefault(self)
        self._timer = self.loop.call_later(seconds or ANSWER, self.drop)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def limited(connections: Connections) -> type[LimitedHttp]:
    """The protocol for one server: uvicorn makes its protocols from a class."""
    return type("LimitedHttp", (LimitedHttp,), {"limits": connections})


class QuietRequests(logging.Filter):
    """For uvicorn's log: a request that breaks off, or is none, is no error of ours, and a stranger fills no disk with it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False for what only a client can have caused."""
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, h11.ProtocolError) and not record.getMessage().startswith("Invalid HTTP request")


class QuietDescriptors:
    """A loop's exception handler: used-up descriptors are one line a minute; asyncio itself waits a second after each."""

    def __init__(self) -> None:
        self._last = -_QUIET

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What `loop.set_exception_handler` takes."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _USED_UP:
            loop.default_exception_handler(context)
        elif time.monotonic() - self._last >= _QUIET:
            self._last = time.monotonic()
            log.error("no connection can be accepted: %s; raise the limit of open files", error.strerror)
