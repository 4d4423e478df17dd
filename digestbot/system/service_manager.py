"""What systemd wants to know of a service (ready, watchdog, stopping): sd_notify(3) without a package."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(state: str) -> bool:
    """Send `READY=1`, `WATCHDOG=1` or another line to the service manager; False where there is none.

    The address is $NOTIFY_SOCKET: a path, or a name in the abstract namespace that begins with @.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        line.send(state.encode())
        return True
    return False
