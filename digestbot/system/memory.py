"""Give memory back to the machine after a round's work."""

from __future__ import annotations

import ctypes
import gc
from functools import cache
from typing import Any

from digestbot import memo

_ARENA_MAX = -8  #: of mallopt(3)
WORTH_IT = 1000  #: answers forgotten; of fewer the pages they stood on are few


def give_back() -> None:
    """Forget what the round remembered, and hand free pages back: the C library keeps them, though nobody needs them until tomorrow.

    A round's window of papers holds itself in circles, and `collect_seldom` leaves it there for days.
    """
    if memo.forget() < WORTH_IT:
        return
    gc.collect()
    if (trim := _trim()) is not None:
        trim(0)


def share_arenas() -> bool:
    """Let the threads of this process share two arenas of glibc, before the second thread begins; True where that is known.

    Each thread that works takes memory from an arena of its own, and of each some stays behind: there are up to eight for a
    core, while one interpreter's threads take turns anyway.
    """
    set_option = _of_libc("mallopt")
    return set_option is not None and bool(set_option(_ARENA_MAX, 2))


@cache
def _trim() -> Any:
    """malloc_trim(3) of glibc."""
    return _of_libc("malloc_trim")


def _of_libc(name: str) -> Any:
    """A function of the C library; None with another one than glibc."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # musl; macOS; Windows has no library by that name
        return None
