"""Kind `zotero`: what is put into a user's or a group's library at zotero.org. https://www.zotero.org/support/dev/web_api/v3/basics

Read only. A library has a version, which grows with each change: what changed since the last one is asked for, and a library
that did not change answers 304.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from digestbot.model import Entry, Link, LinkRel, ParseResult, PartialDate, Request, Response, Secret
from digestbot.papers.identity.identifiers import arxiv_id, doi, normal
from digestbot.papers.identity.urls import identifiers_in_url, link_kind
from digestbot.papers.text.clean import plain
from digestbot.sources.formats import jats
from digestbot.sources.formats.items import NoEntry, as_json, each
from digestbot.sources.formats.json_feed import json_reply
from digestbot.sources.formats.reply_body import opened, read_status, unreadable
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import (
    language,
    number,
    object_of,
    rows_of,
    text,
    unique_keys,
    venue_of,
    web_address,
)
from digestbot.sources.values.options import secrets_option, text_option

API = "https://api.zotero.org"
PAGE = 100  #: the most that a page may have
MOST = 5000  #: items of one poll, those added last first
_LIBRARY = re.compile(r"(?:https?://(?:www\.|api\.)?zotero\.org/)?(users|groups)/(\d{1,12})(?:/.{0,200})?", re.DOTALL)
_COLLECTION = re.compile(r"[A-Z0-9]{8}")
#: parts of items, and what is no paper
_NO_PAPERS: Final = frozenset(
    "attachment note annotation artwork audioRecording bill case computerProgram email film hearing instantMessage interview "
    "letter map podcast radioBroadcast statute tvBroadcast videoRecording".split()
)
_VENUES: Final = ("publicationTitle", "proceedingsTitle", "bookTitle", "repository", "university", "institution",
                  "websiteTitle", "blogTitle", "publisher")  # fmt: skip
#: lines of `extra`: what Zotero and its translators put there
_EXTRA = re.compile(r"^[ \t]*(DOI|arXiv|PMID|PMCID)[ \t]*:[ \t]*(\S{1,200})", re.IGNORECASE | re.MULTILINE)
_HINT = "make a key at https://www.zotero.org/settings/keys that may read this library, and put it into api_key_file"


class ZoteroSource:
    """A library, or one collection of it."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset({"library", "collection", "api_key_file"})
    #: its limits are told with `Backoff` and `Retry-After`
    politeness: ClassVar[tuple[str, float] | None] = ("zotero", 1.0)

    def __init__(
        self, library: str = "", collection: str = "", url: str = "", secrets: Mapping[str, Secret] | None = None
    ) -> None:
        self.library, self.collection, self.url, self._secrets = library, collection, url, dict(secrets or {})

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> ZoteroSource:
        """Needs `library` or `url`."""
        url, given = str(options.get("url") or ""), text_option(options, "library", '"groups/2493"')
        collection = text_option(options, "collection", '"ABCD2345"')
        found = _LIBRARY.fullmatch(given)
        if given and found is None:
            raise ValueError(f"library: {given!r} is none; they look like users/311682 or groups/2493")
        if collection and not _COLLECTION.fullmatch(collection):
            raise ValueError(
                f"collection: {collection!r} is none; it is the end of a collection's address, eight letters"
            )
        if not (url or found):
            raise ValueError('kind = "zotero" needs a library, for example: library = "groups/2493"')
        library = f"{found.group(1)}/{found.group(2)}" if found else ""
        return cls(library, collection, url, secrets_option(options, {"api_key": "key"}))

    @property
    def _known_as(self) -> str:
        """The name of the version in the state: another library has another one."""
        return f"version of {self.library}/{self.collection}"

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """What changed since the version that was read; at first the whole library, the newest first."""
        if self.url:
            return (self._request(self.url),)
        part = f"/collections/{self.collection}" if self.collection else ""
        asked = {"format": "json", "v": "3", "sort": "dateAdded", "direction": "desc", "limit": str(PAGE), "start": "0"}
        version = number(state.get(self._known_as))
        asked |= {"since": str(version)} if version else {}
        return (self._request(f"{API}/{self.library}{part}/items/top?{urlencode(asked)}", version),)

    def _request(self, url: str, version: int | None = None) -> Request:
        return Request(
            url=url, secrets=self._secrets, headers={"If-Modified-Since-Version": str(version)} if version else {}
        )

    def refused(self, status: int, said: str) -> str:
        """What helps against a refusal."""
        return _HINT if status in (401, 403) else "is that the number of the library?" if status == 404 else ""

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """A page of items. The version that is kept is that of the first page: what changes meanwhile comes next time."""
        data = json_reply(opened(response), "Zotero's API", f"the API is at {API}")
        if isinstance(data, ParseResult):
            return data
        rows = rows_of(data if isinstance(data, list) else [data])
        if not (rows or isinstance(data, list)) or (rows and not any("data" in row for row in rows)):
            return unreadable("this is JSON, but no list of Zotero's items")
        papers = [row for row in rows if text(object_of(row.get("data")).get("itemType")) not in _NO_PAPERS]
        entries, problems, broken = each(papers, _entries, as_json)
        total = number(response.headers.get("total-results"))
        version = number(urlsplit(response.url).fragment) or number(response.headers.get("last-modified-version"))
        following = self._next(response.url, len(rows), total, version)
        return ParseResult(
            status=read_status(entries, problems, more=following),
            entries=unique_keys(entries), problems=tuple(problems), broken=tuple(broken), next_requests=following,
            kind="Zotero", expected=None if total is None else min(total, MOST), left_out=len(rows) - len(papers),
            state={self._known_as: version} if version and not following else {},
        )  # fmt: skip

    def _next(self, url: str, came: int, total: int | None, version: int | None) -> tuple[Request, ...]:
        asked = dict(parse_qsl(urlsplit(url).query))
        start = (number(asked.get("start")) or 0) + came
        if not came or "start" not in asked or total is None or start >= min(total, MOST):
            return ()
        return (self._request(f"{url.partition('?')[0]}?{urlencode(asked | {'start': str(start)})}#{version or ''}"),)


