"""Retention: once a day, delete what the operator does not want to keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.acts.papers.encode import KEPT
from digestbot.store import Store

DELETED = "forgotten"  #: mark: when it was done last


ONCE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long is kept what nobody needs for ever: [retention]."""

    replies: timedelta = timedelta(days=30)
    receipts: timedelta = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionReport:
    """What was deleted."""

    replies: int = 0
    polls: int = 0
    receipts: int = 0


def delete_expired(store: Store, retention: Retention, *, now: datetime) -> RetentionReport:
    """Once a day: old replies, lines of the ledger and receipts go. Entries, papers and what was shown stay."""
    with store.transaction() as tx:
        last = tx.site.timestamp(DELETED)
        if last is not None and now - last < ONCE:
            return RetentionReport()
        tx.site.set_timestamp(DELETED, at=now)
        replies, polls = tx.source_log.delete_expired(replies=now - retention.replies, polls=now - retention.receipts)
        receipts = tx.outbox.delete_receipts(now - retention.receipts)
        tx.confirmations.delete_confirmations(now)
        tx.returned.delete_returned(now - retention.receipts)
        tx.vectors.delete_vectors(before=now - KEPT)
    return RetentionReport(replies=replies, polls=polls, receipts=receipts)
