"""A part of the contract of `store.Papers`: how papers are found, and what was decided about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import PaperId
from digestbot.papers.identity.title_features import Text
from digestbot.store.contract.rows import Decided, Key, Near


class Finding(Protocol):
    """Identifiers, texts, decisions."""

    def near(self, words: Iterable[Text]) -> Near:
        """What stands under the blocks of these texts, and those that `blocking.met` finds for one of them, each with all
        papers it is of. Asked for several at once it finds neither less nor more than for each alone."""

    def identifiers(self, papers: Iterable[PaperId]) -> dict[PaperId, list[Key]]:
        """All identifiers of each; papers without any are left out."""

    def file(self, found_by: Iterable[tuple[PaperId, Text]]) -> None:
        """From now on `near` finds the paper by this text. Of a block that has grown beyond twice `blocking.MOST` those
        with the smallest numbers stay, so that the order of arrival decides nothing."""

    def refile(self, paper: PaperId, *, keys: Iterable[Key], words: Iterable[Text]) -> None:
        """Exactly these identifiers and texts lead to the paper, and no others."""

    def decide(self, made: Iterable[Decided]) -> None:
        """Write decisions down; one that was undone is in force again. Which entry is named first does not matter."""

    def undo(self, kind: str, entries: Iterable[int], others: Iterable[int], *, now: datetime) -> int:
        """Decisions of this kind between one of these and one of those are no longer in force; how many."""

    def decided(self) -> list[tuple[Decided, PaperId | None, PaperId | None]]:
        """All must and cannot in force, oldest first, with the papers of the two entries: while they wait the papers they
        were before a rebuild, None when they never had one."""

    def decisions(self, paper: PaperId) -> list[tuple[Decided, PaperId | None]]:
        """Decisions in force about one paper, oldest first, with the other paper (may be the same)."""

    def perhaps(self, papers: Iterable[PaperId]) -> dict[PaperId, list[tuple[PaperId, str]]]:
        """Of each paper those that are perhaps the same, with the reason; both ways. Papers without are left out, and
        those that were told apart by hand."""

    def orphans(self) -> list[tuple[PaperId, PaperId]]:
        """After a rebuild: papers that no entry is any more, with the oldest paper that their entries are now."""
