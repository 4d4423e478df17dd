"""What a server's words, status and reply code mean: the one place where the table is applied."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digestbot.mail.bounces.table import CODE, MILDER, STATUS, SUBJECT, WORDS, Row
from digestbot.model import SendStage
from digestbot.model.returned import ReturnKind

LONGEST = 4000  #: characters that are looked at
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?<![\d.])([245][0-5]\d)(?![\d.])")
_ARRIVED = ("delivered", "relayed", "expanded", "deliverable", "deliverable-to-mailer")
#: mobile carriers of Japan, whose "user unknown" may be the reader's filter
_CARRIERS = re.compile("|".join((
    r"[@.](?:docomo\.ne\.jp|ezweb\.ne\.jp|au\.com|softbank\.(?:ne\.)?jp|vodafone\.ne\.jp|willcom\.com"
    r"|pdx\.ne\.jp|disney\.ne\.jp|ymobile\.ne\.jp|emnet\.ne\.jp)$",
)))  # fmt: skip
_ADDRESS = re.compile(r"\S{1,64}@[\w.-]{1,255}")
BEFORE_RECIPIENT = (SendStage.CONNECT, SendStage.MAIL)
_STAGES = tuple((SendStage(name), re.compile("|".join(patterns))) for name, patterns in {
    "rcpt": (
        r"smtp:rcpt ", r"-smtp command\s{1,3}rcpt",
        r'(?:in reply to|after|response to|refused by) (?:the )?\"?rcpt', r">>> ?rcpt", r"does not like recipient",
        r"\brcpt to:? ?<[^>]{1,300}>(?: command)?:? ",
    ),
    "mail": (
        r"smtp:mail ", r"-smtp command\s{1,3}mail",
        r'(?:in reply to|after|response to) (?:the )?\"?mail(?: from)?', r">>> ?mail",
        r"does not like (?:the )?sender", r"but sender was rejected",
    ),
    "data": (
        r"smtp:data ", r"-smtp command\s{1,3}data",
        r'(?:in reply to|after|response to) (?:the )?\"?(?:end of data|data|sending (?:the )?(?:message|mail)'
        r"|message body|bdat|pipelined data)",
        r">>> ?(?:data|bdat|\.)", r"\(state 1[78]\)", r"failed after i sent the message",
        r"connected to \S{1,80} but (?:the )?message",
    ),
    "connect": (
        r"(?:in reply to|after|response to) (?:the )?(?:initial connection|helo|ehlo|connect|starttls|auth)",
        r"refused to talk to me", r"but (?:my name|greeting)", r"connection initiation",
    ),
}.items())  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one report says of one recipient, as it was written."""

    text: str  #: the words to be classified
    recipient: str = ""
    status: str = ""  #: enhanced status of its own field; one in the text is found
    action: str = ""
    notice: bool = False  #: it stands in a mail that tells of a failure in words only
    context: str = ""  #: words around it, for the stage and where `text` says nothing


def status_in(text: str) -> str:
    """The most telling enhanced status of a text: the first whose detail is not 0."""
    found = [match[0] for match in _STATUS.finditer(text[:LONGEST])]
    return next((one for one in found if not one.endswith(".0.0")), found[0] if found else "")


def code_in(text: str) -> int | None:
    """The first SMTP reply code of a text."""
    found = _CODE.search(_STATUS.sub(" ", text[:LONGEST]))
    return int(found[1]) if found else None


def stage_of(text: str) -> SendStage:
    """The SMTP command that was refused; UNSAID when the text does not say."""
    places = {name: found.start() for name, pattern in _STAGES if (found := pattern.search(text[:LONGEST].lower()))}
    return min(places, key=lambda name: places[name]) if places else SendStage.UNSAID


def plain(text: str) -> str:
    """Lower case, in one line, without addresses: their letters are no reason."""
    return " ".join(_ADDRESS.sub(" ", text[:LONGEST]).lower().split())


def row_for(text: str) -> Row | None:
    """The first row of the table that matches."""
    words = plain(text)
    return next((row for row in WORDS if row.compiled.search(words)), None)


