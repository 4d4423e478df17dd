"""The mail itself and its way out.

The life of a delivery is the table `MOVE_TABLE`. Each move is a compare-and-set in the database; docs/promises.md draws
the picture from the same table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final, Literal, NamedTuple

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


class Move(NamedTuple):
    """One arrow of the picture."""

    was: State
    to: State
    why: str


MOVE_TABLE: Final = (
    Move(State.PENDING, State.CLAIMED, "a worker takes it, with a lease of 60 s"),
    Move(State.PENDING, State.EXPIRED, "its time is over: the next slot has come"),
    Move(State.PENDING, State.CANCELLED, "the person left or paused, or the operator cancels it"),
    Move(State.PENDING, State.SUPPRESSED, "the address must not be mailed"),
    Move(State.PENDING, State.UNKNOWN, "a second try runs out of time: the first may have arrived"),
    Move(State.CLAIMED, State.PENDING, "given back: not tried, or the server or the account is at fault"),
    Move(State.CLAIMED, State.COMMITTING, "the body has left; only the final dot is missing"),
    Move(State.CLAIMED, State.DEFERRED, "the server says later, or the mail cannot be built"),
    Move(State.CLAIMED, State.REFUSED, "the server says never"),
    Move(State.CLAIMED, State.CANCELLED, "the person left or paused since it was claimed"),
    Move(State.CLAIMED, State.SUPPRESSED, "the address is suppressed since it was claimed"),
    Move(State.CLAIMED, State.UNKNOWN, "a second try is refused: the first may have arrived"),
    Move(State.COMMITTING, State.SENT, "the server says yes"),
    Move(State.COMMITTING, State.PENDING, "the server answers the dot: not from this account, or not today"),
    Move(State.COMMITTING, State.DEFERRED, "the server answers the dot: later"),
    Move(State.COMMITTING, State.REFUSED, "the server answers the dot: never"),
    Move(State.COMMITTING, State.UNKNOWN, "no answer to the dot, or the process died there"),
    Move(State.DEFERRED, State.CLAIMED, "its next try is due"),
    Move(State.DEFERRED, State.PENDING, "the operator retries it at once"),
    Move(State.DEFERRED, State.EXPIRED, "its time is over: the next slot, or 48 h after the first refusal"),
    Move(State.DEFERRED, State.CANCELLED, "the person left or paused, or the operator cancels it"),
    Move(State.DEFERRED, State.SUPPRESSED, "the address must not be mailed"),
    Move(State.DEFERRED, State.UNKNOWN, "a second try runs out of time: the first may have arrived"),
    Move(State.UNKNOWN, State.PENDING, "resent once with the same Message-ID, or by the operator"),
    Move(State.UNKNOWN, State.SENT, "a bounce or the operator settles it"),
    Move(State.UNKNOWN, State.REFUSED, "a bounce or the operator settles it"),
    Move(State.UNKNOWN, State.CANCELLED, "the operator cancels it"),
    Move(State.UNKNOWN, State.SUPPRESSED, "the address must not be mailed"),
)  #: every move there is

MOVES: Final[dict[State, frozenset[State]]] = {
    state: frozenset(move.to for move in MOVE_TABLE if move.was is state)
    for state in State
    if any(move.was is state for move in MOVE_TABLE)
}  #: a state that is missing here is final

WAITING: Final = (State.PENDING, State.DEFERRED)
RELEASING: Final = frozenset(
    {State.EXPIRED, State.REFUSED, State.CANCELLED}
)  #: these give their papers back (DESIGN 7)


class Security(StrEnum):
    """How the connection to a mail server is protected. Never less than was asked for."""

    TLS = "tls"  #: from the first byte
    STARTTLS = "starttls"  #: before the login; a server that offers none gets no mail
    NONE = "none"


class Fault(StrEnum):
    """Who is at fault that a mail was not taken; it decides what happens next (docs/delivery.md)."""

    MESSAGE = "message"  #: this mail: final for it
    RECIPIENT = "recipient"  #: no such mailbox: final, and the address is suppressed
    MAILBOX = "mailbox"  #: full or switched off for now: final for this mail; counted, not suppressed at once
    ACCOUNT = "account"  #: the sender or the login: nobody is suppressed, the mails wait, the breaker opens
    SERVER = "server"  #: the mail server: the mails wait, the breaker opens after five
    POLICY = "policy"  #: content or reputation: final for this mail, never suppressed
    QUOTA = "quota"  #: the day's allowance is used up: the mails wait for hours
    LATER = "later"  #: not now: this mail is tried again


class Outcome(StrEnum):
    """What a channel says became of one message."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"  #: 4xx: this message, later
    REFUSED = "refused"  #: 5xx: this message, never
    UNKNOWN = "unknown"  #: the final dot went out, no answer came
    UNAVAILABLE = "unavailable"  #: the server, not the message: costs it no try
    WITHHELD = "withheld"  #: the commit was refused (suppressed, lease lost): nothing was handed over


