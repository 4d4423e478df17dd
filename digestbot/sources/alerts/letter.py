"""Letter: what of a mail matters here, and Reading: what a service said in it.

An alert that somebody forwarded as an attachment counts as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr, parsedate_to_datetime

from digestbot.mail.bounces.mime import Mail, header_words, read_mail
from digestbot.model import Entry, Link, LinkRel, PartialDate
from digestbot.papers.identity.identifiers import normal, title_key
from digestbot.papers.identity.urls import identifiers_in_url
from digestbot.sources.alerts.below_title import Below, read_below
from digestbot.sources.alerts.lines import Anchor, Line, is_worded, lines_of_html, words
from digestbot.sources.alerts.links import unwrapped
from digestbot.sources.alerts.text_lines import lines_of_text

LONGEST_SUBJECT = 300  #: characters
LONGEST_TITLE = 600
MOST_PAPERS = 300  #: of one mail
TITLE_WORDS = 4  #: of a link that only its counter knows
MOST_LINES_BEFORE = 80  #: of a mail, among which a forwarded one begins
#: what mail programs and mailing lists put before a subject
_PASSED_ON = re.compile(
    r"\A(?:\s{0,3}(?:(?:fwd?|wg|tr|rv|i|enc|vs|vb|vl|fs|doorst|pd|yml|ilt|re|aw|sv|antw|转发|轉寄|答复|轉發|전달)\s?[:：]|"
    r"[\[(](?:ext|spam|bulk|caution|esterno)[^\])]{0,30}[\])]:?))+\s{0,3}",
    re.IGNORECASE,
)
_HEADER = re.compile(r"[>*\s]{0,6}([^\W\d][\w .-]{0,24}?)\*?\s{0,2}[:：]\*?\s{0,6}(.{0,300})\Z")
_ADDRESS = re.compile(r"[\w.+-]{1,60}@[\w.-]{3,100}\w")
#: the names of the headers that matter, in the languages of mail programs
_HEADERS = {
    name: re.compile(forms.replace(" ", "|").replace("_", " "))
    for name, forms in (
        ("from", "from von de da van fra från od lähettäjä kimden gönderen от від 发件人 寄件者 寄件人 差出人 보낸_사람 보낸사람 feladó"),
        ("subject", "subject betreff objet asunto oggetto onderwerp assunto ämne emne temat předmět predmet aihe konu тема 主题 主旨 主題 "
                    "件名 제목 tárgy"),
        ("date", "date datum sent gesendet envoyé fecha enviado enviado_el enviada_em data inviato verzonden skickat dato sendt wysłano "
                 "дата отправлено 日期 发送时间 日時 送信日時 날짜"),
    )
}  # fmt: skip
IsTitle = Callable[[Anchor, Line], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail."""

    sender: str = ""  #: the address, lower case
    subject: str = ""
    day: PartialDate | None = None
    html: str = ""
    text: str = ""  #: of a part without HTML

    @property
    def domain(self) -> str:
        """Of the sender."""
        return self.sender.rpartition("@")[2]

    def is_from(self, *domains: str) -> bool:
        """Is it from one of these domains, or from one below?"""
        return any(f".{self.domain}".endswith(f".{domain}") for domain in domains)


def read_letter(data: bytes) -> Letter:
    """The mail, or the first one that is attached to it."""
    return letters_in(data)[0]


def letters_in(data: bytes) -> list[Letter]:
    """What a mail may be read as, best first: itself, or the one attached to it; as a mailing list wrote its sender anew; as
    one that somebody forwarded inside a mail of theirs; and each by its text where its HTML says nothing."""
    mail = read_mail(data)
    inner = next((p for p in mail.parts if p.type == "message/rfc822" and p.text.strip()), None)
    mail = read_mail(inner.text.encode("utf-8", "surrogateescape")) if inner else mail
    letter = _letter(mail)
    found = [letter]
    for name in ("x-original-from", "x-original-sender", "reply-to"):
        if (first := _address(mail.headers.get(name))) and first != letter.sender:
            found.append(replace(letter, sender=first))
    if forwarded := forwarded_in(letter):
        found.append(forwarded)
    return found + [replace(one, html="", text=one.text or _text_of(one)) for one in found if one.html.strip()]


def _text_of(letter: Letter) -> str:
    return "\n".join(line.text for line in lines_of_html(letter.html)) if letter.html.strip() else letter.text


def _letter(mail: Mail) -> Letter:
    parts = [p for p in mail.parts if not p.headers.get("content-disposition").lower().startswith("attachment")]
    return Letter(
        sender=_address(mail.headers.get("from")),
        subject=bare_subject(header_words(mail.headers.get("subject"))),
        day=_day(mail.headers.get("date")),
        html="\n".join(p.html for p in parts if p.html),
        text="\n".join(p.text for p in parts if p.type == "text/plain" and p.text.strip()),
    )


def bare_subject(text: str) -> str:
    """Without what those write before it who pass a mail on."""
    return _PASSED_ON.sub("", words(text)[:LONGEST_SUBJECT])


def _address(value: str) -> str:
    return parseaddr(header_words(value))[1].lower()[:200]


