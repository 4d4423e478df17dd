"""Read one returned mail: bytes become what it reports. Pure; never raises; bounded by `mime.LARGEST`."""

from __future__ import annotations

import re

from digestbot.mail.bounces import answers, ses
from digestbot.mail.bounces.classify import Evidence, classify, code_in, status_in
from digestbot.mail.bounces.fields import ADDRESS, StatusFields, delivery_statuses
from digestbot.mail.bounces.mime import Headers, Mail, Part, header_words, read_headers, read_mail, split_head
from digestbot.mail.bounces.wording import addresses, sections, spoken_lines, without_original
from digestbot.model.returned import GRAVEST, RecipientReport, ReturnedMail, ReturnKind

LONGEST_TEXT = 500
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_ORIGINAL_TYPES = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "text/rfc822-header",
    "message/global-headers",
    "message/partial",
)
_FAILED_SUBJECT = re.compile("|".join((
    r"undeliver", r"deliver\w{0,20}[ -](?:status|fail|error|problem|notification|report|has failed|subsystem)",
    r"fail(?:ed|ure)? (?:to )?(?:deliver|notice|mail|notification)", r"fail(?:ure)? delivery",
    r"returned (?:mail|e-?mail|message|to sender)",
    r"(?:mail|message|e-?mail)[\w -]{0,20} (?:fail|return|reject|bounce|delay|not delivered|could not|warning"
    r"|error|system error)",
    r"could ?n[o'’]t be (?:delivered|sent)", r"not be delivered", r"cannot deliver", r"unable to deliver",
    r"non remis", r"nicht zugestellt", r"unzustellbar", r"zustell", r"non consegnat", r"mancata consegna",
    r"no se (?:ha )?(?:pudo|podido) entregar", r"não entregue", r"nao entregue", r"недостав", r"не доставлен",
    r"不達", r"配信不能", r"配信エラー",
    r"配信できません", r"(?:配信|送信)に失敗", r"送信エラー", r"退信", r"投递失败", r"bounce",
    r"mail failure", r"warning: ", r"user unknown",
    r"mailbox full", r"mdaemon", r"nondeliver", r"non-deliver", r"delivery delayed", r"postmaster notify", r"エラー",
    r"not delivered", r"rejected", r"problem",
)), re.IGNORECASE)  # fmt: skip
_FAILED_TEXT = re.compile("|".join((
    r"(?:could ?n[o'’]t|cannot|can't|can ?not|unable to|was ?n[o'’]t|were not|has not been|have not been"
    r"|not able to|failed to|wasn.t able to|impossible to)[^.]{0,60}(?:deliver|sen[dt]\b|rejected)",
    r"undeliver", r"delivery (?:to[^.]{0,80} )?(?:fail|error|problem|status|attempt)",
    r"(?:message|mail|e-?mail)[^.]{0,60} (?:rejected|bounced|returned|not accepted|refused)",
    r"permanent (?:fatal )?error", r"returned to (?:the )?sender", r"error message below", r"not be delivered",
    r"could not be", r"remote host said", r"nicht zugestellt", r"n'a pas (?:été|pu)", r"no se pudo", r"non è stato",
    r"недоставл", r"не может быть доставлено", r"配信できません", r"送信できません", r"(?:配信|送信)に失敗",
    r"届けできません", r"届きません", r"送達できません",
)), re.IGNORECASE)  # fmt: skip
_DAEMON = re.compile("|".join((
    r"mailer-?daemon", r"post_?master", r"mail[- ]?(?:delivery|deliver) ", r"mdaemon", r"mail system", r"<>",
    r"^\s*$", r"bounce", r"no-?reply", r"mail administrator", r"amavis", r"virus", r"content-?filter",
)), re.IGNORECASE)  # fmt: skip
_LOOSE_STATUS = re.compile(
    r"^(?:reporting-mta|final-recipient|original-recipient)\s{0,3}:", re.IGNORECASE | re.MULTILINE
)
_DELAYED = re.compile("|".join((
    r"(?:delivery )?delay", r"still undelivered", r"will (?:keep|continue)[ \w]{0,20} (?:try|attempt|retry)",
    r"do not need to resend", r"warning message only",
)), re.IGNORECASE)  # fmt: skip


def read_returned(data: bytes) -> ReturnedMail:
    """What a mail that came back says."""
    mail = read_mail(data)
    subject = header_words(mail.headers.get("subject"))
    original = _original(mail)
    words, loose = without_original(_words(mail))
    original = original if original.fields else loose
    kind, reports = _found(mail, subject, words, original)
    asks = answers.asked_in_words(words)
    if kind is ReturnKind.UNKNOWN and asks:
        kind = ReturnKind.UNSUBSCRIBE
    return ReturnedMail(
        kind=kind,
        reports=reports,
        sent_to=_sent_to(mail.headers),
        original_id=_original_id(mail, original, words),
        message_id=mail.headers.get("message-id").strip(),
        subject=subject[:300],
        asks=asks,
    )


def _found(mail: Mail, subject: str, words: str, original: Headers) -> tuple[ReturnKind, tuple[RecipientReport, ...]]:
    """The first reading that fits: complaint, delivery status, unsubscribe, automatic answer, failure in words."""
    if complaint := answers.complaint(mail, subject, words, original):
        return ReturnKind.COMPLAINT, complaint
    if reports := _by_fields(mail, words, original) or ses.notification(words)[1]:
        return _gravest(reports), reports
    if answers.is_unsubscribe(subject):
        return ReturnKind.UNSUBSCRIBE, ()
    if answers.is_receipt(mail):
        return ReturnKind.AUTO_REPLY, ()
    if not _is_bounce(mail, subject, words):
        return answers.kind_of_answer(mail.headers, subject, words), ()
    reports = _by_words(mail, subject, words, original)
    return _gravest(reports), reports


