"""Formulas in MathML, as Crossref, PubMed and publishers' feeds send them, become a line of text."""

from __future__ import annotations

import re
from typing import Final

from digestbot.papers.text.latex import script

_PIECE = re.compile(r"<(/?)(?:[A-Za-z]+:)?([A-Za-z][A-Za-z-]*)\b[^<>]*?(/?)>|([^<>]+)|[<>]")
#: elements that hold a second form of the same formula
_AGAIN: Final = ("annotation", "annotation-xml")
DEEPEST = 40


def mathml_to_text(inner: str) -> str:
    """Returns the inside of <math> as text: sub- and superscripts as Unicode, fractions with a slash, the rest in a row."""
    open_: list[tuple[str, list[str]]] = [("math", [])]
    for found in _PIECE.finditer(inner):
        closing, name, alone, text = found.groups()
        if name is None:
            open_[-1][1].append((text or found.group()).strip())
        elif alone:
            open_[-1][1].append(_joined(name, []))
        elif not closing and len(open_) < DEEPEST:
            open_.append((name, []))
        elif closing and name == open_[-1][0] and len(open_) > 1:
            _close(open_)
    while len(open_) > 1:
        _close(open_)
    return "".join(open_[0][1])


def _close(open_: list[tuple[str, list[str]]]) -> None:
    name, parts = open_.pop()
    open_[-1][1].append(_joined(name, parts))


def _joined(name: str, parts: list[str]) -> str:
    parts = [p for p in parts if p] if name not in _PLACED else [p for p in parts if p or len(parts) > 2]
    if name in _AGAIN:
        return ""
    match name, parts:
        case ("msup", [base, high]):
            return base + script("^", high)
        case ("msub", [base, low]):
            return base + script("_", low)
        case ("msubsup", [base, low, high]):
            return base + script("_", low) + script("^", high)
        case ("mfrac", [above, below]):
            return f"{_grouped(above)}/{_grouped(below)}"
        case ("msqrt", [*inside]):
            return f"√{_grouped(''.join(inside))}"
        case ("mspace", _):
            return " "
        case ("mprescripts", _):
            return _BEFORE
        case ("mmultiscripts", [base, *rest]):
            return _scripts(base, rest)
    return "".join(parts)


_PLACED: Final = ("msup", "msub", "msubsup", "mfrac")
_BEFORE = "\ue002"  #: stands for <mprescripts/>; `visible` lets none of these through


def _scripts(base: str, rest: list[str]) -> str:
    """Returns a base with its scripts, as in ¹²⁹Xe: those behind <mprescripts/> go before the base."""
    at = rest.index(_BEFORE) if _BEFORE in rest else len(rest)
    before = "".join(script("^", part) for part in rest[at + 1 :])
    return before + base + "".join(script("_", part) for part in rest[:at])


def _grouped(text: str) -> str:
    return f"({text})" if re.search(r"[+\-−\s/]", text) else text
