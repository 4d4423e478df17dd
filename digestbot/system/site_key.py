"""The site's secret: private addresses are made from it. It stays in one file that only we can read."""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path


@cache
def site_key(path: Path) -> bytes:
    """32 bytes, made when the file is not there. Whoever deletes the file gives all private links new addresses."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was faster: its key is ours
        return path.read_bytes()
    with os.fdopen(number, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()
