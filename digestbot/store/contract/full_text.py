"""The contract of full text search over papers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import Paper, PaperId
from digestbot.rules.index.fulltext_query import FulltextQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Of the papers of a span of time those that may be meant, and how many of all have what is counted."""

    papers: Sequence[Paper]  #: in the order of `papers_seen_between`
    total: int  #: how many that gives
    counts: Sequence[
        int
    ]  #: how many of these satisfy each query, without those that the index may find by words of before
    uncounted: frozenset[PaperId]  #: of `papers` those that are left out of the counts


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

    def part_of(
        self, need: FulltextQuery, counted: Sequence[FulltextQuery], after: datetime, until: datetime, *,
        besides: Collection[PaperId],
    ) -> Part:  # fmt: skip
        """Of what `papers_seen_between` gives those that have the needed words or are `besides`, those that changed since they were
        indexed, and those with `counted` words that may no longer have them. `counted` ask for what is indexed of titles, abstracts
        and categories."""
