"""What every act of intake works with, as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from digestbot.acts.intake.guarded_parse import HERE, Reader
from digestbot.acts.intake.shared_writes import SharedWrites
from digestbot.store import Store, Transaction
from digestbot.transport import Transport

T = TypeVar("T")


def _quiet(_: Transaction) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeClient:
    """Where requests go out, who reads the replies, where they are stored, what time it is, and which process this is."""

    store: Store
    transport: Transport
    clock: Callable[[], datetime]
    owner: str  #: names this process in its leases
    reader: Reader = HERE  #: calls the parsers on what comes back
    on_entries: Callable[[Transaction], None] = _quiet  #: called in the transaction that stores new ones
    shared: SharedWrites = field(default_factory=SharedWrites, compare=False)

    async def write(self, act: Callable[[Transaction], T], *, entries: int = 0) -> T:
        """Write in a transaction that others may share; see SharedWrites."""
        return await self.shared.write(self.store, act, entries=entries)
