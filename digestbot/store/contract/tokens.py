"""The contract of the links' tokens; it stands with the others in `store.Transaction`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from digestbot.model.people import SubscriberId
from digestbot.store.contract.rows import TokenRow


class Tokens(Protocol):
    """Tokens of the links in mails, known by their hash only."""

    def add_tokens(self, rows: Iterable[TokenRow], *, now: datetime) -> None:
        """Those that are there already stay as they are, revoked ones too."""

    def find_token(self, hash: str, *, purpose: str) -> TokenRow | None:
        """None for an unknown one, one of another purpose, and a revoked one."""

    def revoke_tokens(self, subscriber: SubscriberId, *, now: datetime) -> int:
        """All links of theirs are dead; the next ones are of a new epoch. How many there were."""
