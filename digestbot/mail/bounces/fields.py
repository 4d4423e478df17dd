"""The machine-readable part of a report: delivery status (DSN, RFC 3464), feedback (ARF,
RFC 5965), disposition (MDN, RFC 8098)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digestbot.mail.bounces.mime import Headers, read_headers

MOST_RECIPIENTS = 500
ADDRESS = re.compile(r"(?<![\w.+=-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}")
_RECIPIENT_FIELDS = ("original-recipient", "final-recipient", "x-actual-recipient", "x-original-recipient", "recipient")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFields:
    """The fields of one recipient, RFC 3464 2.3."""

    recipient: str
    action: str
    status: str
    diagnostic: str  #: Diagnostic-Code, and what servers write beside it
    category: str = ""  #: PowerMTA's own class


def delivery_statuses(text: str) -> Iterator[StatusFields]:
    """One for each recipient; blocks without a recipient, a status and a diagnostic are the message's own."""
    blocks = [
        read_headers(block) for block in re.split(r"\n[ \t]*\n", text.replace("\n\n\n", "\n\n"))[:MOST_RECIPIENTS]
    ]
    for fields in blocks:
        if any(fields.get(name) for name in ("status", "diagnostic-code", "action")):
            yield StatusFields(
                recipient=_recipient(fields),
                action=fields.get("action").partition(";")[0].strip().lower().split(" ")[0],
                status=_status(fields.get("status")),
                diagnostic=_diagnostic(fields),
                category=fields.get("x-powermta-bouncecategory"),
            )


def _recipient(fields: Headers) -> str:
    """The address we wrote to where the report knows it, else the one it ended at."""
    return next((found[0] for name in _RECIPIENT_FIELDS if (found := ADDRESS.search(fields.get(name)))), "")


def _status(value: str) -> str:
    found = re.search(r"[245]\.\d{1,3}\.\d{1,3}", value)
    return found[0] if found else ""


def _diagnostic(fields: Headers) -> str:
    """The last type prefix (`smtp;`) goes; a remark on the status counts as words."""
    said = " ".join(v for name in ("diagnostic-code", "x-supplementary-info") for v in fields.all(name))
    said = re.sub(r"^\s*(?:x-)?[\w-]{1,30}\s{0,5};\s*", "", said)
    remark = re.search(r"\((.{1,300})\)", fields.get("status"))
    return f"{said} {remark[1]}".strip() if remark else said
