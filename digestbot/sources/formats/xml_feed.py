"""Read feeds in XML through feedparser: prepare the bytes, and turn its items into entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from digestbot.model import Entry, FrozenMap, Link, LinkRel, ParseResult, PartialDate, Problem, Response
from digestbot.papers.identity.identifiers import arxiv_id, doi, normal
from digestbot.papers.identity.series import with_series_marked
from digestbot.papers.identity.urls import identifiers_in_url, link_kind
from digestbot.papers.text.author_lists import without_role
from digestbot.papers.text.clean import plain, urls_in, visible
from digestbot.papers.text.person_names import reading_orders
from digestbot.sources.formats.furniture import without_furniture
from digestbot.sources.formats.guarded_feedparser import ParsedFeed, parse_guarded
from digestbot.sources.formats.items import BEGIN, each, element
from digestbot.sources.formats.publisher_feeds import (
    Described,
    arxiv_title,
    described,
    pubmed_abstract,
    title_alone,
    title_and_authors,
    without_keywords,
)
from digestbot.sources.formats.reply_body import MOST_ENTRIES, read_status, root_of, unreadable
from digestbot.sources.formats.site_names import without_site_name
from digestbot.sources.values.container_ids import without_container_ids
from digestbot.sources.values.dates import by_their_order, date_of
from digestbot.sources.values.fields import split_names, text, unique_keys, web_address, without_future_dates
from digestbot.sources.values.mentions import mentions

VERSIONS = {
    "rss090": "RSS 0.90", "rss091n": "RSS 0.91", "rss091u": "RSS 0.91", "rss092": "RSS 0.92", "rss093": "RSS 0.93",
    "rss094": "RSS 0.94", "rss20": "RSS 2.0", "rss10": "RDF (RSS 1.0)", "rss": "RSS", "atom01": "Atom 0.1",
    "atom02": "Atom 0.2", "atom03": "Atom 0.3", "atom10": "Atom 1.0", "atom": "Atom", "cdf": "CDF",
}  # fmt: skip
_OTHER_FORMATS = {
    "opml": "this is a list of feeds: read the feeds it names",
    "oai-pmh": 'this is a reply of an OAI-PMH interface: kind = "oai" reads it',
    "opensearchdescription": "this describes a search: look for the address of its feed",
    "urlset": "this is a sitemap: look for the address of a feed",
}  # fmt: skip
#: https://www.iana.org/assignments/link-relations, by name or by address (RFC 4287 section 4.2.7.2)
_IANA = "http://www.iana.org/assignments/relation/"
_ITSELF = frozenset({"alternate", "self", "canonical", "cite-as"})
#: where a date of publication stands, the surest first
_DATES = (
    "published", "created", "prism_publicationdate", "date", "updated", "dcterms_available", "prism_coverdate", "prism_coverdisplaydate"
)  # fmt: skip
#: where an identifier stands, beside addresses
_IDENTIFIERS = (
    "prism_doi", "dc_doi", "dc_identifier", "doi", "arxiv_doi", "bibo_doi", "dcterms_identifier", "identifier", "prism_url",
    "dcterms_bibliographiccitation", "id",
)  # fmt: skip
#: `a Department of Lakes, University of the North`
_PLACE_AMONG_AUTHORS = re.compile(
    r"[a-z] (?=.{0,200}\b(?:Department|Universi\w+|Institut\w*|School|Faculty|College|Laborator\w+|Cent(?:re|er)|Hospital|Academy)\b)"
)
_CUT = 1000  #: or one shorter than this that breaks off
_TEASER = 200  #: characters; a description shorter than this gives way to a much longer content
_BLANK_BEFORE_XML = re.compile(rb"\A(?:\xef\xbb\xbf)?\s+(?=<\?xml\s)")
_DC_DOI = re.compile(
    rb"<dc:identifier(?:\s[^<>]*)?>(\s*(?:<!\[CDATA\[\s*)?(?:doi:\s*|(?:https?://(?:dx\.)?doi\.org|info:doi)/)?10\.\d{4,9}/[^<]*)"
    rb"</dc:identifier\s*>",
    re.IGNORECASE,
)
_JOINED_AUTHORS = re.compile(rb"<authors>(\s*+(?:<!\[CDATA\[)?+[^<]*+)</authors>")
#: `<author>ada@lakes.example (Ada Meier)</author>`
_ADDRESSED = re.compile(
    rb"<(author|dc:creator)>(?:\s|<!\[CDATA\[){0,9}[^\s@<>()]{1,100}@[^\s@<>()]{1,200}\s{0,9}\(\s{0,9}([^\s<>()@&][^<>()@&]{0,200})\)"
    rb"(?:\s|\]\]>){0,9}</\1>"
)
_PARTED_NAME = re.compile(
    rb"<given_name>([^<]*)</given_name>\s*(?:<middle_name>([^<]*)</middle_name>\s*)?<last_name>([^<]*)</last_name>"
)
_RSS_IN_RDF = re.compile(rb"<(?:\w+:)?channel\b|xmlns\s*=\s*[\"']http://(?:purl\.org/rss|[a-z]+\.netscape\.com)/")


def read_feed(body: bytes, response: Response, entry: Any) -> ParseResult:
    """A feed through feedparser: `entry(item, base)` makes an Entry of each item."""
    headers = {"content-type": response.headers["content-type"]} if "content-type" in response.headers else {}
    kept, count = _first_items(_prepared(body))
    parsed = parse_guarded(kept, headers)
    if parsed.gave_up:
        return unreadable(f"feedparser gave up: {parsed.gave_up}"[:200])
    base, items = _base(parsed, response.url), parsed.items[:MOST_ENTRIES]
    entries, problems, broken = each(
        [item for _, item in items],
        lambda item: [entry(item, base)],
        lambda number, _: element(body, items[number - 1][0]),
    )
    if max(count, len(parsed.items)) > MOST_ENTRIES:
        most = max(count, len(parsed.items))
        problems.append(Problem(what=f"only the first {MOST_ENTRIES} of {most} entries were read"))
    if not parsed.broken and _is_no_feed(parsed, entries, body):
        return _other_format(body, parsed.fault)
    if _is_atom(parsed):  # RFC 4287 4.2.1: the feed's authors are those of entries without
        everywhere = _authors(parsed.feed, _author_lines(parsed.feed))
        entries = [e if e.authors else replace(e, authors=everywhere) for e in entries]
    entries, unsure = _dated_alike(entries, items) if len(entries) == len(items) else (entries, [])
    entries = without_site_name(entries, plain(text(parsed.feed.get("title"))))
    entries, shared = without_container_ids([without_future_dates(entry, response.fetched) for entry in entries])
    problems += [
        *shared,
        *unsure,
        *(_unread_dates(items) if any(e.published is None for e in entries) else []),
        *parsed.problems,
        *_fault(parsed.fault),
    ]
    return ParseResult(
        status=read_status(entries, problems),
        entries=unique_keys(with_series_marked(entries)),
        problems=tuple(problems),
        broken=(*broken, *parsed.broken),
        title=plain(text(parsed.feed.get("title"))),
        kind=VERSIONS.get(parsed.version, "a feed"),
        cut=bool(problems) and _cut_off(body),
    )


def _dated_alike(entries: list[Entry], items: Sequence[tuple[int, Any]]) -> tuple[list[Entry], list[Problem]]:
    """The entries with the days that `03/04/2026` says in the order of the other dates of the feed, and a problem where it is open."""
    vague = [n for n, e in enumerate(entries) if e.published is not None and e.published.precision == "year"]
    if not vague:
        return entries, []
    said = [next((v for name in _DATES if (v := text(item.get(name)).strip())), "") for _, item in items]
    known = by_their_order(said)
    dated = [replace(e, published=known[n]) if n in known and n in vague else e for n, e in enumerate(entries)]
    open_ = [n for n in vague if n not in known and said[n].count("/") == 2]
    hint = "the year alone is read; no other date of the feed shows the order"
    return dated, [
        Problem(what="a date does not tell which number is the month", where=plain(said[open_[0]])[:100], hint=hint)
    ] if open_ else []


def _unread_dates(items: Sequence[tuple[int, Any]]) -> list[Problem]:
    """A problem that names dates which could not be read. Their entries are kept."""
    said = [next((v for name in _DATES if (v := text(item.get(name)).strip())), "") for _, item in items]
    odd = [words for (_, item), words in zip(items, said, strict=True) if words and date_in(item, *_DATES) is None]
    what = "a date could not be read" if len(odd) == 1 else f"{len(odd)} dates could not be read"
    return (
        [Problem(what=what, where=plain(odd[0])[:100], hint="the day the entry was first seen counts")] if odd else []
    )


def _other_format(body: bytes, fault: Any) -> ParseResult:
    """A document of another kind, and which."""
    root = root_of(body)
    hint = _OTHER_FORMATS.get(root.rpartition(":")[2].lower(), "is the address right?")
    what = f"this is not a feed but <{root}>" if root else "this is not a feed"
    return unreadable(what, where=str(fault or "no feed format we know")[:200], hint=hint)


def _fault(fault: Any) -> list[Problem]:
    """Returns a problem for XML that is not well-formed, unless the fault loses nothing."""
    if fault is None or type(fault).__name__ in ("CharacterEncodingOverride", "NonXMLContentType"):
        return []  # declared and real encoding differ, or the media type is odd: everything was read all the same
    return [Problem(what="the feed is not well-formed", where=_place(fault), hint="what could be read was read")]


def _cut_off(body: bytes) -> bool:
    """Does the last item begin and not end?"""
    opening = max(body.rfind(b"<item"), body.rfind(b"<entry"))
    return opening >= 0 and max(body.rfind(b"</item", opening), body.rfind(b"</entry", opening)) < 0


def _is_atom(parsed: ParsedFeed) -> bool:
    return parsed.version.startswith("atom")


def _prepared(body: bytes) -> bytes:
    """Returns the document without what makes feedparser fail, and with what it would lose renamed."""
    body = _BLANK_BEFORE_XML.sub(b"", body)
    # a number of the publisher's, the ISSN or a PMID stand beside it under the same name, and the last one would win
    if b"10." in body:
        body = _DC_DOI.sub(rb"<dc:doi>\1</dc:doi>", body)
    body = _JOINED_AUTHORS.sub(rb"<author>\1</author>", body)  # IEEE's journals
    if b"@" in body:
        body = _ADDRESSED.sub(rb"<\1>\2</\1>", body)  # feedparser cuts addresses of long domains in their middle
    if b"<given_name>" in body:  # the journals of theoj.org
        body = _PARTED_NAME.sub(rb"<name>\1 \2 \3</name>", body)
        body = body.replace(b"<authors>", b"").replace(b"</authors>", b"")
    return body


def _first_items(body: bytes) -> tuple[bytes, int]:
    """The document closed behind the last item that is kept, and how many items it has: what is not kept costs nothing."""
    begins = [found.start() for found in BEGIN.finditer(body)]
    if len(begins) <= MOST_ENTRIES:
        return body, len(begins)
    root = root_of(body)
    inner = b"</channel>" if root.lower() == "rss" else b""
    return body[: begins[MOST_ENTRIES]] + inner + f"</{root}>".encode(), len(begins)


def _is_no_feed(parsed: ParsedFeed, entries: Sequence[Entry], body: bytes) -> bool:
    """Is it a document of another kind, even if it has elements called `item` or `RDF`?"""
    if parsed.version in ("rss090", "rss10") and not entries:
        return not _RSS_IN_RDF.search(body.replace(b"\x00", b""))
    return (
        not parsed.version
        and root_of(body).lower() != "channel"
        and not any(e.title or e.link or e.summary for e in entries)
    )


def _base(parsed: ParsedFeed, url: str) -> str:
    """Returns the base of relative links: the feed's address, which a saved feed names itself, and for RSS its site."""
    own = next((text(x.get("href")) for x in parsed.feed.get("links", ()) if x.get("rel") == "self"), "")
    at = url if web_address(url) else web_address(own) or url
    site = text(parsed.feed.get("link")).strip()
    if not site or (_is_atom(parsed) and web_address(at)):
        return at
    try:
        return urljoin(at, site)
    except ValueError:
        return at


