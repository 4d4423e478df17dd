"""Features: which HTML and CSS a page uses, one key a feature, and the line where it first stands. Pure.

`t:table` is an element, `a:role` an attribute, `p:border-radius` a property, `p:display:none` a value that programs
treat on its own, `u:px` a unit, `f:calc` a function, `s:class` a kind of selector, `@media` an at-rule.
`mail.lint.client_support` says which mail programs know each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.mail.lint.page import Declaration, Element, Markup, Rule

#: properties whose values clients know one by one
_BY_VALUE = frozenset({"display", "position", "float", "white-space"})
_UNIT = re.compile(r"(?<![\w#.-])-?(?:\d+(?:\.\d*)?|\.\d+)(px|em|rem|ex|ch|vw|vh|vmin|vmax|pt|pc|cm|mm|in|%)(?![\w%])")
_FUNCTION = re.compile(r"(?<![a-z-])-*+([a-z][a-z-]*+)\(")
_PSEUDO = re.compile(r"::?([a-z][a-z-]*)")
#: attributes that say which element it is, or only name something
_SILENT = frozenset("class style href name content id xmlns:o title scope colspan rowspan border".split())


def used(page: Markup) -> dict[str, int]:
    """The features that a mail uses, each with the line where it first does."""
    found: dict[str, int] = {}
    for key, line in _all(page):
        found.setdefault(key, line)
    return found


_FORMS = {
    "t": "<{}>", "a": "{}=", "p": "{}", "u": "lengths in {}", "f": "{}()", "s": "{} selectors", "meta": "<meta {}>",
    "c": "{} comments",
}  # fmt: skip


def described(key: str) -> str:
    """A key in words: `<table>`, `border-radius`, `class selectors`."""
    kind, colon, name = key.partition(":")
    return _FORMS[kind].format(name) if colon and kind in _FORMS else key.replace(":", " ")


def _all(page: Markup) -> Iterator[tuple[str, int]]:
    if page.doctype:
        yield "doctype", 1
    for element in page.elements:
        yield from _element(element)
    for text, line in page.comments:
        yield ("c:conditional" if text.startswith("[if ") else "c:comment"), line
    for rule in page.rules:
        yield from _rule(rule)
    for css, line in page.sheets:
        for name in re.findall(r"@([a-z-]+)", css):
            yield f"@{name}", line


def _element(element: Element) -> Iterator[tuple[str, int]]:
    yield f"t:{element.tag}", element.line
    for name, value in element.attributes.items():
        if name == "href":
            yield (
                f"a:href={value.partition(':')[0] if ':' in value else '#' if value.startswith('#') else ''}",
                element.line,
            )
        elif element.tag == "meta" and name == "name":
            yield f"meta:{value}", element.line
        elif name not in _SILENT:
            yield f"a:{name}", element.line
    for declaration in element.style:
        for key in _declaration(declaration):
            yield key, declaration.line


def _rule(rule: Rule) -> Iterator[tuple[str, int]]:
    for asked in re.findall(r"\(\s*([a-z-]+)", rule.media):
        if asked not in ("min-width", "max-width"):  # `@media` itself
            yield f"@media:{asked}", rule.line
    if len(rule.selectors) > 1:
        yield "s:grouping", rule.line
    for selector in rule.selectors:
        for key in _selector(selector):
            yield key, rule.line
    for declaration in rule.declarations:
        for key in _declaration(declaration):
            yield key, declaration.line
        if declaration.important:
            yield "!important", declaration.line


def _selector(selector: str) -> Iterator[str]:
    plain = re.sub(r"\[[^\[\]]*\]", "", selector)
    if plain != selector:
        yield "s:attribute"
    yield from (f"s::{name}" for name in _PSEUDO.findall(plain))
    for sign, name in (("+", "adjacent"), ("~", "sibling"), (">", "child"), ("#", "id"), ("*", "universal")):
        if sign in plain:
            yield f"s:{name}"
    compounds = re.split(r"[\s>+~]+", plain.strip())
    if " " in " ".join(selector.replace(">", " > ").split()) and not set(plain) & set(">+~"):
        yield "s:descendant"
    for compound in compounds:
        if "." in compound:
            yield "s:class"
        if compound.count(".") + (compound[:1].isalpha()) > 1:
            yield "s:chaining"
        if compound[:1].isalpha():
            yield "s:type"


def _declaration(declaration: Declaration) -> Iterator[str]:
    name = declaration.name
    yield "p:mso-*" if name.startswith("mso-") else "p:--*" if name.startswith("--") else f"p:{name}"
    if name in _BY_VALUE:
        yield f"p:{name}:{declaration.value}"
    for unit in _UNIT.findall(declaration.value):
        yield f"u:{unit}"
    for function in _FUNCTION.findall(declaration.value):
        yield f"f:{function}"
