"""A finished HTML page as values: elements with their lines and styles, and the rules of its style sheets. Pure.

This is no browser; it reads what a lint needs. Conditional comments for one mail program (`<!--[if mso]>`) are no
part of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


@dataclass(frozen=True, slots=True)
class Declaration:
    """`name: value`, in a style attribute or a rule."""

    name: str
    value: str
    important: bool
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a style sheet. `media` is the text of the at-rule round it, "" for none."""

    media: str
    selectors: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    line: int


@dataclass(slots=True, eq=False)
class Element:
    """An element, without its children."""

    tag: str
    attributes: dict[str, str]
    line: int
    parent: Element | None
    style: tuple[Declaration, ...] = ()
    content: list[str] = field(default_factory=list)  #: texts inside it, those of its children too

    @property
    def classes(self) -> frozenset[str]:
        """The names in its class attribute."""
        return frozenset(self.attributes.get("class", "").split())

    @property
    def text(self) -> str:
        """The text inside the element, its descendants' included, on one line."""
        return " ".join("".join(self.content).split())

    def ancestors(self) -> Iterator[Element]:
        """The element and its ancestors, innermost first."""
        at: Element | None = self
        while at is not None:
            yield at
            at = at.parent


@dataclass(slots=True)
class Markup:
    """A page as it was read."""

    doctype: bool = False
    elements: list[Element] = field(default_factory=list)
    texts: list[tuple[Element, str, int]] = field(default_factory=list)  #: what is read, with element and line
    sheets: list[tuple[str, int]] = field(default_factory=list)  #: texts of <style>, with their lines
    comments: list[tuple[str, int]] = field(default_factory=list)
    rules: tuple[Rule, ...] = ()
    unclosed: list[tuple[str, int]] = field(default_factory=list)  #: tags that are not closed, or not in their turn

    def named(self, *tags: str) -> list[Element]:
        """All elements with one of these names, in document order."""
        return [e for e in self.elements if e.tag in tags]


def read(html: str) -> Markup:
    """Read a page. Any text can be read."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    made = reader.made
    made.unclosed += [(e.tag, e.line) for e in reader.open]
    made.rules = tuple(rule for css, line in made.sheets for rule in rules(css, line))
    return made


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.made = Markup()
        self.open: list[Element] = []

    def handle_decl(self, decl: str) -> None:
        self.made.doctype = decl.lower().startswith("doctype html")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        values = {name: value or "" for name, value in attrs}
        parent = self.open[-1] if self.open else None
        element = Element(tag, values, line, parent, tuple(declarations(values.get("style", ""), line)))
        self.made.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1].tag == tag:
            self.open.pop()
        elif any(e.tag == tag for e in self.open):
            while (lost := self.open.pop()).tag != tag:
                self.made.unclosed.append((lost.tag, lost.line))
        else:
            self.made.unclosed.append((f"/{tag}", self.getpos()[0]))

    def handle_data(self, data: str) -> None:
        if not self.open:
            return
        line = self.getpos()[0]
        if self.open[-1].tag == "style":
            self.made.sheets.append((data, line))
        else:
            self.made.texts.append((self.open[-1], data, line))
            for element in self.open:
                element.content.append(data)

    def handle_comment(self, data: str) -> None:
        self.made.comments.append((data, self.getpos()[0]))


_BLOCK = re.compile(r"[{}]")
_PARTING = re.compile(r"[;()]")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)


def rules(css: str, line: int = 1) -> Iterator[Rule]:
    """The rules of a style sheet, including those inside at-rules."""
    css = _COMMENT.sub(lambda m: "\n" * m.group().count("\n"), css)
    around: list[str] = []
    begin = 0
    for brace in _BLOCK.finditer(css):
        before = css[begin : brace.start()]
        at = line + css.count("\n", 0, begin + len(before) - len(before.lstrip()))
        if brace.group() == "{":
            around.append(" ".join(before.rpartition(";")[2].split()))
        elif around:
            head = around.pop()
            if before.strip() and not head.startswith("@media"):
                yield Rule(
                    media=" and ".join(a for a in around if a),
                    selectors=tuple(s.strip() for s in head.split(",")),
                    declarations=tuple(declarations(before, at)),
                    line=at,
                )
        begin = brace.end()


def _parted(text: str) -> Iterator[str]:
    """The text between semicolons that stand in no brackets: `url(data:a;b)` is one piece."""
    begin = deep = 0
    for found in _PARTING.finditer(text):
        sign = found.group()
        deep = max(0, deep + (sign == "(") - (sign == ")"))
        if sign == ";" and not deep:
            yield text[begin : found.start()]
            begin = found.end()
    yield text[begin:]


def declarations(text: str, line: int) -> Iterator[Declaration]:
    """`name: value` pairs, each with its line."""
    at = line
    for part in _parted(text):
        name, colon, value = part.partition(":")
        if colon and name.strip():
            plain = re.sub(r"(?<!\s)\s*+!\s*important\s*\Z", "", value, flags=re.IGNORECASE)
            yield Declaration(name.strip().lower(), plain.strip(), len(plain) != len(value), at)
        at += part.count("\n")
