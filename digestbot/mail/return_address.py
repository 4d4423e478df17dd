"""Addresses that prove what comes back: the envelope sender of one digest, and the word of an unsubscribe mail. Pure.

`bounces+b2f-abcdefghij234567@example.org` (VERP) names a digest in base 36 and carries 80 bits of HMAC-SHA-256
(RFC 2104) over digest and subscriber. Who cannot make the token cannot make us believe a bounce. Letters are lower case:
some servers fold the local part.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from digestbot.mail.addresses import LONGEST_LOCAL
from digestbot.mail.link_tokens import mac

_CLAIM = re.compile(r"\+([0-9a-z]{1,13})-([a-z2-7]{16})(?=@)")
_QUOTES = "\"'“”„‚‘’"
_WORD = re.compile(
    rf"\s*(?:(?:re|aw):\s{{0,5}})?[{_QUOTES}]?unsubscribe\s+(\S{{1,80}})-([a-z2-7]{{16}})[{_QUOTES}]?\s*\Z",
    re.IGNORECASE,
)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnClaim:
    """What an address says of itself; `is_genuine` tells whether it is true."""

    digest: int
    mac: str


def envelope_sender(base: str, key: bytes, *, digest: int, subscriber: int) -> str:
    """The address that returns of this digest come to; `base` is a bare address, `key` the site's secret.

    The same digest and subscriber give the same address. Where `base` has a tag already, the token follows it; where
    no room is left for one (RFC 5321 4.5.3.1.1), it is `base` itself.
    """
    local, _, domain = base.rpartition("@")
    tagged = f"{local}+{_base36(digest)}-{_mac(key, 'bounce', digest, subscriber)}"
    return f"{tagged}@{domain}" if len(tagged.encode()) <= LONGEST_LOCAL else base


def claims_in(addresses: Iterable[str]) -> list[ReturnClaim]:
    """The claims among addresses a mail was sent to, also where a forwarder wrote something before them."""
    found = (match for address in addresses for match in _CLAIM.finditer(address[:320].lower()))
    return [ReturnClaim(digest=int(match[1], 36), mac=match[2]) for match in found]


def is_genuine(claim: ReturnClaim, key: bytes, *, subscriber: int) -> bool:
    """Did we make it, for this subscriber's digest? In constant time."""
    return hmac.compare_digest(claim.mac, _mac(key, "bounce", claim.digest, subscriber))


def unsubscribe_word(key: bytes, *, ref: str, subscriber: int, epoch: int) -> str:
    """What follows `unsubscribe` in the subject of the mailto: REF-TOKEN. Dead when the epoch is one more."""
    return f"{ref}-{_mac(key, 'leave', subscriber, epoch)}"


def unsubscribe_claim(words: str) -> tuple[str, str] | None:
    """(ref, token) of a subject, or of the first line of a mail; None without a token."""
    found = _WORD.match(words[:200])
    return (found[1], found[2].lower()) if found else None


def may_leave(token: str, key: bytes, *, subscriber: int, epoch: int) -> bool:
    """Is it this subscriber's unsubscribe token? In constant time."""
    return hmac.compare_digest(token, _mac(key, "leave", subscriber, epoch))


def _mac(key: bytes, purpose: str, *about: int) -> str:
    """80 bits in 16 letters and digits."""
    said = "\0".join([f"{purpose} by mail", *map(str, about)])
    return base64.b32encode(mac(key, said)[:10]).decode().lower()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"
