"""Lines: the text of a mail as its reader sees it, with the links that stand in each line. One pass over the bytes.

Links are as the sender wrote them: what the reader's own mail server put around them is taken off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from digestbot.papers.text.clean import plain, unescape
from digestbot.sources.values.mail_gateways import sent_as

LARGEST = 600_000  #: characters of a mail that are read
MOST_LINES = 6_000
_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]{0,30}+)([^<>]{0,4000}+)>|<!--.{0,200}?-->|<![^<>]{0,500}+>", re.DOTALL)
_ATTRIBUTE = re.compile(
    r"([\w:-]{1,30}+)\s{0,5}+=\s{0,5}+(?:\"([^\"]{0,3000}+)\"|'([^']{0,3000}+)'|([^\s\"'<>]{1,3000}+))"
)
_HIDDEN = frozenset({"style", "script", "title", "head"})
_BLOCKS = frozenset(
    "p div br tr td th table li ul ol h1 h2 h3 h4 h5 h6 hr center section article blockquote tbody dd dt value".split()
)
_DROPPED = dict.fromkeys(
    (
        *range(32),
        127,
        *range(0x80, 0xA0),
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x206A),
        0xFEFF,
    ),
    " ",
)

#: what a link offers to do, or where it leads, in place of a title
_BUTTON = re.compile(
    r"(?:(?:view|read|download|click|manage|unsubscribe|save|share|edit|sign in|log ?in|create|https?:|www\.)\b.{0,60}|"
    r"(?:see|show|open|get|go|cancel|list|learn|find|browse|visit|update|change|remove|full|doi|url|link|here|article|abstract|"
    r"related|similar|cite|terms|privacy|contact|help|my)(?:\W{1,3}\w{1,20}){0,2}|more(?: \w{1,20})?|"
    r"\[?(?:pdf|html|doc|book|citation)\]?)\W{0,3}\Z|[\W\d_]*\Z",
    re.IGNORECASE,
)


def words(text: str) -> str:
    """One line of plain text without control characters and marks of direction."""
    return " ".join(plain(" ".join(text.split())).translate(_DROPPED).split())


class Anchor(NamedTuple):
    """A link, with the words that are to be clicked."""

    href: str
    text: str
    mark: str  #: its class, and its own attribute `ref`
    is_sealed: bool = False  #: only the reader's mail server knows where it leads


def link_to(href: str, text: str, mark: str) -> Anchor:
    """A link as its sender wrote it."""
    sent = sent_as(href)
    return Anchor(sent, text, mark, is_sealed=bool(href.strip()) and not sent)


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `block` is the element it stands in, `mark` that element's class and style."""

    text: str
    anchors: tuple[Anchor, ...] = ()
    block: str = ""
    mark: str = ""


@dataclass(slots=True)
class _Page:
    """What has been read so far."""

    lines: list[Line] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    block: str = ""
    mark: str = ""
    heading: str = ""  #: a title may be broken into several blocks inside its heading
    link: tuple[str, str] | None = None
    inside: list[str] = field(default_factory=list)  #: words of the link that is open
    hidden: str = ""

    def text(self, more: str) -> None:
        """More words of the line."""
        if not self.hidden:
            (self.words if self.link is None else self.inside).append(more)

    def open_link(self, attributes: str) -> None:
        """A link begins; the one before it had no end."""
        self.close_link()
        given = _attributes(attributes)
        self.link = given.get("href", ""), f"{given.get('class', '')} {given.get('ref', '')}".strip()

    def close_link(self) -> None:
        """The link's words are words of the line too."""
        if self.link is None:
            return
        href, mark = self.link
        said = words("".join(self.inside))
        self.anchors.append(link_to(href, said, mark))
        self.words.append(f" {said} ")
        self.link, self.inside = None, []

    def end(self) -> None:
        """The line ends. A link that goes on over the end of a block is one link all the same."""
        if self.link is not None:
            self.inside.append(" ")
            return
        said = words("".join(self.words))
        if (said or self.anchors) and len(self.lines) < MOST_LINES:
            self.lines.append(Line(said, tuple(self.anchors), self.heading or self.block, self.mark))
        self.words, self.anchors = [], []


def lines_of_html(html: str) -> list[Line]:
    """Lines of HTML, however broken."""
    page, at = _Page(), 0
    html = html[:LARGEST]
    for tag in _TAG.finditer(html):
        page.text(html[at : tag.start()])
        at = tag.end()
        if tag[2]:
            _take(page, tag[2].lower(), bool(tag[1]), tag[3])
    page.text(html[at:])
    page.close_link()
    page.end()
    return page.lines


def _take(page: _Page, name: str, closes: bool, attributes: str) -> None:
    if page.hidden or name in _HIDDEN:
        page.hidden = "" if closes and name in (page.hidden, "head") else page.hidden or ("" if closes else name)
    elif name == "a":
        page.close_link() if closes else page.open_link(attributes)
    elif name in _BLOCKS:
        page.end()
        if name[0] == "h" and name[1:].isdecimal():
            page.heading = "" if closes else name
        page.block = "" if closes else name
        given = _attributes(attributes) if attributes and not closes else {}
        page.mark = f"{given.get('class', '')} {given.get('style', '')}".strip()


def _attributes(text: str) -> dict[str, str]:
    return {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(text)}


def is_button(text: str) -> bool:
    """Do these words offer to do something, in place of naming a paper?"""
    return _BUTTON.match(text) is not None


def is_worded(text: str) -> bool:
    """Is this a title, and no button?"""
    return len(text) >= 8 and " " in text.strip() and not is_button(text)
