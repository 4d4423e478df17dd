"""Kind `arxiv`: the daily announcements (RSS or Atom at rss.arxiv.org), the API's replies and, for a day that was
missed, OAI-PMH.

Without a `url` the announcements of `categories` are polled; the first poll also looks back `look_back` days through
the API, so that a weekend's first digest is not empty. Both formats are told apart by what they say.
https://info.arxiv.org/help/rss.html, https://info.arxiv.org/help/api/user-manual.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from digestbot.model import Entry, ListingDay, ParseResult, PartialDate, Problem, ReadStatus, Request, Response
from digestbot.papers.identity.identifiers import arxiv_id
from digestbot.papers.text.author_lists import read_authors
from digestbot.papers.text.clean import plain
from digestbot.sources.formats.reply_body import not_a_feed, opened, unreadable
from digestbot.sources.formats.xml_feed import date_in, entry_of, read_feed
from digestbot.sources.kinds.oai import ARXIV as OAI
from digestbot.sources.kinds.oai import arxiv_set, list_records, read_oai
from digestbot.sources.records.arxiv_paper import standing, with_links
from digestbot.sources.values import arxiv_calendar
from digestbot.sources.values.dates import date_of

RSS = "https://rss.arxiv.org/rss/"
API = "https://export.arxiv.org/api/query"
PAGE = 200
MOST_LOOKED_BACK = 2000
FAR_BACK = timedelta(days=7)
MOST_RETRIES = 3  #: of an empty page in mid-paging, which the API gives at random

_PREFIX = re.compile(r"\s*arXiv:(\S+?)\s+Announce Type:\s*(\S+)\s+Abstract:\s*", re.IGNORECASE)
ANNOUNCE_TYPES = frozenset({"new", "cross", "replace", "replace-cross"})
_OAI = re.compile(rb"<(?:\w+:)?OAI-PMH[\s>]")
_PUB_DATE = re.compile(rb"<(?:pubDate|dc:date)>([^<]{1,100})</(?:pubDate|dc:date)>")
_TOTAL = re.compile(rb"<(?:\w+:)?totalResults[^<>]*+>\s*(\d+)\s*<")


class ArxivSource:
    """arXiv's new papers in some categories, or one address of arXiv's."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset({"categories", "look_back"})
    #: one connection and 3 s between requests over all machines: https://info.arxiv.org/help/api/tou.html
    politeness: ClassVar[tuple[str, float] | None] = ("arxiv", 3.0)

    def __init__(self, categories: Sequence[str] = (), url: str = "", look_back: int = 3) -> None:
        self.categories, self.url, self.look_back = tuple(categories), url, look_back

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> ArxivSource:
        """Needs `categories` (a list of codes) or `url`."""
        categories, url = options.get("categories") or (), str(options.get("url") or "")
        if not isinstance(categories, list | tuple) or not all(isinstance(c, str) for c in categories):
            raise ValueError('categories is a list, for example: categories = ["cs.LG", "cs.CL"]')
        if not categories and not url:
            raise ValueError('kind = "arxiv" needs categories, for example: categories = ["cs.LG", "cs.CL"]')
        if odd := next((c for c in categories if not re.fullmatch(r"[a-z-]+(\.[A-Za-z-]{2,})?", c)), ""):
            raise ValueError(f"categories: {odd!r} is no arXiv category; they look like cs.LG, math.AG or quant-ph")
        look_back = options.get("look_back", 3)
        if not isinstance(look_back, int) or not 0 <= look_back <= 30:
            raise ValueError("look_back is a number of days from 0 to 30")
        return cls(categories, url, look_back)

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The announcements; on the first poll the look-back too."""
        if self.url:
            return (Request(url=self.url),)
        announced = Request(url=RSS + "+".join(self.categories))
        if state.get("looked_back") or not self.look_back:
            return (announced,)
        return announced, self._look_back(now)

    def _look_back(self, now: datetime) -> Request:
        return self._submitted(now - timedelta(days=self.look_back), now)

    def _submitted(self, since: datetime, until: datetime) -> Request:
        """The request for what was submitted in these minutes (GMT), newest first."""
        query = " OR ".join(f"cat:{c}" for c in self.categories)
        asked = {
            "search_query": f"({query}) AND submittedDate:[{since:%Y%m%d%H%M} TO {until:%Y%m%d%H%M}]",
            "sortBy": "submittedDate", "sortOrder": "descending", "start": 0, "max_results": PAGE,
        }  # fmt: skip
        return Request(url=f"{API}?{urlencode(asked)}")

    def quiet(self, after: datetime, until: datetime) -> str:
        """Why no announcement can have come in (after, until]; "" when one should have."""
        return arxiv_calendar.quiet(after, until) if not self.url else ""

    @property
    def parts(self) -> tuple[str, ...]:
        """A category may be left behind while others move on."""
        return self.categories or ("",)

    def due(self, after: datetime, until: datetime) -> Sequence[ListingDay]:
        """Monday to Friday, but for the days after a holiday's evening."""
        return arxiv_calendar.listing_days(after, until)

    def listing_day(self, day: date) -> ListingDay:
        """The listing day of a date: midnight to midnight in New York, in UTC."""
        return arxiv_calendar.listing_day(day)

    def day_of(self, entry: Entry) -> date | None:
        """As announced; the API and OAI-PMH do not say, but when it was submitted."""
        if entry.announced is not None or self.url:
            return entry.announced.day() if entry.announced else None
        given = entry.published
        return arxiv_calendar.listed_on(given.earliest()) if given and given.precision == "instant" else None

    def recover(self, day: date, missed: Sequence[str], now: datetime) -> Sequence[Request]:
        """The API by what was submitted for that day: its total is a count that announcements do not give.

        For categories that were missed OAI-PMH too, by what changed since the evening of that day: it has the papers
        that were held back before. Its datestamps are days; an `until` would leave out what was replaced since, and is
        given for days more than a week ago only: all that has changed since then would be too much.
        """
        if self.url:
            return ()
        since, until = day - timedelta(days=1), day if now.date() - day > FAR_BACK else None
        changed = (list_records(OAI, set_=arxiv_set(c), since=since, until=until) for c in missed)
        return (self._submitted(*arxiv_calendar.submitted_for(day)), *changed)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """Announcements, a page of the API or one of OAI-PMH."""
        body = opened(response)
        if _OAI.search(body[:2000]):
            return replace(read_oai(body, response.url, now), state={})
        if (answer := not_a_feed(body)) is not None:
            return answer
        total = _TOTAL.search(body[:20_000])
        result = read_feed(body, response, _api_entry if total else _announced)
        if error := _error(result):
            return unreadable(error, hint="is the category or the id right?")
        return self._paged(result, response.url, int(total.group(1))) if total else _listing(result, _built(body))

    def _paged(self, result: ParseResult, url: str, total: int) -> ParseResult:
        """A page of the API, and the next one; of an address that a person gave only the page it asks for."""
        asked = dict(parse_qsl(urlsplit(url).query))
        start, tries = _number(asked.get("start")), _number(asked.get("again"))
        after = start + len(result.entries)
        wanted = min(total, MOST_LOOKED_BACK)
        if self.url:
            wanted = min(total, start + 1)  # one that comes is the answer
        told = None if self.url and after < total else wanted
        done = replace(result, expected=told, kind="arXiv API", state={"looked_back": True})
        if after >= wanted or "search_query" not in asked:
            return done
        base = url.partition("?")[0]
        if not result.entries:  # an empty page is not the end: ask again, a few times
            if tries >= MOST_RETRIES:
                problem = Problem(what=f"arXiv says {total} papers and gave {start}", hint="the next poll asks again")
                return replace(done, status=ReadStatus.PARTIAL, state={}, problems=(problem,))
            again = Request(url=f"{base}?{urlencode(asked | {'again': str(tries + 1)})}")
            return replace(done, state={}, next_requests=(again,))
        asked.pop("again", None)
        following = Request(url=f"{base}?{urlencode(asked | {'start': str(after)})}")
        return replace(done, state={}, next_requests=(following,))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _error(result: ParseResult) -> str:
    """arXiv answers mistakes with feeds that look like papers."""
    if result.title.startswith("Feed error for query"):
        return plain(result.title)
    for entry in result.entries:
        if entry.title == "Error" and ("/api/errors" in entry.native_key or "/api/errors" in entry.link):
            return f"arXiv says: {entry.summary or entry.native_key}"
    return ""


