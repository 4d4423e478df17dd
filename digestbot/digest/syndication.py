"""Feeds out: RSS 2.0, Atom 1.0 and JSON Feed 1.1, from one value, as bytes. Pure.

The same value gives the same bytes: nothing here says "now". Ids are the papers' own and carry no version, so a new
version is never a new item.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any
from uuid import UUID, uuid5
from xml.etree import ElementTree

from digestbot.digest.view import web
from digestbot.model import Paper

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
_SPACE = UUID("5b1b6f0e-3a0c-5b52-9d2f-6d7a1e0c4d11")  #: of our ids; never changes
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  #: `updated` of a feed that never had an item
#: what XML 1.0 allows: https://www.w3.org/TR/xml/#charsets
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

for _prefix, _uri in (("atom", ATOM), ("dc", DC), ("content", CONTENT)):
    ElementTree.register_namespace(_prefix, _uri)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One paper in a feed."""

    id: str  #: the paper's public id
    title: str
    link: str  #: "" when there is no page
    authors: tuple[str, ...]
    summary_text: str
    published: datetime  #: when we announced it, aware UTC
    updated: datetime
    categories: tuple[str, ...]
    reason: str  #: why it is here; "" when there is nothing to say
    links: tuple[tuple[str, str], ...]  #: (what, address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed, before it is RSS or anything else."""

    id: str  #: stable name within the site
    title: str
    home: str  #: the page it belongs to; "" when there is none
    self_url: str  #: its own address; "" when it has none
    description: str
    items: tuple[FeedItem, ...]
    updated: datetime | None  #: of the newest item, aware UTC


def feed_item(paper: Paper, *, at: datetime, reason: str) -> FeedItem:
    """The item of a paper that came at `at`."""
    links = dict.fromkeys((link.rel, web(link.href)) for link in paper.links if web(link.href))
    return FeedItem(
        id=paper.public_id,
        title=paper.title,
        link=web(paper.link),
        authors=paper.authors,
        summary_text=paper.summary,
        published=at,
        updated=at,
        categories=paper.categories,
        reason=reason,
        links=tuple(links),
    )


def rss(feed: Feed) -> bytes:
    """RSS 2.0 (https://www.rssboard.org/rss-specification), by the RSS Best Practices Profile."""
    root = ElementTree.Element("rss", {"version": "2.0"})
    channel = _add(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.home or feed.self_url or "https://localhost/")
    _add(channel, "description", feed.description)
    _add(channel, "language", "en")
    _add(channel, "lastBuildDate", _rfc822(feed.updated or _EPOCH))
    _add(channel, "ttl", "60")
    if feed.self_url:
        _add(channel, f"{{{ATOM}}}link", href=feed.self_url, rel="self", type="application/rss+xml")
    for item in feed.items:
        node = _add(channel, "item")
        _add(node, "title", item.title or "(without a title)")
        if item.link:
            _add(node, "link", item.link)
        _add(node, "guid", urn(item.id), isPermaLink="false")
        _add(node, "pubDate", _rfc822(item.published))
        for author in item.authors:
            _add(node, f"{{{DC}}}creator", author)
        for category in item.categories:
            _add(node, "category", category)
        _add(node, "description", item.reason or item.summary_text[:300])
        _add(node, f"{{{CONTENT}}}encoded", content_html(item))
    return _document(root)


def atom(feed: Feed) -> bytes:
    """Atom 1.0 (RFC 4287)."""
    root = ElementTree.Element("feed", {"xmlns": ATOM})  # all below is in its namespace, without a prefix
    _add(root, "id", urn(f"feed:{feed.id}"))
    _add(root, "title", feed.title)
    _add(root, "subtitle", feed.description)
    _add(root, "updated", _rfc3339(feed.updated or _EPOCH))
    _add(_add(root, "author"), "name", feed.title)
    if feed.home:
        _add(root, "link", href=feed.home, rel="alternate", type="text/html")
    if feed.self_url:
        _add(root, "link", href=feed.self_url, rel="self", type="application/atom+xml")
    for item in feed.items:
        node = _add(root, "entry")
        _add(node, "id", urn(item.id))
        _add(node, "title", item.title or "(without a title)")
        _add(node, "updated", _rfc3339(item.updated))
        _add(node, "published", _rfc3339(item.published))
        if item.link:
            _add(node, "link", href=item.link, rel="alternate", type="text/html")
        for author in item.authors:
            _add(_add(node, "author"), "name", author)
        for category in item.categories:
            _add(node, "category", term=category)
        if item.reason:
            _add(node, "summary", item.reason)
        _add(node, "content", content_html(item), type="html")
    return _document(root)


def json_feed(feed: Feed) -> bytes:
    """JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""
    made: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "language": "en",
        "home_page_url": feed.home,
        "feed_url": feed.self_url,
        "items": [_json_item(item) for item in feed.items],
    }
    return (
        json.dumps({k: v for k, v in made.items() if v != ""}, ensure_ascii=False, indent=1).encode("utf-8", "replace")
        + b"\n"
    )


def _json_item(item: FeedItem) -> Mapping[str, Any]:
    made: dict[str, Any] = {
        "id": urn(item.id),
        "url": item.link,
        "title": item.title or "(without a title)",
        "content_html": content_html(item),
        "summary": item.reason,
        "date_published": _rfc3339(item.published),
        "date_modified": _rfc3339(item.updated),
        "authors": [{"name": name} for name in item.authors],
        "tags": list(item.categories),
        "_digestbot": {"paper": item.id},
    }
    return {k: v for k, v in made.items() if v not in ("", [])}


def content_html(item: FeedItem) -> str:
    """Abstract, reason and links; everything that came from outside is escaped."""
    lines = [f"<p>{escape(item.summary_text)}</p>"] if item.summary_text else []
    if item.reason:
        lines.append(f"<p><em>{escape(item.reason)}</em></p>")
    if item.links:
        named = " · ".join(f'<a href="{escape(href)}">{escape(rel)}</a>' for rel, href in item.links)
        lines.append(f"<p>{named}</p>")
    return "".join(lines) or f"<p>{escape(item.title)}</p>"


def urn(name: str) -> str:
    """A permanent id (RFC 4122 by name) that needs no domain of ours."""
    return f"urn:uuid:{uuid5(_SPACE, name)}"


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    node = ElementTree.SubElement(parent, name, {k: _allowed(v) for k, v in attributes.items()})
    node.text = _allowed(text) or None
    return node


def _allowed(text: str) -> str:
    return _FORBIDDEN.sub("", text)


def _document(root: ElementTree.Element) -> bytes:
    ElementTree.indent(root, " ")
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made + b"\n"


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
