"""What comes back after sending: bounces, complaints, automatic answers, unsubscribe mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digestbot.model.mail import SendStage


class ReturnKind(StrEnum):
    """What a returned mail means for the address it speaks of."""

    HARD = "hard"  #: the mailbox or its domain does not exist
    SOFT = "soft"  #: not now: unreachable, overloaded, suspended, or refused without a clear reason
    FULL = "full"  #: the mailbox or its disk is full
    POLICY = "policy"  #: our mail, our server or our domain is refused; says nothing about the address
    COMPLAINT = "complaint"  #: a feedback report, RFC 5965; `RecipientReport.feedback` says which
    AUTO_REPLY = "auto_reply"  #: an automatic answer that reports no failure: vacation, receipt, success notice
    CHALLENGE = "challenge"  #: asks the sender to confirm that a person wrote
    UNSUBSCRIBE = "unsubscribe"  #: sent to the mailto of List-Unsubscribe
    UNKNOWN = "unknown"  #: none of these, or unreadable


#: of several reports in one mail the first of these names the mail
GRAVEST: tuple[ReturnKind, ...] = (
    ReturnKind.HARD, ReturnKind.COMPLAINT, ReturnKind.FULL, ReturnKind.SOFT, ReturnKind.POLICY, ReturnKind.UNSUBSCRIBE,
    ReturnKind.CHALLENGE, ReturnKind.AUTO_REPLY, ReturnKind.UNKNOWN,
)  # fmt: skip

#: feedback types (RFC 5965 7.3, RFC 6430, RFC 6591) in which no reader complains
NO_COMPLAINT = frozenset({"auth-failure", "not-spam", "virus"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientReport:
    """What a returned mail says of one recipient."""

    recipient: str  #: bare address as the report wrote it; "" when it names none
    kind: ReturnKind
    action: str = ""  #: RFC 3464 2.3.3: failed, delayed, delivered, relayed, expanded; "" when not said
    status: str = ""  #: RFC 3463 status, "5.1.1"; "" when not said
    code: int | None = None  #: SMTP reply code
    stage: SendStage = SendStage.UNSAID  #: at which the mail was refused
    feedback: str = ""  #: Feedback-Type of a complaint, lower case
    text: str = ""  #: the server's words in one line, at most 500 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedMail:
    """A mail that came back, read."""

    kind: ReturnKind
    reports: tuple[RecipientReport, ...] = ()  #: none where the mail speaks of no recipient
    sent_to: tuple[str, ...] = ()  #: addresses this mail was sent to: the envelope's where recorded, then To and Cc
    original_id: str = ""  #: Message-ID of the mail it answers, with angle brackets
    message_id: str = ""  #: its own Message-ID, with angle brackets
    subject: str = ""
    asks: str = ""  #: its first line, where that asks to be unsubscribed and says nothing else


class Effect(StrEnum):
    """What a returned mail changed."""

    SUPPRESSED = "suppressed"  #: the address takes no mail until an operator lifts it
    PAUSED = "paused"  #: the address takes no mail until a date
    COUNTED = "counted"  #: one soft bounce more
    LEFT = "left"  #: the subscriber unsubscribed
    NOTED = "noted"  #: says nothing against the address
    FORGED = "forged"  #: its token is not ours
    UNPROVEN = "unproven"  #: carries neither a token nor a Message-ID of ours
    KNOWN = "known"  #: was read before
    SET_ASIDE = "set aside"  #: a person has to read it


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDecision:
    """What to do about one returned mail."""

    effect: Effect
    reason: str = ""  #: for people, without addresses
    until: datetime | None = None  #: of PAUSED, aware UTC
    undelivered: bool = False  #: our mail did not arrive: its papers may come again
