"""What follows from a receipt: the delivery's next state, and the server's circuit breaker. Pure.

Who is at fault decides (`channels.reply_faults`). The server or the account costs no message its tries. A message at
which it fails a second time is at fault itself: one reader's odd address must not close the connection for everybody.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from digestbot.model import Breaker, Delivery, DeliveryResult, Fault, Outcome, Receipt, SendStage, State

BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
BACKOFF_AFTER = timedelta(hours=4)
KEEP_TRYING = timedelta(hours=48)  #: after the first deferral
BREAKER_AT = 5  #: failures of the server in a row, each message counted once
PAUSE = timedelta(minutes=15)
#: a breaker doubles its pause up to this; an account is mended by a person, who should not wait for hours
LONGEST_PAUSE = {Fault.SERVER: timedelta(hours=4), Fault.ACCOUNT: timedelta(minutes=30)}
QUOTA_PAUSE = timedelta(hours=4)  #: the day's allowance comes back within the day; one mail asks for it
AT_MESSAGE = frozenset(
    {SendStage.RCPT, SendStage.DATA, SendStage.BODY, SendStage.DOT}
)  #: a failure here may be this message's own


def next_state(delivery: Delivery, receipt: Receipt, *, breaker: Breaker, now: datetime) -> DeliveryResult:
    """Where the delivery goes, and when it is tried again. `breaker`: as it was before this receipt."""
    match receipt.outcome:
        case Outcome.ACCEPTED:
            return DeliveryResult(delivery.id, State.SENT, receipt)
        case Outcome.UNKNOWN:
            return DeliveryResult(delivery.id, State.UNKNOWN, receipt, now)
        case Outcome.REFUSED:
            return _refused(delivery, receipt, now)
        case Outcome.DEFERRED:
            return deferred(delivery, receipt, now)
        case Outcome.UNAVAILABLE:
            return _unavailable(delivery, receipt, breaker, now)
        case Outcome.WITHHELD:
            return DeliveryResult(delivery.id, State.PENDING, receipt)  # in its old place


def _refused(delivery: Delivery, receipt: Receipt, now: datetime) -> DeliveryResult:
    if delivery.resends:  # the first try may have arrived: its papers must not come again
        return DeliveryResult(delivery.id, State.UNKNOWN, receipt, now)
    return DeliveryResult(delivery.id, State.REFUSED, receipt)


def deferred(delivery: Delivery, receipt: Receipt, now: datetime) -> DeliveryResult:
    """Tried again after a while that grows, for two days at most."""
    give_up = None if delivery.attempts else now + KEEP_TRYING
    return DeliveryResult(delivery.id, State.DEFERRED, receipt, now + backoff(delivery), give_up=give_up)


def _unavailable(delivery: Delivery, receipt: Receipt, breaker: Breaker, now: datetime) -> DeliveryResult:
    fell = fails_at_message(receipt)
    if not (fell and delivery.falls):
        return DeliveryResult(delivery.id, State.PENDING, receipt, now + BACKOFF[0], fell=fell)
    if receipt.fault is not Fault.ACCOUNT:
        return deferred(delivery, replace(receipt, fault=Fault.LATER), now)
    if not breaker.failures:  # others got through since: the account is fine
        return _refused(delivery, replace(receipt, fault=Fault.POLICY), now)
    return DeliveryResult(delivery.id, State.PENDING, receipt, now + BACKOFF[0], fell=True)


def fails_at_message(receipt: Receipt) -> bool:
    """Whether the server or account failed while it had this very message, so that the message may be the cause."""
    lost = receipt.stage == SendStage.MAIL and receipt.code is None
    unavailable = receipt.outcome is Outcome.UNAVAILABLE and receipt.fault is not Fault.QUOTA
    return unavailable and (receipt.stage in AT_MESSAGE or lost)


def backoff(delivery: Delivery) -> timedelta:
    """1, 5, 15, 60 minutes, then every 4 hours, with a jitter of ± 20 % that one delivery and attempt always have."""
    base = BACKOFF[delivery.attempts] if delivery.attempts < len(BACKOFF) else BACKOFF_AFTER
    spread = Random(f"{delivery.message_id} {delivery.attempts}").uniform(0.8, 1.2)  # noqa: S311  # spread, not secrecy
    return base * spread


def next_breaker(breaker: Breaker, delivery: Delivery, receipt: Receipt, *, now: datetime) -> Breaker:
    """The breaker after a receipt.

    Each message counts once. An account that may not send opens it at once; where that was said of one message only,
    `suspect` lets one other message try. What was in the air while it opened changes nothing more.
    """
    if receipt.outcome is Outcome.ACCEPTED:
        return closed(breaker, now=now)
    if receipt.outcome is not Outcome.UNAVAILABLE:
        return _answered(breaker, receipt, now)
    fault, fell = receipt.fault or Fault.SERVER, fails_at_message(receipt)
    if breaker.is_open(now):
        return _while_open(breaker, delivery) if fell else breaker
    if fell and delivery.falls:
        again = fault is Fault.ACCOUNT and breaker.failures
        return replace(breaker, open_until=now + pause(fault, 1)) if again else breaker
    return _one_more_failure(breaker, receipt, fault, delivery.id if fell else None, now)


def _while_open(breaker: Breaker, delivery: Delivery) -> Breaker:
    """A message fell while it was open: where it is another one than the suspect, the account is at fault."""
    confirmed = not delivery.falls and breaker.suspect not in (None, delivery.id)
    return replace(breaker, failures=breaker.failures + 1, suspect=None) if confirmed else breaker


def _one_more_failure(breaker: Breaker, receipt: Receipt, fault: Fault, fell: int | None, now: datetime) -> Breaker:
    """A closed breaker after a failure that counts. `fell`: the delivery whose own message failed; the first of an account
    is suspected of being the reason."""
    failures = breaker.failures + 1
    opens = fault is not Fault.SERVER or failures >= BREAKER_AT
    return Breaker(
        failures=failures, open_until=now + pause(fault, failures) if opens else breaker.open_until, fault=fault,
        text=words(receipt), since=breaker.since if breaker.failures else now,
        suspect=fell if fault is Fault.ACCOUNT and failures == 1 else None,
    )  # fmt: skip


def _answered(breaker: Breaker, receipt: Receipt, now: datetime) -> Breaker:
    """A mail that was deferred or refused: a server that answers so is not down."""
    answers = receipt.outcome in (Outcome.DEFERRED, Outcome.REFUSED) and receipt.code is not None
    return closed(breaker, now=now) if answers and breaker.fault is Fault.SERVER else breaker


def closed(breaker: Breaker, *, now: datetime) -> Breaker:
    """The breaker after a success, or after an operator closed it."""
    return Breaker(since=now) if breaker.failures or breaker.open_until else breaker


def pause(fault: Fault, failures: int) -> timedelta:
    """How long nobody knocks."""
    if fault is Fault.QUOTA:
        return QUOTA_PAUSE
    times = failures - (BREAKER_AT if fault is Fault.SERVER else 1)
    longest = LONGEST_PAUSE.get(fault, LONGEST_PAUSE[Fault.ACCOUNT])
    return min(PAUSE * (1 << min(max(0, times), 8)), longest)


def words(receipt: Receipt) -> str:
    """What the server said of a mail it did not take, and where; "" of one it took."""
    if receipt.outcome is Outcome.ACCEPTED:
        return ""
    code = f"{receipt.code} " if receipt.code else ""
    return f"{receipt.stage}: {code}{receipt.text}".strip(": ")
