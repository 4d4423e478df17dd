"""Where a term stands in a paper that has it: what the evaluator says, found by searching lines instead of words.

A dispatch asks this of every term of every paper that it shows, and mostly of other ones each time.
"""

from __future__ import annotations

from functools import cached_property

from digestbot.model import Reason
from digestbot.rules.evaluation.evaluate import WHOLE, Prepared, Value, evaluate, field_weight, is_name
from digestbot.rules.language.fields import FIELDS, Thing
from digestbot.rules.language.syntax_tree import Node, Term
from digestbot.rules.words.tokenizer import TextWords

BETWEEN = "\n"  #: words: folding makes a blank of some letters, and never this


class SearchedText:
    """A text with its words in lines: each stands between two marks."""

    def __init__(self, text: TextWords) -> None:
        self.text = text

    @cached_property
    def words(self) -> str:
        """As written, folded."""
        return BETWEEN.join(("", *self.text.folded, ""))

    @cached_property
    def stems(self) -> str:
        """The stem of each."""
        return BETWEEN.join(("", *self.text.stems, ""))


class SearchedPaper:
    """A paper with its texts cut once, for the reasons of many rules."""

    def __init__(self, paper: Thing) -> None:
        self._prepared = Prepared(paper)
        self._texts: dict[str, tuple[SearchedText, ...]] = {}

    def value(self, node: Node) -> Value:
        """The value of a part without parts that is true of this paper."""
        if not isinstance(node, Term) or node.near is not None or (node.fields == ("au",) and is_name(node)):
            return evaluate(node, self._prepared)
        reasons, score = [], 0.0
        for name in node.fields:
            for text in self._of(name):
                if found := _place(node, name, text):
                    reasons.append(Reason(field=FIELDS[name].name, text=text.text.shown(*found)))
                    score += field_weight(name)
                    break
        return Value(True, tuple(reasons), score)

    def _of(self, name: str) -> tuple[SearchedText, ...]:
        if name not in self._texts:
            self._texts[name] = tuple(map(SearchedText, self._prepared.texts(name) or ()))
        return self._texts[name]


def _place(term: Term, name: str, text: SearchedText) -> tuple[int, int] | None:
    """First and last word of the first place where the term stands, or None."""
    plain, count, folded = term.exact or name == "au", len(term.words), text.text.folded
    if name in WHOLE and term.exact and len(folded) != count:
        return None
    whole = (term.words if plain else term.stems)[: count - term.prefix]
    line = text.words if plain or not whole else text.stems
    wanted = BETWEEN.join(("", *whole, "")) if whole else BETWEEN + term.words[-1]
    first, counted, at = 0, 0, line.find(wanted)
    while at >= 0:
        first, counted = first + line.count(BETWEEN, counted, at), at
        last = first + count - 1
        if last < len(folded) and _is_as_written(term, folded, first):
            return first, last
        at = line.find(wanted, at + 1)
    return None


def _is_as_written(term: Term, folded: tuple[str, ...], first: int) -> bool:
    """Whether the last word begins so, and capitals are capitals."""
    if term.prefix and not folded[first + len(term.words) - 1].startswith(term.words[-1]):
        return False
    return all(folded[first + n] == term.words[n] for n in term.capital)
