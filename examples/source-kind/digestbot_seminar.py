"""Kind `seminar`: the papers of a seminar, from a CSV file with the columns date, title, authors, url and abstract."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from digestbot.model import Entry, ParseResult, Problem, ReadStatus, Request, Response
from digestbot.papers.identity.identifiers import normal
from digestbot.papers.identity.urls import identifiers_in_url
from digestbot.papers.text.clean import plain
from digestbot.sources.formats.reply_body import is_html, opened, unreadable
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import unique_keys, web_address

COLUMNS = {"date", "title", "url"}


class SeminarSource:
    """The list of one seminar. Pure: the same bytes give the same entries, and nothing is asked or read here."""

    contract: ClassVar[int] = 1  #: the version of digestbot's contract it was written for
    options: ClassVar[frozenset[str]] = frozenset({"room"})  #: keys of its [[sources]] block beside url, every, title …
    politeness: ClassVar[tuple[str, float] | None] = None  #: or ("name of the service", seconds between requests)

    def __init__(self, url: str, room: str = "") -> None:
        self.url, self.room = url, room

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> SeminarSource:
        """A mistake is a ValueError whose message names the option and shows how it is written."""
        url, room = str(options.get("url") or ""), options.get("room", "")
        if not url:
            raise ValueError('kind = "seminar" needs a url, for example: url = "https://uni.example/seminar.csv"')
        if not isinstance(room, str):
            raise ValueError('room is a text, for example: room = "H 2.13"')
        return cls(url, room)

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """What to ask. `state` is what earlier results left: a day, a version, a cursor."""
        return (Request(url=self.url),)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """Whatever came is a value: what is no such list is unreadable and says so, and an empty list is a quiet day."""
        body = opened(response)
        if is_html(body):
            return unreadable("this is a web page, not the seminar's list", hint="look for its CSV")
        rows = csv.reader(body.decode("utf-8-sig", errors="replace").replace("\x00", "").splitlines())
        try:
            head = [name.strip().lower() for name in next(rows, [])]
            found = [dict(zip(head, row, strict=False)) for row in rows if row]
        except csv.Error as error:
            return unreadable("this is no CSV", where=str(error))
        if not set(head) >= COLUMNS:
            return unreadable(
                "this is no list of a seminar", where=",".join(head)[:100], hint=f"it has {', '.join(sorted(COLUMNS))}"
            )
        entries = [self._entry(row) for row in found if plain(row.get("title", ""))]
        odd = len(found) - len(entries)
        problems = (Problem(what=f"{odd} lines have no title"),) if odd else ()
        status = ReadStatus.PARTIAL if problems else ReadStatus.OK if entries else ReadStatus.EMPTY
        return ParseResult(status=status, entries=unique_keys(entries), problems=problems, kind="Seminar")

    def _entry(self, row: Mapping[str, str]) -> Entry:
        link = web_address(row.get("url", ""))
        return Entry(
            title=plain(row.get("title", "")),
            summary=plain(row.get("abstract", "")),
            authors=tuple(name for one in row.get("authors", "").split(";") if (name := plain(one))),
            published=date_of(row.get("date", "")),
            link=link,
            identifiers=normal(identifiers_in_url(link)),  # so that it is one paper with arXiv's or a journal's
            comment=f"In {plain(self.room)}" if plain(self.room) else "",
            native_key=link or plain(row.get("title", "")),
        )
