"""Soft refusals: a mailbox that takes no mail for days is counted like one whose bounces come back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from digestbot.acts.delivery.retry_policy import words
from digestbot.mail.bounces.decide import SOFT_WINDOW, ReturnProof, decide
from digestbot.model import Delivery, Fault, Outcome, Receipt, SendStage
from digestbot.model.returned import Effect, RecipientReport, ReturnedMail, ReturnKind
from digestbot.store import ReturnedRow, Transaction

DAY = timedelta(days=1)
AT_MAILBOX = (SendStage.RCPT, SendStage.DATA, SendStage.DOT)


def count_soft_refusals(tx: Transaction, deliveries: Iterable[int], *, now: datetime) -> None:
    """Count those of these mails, which were refused or given up, whose mailbox said no; once for each mail.

    While the server takes no mail at all, nothing says anything against a mailbox.
    """
    rows = [row for number in deliveries if (row := tx.outbox.delivery_by_id(number)) is not None]
    softly = [(row, row.last) for row in rows if row.last is not None and is_soft(row.last)]
    if softly and tx.outbox.count_sent_since(now - DAY):
        for row, receipt in softly:
            _count(tx, row, receipt, now)


def is_soft(receipt: Receipt) -> bool:
    """Whether the last answer was about the mailbox, and no rule of the server's (x.7.z)."""
    if receipt.stage not in AT_MAILBOX or receipt.enhanced[1:4] == ".7.":
        return False
    if receipt.outcome is Outcome.REFUSED:
        return receipt.fault in (Fault.MAILBOX, Fault.RECIPIENT)
    about_mailbox = receipt.stage == SendStage.RCPT or receipt.enhanced[1:4] == ".2."
    return receipt.outcome is Outcome.DEFERRED and receipt.fault is Fault.LATER and about_mailbox


def _count(tx: Transaction, row: Delivery, receipt: Receipt, now: datetime) -> None:
    said = words(receipt)
    mail = ReturnedMail(
        kind=ReturnKind.SOFT, reports=(RecipientReport(recipient=row.address, kind=ReturnKind.SOFT, text=said),)
    )
    before = tx.returned.count_soft(row.address, since=now - SOFT_WINDOW)
    decision = decide(mail, ReturnProof(address=row.address, soft_before=before), now=now)
    counted = ReturnedRow(
        key=f"refused {row.message_id}", at=now, kind=mail.kind, effect=decision.effect, address=row.address,
        delivery=row.id, text=decision.reason,
    )  # fmt: skip
    if tx.returned.add_returned(counted) and decision.effect is Effect.PAUSED:
        tx.people.suppress_address(row.address, reason=decision.reason, now=now, until=decision.until)
        tx.returned.use_up_soft(row.address)
