"""The contract of what is looked up at other services to complete a paper, or to follow what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import PaperId

WANTED = "wanted"  #: something of the paper is missing: asked until it is there, or given up
WATCHED = "watched"  #: it was sent: asked again now and then
DONE = "done"
GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """One paper at one provider."""

    paper: PaperId
    provider: str
    state: str = WANTED
    tries: int = 0  #: in a row that brought nothing
    next_at: datetime  #: not asked before, aware UTC; of no meaning once it is done or given up


class Enrichments(Protocol):
    """What is to be asked of whom, and when. Times are aware UTC."""

    def want_papers(self, papers: Iterable[PaperId], provider: str, *, now: datetime) -> None:
        """These are incomplete: to be asked at once. Those that have a row already stay as they are."""

    def watch_papers(self, provider: str, schemes: Iterable[str], *, since: datetime, now: datetime, most: int) -> int:
        """Papers first seen after `since` that somebody was sent, that have an identifier of one of `schemes` and no
        row, or one that is done, are watched from now on, at most so many at once; how many."""

    def due_rows(self, provider: str, now: datetime, most: int) -> list[Enrichment]:
        """Rows to be asked: what is wanted before what is watched, longest due first."""

    def write_rows(self, rows: Iterable[Enrichment]) -> None:
        """As they are now, over what was there."""

    def rows_of(self, paper: PaperId) -> list[Enrichment]:
        """All rows of a paper, by provider."""
