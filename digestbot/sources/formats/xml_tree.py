"""Read XML of APIs as a tree of local names: strictly, and where it is broken, as far as possible.

Prefixes and namespaces are dropped: servers bind them as they like, and no API here gives one name two meanings. A
DOCTYPE is cut off before anything is read, so that no entity is ever declared or fetched (XXE, entity bombs).
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from digestbot.papers.text.clean import plain, unescape

Element = ET.Element

#: elements inside each other that the loose reading builds, and whose tags are looked at; no API comes near
DEEPEST = 100
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[<>]*+(?:\[[^\]]*+\]\s*)?>", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!\[CDATA\[(?P<raw>.*?)(?:\]\]>|\Z)|<![A-Za-z][^<>]*>"
    r"|<(?P<end>/?)(?P<name>[A-Za-z_][\w:.-]*+)(?P<attributes>[^<>]*?)(?P<empty>/?)>|<[^<>]*\Z",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"(?<![\w:.-])(?:[^\WA-Za-z_]|[:.-])*+([A-Za-z_][\w:.-]*+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def tree(body: bytes) -> tuple[Element, str]:
    """Returns the outermost element, and where the XML is broken ("" when it is well-formed)."""
    declared = body[:10_000].upper().find(b"<!DOCTYPE")
    if declared >= 0 and (found := _DOCTYPE.match(body, declared)):
        body = body[: found.start()] + body[found.end() :]
    try:
        if b"<!ENTITY" in body or b"\x00" in body[:64]:
            raise ValueError("it declares entities, or is no text of one byte a letter")
        parser = ET.XMLParser()  # noqa: S314  nothing is left that could declare entities
        parser.feed(body.lstrip(b" \t\r\n"))
        root = parser.close()
    except (ET.ParseError, ValueError, LookupError) as error:
        return _loosely(decoded(body)), str(error)[:120] or "the XML ends early"
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        if any("}" in name for name in element.attrib):
            element.attrib = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    return root, ""


def decoded(body: bytes) -> str:
    """The text: a byte-order mark, else the declaration if it fits, else UTF-8, else windows-1252."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, errors="replace")
    declared = _DECLARED.search(body[:400])
    for encoding in ([declared.group(1).decode()] if declared else []) + ["utf-8", "windows-1252"]:
        try:
            return body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("latin-1")


def _loosely(text: str) -> Element:
    """Builds a tree of broken XML: adds missing end tags and skips end tags that close nothing."""
    builder, opened, at = ET.TreeBuilder(), [""], 0
    builder.start("", {})
    for token in _TOKEN.finditer(text):
        builder.data(unescape(text[at : token.start()]))
        at = token.end()
        if token["raw"] is not None:
            builder.data(token["raw"])
        elif token["name"] and token["end"]:
            for name in _closed(opened, _local(token["name"])):
                builder.end(name)
        elif token["name"] and len(opened) < DEEPEST:
            name = _local(token["name"])
            builder.start(name, _attributes(token["attributes"]))
            if token["empty"]:
                builder.end(name)
            else:
                opened.append(name)
    builder.data(unescape(text[at:]))
    while opened:
        builder.end(opened.pop())
    document = builder.close()
    return document[0] if len(document) else document


def _local(name: str) -> str:
    return name.rpartition(":")[2] or name


def _closed(opened: list[str], name: str) -> list[str]:
    """Returns the elements an end tag closes: its own with all inside, or the innermost when its name is misspelt."""
    if name in opened:
        first = len(opened) - 1 - opened[::-1].index(name)
    elif name[:2] == opened[-1][:2] and abs(len(name) - len(opened[-1])) <= 1:
        first = len(opened) - 1
    else:
        return []
    closed = [*opened[:first:-1], opened[first]]
    del opened[first:]
    return closed


def _attributes(text: str) -> dict[str, str]:
    found = (m.groups() for m in _ATTRIBUTE.finditer(text))
    return {name.rpartition(":")[2]: unescape(double or single or "") for name, double, single in found}


def said(element: Element | None) -> str:
    """All the words inside an element as one line of plain text; "" for None. Markup inside is no boundary, but what is
    raised, lowered or a formula is for `plain` to write: 10<sup>5</sup> is not 105."""
    return plain("".join(_marked(element))) if element is not None else ""


def _marked(element: Element, deep: int = 0) -> Iterator[str]:
    """Yields the words, with the tags that change what is read."""
    if deep > DEEPEST:
        yield from element.itertext()
        return
    yield element.text or ""
    for child in element:
        name = child.tag.lower()
        if name in ("sup", "sub"):
            yield f"<{name}>{html.escape(''.join(child.itertext()), quote=False)}</{name}>"
        elif name == "math":
            yield from _formula(child)
        else:
            yield from _marked(child, deep + 1)
        yield child.tail or ""


def _formula(element: Element, deep: int = 0) -> Iterator[str]:
    """Yields every tag of a formula, without attributes."""
    yield f"<{element.tag}>{html.escape((element.text or '').strip(), quote=False)}"
    for child in element if deep < DEEPEST else ():
        yield from _formula(child, deep + 1)
        yield html.escape((child.tail or "").strip(), quote=False)
    yield f"</{element.tag}>"


def said_at(element: Element, path: str) -> str:
    """The words of the first element at a path; "" when there is none."""
    return said(element.find(path))


def all_said(element: Element, path: str) -> tuple[str, ...]:
    """The words of every element at a path, without the empty ones."""
    return tuple(words for found in element.findall(path) if (words := said(found)))
