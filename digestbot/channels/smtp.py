"""Channel `smtp`: a pool of connections to one mail server, each with one message on its way.

The final dot is a step of its own. The body goes out first; when it has left and about one round trip has passed, the
connection is looked at, `committing` is written into the database, and only then the dot is sent. A connection lost in
the body has certainly not delivered; after the dot, anything that is no answer of the server is UNKNOWN. RFC 5321
4.5.3.2.6 asks us to wait ten minutes for that answer.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

from digestbot.channels import Commit
from digestbot.channels.reply_faults import OUTCOMES, is_final, is_yes
from digestbot.channels.smtp_login import Login, LoginFailed, is_loopback, log_in
from digestbot.channels.smtp_wire import ConnectionLost, Reply, SmtpWire
from digestbot.channels.smtp_words import receipt_of, without_reply
from digestbot.errors import MessageError
from digestbot.mail.addresses import envelope_address, needs_smtputf8
from digestbot.model import Fault, Message, Outcome, Receipt, Security, SendStage
from digestbot.system.crash_points import CrashPoint, crash_at

__all__ = ["SmtpChannel", "SmtpConnection", "SmtpSettings", "is_loopback"]

SHORTEST, LONGEST = 0.001, 0.25  #: seconds of the wait after the body
STEPS = (SendStage.MAIL, SendStage.RCPT, SendStage.DATA)
LAST_WAIT = 2.0  #: seconds for the answer to a dot after we are cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """How to reach a mail server."""

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    password_file: Path | None = None  #: read again for each connection: a password may be rotated
    hello: str = ""  #: our name in EHLO; "": the machine's full name, else `domain`, else its address
    domain: str = ""  #: of the sender
    connections: int = 4
    rate: float | None = None  #: messages per second over all connections
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
        self.tls = None if settings.security == Security.NONE else settings.tls or ssl.create_default_context()
        self._next = 0.0

    @classmethod
    def from_config(cls, config: Any) -> SmtpChannel:
        """From the checked configuration."""
        smtp = config.smtp
        return cls(
            SmtpSettings(
                host=smtp.host, port=smtp.port, security=smtp.security, username=smtp.username,
                password=smtp.password.reveal() if smtp.password else "", password_file=smtp.password_file,
                hello=smtp.hello, domain=(smtp.sender or config.delivery.sender).rpartition("@")[2].rstrip("> "),
                connections=smtp.connections, rate=smtp.rate,
            )
        )  # fmt: skip

    def connection(self) -> SmtpConnection:
        """A connection; it opens with its first message."""
        return SmtpConnection(self)

    def changed_since(self, moment: datetime) -> bool:
        """Whether the password's file was written after `moment`: then a refused login is worth another try."""
        try:
            path = self.settings.password_file
            return path is not None and datetime.fromtimestamp(path.stat().st_mtime, UTC) > moment
        except OSError:
            return False

    def password(self) -> str:
        """As its file says now; the last known one when the file cannot be read."""
        path = self.settings.password_file
        with suppress(OSError, UnicodeDecodeError):
            if path is not None:
                return path.read_text(encoding="utf-8").strip()
        return self.settings.password

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


