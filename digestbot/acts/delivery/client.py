"""What every step of delivering knows: the store, the channel, the clock, who we are, and what the operator decided."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digestbot.channels import Channel
from digestbot.model import Breaker, Delivery, Digest, Message, State
from digestbot.store import Store

Build = Callable[[Digest], Message]
BuildFormMail = Callable[[Delivery], Message]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the operator decided about the moments nobody can know (docs/delivery.md)."""

    on_unknown: str = "resend"  #: "resend" once, after `unknown_after`, or "hold"
    unknown_after: timedelta = timedelta(minutes=15)
    per_day: int | None = None
    server: str = "channel"  #: name of the breaker
    rate: float | None = None  #: messages per second, of all processes together


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of one delivery in this round."""

    delivery: int
    digest: int | None
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverReport:
    """What a round of delivering did."""

    deliveries: tuple[Delivered, ...] = ()
    breaker: Breaker | None = None  #: open: nothing more is tried before its `open_until`
    paused: bool = False  #: the operator has paused the outbox
    capped: bool = False  #: the day's cap is reached
    due: int = 0  #: deliveries that are due and still wait

    def count(self, state: State) -> int:
        """How many ended this round in `state`."""
        return sum(d.state is state for d in self.deliveries)

    @property
    def closed_until(self) -> datetime | None:
        """Nothing is tried before this instant; None when the server may be asked."""
        return self.breaker.open_until if self.breaker else None

    @property
    def nothing_went(self) -> bool:
        """Something should have gone, and nothing did: `send` exits with 1. The operator's own pause and cap are none."""
        wanted = bool(self.deliveries) or (self.due > 0 and not self.paused and not self.capped)
        return wanted and not any(d.state in (State.SENT, State.UNKNOWN) for d in self.deliveries)


def _quiet(_: Delivered) -> None:
    pass


async def _at_once() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryClient:
    """Everything that a round of delivering needs; made once by the wiring."""

    store: Store
    channel: Channel
    build: Build
    policy: Policy
    clock: Callable[[], datetime]
    owner: str  #: this process, for leases
    form_mails: Mapping[str, BuildFormMail] = field(
        default_factory=dict
    )  #: mails that are no digests, by `Delivery.kind`
    on_progress: Callable[[Delivered], None] = _quiet
    turn: Callable[[], Awaitable[None]] = _at_once  #: waits until one more message may go
