"""What every act of intake works with, as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from digestbot.store import Store
from digestbot.transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeClient:
    """Where requests go out, where replies are stored, what time it is, and which process this is."""

    store: Store
    transport: Transport
    clock: Callable[[], datetime]
    owner: str  #: names this process in its leases
