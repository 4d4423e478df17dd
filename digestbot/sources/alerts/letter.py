"""Letter: what of a mail matters here, and Reading: what a service said in it.

An alert that somebody forwarded as an attachment counts as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import parseaddr, parsedate_to_datetime

from digestbot.mail.bounces.mime import Mail, header_words, read_mail
from digestbot.model import Entry, Link, LinkRel, PartialDate
from digestbot.papers.identity.identifiers import normal, title_key
from digestbot.papers.identity.urls import identifiers_in_url
from digestbot.sources.alerts.below_title import Below, read_below
from digestbot.sources.alerts.lines import Anchor, Line, lines_of_html, lines_of_text, words
from digestbot.sources.alerts.links import unwrapped

LONGEST_SUBJECT = 300  #: characters
LONGEST_TITLE = 600
MOST_PAPERS = 300  #: of one mail
#: what a link offers to do, or where it leads, in place of a title
_BUTTON = re.compile(
    r"(?:(?:view|read|download|click|manage|unsubscribe|save|share|edit|sign in|log ?in|create|https?:|www\.)\b.{0,60}|"
    r"(?:see|show|open|get|go|cancel|list|learn|find|browse|visit|update|change|remove|full|doi|link|here|article|abstract|"
    r"related|similar|cite|terms|privacy|contact|help|my)(?:\W{1,3}\w{1,20}){0,2}|more(?: \w{1,20})?|"
    r"\[?(?:pdf|html|doc|book|citation)\]?)\W{0,3}\Z|[\W\d_]*\Z",
    re.IGNORECASE,
)
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
    mail = read_mail(data)
    inner = next((p for p in mail.parts if p.type == "message/rfc822" and p.text.strip()), None)
    return _letter(read_mail(inner.text.encode("utf-8", "surrogateescape")) if inner else mail)


def _letter(mail: Mail) -> Letter:
    subject = words(header_words(mail.headers.get("subject")))[:LONGEST_SUBJECT]
    return Letter(
        sender=parseaddr(header_words(mail.headers.get("from")))[1].lower()[:200],
        subject=subject.removeprefix("Fwd: ").removeprefix("Fw: "),
        day=_day(mail.headers.get("date")),
        html=next((p.html for p in mail.parts if p.html), ""),
        text=next((p.text for p in mail.parts if p.type == "text/plain" and p.text.strip()), ""),
    )


def _day(value: str) -> PartialDate | None:
    try:
        return PartialDate.of(parsedate_to_datetime(value[:100]).date())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


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
    entries: dict[str, Entry] = {}
    nameless = 0
    for number, (at, anchor) in enumerate(found[: 2 * MOST_PAPERS]):
        if not is_worded(anchor.text):
            nameless += 1
            continue
        end = next((later for later, _ in found[number + 1 :] if later > at), len(every))
        entry = _entry(letter, service, why, anchor, below(every[at + 1 : end]))
        key = title_key(entry.title)
        entries[key] = _fuller(entries[key], entry) if key in entries else entry
    # a title and its picture, or its button, are links to one paper: those without words count only by themselves
    lone = nameless if nameless > len(entries) else 0
    return Reading(
        service=service, entries=tuple(entries.values())[:MOST_PAPERS], nameless=lone, none_said=none_said and not entries
    )  # fmt: skip


def is_worded(text: str) -> bool:
    """Is this a title, and no button?"""
    return len(text) >= 8 and " " in text.strip() and _BUTTON.match(text) is None


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
