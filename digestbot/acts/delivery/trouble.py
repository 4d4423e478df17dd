"""What is wrong with the mail server at this moment, in its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.acts.delivery.refusal_watch import FEW, LAST, most_are_refused
from digestbot.acts.delivery.retry_policy import words
from digestbot.model import Delivery, Outcome, Receipt
from digestbot.model.mail import WAITING
from digestbot.store import Transaction

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTrouble:
    """A mail server that takes nothing, or that refuses most of a few readers."""

    server: str
    said: str  #: its whole words, or what the network said
    closed_until: datetime | None  #: nothing is tried before
    waiting: int  #: mails that wait for it
    takes_some: bool = False  #: it is asked as usual; what it refused for good is doubted, and tried again


def mail_trouble(tx: Transaction, server: str, now: datetime) -> ServerTrouble | None:
    """Why the mail server takes nothing, in its words; None while it does."""
    breaker = tx.breakers.breaker_of(server)
    waiting = tx.outbox.list_deliveries(WAITING, most=1000)
    if not breaker.is_open(now) and not breaker.failures:
        return _refusals(tx, server, waiting, now)
    heard = [words(row.last) for row in waiting if row.last is not None and row.last.outcome is Outcome.UNAVAILABLE]
    said = breaker.text or next(iter(heard), "it failed several times in a row")
    until = breaker.open_until if breaker.is_open(now) else None
    return ServerTrouble(server=server, said=said, closed_until=until, waiting=len(waiting))


def _refusals(tx: Transaction, server: str, waiting: Sequence[Delivery], now: datetime) -> ServerTrouble | None:
    """What to say of a server that is asked as usual and refuses most readers."""
    refused = [row.last for row in waiting if row.last is not None and row.last.outcome is Outcome.REFUSED]
    newest = refused[0] if len(refused) >= FEW else _most_refused(tx, now)
    if newest is None:
        return None
    return ServerTrouble(server=server, said=words(newest), closed_until=None, waiting=len(refused), takes_some=True)


def _most_refused(tx: Transaction, now: datetime) -> Receipt | None:
    """The newest refusal, where more readers were refused than taken today. At the dot it is final: no mail waits."""
    last: dict[str, Receipt] = {}
    for number, receipt in tx.outbox.last_answers(LAST, since=now - A_DAY):
        if (row := tx.outbox.delivery_by_id(number)) is not None:
            last.setdefault(row.address, receipt)
    refused = {address: receipt for address, receipt in last.items() if receipt.outcome is Outcome.REFUSED}
    if not most_are_refused(refused, len(last) - len(refused)):
        return None
    return next(iter(refused.values()))