def _day(value: str) -> PartialDate | None:
    try:
        return PartialDate.of(parsedate_to_datetime(value[:100]).date())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def forwarded_in(letter: Letter) -> Letter | None:
    """The mail that stands inside this one below its headers, in the languages of mail programs. None without one."""
    told = _headers_in(_text_of(letter).split("\n")[:MOST_LINES_BEFORE])
    sender = _ADDRESS.search(told.get("from", ""))
    if sender is None or "subject" not in told:
        return None
    return replace(
        letter,
        sender=sender[0].lower(),
        subject=bare_subject(told["subject"]),
        day=_day(told.get("date", "")) or letter.day,
    )


def _headers_in(lines: Sequence[str]) -> dict[str, str]:
    """From, subject and date as they stand in the text, the first of each."""
    told: dict[str, str] = {}
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        said = _HEADER.match(line[:LONGEST_SUBJECT])
        name = next((name for name, form in _HEADERS.items() if said and form.fullmatch(said[1].lower())), "")
        value = (said[2] or following[:LONGEST_SUBJECT]) if said else ""  # in a table it stands in a cell of its own
        if name and value and (name != "from" or _ADDRESS.search(value)):
            told.setdefault(name, value)
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a service said in one mail."""

    service: str
    entries: tuple[Entry, ...] = ()
    nameless: int = 0  #: links that should lead to papers and have no title
    none_said: bool = False  #: it says itself that there is nothing new


def lines_of(letter: Letter) -> list[Line]:
    """Of its HTML, else of its text."""
    return lines_of_html(letter.html) if letter.html.strip() else lines_of_text(letter.text)


def papers_in(
    letter: Letter,
    service: str,
    is_title: IsTitle,
    *,
    why: str,
    below: Callable[[Sequence[Line]], Below] = read_below,
    none_said: bool = False,
    lines: Sequence[Line] | None = None,
) -> Reading:
    """Every link that is a title, with what stands below it. `why`: what the mail says of why it came."""
    every = lines_of(letter) if lines is None else lines
    found = [(at, anchor) for at, line in enumerate(every) for anchor in line.anchors if is_title(anchor, line)]
    found = found or _titles_behind_seals(every)
    entries: dict[str, Entry] = {}
    named = {anchor.href for _, anchor in found if is_worded(anchor.text)}
    nameless = len({anchor.href for _, anchor in found} - named)
    for number, (at, anchor) in enumerate(found[: 2 * MOST_PAPERS]):
        if not is_worded(anchor.text):
            continue
        end = next((later for later, _ in found[number + 1 :] if later > at), len(every))
        entry = _entry(letter, service, why, anchor, below(every[at + 1 : end]))
        key = title_key(entry.title)
        entries[key] = _fuller(entries[key], entry) if key in entries else entry
    # a picture or a button beside a title leads elsewhere now and then: those without words count where there are more of them
    lone = nameless if nameless > len(entries) else 0
    return Reading(
        service=service, entries=tuple(entries.values())[:MOST_PAPERS], nameless=lone, none_said=none_said and not entries
    )  # fmt: skip


def _titles_behind_seals(lines: Sequence[Line]) -> list[tuple[int, Anchor]]:
    """The titles of a mail whose links the reader's mail server has sealed: what they are known by is gone."""
    return [
        (at, anchor) for at, line in enumerate(lines) for anchor in line.anchors
        if anchor.is_sealed and is_title_by_words(anchor, lines[at + 1 : at + 5])
    ]  # fmt: skip


def is_title_by_words(anchor: Anchor, after: Sequence[Line]) -> bool:
    """Is a link that leads nobody knows where a title, by its words and by people, a date or a number below it?"""
    if not is_worded(anchor.text) or len(anchor.text.split()) < TITLE_WORDS:
        return False
    below = read_below(after[:4])
    return bool(below.authors or below.published or below.identifiers)


def _fuller(first: Entry, second: Entry) -> Entry:
    return (
        second if len(second.authors) + len(second.identifiers) > len(first.authors) + len(first.identifiers) else first
    )


def _entry(letter: Letter, service: str, why: str, anchor: Anchor, told: Below) -> Entry:
    link = unwrapped(anchor.href)
    known = (
        dict(normal(dict(told.identifiers) | dict(identifiers_in_url(link))))
        if link
        else dict(normal(told.identifiers))
    )
    title = anchor.text[:LONGEST_TITLE].strip()
    title = title[1:-1] if title[:1] == '"' and title[-1:] == '"' and title.count('"') == 2 else title
    title = title[:-1] if title.endswith(".") and not title.endswith("..") else title
    reason = f"{service}: {why}" if why else service
    return Entry(
        title=title, authors=told.authors, venue=told.venue, published=told.published, announced=letter.day,
        summary=told.summary, link=link, links=(Link(LinkRel.ABSTRACT, link),) if link else (), identifiers=known, reason=reason,
        native_key=f"{next((f'{s}:{v}' for s, v in known.items()), '') or title_key(title)} for {reason}"[:400],
    )  # fmt: skip


def quoted(text: str) -> str:
    """Somebody's words inside quotation marks of ours."""
    bare = text.strip(" \"'“”„«»[]:")
    return f"“{bare[:160]}{'…' if len(bare) > 160 else ''}”" if bare else ""
