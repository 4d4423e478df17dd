"""Kind `dblp`: the new volumes of venues, and the new papers of people, at DBLP. https://dblp.org/faq/How+to+use+the+dblp+search+API.html

DBLP says of no paper when it came. Of a venue its feed says which volumes came when, and the search lists their papers; of a
person the list says when each record was changed last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from digestbot.model import Entry, Link, LinkRel, ParseResult, PartialDate, Request, Response
from digestbot.papers.identity.identifiers import doi, normal
from digestbot.papers.identity.urls import identifiers_in_url, link_kind
from digestbot.papers.text.clean import plain
from digestbot.sources.formats.items import NoEntry, as_json, as_xml, each
from digestbot.sources.formats.json_feed import load_json, looks_like_json
from digestbot.sources.formats.reply_body import MOST_ENTRIES, not_a_feed, opened, read_status, unreadable
from digestbot.sources.formats.xml_tree import Element, all_said, said_at, tree
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import number, object_of, text, unique_keys, venue_of, web_address
from digestbot.sources.values.options import days_option, names_option
from digestbot.sources.values.poll_windows import FURTHEST, first_day, read_to_the_end

SITE = "https://dblp.org"
SEARCH = f"{SITE}/search/publ/api"
PAGE = 1000  #: the most that a page may have
MOST_VOLUMES = 20  #: of one venue and poll
_SITES = r"(?:https?://(?:www\.)?dblp\.(?:org|uni-trier\.de)"
_VENUE = re.compile(_SITES + r"/db/)?((?:conf|journals|series)/[\w-]{1,60})(?:/.{0,100})?", re.DOTALL)
_PERSON = re.compile(_SITES + r"/pid/)?([\w-]{1,20}/[\w-]{1,80}?)(?:\.html|\.xml)?")
_VOLUME = re.compile(r"/(db/(?:conf|journals|series)/[\w-]{1,60}/[\w.-]{1,100}?)(?:\.html|\.bht)?")
_HOMONYM = re.compile(r"\s\d{4}\Z")  #: `Wei Wang 0001`
#: volumes and their editors, pages of people
_NO_PAPERS = ("Editorship", "Reference Works", "Data and Artifacts")
_NO_RECORDS = ("www", "proceedings", "data", "person")


class DblpSource:
    """Venues and people."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset({"venue", "author", "look_back"})
    #: "wait at least a second", https://dblp.org/faq/Am+I+allowed+to+crawl+the+dblp+website.html
    politeness: ClassVar[tuple[str, float] | None] = ("dblp", 2.0)

    def __init__(
        self, venues: Sequence[str] = (), people: Sequence[str] = (), url: str = "", look_back: int = FURTHEST
    ) -> None:  # fmt: skip
        self.venues, self.people, self.url, self.look_back = tuple(venues), tuple(people), url, look_back

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> DblpSource:
        """Needs `venue` or `author` (one, or a list) or `url`."""
        url = str(options.get("url") or "")
        venues = _named(options, "venue", '["conf/icml", "journals/jmlr"]', _VENUE, "conf/icml or journals/jmlr")
        people = _named(
            options, "author", '["l/YannLeCun"]', _PERSON, "55/1490 or l/YannLeCun, as in the address of their page"
        )
        if not (url or venues or people):
            raise ValueError('kind = "dblp" needs a venue or an author, for example: venue = "conf/icml"')
        return cls(venues, people, url, days_option(options, "look_back", FURTHEST, FURTHEST))

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The feed of each venue, and each person's list; since when stands in the fragment, which no server sees."""
        if self.url:
            return (Request(url=self.url),)
        since = first_day(state, now, self.look_back)
        feeds = (f"{SITE}/feed/streams/{venue}.rss" for venue in self.venues)
        lists = (f"{SITE}/pid/{person}.xml" for person in self.people)
        return tuple(Request(url=f"{url}#since={since}") for url in (*feeds, *lists))

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """A venue's feed of volumes, the papers of a volume, or a person's list."""
        body = opened(response)
        if (answer := not_a_feed(body)) is not None:
            return answer
        if looks_like_json(body):
            data = load_json(body)
            return data if isinstance(data, ParseResult) else _hits(object_of(data), response.url, now)
        root, broken = tree(body)
        if root.tag == "rss":
            return _volumes(root, response.url, now, broken)
        if root.tag == "dblpperson":
            return _person(root, broken, response.url, now)
        what = f"this is nothing of DBLP's but <{root.tag}>" if root.tag else "this is no XML"
        return unreadable(what, where=broken)


