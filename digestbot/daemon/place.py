"""The place of the daemon: one for each store, held as a lease that is renewed every round."""

from __future__ import annotations

from datetime import timedelta

from digestbot.acts import leases
from digestbot.app.wiring import App
from digestbot.errors import AlreadyRunning
from digestbot.system import process

_PLACE = "daemon"
LEASE = timedelta(seconds=90)  #: the place is kept that long without a sign of life


def take_place(app: App, *, lease: timedelta = LEASE) -> None:
    """Become the daemon of this store, or stay it, until now + `lease`. Raises AlreadyRunning."""
    if holder := leases.take_place(app.store, _PLACE, owner=app.owner, now=app.clock(), lease=lease):
        raise AlreadyRunning(
            f"another digestbot runs on this store: {process.words(holder)}",
            fix="`digestbot status`, `send` and the others work beside it",
        )


def leave_place(app: App) -> None:
    """Free the place at once."""
    leases.leave_place(app.store, _PLACE, owner=app.owner, now=app.clock())
