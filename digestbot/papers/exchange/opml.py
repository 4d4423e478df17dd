"""OPML 1.0 and 2.0 (http://opml.org/spec2.opml), and FOAF lists of weblogs: the feeds they name, in and out.

Two of three real lists are no well-formed XML (a bare `&`, an entity of HTML, an end tag without its start), so they are
read tag by tag and not as a tree. Attribute names count in any case; end tags without their start are skipped. Only HTML's
own entities are decoded, and a list that declares others is refused, so that none can grow. Linear in the length of the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from digestbot.papers.text.clean import plain, unescape

LARGEST = 10 * 1024 * 1024
DEEPEST = 200  #: folders in folders; deeper ones count as the last
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
#: an outline reaches to the next one: quotes and tags inside its attributes (real ones hold HTML) do not end it
_TAG = re.compile(
    r"<(?:outline\b(?P<outline>(?:[^<]|<(?!/?(?:outline|body)\b)){0,60000}+)"
    r"|(?P<closing>/?)(?P<name>[A-Za-z][\w:.-]{0,60})(?P<inside>[^<>]{0,8000}+)>)",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"([A-Za-z][\w:.-]{0,60})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_WORDS = re.compile(r"[^<]{0,1000}")
_FEEDS = frozenset({"rss", "atom", "rdf", "rss1", "feed"})  #: what programs write as `type`
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:feed:(?://)?)?(?=https?://)", re.IGNORECASE)
#: what XML 1.0 allows: https://www.w3.org/TR/xml/#charsets
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of a list."""

    url: str  #: http or https
    title: str = ""
    home: str = ""  #: the page it belongs to
    folders: tuple[str, ...] = ()  #: from the outside in


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An outline that gives no feed, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """A list that was read, with each feed once."""

    title: str = ""
    feeds: tuple[Outline, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def read_opml(data: bytes) -> FeedList:
    """Returns the feeds of a list. Raises ValueError, with words for people, for what is no list or too large."""
    if len(data) > LARGEST:
        raise ValueError("the list is larger than 10 MB")
    text = _decoded(data)
    if _ENTITY.search(text):
        raise ValueError("the list declares entities, which no list of feeds needs: it was not read")
    reader = _Reader()
    reader.read(text)
    if not reader.is_list:
        raise ValueError("this is no list of feeds: an <opml> or <rdf:RDF> element was expected")
    return _unique(plain(reader.title), reader.found())


def _decoded(data: bytes) -> str:
    """Decodes by the BOM, else by the XML declaration where that works, else as UTF-8, else as windows-1252."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    declared = _DECLARED.search(data[:400])
    for name in (declared.group(1).decode() if declared else "", "utf-8-sig", "windows-1252"):
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("latin-1")


def same_feed(url: str) -> str:
    """Returns a key that is equal for two addresses of one feed: without scheme, www, case of the host and slash at the end."""
    rest = re.sub(r"(?i)\A\s*(?:feed:(?://)?)?https?://(?:www\.)?", "", url).strip()
    host, slash, path = rest.partition("/")
    return (host.lower() + slash + path).rstrip("/")


def _unique(title: str, found: Iterable[Outline | Skipped]) -> FeedList:
    feeds: dict[str, Outline] = {}
    skipped: list[Skipped] = []
    for one in found:
        if isinstance(one, Skipped):
            skipped.append(one)
            continue
        key = same_feed(one.url)
        before = feeds.get(key)
        if before is None:
            feeds[key] = one
            continue
        safer = one.url if before.url.startswith("http:") and one.url.startswith("https:") else before.url
        feeds[key] = replace(before, url=safer, title=before.title or one.title)
        skipped.append(Skipped(what=one.title or one.url, why="stands in the list twice"))
    return FeedList(title=title, feeds=tuple(feeds.values()), skipped=tuple(skipped))


class _Reader:
    """Reads the tags of a list in order, and knows which folders are open."""

    def __init__(self) -> None:
        self.is_list, self.title = False, ""
        self._found: list[tuple[int, Outline | Skipped]] = []
        self._names: dict[int, str] = {}  #: number of a FOAF agent → its name, wherever in the agent it stands
        self._agents: list[int] = [0]
        self._made = 0
        self._folders: list[str] = []

    def read(self, text: str) -> None:
        """Reads the whole text, tag by tag."""
        for tag in _TAG.finditer(_without_comments(text)):
            local = (tag["name"] or "").lower().rpartition(":")[2]
            if tag["outline"] is not None:
                self._outline(_attributes(tag["outline"]), closed=tag["outline"].rstrip().endswith("/>"))
            elif tag["closing"]:
                self._end(local)
            elif local in ("title", "name"):
                self._name(local, _WORDS.match(tag.string, tag.end()))
            else:
                self._begin(local, _attributes(tag["inside"]), closed=tag["inside"].endswith("/"))

    def _begin(self, local: str, given: Mapping[str, str], *, closed: bool) -> None:
        self.is_list |= local in ("opml", "rdf")
        match local:
            case "channel" if address := _web(given.get("about", "")):
                self._found.append((self._agents[-1], Outline(url=address)))
            case "agent" | "person" if not closed:
                self._made += 1
                self._agents.append(self._made)

    def _outline(self, given: Mapping[str, str], *, closed: bool) -> None:
        name = plain(given.get("text", "") or given.get("title", ""))
        if one := _feed(given, name, tuple(self._folders), closed=closed):
            self._found.append((0, one))
        if not closed and len(self._folders) < DEEPEST:
            self._folders.append(name)

    def _end(self, local: str) -> None:
        if local == "outline" and self._folders:  # one that never began is passed over
            self._folders.pop()
        elif local in ("agent", "person") and len(self._agents) > 1:
            self._agents.pop()

    def _name(self, local: str, words: re.Match[str] | None) -> None:
        said = plain(words.group()) if words else ""
        if local == "title":
            self.title = self.title or said
        else:
            self._names.setdefault(self._agents[-1], said)

    def found(self) -> Iterable[Outline | Skipped]:
        """Yields what was found, feeds of FOAF with the name of their agent."""
        for agent, one in self._found:
            named = isinstance(one, Outline) and agent
            yield replace(one, title=self._names.get(agent, "")) if named and isinstance(one, Outline) else one


def _without_comments(text: str) -> str:
    """Removes comments. One that never ends is text."""
    kept, at = [], 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin)) >= 0:
        kept.append(text[at:begin])
        at = end + len("-->")
    return "".join([*kept, text[at:]])


def _attributes(inside: str) -> dict[str, str]:
    """Returns name → value: names in lower case without prefix, the first of each; a bare `&` stays as it is."""
    found: dict[str, str] = {}
    for m in _ATTRIBUTE.finditer(inside):
        found.setdefault(m.group(1).lower().rpartition(":")[2], unescape((m.group(2) or m.group(3) or "").strip()))
    return found


def _feed(given: Mapping[str, str], name: str, folders: tuple[str, ...], *, closed: bool) -> Outline | Skipped | None:
    """Returns what one outline says: a feed, or why it is none; None for a folder or a remark."""
    address, home = given.get("xmlurl", ""), given.get("htmlurl", "")
    if url := _web(address):
        return Outline(url=url, title=name, home=_web(home), folders=tuple(f for f in folders if f))
    what = name or address or home
    if address:
        return Skipped(what=what, why=f"its address is no web address: {address[:80]}")
    if given.get("type", "").lower() in ("include", "link") and (url := _web(given.get("url", ""))):
        return Skipped(what=what or url, why=f"is another list: import {url} by itself")
    if home := _web(home):
        return Skipped(what=what, why=f"names no feed: try `digestbot sources add {home}`")
    if "xmlurl" in given and (closed or given.get("type", "").lower() in _FEEDS):  # some write it for folders too
        return Skipped(what=what or "an outline without a name", why="its address is empty")
    return None


def _web(address: str) -> str:
    """Returns an http(s) address without white space; "" for anything else. `feed://`, an old way to write it, counts as http."""
    given = re.sub(r"\s+", "", address)
    given = re.sub(r"(?i)\Afeed://(?!https?:)", "http://", given)
    found = _ADDRESS.match(given)
    return given[found.end() :] if found and given.isprintable() and len(given) < 4000 else ""


def write_opml(title: str, feeds: Sequence[Outline]) -> str:
    """Returns a list as OPML 2.0; folders are nested outlines."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">', f"<head><title>{_xml(title)}</title></head>",
        "<body>",
    ]  # fmt: skip
    here: tuple[str, ...] = ()
    for feed in feeds:
        same = next((n for n, (a, b) in enumerate(zip(here, feed.folders, strict=False)) if a != b), None)
        shared = min(len(here), len(feed.folders)) if same is None else same
        lines += ["</outline>"] * (len(here) - shared)
        lines += [f'<outline text="{_xml(folder)}">' for folder in feed.folders[shared:]]
        here = feed.folders
        home = f' htmlUrl="{_xml(feed.home)}"' if feed.home else ""
        name = _xml(feed.title or feed.url)
        lines.append(f'<outline type="rss" text="{name}" title="{name}" xmlUrl="{_xml(feed.url)}"{home}/>')
    lines += ["</outline>"] * len(here)
    return "\n".join([*lines, "</body>", "</opml>", ""])


def _xml(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text))
