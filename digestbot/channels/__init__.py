"""The contract of a way out: a channel turns a Message into a Receipt and never raises.

A kind of channel is a class registered under the entry-point group `digestbot.channels`.
`digestbot.testing.channels` holds the suite every kind has to pass.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import ClassVar, Protocol

from digestbot.model.mail import Message, Receipt

Commit = Callable[[], Awaitable[bool]]


class Connection(Protocol):
    """One connection of a channel, for one message after another. Used by one task only."""

    async def send(self, message: Message, commit: Commit) -> Receipt:
        """Hand one message over.

        Calls `commit` exactly once, at the last moment at which not sending is still certain (SMTP: when the whole
        body has gone out and only the final dot is missing). False from it means: do not; the message is dropped in
        a way that cannot be taken for a delivery, and the outcome is WITHHELD. Any failure before `commit` is
        DEFERRED, REFUSED or UNAVAILABLE and nothing was delivered; any failure after it that is no answer of the
        server is UNKNOWN. `fault` says who is to blame: a refusal without one is POLICY, so that nobody is suppressed.
        A message refused never hinders the next one on the same connection; a broken connection opens itself again.
        Cancelling is safe before `commit`; after it, the answer is awaited for up to the channel's own grace.
        """

    async def close(self) -> None:
        """Say goodbye if possible; never raises, never hangs for more than 2 s."""


class Channel(Protocol):
    """A configured way out. `async with` opens and closes it."""

    contract: ClassVar[int]  #: version of this contract: 1
    connections: int  #: how many connections may be used at once

    def connection(self) -> Connection:
        """A new connection; it opens with its first message."""

    async def __aenter__(self) -> Channel: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
