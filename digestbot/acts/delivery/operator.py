"""The operator's hand on the outbox: retry, pause and resume, close a breaker, see who waits, send a test mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.acts.delivery.retry_policy import closed, words
from digestbot.channels import Channel
from digestbot.model import Breaker, Delivery, Message, Outcome, Receipt, SendStage
from digestbot.store import Store, Transaction

PAUSED = "outbox"  #: name of the breaker that the operator opens
FOR_EVER = timedelta(days=36_500)
STARVES_AFTER = timedelta(hours=24)  #: a mail that is due so long ago and was never taken
STEPS = tuple(SendStage)[:8]  #: of SMTP, in their order


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxState:
    """How sending stands at one moment."""

    breaker: Breaker
    is_open: bool  #: the mail server is not asked now
    paused_until: datetime | None  #: the operator has paused the outbox; None: not paused
    due: int  #: deliveries that are due and wait
    starving: tuple[Delivery, ...]  #: due for more than a day, the longest first


def outbox_state(tx: Transaction, server: str, *, now: datetime) -> OutboxState:
    """The breaker with the server's words, a pause, and who waits. `server`: `Policy.server`."""
    breaker, pause = tx.breakers.breaker_of(server), tx.breakers.breaker_of(PAUSED)
    return OutboxState(
        breaker=breaker, is_open=breaker.is_open(now), paused_until=pause.open_until if pause.is_open(now) else None,
        due=tx.outbox.count_due(now), starving=tuple(tx.outbox.longest_waiting(now - STARVES_AFTER)),
    )  # fmt: skip


def retry_now(store: Store, ids: Iterable[int], *, server: str, now: datetime) -> list[int]:
    """Make these due at once and close the breaker, so that the server is asked; the ids that moved."""
    with store.transaction() as tx:
        moved = tx.outbox.retry_deliveries(ids, now=now)
        if moved:
            close_breaker(tx, server, now=now)
        return moved


def close_breaker(tx: Transaction, server: str, *, now: datetime) -> bool:
    """Ask the server again from now on; False when it was not closed to us."""
    before = tx.breakers.breaker_of(server)
    after = closed(before, now=now)
    if after == before:
        return False
    tx.breakers.set_breaker(server, after)
    return True


def hold_outbox(store: Store, *, now: datetime) -> int:
    """What waits may have been handed over by a run that nobody knows the end of: none of it is sent by itself; how many."""
    with store.transaction() as tx:
        return tx.outbox.hold_all_as_unknown(now=now)


def pause_outbox(store: Store, *, now: datetime, until: datetime | None = None) -> datetime:
    """Send nothing until then, or until `resume_outbox`; digests are composed all the same."""
    end = until or now + FOR_EVER
    with store.transaction() as tx:
        tx.breakers.set_breaker(PAUSED, Breaker(failures=1, open_until=end, text="paused by the operator", since=now))
    return end


def resume_outbox(store: Store, *, now: datetime) -> bool:
    """Send again; False when nothing was paused."""
    with store.transaction() as tx:
        return close_breaker(tx, PAUSED, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a test mail."""

    stage: str
    passed: bool
    text: str = ""  #: the server's words where it did not pass


async def send_test(channel: Channel, message: Message) -> tuple[Step, ...]:
    """Send one mail beside the outbox, and tell each step: connect, TLS, login, sender, recipient, body, answer."""
    async with channel:
        connection = channel.connection()
        try:
            receipt = await connection.send(message, _granted)
        finally:
            await connection.close()
    return steps_of(receipt)


def steps_of(receipt: Receipt) -> tuple[Step, ...]:
    """The steps that a receipt tells of: all before its stage passed."""
    if receipt.stage not in STEPS:
        passed = receipt.outcome is Outcome.ACCEPTED
        return (Step(stage=receipt.stage, passed=passed, text=words(receipt)),)
    before = STEPS[: STEPS.index(receipt.stage)]
    last = Step(stage=receipt.stage, passed=receipt.outcome is Outcome.ACCEPTED, text=words(receipt))
    return (*(Step(stage=stage, passed=True) for stage in before), last)


async def _granted() -> bool:
    return True
