"""Suppressions by hand: list, add, remove, import and export the addresses that must not be mailed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from digestbot.acts.people.sync import stop_deliveries
from digestbot.errors import NotFound, UsageError
from digestbot.store import Store, Suppression, Transaction

BY_HAND = "by hand"
COLUMNS = ("address", "sha256", "reason", "since")
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_ADDRESS = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,255}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSuppressions:
    """What became of a list of addresses."""

    added: int
    known: int  #: were suppressed already; they keep their reason
    unread: tuple[str, ...]  #: lines that are neither an address nor a hash


def all_suppressions(store: Store) -> list[Suppression]:
    """Every address that must not be mailed, oldest first."""
    with store.reading() as tx:
        return tx.people.suppressions()


def suppress(store: Store, address: str, *, reason: str, now: datetime) -> None:
    """Never mail this address until it is lifted; what waits for it is cancelled. Raises UsageError."""
    if not _ADDRESS.match(address.strip()):
        raise UsageError(f"{address!r} is no mail address", fix="It looks like reader@example.org")
    with store.transaction() as tx:
        tx.people.suppress_address(address.strip(), reason=reason or BY_HAND, now=now)
        person = tx.people.find_person(address.strip())
        if person is not None:
            stop_deliveries(tx, person.stored_id, now)


def lift(store: Store, address: str, *, now: datetime) -> None:
    """Mail this address again. Raises NotFound when it was not suppressed."""
    with store.transaction() as tx:
        if not tx.people.lift_suppression(address.strip(), now=now):
            raise NotFound(f"{address!r} is not suppressed", fix="`digestbot suppressions list` shows who is")


def exported(rows: Iterable[Suppression]) -> str:
    """CSV with a line a suppression: the address where it is known, its hash, the reason, and since when."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((_cell(r.address), r.email_hash, _cell(r.reason), f"{r.since:%Y-%m-%dT%H:%M:%SZ}") for r in rows)
    return out.getvalue()


def _cell(text: str) -> str:
    """Returns a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def import_suppressions(store: Store, text: str, *, now: datetime) -> ImportedSuppressions:
    """Read an export of ours, or addresses or SHA-256 hashes, one a line; add those that are not suppressed yet."""
    known = {row.email_hash for row in all_suppressions(store)}
    added, twice, unread = 0, 0, list[str]()
    with store.transaction() as tx:
        for line in csv.reader(io.StringIO(text)):
            cells = [cell.strip() for cell in line]
            if not any(cells) or tuple(cells[:2]) == COLUMNS[:2]:
                continue
            outcome = _add(tx, cells, known, now)
            added, twice = added + (outcome == "added"), twice + (outcome == "known")
            unread += [cells[0]] * (outcome == "unread")
    return ImportedSuppressions(added=added, known=twice, unread=tuple(unread))


def _add(tx: Transaction, cells: list[str], known: set[str], now: datetime) -> str:
    reason = cells[2] if len(cells) > 2 and cells[2] else "imported"
    hashed = next((c.lower() for c in cells[:2] if _HASH.match(c.lower())), "")
    address = next((c for c in cells[:1] if _ADDRESS.match(c)), "")
    if not hashed and not address:
        return "unread"
    number = hashed or tx.people.hash_of(address)
    if number in known:
        return "known"
    known.add(number)
    tx.people.suppress_hash(number, reason=reason, now=now)
    return "added"
