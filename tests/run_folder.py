"""The folder of one test run: in memory where the machine has room, and gone when the run is, however it ended.

Every process of a run holds a shared lock on a file of its folder. The kernel releases it when the process ends, so a
folder whose lock is free belongs to nobody: the next run deletes it, and ends the server that has its data there.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOM = 2 << 30  #: bytes that /dev/shm must have free: a commit of SQLite waits 3 ms for a disk, and not for memory

KEEP = "keep"  #: a file in the folder of a run in which a test failed


@cache
def runs() -> Path:
    """Where the folders of all runs of this user stand."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ROOM
    made = (memory if roomy else Path(tempfile.gettempdir())) / f"digestbot-tests-{os.getuid()}"
    made.mkdir(mode=0o711, exist_ok=True)  # run by root, PostgreSQL is another user, who passes through
    if made.stat().st_uid != os.getuid():
        raise PermissionError(f"{made} belongs to somebody else")
    return made


@cache
def hold(run: str) -> Path:
    """The folder of this run, made by the first process that asks. It is kept until the last of them ends."""
    folder = runs() / run
    with _turn():
        folder.mkdir(mode=0o711, exist_ok=True)
        fcntl.flock(_lock(folder), fcntl.LOCK_SH)  # the descriptor stays open as long as this process lives
    return folder


def wait_until_free(folder: Path) -> None:
    """Return when no process of the run is left."""
    fcntl.flock(_lock(folder), fcntl.LOCK_EX)


def finish(folder: Path, *, keep: bool) -> None:
    """Keep what the tests wrote until the next run, or delete it; where a server runs, its supervisor deletes the rest."""
    if keep:
        (folder / KEEP).touch()
        return
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    if not (folder / "postgres").exists():
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Delete what killed runs left."""
    with _turn():
        for folder in runs().iterdir():
            if folder.is_dir() and _is_free(folder):
                _end_server(folder)
                shutil.rmtree(folder, ignore_errors=True)


def _is_free(folder: Path) -> bool:
    lock = _lock(folder)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def _end_server(folder: Path) -> None:
    """Its supervisor was killed too, and this machine does not end a child with its parent."""
    with contextlib.suppress(OSError, ValueError):
        os.kill(int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)


def _lock(folder: Path) -> int:
    return os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    """One process at a time makes or deletes folders."""
    lock = _lock(runs())
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
