"""What every act of intake works with, as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from digestbot.acts.intake.guarded_parse import HERE, Reader
from digestbot.store import Store
from digestbot.transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeClient:
    """Where requests go out, who reads the replies, where they are stored, what time it is, and which process this is."""

    store: Store
    transport: Transport
    clock: Callable[[], datetime]
    owner: str  #: names this process in its leases
    reader: Reader = HERE  #: calls the parsers on what comes back
