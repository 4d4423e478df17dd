"""Hard refusals that are a server's fault: suppressions that followed from them are lifted.

Many at once stop the run, and the breaker opens. Where few are mailed, the refused alone wait and are tried again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from digestbot.acts.delivery.client import DeliveryClient
from digestbot.acts.delivery.refusal_watch import LAST, SPANS, RefusalWatch, is_hard, most_are_refused
from digestbot.acts.delivery.release import forgive_refusals
from digestbot.acts.delivery.retry_policy import pause, words
from digestbot.model import Breaker, Fault, Outcome, Receipt
from digestbot.store import Transaction

AT_ONCE = timedelta(days=1)  #: older answers do not count


def answers_of(tx: Transaction, breaker: Breaker, now: datetime) -> list[tuple[int, Receipt]]:
    """(delivery, receipt) of the last answers that count, newest first, one of each mail: since the breaker closed, a day
    at most."""
    since = max(now - AT_ONCE, breaker.since) if breaker.since and not breaker.failures else now - AT_ONCE
    newest: dict[int, Receipt] = {}
    for delivery, receipt in tx.outbox.last_answers(LAST, since=since):
        newest.setdefault(delivery, receipt)
    return list(newest.items())


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


def forgive_most(client: DeliveryClient, unwritten: Mapping[int, Receipt]) -> bool:
    """Whether the server refuses more readers than it takes; then suppressions that followed are lifted.

    `unwritten`: answers of this batch that stand in no row yet.
    """
    now = client.clock()
    with client.store.transaction() as tx:
        for span in SPANS:
            written = tx.outbox.last_answers(LAST, since=now - span)
            answers = [*unwritten.items(), *written]
            rows = (tx.outbox.delivery_by_id(number) for number, receipt in answers if is_hard(receipt))
            refused = {row.address for row in rows if row is not None}
            taken = sum(receipt.outcome is Outcome.ACCEPTED for _, receipt in answers)
            if most_are_refused(refused, taken):
                forgive_refusals(tx, [number for number, _ in written], now=now)
                return True
    return False
