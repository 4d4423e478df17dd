"""Kind `datacite`: works that got a DOI at DataCite: Zenodo, figshare, HAL, theses of universities. https://support.datacite.org/docs/api

New works are those whose DOI was created since the last poll. Data and software are asked for only where somebody wants them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from digestbot.model import Entry, Link, LinkRel, ParseResult, PartialDate, Request, Response
from digestbot.papers.identity.identifiers import doi, normal
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
    tokens,
    unique_keys,
    venue_of,
    web_address,
)
from digestbot.sources.values.options import days_option, names_option, text_option
from digestbot.sources.values.poll_windows import FURTHEST, first_day, read_to_the_end

API = "https://api.datacite.org/dois"
PAGE = 100
MOST = 2000  #: works of one poll
#: `resourceTypeGeneral` of what is a paper: https://datacite-metadata-schema.readthedocs.io/en/4.6/appendices/appendix-1/resourceTypeGeneral/
PAPERS = (
    "Preprint",
    "JournalArticle",
    "ConferencePaper",
    "Report",
    "Dissertation",
    "Book",
    "BookChapter",
    "DataPaper",
    "Text",
)
_SAME = ("IsIdenticalTo", "IsVersionOf", "HasVersion", "IsVariantFormOf")
_ISSUED = ("Issued", "Available", "Submitted", "Created")


class DataCiteSource:
    """Newly registered works of a repository, or for a query."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset({"query", "repository", "types", "look_back"})
    #: 3,000 requests in five minutes from one address: https://support.datacite.org/docs/best-practices-for-integrators
    politeness: ClassVar[tuple[str, float] | None] = ("datacite", 0.5)

    def __init__(
        self, query: str = "", repository: str = "", types: Sequence[str] = PAPERS, url: str = "", look_back: int = 5
    ) -> None:  # fmt: skip
        self.query, self.repository, self.types, self.url, self.look_back = (
            query,
            repository,
            tuple(types),
            url,
            look_back,
        )

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> DataCiteSource:
        """Needs `query`, `repository` or `url`."""
        url, query = str(options.get("url") or ""), text_option(options, "query", '"titles.title:glacier"')
        repository = text_option(options, "repository", '"cern.zenodo"')
        if repository and (repository.count(".") != 1 or not repository.replace(".", "").replace("-", "").isalnum()):
            raise ValueError(f"repository: {repository!r} is none; they look like cern.zenodo")
        types = names_option(options, "types", '["Preprint", "Dissertation"]') or PAPERS
        if odd := next((one for one in types if not one.isalpha()), ""):
            raise ValueError(f"types: {odd!r} is none; they look like Preprint or JournalArticle")
        if not (url or query or repository):
            raise ValueError('kind = "datacite" needs a repository or a query, for example: repository = "cern.zenodo"')
        return cls(query, repository, types, url, days_option(options, "look_back", 5, FURTHEST))

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The works whose DOI was made since the day before the last poll."""
        if self.url:
            return (Request(url=self.url),)
        kinds = f"types.resourceTypeGeneral:({' OR '.join(self.types)})"
        wanted = f"created:[{first_day(state, now, self.look_back)} TO *] AND {kinds}"
        asked = {"query": f"({self.query}) AND {wanted}" if self.query else wanted, "affiliation": "true"}
        asked |= {"client-id": self.repository} if self.repository else {}
        return (Request(url=f"{API}?{urlencode(asked | {'page[size]': str(PAGE), 'page[cursor]': '1'})}"),)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """A page of works, or one work."""
        data = json_reply(opened(response), "DataCite's API", f"the API is at {API}")
        if isinstance(data, ParseResult):
            return data
        data = object_of(data)
        given = data.get("data")
        rows = rows_of(given if isinstance(given, list) else [given])
        if (rows and not any(row.get("type") == "dois" for row in rows)) or not (rows or isinstance(given, list)):
            said = "; ".join(text(row.get("title")) or text(row.get("detail")) for row in rows_of(data.get("errors")))
            return unreadable("this is JSON, but no list of DataCite's works", where=said[:200])
        entries, problems, broken = each(rows, _entries, as_json)
        total = number(object_of(data.get("meta")).get("total"))
        following = _next(response.url, text(object_of(data.get("links")).get("next")), len(rows), total)
        paged = "cursor" in response.url
        return ParseResult(
            status=read_status(entries, problems, more=following),
            entries=unique_keys(entries), problems=tuple(problems), broken=tuple(broken), next_requests=following, kind="DataCite",
            expected=min(total, MOST) if total is not None and (paged or len(rows) >= total) else None,
            state={} if following else read_to_the_end(now),
        )  # fmt: skip


def _next(url: str, named: str, came: int, total: int | None) -> tuple[Request, ...]:
    """The page that the reply names, at the same service; what came is counted in the fragment."""
    parts = urlsplit(url)
    got = came + (number(parts.fragment.removeprefix("got=")) or 0)
    address = web_address(named).partition("#")[0]
    if not (came and address) or got >= min(MOST, MOST if total is None else total):
        return ()
    if urlsplit(address).netloc != parts.netloc or address == url.partition("#")[0]:
        return ()
    return (Request(url=f"{address}#got={got}"),)


def _entries(row: Mapping[str, Any]) -> list[Entry]:
    work = object_of(row.get("attributes"))
    name = doi(text(work.get("doi")) or text(row.get("id")))
    if name is None:
        raise NoEntry("a work without a DOI")
    known = normal({"doi": name})
    kind = object_of(work.get("types"))
    container, publisher = object_of(work.get("container")), work.get("publisher")
    house = text(publisher.get("name")) if isinstance(publisher, Mapping) else text(publisher)
    return [Entry(
        title=_title(work),
        summary=_abstract(work),
        authors=tuple(name for person in rows_of(work.get("creators")) if (name := _person(person))),
        affiliations=_affiliations(work),
        categories=tuple(dict.fromkeys(s for one in rows_of(work.get("subjects")) if (s := plain(text(one.get("subject")))))),
        published=_published(work),
        announced=_day(work.get("created")),
        announce_type="replace" if _related(work, ("IsNewVersionOf",)) else "",
        link=web_address(work.get("url")) or f"https://doi.org/{name}",
        identifiers=known,
        links=(Link(LinkRel.ABSTRACT, f"https://doi.org/{name}"),),
        venue=venue_of(plain(text(container.get("title")) or house), kind.get("resourceTypeGeneral")),
        language=language(text(work.get("language"))),
        rights=plain(next((text(r.get("rightsIdentifier")) or text(r.get("rights")) for r in rows_of(work.get("rightsList"))), ""))[:200],
        same_as=tuple(t for t in _related(work, _SAME) if t not in tokens(known)),
        native_key=name,
    )]  # fmt: skip


def _title(work: Mapping[str, Any]) -> str:
    """The title, which has no type, and its subtitle."""
    rows = rows_of(work.get("titles"))
    main = next((t for row in rows if not text(row.get("titleType")) and (t := jats.title(text(row.get("title"))))), "")
    sub = next(
        (t for row in rows if row.get("titleType") == "Subtitle" and (t := jats.title(text(row.get("title"))))), ""
    )
    return f"{main}: {sub}" if main and sub else main or next((jats.title(text(row.get("title"))) for row in rows), "")


def _abstract(work: Mapping[str, Any]) -> str:
    rows = rows_of(work.get("descriptions"))
    wanted = (row for row in rows if text(row.get("descriptionType")) == "Abstract")
    return next((said for row in wanted if (said := jats.abstract(text(row.get("description"))))), "")


def _person(person: Mapping[str, Any]) -> str:
    """Given and family names; groups, and people of whom only `Okafor, Ines` is known."""
    parts = [x for x in (text(person.get("givenName")), text(person.get("familyName"))) if x]
    name = plain(" ".join(parts) if len(parts) == 2 else text(person.get("name")))
    family, comma, given = name.partition(", ")
    return f"{given} {family}" if comma and person.get("nameType") != "Organizational" and "," not in given else name


def _affiliations(work: Mapping[str, Any]) -> tuple[str, ...]:
    listed = (p.get("affiliation") for p in rows_of(work.get("creators")))
    places = (
        text(a.get("name")) if isinstance(a, Mapping) else text(a)
        for one in listed
        if isinstance(one, list)
        for a in one
    )
    return tuple(dict.fromkeys(place for given in places if (place := plain(given))))


def _published(work: Mapping[str, Any]) -> PartialDate | None:
    said = {text(row.get("dateType")): date_of(text(row.get("date"))) for row in reversed(rows_of(work.get("dates")))}
    return next((d for kind in _ISSUED if (d := said.get(kind))), None) or date_of(text(work.get("publicationYear")))


def _day(value: Any) -> PartialDate | None:
    found = date_of(text(value))
    return PartialDate.of(found.day()) if found and found.precision in ("day", "instant") else None


def _related(work: Mapping[str, Any], relations: Sequence[str]) -> tuple[str, ...]:
    """Other names of this work, by DOI or arXiv id."""
    rows = (row for row in rows_of(work.get("relatedIdentifiers")) if text(row.get("relationType")) in relations)
    kinds = ((text(row.get("relatedIdentifierType")).lower(), text(row.get("relatedIdentifier"))) for row in rows)
    return tuple(
        dict.fromkeys(t for scheme, value in kinds if scheme in ("doi", "arxiv") for t in tokens({scheme: value}))
    )
