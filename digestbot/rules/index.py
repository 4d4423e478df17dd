"""Many rules over the same papers: each paper's texts are cut once."""

from __future__ import annotations

from collections.abc import Iterable

from digestbot.model import Match, Paper
from digestbot.rules.evaluate import Prepared, Rule


class PaperIndex:
    """The papers of a window, ready for any number of rules. Order is kept."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self._papers = [(paper, Prepared(paper)) for paper in papers]

    def match(self, rule: Rule) -> list[tuple[Paper, Match]]:
        """Papers the rule is true for, with the reasons."""
        found = ((paper, rule.match(prepared)) for paper, prepared in self._papers)
        return [(paper, match) for paper, match in found if match is not None]

    def select(self, rule: Rule) -> list[Paper]:
        """Papers the rule is true for."""
        return [paper for paper, _ in self.match(rule)]
