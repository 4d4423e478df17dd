"""Feeds: RSS 2.0, Atom 1.0 and JSON Feed 1.1 from one value, as bytes. Pure.

The same value gives the same bytes: nothing here depends on the current time. Item ids are the papers' own and carry
no version, so that a new version is never a new item.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any
from uuid import UUID, uuid5

from digestbot.digest.rendering.cards import authors, place, web
from digestbot.digest.rendering.summary import gist
from digestbot.memo import remembered
from digestbot.model import Paper

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
_SPACE = UUID("5b1b6f0e-3a0c-5b52-9d2f-6d7a1e0c4d11")  #: of our ids; never changes
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  #: `updated` of a feed that never had an item
#: what XML 1.0 allows: https://www.w3.org/TR/xml/#charsets
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
UNTITLED = "(without a title)"


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
    about: str = ""  #: "A, B, C … H · arXiv cs.LG · ▲ 41 votes"
    fallen: str = ""  #: "This paper has been withdrawn."

    @property
    def excerpt(self) -> str:
        """What a list of items shows: the sentences that the paper's card shows."""
        return f"{self.fallen} {gist(self.summary_text)}".strip()


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
    sheet: str = ""  #: address of the XSL sheet by which a browser shows a page


def feed_item(paper: Paper, *, at: datetime, reason: str) -> FeedItem:
    """The feed item of a paper that was announced at `at`."""
    links = dict.fromkeys((link.rel, web(link.href)) for link in paper.links if web(link.href))
    return FeedItem(
        id=paper.public_id,
        title=paper.title,
        link=web(paper.link),
        authors=_said(paper.authors),
        summary_text=paper.summary,
        published=at,
        updated=at,
        categories=_said(paper.categories),
        reason=reason,
        links=tuple(links),
        about=_about(paper),
        fallen=f"This paper has been {paper.standing}." if paper.standing else "",
    )


def _said(names: tuple[str, ...]) -> tuple[str, ...]:
    """Without empty ones: an element of a feed may not be empty."""
    return tuple(name for name in names if _FORBIDDEN.sub("", name).strip())


def _about(paper: Paper) -> str:
    """Who wrote it, where it stands, and how it is liked."""
    votes = paper.signals.get("upvotes", 0)
    liked = f"▲ {votes:,} {'vote' if votes == 1 else 'votes'}" if votes > 0 else ""
    return " · ".join(part for part in (authors(paper.authors, 3), place(paper, ""), liked) if part)


def rss(feed: Feed) -> bytes:
    """RSS 2.0 (https://www.rssboard.org/rss-specification), by the RSS Best Practices Profile."""
    home = feed.home or feed.self_url or "https://localhost/"
    itself = f'<atom:link href="{xml(feed.self_url)}" rel="self" type="application/rss+xml"/>' if feed.self_url else ""
    return _document(
        f'<rss version="2.0" xmlns:atom="{ATOM}" xmlns:dc="{DC}" xmlns:content="{CONTENT}">\n<channel>\n'
        f"<title>{xml(feed.title)}</title>\n<link>{xml(home)}</link>\n<description>{xml(feed.description)}</description>\n"
        f"<language>en</language>\n<lastBuildDate>{_rfc822(feed.updated or _EPOCH)}</lastBuildDate>\n<ttl>60</ttl>\n{itself}"
        f"{''.join(map(_rss_item, feed.items))}</channel>\n</rss>\n",
        feed.sheet,
    )


@remembered(2048)  # one paper stands in many people's feeds
def _rss_item(item: FeedItem) -> str:
    link = f"<link>{xml(item.link)}</link>\n" if item.link else ""
    said = item.excerpt or item.reason
    return (
        f"<item>\n<title>{xml(item.title or UNTITLED)}</title>\n{link}"
        f'<guid isPermaLink="false">{urn(item.id)}</guid>\n<pubDate>{_rfc822(item.published)}</pubDate>\n'
        + "".join(f"<dc:creator>{xml(author)}</dc:creator>\n" for author in item.authors)
        + "".join(f"<category>{xml(category)}</category>\n" for category in item.categories)
        + f"<description>{xml(escape(said, quote=False))}</description>\n"  # readers take it for HTML
        f"<content:encoded>{xml(content_html(item))}</content:encoded>\n</item>\n"
    )


