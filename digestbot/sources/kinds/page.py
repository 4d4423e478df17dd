"""Kind `page`: the text of a saved daily-papers page, as the project's founding document is one.

A short preamble (slogans, curators, the day without its year), then title and abstract in turn, a paragraph each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from digestbot.model import Entry, Link, LinkRel, ParseResult, PartialDate, Problem, ReadStatus, Request, Response
from digestbot.papers.identity.identifiers import title_key
from digestbot.papers.identity.urls import identifiers_in_url, link_kind
from digestbot.papers.text.clean import plain, urls_in
from digestbot.sources.formats.reply_body import MOST_ENTRIES, is_html, opened, unreadable

LONG = 300  #: characters: an abstract; a title is shorter
PREAMBLE = 12  #: paragraphs before the first title, at most
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAY = re.compile(
    r"(?:\w+,?\s+)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(\d{1,2})(?:,?\s+(\d{4}))?\Z",
    re.IGNORECASE,
)
_TITLE = re.compile(r"[\w\"'“‘$\\(¿][^@\s]*+\s[^@]*+\Z")
_CURATORS = re.compile(r"by\s*+((?:AK\b|[A-Z@]).{2,120}|.*\bcommunity\b.*)\Z", re.DOTALL)


class PageSource:
    """A saved page's text, at an address."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset()
    politeness: ClassVar[tuple[str, float] | None] = None

    def __init__(self, url: str) -> None:
        self.url = url

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> PageSource:
        """Needs `url`."""
        if not options.get("url"):
            raise ValueError('kind = "page" needs a url, for example: url = "https://site.example.org/daily.txt"')
        return cls(str(options["url"]))

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The one address."""
        return (Request(url=self.url),)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """Titles and abstracts in turn."""
        body = opened(response)
        if is_html(body):
            return unreadable("this is HTML; the text of the page is wanted", hint="save the page as text")
        paragraphs = [p for part in re.split(r"\n[ \t\r]*\n", _decoded(body)) if (p := plain(part))]
        if not paragraphs:
            return unreadable("the reply is empty")
        return read_page(paragraphs, response.fetched)


def _decoded(body: bytes) -> str:
    for encoding in ("utf-8-sig", "windows-1252"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode("latin-1")


def read_page(paragraphs: Sequence[str], read_at: datetime) -> ParseResult:
    """Paragraphs as a listing. `read_at` gives the year of a day without one: never in the future."""
    start = _first_title(paragraphs)
    if start is None:
        return _no_page()
    preamble = paragraphs[:start]
    listed = next((d for p in preamble if (d := listing_day(p, read_at.date()))), None)
    entries, problems = _pairs(paragraphs[start:], listed)
    curators = next((m.group(1).strip() for p in preamble if (m := _CURATORS.match(p))), "")
    if not entries or not (listed or curators or _reads_like_a_list(entries, problems)):
        return _no_page()
    return ParseResult(
        status=ReadStatus.PARTIAL if problems else ReadStatus.OK, entries=tuple(entries), problems=tuple(problems),
        title=preamble[0] if preamble and len(preamble[0]) > 12 else "", listed=listed, curators=curators,
        kind="saved page",
    )  # fmt: skip


def _first_title(paragraphs: Sequence[str]) -> int | None:
    """Where the list begins: before the first long paragraph; None where that is too far down."""
    first = next((at for at, following in enumerate(paragraphs[1:]) if len(following) >= LONG), None)
    return first if first is not None and first <= PREAMBLE else None


def _no_page() -> ParseResult:
    return unreadable(
        "this text is no daily-papers page", hint="title and abstract are expected in turn, a paragraph each"
    )


def _reads_like_a_list(entries: Sequence[Entry], problems: Sequence[Problem]) -> bool:
    """Without a day and curators titles alone tell a list of papers from mail or BibTeX with long paragraphs."""
    return len(entries) > 1 and len(entries) > len(problems) and all(_TITLE.match(e.title) for e in entries)


def listing_day(text: str, read_on: date) -> PartialDate | None:
    """`Jun 6` as the latest such day that is not after `read_on`; None when it is no day."""
    found = _DAY.match(text)
    if not found:
        return None
    month, day = _MONTHS.index(found.group(1).lower()) + 1, int(found.group(2))
    years = [int(found.group(3))] if found.group(3) else range(read_on.year, read_on.year - 9, -1)
    for year in years:
        try:
            listed = date(year, month, day)
        except ValueError:  # 29 February
            continue
        if listed <= read_on or found.group(3):
            return PartialDate.of(listed)
    return None


def _pairs(paragraphs: Sequence[str], listed: PartialDate | None) -> tuple[list[Entry], list[Problem]]:
    entries: list[Entry] = []
    problems = []
    title = ""
    for number, paragraph in enumerate(paragraphs, 1):
        if len(paragraph) < LONG and not title:
            title = paragraph
        elif title:
            entries.append(_entry(title, paragraph, listed))
            title = ""
        else:
            problems.append(Problem(what="an abstract without a title", where=f"paragraph {number} of the list"))
        if len(entries) >= MOST_ENTRIES:
            problems.append(Problem(what=f"only the first {MOST_ENTRIES} papers were read"))
            break
    if title:
        problems.append(Problem(what="a title without an abstract", where=title[:80]))
    return entries, problems


def _entry(title: str, abstract: str, listed: PartialDate | None) -> Entry:
    """A paper without an identifier: one that its abstract names is another paper's."""
    links = tuple(Link(link_kind(u) if not identifiers_in_url(u) else LinkRel.RELATED, u) for u in urls_in(abstract))
    return Entry(
        title=title, summary=abstract, announced=listed, links=links, native_key=f"title:{title_key(title) or title}"
    )
