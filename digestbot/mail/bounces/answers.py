"""Mails that come back and report no failure: complaints (feedback loops, ARF), vacations, challenges, unsubscribe mails."""

from __future__ import annotations

import re

from digestbot.mail.bounces.fields import ADDRESS
from digestbot.mail.bounces.mime import Headers, Mail, read_headers
from digestbot.model.returned import RecipientReport, ReturnKind

_FEEDBACK_SUBJECT = re.compile("|".join((
    r"complaint about (?:a )?message", r"email feedback report", r"abuse report", r"spam (?:report|complaint)",
    r"feedback loop", r"fw: spam report", r"dmarc forensic", r"dmarc failure",
)), re.IGNORECASE)  # fmt: skip
_FEEDBACK_HEADERS = ("x-hmxmroriginalrecipient", "x-aol-inrly", "x-yahoo-complaint", "x-original-recipient-complaint")
_VACATION_SUBJECT = re.compile(
    r"^\s*(?:(?:re|aw|antw|sv|vs)\s*:\s*)?\[?(?:auto(?:matic|matisch\w*|mated|-?reply|-?respon\w*"
    r"|-?response)?\]?\s*[: _-]|out of (?:the )?office|away from|on (?:vacation|holiday|leave)|vacation|holiday"
    r"|automat\w* (?:reply|antwort|response|svar|odpowied|vastaus)|autore?ply|auto-?respon|auto-?réponse"
    r"|réponse automatique|reponse automatique|risposta automatica|respuesta automática|resposta automática"
    r"|abwesenheit|abwesend|ich bin (?:nicht|im)|urlaub|absence|absent|ausente|fuera de|fuori (?:ufficio|sede)"
    r"|afwezig|frånvar|fravær|poissa|自動(?:応答|返信)|不在|外出中|自动[回答]复|自動回覆|자동|автоответ|otomatik|nieobecn"
    r"|auto(?:maatti)?-?(?:svar|vastaus|odpow)|(?:automa\w+|автомат\w+|αυτόματη) (?:atbild|atsakym|odpov|odgovor|válasz"
    r"|răspuns|raspuns|vastus|ответ|відповід|απάντηση)|răspuns automat|respost\w (?:autom|absen)|svar automatisk"
    r"|(?:samodejni|avtomatski) odgovor|(?:balasan|jawaban) otomatis|trả lời tự động|ตอบกลับอัตโนมัติ"
    r"|(?:מענה|תשובה|תגובה) אוטומטי|رد (?:تلقائي|آلي)|nep[řr][íi]tomn|neprítomn|отсутств|вне офиса)",
    re.IGNORECASE,
)
_CHALLENGE = re.compile("|".join((
    r"(?:confirm|verify|validate|authenticate|approve)[^.]{0,60} (?:your|that you|this|you are"
    r"|yourself)[^.]{0,40}(?:e-?mail|message|address|sender|human|sent|person)",
    r"(?:awaiting|waiting for|needs|requires|require) (?:your |sender )?(?:confirmation|approval|verification"
    r"|authentication)",
    r"boxbe", r"spam ?arrest", r"tmda", r"bluebottle", r"0spam", r"sendio", r"qurb", r"mailblocks",
    r"(?:click|follow|visit|reply)[^.]{0,80}(?:to|so that)[^.]{0,40}(?:deliver|release|confirm|prove)[^.]{0,30}",
    r"(?:not|isn't|are not) (?:on|in) (?:my|the|his|her|their)[^.]{0,30}(?:allowed|approved|accepted|safe"
    r"|white) ?-?(?:list|sender)",
    r"challenge", r"please (?:re-?)?(?:confirm|verify)", r"sender (?:verification|confirmation|authentication)",
)), re.IGNORECASE)  # fmt: skip
#: of a person's mailbox that takes no mail of strangers; nobody writes so by hand
_PROTECTED = re.compile(
    r"account is protected by|(?:click|follow)[^.]{0,80} link[^.]{0,120}(?:allowed|approved|guest|safe|white)\s?list"
    r"|add yourself to my[^.]{0,40} list|has been waitlisted|in order to deliver your (?:e-?mail|message)",
    re.IGNORECASE,
)
_UNSUBSCRIBE = re.compile(r"""\s*(?:(?:re|aw):\s{0,5})?["'“„‚‘]?unsubscribe\b""", re.IGNORECASE)
_ASKS = re.compile(
    r"""\s*["'“„‚‘]?(?:please )?(?:unsubscribe|abbestellen)(?: me|\s+\S{1,100})?["'”“’]?[.!]?\s*\Z""", re.IGNORECASE
)


