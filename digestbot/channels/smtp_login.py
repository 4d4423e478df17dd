"""Connect, greet, encrypt and log in: what happens once for each SMTP connection. On aiosmtplib."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from digestbot.errors import MessageError
from digestbot.mail.addresses import ascii_domain
from digestbot.model import Fault, Security, SendStage


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What one connection needs to know."""

    host: str
    port: int
    security: Security
    tls: ssl.SSLContext | None
    username: str
    password: str = field(repr=False)
    hello: str
    domain: str
    timeout: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeted:
    """A connection that is ready for MAIL."""

    transport: asyncio.Transport
    offers: frozenset[str]  #: names of ESMTP extensions, upper case
    size_limit: int  #: octets, RFC 1870; 0: none is said


class LoginFailed(Exception):
    """Which step failed, with the server's code and words; `fault` where no reply says it."""

    def __init__(self, stage: SendStage, text: str, code: int | None = None, fault: Fault | None = None) -> None:
        super().__init__(text)
        self.stage, self.text, self.code, self.fault = stage, text, code, fault


async def log_in(login: Login) -> Greeted:
    """A connection with TLS and login as asked for. Raises LoginFailed."""
    import aiosmtplib

    smtp = aiosmtplib.SMTP(
        hostname=login.host, port=login.port, timeout=login.timeout, use_tls=login.security == Security.TLS, start_tls=False,
        tls_context=login.tls,
    )  # fmt: skip
    stage = SendStage.CONNECT
    try:
        await smtp.connect()
        await _greet(smtp, login)
        if login.security == Security.STARTTLS:
            stage = SendStage.TLS
            await _start_tls(smtp, login)
        if login.username:
            stage = SendStage.AUTH
            await _authenticate(smtp, login)
    except LoginFailed:
        smtp.close()
        raise
    except aiosmtplib.SMTPResponseException as error:
        smtp.close()
        raise LoginFailed(stage, str(error.message), error.code) from error
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ssl.SSLError, ValueError) as error:
        smtp.close()
        raise LoginFailed(stage, said(error), fault=Fault.SERVER) from error
    transport = smtp.transport
    if transport is None or transport.is_closing():
        smtp.close()
        raise LoginFailed(stage, "the server closed the connection", fault=Fault.SERVER)
    return Greeted(
        transport=transport,  # type: ignore[arg-type]  # of a TCP connection it can be written to
        offers=frozenset(name.upper() for name in smtp.esmtp_extensions),
        size_limit=_size(smtp.esmtp_extensions.get("size", "")),
    )


async def _greet(smtp: Any, login: Login) -> None:
    """EHLO; HELO where the server does not know it (RFC 5321 3.2)."""
    import aiosmtplib

    name = login.hello or await asyncio.to_thread(machine_name) or _domain(login.domain) or _literal(smtp)
    try:
        await smtp.ehlo(hostname=name)
    except aiosmtplib.SMTPHeloError as error:
        if error.code not in (500, 501, 502, 503, 504, 550):
            raise
        await smtp.helo(hostname=name)


async def _start_tls(smtp: Any, login: Login) -> None:
    if not smtp.supports_extension("starttls"):
        raise LoginFailed(
            SendStage.TLS, "the server offers no STARTTLS, and we never send without it", fault=Fault.SERVER
        )
    await smtp.starttls(tls_context=login.tls)
    await _greet(smtp, login)


async def _authenticate(smtp: Any, login: Login) -> None:
    if login.security == Security.NONE and not is_loopback(login.host):
        raise LoginFailed(SendStage.AUTH, "no credentials without TLS", fault=Fault.ACCOUNT)
    await smtp.login(login.username, login.password)


@cache
def machine_name() -> str:
    """The machine's full name where it has one that others may know; "" otherwise."""
    name = socket.getfqdn().rstrip(".")
    return name if "." in name and not name.startswith("localhost") and not name.endswith(".arpa") else ""


def _domain(domain: str) -> str:
    try:
        found = ascii_domain(domain) if domain else ""
    except MessageError:
        return ""
    return found if "." in found and not found.startswith("localhost") else ""


def _literal(smtp: Any) -> str:
    """Our end of the connection as an address literal (RFC 5321 4.1.3)."""
    name = smtp.transport.get_extra_info("sockname") if smtp.transport else None
    host = str(name[0]) if name else "127.0.0.1"
    return f"[IPv6:{host}]" if ":" in host else f"[{host}]"


def _size(said: str) -> int:
    first = said.split()[:1]
    return int(first[0]) if first and first[0].isdigit() and len(first[0]) < 19 else 0


def said(error: BaseException) -> str:
    """What an exception says, for a receipt."""
    return str(error).strip() or type(error).__name__


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