def _named(options: Mapping[str, Any], name: str, example: str, shape: re.Pattern[str], like: str) -> tuple[str, ...]:
    given = options.get(name, ())
    wanted = names_option({name: [given] if isinstance(given, str) else given}, name, example)
    found = [(one, shape.fullmatch(one)) for one in wanted]
    if odd := next((one for one, match in found if match is None), ""):
        raise ValueError(f"{name}: {odd!r} is none of DBLP's; they look like {like}")
    return tuple(match.group(1) for _, match in found if match)


def _since(url: str) -> date | None:
    try:
        return date.fromisoformat(parse_qs(urlsplit(url).fragment).get("since", [""])[0])
    except ValueError:
        return None


def _volumes(root: Element, url: str, now: datetime, broken: str) -> ParseResult:
    """The volumes that came since; each is asked for its papers. Pages of whole years come before those of single volumes."""
    since, following, seen = _since(url), [], set()
    items = root.findall("channel/item")
    for item in items:
        found = _VOLUME.fullmatch(urlsplit(said_at(item, "link")).path)
        came = date_of(said_at(item, "pubDate"))
        if found is None or found.group(1) in seen or (since and came and came.day() < since):
            continue
        seen.add(found.group(1))
        asked = {"q": f"toc:{found.group(1)}.bht:", "format": "json", "h": PAGE, "f": 0}
        following.append(
            Request(url=f"{SEARCH}?{urlencode(asked, safe='/:')}#came={came.day() if came else now.date()}")
        )
    if broken and not items:
        return unreadable("the feed is no well-formed XML", where=broken)
    following = following[:MOST_VOLUMES]
    return ParseResult(
        status=read_status((), (), more=following), next_requests=tuple(following), kind="DBLP", title=said_at(root, "channel/title"),
        state={} if following else read_to_the_end(now),
    )  # fmt: skip


