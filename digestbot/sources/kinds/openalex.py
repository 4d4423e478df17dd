"""Kind `openalex`: newly published works by OpenAlex's filter or search. https://developers.openalex.org

Works come into OpenAlex days after they were published, so each poll asks for the whole of the last `look_back` days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from digestbot.model import Entry, Link, LinkRel, ParseResult, PartialDate, Request, Response, Secret, Standing
from digestbot.papers.identity.identifiers import normal
from digestbot.papers.text.clean import plain
from digestbot.sources.formats import jats
from digestbot.sources.formats.items import NoEntry, as_json, each
from digestbot.sources.formats.json_feed import json_reply
from digestbot.sources.formats.reply_body import MOST_ENTRIES, opened, read_status, unreadable
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import (
    language,
    number,
    object_of,
    person_ids,
    rows_of,
    text,
    unique_keys,
    venue_of,
    web_address,
)
from digestbot.sources.values.options import days_option, secrets_option, text_option
from digestbot.sources.values.standing_marks import unmarked

API = "https://api.openalex.org/works"
PAGE = 100  #: the most that a page may have
MOST = 2000  #: works of one poll, the newest first
LONGEST = 20_000  #: words of an abstract: a position beyond is a mistake, and must not cost memory
FIELDS = (
    "id", "ids", "doi", "display_name", "publication_date", "language", "type", "authorships", "abstract_inverted_index",
    "primary_location", "best_oa_location", "primary_topic", "is_retracted",
)  # fmt: skip


class OpenAlexSource:
    """Newly published works."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset({"filter", "query", "look_back", "api_key_file"})
    politeness: ClassVar[tuple[str, float] | None] = ("openalex", 0.2)

    def __init__(
        self, filter_: str = "", query: str = "", url: str = "", look_back: int = 14, secrets: Mapping[str, Secret] | None = None
    ) -> None:  # fmt: skip
        self.filter, self.query, self.url, self.look_back = filter_, query, url, look_back
        self._secrets = dict(secrets or {})

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> OpenAlexSource:
        """Needs `filter`, `query` or `url`."""
        url, query = str(options.get("url") or ""), text_option(options, "query", '"protein folding"')
        given = text_option(options, "filter", '"primary_topic.field.id:17"')
        if odd := next((part for part in given.split(",") if given and ":" not in part), ""):
            raise ValueError(
                f"filter: {odd!r} has no colon; a filter looks like primary_topic.field.id:17,type:article"
            )
        if not (url or query or given):
            raise ValueError('kind = "openalex" needs a filter or a query, for example: query = "protein folding"')
        secrets = secrets_option(options, {"api_key": "api_key"})
        return cls(given, query, url, days_option(options, "look_back", 14, 60), secrets)

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """Works published in the last days. Only with a key may a list be paged by cursor."""
        if self.url:
            return (Request(url=self.url, secrets=self._secrets),)
        since = now.date() - timedelta(days=self.look_back)
        asked = {"filter": ",".join(x for x in (self.filter, f"from_publication_date:{since}", "type:!paratext") if x)}
        if self.query:
            asked["search"] = self.query
        asked |= {"sort": "publication_date:desc", "per_page": str(PAGE), "select": ",".join(FIELDS)}
        asked |= {"cursor": "*"} if self._secrets else {"page": "1"}
        return (Request(url=f"{API}?{urlencode(asked)}", secrets=self._secrets),)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """A page of works, or one work."""
        data = json_reply(opened(response), "OpenAlex's API", "the API is at https://api.openalex.org")
        if isinstance(data, ParseResult):
            return data
        data = object_of(data)
        if not isinstance(data.get("results"), list) and not text(data.get("id")).startswith("https://openalex.org/W"):
            said = text(data.get("message")) or text(data.get("error"))
            return unreadable("this is JSON, but no list of OpenAlex's works", where=said[:200])
        rows = rows_of(data.get("results") if "results" in data else [data])
        entries, problems, broken = each(rows[:MOST_ENTRIES], _entries, as_json)
        count = number(object_of(data.get("meta")).get("count"))
        return ParseResult(
            status=read_status(entries, problems),
            entries=unique_keys(entries), problems=tuple(problems), broken=tuple(broken), kind="OpenAlex",
            next_requests=self._next(response.url, object_of(data.get("meta")), len(rows)),
            expected=_expected(response.url, count, len(rows)),
        )  # fmt: skip

    def _next(self, url: str, meta: Mapping[str, Any], came: int) -> tuple[Request, ...]:
        """What came is counted in the fragment of the address, which no server sees."""
        parts = urlsplit(url)
        got, asked = came + (number(parts.fragment.removeprefix("got=")) or 0), dict(parse_qsl(parts.query))
        if not came or got >= min(number(meta.get("count")) or 0, MOST):
            return ()
        if "cursor" in asked and text(meta.get("next_cursor")):
            asked["cursor"] = text(meta.get("next_cursor"))
        elif (page := number(asked.get("page"))) is not None:
            asked["page"] = str(page + 1)
        else:
            return ()
        return (Request(url=f"{url.partition('?')[0]}?{urlencode(asked)}#got={got}", secrets=self._secrets),)


