"""The SMTP channel against a server that is not ours: aiosmtpd."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from digestbot.channels.smtp import SmtpChannel, SmtpSettings
from digestbot.model import Fault, Outcome, Receipt, Security
from digestbot.testing.builders import message
from digestbot.testing.channels import no, yes


class Handler:
    """Takes every mail; refuses one recipient and one sender."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:  # aiosmtpd's name
        if address.startswith("nobody"):
            return "550 5.1.1 Sender address rejected"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:  # aiosmtpd's name
        if address.startswith("gone"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # aiosmtpd's name
        self.taken.append((envelope.rcpt_tos[0], envelope.original_content))
        return "250 OK"


@asynccontextmanager
async def aiosmtpd(**options: Any) -> AsyncIterator[tuple[Handler, int]]:
    handler, loop = Handler(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, loop=loop, hostname="x.example", **options), "127.0.0.1", 0)
    yield handler, server.sockets[0].getsockname()[1]
    server.close()


async def sent(port: int, *messages: Any, commit: Any = yes) -> list[Receipt]:
    channel = SmtpChannel(
        SmtpSettings(host="127.0.0.1", port=port, security=Security.NONE, timeout=5.0, hello="a.example")
    )
    connection = channel.connection()
    receipts = [await connection.send(one, commit) for one in messages]
    await connection.close()
    return receipts


async def test_mails_arrive_byte_for_byte() -> None:
    async with aiosmtpd() as (handler, port):
        receipts = await sent(port, *(message(n) for n in range(3)))
        assert [r.outcome for r in receipts] == [Outcome.ACCEPTED] * 3
        assert [data for _, data in handler.taken] == [message(n).data for n in range(3)]


async def test_a_refused_recipient_a_refused_sender_and_a_yes_over_one_connection() -> None:
    async with aiosmtpd() as (handler, port):
        mails = [
            replace(message(1), recipient="gone@example.org"),
            replace(message(2), sender="nobody@example.org"),
            message(3),
        ]
        receipts = await sent(port, *mails)
    assert [r.fault for r in receipts] == [Fault.RECIPIENT, Fault.ACCOUNT, None]
    assert len(handler.taken) == 1


@pytest.mark.parametrize("offered", [True, False])
async def test_addresses_of_other_letters(offered: bool) -> None:
    async with aiosmtpd(enable_SMTPUTF8=offered) as (handler, port):
        mails = [replace(message(n), recipient=r) for n, r in enumerate(["jürgen@example.org", "anna@bücher.example"])]
        first, second = await sent(port, *mails)
    assert first.outcome is (Outcome.ACCEPTED if offered else Outcome.REFUSED)
    assert second.outcome is Outcome.ACCEPTED
    assert handler.taken[-1][0] == "anna@xn--bcher-kva.example"


async def test_a_mail_larger_than_it_takes_and_one_that_is_withheld_leave_nothing() -> None:
    async with aiosmtpd(data_size_limit=60) as (handler, port):
        [receipt] = await sent(port, message(1))
        assert (receipt.outcome, receipt.fault) == (Outcome.REFUSED, Fault.MESSAGE)
    async with aiosmtpd() as (other, port):
        [receipt] = await sent(port, message(1), commit=no)
        assert receipt.outcome is Outcome.WITHHELD
    assert handler.taken == other.taken == []
