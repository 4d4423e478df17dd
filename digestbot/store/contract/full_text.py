"""The contract of full text search over papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import Paper, PaperId
from digestbot.rules.index.fulltext_query import FulltextQuery


class FullText(Protocol):
    """Full text of papers. It only narrows down: the caller asks the rule about each paper that comes back."""

    def is_behind(self) -> bool:
        """Has a paper changed that is not indexed since?"""

    def index_papers(self, most: int) -> int:
        """Index up to `most` papers that changed, newest first; returns how many, 0 when all are indexed."""

    def search_papers(self, need: FulltextQuery | None, *, before: PaperId | None, most: int) -> Sequence[Paper]:
        """Up to `most` papers that have the needed words (None: any paper) and an id below `before`, newest id first:
        at least every indexed paper that the rule is true for. Merged papers are left out."""

    def papers_with(self, need: FulltextQuery | None, after: datetime, until: datetime) -> list[Paper]:
        """Of what `papers_seen_between` gives those that may be meant, in its order: those that have the needed words (None:
        any paper), and those that changed since they were indexed."""