def _place(error: Any) -> str:
    line, column = getattr(error, "getLineNumber", None), getattr(error, "getColumnNumber", None)
    said = str(getattr(error, "getMessage", lambda: error)())[:120]
    return f"line {line()}, column {column()}: {said}" if line and column else said


def entry_of(item: Any, base: str) -> Entry:
    """One feedparser item as an Entry."""
    link = web_address(item.get("feedburner_origlink"), base) or web_address(item.get("link"), base)
    links = tuple(_links(item, base))
    identifiers = _identifiers(item, link, _own(item, base, links))
    lines = _author_lines(item)
    title, authors = plain(text(item.get("title"))), _authors(item, lines)
    if not authors:
        title, authors = title_and_authors(title, link)
    bodies = _bodies(item)
    said = _described(bodies, title, authors, identifiers.get("doi", ""))
    if said.doi and "doi" not in identifiers:
        identifiers = normal({**identifiers, "doi": said.doi})
    abstract, keywords = without_keywords(said.abstract)
    entry = Entry(
        title=title_alone(title),
        summary=abstract,
        authors=authors or said.authors,
        affiliations=_affiliations(lines),
        categories=tuple(dict.fromkeys((*_categories(item), *keywords))),
        published=date_in(item, *_DATES) or said.published,
        updated=date_in(item, "updated"),
        link=link,
        identifiers=identifiers,
        links=tuple(dict.fromkeys((*links, *_named_links(said.abstract)))),
        venue=_venue(item, title) or said.venue,
        language=plain(text(item.get("language"))).lower(),
        rights=plain(text(item.get("rights")))[:200],
        native_key=visible(text(item.get("id"))).strip() or link,
        mentions=() if identifiers or _of_a_journal(item) else _mentions(title, bodies, links),
    )
    return _of_old_arxiv(entry)


