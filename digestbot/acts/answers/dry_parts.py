"""Which parts of a rule that finds nothing are in no paper, and what is near them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from digestbot.model import Paper
from digestbot.rules import PaperIndex, Rule, parse
from digestbot.rules.evaluation.explain import wording
from digestbot.rules.language.syntax_tree import And, Node, Not, Or, Spellings, Term

READ = 2000  #: papers whose titles are read for words that are near
MOST_PARTS, MOST_NEAR = 12, 3
LIKE = 0.75  #: how much a word has to be like another
_WORD = re.compile(r"[^\W\d_]{4,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCount:
    """One part of a rule, and how many papers have it."""

    part: str
    papers: int
    near: tuple[str, ...] = ()  #: of a part that no paper has: words of titles that are like it


def part_counts(rule: Rule, index: PaperIndex, papers: Sequence[Paper]) -> tuple[PartCount, ...]:
    """The parts that papers must have, the rarest first."""
    words = sorted({word for paper in papers[-READ:] for word in _WORD.findall(paper.title.lower())})
    found = [_counted(node, index, words) for node in list(_wanted(rule.tree))[:MOST_PARTS]]
    return tuple(sorted(found, key=lambda part: part.papers))


def _counted(node: Node, index: PaperIndex, words: Sequence[str]) -> PartCount:
    part = wording(node)
    papers = index.bits(parse(part)).bit_count()
    near = () if papers or not isinstance(node, Term | Spellings) else _near(part, words)
    return PartCount(part=part, papers=papers, near=near)


def _near(part: str, words: Sequence[str]) -> tuple[str, ...]:
    asked = [word.lower() for word in _WORD.findall(part.rpartition(":")[2])]
    near = (found for word in asked[:4] if word not in words for found in get_close_matches(word, words, 2, LIKE))
    return tuple(dict.fromkeys(near))[:MOST_NEAR]


def _wanted(node: Node) -> Iterator[Node]:
    """The single parts, without those that must not be."""
    if isinstance(node, And | Or) and not isinstance(node, Spellings):
        for part in node.nodes:
            yield from _wanted(part)
    elif not isinstance(node, Not):
        yield node
