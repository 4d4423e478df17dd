"""The site's secret: private addresses are made from it. It stays in one file that only we can read."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

from digestbot.errors import DigestbotError
from digestbot.system.files import create_private, read_if_there

LENGTH = 32


@cache
def site_key(path: Path) -> bytes:
    """32 bytes, made when the file does not exist. Deleting the file gives all private links new addresses.

    Raises DigestbotError when the file cannot be read or made.
    """
    try:
        if read_if_there(path) is None:
            create_private(path, secrets.token_bytes(LENGTH))  # another process may be faster: then its key is ours
        known = path.read_bytes()
    except OSError as error:
        fix = "It holds the key of private links: give it to the user who runs digestbot (chown)"
        raise DigestbotError(f"cannot be read: {error.strerror}", where=str(path), fix=fix) from error
    if len(known) < LENGTH:  # anybody could guess what is made from it
        fix = "Restore it from a backup; or delete it, and all private links get new addresses"
        raise DigestbotError(f"this key has {len(known)} bytes in place of {LENGTH}", where=str(path), fix=fix)
    return known
