"""Kind `alerts`: mails by which services and journals announce papers, out of a Maildir or a mailbox (IMAP).

The mailbox answers with the names of its mails, then with each mail by itself. What was read is remembered by name; nothing
in the mailbox changes. A mail that no reading knows, or whose layout has changed, is put aside with a word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar, Final

from digestbot.model import Broken, ParseResult, Problem, ReadStatus, Request, Response, Secret
from digestbot.sources.alerts import (
    ads,
    contents,
    google_scholar,
    jstor,
    pubmed,
    sciencedirect,
    scopus,
    semantic_scholar,
    ssrn,
    web_of_science,
)
from digestbot.sources.alerts.letter import Letter, Reading, letters_in
from digestbot.sources.formats.reply_body import unreadable
from digestbot.sources.values.fields import unique_keys
from digestbot.sources.values.options import secrets_option, text_option
from digestbot.sources.values.poll_windows import READ

#: in this order: publishers last, as some services share a domain with one
READERS: Final[Sequence[Callable[[Letter], Reading | None]]] = (
    google_scholar.read, semantic_scholar.read, ads.read, web_of_science.read, scopus.read, sciencedirect.read, ssrn.read,
    pubmed.read, jstor.read, contents.read,
)  # fmt: skip
MOST_MAILS = 250  #: of one poll; the others come with the next
REMEMBERED = f"{READ}_mails"  #: moves on only when every mail was read
DONE = "!done"  #: in place of the name of a mail: all before it were read
SHOWN = 64 * 1024  #: bytes of a mail that is put aside


class AlertsSource:
    """One mailbox. A plug-in reads further mails by a kind of its own: a subclass with more `readers`."""

    readers: ClassVar[Sequence[Callable[[Letter], Reading | None]]] = READERS

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset({"maildir", "imap", "password_file"})
    politeness: ClassVar[tuple[str, float] | None] = None

    def __init__(self, url: str, secrets: Mapping[str, Secret] | None = None) -> None:
        self.url, self._secrets = url, dict(secrets or {})

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> AlertsSource:
        """Needs `maildir` or `imap`."""
        maildir, imap = (
            text_option(options, "maildir", '"var/alerts"'),
            text_option(options, "imap", '"imaps://me@imap.example.org/Alerts"'),
        )
        if maildir and imap:
            raise ValueError("imap: it is one of maildir and imap; two mailboxes are two sources")
        if imap and not imap.startswith(("imaps://", "imap://")):
            raise ValueError("imap: it looks like imaps://me@imap.example.org/Alerts")
        if imap and "password" not in options:
            raise ValueError('imap: it needs password_file, for example: password_file = "secrets/alerts"')
        url = f"maildir:{maildir}" if maildir else imap or str(options.get("url") or "")
        if not url:
            raise ValueError('kind = "alerts" needs a maildir or imap, for example: maildir = "var/alerts"')
        return cls(url, secrets_option(options, {"password": "password"}) if imap else {})

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The names of the mails; what was read before is told in a header, so that a reply says which are new."""
        known = state.get(REMEMBERED)
        return (Request(url=self.url, secrets=self._secrets, headers={"x-read": json.dumps(known)} if known else {}),)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """A list of names, or one mail."""
        name = response.url.partition("#")[2]
        if name == DONE:
            return self._done(response)
        if name and not response.body.strip():
            problem = Problem(what="a mail is gone, or cannot be read", where=name[:80])
            return ParseResult(status=ReadStatus.EMPTY, problems=(problem,), kind="mail")
        if name or not response.url.startswith(("maildir:", "imap:", "imaps:")):
            return read_mail(response.body, response.url, self.readers)
        return self._names(response)

    def _names(self, response: Response) -> ParseResult:
        """The mails that are new, and behind them a word that all of them were read: who breaks off begins anew."""
        try:
            told = json.loads(response.body)
            names = [str(name) for name in told["names"]]
            known = {str(name) for name in told.get("read", ())}
        except (ValueError, KeyError, TypeError):
            return unreadable("this is no list of mails")
        short = {name: sha256(name.encode()).hexdigest()[:12] for name in names}
        new = [name for name in names if short[name] not in known][:MOST_MAILS]
        asked = [Request(url=f"{self.url}#{name}", secrets=self._secrets) for name in new]
        read = sorted({short[name] for name in new} | (known & set(short.values())))
        done = [Request(url=f"{self.url}#{DONE}", headers={"x-read": json.dumps(read)})] if new else []
        return ParseResult(
            status=ReadStatus.OK if new else ReadStatus.EMPTY, next_requests=(*asked, *done), kind="mailbox"
        )

    def _done(self, response: Response) -> ParseResult:
        try:
            read = [str(name) for name in json.loads(response.body)["done"]]
        except (ValueError, KeyError, TypeError):
            return unreadable("this is no list of mails")
        return ParseResult(status=ReadStatus.EMPTY, kind="mailbox", state={REMEMBERED: read})


def read_mail(
    data: bytes, where: str = "", readers: Sequence[Callable[[Letter], Reading | None]] = READERS
) -> ParseResult:
    """One mail: its papers; or why it is put aside."""
    letters = letters_in(data)
    letter = letters[0]
    if not letter.sender:
        problem = Problem(what="this is no mail: nobody sent it", where=where.rpartition("#")[2][:80])
        broken = (Broken(position=1, data=data[:SHOWN], error=problem.what),) if data.strip() else ()
        return ParseResult(status=ReadStatus.UNREADABLE, problems=(problem,), broken=broken)
    reading = _reading(letters, readers)
    if reading is None:
        who = letter.domain or letter.sender
        return _aside(
            data,
            f"a mail from {who} that is no alert we know",
            where,
            "docs/sources.md says how to read one of another kind",
            entries=(),
        )
    if reading.nameless:
        said = (
            f"a mail of {reading.service} with {reading.nameless} links that have no title: its layout may have changed"
        )
        return _aside(
            data, said, where, "`digestbot quarantine list` holds it", entries=reading.entries, service=reading.service
        )
    if not reading.entries and not reading.none_said:
        said = f"a mail of {reading.service} without a paper in it: it is none of its alerts, or its layout has changed"
        return _aside(data, said, where, "`digestbot quarantine list` holds it", entries=(), service=reading.service)
    entries = unique_keys(reading.entries)
    return ParseResult(status=ReadStatus.OK if entries else ReadStatus.EMPTY, entries=entries, kind=reading.service)


def _reading(letters: Sequence[Letter], readers: Sequence[Callable[[Letter], Reading | None]]) -> Reading | None:
    """The first that leaves nothing open, else the first; None when nobody knows the mail."""
    asked = (next((found for read in readers if (found := read(one)) is not None), None) for one in letters)
    readings = [reading for reading in asked if reading is not None]
    whole = (one for one in readings if one.none_said or (one.entries and not one.nameless))
    return next(whole, readings[0] if readings else None)


def _aside(data: bytes, said: str, where: str, hint: str, *, entries: Any, service: str = "") -> ParseResult:
    """What of it could be read is read; the mail goes into quarantine. It fails no poll: the others are read."""
    problem = Problem(what=said, where=where.rpartition("#")[2][:80], hint=hint)
    return ParseResult(
        status=ReadStatus.PARTIAL if entries else ReadStatus.UNREADABLE, entries=unique_keys(entries),
        problems=(problem,), kind=service or "mail",
        broken=(Broken(position=1, data=data[:SHOWN], error=said),),
    )  # fmt: skip
