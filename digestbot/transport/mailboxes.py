"""Mailboxes as if they were fetched: the names of the mails in a Maildir or a folder over IMAP, and each mail by its name.

Nothing in a mailbox changes: a Maildir is only read, an IMAP folder is opened with EXAMINE and read with BODY.PEEK.
Requests with other addresses go on to the network.
"""

from __future__ import annotations

import asyncio
import imaplib
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from digestbot.errors import DigestbotError
from digestbot.model import Fetched, ReadStatus, Request, Response, Secret
from digestbot.transport import Transport
from digestbot.transport.imap import ImapMailbox, checked, opened, quoted

LARGEST = 1 << 20  #: bytes of a mail
MOST_NAMES = 5_000  #: of one mailbox, the newest
MAILDIR = "maildir:"
IMAP = ("imap://", "imaps://")


class WithMailboxes:
    """A transport that reads mailboxes too. `root`: what relative paths of Maildirs are relative to."""

    def __init__(self, network: Transport, root: Path, clock: Callable[[], datetime]) -> None:
        self._network, self._root, self._clock = network, root, clock
        self._open: dict[
            str, tuple[imaplib.IMAP4, str]
        ] = {}  #: by address: the connection, and the folder's UIDVALIDITY

    async def fetch(self, request: Request) -> Fetched:
        """See Transport."""
        if not request.url.startswith((MAILDIR, *IMAP)):
            return await self._network.fetch(request)
        address, _, name = request.url.partition("#")
        try:
            body = await asyncio.to_thread(self._read, address, name, request)
        except (DigestbotError, OSError, imaplib.IMAP4.error) as error:
            self._drop(address)
            said = error.what if isinstance(error, DigestbotError) else getattr(error, "strerror", None) or str(error)
            return Fetched(
                request=request, status=ReadStatus.UNREACHABLE, error=f"the mailbox cannot be read: {said[:200]}"
            )
        response = Response(url=request.url, body=body, fetched=self._clock())
        return Fetched(request=request, status=ReadStatus.OK, response=response)

    def close(self) -> None:
        """End the connections."""
        for address in list(self._open):
            self._drop(address)

    def _drop(self, address: str) -> None:
        client, _ = self._open.pop(address, (None, ""))
        if client is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                client.logout()

    def _read(self, address: str, name: str, request: Request) -> bytes:
        names, mail = (
            (self._in_maildir, self._of_maildir) if address.startswith(MAILDIR) else (self._in_imap, self._of_imap)
        )
        if name == "!done":
            return json.dumps({"done": json.loads(request.headers["x-read"])}).encode()
        if name:
            return mail(address, name)
        known = json.loads(request.headers.get("x-read", "[]"))
        return json.dumps({"names": names(address, request)[-MOST_NAMES:], "read": known}).encode()

    def _in_maildir(self, address: str, request: Request) -> list[str]:
        """Without their flags, which change; oldest first, as their names begin with the time."""
        folder = self._root / address.removeprefix(MAILDIR)
        names = {
            path.name.partition(":")[0]
            for part in ("new", "cur")
            for path in (folder / part).iterdir()
            if path.is_file()
        }
        return sorted(name for name in names if not name.startswith("."))

    def _of_maildir(self, address: str, name: str) -> bytes:
        folder = self._root / address.removeprefix(MAILDIR)
        if "/" in name or name.startswith("."):
            raise DigestbotError(f"no name of a mail: {name[:80]}")
        for part in ("new", "cur"):
            for path in sorted((folder / part).glob(f"{_literal(name)}*")):
                if path.name.partition(":")[0] == name:
                    with suppress(OSError), path.open("rb") as file:
                        return file.read(LARGEST)
        return b""  # it is gone, or not ours to read: the others are read

    def _in_imap(self, address: str, request: Request) -> list[str]:
        """Their UIDs behind the folder's UIDVALIDITY: with another one, old UIDs mean other mails (RFC 9051 2.3.1.1)."""
        self._drop(address)
        client, validity = self._connected(address, request.secrets.get("password", Secret("")))
        found = checked(client.uid("SEARCH", "ALL"), "the mailbox cannot be searched")[0].split()
        return [f"{validity}.{uid.decode()}" for uid in found]

    def _of_imap(self, address: str, name: str) -> bytes:
        client, validity = self._open.get(address, (None, ""))
        uid = name.removeprefix(f"{validity}.")
        if client is None or not uid.isdecimal():
            raise DigestbotError("the mailbox was closed")
        parts = checked(client.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST}>)"), "a mail cannot be fetched")
        data: bytes | None = next((part[1] for part in parts if isinstance(part, tuple)), None)
        return data or b""

    def _connected(self, address: str, password: Secret) -> tuple[imaplib.IMAP4, str]:
        parts = urlsplit(address)
        tls = parts.scheme == "imaps"
        mailbox = ImapMailbox(
            host=parts.hostname or "", port=parts.port or (993 if tls else 143), tls=tls, user=unquote(parts.username or ""),
            folder=unquote(parts.path.lstrip("/")) or "INBOX", password=password,
        )  # fmt: skip
        client = opened(mailbox)
        checked(client.select(quoted(mailbox.folder), readonly=True), "the folder cannot be opened")
        said = client.response("UIDVALIDITY")[1]
        validity = said[0].decode() if said and said[0] else "0"
        self._open[address] = client, validity
        return client, validity


def _literal(name: str) -> str:
    """Signs of a name that a pattern would read as its own."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)