def _of_old_arxiv(entry: Entry) -> Entry:
    """An item of arXiv's old feeds with what its title bears; any other as it is."""
    old = arxiv_title(entry.title)
    if old is None:
        return entry
    return replace(
        entry,
        title=old.title,
        identifiers=normal({**entry.identifiers, "arxiv": old.identifier}),
        categories=entry.categories or (old.category,),
        announce_type=old.announce_type,
        mentions=(),
    )


def _categories(item: Any) -> tuple[str, ...]:
    terms = (text(tag.get("term")) for tag in item.get("tags", ()))
    return tuple(dict.fromkeys(plain(term) for term in terms if term.strip()))


def _named_links(summary: str) -> list[Link]:
    """Code and files that the abstract names."""
    return [Link(kind, url) for url in urls_in(summary) if (kind := link_kind(url)) in (LinkRel.CODE, LinkRel.PDF)]


def _of_a_journal(item: Any) -> bool:
    """Is it an article of a journal? Its abstract names works that it cites, and none that it is about."""
    return any(text(item.get(name)) for name in ("prism_publicationname", "prism_issn", "prism_volume", "prism_doi"))


def _mentions(title: str, bodies: Sequence[str], links: Sequence[Link]) -> tuple[str, ...]:
    """The papers that a post speaks of."""
    return mentions(title, *dict.fromkeys(bodies), links=[link.href for link in links])