def _entries(row: Mapping[str, Any]) -> list[Entry]:
    data, own = object_of(row.get("data")), text(row.get("key"))
    if not (data and own):
        raise NoEntry("an item without a key")
    page = web_address(object_of(object_of(row.get("links")).get("alternate")).get("href"))
    address, known = web_address(data.get("url")), _identifiers(row, data, own)
    return [Entry(
        title=jats.title(text(data.get("title"))),
        summary=jats.abstract(text(data.get("abstractNote"))),
        authors=_authors(data),
        categories=tuple(dict.fromkeys(t for tag in rows_of(data.get("tags")) if (t := plain(text(tag.get("tag")))))),
        published=date_of(text(object_of(row.get("meta")).get("parsedDate"))) or date_of(text(data.get("date"))),
        announced=_day(data.get("dateAdded")),
        link=address or (f"https://doi.org/{known['doi']}" if "doi" in known else page),
        identifiers=known,
        links=(Link(LinkRel.ABSTRACT if (kind := link_kind(address)) is LinkRel.PROJECT else kind, address),) if address else (),
        venue=venue_of(_venue(data), "dissertation" if data.get("itemType") == "thesis" else data.get("itemType")),
        language=language(text(data.get("language")).lower().replace("_", "-")),
        rights=plain(text(data.get("rights")))[:200],
        submitter=plain(text(object_of(object_of(row.get("meta")).get("createdByUser")).get("username"))),
        native_key=own,
    )]  # fmt: skip


def _identifiers(row: Mapping[str, Any], data: Mapping[str, Any], own: str) -> Mapping[str, str]:
    """The item's own, and what its fields name. Of a journal's copy of a preprint the DOI counts, not the address."""
    extra = {m.group(1).lower(): m.group(2) for m in _EXTRA.finditer(text(data.get("extra"))[:5000])}
    known = dict(identifiers_in_url(web_address(data.get("url"))))
    archive = text(data.get("archiveID"))
    for name in ("pmid", "pmcid"):
        known |= {name: extra[name]} if name in extra else {}
    if arxiv := arxiv_id(archive) or arxiv_id(extra.get("arxiv", "")):
        known |= {"arxiv": arxiv[0]}
    if named := doi(text(data.get("DOI"))) or doi(extra.get("doi", "")):
        known |= {"doi": named}
    library = object_of(row.get("library"))
    whose, which = text(library.get("type")), text(library.get("id"))
    return normal(known | ({"zotero": f"{whose}s/{which}/{own}"} if whose in ("user", "group") and which else {}))


def _authors(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Authors; of what has none its editors or whoever made it."""
    people = rows_of(data.get("creators"))
    first = [p for p in people if text(p.get("creatorType")) in ("author", "presenter")]
    names = (plain(" ".join(x for x in (text(p.get("firstName")), text(p.get("lastName"))) if x) or text(p.get("name")))
             for p in first or people)  # fmt: skip
    return tuple(name for name in names if name)


def _venue(data: Mapping[str, Any]) -> str:
    return next((name for field in _VENUES if (name := plain(text(data.get(field))))), "")


def _day(value: Any) -> PartialDate | None:
    found = date_of(text(value))
    return PartialDate.of(found.day()) if found and found.precision in ("day", "instant") else None
