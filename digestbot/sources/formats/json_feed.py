"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from digestbot.model import Entry, Link, LinkRel, ParseResult, Problem
from digestbot.papers.identity.identifiers import normal
from digestbot.papers.identity.series import with_series_marked
from digestbot.papers.identity.urls import identifiers_in_url, link_kind
from digestbot.papers.text.clean import plain, visible
from digestbot.papers.text.person_names import reading_orders
from digestbot.sources.formats.furniture import without_furniture
from digestbot.sources.formats.items import as_json, each
from digestbot.sources.formats.publisher_feeds import title_alone
from digestbot.sources.formats.reply_body import MOST_ENTRIES, is_html, read_status, unreadable
from digestbot.sources.formats.site_names import without_site_name
from digestbot.sources.values.container_ids import without_container_ids
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import rows_of, split_names, text, unique_keys, web_address, without_future_dates
from digestbot.sources.values.mentions import mentions

_UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf](?![\x80-\xbf])|[\xe0-\xef][\x80-\xbf]{2}")


def looks_like_json(body: bytes) -> bool:
    """Do the bytes begin like JSON?"""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def load_json(body: bytes) -> Any:
    """Returns the JSON value, or a ParseResult that says where it is broken."""
    try:
        return json.loads(_decoded(body))
    except ValueError as error:
        return unreadable("the JSON is broken", where=str(error)[:200])
    except RecursionError:
        return unreadable("the JSON is nested too deeply")


def _decoded(body: bytes) -> str:
    """The text: UTF-8, or what was written in Windows' Latin letters and has no letter of UTF-8 in it."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = "utf-8-sig" if _UTF8_LETTER.search(body) else "cp1252"
        return body.decode(encoding, errors="replace")


def json_reply(body: bytes, what: str, hint: str) -> Any:
    """Returns the JSON value of an API's reply, or a ParseResult that says what came instead of `what`."""
    if is_html(body):
        return unreadable(f"this is a web page, not {what}", hint=hint)
    return load_json(body) if body.strip(b"\xef\xbb\xbf \t\r\n") else unreadable("the reply is empty")


def read_json_feed(body: bytes, url: str, now: datetime) -> ParseResult:
    """Items of a JSON Feed."""
    data = load_json(body)
    if isinstance(data, ParseResult):
        return data
    if not isinstance(data, Mapping) or not isinstance(data.get("items"), list):
        return _other_json(data)
    shared, base = _people(data), _base(data, url)
    listed = data["items"][:MOST_ENTRIES]
    items = [item for item in listed if isinstance(item, Mapping)]
    entries, problems, broken = each(items, lambda item: [_entry(item, base, shared)], as_json)
    entries = without_site_name(entries, plain(text(data.get("title"))))
    entries, containers = without_container_ids([without_future_dates(entry, now) for entry in entries])
    odd = (number for number, item in enumerate(listed, 1) if not isinstance(item, Mapping))
    problems += [*containers, *(Problem(what="an item is no object", where=f"item {number}") for number in odd)]
    version = str(data.get("version", "")).rpartition("/")[2]
    return ParseResult(
        status=read_status(entries, problems),
        entries=unique_keys(with_series_marked(entries)),
        problems=tuple(problems), broken=tuple(broken), title=plain(text(data.get("title"))),
        kind=f"JSON Feed {version}".strip(),
    )  # fmt: skip


def _base(data: Mapping[str, Any], url: str) -> str:
    """What relative addresses are relative to: the feed's own, wherever it was saved."""
    if web_address(url):
        return url
    return web_address(data.get("feed_url")) or web_address(data.get("home_page_url")) or url


def _other_json(data: Any) -> ParseResult:
    """JSON of another kind, and whose it is where that can be told."""
    given = data if isinstance(data, Mapping) else next((row for row in rows_of(data)), {})
    said = str(given.get("error") or given.get("message") or "")[:200]
    rows = [given, *rows_of(given.get("data"))]
    if any({"paperId"} & row.keys() for row in rows):
        return unreadable("this is a reply of Semantic Scholar's API, which no kind of source reads", where=said)
    return unreadable("this is JSON, but no JSON Feed", where=said)


def _people(thing: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the people of an item or of the whole feed: `authors` (1.1) or `author` (1.0)."""
    people = thing.get("authors") if isinstance(thing.get("authors"), list) else [thing.get("author")]
    names = [text(person.get("name")) for person in people or () if isinstance(person, Mapping)]
    return tuple(split_names(names[0])) if len(names) == 1 else reading_orders([plain(name) for name in names])


def _entry(item: Mapping[str, Any], base: str, shared: tuple[str, ...]) -> Entry:
    link = web_address(item.get("url"), base)
    further = web_address(item.get("external_url"), base)
    identifiers = normal(identifiers_in_url(link or further))
    html = without_furniture(text(item.get("content_html")))
    bodies = (text(item.get("title")), text(item.get("content_text")), html, text(item.get("summary")))
    return Entry(
        title=title_alone(plain(text(item.get("title")))),
        summary=plain(text(item.get("content_text")) or html or text(item.get("summary"))),
        authors=_people(item) or shared,  # the feed's authors are those of items without
        categories=_tags(item),
        published=date_of(item.get("date_published")),
        updated=date_of(item.get("date_modified")),
        link=link or further,
        identifiers=identifiers,
        links=_links(link, further),
        language=plain(text(item.get("language"))).lower(),
        native_key=visible(text(item.get("id"))).strip() or link,
        mentions=() if identifiers else mentions(*bodies, links=[further] if further else []),
    )


def _tags(item: Mapping[str, Any]) -> tuple[str, ...]:
    tags = item.get("tags")
    return tuple(plain(text(tag)) for tag in tags if text(tag)) if isinstance(tags, list) else ()


def _links(*addresses: str) -> tuple[Link, ...]:
    """The item's own pages: what is no file, code or discussion is its abstract."""
    kinds = {address: link_kind(address) for address in addresses if address}
    return tuple(
        Link(LinkRel.ABSTRACT if kind is LinkRel.PROJECT else kind, address) for address, kind in kinds.items()
    )
