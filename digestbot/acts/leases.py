"""Leases that a killed process cannot keep: what belonged to a process of this machine that is gone is free at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from digestbot.store import Store, Transaction
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


def take_place(store: Store, name: str, *, owner: str, now: datetime, lease: timedelta) -> str:
    """Take or renew the lease of a place that one process at a time has: "" when it is ours now, else who holds it."""
    with store.transaction() as tx:
        taken = take(tx, name, owner=owner, now=now, lease=lease)
        return tx.leases.lease_holder(name, now) if taken else ""


def leave_place(store: Store, name: str, *, owner: str, now: datetime) -> None:
    """Free a place at once."""
    with store.transaction() as tx:
        tx.leases.give_back_lease(name, owner=owner, next_at=now)
