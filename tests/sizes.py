"""How much of what is slow by nature is run: some of it by `make test`, all of it by `make test-all` (`pytest --full`)."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")
FULL = "DIGESTBOT_TESTS_FULL"  #: set in the environment by --full, so that all processes of the run know


def size(usual: T, *, full: T) -> T:
    """How many of something this run tries."""
    return full if os.environ.get(FULL) else usual
