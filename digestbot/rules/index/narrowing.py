"""What must be read of a window so that a few rules say of it what they say of all of it. Pure.

A rule's papers are those of its full-text query that it matches. How rare a part is, which its weight comes of, is known
either by the number of papers that the full text finds for it, where that finds those that have it and no others, or by
reading all papers that may have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from digestbot.rules.index.fulltext_query import LONGEST, AnyOf, FulltextQuery, fulltext_query, words_asked
from digestbot.rules.language.fields import DEFAULT
from digestbot.rules.language.syntax_tree import And, Code, Node, Not, Or, Term


@dataclass(frozen=True)
class Narrowed:
    """What is read and what is counted for some rules."""

    read: FulltextQuery  #: what a paper that is read must have
    counted: Mapping[Node, FulltextQuery]  #: parts of which the index knows how many papers have them

    @cached_property
    def words(self) -> Sequence[str]:
        """The words of `read`, each as often as it is asked for."""
        return tuple(words_asked(self.read))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many papers of the whole window have which part, for an index of only some of them."""

    total: int  #: papers of the window
    having: Mapping[
        Node, int
    ]  #: without those of `uncounted`. Of any other part all papers that have it are in the index
    uncounted: int  #: papers of the index, as bits in its order


def narrowed(trees: Iterable[Node]) -> Narrowed | None:
    """Returns what suffices for these rules; None when words cannot tell what one of them, or a part of it, may match."""
    read: list[FulltextQuery] = []
    counted: dict[Node, FulltextQuery] = {}
    for tree in trees:
        parts = [(part, fulltext_query(part)) for part in _weighed(tree)]
        needs = [fulltext_query(tree), *(need for part, need in parts if not _is_exact(part))]
        told = [need for need in needs if need is not None]
        if len(told) < len(needs):
            return None
        read += told
        counted.update((part, need) for part, need in parts if need is not None and _is_exact(part))
    return Narrowed(AnyOf(tuple(dict.fromkeys(read))), counted) if read else None


def _weighed(node: Node) -> Iterator[Node]:
    """Yields the parts that may add to a score: none behind a NOT does."""
    if isinstance(node, And | Or):
        for part in node.nodes:
            yield from _weighed(part)
    elif not isinstance(node, Not):
        yield node


def _is_exact(part: Node) -> bool:
    """Whether a paper has the part if and only if its title, abstract and categories, as indexed, satisfy its query.

    The index knows words by their stems, and where they stand; a phrase of one field only is not told apart by PostgreSQL.
    """
    if isinstance(part, Code):
        return part.field == "cat" and len(part.value) < LONGEST - 8  # with the field's name before it
    if not isinstance(part, Term) or part.exact or part.capital or part.prefix or part.near is not None:
        return False
    fit = part.fields == DEFAULT or (part.fields in (("ti",), ("abs",)) and len(part.words) == 1)
    return fit and all(len(word) < LONGEST for word in part.stems)