def _hits(data: Mapping[str, Any], url: str, now: datetime) -> ParseResult:
    """A page of the search."""
    result = object_of(data.get("result"))
    hits = object_of(result.get("hits"))
    if "@total" not in hits and "hit" not in hits:
        said = text(object_of(result.get("status")).get("text"))
        return unreadable("this is JSON, but no result of DBLP's search", where=said[:200])
    rows = [object_of(one.get("info")) for one in _objects(hits.get("hit"))]
    papers = [info for info in rows if text(info.get("type")) not in _NO_PAPERS]
    parts = urlsplit(url)
    came = date_of(parse_qs(parts.fragment).get("came", [""])[0])
    entries, problems, broken = each(papers[:MOST_ENTRIES], lambda info: [_of_search(info, came)], as_json)
    following: tuple[Request, ...] = ()
    asked, total = dict(parse_qsl(parts.query)), number(hits.get("@total"))
    start = (number(asked.get("f")) or 0) + len(rows)
    if rows and "f" in asked and total is not None and start < total:
        onward = urlencode(asked | {"f": str(start)}, safe="/:")
        following = (Request(url=f"{url.partition('?')[0]}?{onward}#{parts.fragment}"),)
    return ParseResult(
        status=read_status(entries, problems, more=following), entries=unique_keys(entries), problems=tuple(problems),
        broken=tuple(broken), next_requests=following, kind="DBLP", left_out=len(rows) - len(papers),
        state={} if following else read_to_the_end(now),
    )  # fmt: skip


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """A list of objects; DBLP writes a single one without the list."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, Mapping)]


def _texts(value: Any) -> tuple[str, ...]:
    """One text, a list of them, or objects with a text."""
    given = value if isinstance(value, list) else [value]
    said = (text(one.get("text")) if isinstance(one, Mapping) else text(one) for one in given)
    return tuple(one for one in said if one)


def _of_search(info: Mapping[str, Any], came: PartialDate | None) -> Entry:
    if not text(info.get("key")):
        raise NoEntry("a record without a key")
    venue = next(iter(_texts(info.get("venue"))), "")
    kind = "dissertation" if text(info.get("type")) == "Books and Theses" and not venue else ""
    return _entry(
        key=text(info.get("key")), title=text(info.get("title")), authors=_texts(object_of(info.get("authors")).get("author")),
        year=text(info.get("year")), venue=venue_of(plain(venue), kind), places=(*_texts(info.get("ee")), *_doi_address(info)), came=came,
    )  # fmt: skip


def _doi_address(info: Mapping[str, Any]) -> tuple[str, ...]:
    name = doi(text(info.get("doi")))
    return (f"https://doi.org/{name}",) if name else ()


def _person(root: Element, broken: str, url: str, now: datetime) -> ParseResult:
    """The records of this year and the last that were changed since; a correction of an old one is no news."""
    since = _since(url)
    records = [record for row in root.findall("r") for record in row if record.tag not in _NO_RECORDS]
    wanted = [r for r in records if _is_new(r, since, now)]
    entries, problems, torn = each(wanted[:MOST_ENTRIES], lambda r: [_of_person(r)], as_xml)
    return ParseResult(
        status=read_status(entries, problems), entries=unique_keys(entries), problems=tuple(problems), broken=tuple(torn), kind="DBLP",
        title=root.get("name", ""), cut=bool(broken), state=read_to_the_end(now),
    )  # fmt: skip


def _is_new(record: Element, since: date | None, now: datetime) -> bool:
    changed, year = date_of(record.get("mdate")), number(said_at(record, "year"))
    recent = year is None or year >= now.year - 1
    return since is None or (recent and (changed is None or changed.day() >= since))


def _of_person(record: Element) -> Entry:
    if not record.get("key"):
        raise NoEntry("a record without a key")
    venue = said_at(record, "journal") or said_at(record, "booktitle") or said_at(record, "school")
    return _entry(
        key=record.get("key", ""), title=said_at(record, "title"), authors=all_said(record, "author"), year=said_at(record, "year"),
        venue=venue_of(venue, "dissertation" if record.tag.endswith("thesis") else ""), places=all_said(record, "ee"),
        came=date_of(record.get("mdate")),
    )  # fmt: skip


def _entry(
    *,
    key: str,
    title: str,
    authors: Sequence[str],
    year: str,
    venue: str,
    places: Sequence[str],
    came: PartialDate | None,
) -> Entry:
    """A record. The places where a paper can be read name it: its DOI, arXiv, OpenReview, ACL."""
    addresses = [address for place in places if (address := web_address(place))]
    known = dict(_identities(addresses))
    called = plain(title)
    return Entry(
        title=called[:-1] if called.endswith(".") and not called.endswith("..") else called,
        authors=tuple(name for one in authors if (name := _HOMONYM.sub("", plain(one)))),
        published=date_of(year),
        announced=came,
        link=next(iter(addresses), f"{SITE}/rec/{key}"),
        identifiers=normal(known | {"dblp": key}),
        links=tuple({link.href.lower(): link for link in map(_link, reversed(addresses))}.values())[::-1],
        venue=venue,
        native_key=key,
    )


def _identities(addresses: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Of two places of one scheme the first counts."""
    found: dict[str, str] = {}
    for address in addresses:
        found = identifiers_in_url(address) | found
    yield from found.items()


def _link(address: str) -> Link:
    kind = link_kind(address)
    return Link(LinkRel.ABSTRACT if kind is LinkRel.PROJECT else kind, address)
