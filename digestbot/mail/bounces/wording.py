"""Reports in words: whom a text speaks of, and what it says of each. For servers that send no delivery status."""

from __future__ import annotations

import re

from digestbot.mail.bounces.fields import ADDRESS
from digestbot.mail.bounces.mime import Headers, read_headers

MOST_LINES = 400
_AFTER_ADDRESS = 14  #: lines after an address that may speak of it
_LEAD = re.compile(
    r"[\s<>\"'*(\[•・-]{0,20}(?:(?:\d{3}[ -])?(?:\d\.\d\.\d )?(?:rcpt to|to|recipients?(?: address)?"
    r"|address(?:ed to)?|target mail address|user|failed|failed recipient|original recipient|envelope-to|mailto"
    r"|for)\s{0,3}[:：]?\s{0,3}<?)?",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"[\s>*#=_+-]{0,80}(?:(?:this|below this line|here|enclosed|attached|following"
    r"|the following)[\w ,-]{0,40} (?:copy|header|original|first|message)|(?:the )?(?:original|returned|unsent"
    r"|undelivered|bounced|rejected|your|failed) (?:e-?mail|message|mail)(?: (?:header|text|follows|headers?))?"
    r"|(?:message|mail)? ?headers?(?: of| for| follow|s? from)|returned content|message text follows"
    r"|included is a copy|元のメッセージ|original-nachricht|mensaje original|message d'origine)[^\n]{0,80}$",
    re.IGNORECASE,
)
_REPLY = re.compile(r"(?:^|[\s:\['\"(])[45]\d\d[ -](?=\S)|(?<![\d.])[45]\.[0-7]\.\d{1,3}(?![\d.])")
_FIELD = re.compile(
    r"(?:received|return-path|message-id|date|from|to|subject|mime-version|content-type|dkim-signature"
    r"|x-[\w-]{1,40}|reply-to|sender)\s{0,3}:",
    re.IGNORECASE,
)


def without_original(text: str) -> tuple[str, Headers]:
    """The words of the report, and the headers of the returned mail below it (empty without one)."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if _FIELD.match(line) and _is_header_block(lines, number):
            cut = number
            while cut and (not lines[cut - 1].strip() or _ORIGINAL.match(lines[cut - 1])):
                cut -= 1
            return "\n".join(lines[:cut][:MOST_LINES]), read_headers("\n".join(_block(lines, number)))
    return "\n".join(lines[:MOST_LINES]), Headers()


def _block(lines: list[str], start: int) -> list[str]:
    """The lines until the blank one, at most 200."""
    found = []
    for line in lines[start : start + 200]:
        if not line.strip():
            break
        found.append(line)
    return found


def _is_header_block(lines: list[str], start: int) -> bool:
    """Three known fields among the first twenty lines, or the words before it say that a mail follows."""
    known = {line.partition(":")[0].lower() for line in _block(lines, start)[:20] if _FIELD.match(line)}
    told = next((line for line in reversed(lines[max(0, start - 3) : start]) if line.strip()), "")
    return len(known) >= (2 if _ORIGINAL.match(told) else 4)


def sections(text: str, own: frozenset[str]) -> dict[str, str]:
    """Address → what the text says of it, in the order they are met; `own` are addresses of ours, lower case.

    A section begins at a line that opens with an address and ends before the next one.
    """
    found: dict[str, list[str]] = {}
    current: list[str] = []
    left = 0
    for line in text.split("\n")[:MOST_LINES]:
        who = _opening_address(line)
        if who and who.lower() not in own:
            current, left = found.setdefault(who, []), _AFTER_ADDRESS
        if left:
            current.append(line.strip())
            left -= 1
    return {who: " ".join(lines) for who, lines in found.items()}


def _opening_address(line: str) -> str:
    lead = _LEAD.match(line)
    found = ADDRESS.match(line, lead.end() if lead else 0)
    if not found:
        quoted = re.match(r"\s{0,10}[245]\d\d[ -](?:[245]\.\d{1,3}\.\d{1,3} )?<?", line)
        found = ADDRESS.match(line, quoted.end()) if quoted else None
    return found[0] if found else ""


def addresses(text: str, own: frozenset[str]) -> list[str]:
    """All addresses of a text that are not ours, once each."""
    return list(dict.fromkeys(a for a in ADDRESS.findall(text[:20_000]) if a.lower() not in own))


def spoken_lines(text: str) -> str:
    """The lines in which a server's reply code or status stands, each with the one after it."""
    lines = text.split("\n")[:MOST_LINES]
    marked = {n + more for n, line in enumerate(lines) if _REPLY.search(line[:300]) for more in (0, 1)}
    return " ".join(lines[n].strip() for n in sorted(marked) if n < len(lines))