def _listing(result: ParseResult, built: PartialDate | None) -> ParseResult:
    """The listing day of the whole feed; a weekend's has no entry and is no failure.

    An item without a date of its own is of the day of its feed.
    """
    entries = tuple(e if e.announced else replace(e, announced=built) for e in result.entries)
    days = {e.announced.text for e in entries if e.announced}
    return replace(result, entries=entries, listed=PartialDate(max(days)) if days else None)


def _built(body: bytes) -> PartialDate | None:
    """The feed's own date, which stands before its items."""
    found = _PUB_DATE.search(body[:10_000].partition(b"<item")[0])
    return _new_york(date_of(found.group(1).decode("ascii", "replace"))) if found else None


def _announced(item: Any, base: str) -> Entry:
    """One announcement. Its pubDate is the listing's midnight in New York, the same for all: not the paper's date."""
    entry = entry_of(item, base)
    prefix = _PREFIX.match(entry.summary)
    named = arxiv_id(entry.native_key) or (arxiv_id(prefix.group(1)) if prefix else None) or _named(entry)
    people = read_authors(str(item.get("author") or "") or "; ".join(entry.authors))
    said = str(item.get("arxiv_announce_type") or (prefix.group(2) if prefix else "")).lower()
    summary = entry.summary[prefix.end() :] if prefix else entry.summary.removeprefix("Abstract:").strip()
    listed = date_in(item, "published", "updated")
    return replace(
        with_links(entry, named, summary),
        summary=summary,
        authors=people.names,
        affiliations=people.affiliations,
        published=None,
        updated=None,
        announced=_new_york(listed),
        announce_type=said if said in ANNOUNCE_TYPES else entry.announce_type,
        venue=plain(str(item.get("arxiv_journal_reference") or "")),
        standing=standing("", summary),
    )


