"""Channel `smtp`, on aiosmtplib, command by command.

The final dot is a step of its own. aiosmtplib writes body and dot at once, so that a connection lost in the middle of
the body (certainly not delivered) and one lost after the dot (nobody knows) look alike. Here the body goes out first,
we wait until it has left and about one round trip more, look whether the connection still stands, write `committing`
into the database, and only then send the dot. An error after it that is no answer of the server is UNKNOWN; RFC 5321
4.5.3.2.6 asks us to wait ten minutes for that answer.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import ssl
import time
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar

from digestbot.channels import Commit
from digestbot.model import Message, Outcome, Receipt

_ENHANCED = re.compile(r"\A([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS = re.compile(r"<?(?<![^\s<>])[^\s<>]+@[^\s<>]+>?")
SHORTEST, LONGEST = 0.001, 0.25  #: seconds of the wait after the body


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """How to reach a mail server."""

    host: str
    port: int = 587
    security: str = "starttls"  #: tls | starttls | none
    username: str = ""
    password: str = field(default="", repr=False)
    connections: int = 4
    rate: float | None = None  #: messages per second over all lines
    timeout: float = 60.0  #: seconds for one answer
    dot_timeout: float = 600.0  #: seconds for the answer to the dot
    messages_per_connection: int = 100  #: relays like to close long ones in mid-run
    tls: ssl.SSLContext | None = field(default=None, repr=False)  #: None: the system's roots, verified


class SmtpChannel:
    """The contract is `channels.Channel`."""

    contract: ClassVar[int] = 1

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings
        self.connections = settings.connections
        # made once: reading the system's roots takes 50 ms
        self.tls = None if settings.security == "none" else settings.tls or ssl.create_default_context()
        self._next = 0.0

    @classmethod
    def from_config(cls, config: Any) -> SmtpChannel:
        """From the checked configuration."""
        smtp = config.smtp
        return cls(
            SmtpSettings(
                host=smtp.host, port=smtp.port, security=smtp.security, username=smtp.username,
                password=smtp.password.reveal() if smtp.password else "", connections=smtp.connections, rate=smtp.rate,
            )
        )  # fmt: skip

    def connection(self) -> SmtpConnection:
        """One connection."""
        return SmtpConnection(self)

    async def __aenter__(self) -> SmtpChannel:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def turn(self) -> None:
        """Wait until the rate allows one more message."""
        if self.settings.rate is None:
            return
        now = time.monotonic()
        at = max(self._next, now)
        self._next = at + 1 / self.settings.rate
        await asyncio.sleep(at - now)


class _Answered(Exception):  # not an error: a reply that ends this message
    """The receipt of a message that ended before its dot."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.text)
        self.receipt = receipt


