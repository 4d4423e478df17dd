"""Many hard refusals at once stop the run: the breaker opens, and suppressions that followed from them are lifted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from digestbot.acts.delivery.client import DeliveryClient
from digestbot.acts.delivery.refusal_watch import LAST, RefusalWatch
from digestbot.acts.delivery.release import forgive_refusals
from digestbot.acts.delivery.retry_policy import pause, words
from digestbot.model import Breaker, Fault, Receipt
from digestbot.store import Transaction

AT_ONCE = timedelta(days=1)  #: older answers do not count


def answers_of(tx: Transaction, breaker: Breaker, now: datetime) -> list[tuple[int, Receipt]]:
    """(delivery, receipt) of the last answers that count, newest first: since the breaker closed, a day at most."""
    since = max(now - AT_ONCE, breaker.since) if breaker.since and not breaker.failures else now - AT_ONCE
    return tx.outbox.last_answers(LAST, since=since)


def stop_for_refusals(
    client: DeliveryClient, breaker: Breaker, watch: RefusalWatch, last: Sequence[Receipt]
) -> datetime:
    """Open the breaker, and forgive the refusals that are written already; until when it is open."""
    now = client.clock()
    failures = breaker.failures + 1
    until = now + pause(Fault.RECIPIENT, failures)
    text = f"{watch}; the last: {words(last[-1])}" if last else str(watch)
    with client.store.transaction() as tx:
        forgive_refusals(tx, [delivery for delivery, _ in answers_of(tx, breaker, now)], now=now)
        tx.breakers.set_breaker(
            client.policy.server,
            Breaker(
                failures=failures, open_until=until, fault=Fault.RECIPIENT, text=text,
                since=breaker.since if breaker.failures else now,
            ),
        )  # fmt: skip
    return until