def _named(entry: Entry) -> tuple[str, int | None] | None:
    """The id and the version that the title of an old feed's item bears."""
    version = entry.identifiers.get("arxiv_version", "")
    return (entry.identifiers["arxiv"], int(version) if version else None) if "arxiv" in entry.identifiers else None


def _new_york(listed: PartialDate | None) -> PartialDate | None:
    if listed is None or listed.precision != "instant":
        return listed
    return PartialDate.of(listed.earliest().astimezone(arxiv_calendar.NEW_YORK).date())


def _api_entry(item: Any, base: str) -> Entry:
    """One entry of the API: published is the date of v1, updated that of this version."""
    entry = entry_of(item, base)
    named = arxiv_id(entry.native_key.rpartition("/abs/")[2])
    authors = item.get("authors") or ()
    return replace(
        with_links(entry, named, entry.summary),
        authors=tuple(n for a in authors if (n := plain(str(a.get("name") or "")))),
        affiliations=tuple(
            dict.fromkeys([plain(str(item["arxiv_affiliation"]))] if item.get("arxiv_affiliation") else [])
        ),
        categories=tuple(c for c in entry.categories if re.fullmatch(r"[a-z-]+(\.[A-Za-z-]+)?", c)),
        comment=plain(str(item.get("arxiv_comment") or "")),
        venue=plain(str(item.get("arxiv_journal_ref") or "")),
        published=date_in(item, "published"),
        updated=date_in(item, "updated"),
        standing=standing(plain(str(item.get("arxiv_comment") or "")), entry.summary),
    )
