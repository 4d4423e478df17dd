"""A real SMTP server for tests and the demo, which misbehaves on demand.

In a program: `async with SmtpServer() as server: … server.messages`. As a process, for tests that kill its client:
`python -m digestbot.testing.smtp_server --out DIR` prints its port and keeps every accepted message as a file.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import signal
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One message that the server accepted."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes


@dataclass(slots=True, kw_only=True)
class Faults:
    """What to do wrong. Replies are whole lines without CRLF; "" is no fault; "drop" closes the connection, "hang" never comes."""

    banner: str = ""
    ehlo: str = ""  #: a reply in place of the extensions; "502 …": only HELO is known
    mail: str = ""
    per_session: int = 1_000_000  #: messages of one connection; then MAIL gets 421 and the connection closes
    rcpt: Mapping[str, str] = field(default_factory=dict)  #: by address
    data: str = ""  #: "drop": in the middle of the body
    dot: str = (
        ""  #: a reply in place of 250; "drop": lost after the dot, not taken; "take-drop": taken, then lost; "hang"
    )
    accepted: str = "250 2.0.0 queued"  #: the yes to a mail that was taken
    auth: str = ""  #: "SECRET" and "USER" in it become what the client sent
    smtputf8: bool = False  #: offered
    pipelining: bool = True  #: offered
    size: int = 0  #: offered, octets
    starttls: bool = True  #: offered, when there is a certificate
    delay: float = 0.0  #: seconds before every reply
    times: int = 1_000_000  #: how many messages (dots, or bodies) the faults of data and dot befall


class SmtpServer:
    """Listens on loopback. `messages` holds what was accepted, in order."""

    def __init__(
        self,
        faults: Faults | None = None,
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
        taken: Callable[[Accepted], None] = lambda _: None,
    ) -> None:
        self.faults, self.port, self._tls, self._login, self._taken = faults or Faults(), port, tls, login, taken
        self.messages: list[Accepted] = []
        self.commands: list[str] = []  #: all that were read, without AUTH
        self.sessions = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> SmtpServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=2**26)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None  # entered
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # we run in one
        self._tasks.add(task)
        self.sessions += 1
        try:
            await _Session(self, reader, writer).run()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError, TimeoutError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(Exception):  # a client that is gone
                await asyncio.wait_for(writer.wait_closed(), 1.0)

    def take(self, message: Accepted) -> None:
        """Keeps a message before the client is told that it was accepted."""
        self.messages.append(message)
        self._taken(message)

    def strikes(self) -> bool:
        """Returns whether a fault of data or dot hits this message."""
        self.faults.times -= 1
        return self.faults.times >= 0


class _Session:
    def __init__(self, server: SmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.sender, self.recipients = "", list[str]()
        self.secure, self.count = False, 0

    async def say(self, line: str) -> None:
        if self.server.faults.delay:
            await asyncio.sleep(self.server.faults.delay)
        if line == "hang":
            await asyncio.sleep(3600)
        if line == "drop":
            self.writer.transport.abort()
            raise ConnectionResetError
        self.writer.write(line.encode() + b"\r\n")
        await self.writer.drain()
        if line.startswith("421"):  # RFC 5321 3.8: and the channel is closed
            raise ConnectionResetError

    async def run(self) -> None:
        await self.say(self.server.faults.banner or "220 digestbot.testing ESMTP")
        while line := await self.reader.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if verb.upper() != "AUTH":
                self.server.commands.append(f"{verb.upper()} {rest}".strip())
            if verb.upper() == "QUIT":
                await self.say("221 bye")
                return
            handler = getattr(self, f"on_{verb.lower()}", None) if verb.isalpha() else None
            await (handler(rest) if handler else self.say("502 5.5.1 what?"))

    async def on_ehlo(self, rest: str) -> None:
        faults = self.server.faults
        if faults.ehlo:
            await self.say(faults.ehlo)
            return
        offers = ["digestbot.testing", "8BITMIME", "ENHANCEDSTATUSCODES"]
        offers += ["PIPELINING"] if faults.pipelining else []
        offers += ["SMTPUTF8"] if faults.smtputf8 else []
        offers += [f"SIZE {faults.size}"] if faults.size else []
        if self.server._tls and self.server.faults.starttls and not self.secure:
            offers.append("STARTTLS")
        if self.server._login:
            offers.append("AUTH PLAIN LOGIN")
        await self.say("\r\n".join(f"250{'-' if at < len(offers) - 1 else ' '}{o}" for at, o in enumerate(offers)))

    async def on_helo(self, rest: str) -> None:
        await self.say("250 digestbot.testing")

    async def on_starttls(self, rest: str) -> None:
        if not self.server._tls:
            await self.say("502 5.5.1 no TLS here")
            return
        await self.say("220 go ahead")
        # a client that does not trust us is gone by now, and start_tls would wait for it for ever
        await asyncio.wait_for(self.writer.start_tls(self.server._tls), 5.0)
        self.secure = True

    async def on_auth(self, rest: str) -> None:
        kind, _, first = rest.partition(" ")
        if kind.upper() == "PLAIN":
            if not first:
                await self.say("334 ")
                first = (await self.reader.readline()).decode().strip()
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            user = base64.b64decode(first).decode() if first else await self._ask("VXNlcm5hbWU6")
            password = await self._ask("UGFzc3dvcmQ6")
        good = not self.server.faults.auth and (user, password) == self.server._login
        fault = self.server.faults.auth.replace("SECRET", password).replace("USER", user)
        await self.say("235 2.7.0 welcome" if good else fault or "535 5.7.8 bad credentials")

    async def _ask(self, word: str) -> str:
        await self.say(f"334 {word}")
        return base64.b64decode((await self.reader.readline()).strip()).decode()

    async def on_mail(self, rest: str) -> None:
        self.sender, self.recipients = _address(rest), []
        self.count += 1
        if self.count > self.server.faults.per_session:
            await self.say("421 4.7.0 too many messages on this connection")
        await self.say(self.server.faults.mail or "250 2.1.0 ok")

    async def on_rcpt(self, rest: str) -> None:
        address = _address(rest)
        fault = self.server.faults.rcpt.get(address, "")
        if not fault or fault.startswith("2"):
            self.recipients.append(address)
        await self.say(fault or "250 2.1.5 ok")

    async def on_rset(self, rest: str) -> None:
        self.sender, self.recipients = "", []
        await self.say("250 2.0.0 ok")

    async def on_noop(self, rest: str) -> None:
        await self.say("250 2.0.0 ok")

    async def on_data(self, rest: str) -> None:
        if not self.recipients:
            await self.say("554 5.5.1 no valid recipients")
            return
        faults = self.server.faults
        if faults.data and faults.data != "drop":
            await self.say(faults.data)
            return
        await self.say("354 go ahead")
        if faults.data == "drop" and self.server.strikes():
            await self.reader.read(1024)
            await self.say("drop")
        body = await self.reader.readuntil(b"\r\n.\r\n")
        message = Accepted(
            sender=self.sender, recipients=tuple(self.recipients), data=body[:-3].replace(b"\r\n..", b"\r\n.")
        )
        fault = faults.dot if faults.dot and self.server.strikes() else ""
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault in ("", "take-drop"):
            self.server.take(message)
        await self.say("drop" if fault == "take-drop" else fault or faults.accepted)


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


def keep_in(folder: Path) -> Callable[[Accepted], None]:
    """Keeps each message as NNNNNN.eml, and its envelope as a line of index.jsonl."""
    folder.mkdir(parents=True, exist_ok=True)
    count = len(list(folder.glob("*.eml")))

    def keep(message: Accepted) -> None:
        nonlocal count
        count += 1
        (folder / f"{count:06}.eml").write_bytes(message.data)
        with (folder / "index.jsonl").open("a") as index:
            index.write(
                json.dumps({"file": f"{count:06}.eml", "from": message.sender, "to": message.recipients}) + "\n"
            )

    return keep


async def _serve_until_stopped(arguments: argparse.Namespace) -> None:
    faults = Faults(dot=arguments.dot, data=arguments.data, delay=arguments.delay, times=arguments.times)
    taken = keep_in(arguments.out) if arguments.out else lambda _: None
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with SmtpServer(faults, port=arguments.port, taken=taken) as server:
        print(server.port, flush=True)  # noqa: T201  # the one line its caller waits for
        await stop.wait()


def main() -> None:
    """Runs the server as a process of its own."""
    parser = argparse.ArgumentParser(description="An SMTP server for tests, on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--out", type=Path, help="keep accepted messages here")
    parser.add_argument("--dot", default="", help="what happens after the final dot: a reply, drop, take-drop, hang")
    parser.add_argument("--data", default="", help="what happens at DATA: a reply, or drop")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before every reply")
    parser.add_argument("--times", type=int, default=1_000_000, help="how many messages --dot and --data befall")
    asyncio.run(_serve_until_stopped(parser.parse_args()))


if __name__ == "__main__":
    main()
