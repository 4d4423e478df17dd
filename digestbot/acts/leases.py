"""Leases that a killed process cannot keep: what belonged to a process of this machine that is gone is free at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from digestbot.store import Transaction
from digestbot.system import process


def take(tx: Transaction, name: str, *, owner: str, now: datetime, lease: timedelta) -> datetime | None:
    """Take a lease: None when it is ours now, else when to ask again."""
    later = tx.leases.take_lease(name, owner=owner, now=now, lease=lease)
    if later is None:
        return None
    holder = tx.leases.lease_holder(name, now)
    if not holder or not process.gone(holder.partition("#")[0]):
        return later
    tx.leases.give_back_lease(name, owner=holder, next_at=now)
    return tx.leases.take_lease(name, owner=owner, now=now, lease=lease)
