"""Kind `feed`: whatever feedparser reads (RSS 0.9x to 2.0, Atom, RDF with Dublin Core and PRISM), and JSON Feed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from digestbot.model import Entry, FrozenMap, Link, ParseResult, PartialDate, Problem, ReadStatus, Request, Response
from digestbot.papers.identity import arxiv_id, doi, identifiers_in_url, link_kind, normal
from digestbot.papers.text import plain, urls_in, visible
from digestbot.sources.bodies import MOST_ENTRIES, not_a_feed, opened, root_of, unreadable
from digestbot.sources.dates import date_of
from digestbot.sources.jsonfeed import looks_like_json, read_json_feed

VERSIONS = {
    "rss090": "RSS 0.90", "rss091n": "RSS 0.91", "rss091u": "RSS 0.91", "rss092": "RSS 0.92", "rss093": "RSS 0.93",
    "rss094": "RSS 0.94", "rss20": "RSS 2.0", "rss10": "RDF (RSS 1.0)", "rss": "RSS", "atom01": "Atom 0.1",
    "atom02": "Atom 0.2", "atom03": "Atom 0.3", "atom10": "Atom 1.0", "atom": "Atom", "cdf": "CDF",
}  # fmt: skip
_OTHER_FORMATS = {
    "opml": "this is a list of feeds: read the feeds it names",
    "oai-pmh": "this is a reply of an OAI-PMH interface: look for the address of a feed",
    "opensearchdescription": "this describes a search: look for the address of its feed",
    "urlset": "this is a sitemap: look for the address of a feed",
}  # fmt: skip
_TEASER = 200  #: characters; a description shorter than this gives way to a much longer content
_SPLIT = re.compile(r"\s*;\s*|\s+and\s+|\s*&\s*", re.IGNORECASE)
_BLANK_BEFORE_XML = re.compile(rb"\A(?:\xef\xbb\xbf)?\s+(?=<\?xml\s)")
_HIGHWIRE_NUMBER = re.compile(rb"<dc:identifier>\s*hwp:[^<]*</dc:identifier>")
_PARTED_NAME = re.compile(
    rb"<given_name>([^<]*)</given_name>\s*(?:<middle_name>([^<]*)</middle_name>\s*)?<last_name>([^<]*)</last_name>"
)
_RSS_IN_RDF = re.compile(rb"<(?:\w+:)?channel\b|xmlns\s*=\s*[\"']http://(?:purl\.org/rss|[a-z]+\.netscape\.com)/")
_INITIALS = re.compile(r"(?:[A-Z]\.?[\s-]?){1,4}\Z")


class FeedSource:
    """A feed at an address."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset()
    politeness: ClassVar[tuple[str, float] | None] = None

    def __init__(self, url: str) -> None:
        self.url = url

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> FeedSource:
        """Needs `url`."""
        if not options.get("url"):
            raise ValueError('kind = "feed" needs a url, for example: url = "https://journal.example.org/rss"')
        return cls(str(options["url"]))

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The one address."""
        return (Request(url=self.url),)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """Entries of any feed."""
        body = opened(response)
        if (answer := not_a_feed(body)) is not None:
            return answer
        if looks_like_json(body):
            return read_json_feed(body, response.url)
        return read_feed(body, response, entry_of)


def read_feed(body: bytes, response: Response, entry: Any) -> ParseResult:
    """The feedparser way: `entry(item, base)` makes an Entry of each item."""
    import feedparser

    # a stream only: feedparser opens a str, and even bytes, that name a file. `plain` does what its sanitiser would
    headers = {"content-type": response.headers["content-type"]} if "content-type" in response.headers else {}
    try:
        parsed = feedparser.parse(
            io.BytesIO(_prepared(body)), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # feedparser may raise anything on hostile bytes
        return unreadable(f"feedparser gave up: {type(error).__name__}")
    feed = parsed.feed
    entries, problems = _each(parsed.entries, entry, _base(parsed, response.url))
    if _is_no_feed(parsed, entries, body):
        said = str(parsed.get("bozo_exception", "")) or "no feed format we know"
        root = root_of(body)
        hint = _OTHER_FORMATS.get(root.rpartition(":")[2].lower(), "is the address right?")
        what = f"this is not a feed but <{root}>" if root else "this is not a feed"
        return unreadable(what, where=said[:200], hint=hint)
    if _is_atom(parsed):  # RFC 4287 4.2.1: the feed's authors are those of entries without
        entries = [e if e.authors else replace(e, authors=_authors(feed)) for e in entries]
    if parsed.bozo and not _harmless(parsed.get("bozo_exception")):
        problems.append(Problem(what="the feed is not well-formed", where=_place(parsed.bozo_exception),
                                hint="what could be read was read"))  # fmt: skip
    return ParseResult(
        status=ReadStatus.PARTIAL if problems else ReadStatus.OK if entries else ReadStatus.EMPTY,
        entries=unique_keys(entries),
        problems=tuple(problems),
        title=plain(_text(feed.get("title"))),
        kind=VERSIONS.get(parsed.get("version") or "", "a feed"),
        cut=bool(problems) and _cut_off(body),
    )


def _cut_off(body: bytes) -> bool:
    """Does the last item begin and not end?"""
    opening = max(body.rfind(b"<item"), body.rfind(b"<entry"))
    return opening >= 0 and max(body.rfind(b"</item", opening), body.rfind(b"</entry", opening)) < 0


def _is_atom(parsed: Any) -> bool:
    return (parsed.get("version") or "").startswith("atom")


def _prepared(body: bytes) -> bytes:
    """The same document without what feedparser would stumble over or lose."""
    body = _BLANK_BEFORE_XML.sub(b"", body)
    body = _HIGHWIRE_NUMBER.sub(b"", body)  # stands beside the DOI under the same name, and the last one would win
    if b"<given_name>" in body:  # the journals of theoj.org
        body = _PARTED_NAME.sub(rb"<name>\1 \2 \3</name>", body)
        body = body.replace(b"<authors>", b"").replace(b"</authors>", b"")
    return body


def _is_no_feed(parsed: Any, entries: Sequence[Entry], body: bytes) -> bool:
    """No feed format, or elements that are called `item` or `RDF` in a document of another kind."""
    if parsed.get("version") in ("rss090", "rss10") and not entries:
        return not _RSS_IN_RDF.search(body.replace(b"\x00", b""))
    return (
        not parsed.get("version")
        and root_of(body).lower() != "channel"
        and not any(e.title or e.link or e.summary for e in entries)
    )


def _base(parsed: Any, url: str) -> str:
    """What relative links are relative to: the feed's address (a saved one's is in it), and for RSS its site."""
    own = next((_text(x.get("href")) for x in parsed.feed.get("links", ()) if x.get("rel") == "self"), "")
    at = url if absolute(url, "") else absolute(own, "") or url
    site = _text(parsed.feed.get("link")).strip()
    if not site or (_is_atom(parsed) and absolute(at, "")):
        return at
    try:
        return urljoin(at, site)
    except ValueError:
        return at


def _each(items: Sequence[Any], entry: Any, base: str) -> tuple[list[Entry], list[Problem]]:
    entries, problems = [], []
    for number, item in enumerate(items[:MOST_ENTRIES], 1):
        try:
            entries.append(entry(item, base))
        except Exception as error:  # one impossible entry must not cost the others
            problems.append(
                Problem(what=f"an entry could not be read: {type(error).__name__}: {error}", where=f"entry {number}")
            )
    if len(items) > MOST_ENTRIES:
        problems.append(Problem(what=f"only the first {MOST_ENTRIES} of {len(items)} entries were read"))
    return entries, problems


def _harmless(error: Any) -> bool:
    """Declared and real encoding differ, or the media type is odd: everything was read all the same."""
    return type(error).__name__ in ("CharacterEncodingOverride", "NonXMLContentType")


def _place(error: Any) -> str:
    line, column = getattr(error, "getLineNumber", None), getattr(error, "getColumnNumber", None)
    said = str(getattr(error, "getMessage", lambda: error)())[:120]
    return f"line {line()}, column {column()}: {said}" if line and column else said


def entry_of(item: Any, base: str) -> Entry:
    """One feedparser item as an Entry."""
    link = absolute(_text(item.get("feedburner_origlink")), base) or absolute(_text(item.get("link")), base)
    links = tuple(_links(item, base))
    summary = _summary(item)
    identifiers = _identifiers(item, link, links)
    return Entry(
        title=plain(_text(item.get("title"))),
        summary=summary,
        authors=_authors(item),
        categories=tuple(
            dict.fromkeys(
                plain(_text(tag.get("term"))) for tag in item.get("tags", ()) if _text(tag.get("term")).strip()
            )
        ),
        published=date_in(item, "published", "created", "prism_publicationdate", "date", "updated"),
        updated=date_in(item, "updated"),
        link=link,
        identifiers=identifiers,
        links=tuple(
            dict.fromkeys((*links, *(Link(k, u) for u in urls_in(summary) if (k := link_kind(u)) in ("code", "pdf"))))
        ),
        venue=plain(_text(item.get("prism_publicationname") or item.get("source_title"))),
        language=plain(_text(item.get("language"))).lower(),
        rights=plain(_text(item.get("rights")))[:200],
        native_key=visible(_text(item.get("id"))).strip() or link,
    )


def unique_keys(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """A native key for every entry: its own; else its title; a repeated one (same guid for all) gets the title too."""
    seen: set[str] = set()
    result = []
    for entry in entries:
        key = entry.native_key or f"title:{entry.title}"
        if key in seen:
            key = f"{key} {entry.title or entry.link}"
        seen.add(key)
        result.append(replace(entry, native_key=key))
    return tuple(result)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def absolute(href: str, base: str) -> str:
    """An http(s) address, resolved; "" for anything else (javascript:, mailto:, fragments of nothing)."""
    href = visible(href).strip()
    if not href:
        return ""
    try:
        whole = urljoin(base, href)
        return whole if urlsplit(whole).scheme in ("http", "https") and urlsplit(whole).netloc else ""
    except ValueError:
        return ""


def _links(item: Any, base: str) -> Iterable[Link]:
    for given in item.get("links", ()):
        href = absolute(_text(given.get("href")), base)
        if not href:
            continue
        kind = link_kind(href)
        if given.get("type") == "application/pdf":
            kind = "pdf"
        yield Link("abstract" if given.get("rel") == "alternate" and kind == "project" else kind, href)


def _summary(item: Any) -> str:
    """The abstract: the description, unless it is a mere teaser of a longer content."""
    described = plain(_text(item.get("summary")))
    contents = [plain(_text(part.get("value"))) for part in item.get("content", ())]
    longest = max(contents, key=len, default="")
    return longest if not described or (len(described) < _TEASER and len(longest) > 2 * len(described)) else described


def _authors(item: Any) -> tuple[str, ...]:
    """Names from Atom authors, dc:creator (repeated or joined), or the one author field."""
    given = [plain(_text(a.get("name"))) for a in item.get("authors", ()) if isinstance(a, Mapping)]
    names = [n for n in given if n] or [plain(_text(item.get("author")))]
    names = [n for n in names if n]
    if len(names) == 1:
        names = split_names(names[0])
    return tuple(dict.fromkeys(n for n in names if n))


def split_names(text: str) -> list[str]:
    """`Kaur, M., Shukla, A.` → two people; `A. Meier, B. Huber and C. Li` → three; `Meier, Anna` → one."""
    if ";" in text:
        return [n.strip() for n in text.split(";") if n.strip()]
    parts = [p.strip() for p in text.split(",") if p.strip()]
    if len(parts) >= 2 and len(parts) % 2 == 0 and all(_INITIALS.fullmatch(p) for p in parts[1::2]):
        return [f"{family}, {initials}" for family, initials in zip(parts[::2], parts[1::2], strict=True)]
    if len(parts) == 2 and " " not in parts[0] and " and " not in text:
        return [", ".join(parts)]
    return [name for part in parts for name in _SPLIT.split(part) if name.strip()]


def date_in(item: Any, *names: str) -> PartialDate | None:
    """The first of these that is there and a date; `in` is asked, as `get` gives `published` for `updated`."""
    for name in names:
        if name in item and (found := date_of(item.get(name), item.get(f"{name}_parsed"))) is not None:
            return found
    return None


def _identifiers(item: Any, link: str, links: Sequence[Link]) -> FrozenMap[str, str]:
    known: dict[str, str] = {}
    for address in (link, *(x.href for x in links)):
        known = identifiers_in_url(address) | known
    for name in ("prism_doi", "dc_identifier", "doi", "arxiv_doi", "id"):
        text = visible(_text(item.get(name)))
        if found := doi(text) if not text.startswith("http") or "doi.org" in text else None:
            known.setdefault("doi", found)
        if named := arxiv_id(text):
            known |= {"arxiv": named[0]} | ({"arxiv_version": str(named[1])} if named[1] else {})
        elif text.startswith("http"):
            known = identifiers_in_url(text) | known
    return normal(known)
