"""What is one per site: its rules over time, and named timestamps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from digestbot.store.contract.rows import Note


class Site(Protocol):
    """What is one per site: its rules over time, and named timestamps."""

    def sync_rules(self, rules: Mapping[str, str], *, now: datetime) -> None:
        """Make the site's rules (name → query) these from now on; a changed one begins now."""

    def rules_at(self, at: datetime) -> dict[str, str]:
        """The site's rules in force at `at`."""

    def set_timestamp(self, name: str, *, at: datetime) -> None:
        """Store a moment of the whole site under a name; it replaces an earlier one."""

    def set_note(self, name: str, *, at: datetime, text: str) -> None:
        """Store a moment with a text under a name; it replaces an earlier one."""

    def note(self, name: str) -> Note | None:
        """The moment and the text stored under a name, or None."""

    def remove_note(self, name: str) -> None:
        """Remove what is stored under a name, if anything is."""

    def why_frozen(self) -> str:
        """Why this database takes no writes any more: it was moved, and whereto; "" for one in use."""

    def timestamp(self, name: str) -> datetime | None:
        """The moment stored under a name, or None."""
