"""What is one per site: its rules over time, and named timestamps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol


class Site(Protocol):
    """What is one per site: its rules over time, and named timestamps."""

    def sync_rules(self, rules: Mapping[str, str], *, now: datetime) -> None:
        """Make the site's rules (name → query) these from now on; a changed one begins now."""

    def rules_at(self, at: datetime) -> dict[str, str]:
        """The site's rules in force at `at`."""

    def set_timestamp(self, name: str, *, at: datetime) -> None:
        """Store a moment of the whole site under a name; it replaces an earlier one."""

    def timestamp(self, name: str) -> datetime | None:
        """The moment stored under a name, or None."""
