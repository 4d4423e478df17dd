"""What is said between us and a mail server: names, extensions, passwords, odd answers."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from rows import rows

from digestbot.channels.reply_faults import TABLE, fault_of, is_final, is_yes
from digestbot.channels.smtp import SmtpChannel, SmtpSettings
from digestbot.channels.smtp_words import masked, receipt_of
from digestbot.model import Fault, Message, Outcome, Receipt, Security, SendStage
from digestbot.testing.builders import message
from digestbot.testing.channels import yes
from digestbot.testing.smtp_server import Faults, SmtpServer


def settings(server: SmtpServer, **change: Any) -> SmtpSettings:
    values: dict[str, Any] = {"host": "127.0.0.1", "port": server.port, "security": "none"}
    return SmtpSettings(**values | {"timeout": 3.0, "dot_timeout": 1.0} | change)


async def sent(server: SmtpServer, *messages: Message, **change: Any) -> list[Receipt]:
    """All over one connection."""
    async with SmtpChannel(settings(server, **change)) as channel:
        connection = channel.connection()
        receipts = [await connection.send(one, yes) for one in messages]
        await connection.close()
        return receipts


def commands(server: SmtpServer, verb: str) -> list[str]:
    return [c for c in server.commands if c.startswith(verb)]


@pytest.mark.parametrize("code", [150, 354, 999, 100, 600, 0])
async def test_an_answer_to_the_dot_that_smtp_does_not_know_is_unknown(code: int) -> None:
    async with SmtpServer(Faults(dot=f"{code:03} what", times=1)) as server:
        first, second = await sent(server, message(1), message(2))
    assert (first.outcome, second.outcome) == (Outcome.UNKNOWN, Outcome.ACCEPTED)


async def test_words_in_place_of_a_number_after_the_dot_are_unknown() -> None:
    async with SmtpServer(Faults(dot="thank you", times=1)) as server:
        [receipt] = await sent(server, message(1))
    assert receipt.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("code", [200, 250, 251, 252, 299])
async def test_any_2yz_is_a_yes(code: int) -> None:
    yes_of = f"{code} ok"
    async with SmtpServer(Faults(mail=yes_of, accepted=yes_of, rcpt={"reader1@example.org": yes_of})) as server:
        [receipt] = await sent(server, message(1))
        assert (receipt.outcome, receipt.code, len(server.messages)) == (Outcome.ACCEPTED, code, 1)
    assert not is_yes("data", 250)
    assert [is_final(c) for c in (250, 450, 550, 150, 354, 999)] == [True, True, True, False, False, False]


@pytest.mark.parametrize("pipelining", [True, False])
async def test_with_and_without_pipelining_a_refused_recipient_harms_no_other(pipelining: bool) -> None:
    faults = Faults(pipelining=pipelining, rcpt={"reader2@example.org": "550 5.1.1 no such user"})
    async with SmtpServer(faults) as server:
        receipts = await sent(server, *(message(n) for n in (1, 2, 3)))
        assert [r.outcome for r in receipts] == [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.ACCEPTED]
        assert (len(server.messages), server.sessions) == (2, 1)


async def test_pipelined_commands_go_out_in_one_write() -> None:
    """A server that waits for all three before it answers the first would stop a client that waits for each."""
    async with _ServerThatReadsAhead() as port:
        channel = SmtpChannel(SmtpSettings(host="127.0.0.1", port=port, security=Security.NONE, timeout=3.0))
        connection = channel.connection()
        assert (await connection.send(message(1), yes)).outcome is Outcome.ACCEPTED
        await connection.close()


class _ServerThatReadsAhead:
    async def __aenter__(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")
        await reader.readline()
        writer.write(b"250-x\r\n250 PIPELINING\r\n")
        for _ in range(3):
            await reader.readline()
        writer.write(b"250 sender\r\n250 recipient\r\n354 go\r\n")
        await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 ok\r\n")
        await reader.readline()
        writer.write(b"221 bye\r\n")
        writer.close()


async def test_a_connection_that_the_server_has_had_enough_of_is_made_anew_at_once() -> None:
    async with SmtpServer(Faults(per_session=2)) as server:
        receipts = await sent(server, *(message(n) for n in range(5)))
        assert [r.outcome for r in receipts] == [Outcome.ACCEPTED] * 5
        assert server.sessions == 3


async def test_421_at_mail_on_a_new_connection_is_the_servers() -> None:
    async with SmtpServer(Faults(per_session=0)) as server:
        [receipt] = await sent(server, message(1))
        assert (receipt.outcome, receipt.stage, receipt.fault) == (Outcome.UNAVAILABLE, "mail", Fault.SERVER)
        assert server.sessions == 1


@pytest.mark.parametrize(
    ("hello", "domain", "machine", "said"),
    [
        ("mail.example.org", "example.org", "box.example.net", "mail.example.org"),
        ("[192.0.2.7]", "example.org", "box.example.net", "[192.0.2.7]"),
        ("", "example.org", "box.example.net", "box.example.net"),
        ("", "bücher.example", "localhost", "xn--bcher-kva.example"),
        ("", "example.org", "localhost.localdomain", "example.org"),
        ("", "", "box", "[127.0.0.1]"),
        ("", "localhost.localdomain", "1.0.0.127.in-addr.arpa", "[127.0.0.1]"),
    ],
)
async def test_ehlo_says_a_full_name(
    monkeypatch: pytest.MonkeyPatch, hello: str, domain: str, machine: str, said: str
) -> None:
    from digestbot.channels.smtp_login import machine_name

    machine_name.cache_clear()
    monkeypatch.setattr(socket, "getfqdn", lambda: machine)
    async with SmtpServer() as server:
        await sent(server, message(1), hello=hello, domain=domain)
        assert commands(server, "EHLO") == [f"EHLO {said}"]
    machine_name.cache_clear()


async def test_a_server_that_knows_only_helo_is_greeted_so() -> None:
    async with SmtpServer(Faults(ehlo="502 5.5.1 what?")) as server:
        [receipt] = await sent(server, message(1))
        assert receipt.outcome is Outcome.ACCEPTED
        assert len(commands(server, "HELO")) == 1


async def test_a_server_that_refuses_our_name_is_unavailable_in_its_own_words() -> None:
    async with SmtpServer(Faults(ehlo="421 4.7.0 need a real name")) as server:
        [receipt] = await sent(server, message(1))
        assert (receipt.outcome, receipt.stage) == (Outcome.UNAVAILABLE, "connect")
        assert "need a real name" in receipt.text


async def test_a_mail_larger_than_the_server_takes_is_not_offered() -> None:
    async with SmtpServer(Faults(size=50)) as server:
        [receipt] = await sent(server, message(1))
        assert (receipt.outcome, receipt.fault) == (Outcome.REFUSED, Fault.MESSAGE)
        assert commands(server, "MAIL") == []


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def secure(authority: trustme.CA) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    return server, client


async def test_a_password_is_read_again_for_each_connection(authority: trustme.CA, tmp_path: Path) -> None:
    ours, theirs = secure(authority)
    file = tmp_path / "smtp"
    file.write_text("old\n")
    async with SmtpServer(tls=ours, login=("bot", "new")) as server:
        change = {"security": "starttls", "username": "bot", "tls": theirs, "password": "old", "password_file": file}
        channel = SmtpChannel(settings(server, **change))
        before = datetime.now(UTC) - timedelta(days=1)
        assert (await channel.connection().send(message(1), yes)).stage == "auth"
        file.write_text("new\n")
        assert channel.changed_since(before)
        assert not channel.changed_since(datetime.now(UTC) + timedelta(days=1))
        connection = channel.connection()
        assert (await connection.send(message(1), yes)).outcome is Outcome.ACCEPTED
        await connection.close()
        file.unlink()
        assert not channel.changed_since(before)
        assert channel.password() == "old"


@pytest.mark.parametrize(
    "reply",
    [
        "535 5.7.8 USER SECRET rejected",
        "535 5.7.8 no: SECRETSECRET",
        f"535 {base64.b64encode(b's3cret-w0rd').decode()}",
    ],
)
async def test_a_server_that_repeats_the_password_is_not_quoted_with_it(authority: trustme.CA, reply: str) -> None:
    ours, theirs = secure(authority)
    async with SmtpServer(Faults(auth=reply), tls=ours, login=("bot-user", "s3cret-w0rd")) as server:
        change = {"security": "starttls", "username": "bot-user", "tls": theirs, "password": "s3cret-w0rd"}
        [receipt] = await sent(server, message(1), **change)
    assert receipt.fault is Fault.ACCOUNT
    for secret in ("s3cret-w0rd", "bot-user", base64.b64encode(b"s3cret-w0rd").decode()):
        assert secret not in receipt.text
    assert "***" in receipt.text


def test_secrets_are_masked_whole_and_words_stay() -> None:
    assert masked("login of bot failed: pw1", ("bot", "pw1")) == "login of *** failed: ***"
    assert masked("a short name stays in words", ("a", "pw1")) == "a short name stays in words"
    assert masked("nothing to hide", ("", "")) == "nothing to hide"


REPLIES = [  # stage, code, enhanced, text, who is at fault; texts as servers say them in 2024 to 2026
    ("connect", 421, "", "too many connections from your host", Fault.SERVER),
    ("connect", 554, "5.7.1", "Service unavailable; Client host blocked using Spamhaus", Fault.ACCOUNT),
    ("connect", 220, "", "", Fault.SERVER),
    ("tls", 454, "4.7.0", "TLS not available", Fault.SERVER),
    ("auth", 535, "5.7.139", "Authentication unsuccessful, basic authentication is disabled", Fault.ACCOUNT),
    ("auth", 534, "5.7.9", "Application-specific password required", Fault.ACCOUNT),
    ("auth", 535, "5.1.1", "user unknown", Fault.ACCOUNT),
    ("auth", 454, "4.7.0", "Too many login attempts, please try again later", Fault.SERVER),
    ("auth", 432, "4.7.12", "A password transition is needed", Fault.ACCOUNT),
    ("mail", 550, "5.1.1", "Sender address rejected", Fault.ACCOUNT),
    ("mail", 553, "5.1.3", "", Fault.ACCOUNT),
    ("mail", 550, "5.2.1", "mailbox disabled", Fault.ACCOUNT),
    ("mail", 530, "5.7.57", "Client not authenticated to send mail", Fault.ACCOUNT),
    ("mail", 552, "5.3.4", "too big", Fault.MESSAGE),
    ("mail", 452, "4.3.1", "Insufficient system storage", Fault.SERVER),
    ("mail", 421, "4.7.0", "[TSS04] Messages temporarily deferred due to unexpected volume or user complaints", Fault.SERVER),
    ("mail", 553, "5.7.1", "[BL21] Connections will not be accepted", Fault.ACCOUNT),
    ("mail", 451, "4.7.500", "Server busy. Please try again later", Fault.SERVER),
    ("mail", 450, "4.1.8", "Sender address rejected: Domain not found", Fault.ACCOUNT),
    ("rcpt", 421, "4.7.0", "try again", Fault.LATER),
    ("rcpt", 450, "4.7.1", "Greylisted", Fault.LATER),
    ("rcpt", 450, "4.2.1", "The user you are trying to contact is receiving mail too quickly", Fault.LATER),
    ("rcpt", 452, "4.2.2", "The recipient's inbox is out of storage space and over quota", Fault.LATER),
    ("rcpt", 550, "5.1.1", "The email account that you tried to reach does not exist", Fault.RECIPIENT),
    ("rcpt", 550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", Fault.RECIPIENT),
    ("rcpt", 550, "", "No such user here", Fault.RECIPIENT),
    ("rcpt", 550, "5.2.1", "The email account that you tried to reach is inactive", Fault.RECIPIENT),
    ("rcpt", 556, "5.1.10", "Recipient address has a null MX", Fault.RECIPIENT),
    ("rcpt", 552, "5.2.2", "The email account that you tried to reach is over quota", Fault.MAILBOX),
    ("rcpt", 550, "5.4.1", "Recipient address rejected: Access denied", Fault.MAILBOX),
    ("rcpt", 550, "5.5.0", "Requested action not taken: mailbox unavailable", Fault.MAILBOX),
    ("rcpt", 552, "", "User account quota exceeded", Fault.MAILBOX),
    ("rcpt", 554, "5.7.1", "<address>: Relay access denied", Fault.ACCOUNT),
    ("rcpt", 553, "", "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", Fault.ACCOUNT),
    ("rcpt", 550, "5.1.1", "Sender rejected", Fault.ACCOUNT),
    ("rcpt", 450, "4.1.8", "Sender address rejected: Domain not found", Fault.ACCOUNT),
    ("rcpt", 504, "5.5.2", "<localhost>: Helo command rejected: need fully-qualified hostname", Fault.ACCOUNT),
    ("rcpt", 550, "5.1.8", "Access denied, bad outbound sender", Fault.ACCOUNT),
    ("rcpt", 550, "5.7.705", "Access denied, tenant has exceeded threshold", Fault.ACCOUNT),
    ("rcpt", 550, "5.7.708", "Access denied, traffic not accepted from this IP", Fault.ACCOUNT),
    ("rcpt", 550, "5.7.1", "blocked", Fault.POLICY),
    ("rcpt", 550, "5.1.90", "Your message can't be sent because you've reached your daily limit", Fault.QUOTA),
    ("rcpt", 550, "5.7.232", "Your message can't be sent because your trial tenant has exceeded its daily limit", Fault.QUOTA),
    ("rcpt", 550, "5.4.5", "Daily user sending limit exceeded", Fault.QUOTA),
    ("rcpt", 451, "4.7.1", "Hourly sending limit exceeded", Fault.QUOTA),
    ("data", 421, "4.3.2", "shutting down", Fault.SERVER),
    ("data", 451, "4.3.0", "later", Fault.LATER),
    ("dot", 550, "5.7.60", "Client does not have permissions to send as this sender", Fault.ACCOUNT),
    ("dot", 554, "", "Message rejected: Email address is not verified", Fault.ACCOUNT),
    ("dot", 550, "5.7.515", "Access denied, sending domain does not meet the required authentication level", Fault.ACCOUNT),
    ("dot", 550, "5.7.509", "Access denied, sending domain does not pass DMARC verification", Fault.ACCOUNT),
    ("dot", 550, "5.7.26", "This mail has been blocked because the sender is unauthenticated", Fault.ACCOUNT),
    ("dot", 550, "5.7.27", "SPF check did not pass", Fault.ACCOUNT),
    ("dot", 550, "5.7.30", "DKIM check did not pass", Fault.ACCOUNT),
    ("dot", 550, "5.7.40", "Your email has been blocked because there is no DMARC record", Fault.ACCOUNT),
    ("dot", 550, "5.7.1", "Unauthenticated email is not accepted due to the domain's DMARC policy", Fault.ACCOUNT),
    ("dot", 550, "5.7.1", "Our system has detected that this message is likely unsolicited mail", Fault.POLICY),
    ("dot", 552, "5.7.0", "This message was blocked because its content presents a potential security issue", Fault.POLICY),
    ("dot", 454, "", "Throttling failure: Daily message quota exceeded.", Fault.QUOTA),
    ("dot", 454, "", "Throttling failure: Maximum sending rate exceeded.", Fault.LATER),
    ("dot", 452, "4.3.1", "disk full", Fault.LATER),
    ("dot", 552, "5.3.4", "message too big", Fault.MESSAGE),
    ("dot", 554, "5.6.0", "malformed", Fault.MESSAGE),
]  # fmt: skip


@rows(("stage", "code", "enhanced", "text", "fault"), REPLIES)
def test_who_is_at_fault_is_known(stage: str, code: int, enhanced: str, text: str, fault: Fault) -> None:
    assert fault_of(stage, code, enhanced, text) is fault


def test_every_row_of_the_table_decides_something_and_every_reply_has_a_row() -> None:
    stages = ("connect", "tls", "auth", "mail", "rcpt", "data", "dot")
    for stage in stages:
        for code in range(600):
            assert fault_of(stage, code) in Fault
            if stage in ("connect", "tls", "auth", "mail"):
                assert fault_of(stage, code, "5.1.1", "no such user") not in (Fault.RECIPIENT, Fault.MAILBOX)
    used = {next(i for i, row in enumerate(TABLE) if row.fits(s, c, e, t)) for s, c, e, t, _ in REPLIES}
    assert len(used) >= len(TABLE) * 0.7


def test_a_reply_becomes_a_receipt_whose_outcome_follows_from_the_fault() -> None:
    receipt = receipt_of(SendStage.RCPT, 550, "5.1.1 <reader@example.org> unknown")
    assert (receipt.outcome, receipt.fault, receipt.enhanced) == (Outcome.REFUSED, Fault.RECIPIENT, "5.1.1")
    assert "reader" not in receipt.text
