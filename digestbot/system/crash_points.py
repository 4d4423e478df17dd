"""Crash points: named moments at which a test kills this process.

`DIGESTBOT_CRASH=name` or `name:3` (the third time it is reached) sends SIGKILL to the process itself. Without the
variable a point costs one comparison. A test runs every point, so that a new step cannot be without one.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from enum import StrEnum


class CrashPoint(StrEnum):
    """Moments on the way of a mail, in their order."""

    IN_COMPOSE = "in-compose"  #: slot, digest and delivery are written and not committed
    AFTER_CLAIM = "after-claim"  #: rows are claimed, nothing is sent
    BEFORE_MAIL = "before-mail"  #: the mail is built, the server knows nothing of it
    AFTER_BODY = "after-body"  #: the body has left; the row is still claimed
    BEFORE_WRITE = "before-write"  #: before a group commit: marks are asked for, receipts are in memory
    IN_WRITE = "in-write"  #: everything of a group commit is written and not committed
    AFTER_WRITE = "after-write"  #: the group commit is durable, nobody has heard of it: rows are committing
    BEFORE_DOT = "before-dot"  #: the row is committing, the dot has not left
    AFTER_DOT = "after-dot"  #: the dot has left, no answer is read
    AFTER_ANSWER = "after-answer"  #: the answer is read, the receipt is not written
    IN_MOVE = "in-move"  #: a chunk of rows is written into the new store and not committed
    AFTER_ROUND = "after-round"  #: everything is written, the round has not ended


_wanted = os.environ.get("DIGESTBOT_CRASH", "")
_reached: Counter[str] = Counter()


def want(crash: str) -> None:
    """Die at this point, written as in the variable: for a process that was forked after its imports."""
    global _wanted  # noqa: PLW0603  a process dies once
    _wanted = crash


def crash_at(point: CrashPoint) -> None:
    """Die here if a test wants it."""
    if not _wanted:
        return
    name, _, times = _wanted.partition(":")
    if point == name:
        _reached[point] += 1
        if _reached[point] >= int(times or 1):
            os.kill(os.getpid(), signal.SIGKILL)