def _bodies(item: Any) -> list[str]:
    """The description and the whole contents, as HTML without drawings, scripts and share bars."""
    given = [text(item.get("summary")), *(text(part.get("value")) for part in item.get("content", ()))]
    return [without_furniture(html) for html in given]


def _own(item: Any, base: str, links: Sequence[Link]) -> list[Link]:
    """Returns the links to the entry itself. What it replies to, refers to or was found through is another work."""
    given = [(text(x.get("rel")).removeprefix(_IANA), web_address(x.get("href"), base)) for x in item.get("links", ())]
    page = web_address(item.get("link"), base)  # or a guid that is one
    own = {href for rel, href in given if rel in _ITSELF} | ({page} if page else set())
    if any(rel == "enclosure" for rel, _ in given):
        hosts = {urlsplit(href).hostname for href in own}
        # what is enclosed is the entry's own file where it has no page, or where page and file are one publisher's
        own |= {href for rel, href in given if rel == "enclosure" and (not own or urlsplit(href).hostname in hosts)}
    return [link for link in links if link.href in own]


def _links(item: Any, base: str) -> Iterable[Link]:
    for given in item.get("links", ()):
        href = web_address(given.get("href"), base)
        if not href:
            continue
        kind = link_kind(href)
        if given.get("type") == "application/pdf":
            kind = LinkRel.PDF
        yield Link(LinkRel.ABSTRACT if given.get("rel") == "alternate" and kind is LinkRel.PROJECT else kind, href)


