"""The contract of what is added to papers: which of them other services are asked about, and what an encoder made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import PaperId

WANTED = "wanted"  #: something of the paper is missing: asked until it is there, or given up
WATCHED = "watched"  #: it was sent: asked again now and then
KEPT = "kept"  #: somebody has it: asked about once a month, for as long as they do
DONE = "done"
GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """One paper at one provider."""

    paper: PaperId
    provider: str
    state: str = WANTED
    tries: int = 0  #: in a row that brought nothing
    asked: datetime | None = None  #: when the service last answered about it
    next_at: datetime  #: not asked before, aware UTC; of no meaning once it is done or given up


class Enrichments(Protocol):
    """Which papers are asked about at which provider, and when. Times are aware UTC."""

    def want_papers(self, papers: Iterable[PaperId], provider: str, *, now: datetime) -> None:
        """Mark papers as incomplete, to be asked about at once. Papers that have a row keep it."""

    def watch_papers(self, provider: str, schemes: Iterable[str], *, since: datetime, now: datetime, most: int) -> int:
        """Watch papers first seen after `since` that were sent to somebody, have an identifier of one of `schemes`,
        and have no row, a finished one or one that is only kept; `most` at once. Returns how many."""

    def unkept_papers(self, provider: str, schemes: Iterable[str]) -> list[PaperId]:
        """Papers that somebody was sent, likes or imported, that have an identifier of one of `schemes`, and that are
        neither wanted, watched nor kept at this provider. Reads all that was ever sent: once a day is often enough."""

    def due_rows(self, provider: str, now: datetime, most: int) -> list[Enrichment]:
        """Rows that are due, wanted ones before watched ones before kept ones, of each state the longest due first.

        Each state has a third of the places; what one leaves free the others have, in this order.
        """

    def write_rows(self, rows: Iterable[Enrichment]) -> None:
        """Write rows over what was stored."""

    def rows_of(self, paper: PaperId) -> list[Enrichment]:
        """All rows of a paper, by provider."""

    def rows_of_papers(self, papers: Iterable[PaperId]) -> dict[PaperId, list[Enrichment]]:
        """The same of several papers. Papers without a row are left out."""


class Vectors(Protocol):
    """What a sentence encoder made of papers: one code each, of one encoder. It goes with its paper."""

    def papers_to_encode(self, encoder: str, *, since: datetime, most: int, voted: bool = True) -> list[PaperId]:
        """Papers with a title and without a code of this encoder, newest first: those first seen after `since`, and
        with `voted`, which reads all votes, those that somebody voted on. None while nobody has voted: then nobody has a use for a code."""

    def put_vectors(self, encoder: str, codes: Mapping[PaperId, bytes]) -> None:
        """Store codes, over those of another encoder. Papers that are gone meanwhile are passed over."""

    def vectors_of(self, encoder: str, papers: Iterable[PaperId]) -> dict[PaperId, bytes]:
        """The codes of these papers, where they have one of this encoder."""

    def count_vectors(self, encoder: str) -> int:
        """How many papers have a code of this encoder."""

    def delete_vectors(self, *, before: datetime) -> int:
        """Delete the codes of papers first seen before that which nobody voted on; how many."""
