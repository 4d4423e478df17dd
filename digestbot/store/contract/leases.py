"""Leases of hosts and of the daemon, and circuit breakers of mail servers: what processes share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol


class Leases(Protocol):
    """Named leases: a host's turn, the daemon's place. They hold across processes."""

    def take_lease(self, name: str, *, owner: str, now: datetime, lease: timedelta) -> datetime | None:
        """A named lease (a host's turn, the daemon's place). None: it is yours until now + lease (also when it was
        yours already). Otherwise the instant at which it is worth asking again."""

    def give_back_lease(self, name: str, *, owner: str, next_at: datetime) -> None:
        """Not before `next_at` for the next one. Nothing happens when it is not `owner`'s."""

    def postpone_lease(self, name: str, *, until: datetime) -> None:
        """Nobody takes it before `until` (Retry-After); an earlier instant changes nothing."""

    def lease_holder(self, name: str, now: datetime) -> str:
        """Who has it; "" when nobody has."""


class Breakers(Protocol):
    """Circuit breakers of mail servers."""

    def breaker_of(self, server: str) -> tuple[int, datetime | None]:
        """(failures in a row, closed to us until) of a mail server."""

    def set_breaker(self, server: str, *, failures: int, open_until: datetime | None) -> None:
        """After a failure or a success."""
