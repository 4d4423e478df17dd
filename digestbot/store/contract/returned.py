"""The contract of mails that came back: each counted once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digestbot.model.returned import ReturnKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedRow:
    """One mail that came back, as it is kept."""

    key: str  #: the same for the same mail, whatever way it came
    at: datetime  #: read, aware UTC
    kind: ReturnKind
    effect: str  #: what it changed, a word of `acts.people.inbox.Effect`
    address: str = ""  #: the address it is about; kept as a hash, and "" when read back
    delivery: int | None = None
    text: str = ""  #: the server's words, without addresses


class Returned(Protocol):
    """Mails that came back."""

    def add_returned(self, row: ReturnedRow) -> bool:
        """False when a row of this key is there: nothing is written."""

    def is_returned(self, key: str) -> bool:
        """Is a row of this key there?"""

    def count_soft(self, address: str, *, since: datetime) -> int:
        """Rows of this address and effect "counted" read at or after `since` that no suppression has used up."""

    def use_up_soft(self, address: str) -> None:
        """A suppression came of them: they count no more."""

    def count_returned(self, since: datetime) -> dict[tuple[ReturnKind, str], int]:
        """(kind, effect) → how many were read at or after `since`."""

    def latest_returned(self, most: int) -> list[ReturnedRow]:
        """The last mails that came back, newest first."""

    def delete_returned(self, before: datetime) -> int:
        """Rows read before then go; how many."""
