"""Kind `europepmc`: a keyword search over PubMed, PubMed Central and some 34 preprint servers. https://europepmc.org/RestfulWebService

New is what came into its index since the last poll: a paper may be indexed weeks after it was published.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from digestbot.model import Entry, Link, LinkRel, ParseResult, PartialDate, Problem, Request, Response, Standing
from digestbot.papers.identity.identifiers import normal
from digestbot.papers.text.clean import plain
from digestbot.sources.formats import jats
from digestbot.sources.formats.items import NoEntry, as_json, each
from digestbot.sources.formats.json_feed import json_reply
from digestbot.sources.formats.reply_body import opened, read_status, unreadable
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import language, number, object_of, rows_of, text, tokens, unique_keys, web_address
from digestbot.sources.values.options import days_option, text_option
from digestbot.sources.values.poll_windows import FURTHEST, first_day, read_to_the_end
from digestbot.sources.values.standing_marks import unmarked

API = "https://www.ebi.ac.uk/europepmc/webservices/rest/search"
PAGE = 100  #: a whole record may have 20 kB
MOST = 2000  #: records of one poll
_EXAMPLE = "'\"single cell\" AND (SRC:PPR OR SRC:MED)'"
_HEADING = re.compile(r"<h[1-6]>([^<>]{1,200})</h[1-6]>", re.IGNORECASE)
#: https://europepmc.org/docs/EBI_Europe_PMC_Web_Service_Reference.pdf, `pubType`
_STANDINGS = {
    "retracted publication": Standing.RETRACTED, "preprint-withdrawal": Standing.WITHDRAWN,
    "preprint-removal": Standing.WITHDRAWN,
}  # fmt: skip
_SAME = ("preprint of", "preprint in")
_SPEAKS_OF = ("retraction of", "erratum for", "comment on", "expression of concern for")


class EuropePmcSource:
    """A saved search."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset({"query", "look_back"})
    politeness: ClassVar[tuple[str, float] | None] = ("europepmc", 0.5)

    def __init__(self, query: str = "", url: str = "", look_back: int = 3) -> None:
        self.query, self.url, self.look_back = query, url, look_back

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> EuropePmcSource:
        """Needs `query`, as one would type it into Europe PMC, or `url`."""
        url, query = str(options.get("url") or ""), text_option(options, "query", _EXAMPLE)
        if not (url or query):
            raise ValueError(f'kind = "europepmc" needs a query, for example: query = {_EXAMPLE}')
        return cls(query, url, days_option(options, "look_back", 3, FURTHEST))

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The search for what was first indexed since the day before the last poll."""
        if self.url:
            return (Request(url=self.url),)
        since = first_day(state, now, self.look_back)
        asked = {"query": f"({self.query}) AND (FIRST_IDATE:[{since} TO {now.date()}])", "resultType": "core",
                 "format": "json", "pageSize": str(PAGE), "cursorMark": "*"}  # fmt: skip
        return (Request(url=f"{API}?{urlencode(asked)}"),)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """A page of records, or one record."""
        data = json_reply(opened(response), "Europe PMC's API", f"the API is at {API}")
        if isinstance(data, ParseResult):
            return data
        data = object_of(data)
        records = _records(data)
        if records is None:
            return unreadable("this is JSON, but no list of Europe PMC's records", where=text(data.get("errMsg"))[:200])
        entries, problems, broken = each(records, _entries, as_json)
        found = number(data.get("hitCount"))
        following = _next(response.url, text(data.get("nextCursorMark")), len(records), found)
        if found is not None and found > MOST and not urlsplit(response.url).fragment and following:
            what = f"{found:,} records found, {MOST:,} are read"
            problems.append(Problem(what=what, hint="narrow the query"))
        whole = "cursorMark=" in response.url or (found is not None and len(records) >= found)
        return ParseResult(
            status=read_status(entries, problems, more=following),
            entries=unique_keys(entries), problems=tuple(problems), broken=tuple(broken), next_requests=following,
            kind="Europe PMC", expected=min(found, MOST) if whole and found is not None else None,
            state={} if following else read_to_the_end(now),
        )  # fmt: skip


def _records(data: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """The records of a list, or the one record of a reply; None where it is neither."""
    listed = object_of(data.get("resultList")).get("result")
    if isinstance(listed, list):
        rows = rows_of(listed)
        return None if rows and not any({"id", "source"} <= row.keys() for row in rows) else rows
    one = object_of(data.get("result"))
    if {"id", "source"} <= one.keys():
        return [one]
    return [] if number(data.get("hitCount")) == 0 else None


def _next(url: str, cursor: str, came: int, found: int | None) -> tuple[Request, ...]:
    """The next page. The last one repeats its own cursor; what came is counted in the fragment."""
    parts = urlsplit(url)
    got, asked = came + (number(parts.fragment.removeprefix("got=")) or 0), dict(parse_qsl(parts.query))
    if not (cursor and came and "cursorMark" in asked) or cursor == asked["cursorMark"]:
        return ()
    if got >= min(MOST, MOST if found is None else found):
        return ()
    return (Request(url=f"{url.partition('?')[0]}?{urlencode(asked | {'cursorMark': cursor})}#got={got}"),)


def _entries(row: Mapping[str, Any]) -> list[Entry]:
    """A record, and the works that it retracts."""
    if not (text(row.get("id")) and text(row.get("source"))):
        raise NoEntry("a record without an id")
    entry, key = _entry(row), f"{text(row.get('source'))}:{text(row.get('id'))}"
    retracted = [name for name in _linked(row, ("retraction of",)) if name not in tokens(entry.identifiers)]
    return [entry, *(Entry(identifiers=normal(dict([name.split(":", 1)])), standing=Standing.RETRACTED, native_key=f"{key} on {name}")
                     for name in retracted)]  # fmt: skip


def _entry(row: Mapping[str, Any]) -> Entry:
    source, own = text(row.get("source")), text(row.get("id"))
    title, standing = _title(row)
    known = _identifiers(row, source, own)
    return Entry(
        title=title,
        summary=jats.abstract(_HEADING.sub(r" \1: ", text(row.get("abstractText")))),
        authors=_authors(row),
        affiliations=_affiliations(row),
        categories=_subjects(row),
        published=date_of(text(row.get("firstPublicationDate"))) or date_of(text(row.get("pubYear"))),
        announced=_day(row.get("firstIndexDate")),
        announce_type="replace" if source == "PPR" and (number(row.get("versionNumber")) or 1) > 1 else "",
        link=f"https://europepmc.org/article/{source}/{own}",
        identifiers=known,
        links=_links(row, known),
        venue=_venue(row),
        language=language(text(row.get("language"))),
        rights=plain(text(row.get("license")))[:200],
        same_as=tuple(name for name in _linked(row, _SAME, guesses=False) if name not in tokens(known)),
        mentions=_linked(row, _SPEAKS_OF),
        standing=standing,
        native_key=f"{source}:{own}",
    )


def _title(row: Mapping[str, Any]) -> tuple[str, Standing]:
    """(title, how the work stands): PubMed's titles end in a stop and stand in brackets where they are translated."""
    given = jats.title(text(row.get("title")))
    given = given[:-1] if given.endswith(".") and not given.endswith("..") else given
    if given.startswith("[") and given.endswith("]") and "[" not in given[1:]:
        given = given[1:-1].removesuffix(".")
    kinds = (text(kind).lower() for kind in _list(object_of(row.get("pubTypeList")).get("pubType")))
    standing = next((_STANDINGS[kind] for kind in kinds if kind in _STANDINGS), Standing.STANDS)
    bare, marked = unmarked(given)
    return (bare, standing or marked) if standing or (marked and given[:9].isupper()) else (given, Standing.STANDS)


