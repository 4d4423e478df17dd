"""Who we are among the processes that share a store, and who of them is gone."""

from __future__ import annotations

import gc
import os
import secrets
import socket
from contextvars import ContextVar
from functools import cache
from pathlib import Path

#: one round of work, from poll to receipt: in every log line, poll and slot of it
run_id: ContextVar[str] = ContextVar("run_id", default="")


_AT_ONCE = 50_000  #: new objects that begin a collection


def collect_seldom() -> None:
    """Collect cyclic garbage after many more new objects than Python does by itself, and look at none of today's again.

    A round makes hundreds of thousands of values that hold no cycles; looking through them all took a seventh of its time.
    """
    gc.freeze()
    gc.set_threshold(_AT_ONCE, 10, 10)


def begin_run() -> str:
    """The id of the round this task is in; a new one where it is in none."""
    if not run_id.get():
        run_id.set(secrets.token_hex(4))
    return run_id.get()


@cache
def name() -> str:
    """This process: host/pid/start, the start so that a pid used again is not taken for us."""
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}"


def words(owner: str) -> str:
    """`process 4711 on host`, for people."""
    host, pid = [*owner.split("/"), ""][:2]
    return f"process {pid} on {host}"


def gone(owner: str) -> bool:
    """True when `owner` was a process of this machine that is no longer there. False for other machines."""
    host, pid, start = [*owner.split("/"), "", ""][:3]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    return not _alive(int(pid)) or (start != "0" and _started(int(pid)) != start)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _field(pid, 2) not in ("Z", "X")  # killed, and its parent has not looked yet: a container without an init


def _started(pid: int) -> str:
    """Clock ticks since boot at which the process began (proc(5), field 22); "0" where there is no /proc."""
    return _field(pid, 21) or "0"


def _field(pid: int, number: int) -> str:
    """A field of proc(5)'s stat, from 0; "" where there is no /proc."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[number - 2]
    except (OSError, IndexError):
        return ""
