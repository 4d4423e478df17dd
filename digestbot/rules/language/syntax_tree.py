"""The syntax tree of a rule: frozen values that compare and hash, so that equal parts are evaluated once."""

from __future__ import annotations

from dataclasses import dataclass

from digestbot.model import PartialDate


@dataclass(frozen=True, slots=True)
class Term:
    """Words in text fields. One word, a phrase (near None), or words near each other in any order."""

    fields: tuple[str, ...]  #: short names, in the order they are looked through
    words: tuple[str, ...]  #: folded
    stems: tuple[str, ...]
    exact: bool = False  #: `=word`: neither plurals nor initials are folded
    capital: tuple[
        int, ...
    ] = ()  #: numbers of the words that keep their s, because the rule has them in capitals: AIDS
    prefix: bool = False  #: `word*`: the last word is only begun
    near: int | None = None  #: so many words more than the phrase has


@dataclass(frozen=True, slots=True)
class Code:
    """A code compared whole, or by its beginning."""

    field: str
    value: str  #: case folded
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """A count or a date compared."""

    field: str
    operator: str  #: < <= > >= =
    number: int = 0
    date: PartialDate | None = None

    @property
    def asked_date(self) -> PartialDate:
        """The date that a date is compared with. Raises ValueError where a count is compared."""
        if self.date is None:
            raise ValueError(f"{self.field} compares a count")
        return self.date


@dataclass(frozen=True, slots=True)
class Has:
    """Something is there."""

    what: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Spellings(Or):
    """The spellings of one term: `TGF-beta` is the phrase and the one word."""

    fields: tuple[str, ...]  #: short names, in the order they are looked through
    written: str  #: the term as it stands in the rule


Node = Term | Code | Compare | Has | Not | And | Or


def without_not(node: Node) -> Node | None:
    """Returns the tree without its NOT parts; None when nothing is left. The same object when it has none."""
    match node:
        case Not():
            return None
        case And() | Or():
            kept = [(part, without_not(part)) for part in node.nodes]
            if all(part is left for part, left in kept):
                return node
            left = tuple(part for _, part in kept if part is not None)
            return type(node)(left) if len(left) > 1 else left[0] if left else None
        case _:
            return node
