"""Give memory back to the machine after a round's work."""

from __future__ import annotations

import ctypes
import gc
from functools import cache
from typing import Any

from digestbot import memo

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


@cache
def _trim() -> Any:
    """malloc_trim(3) of glibc; None with another C library."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl; macOS; Windows has no library by that name
        return None