def _expected(url: str, count: int | None, came: int) -> int | None:
    """Returns the number of works to expect. A list without page numbers has no next page: it counts only when whole."""
    if count is None or (came < count and not {"cursor", "page"} & dict(parse_qsl(urlsplit(url).query)).keys()):
        return None
    return min(count, MOST)


def _entries(row: Mapping[str, Any]) -> list[Entry]:
    if not (text(row.get("id")) or text(row.get("doi"))):
        raise NoEntry("a work without an id")
    return [work_entry(row)]


def work_entry(row: Mapping[str, Any]) -> Entry:
    """One work. An arXiv DOI becomes the arXiv id; other places where OpenAlex saw the work give no identity.

    OpenAlex joins places by likeness of title and authors: that is a guess of its own, and not ours to take over.
    """
    ids, place = object_of(row.get("ids")), object_of(row.get("primary_location"))
    known = _identifiers(row, ids)
    title, standing = _title(row)
    link = f"https://arxiv.org/abs/{known['arxiv']}" if "arxiv" in known else web_address(row.get("doi"))
    return Entry(
        title=title,
        summary=_abstract(row.get("abstract_inverted_index")),
        authors=_authors(row),
        affiliations=_affiliations(row),
        people=_people(row),
        categories=_topics(object_of(row.get("primary_topic"))),
        published=_published(text(row.get("publication_date")), row.get("publication_year")),
        link=link or web_address(place.get("landing_page_url")) or web_address(row.get("id")),
        identifiers=known,
        links=_links(row, place),
        venue=venue_of(plain(text(object_of(place.get("source")).get("display_name"))), row.get("type")),
        language=language(text(row.get("language"))),
        rights=plain(text(place.get("license")))[:200],
        standing=standing,
        native_key=text(row.get("id")) or text(row.get("doi")),
    )


def _title(row: Mapping[str, Any]) -> tuple[str, Standing]:
    """(title, how the work stands). A mark that is not in capitals may be a notice's: those have no type of their own."""
    called = jats.title(text(row.get("display_name")) or text(row.get("title")))
    bare, marked = unmarked(called)
    if row.get("is_retracted") is True:
        return bare, Standing.RETRACTED
    return (bare, marked) if called[:9].isupper() else (called, Standing.STANDS)


def _identifiers(row: Mapping[str, Any], ids: Mapping[str, Any]) -> Mapping[str, str]:
    pmid = text(ids.get("pmid")).rstrip("/").rpartition("/")[2]
    own = text(row.get("id")).rpartition("/")[2]
    given = {"doi": text(row.get("doi")), "pmid": pmid if pmid.isdecimal() else "", "openalex": own}
    return normal({scheme: value for scheme, value in given.items() if value})


def _published(day: str, year: Any) -> PartialDate | None:
    """Returns the year alone for a first of January, which OpenAlex writes where only the year is known."""
    return date_of(day[:4] if day.endswith("-01-01") else day) or date_of(text(year))


def _authors(row: Mapping[str, Any]) -> tuple[str, ...]:
    """By OpenAlex's name of a person, else as printed. Two of one name are two, but for one that is listed twice."""
    people: dict[str, str] = {}
    for place, given in enumerate(rows_of(row.get("authorships"))):
        person = object_of(given.get("author"))
        name = plain(text(person.get("display_name")) or text(given.get("raw_author_name")))
        people.setdefault(text(person.get("id")) or f"{place}", name)
    return tuple(name for name in people.values() if name)


def _affiliations(row: Mapping[str, Any]) -> tuple[str, ...]:
    places = (i for a in rows_of(row.get("authorships")) for i in rows_of(a.get("institutions")))
    return tuple(dict.fromkeys(name for i in places if (name := plain(text(i.get("display_name"))))))


def _people(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The last part of each id: of authors OpenAlex's and ORCID's, of institutions ROR's."""
    every: list[Any] = []
    for given in rows_of(row.get("authorships")):
        person = object_of(given.get("author"))
        every += [person.get("orcid"), person.get("id"), *(i.get("ror") for i in rows_of(given.get("institutions")))]
    return person_ids(every)


def _topics(topic: Mapping[str, Any]) -> tuple[str, ...]:
    """The categories of a work, from narrow to wide: topic, subfield, field."""
    narrow = (topic, object_of(topic.get("subfield")), object_of(topic.get("field")))
    return tuple(dict.fromkeys(name for part in narrow if (name := plain(text(part.get("display_name"))))))


def _links(row: Mapping[str, Any], place: Mapping[str, Any]) -> tuple[Link, ...]:
    best = object_of(row.get("best_oa_location"))
    given = [(LinkRel.ABSTRACT, row.get("doi")), (LinkRel.ABSTRACT, place.get("landing_page_url")),
             (LinkRel.PDF, best.get("pdf_url")), (LinkRel.PDF, place.get("pdf_url"))]  # fmt: skip
    return tuple(dict.fromkeys(Link(rel, address) for rel, href in given if (address := web_address(href))))


def _abstract(index: Any) -> str:
    """`{"word": [positions]}` in order. Gaps close; words may hold line ends and HTML; a leading heading goes."""
    placed = {
        at: word
        for word, places in object_of(index).items()
        if isinstance(places, list)
        for at in places
        if isinstance(at, int) and 0 <= at < LONGEST
    }
    return jats.abstract(" ".join(placed[at] for at in sorted(placed)))
