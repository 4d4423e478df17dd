"""The contract of tokens of links in mails."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from digestbot.model.people import SubscriberId
from digestbot.store.contract.rows import TokenRow


class Tokens(Protocol):
    """Tokens of links in mails, known by their hash only."""

    def add_tokens(self, rows: Iterable[TokenRow], *, now: datetime) -> None:
        """Store tokens. Known ones stay as they are, revoked ones too."""

    def find_token(self, hash: str, *, purpose: str) -> TokenRow | None:
        """The token with this hash and purpose; None when it is unknown, of another purpose, or revoked."""

    def was_revoked(self, hash: str, *, purpose: str) -> bool:
        """Whether this hash once opened something and was revoked."""

    def revoke_tokens(self, subscriber: SubscriberId, *, now: datetime) -> int:
        """Revoke all links of a subscriber; the next ones belong to a new epoch. Returns how many were revoked."""
