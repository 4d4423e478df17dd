"""Find the source behind the address of a page whose papers come from an API rather than a feed. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from digestbot.papers.text.clean import unescape

Place = tuple[str, dict[str, Any]]  #: kind, its options
_Reader = Callable[[str, str, str], Place | None]  #: of host, path and query

_ARXIV_PATH = re.compile(r"/(?:list|archive|rss|atom|new|recent)/([A-Za-z.+-]+)")
_DAILY_PATH = re.compile(r"/papers/?\Z|/papers/(?:date|week|month|trending)\b|/api/daily_papers\Z")
_COLLECTION_PATH = re.compile(r"/collection/([a-z-]+)/?\Z")
_DBLP_PATH = re.compile(r"/(db|pid)/([\w-]+/[\w-]+)(?:\.html)?(?:/|\Z)")
_ZOTERO_PATH = re.compile(r"/(groups/\d+)(?:/|\Z)")
_LINK = re.compile(r"<(?:link|a)\b((?:[^<>\"']|\"[^\"]{0,2000}\"|'[^']{0,2000}'){0,200}+)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]{1,20})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_FEED_TYPE = re.compile(r"application/(?:rss\+xml|atom\+xml|feed\+json|rdf\+xml)", re.IGNORECASE)
_LOOKS_LIKE_FEED = re.compile(
    r"/(?:feed|rss|atom|rdf)s?(?:\.(?:xml|json|php))?/?(?:\?.*)?\Z|\.(?:rss|atom|rdf)(?:\?.*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
#: where feeds stand when no page says so, the usual first
COMMON: Final = ("feed", "rss", "feed.xml", "atom.xml", "rss.xml", "index.xml", "feed.json")
MOST = 6  #: feeds of one page that are looked at


def known_place(address: str) -> Place | None:
    """The source that a page we know belongs to; None for all others."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    host, path = (parts.hostname or "").removeprefix("www."), unquote(parts.path)
    host = "arxiv.org" if host.endswith(".arxiv.org") else host  # export, rss and its mirrors
    return next(
        (found for hosts, place in _PLACES if host in hosts and (found := place(host, path, parts.query))), None
    )


def _arxiv(_host: str, path: str, _query: str) -> Place | None:
    found = _ARXIV_PATH.match(path)
    return ("arxiv", {"categories": found.group(1).split("+")}) if found else None


def _daily_papers(_host: str, path: str, _query: str) -> Place | None:
    return ("huggingface", {}) if _DAILY_PATH.match(path) else None


def _preprint_server(host: str, path: str, _query: str) -> Place | None:
    server = host.partition(".")[0]
    if found := _COLLECTION_PATH.match(path):
        return "biorxiv", {"server": server, "categories": [found.group(1).replace("-", " ")]}
    return ("biorxiv", {"server": server}) if path in ("", "/") else None


def _dblp(_host: str, path: str, _query: str) -> Place | None:
    found = _DBLP_PATH.match(path)
    return ("dblp", {"venue" if found.group(1) == "db" else "author": found.group(2)}) if found else None


def _zotero(_host: str, path: str, _query: str) -> Place | None:
    found = _ZOTERO_PATH.match(path)
    return ("zotero", {"library": found.group(1)}) if found else None


def _asked(kind: str, option: str, field: str, path: str) -> _Reader:
    """A source that is named by a field of the address at one path."""

    def read(_host: str, given: str, query: str) -> Place | None:
        said = parse_qs(query).get(field) if given.rstrip("/") == path else None
        return (kind, {option: said[0]}) if said else None

    return read


#: hosts, and what reads the path and the query of an address there
_PLACES: Final[tuple[tuple[Container[str], _Reader], ...]] = (
    (("arxiv.org",), _arxiv),
    (("huggingface.co", "hf.co"), _daily_papers),
    (("biorxiv.org", "medrxiv.org"), _preprint_server),
    (("pubmed.ncbi.nlm.nih.gov",), _asked("pubmed", "query", "term", "")),
    (("europepmc.org",), _asked("europepmc", "query", "query", "/search")),
    (("dblp.org", "dblp.uni-trier.de"), _dblp),
    (("zotero.org",), _zotero),
    (("openreview.net",), _asked("openreview", "venue", "id", "/group")),
)


def feeds_of(page: bytes, address: str) -> list[str]:
    """Addresses of feeds that a page names: in its head (the best first), then among its links."""
    text = page[:1_000_000].decode("utf-8", "replace")
    said, linked = [], []
    for given in map(_attributes, _LINK.findall(text)):
        where = _absolute(given.get("href", ""), address)
        if not where:
            continue
        if "alternate" in given.get("rel", "").lower().split() and _FEED_TYPE.match(given.get("type", "")):
            said.append((_is_of_comments(given, where), where))
        elif _LOOKS_LIKE_FEED.search(where):
            linked.append((_is_of_comments(given, where), where))
    ordered = [where for _, where in (*sorted(said, key=lambda s: s[0]), *sorted(linked, key=lambda s: s[0]))]
    return list(dict.fromkeys(ordered))[:MOST]


def common_feeds(address: str) -> Iterator[str]:
    """Yields usual addresses of feeds: beside the page, then at its site's root."""
    beside = address if address.endswith("/") else f"{address}/"
    bases: Iterable[str] = dict.fromkeys((urljoin(beside, "."), urljoin(address, "/")))
    yield from (urljoin(base, name) for base in bases for name in COMMON)


def _attributes(inside: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for m in _ATTRIBUTE.finditer(inside):
        found.setdefault(m.group(1).lower(), unescape(m.group(2) or m.group(3) or m.group(4) or "").strip())
    return found


def _absolute(href: str, address: str) -> str:
    try:
        whole = urljoin(address, href)
        return whole if href and urlsplit(whole).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _is_of_comments(given: dict[str, str], where: str) -> bool:
    """WordPress names the feed of the comments beside that of the posts."""
    return "comment" in f"{given.get('title', '')} {where}".lower()
