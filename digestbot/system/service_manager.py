"""What systemd wants to know of a service (ready, watchdog, stopping), and the sockets that it hands over: sd_notify(3) and
sd_listen_fds(3) without a package."""

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


FIRST_DESCRIPTOR = 3  #: SD_LISTEN_FDS_START


def handed_over() -> list[socket.socket]:
    """The listening sockets that the service manager keeps for us, so that a restart refuses nobody; [] where there are none.

    Those of another process, whose environment we have by inheritance, are not ours. Whoever calls owns them.
    """
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()):
        return []
    count = os.environ.pop("LISTEN_FDS", "")
    last = FIRST_DESCRIPTOR + (int(count) if count.isdecimal() else 0)
    for number in range(FIRST_DESCRIPTOR, last):
        os.set_inheritable(number, False)
    return [socket.socket(fileno=number) for number in range(FIRST_DESCRIPTOR, last)]
