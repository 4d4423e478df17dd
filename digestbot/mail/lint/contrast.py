"""Contrast of every text with the background it stands on, in light and dark mode (WCAG 2.2, 1.4.3). Pure.

The cascade covers what mails use: names, classes, descendants, and `!important` over style attributes. Attribute
selectors and pseudo-classes never match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from digestbot.mail.lint.page import Element, Markup, Rule

Scheme = Literal["light", "dark"]
Colour = tuple[int, int, int]
LEAST = 4.5  #: WCAG AA for text of any size
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_NAMED: Mapping[str, Colour] = {"white": _WHITE, "black": _BLACK}
_WORD = re.compile(r"#[0-9a-fA-F]{3,8}|rgba?\([^()]*\)|var\([^()]*\)|[A-Za-z-]+")
_COMPOUND = re.compile(r"([A-Za-z][A-Za-z0-9]*|\*)?((?:\.[A-Za-z_-][\w-]*)*)\Z")


@dataclass(frozen=True, slots=True)
class Pair:
    """The colours of one text and its background in one scheme, their ratio, and the first line where they stand."""

    scheme: Scheme
    ink: Colour
    ground: Colour
    ratio: float
    line: int
    text: str


def pairs(page: Markup) -> Iterator[Pair]:
    """Each pair of colours once for each scheme, in the order of the page."""
    for scheme in ("light", "dark") if _has_dark(page) else ("light",):
        sheet = _Sheet(page, scheme)
        seen: set[tuple[Colour, Colour]] = set()
        for element, text, line in page.texts:
            if not text.strip() or not sheet.is_shown(element):
                continue
            ink, ground = sheet.colour(element), sheet.ground(element)
            if (ink, ground) not in seen:
                seen.add((ink, ground))
                yield Pair(scheme, ink, ground, ratio(ink, ground), line, " ".join(text.split())[:40])


def ratio(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2.2: (L1 + 0.05) / (L2 + 0.05), L1 the lighter one."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _has_dark(page: Markup) -> bool:
    return any("prefers-color-scheme" in rule.media for rule in page.rules)


class _Sheet:
    """The rules that hold in one scheme."""

    def __init__(self, page: Markup, scheme: Scheme) -> None:
        self.rules = [r for r in page.rules if _holds(r, scheme)]
        self.named = {d.name: d.value for r in self.rules if ":root" in r.selectors for d in r.declarations}
        #: a page that says it knows both gets a black canvas from the browser
        self.dark = scheme == "dark" and any(d.name == "color-scheme" for r in self.rules for d in r.declarations)
        self._known: dict[tuple[int, str], str] = {}

    def is_shown(self, element: Element) -> bool:
        """Whether an element is displayed: not in the head, and without display:none."""
        return not any(
            e.tag in ("head", "title", "style", "script") or self.value(e, "display") == "none"
            for e in element.ancestors()
        )

    def colour(self, element: Element) -> Colour:
        """The text colour of an element: its own or the nearest ancestor's."""
        for around in element.ancestors():
            if found := self._read(self.value(around, "color")):
                return found
        return _WHITE if self.dark else _BLACK

    def ground(self, element: Element) -> Colour:
        """The background of an element: the nearest one among it and its ancestors."""
        for around in element.ancestors():
            own = self.value(around, "background-color") or self.value(around, "background")
            if found := self._read(own):
                return found
        return _BLACK if self.dark else _WHITE

    def value(self, element: Element, name: str) -> str:
        """The value of a property on an element by the cascade; "" when none is set."""
        key = (id(element), name)
        if key not in self._known:
            self._known[key] = self._cascade(element, name)
        return self._known[key]

    def _cascade(self, element: Element, name: str) -> str:
        given = [((d.important, True, (0, 0), at), d.value) for at, d in enumerate(element.style) if d.name == name]
        if name == "background-color" and "bgcolor" in element.attributes:
            given.append(((False, False, (-1, 0), 0), element.attributes["bgcolor"]))
        for at, rule in enumerate(self.rules):
            weight = max((w for s in rule.selectors if (w := _weight(s, element))), default=None)
            if weight is not None:
                given += [((d.important, False, weight, at), d.value) for d in rule.declarations if d.name == name]
        return max(given)[1] if given else ""

    def _read(self, value: str) -> Colour | None:
        """The first colour in a value; None for none, `inherit` and `transparent`."""
        for word in _WORD.findall(value):
            if word.startswith("var("):
                return self._read(self.named.get(word[4:-1].partition(",")[0].strip(), ""))
            if colour := _colour(word):
                return colour
        return None


def _holds(rule: Rule, scheme: Scheme) -> bool:
    if "prefers-color-scheme" in rule.media:
        return re.search(rf"prefers-color-scheme:\s*{scheme}", rule.media) is not None
    return "print" not in rule.media


def _weight(selector: str, element: Element) -> tuple[int, int] | None:
    """How strongly a selector holds for an element: (classes, names); None when it does not."""
    parts = selector.replace(">", " ").split()
    own = _compound(parts[-1], element) if parts else None
    if own is None:
        return None
    classes, names = own
    at: Element | None = element.parent
    for part in reversed(parts[:-1]):
        found = None
        while at is not None and (found := _compound(part, at)) is None:
            at = at.parent
        if at is None or found is None:
            return None
        classes, names, at = classes + found[0], names + found[1], at.parent
    return classes, names


def _compound(part: str, element: Element) -> tuple[int, int] | None:
    found = _COMPOUND.match(part)
    if not found or not part:
        return None
    name, classes = found.group(1), found.group(2).split(".")[1:]
    if (name and name not in ("*", element.tag)) or not element.classes.issuperset(classes):
        return None
    return len(classes), int(bool(name) and name != "*")


def _colour(word: str) -> Colour | None:
    if word.startswith("#") and len(word) in (4, 7):
        digits = word[1:] if len(word) == 7 else "".join(c * 2 for c in word[1:])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if word.startswith("rgb"):
        numbers = [int(float(n)) for n in re.findall(r"[\d.]+", word)[:3]]
        return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None
    return _NAMED.get(word.lower())


def hexadecimal(colour: Colour) -> str:
    """`#1d1c1a`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
