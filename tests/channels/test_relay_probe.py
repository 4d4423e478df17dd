"""A look at a mail server: what protects the connection, and why it cannot be looked at. And one question to a clock."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
import time

import pytest
import trustme

from digestbot.channels.relay_probe import RelayState, probe_relay
from digestbot.model import Security
from digestbot.testing.smtp_server import Faults, SmtpServer
from digestbot.transport.sntp import clock_offset


async def probed(server: SmtpServer, security: Security, context: ssl.SSLContext | None = None) -> RelayState:
    return await asyncio.to_thread(probe_relay, "127.0.0.1", server.port, security, context=context)


async def test_starttls_is_opened_and_its_certificate_looked_at() -> None:
    authority = trustme.CA()
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with SmtpServer(tls=server_side) as server:
        seen = await probed(server, Security.STARTTLS, trusting)
        assert (seen.tls, seen.error) == ("TLSv1.3", "")
        assert seen.expires is not None
        assert "certificate is not valid" in (await probed(server, Security.STARTTLS)).error


async def test_without_tls_and_without_a_server_it_says_so() -> None:
    async with SmtpServer() as server:
        assert await probed(server, Security.NONE) == RelayState()
        assert (await probed(server, Security.STARTTLS)).error == "it offers no STARTTLS"
    async with SmtpServer(Faults(banner="554 no")) as server:
        assert "554" in (await probed(server, Security.NONE)).error
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        free = bound.getsockname()[1]
    assert probe_relay("127.0.0.1", free, Security.NONE).error == "Connection refused"


def answering(answer: bytes) -> int:
    """The port of a time server that answers once."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        with server:
            _, asker = server.recvfrom(512)
            server.sendto(answer, asker)

    threading.Thread(target=serve, daemon=True).start()
    port: int = server.getsockname()[1]
    return port


def test_the_clock_is_compared_with_a_time_server() -> None:
    ahead = struct.pack("!II", int(time.time()) + 2_208_988_800 + 3600, 0)
    port = answering(b"\x24\x02" + b"\x00" * 38 + ahead)
    assert 3500 < clock_offset("127.0.0.1", port=port).total_seconds() < 3700


@pytest.mark.parametrize("answer", [b"", b"\x24\x00" + b"\x00" * 46, b"\xe4\x02" + b"\x00" * 46])
def test_a_time_server_without_time_is_no_clock(answer: bytes) -> None:
    with pytest.raises(ValueError, match="no time"):
        clock_offset("127.0.0.1", port=answering(answer))
