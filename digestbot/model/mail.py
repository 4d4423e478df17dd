"""The mail itself and its way out.

The life of a delivery. Each arrow is a compare-and-set in the database; what has no arrow out is final.

    pending ──> claimed ──> committing ──> sent
       ^           │             ├──────> deferred ──> claimed …
       └───────────┤             ├──────> refused
     (lease over)  ├─> deferred  └──────> unknown ──> pending (resend) | sent | refused | cancelled
                   ├─> refused
                   └─> suppressed, cancelled, expired (also from pending and deferred)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from digestbot.model.people import SubscriberId


class State(StrEnum):
    """Where a delivery is."""

    PENDING = "pending"
    CLAIMED = "claimed"  #: a worker has it, under a lease
    COMMITTING = "committing"  #: written just before the final dot; never silently taken back
    SENT = "sent"
    DEFERRED = "deferred"  #: to be tried again at next_at
    REFUSED = "refused"
    UNKNOWN = "unknown"  #: the dot went out and no answer came back
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


MOVES: Final[dict[State, frozenset[State]]] = {
    # to unknown without a dot: the second try of an unknown one, refused or out of time; the first may have arrived
    State.PENDING: frozenset({State.CLAIMED, State.CANCELLED, State.EXPIRED, State.SUPPRESSED, State.UNKNOWN}),
    State.CLAIMED: frozenset(
        {
            State.PENDING,
            State.COMMITTING,
            State.DEFERRED,
            State.REFUSED,
            State.CANCELLED,
            State.SUPPRESSED,
            State.UNKNOWN,
        }
    ),
    State.COMMITTING: frozenset({State.SENT, State.DEFERRED, State.REFUSED, State.UNKNOWN}),
    State.DEFERRED: frozenset({State.CLAIMED, State.CANCELLED, State.EXPIRED, State.SUPPRESSED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.PENDING, State.SENT, State.REFUSED, State.CANCELLED, State.SUPPRESSED}),
}  #: a state that is missing here is final

WAITING: Final = (State.PENDING, State.DEFERRED)
RELEASING: Final = frozenset(
    {State.EXPIRED, State.REFUSED, State.CANCELLED}
)  #: these give their papers back (DESIGN 7)


class Outcome(StrEnum):
    """What a channel says became of one message."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"  #: 4xx: this message, later
    REFUSED = "refused"  #: 5xx: this message, never
    UNKNOWN = "unknown"  #: the final dot went out, no answer came
    UNAVAILABLE = "unavailable"  #: the server, not the message: costs it no try
    WITHHELD = "withheld"  #: the commit was refused (suppressed, lease lost): nothing was handed over


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a channel said of one message."""

    outcome: Outcome
    stage: str = ""  #: connect | tls | auth | mail | rcpt | data | dot | file
    code: int | None = None  #: SMTP reply code
    enhanced: str = ""  #: RFC 3463 status, "5.1.1"
    text: str = ""  #: the server's words, control characters removed, no address or secret in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A finished mail: the bytes as they go out (CRLF, 7 bit, no line over 998) and its envelope."""

    message_id: str  #: with angle brackets
    sender: str  #: envelope sender, bare address
    recipient: str  #: bare address
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row of the outbox."""

    id: int
    kind: str  #: "digest"
    digest: int | None
    subscriber: SubscriberId | None
    address: str
    state: State
    message_id: str
    attempts: int = 0
    resends: int = 0
    next_at: datetime  #: aware UTC
    expires: datetime  #: aware UTC: not tried after this
    owner: str = ""
    lease_until: datetime | None = None
    last: Receipt | None = None
