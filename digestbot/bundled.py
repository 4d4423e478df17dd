"""Where the files live that stand at the top of the repository and inside the wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def folder(name: Literal["templates", "config"]) -> Path:
    """The folder as installed (`digestbot/_templates`), or the checkout's own when digestbot runs from there."""
    installed = _PACKAGE / f"_{name}"
    return installed if installed.is_dir() else _PACKAGE.parent / name