def complaint(mail: Mail, subject: str, words: str, original: Headers) -> tuple[RecipientReport, ...]:
    """Reports of a feedback mail, RFC 5965 or a provider's own form; none when it is no such mail."""
    fields = next(
        (
            read_headers(part.text.replace("\n\n", "\n"))
            for part in mail.parts
            if part.type == "message/feedback-report"
        ),
        None,
    )
    by_provider = bool(_FEEDBACK_SUBJECT.search(subject)) or any(original.get(name) for name in _FEEDBACK_HEADERS)
    if fields is None and not by_provider:
        return ()
    fields = fields or Headers()
    feedback = fields.get("feedback-type").strip().lower() or (
        "auth-failure" if "dmarc" in subject.lower() else "abuse"
    )
    who = _complainers(fields, original)
    return tuple(
        RecipientReport(recipient=one, kind=ReturnKind.COMPLAINT, feedback=feedback, text=" ".join(words.split())[:500])
        for one in who or [""]
    )


def _complainers(fields: Headers, original: Headers) -> list[str]:
    """Whose inbox it was. The To of the returned mail is ours to trust only where the report names nobody."""
    for source in (
        fields.all("original-rcpt-to"),
        fields.all("removal-recipient"),
        original.all("x-hmxmroriginalrecipient"),
        original.all("delivered-to"),
        original.all("x-original-to"),
        original.all("to"),
    ):
        if found := [a for value in source for a in ADDRESS.findall(value)]:
            return list(dict.fromkeys(found))[:50]
    return []


def is_unsubscribe(subject: str) -> bool:
    """The mailto of List-Unsubscribe, RFC 2369: its subject begins with the word."""
    return bool(_UNSUBSCRIBE.match(subject))


def asked_in_words(words: str) -> str:
    """The first line of what a person wrote, where it asks to be unsubscribed and says nothing else."""
    first = next((line for line in words[:2000].split("\n") if line.strip()), "")[:200]
    return first if _ASKS.match(first) else ""


def is_receipt(mail: Mail) -> bool:
    """A disposition notification, RFC 8098."""
    return any(part.type == "message/disposition-notification" for part in mail.parts)


def is_vacation(headers: Headers, subject: str) -> bool:
    """An automatic answer of a person's mailbox: its subject says so, or a header of vacation programs."""
    named = any(
        headers.get(name)
        for name in (
            "x-autoreply",
            "x-autorespond",
            "x-auto-reply",
            "x-autogenerated",
            "x-vacation",
            "x-mail-autoreply",
        )
    )
    return named or "auto_reply" in headers.get("precedence").lower() or bool(_VACATION_SUBJECT.search(subject))


def kind_of_answer(headers: Headers, subject: str, words: str) -> ReturnKind:
    """Challenge, automatic answer (RFC 3834 5), or neither."""
    automatic = headers.get("auto-submitted").lower().startswith(("auto-replied", "auto-generated")) or is_vacation(
        headers, subject
    )
    protected = _PROTECTED.search(words[:3000]) or any(
        name.startswith(("x-bluebottle", "x-boxbe")) for name, _ in headers.fields
    )
    if protected or _CHALLENGE.search(subject) or (automatic and _CHALLENGE.search(words[:3000])):
        return ReturnKind.CHALLENGE
    suppresses = any(word in headers.get("x-auto-response-suppress").lower() for word in ("oof", "autoreply", "all"))
    return ReturnKind.AUTO_REPLY if automatic or suppresses else ReturnKind.UNKNOWN
