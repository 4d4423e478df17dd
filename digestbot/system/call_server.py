"""The other side of `limited_calls`: the process that answers. It starts often, so it imports little."""

from __future__ import annotations

import io
import os
import pickle
import select
import signal
import sys
import time
from contextlib import suppress
from enum import Enum
from importlib import import_module
from typing import IO, Any

from digestbot.system.process import collect_seldom

LENGTH = 8  #: bytes before a message
TOO_LARGE = "took more memory than it may"


def framed(pipe: IO[bytes] | None, until: float | None = None) -> bytes:
    """One message. Raises EOFError when the other side is gone, TimeoutError when the message is not there in time."""
    assert pipe is not None
    return _exactly(pipe, int.from_bytes(_exactly(pipe, LENGTH, until), "big"), until)


def _exactly(pipe: IO[bytes], length: int, until: float | None) -> bytes:
    found = bytearray()
    waiting = select.poll()
    waiting.register(pipe, select.POLLIN)
    while len(found) < length:
        if until is not None and not waiting.poll(max(0.0, until - time.monotonic()) * 1000):
            raise TimeoutError
        more = pipe.read(min(length - len(found), 1 << 20))
        if not more:
            raise EOFError
        found += more
    return bytes(found)


def serve() -> None:
    """The other side: answers calls until its input ends."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # they are meant for the one that asks
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints is no answer
    with suppress(EOFError):
        seconds, wall, megabytes, warm = pickle.loads(framed(sys.stdin.buffer))  # noqa: S301  from the process that started us
        if warm:
            import_module(warm)
        collect_seldom()
        _limit_memory(megabytes)
        answer = b"ready"
        while True:
            answers.write(len(answer).to_bytes(LENGTH, "big") + answer)
            answers.flush()
            asked = framed(sys.stdin.buffer)
            _limit_time(seconds, wall)
            answer = _answer(asked)
            _limit_wall(0)


class _Plain(pickle.Pickler):
    """Texts of parsers' own classes (of Beautiful Soup, say) are sent as texts."""

    def reducer_override(self, value: Any) -> Any:
        """What `pickle.Pickler` asks of every value that is not built in."""
        return (
            (str, (str.__str__(value),)) if isinstance(value, str) and not isinstance(value, Enum) else NotImplemented
        )


def _answer(asked: bytes) -> bytes:
    """`.` and the value, or `!` and what went wrong."""
    try:
        function, given = pickle.loads(asked)  # noqa: S301  from the process that started us
        made = io.BytesIO()
        _Plain(made, pickle.HIGHEST_PROTOCOL).dump(function(*given))
        return b"." + made.getvalue()
    except MemoryError:
        return b"!" + TOO_LARGE.encode()
    except Exception as error:
        return b"!" + f"{type(error).__name__}: {error}".encode(errors="replace")


def _limit_memory(megabytes: int) -> None:
    """Beyond what the interpreter takes already, where the system limits address space at all."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(open("/proc/self/statm").read().split()[0])  # noqa: SIM115  once, in a process of its own
        most = pages * resource.getpagesize() + megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _limit_wall(seconds: float) -> None:
    """The end comes by itself, also when whoever asked was killed; 0 takes the limit away."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit_time(seconds: float, wall: float) -> None:
    """Limit the processor time of this process from now on; the system limits processor time in whole seconds."""
    _limit_wall(wall)
    with suppress(ImportError, OSError, ValueError):
        import resource

        used = time.process_time()
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds + 0.999), hard))
