"""Calls in processes of their own, limited in CPU time, wall time and memory. For what works on strangers' bytes.

A thread cannot be stopped, and a pattern that backtracks holds the interpreter's lock: only another process can be
ended. The processes are spawned, not forked (no lock and no connection of ours is copied), started when a call comes,
kept warm, and replaced after some calls. They have no descriptor of ours, ignore the signals that ask us to stop, and
end when we do. Of their answers only values of `digestbot.model` are read, so that a process that was taken over
through a fault of a parser cannot run code in this one.
"""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from typing import Any, TypeVar

from digestbot import model
from digestbot.errors import CallDied, CallLimit, CallUnfit
from digestbot.system.call_server import LENGTH, TOO_LARGE, framed

T = TypeVar("T")

CALLS = 500  #: of one process, then a new one takes its place: what a parser leaks goes with it
START = 120.0  #: seconds until a new process must be ready: it imports parsers, perhaps on a busy machine
WALL = 3.0  #: times the CPU time, from when a ready process is asked: a busy machine gives it a part of a core
_OUT_OF_TIME = tuple(-getattr(signal, name) for name in ("SIGXCPU", "SIGALRM") if hasattr(signal, name))
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "VIRTUAL_ENV")


class LimitedCalls:
    """A pool of warm processes, one for each core. Use it from any thread and any event loop."""

    def __init__(self, *, seconds: float, megabytes: int, warm: str = "", size: int | None = None) -> None:
        """`seconds` of CPU time, WALL times that of wall time, and `megabytes` of memory, for one call.

        `warm`: a module to import before.
        """
        self.seconds, self.megabytes = seconds, megabytes
        self._warm = warm
        self._threads = ThreadPoolExecutor(size or os.cpu_count() or 1, thread_name_prefix="limited-call")
        self._own = threading.local()  #: each thread has a process
        self._started: set[_Process] = set()
        weakref.finalize(self, _end, self._threads, self._started)

    async def call(self, function: Callable[..., T], *given: Any) -> T:
        """Run a module's function elsewhere. Its arguments and its value are pickled; the value is one of our model.

        Raises CallLimit when it passes a limit, CallUnfit where no process can be started or the arguments cannot be
        pickled, and CallDied when its process ends. When the caller is cancelled, the process is ended.
        """
        running = _Running()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._call, running, function, given)
        except asyncio.CancelledError:
            running.stop()
            raise

    def call_now(self, function: Callable[..., T], *given: Any) -> T:
        """The same, for callers without an event loop. Raises CallLimit and CallDied."""
        return self._threads.submit(self._call, _Running(), function, given).result()

    def close(self) -> None:
        """End every process; a call that runs raises CallDied."""
        _end(self._threads, self._started)

    def _call(self, running: _Running, function: Callable[..., T], given: tuple[Any, ...]) -> T:
        try:
            asked = pickle.dumps((function, given), pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise CallUnfit(f"it cannot be sent to another process: {error}") from error
        process: _Process | None = getattr(self._own, "process", None)
        if process is None or process.worn:
            self._replace(process)
            process = self._own.process = self._start()
        try:
            answer, failed = running.on(process, asked, self.seconds)
        except CallDied:
            self._own.process = None
            self._replace(process)
            raise
        if failed:
            raise (CallLimit if failed == TOO_LARGE else CallDied)(failed)
        value: T = _Values(io.BytesIO(answer)).load()
        return value

    def _start(self) -> _Process:
        try:
            process = _Process(self.seconds, self.megabytes, self._warm)
        except OSError as error:
            raise CallUnfit(f"no process can be started: {error}") from error
        self._started.add(process)
        return process

    def _replace(self, process: _Process | None) -> None:
        if process is not None:
            process.end()
            self._started.discard(process)


def _end(threads: ThreadPoolExecutor, started: set[_Process]) -> None:
    threads.shutdown(wait=False, cancel_futures=True)
    for process in list(started):
        process.end()
    started.clear()


class _Running:
    """One call, which may be stopped from another thread, also before it begins."""

    def __init__(self) -> None:
        self._lock, self._process, self._stopped = threading.Lock(), None, False

    _process: _Process | None

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def on(self, process: _Process, asked: bytes, seconds: float) -> tuple[bytes, str]:
        with self._lock:
            if self._stopped:
                raise CallDied("it was stopped")
            self._process = process
        try:
            return process.ask(asked, seconds)
        finally:
            with self._lock:
                self._process = None


class _Process:
    """One process and the pipes to it. Used by one thread at a time; `kill` by any."""

    def __init__(self, seconds: float, megabytes: int, warm: str) -> None:
        kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        self._popen = subprocess.Popen(
            [sys.executable, "-c", "import sys, pickle; sys.path[:] = pickle.load(sys.stdin.buffer); "
             "from digestbot.system import call_server; call_server.serve()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=kept, bufsize=0,
        )  # fmt: skip
        self._late, self._ready, self.calls = False, False, 0
        with suppress(OSError):
            self._send(pickle.dumps([os.path.abspath(place) for place in sys.path]), framed=False)
            self._send(pickle.dumps((seconds, seconds * WALL, megabytes, warm)))

    @property
    def worn(self) -> bool:
        return self.calls >= CALLS

    def ask(self, asked: bytes, seconds: float) -> tuple[bytes, str]:
        """(its value, pickled; what it failed with)."""
        self.calls += 1
        try:
            if not self._ready:
                framed(self._popen.stdout, time.monotonic() + START)
                self._ready = True
            self._send(asked)
            answer = framed(self._popen.stdout, time.monotonic() + seconds * WALL)
        except (OSError, EOFError) as error:
            self._late = isinstance(error, TimeoutError)
            self.kill()
            raise self._verdict(seconds) from error
        return answer[1:], answer[1:].decode(errors="replace") if answer[:1] == b"!" else ""

    def _send(self, data: bytes, *, framed: bool = True) -> None:
        assert self._popen.stdin is not None
        view = memoryview((len(data).to_bytes(LENGTH, "big") if framed else b"") + data)
        while view:
            view = view[self._popen.stdin.write(view) :]

    def _verdict(self, seconds: float) -> CallDied:
        """Why there is no answer."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(5)
        if self._late or self._popen.returncode in _OUT_OF_TIME:
            return CallLimit(f"took longer than {seconds:g} s")
        return CallDied(f"its process ended with {self._popen.returncode}")

    def kill(self) -> None:
        with suppress(OSError):
            self._popen.kill()

    def end(self) -> None:
        """Ended and waited for: no zombie, no descriptor stays."""
        self.kill()
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(5)
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


class _Values(pickle.Unpickler):
    """Values of our model and dates: nothing else is made from an answer."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "str"):
            return str
        if module == "datetime" and name in ("datetime", "timedelta", "timezone", "date"):
            return getattr(import_module("datetime"), name)
        if module == model.__name__ or module.startswith(f"{model.__name__}."):
            found = getattr(sys.modules.get(module) or import_module(module), name, None)
            if isinstance(found, type):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value of the model")
