"""The suite every kind of channel has to pass: subclass `ChannelContract` and say how yours is made.

class TestMine(ChannelContract):
    @asynccontextmanager
    async def place(self):
        yield MyChannel(...), lambda: [...]   # the mails that have arrived, as bytes
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from digestbot.channels import Channel
from digestbot.model import Message, Outcome

Arrived = Callable[[], list[bytes]]


def mail(number: int) -> Message:
    """Returns a small mail with lines that begin with dots."""
    identity = f"<{number}@example.org>"
    head = (
        f"From: papers@example.org\r\nTo: reader{number}@example.org\r\nSubject: {number}\r\nMessage-ID: {identity}\r\n"
    )
    body = "\r\n.one\r\n..two\r\n.\r\nthe end\r\n"
    data = (head + body).encode()
    recipient = f"reader{number}@example.org"
    return Message(message_id=identity, sender="papers@example.org", recipient=recipient, data=data)


async def yes() -> bool:
    """A commit that is granted."""
    return True


async def no() -> bool:
    """A commit that is refused."""
    return False


class ChannelContract:
    """What `channels.Channel` and `channels.Connection` promise."""

    def place(self) -> AbstractAsyncContextManager[tuple[Channel, Arrived]]:
        """Yields a channel of this kind, and a function that returns the mails that arrived."""
        raise NotImplementedError

    async def test_the_contract_has_the_version_we_know(self) -> None:
        async with self.place() as (channel, _):
            assert channel.contract == 1
            assert channel.connections >= 1

    async def test_an_accepted_mail_has_arrived_whole(self) -> None:
        async with self.place() as (channel, arrived), channel:
            connection = channel.connection()
            receipt = await connection.send(mail(1), yes)
            await connection.close()
            assert receipt.outcome is Outcome.ACCEPTED
            assert [_lines(data) for data in arrived()] == [_lines(mail(1).data)]

    async def test_one_connection_takes_one_message_after_another(self) -> None:
        async with self.place() as (channel, arrived), channel:
            connection = channel.connection()
            receipts = [await connection.send(mail(n), yes) for n in range(5)]
            await connection.close()
            assert {r.outcome for r in receipts} == {Outcome.ACCEPTED}
            assert len(arrived()) == 5

    async def test_connections_work_side_by_side(self) -> None:
        async with self.place() as (channel, arrived), channel:
            connections = [channel.connection() for _ in range(channel.connections)]
            await asyncio.gather(*(connection.send(mail(n), yes) for n, connection in enumerate(connections)))
            await asyncio.gather(*(connection.close() for connection in connections))
            assert len(arrived()) == len(connections)

    async def test_a_refused_commit_withholds_the_mail_and_harms_no_other(self) -> None:
        async with self.place() as (channel, arrived), channel:
            connection = channel.connection()
            assert (await connection.send(mail(1), no)).outcome is Outcome.WITHHELD
            assert (await connection.send(mail(2), yes)).outcome is Outcome.ACCEPTED
            await connection.close()
            assert [_lines(data) for data in arrived()] == [_lines(mail(2).data)]

    async def test_commit_is_asked_exactly_once_and_before_anything_arrived(self) -> None:
        async with self.place() as (channel, arrived), channel:
            seen: list[int] = []

            async def commit() -> bool:
                seen.append(len(arrived()))
                return True

            connection = channel.connection()
            await connection.send(mail(1), commit)
            await connection.close()
            assert seen == [0]

    async def test_closing_twice_and_unused_is_quiet(self) -> None:
        async with self.place() as (channel, _), channel:
            connection = channel.connection()
            await connection.close()
            await connection.close()


def _lines(data: bytes) -> list[bytes]:
    """Returns the lines, whatever line ends the machine writes."""
    return data.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