def _described(bodies: Sequence[str], title: str, authors: Sequence[str], own: str) -> Described:
    """Reads the description, or the content where the description is only a short teaser of it."""
    summary, *contents = bodies
    for content in contents:  # its description is the last section of it
        if (abstract := pubmed_abstract(plain(content))) is not None:
            return Described(abstract=abstract)
    teaser, *parts = [described(html, title, authors, own) for html in (summary, *contents)]
    longest = max(parts, key=lambda part: len(part.abstract), default=teaser)
    short, much = len(teaser.abstract), len(longest.abstract)
    broken_off = short < _CUT and teaser.abstract.rstrip(" ])").endswith(("…", "..."))
    whole = (short < _TEASER and much > 2 * short) or (broken_off and much > short)
    return longest if not short or whole else teaser


def _venue(item: Any, title: str) -> str:
    """The journal; Taylor & Francis repeat the article's title in its place, and name the journal under `dc:source`."""
    named, source = plain(text(item.get("prism_publicationname"))), plain(text(item.get("dc_source")))
    if named and title and named.casefold() == title.casefold():
        named = "" if source.casefold() == title.casefold() else source
    in_pubmed = source if text(item.get("id")).startswith("pubmed:") else ""
    return named or plain(text(item.get("source_title"))) or in_pubmed


_BEFORE_PLACE = re.compile(r"([^\d,;]{3,300}[a-zà-ÿ.])\d{1,2}(?=[A-Z])")
_BETWEEN_GLUED = re.compile(r"(?<=[a-zà-ÿ]{2})(?<!Mac|Van|Von|Del|Des|Las|Los|Dos|Den)(?<!Fitz)(?=[A-Z])")


def _author_lines(item: Any) -> list[str]:
    given = (text(a.get("name")) for a in item.get("authors", ()) if isinstance(a, Mapping))
    return [one for name in given if name.strip() for one in _unglued(name)]


def _unglued(line: str) -> list[str]:
    """SAGE's and Science's `Ana CruzBo Lu1Department of Ice, Oslo`: the people before the number of their place."""
    if not (people := _BEFORE_PLACE.match(line)):
        return [line]
    return [name.strip() for name in _BETWEEN_GLUED.split(people[1]) if name.strip()]


def _affiliations(lines: Sequence[str]) -> tuple[str, ...]:
    """Returns the places that Taylor & Francis list among the authors, without the letters before them."""
    return tuple(dict.fromkeys(plain(line)[2:] for line in lines if _PLACE_AMONG_AUTHORS.match(line)))


def _authors(item: Any, given: Sequence[str]) -> tuple[str, ...]:
    """Names from Atom authors, dc:creator (repeated or joined), which are `given`, or the one author field."""
    lines = [line for line in given if not _PLACE_AMONG_AUTHORS.match(line)]
    whole = text(item.get("author"))
    if len(lines) < 2 and whole:  # feedparser cuts addresses of long domains in their middle
        lines = _unglued(whole)
    if len(lines) > 1 and not any(map(_is_list, lines)):
        return tuple(dict.fromkeys(reading_orders([without_role(plain(line)) for line in lines])))
    return tuple(dict.fromkeys(name for line in lines for name in split_names(line)))


def _is_list(line: str) -> bool:
    """Does one of several lines hold several people itself? One comma is that of `Family, Given`."""
    several = (
        ";" in line
        or line.count(",") > 1
        or (" " in line.partition(",")[0].strip() and " " in line.partition(",")[2].strip())
    )
    return several and len(split_names(line)) > 1


def date_in(item: Any, *names: str) -> PartialDate | None:
    """Returns the first of these fields that holds a date. Tests with `in`: `get` answers `updated` with `published`."""
    for name in names:
        if name in item and (found := date_of(item.get(name), item.get(f"{name}_parsed"))) is not None:
            return found
    return None


def _identifiers(item: Any, link: str, links: Iterable[Link]) -> FrozenMap[str, str]:
    known: dict[str, str] = {}
    for address in (link, *(x.href for x in links)):
        known = identifiers_in_url(address) | known
    for name in _IDENTIFIERS:
        if not (given := item.get(name)):
            continue
        said = visible(text(given))
        if found := doi(said) if not said.startswith("http") or "doi.org" in said else None:
            known["doi"] = found  # said outright: an address may hold more than the DOI
        if named := arxiv_id(said):
            known |= {"arxiv": named[0]} | ({"arxiv_version": str(named[1])} if named[1] else {})
        elif said.startswith("http"):
            known = identifiers_in_url(said) | known
    return normal(known)
