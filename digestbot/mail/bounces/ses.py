"""Amazon SES tells of bounces in JSON, sent by SNS as a mail: one document in the text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from digestbot.mail.bounces.classify import Evidence, classify
from digestbot.model.returned import RecipientReport, ReturnKind

_LONGEST = 200_000


def notification(words: str) -> tuple[str, tuple[RecipientReport, ...]]:
    """(Message-ID of the mail it speaks of, reports); ("", ()) when the text is no notification."""
    start = words[:2000].find('{"')
    if start < 0 or '"mail":' not in words[:_LONGEST]:
        return "", ()
    try:
        told, _ = json.JSONDecoder().raw_decode(words[:_LONGEST], start)
    except (ValueError, RecursionError):
        return "", ()
    kind = told.get("notificationType") or told.get("eventType") if isinstance(told, dict) else None
    if kind not in ("Bounce", "Complaint", "Delivery"):
        return "", ()
    return _message_id(told), tuple(_reports(kind, told))


def _reports(kind: str, told: Mapping[str, Any]) -> Iterator[RecipientReport]:
    if kind == "Bounce":
        bounce = _table(told, "bounce")
        for one in _list(bounce, "bouncedRecipients"):
            yield _bounced(one, permanent=bounce.get("bounceType") == "Permanent")
    elif kind == "Complaint":
        complaint = _table(told, "complaint")
        feedback = str(complaint.get("complaintFeedbackType") or "abuse").lower()
        for one in _list(complaint, "complainedRecipients"):
            yield RecipientReport(recipient=_text(one, "emailAddress"), kind=ReturnKind.COMPLAINT, feedback=feedback)
    else:
        for who in _table(told, "delivery").get("recipients") or [""]:
            yield RecipientReport(recipient=str(who), kind=ReturnKind.AUTO_REPLY, action="delivered")


def _bounced(one: Mapping[str, Any], *, permanent: bool) -> RecipientReport:
    """SES suppresses by itself what it calls permanent; without that word nothing is HARD."""
    given = Evidence(
        text=_text(one, "diagnosticCode"), recipient=_text(one, "emailAddress"), status=_text(one, "status"),
        action=_text(one, "action").lower(),
    )  # fmt: skip
    kind, status, code, stage = classify(given)
    kind = ReturnKind.SOFT if kind is ReturnKind.HARD and not permanent else kind
    return RecipientReport(
        recipient=given.recipient, kind=kind, action=given.action, status=status, code=code, stage=stage,
        text=" ".join(given.text.split())[:500],
    )  # fmt: skip


def _message_id(told: Mapping[str, Any]) -> str:
    """Of the mail as we wrote it: SES replaces the header, but repeats it where headers are included."""
    headers = {_text(one, "name").lower(): _text(one, "value") for one in _list(_table(told, "mail"), "headers")}
    return headers.get("message-id", "")


def _table(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def _list(of: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = of.get(name)
    if not isinstance(found, list):
        return []
    return [one for one in found[:500] if isinstance(one, dict)]


def _text(of: Mapping[str, Any], name: str) -> str:
    found = of.get(name)
    return found[:4000] if isinstance(found, str) else ""
