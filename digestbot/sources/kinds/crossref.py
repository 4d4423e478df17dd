"""Kind `crossref`: what was newly registered in a journal, or for a query. https://api.crossref.org

Filters, cursors and `select`: https://www.crossref.org/documentation/retrieve-metadata/rest-api/. New works are those
whose DOI was created since the last poll: a work is indexed again whenever somebody cites it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from digestbot.model import Entry, ParseResult, Request, Response
from digestbot.sources.formats.items import NoEntry, as_json, each
from digestbot.sources.formats.json_feed import json_reply
from digestbot.sources.formats.reply_body import opened, read_status, unreadable
from digestbot.sources.records.crossref_work import NOT_PAPERS, updated_works, work_entry
from digestbot.sources.values.fields import number, object_of, rows_of, text, unique_keys
from digestbot.sources.values.options import days_option, names_option, text_option
from digestbot.sources.values.poll_windows import FURTHEST, first_day, read_to_the_end

API = "https://api.crossref.org/works"
ROWS = 200
MOST_OF_A_QUERY = 600  #: works of one poll, the best first: Crossref finds whatever shares a word with the query
TYPES = (
    "journal-article",
    "proceedings-article",
    "posted-content",
    "book-chapter",
    "monograph",
    "report",
    "dissertation",
)
FIELDS = (
    "DOI", "title", "subtitle", "author", "abstract", "container-title", "issued", "published-online", "published-print",
    "posted", "created", "type", "group-title", "relation", "update-to", "license", "subject", "publisher",
)  # fmt: skip


class CrossrefSource:
    """Newly registered works."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset({"issn", "prefix", "query", "look_back"})
    #: the polite pool allows ten a second, the public one five: https://www.crossref.org/blog/announcing-changes-to-rest-api-rate-limits/
    politeness: ClassVar[tuple[str, float] | None] = ("crossref", 0.5)

    def __init__(
        self, issn: Sequence[str] = (), query: str = "", url: str = "", look_back: int = 5, prefix: str = ""
    ) -> None:
        self.issn, self.query, self.url, self.look_back, self.prefix = tuple(issn), query, url, look_back, prefix

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> CrossrefSource:
        """Needs `issn` (one, or a list), `prefix` (of a preprint server or publisher), `query` or `url`."""
        url, query = str(options.get("url") or ""), text_option(options, "query", '"graph neural networks"')
        given = options.get("issn", ())
        issn = names_option({"issn": [given] if isinstance(given, str) else given}, "issn", '["2041-1723"]')
        if odd := next((n for n in issn if not re.fullmatch(r"\d{4}-?\d{3}[\dXx]", n)), ""):
            raise ValueError(f"issn: {odd!r} is no ISSN; they look like 2041-1723")
        prefix = text_option(options, "prefix", '"10.31234"')
        if prefix and not re.fullmatch(r"10\.\d{4,9}", prefix):
            raise ValueError(f"prefix: {prefix!r} is none; DOIs begin with one, like 10.31234")
        if not (url or query or issn or prefix):
            raise ValueError('kind = "crossref" needs an issn or a query, for example: issn = "2041-1723"')
        return cls(issn, query, url, days_option(options, "look_back", 5, FURTHEST), prefix)

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The works whose DOI was made since the day before the last poll."""
        if self.url:
            return (Request(url=self.url),)
        wanted = [f"issn:{n[:4]}-{n[-4:]}" for n in self.issn] + [f"type:{name}" for name in TYPES]
        wanted += [f"prefix:{self.prefix}"] if self.prefix else []
        since = first_day(state, now, self.look_back)
        asked = {"filter": ",".join([f"from-created-date:{since}", *wanted]), "rows": ROWS, "select": ",".join(FIELDS)}
        if self.query:
            asked |= {"query": self.query}
        return (Request(url=f"{API}?{urlencode(asked | {'cursor': '*'})}"),)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """A page of works, or one work."""
        data = json_reply(opened(response), "Crossref's API", "the API is at https://api.crossref.org")
        if isinstance(data, ParseResult):
            return data
        items = _items(data)
        if items is None:
            return _refused(data)
        message = object_of(object_of(data).get("message"))
        papers = [item for item in items if text(item.get("type")) not in NOT_PAPERS]
        others = Counter(text(item.get("type")) for item in items if text(item.get("type")) in NOT_PAPERS)
        entries, problems, broken = each(papers, _entries, as_json)
        wanted = _wanted(message, response.url)
        following = _next(response.url, text(message.get("next-cursor")), len(items), wanted)
        # without a cursor no further page can be asked for: what stands there is counted only when it is all
        whole = _paged(response.url) or (wanted is not None and len(items) >= wanted)
        return ParseResult(
            status=read_status(entries, problems, more=following),
            entries=unique_keys(entries), problems=tuple(problems), broken=tuple(broken), next_requests=following, kind="Crossref",
            expected=wanted if whole else None, left_out=len(items) - len(papers), state={} if following else read_to_the_end(now),
            not_papers=", ".join(f"{count} {kind}" for kind, count in others.most_common()),
        )  # fmt: skip


def _items(data: Any) -> list[Mapping[str, Any]] | None:
    """The works of a list, or the one work of a reply; None where it is neither."""
    message = object_of(data).get("message")
    if not isinstance(message, Mapping) or not ("items" in message or {"DOI", "title"} <= message.keys()):
        return None
    items = rows_of(message.get("items") if "items" in message else [message])
    return None if items and not any("DOI" in item for item in items) else items


def _wanted(message: Mapping[str, Any], url: str) -> int | None:
    """How many works there are to read; of a query the best ones only."""
    total = number(message.get("total-results"))
    return min(total, MOST_OF_A_QUERY) if total is not None and "query=" in url else total


def _paged(url: str) -> bool:
    return "cursor" in dict(parse_qsl(urlsplit(url).query))


def _next(url: str, cursor: str, came: int, wanted: int | None) -> tuple[Request, ...]:
    """Returns the request for the next page. The last page has a cursor too, so the fragment counts what came.

    Without a total an empty page is the last.
    """
    parts = urlsplit(url)
    got, asked = came + (number(parts.fragment.removeprefix("got=")) or 0), dict(parse_qsl(parts.query))
    if not (cursor and came and "cursor" in asked) or (wanted is not None and got >= wanted):
        return ()
    return (Request(url=f"{url.partition('?')[0]}?{urlencode(asked | {'cursor': cursor})}#got={got}"),)


def _entries(item: Mapping[str, Any]) -> list[Entry]:
    """A work, and those that it retracts or corrects."""
    entry = work_entry(item)
    if entry is None:
        raise NoEntry("a work without a DOI")
    return [entry, *updated_works(item)]


def _refused(data: Any) -> ParseResult:
    """Crossref's own words for what is wrong: a list of failures, or a sentence."""
    message = object_of(data).get("message")
    said = [text(row.get("message")) for row in rows_of(message)]
    return unreadable(
        "this is JSON, but no list of Crossref's works", where="; ".join(said)[:200] or text(message)[:200]
    )