def by_status(status: str) -> ReturnKind:
    """What an enhanced status says by itself; x.0.0 says nothing."""
    kind, _, detail = status.partition(".")
    found = STATUS.get(detail) or SUBJECT.get(detail.partition(".")[0], ReturnKind.UNKNOWN)
    return ReturnKind.SOFT if kind == "4" and found is ReturnKind.HARD else found


def classify(given: Evidence) -> tuple[ReturnKind, str, int | None, SendStage]:
    """(kind, status, reply code, stage)."""
    status, code = given.status or status_in(given.text), code_in(given.text)
    if status.endswith(".0.0"):
        status = status_in(given.text) or status
    stage = stage_of(given.text) or stage_of(given.context)
    return _kind(given, status, code, stage), status, code, stage


def _kind(given: Evidence, status: str, code: int | None, stage: SendStage) -> ReturnKind:
    settled = _settled(given.action, status)
    if settled:
        return settled
    row = row_for(given.text)
    found = row.kind if row else _without_words(status, code)
    if found is ReturnKind.UNKNOWN and (row := row_for(given.context)):
        found = row.kind
    if found is not ReturnKind.FULL and stage in BEFORE_RECIPIENT and (code or 0) >= 500:
        return ReturnKind.POLICY  # refused before we said for whom: it is our server or our sender
    if found is ReturnKind.HARD:
        return _milder(given) or _doubted(given, row, status, code, stage)
    unexplained = found is ReturnKind.UNKNOWN and (code is not None or status or given.action or given.notice)
    return ReturnKind.SOFT if unexplained else found


def _settled(action: str, status: str) -> ReturnKind | None:
    """What action and status decide, whatever the words."""
    if action in _ARRIVED or status.startswith("2."):
        return ReturnKind.AUTO_REPLY
    if action == "delayed":
        return ReturnKind.SOFT
    if status.endswith((".1.7", ".1.8")):  # the sender's address
        return ReturnKind.POLICY
    return ReturnKind.FULL if status.endswith(".2.3") else None  # a limit of this mailbox, not of the server


def _milder(given: Evidence) -> ReturnKind | None:
    """FULL or SOFT where the words around say so: "account is disabled" above "550 user unknown" is no dead address."""
    around = row_for(given.context)
    return around.kind if around and around.kind in (ReturnKind.FULL, ReturnKind.SOFT) and around in MILDER else None


def _without_words(status: str, code: int | None) -> ReturnKind:
    """The class by status, then by reply code, where no words decide."""
    found = by_status(status)
    return CODE.get(code, found) if found is ReturnKind.UNKNOWN and code is not None else found


def _doubted(given: Evidence, row: Row | None, status: str, code: int | None, stage: SendStage) -> ReturnKind:
    """Is an unknown user one for certain? Only a status that says so, a refused RCPT, or a DSN's 550 make it HARD.

    A server that takes RCPT and says "unknown user" after the data filters by content or by the reader's own settings
    (Japanese mobile carriers do); 5.2.0 and 5.2.1 say that the mailbox exists. What is said to MAIL or at the connection
    is about us. Such a mail counts as SOFT: five of them suppress the address for a while.
    """
    if stage in BEFORE_RECIPIENT:
        return ReturnKind.POLICY
    if _is_temporary(status, code):
        return ReturnKind.SOFT
    if (row and row.certain) or status.startswith("5.1."):
        return ReturnKind.HARD
    told = stage is SendStage.RCPT or (not stage and _is_report_of_unknown(given, code))
    return ReturnKind.HARD if told and not status.startswith("5.2.") else ReturnKind.SOFT


def _is_temporary(status: str, code: int | None) -> bool:
    """Whether the refusal is one for now: by its status, and where that says nothing by its reply code."""
    return status.startswith("4.") or (code is not None and code < 500 and not status.startswith("5."))


def _is_report_of_unknown(given: Evidence, code: int | None) -> bool:
    """Whether a report without a stage says by its action and code that there is no such mailbox."""
    by_carrier = _CARRIERS.search(given.recipient.lower())
    return not by_carrier and given.action == "failed" and code in (550, 551, 553)
