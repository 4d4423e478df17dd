"""Find the source behind the address of a page whose papers come from an API rather than a feed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from digestbot.papers.text.clean import unescape

Place = tuple[str, dict[str, Any]]  #: kind, its options

_ARXIV_PATH = re.compile(r"/(?:list|archive|rss|atom|new|recent)/([A-Za-z.+-]+)")
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
    if host == "arxiv.org" or host.endswith(".arxiv.org"):
        found = _ARXIV_PATH.match(path)
        return ("arxiv", {"categories": found.group(1).split("+")}) if found else None
    if host in ("huggingface.co", "hf.co") and re.match(
        r"/papers/?\Z|/papers/(?:date|week|month|trending)\b|/api/daily_papers\Z", path
    ):
        return "huggingface", {}
    if host in ("biorxiv.org", "medrxiv.org") and (found := re.match(r"/collection/([a-z-]+)/?\Z", path)):
        return "biorxiv", {"server": host.partition(".")[0], "categories": [found.group(1).replace("-", " ")]}
    if host in ("biorxiv.org", "medrxiv.org") and path in ("", "/"):
        return "biorxiv", {"server": host.partition(".")[0]}
    if host == "pubmed.ncbi.nlm.nih.gov" and path in ("", "/") and (term := parse_qs(parts.query).get("term")):
        return "pubmed", {"query": term[0]}
    if host == "europepmc.org" and path == "/search" and (asked := parse_qs(parts.query).get("query")):
        return "europepmc", {"query": asked[0]}
    if host in ("dblp.org", "dblp.uni-trier.de") and (
        found := re.match(r"/(db|pid)/([\w-]+/[\w-]+)(?:\.html)?(?:/|\Z)", path)
    ):
        return "dblp", {"venue" if found.group(1) == "db" else "author": found.group(2)}
    if host == "zotero.org" and (found := re.match(r"/(groups/\d+)(?:/|\Z)", path)):
        return "zotero", {"library": found.group(1)}
    if host == "openreview.net" and path.rstrip("/") == "/group" and (group := parse_qs(parts.query).get("id")):
        return "openreview", {"venue": group[0]}
    return None


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