def _identifiers(row: Mapping[str, Any], source: str, own: str) -> Mapping[str, str]:
    """`MED` are PubMed's numbers, `PPR` Europe PMC's own of preprints."""
    given = {"doi": text(row.get("doi")), "pmid": own if source == "MED" else text(row.get("pmid")),
             "pmcid": text(row.get("pmcid")), "epmc": own if source == "PPR" else ""}  # fmt: skip
    return normal({scheme: value for scheme, value in given.items() if value})


def _linked(row: Mapping[str, Any], kinds: Sequence[str], *, guesses: bool = True) -> tuple[str, ...]:
    """Other records that this one names. What Europe PMC joined by likeness of titles is a guess, and not taken over."""
    listed = rows_of(object_of(row.get("commentCorrectionList")).get("commentCorrection"))
    wanted = (one for one in listed if text(one.get("type")).lower() in kinds)
    named: Iterable[str] = (
        token
        for one in wanted
        if guesses or "title" not in text(one.get("note")).lower()
        for token in tokens(_of_record(text(one.get("source")), text(one.get("id"))))
    )
    return tuple(dict.fromkeys(named))


def _of_record(source: str, own: str) -> dict[str, str]:
    scheme = {"MED": "pmid", "PMC": "pmcid", "PPR": "epmc"}.get(source)
    return {scheme: own} if scheme and own else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _authors(row: Mapping[str, Any]) -> tuple[str, ...]:
    people = rows_of(object_of(row.get("authorList")).get("author"))
    names = (plain(" ".join(x for x in (text(p.get("firstName")), text(p.get("lastName"))) if x)
                   or text(p.get("collectiveName")) or text(p.get("fullName"))) for p in people)  # fmt: skip
    return tuple(name for name in names if name) or tuple(
        name for part in text(row.get("authorString")).rstrip(".").split(",") if (name := plain(part))
    )


def _affiliations(row: Mapping[str, Any]) -> tuple[str, ...]:
    people = rows_of(object_of(row.get("authorList")).get("author"))
    listed = (object_of(p.get("authorAffiliationDetailsList")).get("authorAffiliation") for p in people)
    places = (plain(text(place.get("affiliation"))) for one in listed for place in rows_of(one))
    return tuple(dict.fromkeys(place for place in places if place))


def _subjects(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The subject headings (MeSH), then the authors' keywords."""
    headings = rows_of(object_of(row.get("meshHeadingList")).get("meshHeading"))
    words = _list(object_of(row.get("keywordList")).get("keyword"))
    given = [*(h.get("descriptorName") for h in headings), *words]
    return tuple(dict.fromkeys(name for one in given if (name := plain(text(one)))))


def _venue(row: Mapping[str, Any]) -> str:
    """The journal; of a preprint its server, of a book its publisher."""
    journal = object_of(object_of(row.get("journalInfo")).get("journal"))
    return plain(text(journal.get("title"))) or plain(text(object_of(row.get("bookOrReportDetails")).get("publisher")))


def _links(row: Mapping[str, Any], known: Mapping[str, str]) -> tuple[Link, ...]:
    """The DOI, and files that anybody may read."""
    listed = rows_of(object_of(row.get("fullTextUrlList")).get("fullTextUrl"))
    free = (one for one in listed if text(one.get("availabilityCode")) in ("OA", "F"))
    pdfs = (web_address(one.get("url")) for one in free if text(one.get("documentStyle")) == "pdf")
    own = [Link(LinkRel.ABSTRACT, f"https://doi.org/{known['doi']}")] if "doi" in known else []
    return tuple(dict.fromkeys((*own, *(Link(LinkRel.PDF, href) for href in pdfs if href))))


def _day(value: Any) -> PartialDate | None:
    found = date_of(text(value))
    return found if found and found.precision == "day" else None
