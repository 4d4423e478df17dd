"""Channel `maildir` writes mails as files, for trying and for people whose mail reader is on the same machine.

https://cr.yp.to/proto/maildir.html. The name comes from the Message-ID, so a mail handed over again after a crash is
the same file again: this channel has no unknowable moment.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

from digestbot.channels import Commit
from digestbot.model import Fault, Message, Outcome, Receipt, SendStage


class MaildirChannel:
    """The contract is `channels.Channel`."""

    contract: ClassVar[int] = 1
    connections = 4

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def from_config(cls, config: Any) -> MaildirChannel:
        """From the checked configuration."""
        return cls(config.maildir.path)

    def connection(self) -> MaildirConnection:
        """Connections share nothing but the folder."""
        return MaildirConnection(self.path)

    async def __aenter__(self) -> MaildirChannel:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def _only_ours(path: str, flags: int) -> int:
    """A digest is a letter: nobody else on the machine reads it."""
    return os.open(path, flags, mode=0o600)


class MaildirConnection:
    """The contract is `channels.Connection`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, message: Message, commit: Commit) -> Receipt:
        """Written and synced in tmp, then committed, then moved into new."""
        name = f"{hashlib.sha256(message.message_id.encode()).hexdigest()[:40]}.digestbot"
        try:
            there = await asyncio.to_thread(self._write, name, message.data)
        except OSError as error:
            text = f"the maildir cannot be written: {error.strerror}"
            return Receipt(outcome=Outcome.UNAVAILABLE, stage=SendStage.FILE, text=text, fault=Fault.SERVER)
        if not await commit():
            await asyncio.to_thread((self._path / "tmp" / name).unlink, missing_ok=True)
            return Receipt(outcome=Outcome.WITHHELD, stage=SendStage.FILE)
        try:
            await asyncio.to_thread(self._arrive, name, there)
        except OSError as error:
            return Receipt(
                outcome=Outcome.UNKNOWN, stage=SendStage.FILE, text=f"the mail could not be moved: {error.strerror}"
            )
        return Receipt(outcome=Outcome.ACCEPTED, stage=SendStage.FILE)

    def _write(self, name: str, data: bytes) -> bool:
        """True when this very mail has arrived before (the reader may have moved it to cur)."""
        for folder in ("tmp", "new", "cur"):
            (self._path / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self._path / "tmp" / name, "wb", opener=_only_ours) as file:  # needs an opener
            file.write(data.replace(b"\r\n", b"\n"))  # maildirs hold the machine's own line ends
            file.flush()
            os.fsync(file.fileno())
        return (self._path / "new" / name).exists() or any((self._path / "cur").glob(f"{name}*"))

    def _arrive(self, name: str, there: bool) -> None:
        if there:
            (self._path / "tmp" / name).unlink()
            return
        os.replace(self._path / "tmp" / name, self._path / "new" / name)
        folder = os.open(self._path / "new", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    async def close(self) -> None:
        """Nothing to close."""
