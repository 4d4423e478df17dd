"""The two ways out: what is promised of both, and a mail server that does everything wrong."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from processes import wait_for

from digestbot.channels import Channel
from digestbot.channels.maildir import MaildirChannel
from digestbot.channels.smtp import SmtpChannel, SmtpSettings, is_loopback
from digestbot.channels.smtp_words import receipt_of
from digestbot.model import Outcome, Receipt, Security, SendStage
from digestbot.testing.builders import message
from digestbot.testing.channels import Arrived, ChannelContract, no, yes
from digestbot.testing.smtp_server import Faults, SmtpServer


def settings(server: SmtpServer, **change: Any) -> SmtpSettings:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "timeout": 3.0,
        "dot_timeout": 1.0,
    }
    return SmtpSettings(**values | change)


async def sent(server: SmtpServer, *numbers: int, **change: Any) -> list[Receipt]:
    """All over one connection."""
    async with SmtpChannel(settings(server, **change)) as channel:
        connection = channel.connection()
        receipts = [await connection.send(message(n), yes) for n in numbers]
        await connection.close()
        return receipts


class TestSmtpKeepsTheContract(ChannelContract):
    @asynccontextmanager
    async def place(self) -> AsyncIterator[tuple[Channel, Arrived]]:
        async with SmtpServer() as server:
            yield SmtpChannel(settings(server)), lambda: [m.data for m in server.messages]


class TestMaildirKeepsTheContract(ChannelContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    @asynccontextmanager
    async def place(self) -> AsyncIterator[tuple[Channel, Arrived]]:
        yield MaildirChannel(self.folder), lambda: [p.read_bytes() for p in sorted((self.folder / "new").glob("*"))]


def outcomes(receipts: list[Receipt]) -> list[str]:
    return [f"{r.outcome}" for r in receipts]


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (Faults(dot="drop", times=1), ["unknown", "accepted"]),
        (Faults(dot="take-drop", times=1), ["unknown", "accepted"]),
        (Faults(dot="hang", times=1), ["unknown", "accepted"]),
        (Faults(dot="451 4.3.0 later", times=1), ["deferred", "accepted"]),
        (Faults(dot="552 5.2.2 full", times=1), ["refused", "accepted"]),
        (Faults(dot="421 4.3.2 shutting down", times=1), ["unavailable", "accepted"]),
        (Faults(data="drop", times=1), ["unavailable", "accepted"]),
        (Faults(rcpt={"reader1@example.org": "550 5.1.1 no such user"}), ["refused", "accepted"]),
        (Faults(rcpt={"reader1@example.org": "450 4.2.0 greylisted"}), ["deferred", "accepted"]),
        (Faults(mail="452 4.3.1 no space"), ["unavailable", "unavailable"]),
        (Faults(banner="554 go away"), ["unavailable", "unavailable"]),
    ],
    ids=lambda value: repr(value) if isinstance(value, Faults) else "",
)
async def test_each_fault_of_a_server_becomes_the_right_outcome(faults: Faults, expected: list[str]) -> None:
    async with SmtpServer(faults) as server:
        assert outcomes(await sent(server, 1, 2)) == expected


async def test_a_connection_lost_in_the_body_has_certainly_not_delivered() -> None:
    async with SmtpServer(Faults(data="drop")) as server:
        (receipt,) = await sent(server, 1)
        assert (receipt.outcome, receipt.stage) == (Outcome.UNAVAILABLE, "body")
        assert server.messages == []


async def test_a_refused_commit_leaves_nothing_at_the_server() -> None:
    async with SmtpServer() as server, SmtpChannel(settings(server)) as channel:
        connection = channel.connection()
        assert (await connection.send(message(1), no)).outcome is Outcome.WITHHELD
        assert (await connection.send(message(2), yes)).outcome is Outcome.ACCEPTED
        await connection.close()
        assert [m.recipients for m in server.messages] == [("reader2@example.org",)]


async def test_dots_arrive_as_they_were() -> None:
    async with SmtpServer() as server:
        await sent(server, 1)
        assert server.messages[0].data == message(1).data


async def test_one_connection_serves_many_messages() -> None:
    async with SmtpServer() as server:
        await sent(server, *range(20))
        assert (server.sessions, len(server.messages)) == (1, 20)


async def test_a_connection_is_renewed_after_its_share_of_messages() -> None:
    async with SmtpServer() as server:
        await sent(server, *range(10), messages_per_connection=4)
        assert (server.sessions, len(server.messages)) == (3, 10)


async def test_nobody_listening_is_the_servers_fault() -> None:
    async with SmtpServer() as server:
        gone = settings(server)
    async with SmtpChannel(gone) as channel:
        receipt = await channel.connection().send(message(), yes)
    assert (receipt.outcome, receipt.stage) == (Outcome.UNAVAILABLE, "connect")


async def test_the_rate_is_kept() -> None:
    async with SmtpServer() as server:
        began = asyncio.get_running_loop().time()
        await sent(server, 1, 2, 3, 4, rate=10)
        assert asyncio.get_running_loop().time() - began >= 0.3


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_side(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_starttls_and_login_work_with_a_trusted_certificate(authority: trustme.CA) -> None:
    async with SmtpServer(tls=server_side(authority), login=("bot", "s3cret")) as server:
        change = {"security": "starttls", "username": "bot", "password": "s3cret", "tls": trusting(authority)}
        assert outcomes(await sent(server, 1, **change)) == ["accepted"]


async def test_an_untrusted_certificate_ends_it_and_no_password_is_sent(authority: trustme.CA) -> None:
    async with SmtpServer(tls=server_side(authority), login=("bot", "s3cret")) as server:
        (receipt,) = await sent(server, 1, security="starttls", username="bot", password="s3cret")
        assert (receipt.outcome, receipt.stage) == (Outcome.UNAVAILABLE, "tls")
        assert server.messages == []


async def test_starttls_that_is_not_offered_is_never_done_without() -> None:
    async with SmtpServer() as server:
        (receipt,) = await sent(server, 1, security="starttls")
        assert (receipt.outcome, receipt.stage) == (Outcome.UNAVAILABLE, "tls")


async def test_a_refused_login_is_unavailable_and_its_text_holds_no_secret(authority: trustme.CA) -> None:
    async with SmtpServer(tls=server_side(authority), login=("bot", "right")) as server:
        change = {"security": "starttls", "username": "bot", "password": "s3cret", "tls": trusting(authority)}
        (receipt,) = await sent(server, 1, **change)
        assert (receipt.outcome, receipt.stage) == (Outcome.UNAVAILABLE, "auth")
        assert "s3cret" not in repr(receipt)


async def test_no_credentials_go_out_without_tls_but_to_this_machine() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert not is_loopback("mail.example.org")


def test_the_settings_never_show_the_password() -> None:
    assert "s3cret" not in repr(SmtpSettings(host="x", password="s3cret"))


def test_a_servers_words_lose_addresses_and_controls() -> None:
    receipt = receipt_of(SendStage.RCPT, 550, "5.1.1 <reader@example.org>\r\n\x1b[31m unknown")
    assert (receipt.enhanced, receipt.text) == ("5.1.1", "5.1.1 <address> [31m unknown")


async def test_the_same_mail_twice_is_one_file_in_a_maildir(tmp_path: Path) -> None:
    connection = MaildirChannel(tmp_path).connection()
    for _ in range(2):
        assert (await connection.send(message(), yes)).outcome is Outcome.ACCEPTED
    assert len(list((tmp_path / "new").iterdir())) == 1
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_a_mail_the_reader_has_read_does_not_come_again(tmp_path: Path) -> None:
    connection = MaildirChannel(tmp_path).connection()
    await connection.send(message(), yes)
    (new,) = (tmp_path / "new").iterdir()
    new.rename(tmp_path / "cur" / f"{new.name}:2,S")
    await connection.send(message(), yes)
    assert list((tmp_path / "new").iterdir()) == []


async def test_a_maildir_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    receipt = await MaildirChannel(tmp_path / "file").connection().send(message(), yes)
    assert receipt.outcome is Outcome.UNAVAILABLE


@pytest.mark.parametrize(
    ("flags", "outcome"),
    [
        ([], Outcome.ACCEPTED),
        (["-q", "."], Outcome.UNKNOWN),
        (["-r", "."], Outcome.DEFERRED),
        (["-f", "."], Outcome.REFUSED),
        (["-f", "rcpt"], Outcome.REFUSED),
        (["-Q", "mail"], Outcome.UNAVAILABLE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
async def test_postfix_agrees(smtp_sink: str, flags: list[str], outcome: Outcome) -> None:
    with postfix(smtp_sink, flags) as port:
        async with SmtpChannel(
            SmtpSettings(host="127.0.0.1", port=port, security=Security.NONE, timeout=5.0)
        ) as channel:
            connection = channel.connection()
            assert (await connection.send(message(), yes)).outcome is outcome
            await connection.close()


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextmanager
def postfix(program: str, flags: list[str]) -> Iterator[int]:
    """Its test server, until it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([program, *user, *flags, f"127.0.0.1:{port}", "10"], stdout=subprocess.DEVNULL) as process:
        wait_for(lambda: listens(port))
        yield port
        process.terminate()
