"""What a returned mail changes: a pure decision from what it says, what proves it, and what came before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.model.returned import (
    NO_COMPLAINT,
    Effect,
    RecipientReport,
    ReturnDecision,
    ReturnedMail,
    ReturnKind,
)

SOFT_LIMIT = 5  #: soft bounces within SOFT_WINDOW that suppress an address for SOFT_PAUSE
SOFT_WINDOW = timedelta(days=15)
SOFT_PAUSE = timedelta(days=14)
COMPLAINED = "complained"
#: so many hard bounces of a day, and this share of the mails sent, are a fault of a server and not of so many readers
MANY_HARD, HARD_SHARE = 10, 0.05
FEW_HARD = 3  #: and where few are mailed, so many that are most of the mails sent
_ADDRESS = re.compile(r"<?[^\s<>@]{1,64}@[\w.-]{1,255}>?")
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnProof:
    """What proves that a mail is about one of ours."""

    address: str = ""  #: the address our mail went to; "" without proof
    forged: bool = False  #: a token was given, and it is not ours
    soft_before: int = 0  #: soft bounces of the address within SOFT_WINDOW
    many_hard: bool = False  #: more hard bounces than readers can have caused: `too_many_hard`


def decide(mail: ReturnedMail, proof: ReturnProof, *, now: datetime) -> ReturnDecision:
    """What to do about a mail that is no unsubscribe mail. Without proof no address is touched."""
    report = _about(mail, proof.address)
    said = without_addresses(report.text or mail.subject)
    if mail.kind in (ReturnKind.AUTO_REPLY, ReturnKind.CHALLENGE) or _says_nothing(report):
        return ReturnDecision(effect=Effect.NOTED, reason=said)
    if mail.kind is ReturnKind.UNKNOWN:
        return ReturnDecision(effect=Effect.SET_ASIDE, reason="not understood")
    if proof.forged:
        return ReturnDecision(effect=Effect.FORGED, reason="its address carries a token that is not ours")
    if not proof.address:
        noted = mail.kind is ReturnKind.POLICY
        return ReturnDecision(effect=Effect.NOTED if noted else Effect.UNPROVEN, reason=said)
    return _proven(report, proof, said, now)


def _proven(report: RecipientReport, proof: ReturnProof, said: str, now: datetime) -> ReturnDecision:
    if report.kind is ReturnKind.COMPLAINT:
        return ReturnDecision(effect=Effect.SUPPRESSED, reason=COMPLAINED)
    ours = _names(report, proof.address)
    if report.kind is ReturnKind.POLICY:
        return ReturnDecision(effect=Effect.NOTED, reason=said, undelivered=ours)
    if report.kind is ReturnKind.HARD and ours and not proof.many_hard:
        return ReturnDecision(effect=Effect.SUPPRESSED, reason=f"hard bounce: {said}", undelivered=True)
    if proof.soft_before + 1 < SOFT_LIMIT:
        return ReturnDecision(effect=Effect.COUNTED, reason=said, undelivered=ours)
    until = now + SOFT_PAUSE
    reason = f"{SOFT_LIMIT} soft bounces in {SOFT_WINDOW.days} days, mailed again from {until:%Y-%m-%d}: {said}"
    return ReturnDecision(effect=Effect.PAUSED, reason=reason, until=until, undelivered=ours)


def too_many_hard(*, hard: int, sent: int) -> bool:
    """A server that has lost its users refuses all of them: `hard` addresses suppressed before and `sent` mails of a day."""
    return (hard >= MANY_HARD and hard > HARD_SHARE * sent) or (hard + 1 >= FEW_HARD and 0 < sent < 2 * (hard + 1))


def _about(mail: ReturnedMail, address: str) -> RecipientReport:
    """The report on our address, else one that names nobody, else the first of the gravest kind.

    Whoever is named instead of our address is one that our reader's server forwards to: HARD for them is not HARD for
    the reader.
    """
    named = [report for report in mail.reports if report.recipient and _names(report, address)]
    nobody = [report for report in mail.reports if not report.recipient]
    gravest = [report for report in mail.reports if report.kind is mail.kind]
    return next(iter([*named, *nobody, *gravest]), RecipientReport(recipient="", kind=mail.kind))


def _names(report: RecipientReport, address: str) -> bool:
    return not report.recipient or report.recipient.casefold() == address.casefold()


def _says_nothing(report: RecipientReport) -> bool:
    """A delay, a success, or a feedback report in which no reader complains."""
    return (
        report.action == "delayed"
        or report.kind is ReturnKind.AUTO_REPLY
        or (report.kind is ReturnKind.COMPLAINT and report.feedback in NO_COMPLAINT)
    )


def without_addresses(text: str) -> str:
    """The server's words, short, addresses replaced: they stand in lists and logs."""
    said = _ADDRESS.sub("(address)", " ".join(text.split()))
    return said.removeprefix("(address)").lstrip(" :")[:_LONGEST]
