"""Which lines of the package a call reaches for the first time: what a fuzzer that learns asks after each text."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeVar

import digestbot

T = TypeVar("T")

HERE = str(Path(digestbot.__file__).parent)


class LinesSeen:
    """`watch(call)` runs a call; `found` then is the number of lines that no call before has reached.

    A code object whose lines have all been seen is not watched any more: after the first minutes watching costs little.
    """

    def __init__(self) -> None:
        self._left: dict[CodeType, set[int]] = {}
        self.found = self.total = 0

    def watch(self, call: Callable[[], T]) -> T:
        """What the call returns or raises; its lines are counted either way."""
        self.found = 0
        before = sys.gettrace()
        sys.settrace(self._entered)
        try:
            return call()
        finally:
            sys.settrace(before)
            self.total += self.found

    def _entered(self, frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        left = self._left.get(code)
        if left is None:
            ours = code.co_filename.startswith(HERE)
            left = self._left[code] = {line for _, _, line in code.co_lines() if line} if ours else set()
        return self._line if left else None

    def _line(self, frame: FrameType, event: str, _: Any) -> Any:
        left = self._left[frame.f_code]
        if event == "line" and frame.f_lineno in left:
            left.discard(frame.f_lineno)
            self.found += 1
        return self._line if left else None