class _Ended(Exception):  # not an error: a message that ended before its dot
    """The receipt of that message."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.text)
        self.receipt = receipt


class SmtpConnection:
    """The contract is `channels.Connection`."""

    def __init__(self, channel: SmtpChannel) -> None:
        self._channel, self._settings = channel, channel.settings
        self._wire: SmtpWire | None = None
        self._offers: frozenset[str] = frozenset()
        self._size_limit = 0
        self._secrets: tuple[str, ...] = ()
        self._used = 0
        self._round_trip = SHORTEST

    async def send(self, message: Message, commit: Commit) -> Receipt:
        """Hand one message over."""
        await self._channel.turn()
        try:
            wire = await self._open_envelope(message)
            await self._write_body(wire, message.data)
        except _Ended as ended:
            await self._after(ended.receipt)
            return ended.receipt
        except asyncio.CancelledError:  # in the middle of a command or of the body a QUIT would be waited for in vain
            self._abort()
            raise
        crash_at(CrashPoint.AFTER_BODY)
        if not await self._commit(commit):
            self._abort()  # in the middle of DATA there is no other way to say "forget it"
            return Receipt(outcome=Outcome.WITHHELD, stage=SendStage.DOT)
        receipt = await self._send_dot(wire)
        await self._after(receipt)
        return receipt

    async def close(self) -> None:
        """Close the connection, with QUIT where the server still answers."""
        if self._wire is not None:
            wire, self._wire = self._wire, None
            await wire.quit(2.0)

    # --- steps

    async def _open_envelope(self, message: Message) -> SmtpWire:
        """MAIL, RCPT and DATA on an open connection.

        A server may close a connection that was used before, with 421 or without a word. That says nothing about this
        message: it goes over a new connection at once.
        """
        used = self._wire is not None
        try:
            return await self._envelope(message)
        except _Ended as ended:
            lost = ended.receipt.code in (None, 421) and ended.receipt.fault is Fault.SERVER
            if not (used and ended.receipt.stage == SendStage.MAIL and lost):
                raise
        self._abort()
        return await self._envelope(message)

    async def _envelope(self, message: Message) -> SmtpWire:
        commands = self._commands(message)
        wire = await self._ready()
        self._check_extensions(message)
        replies = await self._ask(wire, commands)
        for stage, reply in zip(STEPS, replies, strict=False):
            if isinstance(reply, str):
                raise _Ended(self._lost(stage, reply))
            if not is_yes(stage, reply.code):
                if replies[-1] is not reply and isinstance(last := replies[-1], Reply) and last.code == 354:
                    self._abort()  # it waits for a body that must not come
                raise _Ended(self._refused(stage, reply))
        return wire

    def _commands(self, message: Message) -> list[bytes]:
        try:
            sender, recipient = envelope_address(message.sender), envelope_address(message.recipient)
        except MessageError as error:
            raise _Ended(
                Receipt(outcome=Outcome.REFUSED, stage=SendStage.MAIL, text=str(error), fault=Fault.MESSAGE)
            ) from error
        extra = " SMTPUTF8" if needs_smtputf8(sender) or needs_smtputf8(recipient) else ""
        return [f"MAIL FROM:<{sender}>{extra}\r\n".encode(), f"RCPT TO:<{recipient}>\r\n".encode(), b"DATA\r\n"]

    def _check_extensions(self, message: Message) -> None:
        """Refuse here what the server has said it does not take."""
        utf8 = needs_smtputf8(message.recipient) or needs_smtputf8(message.sender)
        if utf8 and "SMTPUTF8" not in self._offers:
            text = "the address needs SMTPUTF8, which the mail server does not offer"
            raise _Ended(Receipt(outcome=Outcome.REFUSED, stage=SendStage.MAIL, text=text, fault=Fault.MESSAGE))
        if 0 < self._size_limit < len(message.data):
            text = f"the mail has {len(message.data)} octets, the mail server takes {self._size_limit}"
            raise _Ended(Receipt(outcome=Outcome.REFUSED, stage=SendStage.MAIL, text=text, fault=Fault.MESSAGE))

    async def _ask(self, wire: SmtpWire, commands: list[bytes]) -> list[Reply | str]:
        """The reply to each command, a text where the connection was lost; nothing after a loss.

        With PIPELINING all are written at once and there is one wait; without, a command follows a yes.
        """
        at_once = "PIPELINING" in self._offers
        replies: list[Reply | str] = []
        began = time.monotonic()
        try:
            if at_once:
                wire.write(b"".join(commands))
            for stage, command in zip(STEPS, commands, strict=True):
                if not at_once:
                    began = time.monotonic()
                    wire.write(command)
                replies.append(reply := await wire.read_reply(self._settings.timeout))
                if stage is SendStage.MAIL or not at_once:
                    self._round_trip = time.monotonic() - began
                if not at_once and not is_yes(stage, reply.code):
                    break
        except ConnectionLost as lost:
            replies.append(str(lost))
        return replies

    async def _ready(self) -> SmtpWire:
        """A connection that stands, with TLS and login as asked for."""
        if self._wire is not None and (
            not self._wire.is_open or self._wire.has_reply or self._used >= self._settings.messages_per_connection
        ):
            await self.close()
        if self._wire is None:
            self._wire, self._used = await self._connect(), 0
        self._used += 1
        return self._wire

    async def _connect(self) -> SmtpWire:
        """A new connection after its login. Raises _Ended."""
        s, password = self._settings, self._channel.password()
        self._secrets = (s.username, password)
        login = Login(
            host=s.host, port=s.port, security=s.security, tls=self._channel.tls, username=s.username, password=password,
            hello=s.hello, domain=s.domain, timeout=s.timeout,
        )  # fmt: skip
        try:
            greeted = await log_in(login)
        except LoginFailed as failed:
            raise _Ended(receipt_of(failed.stage, failed.code, failed.text, self._secrets, failed.fault)) from failed
        self._offers, self._size_limit = greeted.offers, greeted.size_limit
        return SmtpWire(greeted.transport)

    async def _write_body(self, wire: SmtpWire, data: bytes) -> None:
        """All but the dot; returns when it has left us and the connection still stands."""
        stuffed = data.replace(b"\r\n.", b"\r\n..") if b"\r\n." in data else data
        if stuffed[:1] == b".":
            stuffed = b"." + stuffed
        try:
            wire.write(stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")
            await wire.drain(self._settings.timeout)
        except ConnectionLost as lost:
            raise _Ended(self._lost(SendStage.BODY, str(lost))) from lost
        # a server that dropped us in the body is seen to have done so about one round trip later
        await wire.watch(min(max(self._round_trip, SHORTEST), LONGEST))
        if wire.has_reply:  # it says no before it has read the body: without a dot there is nothing to deliver
            reply = await wire.read_reply(1.0)
            self._abort()
            raise _Ended(
                self._refused(SendStage.DOT, reply) if reply.code >= 400 else self._lost(SendStage.BODY, reply.text)
            )
        if not wire.is_open:
            raise _Ended(self._lost(SendStage.BODY, "the connection was lost in the body"))

    async def _commit(self, commit: Commit) -> bool:
        """Record `committing`; if that fails or is cancelled, drop the connection."""
        try:
            return await commit()
        except BaseException:
            self._abort()
            raise

    async def _send_dot(self, wire: SmtpWire) -> Receipt:
        """The unknowable moment. Cancelling waits for the answer: a receipt is worth more than a quick end."""
        crash_at(CrashPoint.BEFORE_DOT)
        try:
            wire.write(b".\r\n")
            try:
                await wire.drain(self._settings.timeout)
                crash_at(CrashPoint.AFTER_DOT)
                reply = await wire.read_reply(self._settings.dot_timeout)
            except asyncio.CancelledError:
                reply = await self._last_answer(wire)
        except ConnectionLost as lost:
            self._abort()
            return Receipt(outcome=Outcome.UNKNOWN, stage=SendStage.DOT, text=without_reply(str(lost), self._secrets))
        return self._final_reply(reply)

    async def _last_answer(self, wire: SmtpWire) -> Reply:
        """The answer to a dot after we are cancelled. Without one that ends here; a lost connection says so."""
        try:
            return await asyncio.wait_for(wire.read_reply(self._settings.dot_timeout), LAST_WAIT)
        except TimeoutError:
            self._abort()  # a server that hangs would not answer QUIT either
            raise asyncio.CancelledError from None

    def _final_reply(self, reply: Reply) -> Receipt:
        if not is_final(reply.code):  # 150, 354, 999, no number at all: the dot went out, and this is no answer
            self._abort()
            text = without_reply(f"no answer that SMTP knows: {reply.code} {reply.text}", self._secrets)
            return Receipt(outcome=Outcome.UNKNOWN, stage=SendStage.DOT, code=reply.code, text=text)
        if is_yes("dot", reply.code):
            receipt = receipt_of(SendStage.DOT, reply.code, reply.text, self._secrets, Fault.LATER)
            return Receipt(
                outcome=Outcome.ACCEPTED,
                stage=SendStage.DOT,
                code=reply.code,
                enhanced=receipt.enhanced,
                text=receipt.text,
            )
        return self._refused(SendStage.DOT, reply)

    async def _after(self, receipt: Receipt) -> None:
        """After a refusal the connection is made ready for the next message; a broken one is dropped."""
        if self._wire is None or receipt.outcome is Outcome.ACCEPTED:
            return
        answered = receipt.code is not None and receipt.code != 421 and is_final(receipt.code)
        if answered and self._wire.is_open and await self._reset(self._wire, receipt):
            return
        if receipt.code is None and receipt.fault is Fault.MESSAGE:
            return  # refused here: the server was asked nothing
        self._abort()

    async def _reset(self, wire: SmtpWire, receipt: Receipt) -> bool:
        """RSET after a refusal before the dot; whether the connection may be used on."""
        if receipt.stage == SendStage.DOT:
            return True
        try:
            wire.write(b"RSET\r\n")
            return (await wire.read_reply(10.0)).code == 250
        except ConnectionLost:  # a server that breaks here is met again with the next message
            return False

    def _refused(self, stage: SendStage, reply: Reply) -> Receipt:
        return receipt_of(stage, reply.code, reply.text, self._secrets)

    def _lost(self, stage: SendStage, text: str) -> Receipt:
        words = without_reply(text, self._secrets)
        return Receipt(outcome=OUTCOMES[Fault.SERVER], stage=stage, text=words, fault=Fault.SERVER)

    def _abort(self) -> None:
        if self._wire is not None:
            self._wire.abort()
            self._wire = None