def atom(feed: Feed) -> bytes:
    """Atom 1.0 (RFC 4287)."""
    home = f'<link href="{xml(feed.home)}" rel="alternate" type="text/html"/>\n' if feed.home else ""
    itself = f'<link href="{xml(feed.self_url)}" rel="self" type="application/atom+xml"/>\n' if feed.self_url else ""
    return _document(
        f'<feed xmlns="{ATOM}">\n<id>{urn(f"feed:{feed.id}")}</id>\n<title>{xml(feed.title)}</title>\n'
        f"<subtitle>{xml(feed.description)}</subtitle>\n<updated>{_rfc3339(feed.updated or _EPOCH)}</updated>\n"
        f"<author><name>{xml(feed.title)}</name></author>\n{home}{itself}{''.join(map(_atom_entry, feed.items))}</feed>\n",
        feed.sheet,
    )


@remembered(2048)
def _atom_entry(item: FeedItem) -> str:
    link = f'<link href="{xml(item.link)}" rel="alternate" type="text/html"/>\n' if item.link else ""
    summary = f"<summary>{xml(item.excerpt)}</summary>\n" if item.excerpt else ""
    return (
        f"<entry>\n<id>{urn(item.id)}</id>\n<title>{xml(item.title or UNTITLED)}</title>\n"
        f"<updated>{_rfc3339(item.updated)}</updated>\n<published>{_rfc3339(item.published)}</published>\n{link}"
        + "".join(f"<author><name>{xml(author)}</name></author>\n" for author in item.authors)
        + "".join(f'<category term="{xml(category)}"/>\n' for category in item.categories)
        + f'{summary}<content type="html">{xml(content_html(item))}</content>\n</entry>\n'
    )


def json_feed(feed: Feed) -> bytes:
    """JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""
    about = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "language": "en",
        "home_page_url": feed.home,
        "feed_url": feed.self_url,
    }
    head = json.dumps({k: v for k, v in about.items() if v}, ensure_ascii=False)[:-1]
    items = ",\n".join(map(_json_item, feed.items))
    return f'{head}, "items": [\n{items}\n]}}\n'.encode("utf-8", "replace")


@remembered(2048)
def _json_item(item: FeedItem) -> str:
    made: dict[str, Any] = {
        "id": urn(item.id),
        "url": item.link,
        "title": item.title or UNTITLED,
        "content_html": content_html(item),
        "summary": item.excerpt,
        "date_published": _rfc3339(item.published),
        "date_modified": _rfc3339(item.updated),
        "authors": [{"name": name} for name in item.authors],
        "tags": list(item.categories),
        "_digestbot": {"paper": item.id},
    }
    return json.dumps({k: v for k, v in made.items() if v not in ("", [])}, ensure_ascii=False)


def content_html(item: FeedItem) -> str:
    """Abstract, reason and links. Everything from outside is escaped."""
    lines = [f"<p><strong>{escape(item.fallen)}</strong></p>"] if item.fallen else []
    lines += [f"<p>{escape(item.about)}</p>"] if item.about else []
    lines += [f"<p>{escape(item.summary_text)}</p>"] if item.summary_text else []
    if item.reason:
        lines.append(f"<p><em>{escape(item.reason)}</em></p>")
    if item.links:
        named = " · ".join(f'<a href="{escape(href)}">{escape(rel)}</a>' for rel, href in item.links)
        lines.append(f"<p>{named}</p>")
    return "".join(lines) or f"<p>{escape(item.title)}</p>"


@remembered(2048)
def urn(name: str) -> str:
    """A permanent id (RFC 4122, by name) that needs no domain."""
    return f"urn:uuid:{uuid5(_SPACE, name)}"


def xml(text: str) -> str:
    """Text escaped for an XML element or attribute, without characters that XML does not allow."""
    return escape(_FORBIDDEN.sub("", text))


def _document(text: str, sheet: str) -> bytes:
    shown = f'<?xml-stylesheet type="text/xsl" href="{xml(sheet)}"?>\n' if sheet else ""
    return f"<?xml version='1.0' encoding='utf-8'?>\n{shown}{text}".encode()


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
