"""The bytes of an SMTP connection after its login: whole replies in, whole writes out.

aiosmtplib connects, negotiates TLS and logs in. It keeps no second reply while it waits for a first, so pipelined
commands (RFC 2920) need this protocol in its place.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

_LINE = re.compile(rb"(\d{3})(?:([ -])(.*))?\Z", re.DOTALL)
LONGEST_REPLY = 64 * 1024  #: octets of one reply: a server that talks on is broken


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply; code 0: what came is none."""

    code: int
    text: str


class ConnectionLost(Exception):
    """The connection ended, or no answer came in time; `str` says which."""


class SmtpWire(asyncio.Protocol):
    """Takes over a connected transport."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._unread, self._lines = bytearray(), list[bytes]()
        self._replies: deque[Reply] = deque()
        self._waiter: asyncio.Future[None] | None = None  #: of who waits for a reply, or for the end of the connection
        self._end = ""
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether a command may be written."""
        return not self._end and not self._transport.is_closing()

    @property
    def has_reply(self) -> bool:
        """Whether a reply waits to be read."""
        return bool(self._replies)

    def write(self, data: bytes) -> None:
        """Hand bytes to the transport. Raises ConnectionLost."""
        if not self.is_open:
            raise ConnectionLost(self._end or "the connection was closed")
        self._transport.write(data)

    async def drain(self, seconds: float) -> None:
        """Wait until everything written has left this process. Raises ConnectionLost."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self._transport.get_write_buffer_size() and self.is_open:
            if asyncio.get_running_loop().time() > deadline:
                raise ConnectionLost("the server stopped reading")
            await asyncio.sleep(0.002)

    async def read_reply(self, seconds: float) -> Reply:
        """The next reply. Raises ConnectionLost."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not self._replies:
            if self._end:
                raise ConnectionLost(self._end)
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                raise ConnectionLost(f"no answer within {seconds:g} s")
            await self._news_within(left)
        return self._replies.popleft()

    async def watch(self, seconds: float) -> None:
        """Wait that long, or until the server says something or hangs up."""
        if not self._replies and not self._end:
            await self._news_within(seconds)

    async def _news_within(self, seconds: float) -> None:
        """Wait for what comes next, that long at most. `asyncio.wait_for` takes a task for it, and a mail waits five times."""
        loop = asyncio.get_running_loop()
        self._waiter = waiter = loop.create_future()
        timer = loop.call_later(seconds, _wake, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None

    def abort(self) -> None:
        """Drop the connection and what is buffered: `close` would flush it."""
        self._end = self._end or "the connection was dropped by us"
        self._transport.abort()

    async def quit(self, seconds: float) -> None:
        """Say goodbye; never raises."""
        with suppress(ConnectionLost):
            self.write(b"QUIT\r\n")
            await self.read_reply(seconds)
        self._transport.close()

    # --- asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        """Cut what came into lines and lines into replies."""
        self._unread += data
        while (end := self._unread.find(b"\n")) >= 0:
            line = bytes(self._unread[:end]).rstrip(b"\r")
            del self._unread[: end + 1]
            self._line(line)
        if len(self._unread) + sum(map(len, self._lines)) > LONGEST_REPLY:
            self.connection_lost(ConnectionError("a reply that does not end"))
            self._transport.abort()
        _wake(self._waiter)

    def _line(self, line: bytes) -> None:
        found = _LINE.match(line)
        self._lines.append(found[3] or b"" if found else line)
        if found and found[2] == b"-":
            return
        text = b"\n".join(self._lines).decode("utf-8", "replace")
        self._lines = []
        self._replies.append(Reply(int(found[1]) if found else 0, text))

    def eof_received(self) -> bool:
        """The server closed its side: nothing more comes, and the transport closes itself."""
        self._end = self._end or "the server closed the connection"
        _wake(self._waiter)
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """The transport is gone."""
        self._end = self._end or str(error or "the connection was lost")
        _wake(self._waiter)


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
