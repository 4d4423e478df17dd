"""Tokens of the links in mails: not guessable, for one purpose, derived from a key and never stored. Pure.

A token is 160 bits of HMAC-SHA-256 (RFC 2104) over purpose, person, the person's epoch and, where the link is about
one, the digest. A second try of a mail therefore carries the same links. The store keeps only a token's SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache
from typing import Literal

Purpose = Literal["leave", "page", "feed", "preferences"]
PURPOSES: tuple[Purpose, ...] = ("leave", "page", "feed", "preferences")


def token(key: bytes, purpose: Purpose, subscriber: int, epoch: int, digest: int | None = None) -> str:
    """32 letters and digits. `key` is the site's secret of at least 32 bytes."""
    about = f"{purpose}\0{subscriber}\0{epoch}\0{digest or ''}"
    return _short(mac(key, about))


def mac(key: bytes, text: str) -> bytes:
    """HMAC-SHA-256 of a text."""
    made = _begun(key).copy()
    made.update(text.encode())
    return made.digest()


@lru_cache(maxsize=4)
def _begun(key: bytes) -> hmac.HMAC:
    """With the key taken in: half the work of a short text, and a mail has five."""
    return hmac.new(key, digestmod=hashlib.sha256)


def confirmation_token(key: bytes, nonce: str) -> str:
    """The token of a mail that asks to confirm something. `nonce` is random and of this one mail."""
    return _short(mac(key, f"confirm\0{nonce}"))


def invitation_token(key: bytes, day: int) -> str:
    """An invitation for whoever has it, to the end of a day (days since 1970): the day and what proves it."""
    proof = mac(key, f"invite\0{day}")
    return f"{day:x}-{_short(proof)}"


def invitation_day(key: bytes, given: str) -> int | None:
    """The day to whose end an invitation holds; None for one that is not ours."""
    head = given.partition("-")[0]
    if not (1 <= len(head) <= 6 and all(c in "0123456789abcdef" for c in head)):
        return None
    day = int(head, 16)
    return day if hmac.compare_digest(invitation_token(key, day).encode(), given.encode()) else None


def _short(digest: bytes) -> str:
    return base64.b32encode(digest[:20]).decode().lower()


def hashed(given: str) -> str:
    """The SHA-256 of a token in hex, which is all that the store keeps."""
    return hashlib.sha256(given.encode()).hexdigest()
