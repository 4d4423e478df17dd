"""How far the machine's clock is off: one question of SNTP (RFC 4330)."""

from __future__ import annotations

import socket
import struct
import time
from datetime import timedelta

SERVER = "pool.ntp.org"
_SINCE_1900 = 2_208_988_800  #: seconds from 1900 to 1970


def clock_offset(server: str = SERVER, *, port: int = 123, timeout: float = 5.0) -> timedelta:
    """What has to be added to our clock. Raises OSError when nobody answers, ValueError for an answer of no use."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(timeout)
        asking.connect((server, port))
        sent = time.time()
        asking.send(b"\x23" + b"\x00" * 47)  # version 4, client
        answer = asking.recv(512)
        received = time.time()
    if len(answer) < 48 or answer[1] == 0 or answer[0] >> 6 == 3:
        raise ValueError("the time server has no time to give")
    whole, part = struct.unpack("!II", answer[40:48])
    return timedelta(seconds=whole - _SINCE_1900 + part / 2**32 - (sent + received) / 2)
