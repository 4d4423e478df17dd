"""What the W3C feed validator asks of RSS 2.0, Atom 1.0 and the profile of RSS, and what JSON Feed 1.1 says: errors and warnings
alike, in the validator's own words where it has some (https://validator.w3.org/feed/docs/)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
#: element → (least, most) times
CHANNEL = {"title": (1, 1), "link": (1, 1), "description": (1, 1), "language": (0, 1), "lastBuildDate": (0, 1), "ttl": (0, 1),
           "item": (0, 10_000), f"{ATOM}link": (1, 1)}  # fmt: skip
ITEM = {"title": (1, 1), "link": (0, 1), "guid": (1, 1), "pubDate": (1, 1), "description": (1, 1), "category": (0, 1000),
        f"{DC}creator": (0, 10_000), f"{CONTENT}encoded": (0, 1)}  # fmt: skip
FEED = {"id": (1, 1), "title": (1, 1), "subtitle": (0, 1), "updated": (1, 1), "author": (0, 100), "link": (1, 9),
        "entry": (0, 10_000)}  # fmt: skip
ENTRY = {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "published": (0, 1), "link": (0, 9), "author": (0, 10_000),
         "category": (0, 1000), "summary": (0, 1), "content": (1, 1)}  # fmt: skip
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
RFC822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d\d? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d(?::\d\d)? "
    r"(?:[+-]\d{4}|GMT|UT)"
)
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
TAGS = {"a", "p", "em", "strong"}  #: of what we write; the validator's list of safe ones is longer


def complaints(data: bytes, content_type: str, address: str, *, now: datetime | None = None) -> list[str]:
    """What the validator would say of a feed that was fetched from there. `now`: no date is later than the next day."""
    kind, _, charset = content_type.partition(";")
    try:
        told = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return [f"UnicodeError: {error}"]
    if data.startswith(b"\xef\xbb\xbf"):
        return ["a byte order mark"]
    limit = (now or datetime.now(UTC)) + timedelta(days=1)
    if kind == TYPES["json"]:
        return [*_charset(charset), *_json(told, address, limit)]
    if re.search(r"<!(?:DOCTYPE|ENTITY)", told):
        return ["ContainsSystemEntity"]
    try:
        root = ElementTree.fromstring(data)  # by expat: well-formed, namespaces bound, no entity but XML's own
    except ElementTree.ParseError as error:
        return [f"SAXError: {error}"]
    if root.tag == "rss":
        found = _rss(root, address, limit)
        wanted = TYPES["rss"]
    else:
        found = _atom(root, address, limit)
        wanted = TYPES["atom"]
    wrong = [] if kind == wanted else [f"UnexpectedContentType: {kind}"]
    return [*wrong, *_charset(charset), *found]


def _charset(said: str) -> list[str]:
    return [] if said.strip().lower() in ("", "charset=utf-8") else [f"EncodingMismatch: {said}"]


def _rss(root: Element, address: str, limit: datetime) -> Iterator[str]:
    if root.get("version") != "2.0" or [child.tag for child in root] != ["channel"]:
        yield "no channel of RSS 2.0"
        return
    channel = root[0]
    yield from _counts(channel, CHANNEL)
    yield from _texts(channel, ("title", "link", "description"))
    yield from _absolute(channel.findtext("link", ""), "channel link")
    if not LANGUAGE.fullmatch(channel.findtext("language", "en")):
        yield "InvalidLanguage"
    if not channel.findtext("ttl", "60").isdecimal():
        yield "InvalidTTL"
    yield from _rfc822(channel.findtext("lastBuildDate"), limit)
    for link in channel.findall(f"{ATOM}link"):
        yield from _itself(link, address, TYPES["rss"])
    guids = [item.findtext("guid", "") for item in channel.findall("item")]
    yield from _doubles(guids, "DuplicateItem")
    for item in channel.findall("item"):
        yield from _counts(item, ITEM)
        yield from _texts(item, ("title", "guid"))
        guid = item.find("guid")
        if guid is not None and guid.get("isPermaLink", "true") != "false":
            yield from _absolute(guid.text or "", "InvalidHttpGUID")
        yield from _absolute(item.findtext("link", "https://a.example/"), "item link")
        yield from _rfc822(item.findtext("pubDate"), limit)
        order = [child.tag for child in item]
        if f"{CONTENT}encoded" in order and order.index("description") > order.index(f"{CONTENT}encoded"):
            yield "profile: content:encoded before description"
        yield from _html(item.findtext("description", ""), "description")
        yield from _html(item.findtext(f"{CONTENT}encoded", ""), "content:encoded")


def _atom(root: Element, address: str, limit: datetime) -> Iterator[str]:
    if root.tag != f"{ATOM}feed":
        yield f"UndefinedRootElement: {root.tag}"
        return
    yield from _counts(root, {f"{ATOM}{name}": times for name, times in FEED.items()})
    yield from _texts(root, (f"{ATOM}id", f"{ATOM}title"))
    itself = [link for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if len(itself) != 1:
        yield "MissingSelf"
    for link in itself:
        yield from _itself(link, address, TYPES["atom"])
    entries = root.findall(f"{ATOM}entry")
    yield from _doubles([entry.findtext(f"{ATOM}id", "") for entry in entries], "DuplicateEntries")
    newest = max((entry.findtext(f"{ATOM}updated", "") for entry in entries), default="")
    if root.findtext(f"{ATOM}updated", "") < newest:
        yield "the feed is older than an entry"
    for one in (root, *entries):
        yield from _absolute(one.findtext(f"{ATOM}id", ""), "InvalidFullLink: id", schemes=("http", "https", "urn"))
        for name in ("updated", "published"):
            yield from _rfc3339(one.findtext(f"{ATOM}{name}"), limit)
        for link in one.findall(f"{ATOM}link"):
            yield from _absolute(link.get("href", ""), "link")
        authors = [author.findtext(f"{ATOM}name", "") for author in one.findall(f"{ATOM}author")]
        if not all(name.strip() for name in authors):
            yield "MissingElement: author name"
        alternates = [(link.get("type"), link.get("hreflang")) for link in one.findall(f"{ATOM}link")
                      if link.get("rel", "alternate") == "alternate"]  # fmt: skip
        yield from _doubles(alternates, "DuplicateAtomLink")
    for entry in entries:
        yield from _counts(entry, {f"{ATOM}{name}": times for name, times in ENTRY.items()})
        yield from _texts(entry, (f"{ATOM}title", f"{ATOM}id"))
        if not entry.findall(f"{ATOM}author") and not root.findall(f"{ATOM}author"):
            yield "MissingElement: author"
        for category in entry.findall(f"{ATOM}category"):
            if not category.get("term"):
                yield "MissingAttribute: term"
        content = entry.find(f"{ATOM}content")
        if content is not None and content.get("type") == "html":
            yield from _html(content.text or "", "content")


def _json(told: str, address: str, limit: datetime) -> Iterator[str]:
    try:
        feed: dict[str, Any] = json.loads(told)
    except ValueError as error:
        yield f"no JSON: {error}"
        return
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield "version"
    if not feed.get("title"):
        yield "title"
    if feed.get("feed_url") != address:
        yield f"feed_url: {feed.get('feed_url')}"
    yield from _absolute(feed.get("home_page_url", ""), "home_page_url")
    if not LANGUAGE.fullmatch(feed.get("language", "en")):
        yield "language"
    if not isinstance(feed.get("items"), list):
        yield "items"
        return
    yield from _doubles([item.get("id") for item in feed["items"]], "id")
    for item in feed["items"]:
        if not (isinstance(item.get("id"), str) and item["id"]):
            yield "an id is a string"
        if not (item.get("content_html") or item.get("content_text")):
            yield "content"
        yield from _html(item.get("content_html", ""), "content_html")
        for name in ("date_published", "date_modified"):
            yield from _rfc3339(item.get(name), limit)
        if "author" in item or not all(one.get("name") for one in item.get("authors", [])):
            yield "authors"
        yield from _absolute(item.get("url", "https://a.example/"), "url")
        if not all(isinstance(tag, str) and tag for tag in item.get("tags", [])):
            yield "tags"
        known = {"id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image",
                 "date_published", "date_modified", "authors", "tags", "language", "attachments"}  # fmt: skip
        yield from (f"unknown key {key}" for key in item if key not in known and not re.match("_[a-z]", key))


def _counts(element: Element, known: dict[str, tuple[int, int]]) -> Iterator[str]:
    """Elements that are missing, too many, or not of this place."""
    there = Counter(child.tag for child in element)
    yield from (f"UndefinedElement: {tag}" for tag in there if tag not in known)
    for tag, (least, most) in known.items():
        if not least <= there[tag] <= most:
            yield f"{'MissingElement' if there[tag] < least else 'DuplicateElement'}: {tag}"


def _texts(element: Element, names: Sequence[str]) -> Iterator[str]:
    yield from (f"NotBlank: {name}" for name in names if not element.findtext(name, "").strip())


def _absolute(address: str, where: str, schemes: Sequence[str] = ("http", "https")) -> Iterator[str]:
    parts = urlsplit(address)
    whole = parts.netloc or parts.scheme == "urn"
    if parts.scheme not in schemes or not whole or re.search(r"[\s<>\"{}|\\^`]|[^\x20-\x7e]", address):
        yield f"InvalidFullLink: {where}: {address!r}"
    elif parts.scheme == "urn" and not re.fullmatch(r"urn:[a-z][a-z0-9-]{0,31}:\S+", address):
        yield f"InvalidURN: {address}"


def _itself(link: Element, address: str, kind: str) -> Iterator[str]:
    if link.get("rel") != "self" or link.get("type") != kind:
        yield f"MissingAtomSelfLink: {link.attrib}"
    if link.get("href") != address:
        yield f"SelfDoesntMatchLocation: {link.get('href')} is not {address}"


def _rfc822(moment: str | None, limit: datetime) -> Iterator[str]:
    if moment is None:
        return
    if not RFC822.fullmatch(moment):
        yield f"InvalidRFC2822Date: {moment}"
    elif parsedate_to_datetime(moment) > limit:
        yield f"ImplausibleDate: {moment}"
    elif moment[:3] != f"{parsedate_to_datetime(moment):%a}":
        yield f"IncorrectDOW: {moment}"


def _rfc3339(moment: str | None, limit: datetime) -> Iterator[str]:
    if moment is None:
        return
    if not RFC3339.fullmatch(moment):
        yield f"InvalidRFC3339Date: {moment}"
    elif datetime.fromisoformat(moment) > limit:
        yield f"ImplausibleDate: {moment}"


def _doubles(values: Sequence[object], name: str) -> Iterator[str]:
    yield from (f"{name}: {value}" for value, times in Counter(values).items() if times > 1)


def _html(text: str, where: str) -> Iterator[str]:
    reader = _Html()
    reader.feed(text)
    reader.close()
    yield from (
        f"{one} in {where}" for one in (*reader.wrong, *(f"NotHtml: <{tag}> stays open" for tag in reader.open))
    )


class _Html(HTMLParser):
    """SecurityRisk, NotHtml, ContainsRelRef."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag not in TAGS:
            self.wrong.append(f"SecurityRisk or NotHtml: <{tag}>")
        for name, value in attrs:
            if (tag, name) != ("a", "href"):
                self.wrong.append(f"SecurityRiskAttr: {name}")
            elif urlsplit(value or "").scheme not in ("http", "https"):
                self.wrong.append(f"ContainsRelRef: {value}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"NotHtml: </{tag}>")

    def handle_comment(self, data: str) -> None:
        self.wrong.append("a comment")
