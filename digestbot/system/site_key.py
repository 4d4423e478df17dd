"""The site's secret: private addresses are made from it. It stays in one file that only we can read."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

from digestbot.errors import DigestbotError
from digestbot.system.files import create_private, read_if_there


@cache
def site_key(path: Path) -> bytes:
    """32 bytes, made when the file does not exist. Deleting the file gives all private links new addresses.

    Raises DigestbotError when the file cannot be read or made.
    """
    try:
        if (known := read_if_there(path)) is not None:
            return known
        create_private(path, secrets.token_bytes(32))  # another process may be faster: then its key is ours
        return path.read_bytes()
    except OSError as error:
        fix = "It holds the key of private links: give it to the user who runs digestbot (chown)"
        raise DigestbotError(f"cannot be read: {error.strerror}", where=str(path), fix=fix) from error
