"""Tokens of the links in mails: not guessable, for one purpose, derived from a key and never stored. Pure.

A token is 160 bits of HMAC-SHA-256 (RFC 2104) over purpose, person, the person's epoch and, where the link is about
one, the digest. A second try of a mail therefore carries the same links. The store keeps only a token's SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Literal

Purpose = Literal["leave", "page", "feed"]
PURPOSES: tuple[Purpose, ...] = ("leave", "page", "feed")


def token(key: bytes, purpose: Purpose, subscriber: int, epoch: int, digest: int | None = None) -> str:
    """32 letters and digits. `key` is the site's secret of at least 32 bytes."""
    about = f"{purpose}\0{subscriber}\0{epoch}\0{digest or ''}"
    made = hmac.new(key, about.encode(), hashlib.sha256).digest()[:20]
    return base64.b32encode(made).decode().lower()


def hashed(given: str) -> str:
    """The SHA-256 of a token in hex, which is all that the store keeps."""
    return hashlib.sha256(given.encode()).hexdigest()