def _gravest(reports: tuple[RecipientReport, ...]) -> ReturnKind:
    kinds = {report.kind for report in reports}
    return next((kind for kind in GRAVEST if kind in kinds), ReturnKind.UNKNOWN)


def _is_bounce(mail: Mail, subject: str, words: str) -> bool:
    """Two of three: a daemon's address or an empty return path, a subject or a text of a failure; or a server's code."""
    headers = mail.headers
    if headers.get("x-failed-recipients"):
        return True
    if answers.is_vacation(headers, subject) and not _FAILED_SUBJECT.search(subject):
        return False
    named = bool(_FAILED_SUBJECT.search(subject))
    told = bool(_FAILED_TEXT.search(words[:4000]))
    by_daemon = bool(_DAEMON.search(headers.get("from"))) or headers.get("return-path").strip() == "<>"
    return (by_daemon and (named or told)) or (told and (named or bool(spoken_lines(words[:4000]))))


def _words(mail: Mail) -> str:
    """The text parts before the returned mail; HTML only where there is no plain text."""
    found: list[Part] = []
    for part in mail.parts:
        if part.type in _ORIGINAL_TYPES:
            break
        if part.type.startswith("text/"):
            found.append(part)
    plain = [part.text for part in found if part.type != "text/html" and part.text.strip()]
    return "\n".join(plain or [part.text for part in found])[:60_000]


def _original(mail: Mail) -> Headers:
    """Headers of the returned mail, where it is a part of its own."""
    for part in mail.parts:
        if part.type in _ORIGINAL_TYPES:
            return read_headers(split_head(part.text.lstrip("\n"))[0])
    return Headers()


def _by_fields(mail: Mail, words: str, original: Headers) -> tuple[RecipientReport, ...]:
    texts = [part.text for part in mail.parts if part.type in _STATUS_TYPES]
    if not texts and (loose := _LOOSE_STATUS.search(words)):  # broken MIME: the fields stand among the words
        texts, words = [words[loose.start() :]], words[: loose.start()]
    statuses = [one for text in texts for one in delivery_statuses(text)]
    own = _own(mail)
    spoken = sections(words, own) if statuses else {}
    alone = len(statuses) == 1
    fallback = _recipients(mail, original, words, own)
    return tuple(
        _by_status(one, spoken, words if alone else "", fallback[0] if alone and fallback else "") for one in statuses
    )


def _by_status(one: StatusFields, spoken: dict[str, str], words: str, fallback: str) -> RecipientReport:
    beside = spoken.get(one.recipient, "") or words
    text = one.diagnostic or beside
    return _report(
        Evidence(
            text=text,
            recipient=one.recipient or fallback,
            status=one.status,
            action=one.action,
            context=f"{beside} {one.category}",
        )
    )


def _by_words(mail: Mail, subject: str, words: str, original: Headers) -> tuple[RecipientReport, ...]:
    own = _own(mail)
    action = "delayed" if _DELAYED.search(subject) else ""
    spoken = sections(words, own)
    if not spoken:
        who = next(iter(_recipients(mail, original, words, own)), "")
        return (_report(Evidence(text=words, recipient=who, action=action, notice=True, context=subject)),)
    if len(spoken) == 1:
        who, text = next(iter(spoken.items()))
        if not status_in(text) and not code_in(text):  # the reason may stand before the address
            text = spoken_lines(words) or text
        return (_report(Evidence(text=text, recipient=who, action=action, notice=True, context=f"{words} {subject}")),)
    return tuple(
        _report(Evidence(text=text, recipient=who, action=action, notice=True)) for who, text in spoken.items()
    )


def _report(given: Evidence) -> RecipientReport:
    kind, status, code, stage = classify(given)
    text = " ".join(given.text.split())[:LONGEST_TEXT]
    return RecipientReport(
        recipient=given.recipient, kind=kind, action=given.action, status=status, code=code, stage=stage, text=text
    )


def _own(mail: Mail) -> frozenset[str]:
    """Addresses of ours: to whom this mail was sent; and its sender, who is no recipient either."""
    names = ("to", "delivered-to", "x-original-to", "envelope-to", "from", "return-path")
    return frozenset(a.lower() for name in names for value in mail.headers.all(name) for a in ADDRESS.findall(value))


def _recipients(mail: Mail, original: Headers, words: str, own: frozenset[str]) -> list[str]:
    """Whom the returned mail was for."""
    listed = ADDRESS.findall(mail.headers.get("x-failed-recipients"))
    return listed or ADDRESS.findall(original.get("to")) or addresses(words, own)


def _sent_to(headers: Headers) -> tuple[str, ...]:
    names = (
        "delivered-to",
        "x-original-to",
        "envelope-to",
        "x-envelope-to",
        "x-delivered-to",
        "original-recipient",
        "to",
        "cc",
    )
    found = (a for name in names for value in headers.all(name) for a in ADDRESS.findall(value))
    return tuple(dict.fromkeys(found))[:50]


def _original_id(mail: Mail, original: Headers, words: str) -> str:
    """Message-ID of the returned mail; else what this mail answers."""
    for value in (original.get("message-id"), mail.headers.get("in-reply-to"), mail.headers.get("references")):
        if found := re.findall(r"<[^<>\s]{3,250}>", value):
            return str(found[-1])
    if told_by_ses := ses.notification(words)[0]:
        return told_by_ses
    told = re.search(r"message-id\s{0,3}:\s{0,3}(<[^<>\s]{3,250}>)", words[:20_000], re.IGNORECASE)
    return told[1] if told else ""
