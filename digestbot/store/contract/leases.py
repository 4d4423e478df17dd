"""Leases of hosts and of the daemon, and circuit breakers of mail servers: what processes share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from digestbot.model import Breaker


class Leases(Protocol):
    """Named leases: a host's turn, the daemon's place. They hold across processes."""

    def take_lease(self, name: str, *, owner: str, now: datetime, lease: timedelta) -> datetime | None:
        """Take a lease until now + `lease`. Returns None when the caller has it (also when it had it before), else
        the instant from which asking again is worthwhile."""

    def give_back_lease(self, name: str, *, owner: str, next_at: datetime) -> None:
        """Give a lease back; nobody takes it before `next_at`. Does nothing when `owner` does not hold it."""

    def postpone_lease(self, name: str, *, until: datetime) -> None:
        """Let nobody take the lease before `until` (Retry-After). An earlier instant changes nothing."""

    def postponed_until(self, name: str, now: datetime) -> datetime | None:
        """The instant before which nobody takes the lease; None where no such instant is to come. Writes nothing."""

    def lease_holder(self, name: str, now: datetime) -> str:
        """Who holds the lease; "" when nobody does."""


class Breakers(Protocol):
    """Circuit breakers of mail servers."""

    def breaker_of(self, server: str) -> Breaker:
        """The breaker of a mail server; one that never failed is closed."""

    def set_breaker(self, server: str, breaker: Breaker) -> None:
        """Write it as it is now."""