class SmtpConnection:
    """The contract is `channels.Connection`."""

    def __init__(self, channel: SmtpChannel) -> None:
        self._channel, self._settings = channel, channel.settings
        self._smtp: Any = None
        self._used = 0
        self._round_trip = SHORTEST

    async def send(self, message: Message, commit: Commit) -> Receipt:
        """One message."""
        await self._channel.turn()
        try:
            await self._ready()
            await self._envelope(message)
            await self._body(message.data)
        except _Answered as ended:
            await self._after(ended.receipt)
            return ended.receipt
        if not await self._commit(commit):
            self._drop()  # in the middle of DATA there is no other way to say "forget it"
            return Receipt(outcome=Outcome.WITHHELD, stage="dot")
        receipt = await self._dot(message)
        await self._after(receipt)
        return receipt

    async def _commit(self, commit: Commit) -> bool:
        """The mark; a line that was lost while it was written must not send."""
        try:
            return await commit()
        except BaseException:
            self._drop()
            raise

    # --- steps -------------------------------------------------------------------------------------------------

    async def _ready(self) -> None:
        """A connection that stands, with TLS and login as asked for."""
        if self._smtp is not None and (
            not self._smtp.is_connected or self._used >= self._settings.messages_per_connection
        ):
            await self.close()
        if self._smtp is None:
            await self._connect()
        self._used += 1

    async def _connect(self) -> None:
        import aiosmtplib

        s = self._settings
        context = self._channel.tls
        smtp = aiosmtplib.SMTP(
            hostname=s.host, port=s.port, timeout=s.timeout, use_tls=s.security == "tls", start_tls=False,
            tls_context=context,
        )  # fmt: skip
        stage = "connect"
        try:
            await smtp.connect()
            await smtp.ehlo()
            if s.security == "starttls":
                stage = "tls"
                if not smtp.supports_extension("starttls"):
                    raise _Answered(self._down("tls", "the server offers no STARTTLS, and we never send without it"))
                await smtp.starttls(tls_context=context)
                await smtp.ehlo()
            if s.username:
                stage = "auth"
                if s.security == "none" and not is_loopback(s.host):
                    raise _Answered(self._down("auth", "no credentials without TLS"))
                await smtp.login(s.username, s.password)
        except _Answered:
            smtp.close()
            raise
        except aiosmtplib.SMTPResponseException as error:
            smtp.close()
            raise _Answered(self._down(stage, str(error.message), error.code)) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ssl.SSLError) as error:
            smtp.close()
            raise _Answered(self._down(stage, said(error))) from error
        self._smtp, self._used = smtp, 0

    async def _envelope(self, message: Message) -> None:
        for stage, command, ready in (
            ("mail", (b"MAIL", b"FROM:<" + message.sender.encode() + b">"), (250,)),
            ("rcpt", (b"RCPT", b"TO:<" + message.recipient.encode() + b">"), (250, 251)),
            ("data", (b"DATA",), (354,)),
        ):
            began = time.monotonic()
            reply = await self._answer(stage, self._smtp.execute_command(*command))
            self._round_trip = time.monotonic() - began
            if reply.code not in ready:
                raise _Answered(refusal(stage, reply.code, reply.message))

    async def _answer(self, stage: str, reply: Awaitable[Any]) -> Any:
        """A reply before the dot. Without one nothing was delivered: the server is to blame, not the message."""
        from aiosmtplib import SMTPException

        try:
            return await reply
        except (SMTPException, OSError, TimeoutError) as error:
            raise _Answered(self._down(stage, said(error))) from error

    async def _body(self, data: bytes) -> None:
        """All but the dot; returns when it has left us and the connection still stands."""
        stuffed = data.replace(b"\r\n.", b"\r\n..") if b"\r\n." in data else data
        if stuffed[:1] == b".":
            stuffed = b"." + stuffed
        transport = self._smtp.transport
        if transport is None or transport.is_closing():
            raise _Answered(self._down("data", "the connection was lost before the body"))
        transport.write(stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")
        deadline = time.monotonic() + self._settings.timeout
        while transport.get_write_buffer_size() and not transport.is_closing():
            if time.monotonic() > deadline:
                raise _Answered(self._down("data", "the server stopped reading"))
            await asyncio.sleep(0.002)
        # a server that dropped us in mid-body is seen to have done so about one round trip later
        await asyncio.sleep(min(max(self._round_trip, SHORTEST), LONGEST))
        if transport.is_closing() or not self._smtp.is_connected:
            raise _Answered(self._down("data", "the connection was lost in the body"))

    async def _dot(self, message: Message) -> Receipt:
        """The unknowable moment. Cancelling waits for the answer: a receipt is worth more than a quick end."""
        task = asyncio.ensure_future(self._smtp.execute_command(b".", timeout=self._settings.dot_timeout))
        try:
            reply = await asyncio.shield(task)
        except asyncio.CancelledError:
            with suppress(Exception):
                reply = await asyncio.wait_for(task, 10.0)
                return self._dotted(reply)
            raise
        except Exception as error:  # whatever it was: the dot went out, and no answer came back
            self._drop()
            return Receipt(outcome=Outcome.UNKNOWN, stage="dot", text=said(error))
        return self._dotted(reply)

    def _dotted(self, reply: Any) -> Receipt:
        if 200 <= reply.code < 300:
            return Receipt(outcome=Outcome.ACCEPTED, stage="dot", code=reply.code, **_parts(reply.message))
        return refusal("dot", reply.code, reply.message)

    async def _after(self, receipt: Receipt) -> None:
        """After a refusal the line is made ready for the next message; a broken one is dropped."""
        if self._smtp is None or receipt.outcome is Outcome.ACCEPTED:
            return
        if receipt.outcome in (Outcome.DEFERRED, Outcome.REFUSED) and self._smtp.is_connected:
            if receipt.stage == "dot":
                return
            with suppress(Exception):  # a server that breaks here is met again with the next message
                await self._smtp.execute_command(b"RSET", timeout=10.0)
                return
        self._drop()

    def _down(self, stage: str, text: str, code: int | None = None) -> Receipt:
        return Receipt(outcome=Outcome.UNAVAILABLE, stage=stage, code=code, **_parts(text))

    def _drop(self) -> None:
        if self._smtp is not None:
            transport = self._smtp.transport
            if transport is not None:
                transport.abort()  # close() would flush what is buffered
            self._smtp.close()
            self._smtp = None

    async def close(self) -> None:
        """QUIT, or not."""
        if self._smtp is None:
            return
        with suppress(Exception):  # leaving is never a reason to fail
            await asyncio.wait_for(self._smtp.quit(), 2.0)
        with suppress(Exception):
            self._smtp.close()
        self._smtp = None


def refusal(stage: str, code: int, text: str) -> Receipt:
    """A reply that is no yes. 421 is the server's, 4xx is for later, 5xx is for good. Pure."""
    outcome = Outcome.UNAVAILABLE if code == 421 else Outcome.DEFERRED if 400 <= code < 500 else Outcome.REFUSED
    return Receipt(outcome=outcome, stage=stage, code=code, **_parts(text))


def _parts(text: str) -> dict[str, str]:
    """The enhanced status (RFC 2034) and the words, without control characters and addresses."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    found = _ENHANCED.match(plain)
    return {"enhanced": found.group(1) if found else "", "text": _ADDRESS.sub("<address>", plain)[:300]}


def said(error: BaseException) -> str:
    """What an exception says, for a receipt."""
    return str(error).strip() or type(error).__name__


def is_loopback(host: str) -> bool:
    """This machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
