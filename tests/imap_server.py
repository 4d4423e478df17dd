"""An IMAP server on loopback, for tests."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class ImapServer:
    """Enough of IMAP4rev1 for one client at a time; `mails` by UID, `seen` what was marked."""

    def __init__(self, mails: dict[int, bytes]) -> None:
        self.mails, self.seen, self.said = mails, set[int](), list[str]()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client, client.makefile("rwb", buffering=0) as stream:
                stream.write(b"* OK ready\r\n")
                for line in iter(stream.readline, b""):
                    tag, _, command = line.decode().strip().partition(" ")
                    self.said.append(command)
                    stream.write(self._answer(command) + f"{tag} {self._result(command)}\r\n".encode())
                    if command == "LOGOUT":
                        break

    def _result(self, command: str) -> str:
        wrong = command.startswith("LOGIN") and "right" not in command
        return f"NO {command} failed" if wrong or '"Missing"' in command else "OK done"

    def _answer(self, command: str) -> bytes:
        if command == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n"
        if command.startswith(("SELECT", "EXAMINE")):
            return b"* 9 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n"
        if command.startswith("UID SEARCH"):
            return f"* SEARCH {' '.join(str(u) for u in self.mails if u not in self.seen)}\r\n".encode()
        if found := re.match(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            data = self.mails[int(found[1])][: int(found[2])]
            return f"* 1 FETCH (UID {found[1]} BODY[]<0> {{{len(data)}}}\r\n".encode() + data + b")\r\n"
        if found := re.match(r"UID STORE (\d+) \+FLAGS", command):
            self.seen.add(int(found[1]))
        return b""


@contextmanager
def serving(mails: dict[int, bytes]) -> Iterator[ImapServer]:
    server = ImapServer(mails)
    try:
        yield server
    finally:
        server.close()