class SendStage(StrEnum):
    """How far a message had come when the channel had its last answer. The first eight are SMTP's, in its order."""

    CONNECT = "connect"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"  #: MAIL FROM
    RCPT = "rcpt"  #: RCPT TO
    DATA = "data"
    BODY = "body"
    DOT = "dot"  #: the final dot, after which the server may have accepted the message
    FILE = "file"  #: a file is written in place of a dialogue
    BUILD = "build"  #: the message could not be built
    OTHER = "other"  #: a plug-in's word that is not in this list
    UNSAID = ""

    @classmethod
    def _missing_(cls, value: object) -> SendStage:
        return cls.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a channel said of one message."""

    outcome: Outcome
    stage: SendStage = SendStage.UNSAID  #: a plug-in may give the word
    code: int | None = None  #: SMTP reply code
    enhanced: str = ""  #: RFC 3463 status, "5.1.1"
    text: str = ""  #: the server's words, control characters removed, no address or secret in it
    fault: Fault | None = None  #: None: nobody's (accepted), or the channel does not say

    def __post_init__(self) -> None:
        if not isinstance(self.stage, SendStage):
            object.__setattr__(self, "stage", SendStage(self.stage))


class DeliveryResult(NamedTuple):
    """What became of one try."""

    delivery: int
    state: State
    receipt: Receipt
    next_at: datetime | None = None  #: aware UTC: when again, for pending and deferred
    fell: bool = False  #: the server or the account failed at this message
    give_up: datetime | None = None  #: aware UTC: not tried after this instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A finished mail: the bytes as they go out (CRLF, 7 bit, no line over 998) and its envelope."""

    message_id: str  #: with angle brackets
    sender: str  #: envelope sender, bare address
    recipient: str  #: bare address, its domain in A-labels; a local part that is not ASCII needs SMTPUTF8
    data: bytes


CONFIRM: Final = "confirm"  #: the kind of a delivery that asks somebody to confirm what was asked for by a form


class Lane(IntEnum):
    """Which deliveries go first: a lower lane is emptied before the next one is begun."""

    PERSONAL = 0  #: somebody waits for it at their screen: confirmations, changes of address, a test
    DIGEST = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """Why a mail server is not asked for a while. `failures` 0 and no `open_until`: it is."""

    failures: int = 0  #: in a row, each message counted once
    open_until: datetime | None = None  #: aware UTC: nothing is tried before
    fault: Fault | None = None
    text: str = ""  #: the server's whole words, with their stage and code
    since: datetime | None = None  #: of the first failure; once closed, of the closing
    suspect: int | None = None  #: the one delivery it failed at, while no other has been tried since

    def is_open(self, now: datetime) -> bool:
        """Whether nothing may be tried at `now`."""
        return self.open_until is not None and self.open_until > now


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row of the outbox."""

    id: int
    kind: str  #: "digest", or what else it is; only digests have one
    digest: int | None
    subscriber: SubscriberId | None
    address: str
    state: State
    message_id: str
    attempts: int = 0
    resends: int = 0
    falls: int = 0  #: how often the server or the account failed at this very message
    lane: Lane = Lane.DIGEST
    next_at: datetime  #: aware UTC: not tried before; the earlier, the sooner it is its turn
    expires: datetime  #: aware UTC: not tried after this
    owner: str = ""
    lease_until: datetime | None = None
    last: Receipt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormMail:
    """A mail that is no digest: somebody asked for it by a form, and has to press a button."""

    kind: Literal["subscribe", "known", "leave", "move", "moved"]
    site: str
    address: str
    asked: datetime  #: aware UTC; also the mail's Date
    message_id: str
    link: str  #: the page with the button; of `known` and `moved` their preferences
    language: str = "en"
    topics: tuple[str, ...] = ()  #: names
    schedule: str = ""
    zone: str = "UTC"
    contact: str = ""
