"""The outbox by hand: list, show, retry and cancel, by number or by whose mail it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from digestbot.acts.delivery.operator import close_breaker
from digestbot.acts.delivery.release import cancel
from digestbot.errors import NotFound
from digestbot.model import Delivery, State
from digestbot.store import Store, Transaction

OPEN = (State.PENDING, State.CLAIMED, State.COMMITTING, State.DEFERRED, State.UNKNOWN)
MOST = 10_000
LONGEST_NUMBER = 18  #: digits: a database counts no further


def list_outbox(store: Store, *, ended: bool = False) -> list[Delivery]:
    """What waits, is being sent, or nobody knows about; also what has ended where that is wanted. Newest first."""
    with store.reading() as tx:
        return tx.outbox.list_deliveries(None if ended else OPEN, most=MOST)


def show_delivery(store: Store, name: str) -> Delivery:
    """One delivery by its number, or the newest of a subscriber's. Raises NotFound."""
    with store.reading() as tx:
        return _named(tx, name, None)[0]


def retry(store: Store, names: Sequence[str], server: str, *, now: datetime) -> list[Delivery]:
    """Send these again at once, and ask the mail server again however often it failed; the deliveries that wait now.

    `names`: numbers, ids or addresses of subscribers; none: everything that waits. Raises NotFound.
    """
    with store.transaction() as tx:
        close_breaker(tx, server, now=now)
        rows = _chosen(tx, names, (State.PENDING, State.DEFERRED, *((State.UNKNOWN,) if names else ())))
        tx.outbox.bring_forward([row.id for row in rows if row.state is State.PENDING], now=now)
        moved = set(tx.outbox.retry_deliveries([row.id for row in rows if row.state is not State.PENDING], now=now))
        return [row for row in rows if row.state is State.PENDING or row.id in moved]


def open_again(store: Store, server: str, *, now: datetime) -> None:
    """The mail server takes mails: it is asked again at once."""
    with store.transaction() as tx:
        close_breaker(tx, server, now=now)


def take_out(store: Store, names: Sequence[str], *, now: datetime) -> list[Delivery]:
    """Do not send these; their papers come with the next digest. Raises NotFound."""
    with store.transaction() as tx:
        rows = _chosen(tx, names, (State.PENDING, State.DEFERRED, State.UNKNOWN))
        moved = set(cancel(tx, [row.id for row in rows], now=now, unsure=True))
        return [row for row in rows if row.id in moved]


def _chosen(tx: Transaction, names: Sequence[str], states: Sequence[State]) -> list[Delivery]:
    if not names:
        return tx.outbox.list_deliveries(states, most=MOST)
    return [row for name in names for row in _named(tx, name, states)]


def _named(tx: Transaction, name: str, states: Sequence[State] | None) -> list[Delivery]:
    """The delivery of a number, or those of a subscriber in these states, newest first. Raises NotFound."""
    if name.isdecimal() and len(name) <= LONGEST_NUMBER:
        row = tx.outbox.delivery_by_id(int(name))
        if row is None:
            raise NotFound(f"no delivery {name}", fix="`digestbot outbox list --all` shows their numbers")
        return [row]
    person = tx.people.find_person(name)
    if person is None:
        raise NotFound(f"{name!r} is no number and no subscriber", fix="`digestbot outbox list` shows both")
    rows = tx.outbox.list_deliveries(states, most=MOST, subscriber=person.stored_id)
    if not rows and states is None:
        raise NotFound(f"{person.ref} has had no mail yet", fix="`digestbot status` says when the next is due")
    return rows
