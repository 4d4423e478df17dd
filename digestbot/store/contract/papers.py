"""The contract of entries and papers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import Entry, Paper, PaperId
from digestbot.papers.identity.title_features import TitleFeatures
from digestbot.store.contract.rows import (
    Added,
    Decided,
    Event,
    Joined,
    Key,
    Near,
    NewPaper,
    StoredEntry,
)


class PaperLookup(Protocol):
    """Identifiers, texts, decisions."""

    def texts_near(self, words: Iterable[TitleFeatures]) -> Near:
        """What stands under the blocks of these texts, and those that `blocking.met` finds for one of them, each with all
        papers it is of. Asked for several at once it finds neither less nor more than for each alone."""

    def identifiers_of(self, papers: Iterable[PaperId]) -> dict[PaperId, list[Key]]:
        """All identifiers of each; papers without any are left out."""

    def add_texts(self, found_by: Iterable[tuple[PaperId, TitleFeatures]]) -> None:
        """From now on `texts_near` finds the paper by this text. Of a block that has grown beyond twice `blocking.MOST` those
        with the smallest numbers stay, so that the order of arrival decides nothing."""

    def replace_keys(self, paper: PaperId, *, keys: Iterable[Key], words: Iterable[TitleFeatures]) -> None:
        """Exactly these identifiers and texts lead to the paper, and no others."""

    def add_decisions(self, made: Iterable[Decided]) -> None:
        """Write decisions down; one that was undone is in force again. Which entry is named first does not matter."""

    def undo_decisions(self, kind: str, entries: Iterable[int], others: Iterable[int], *, now: datetime) -> int:
        """Decisions of this kind between one of these and one of those are no longer in force; how many."""

    def manual_decisions(self) -> list[tuple[Decided, PaperId | None, PaperId | None]]:
        """All must and cannot in force, oldest first, with the papers of the two entries: while they wait the papers they
        were before a rebuild, None when they never had one."""

    def decisions_about(self, paper: PaperId) -> list[tuple[Decided, PaperId | None]]:
        """Decisions in force about one paper, oldest first, with the other paper (may be the same)."""

    def perhaps_same(self, papers: Iterable[PaperId]) -> dict[PaperId, list[tuple[PaperId, str]]]:
        """Of each paper those that are perhaps the same, with the reason; both ways. Papers without are left out, and
        those that were told apart by hand."""

    def orphaned_papers(self) -> list[tuple[PaperId, PaperId]]:
        """After a rebuild: papers that no entry is any more, with the oldest paper that their entries are now."""


class Papers(PaperLookup, Protocol):
    """Entries, papers, and what joins them."""

    def add_entries(
        self, source: str, entries: Sequence[Entry], *, sha: str, now: datetime, old: Collection[int] = ()
    ) -> list[Added]:
        """Store what is not there yet; one answer for each entry, in order.

        Identity is (source, native_key, content), where content leaves out `signals`: votes change without the
        entry changing. An equal entry twice in one call is stored once. `old`: places in `entries` of those that are
        old as they come; what was stored before stays as it was.
        """

    def unresolved_entries(self, most: int) -> list[StoredEntry]:
        """Entries that belong to no paper yet and are not in quarantine, oldest first.

        Whoever asks is alone with the question until its transaction ends: two must not make one paper twice.
        """

    def quarantine_entry(self, entry: int, *, stage: str, error: str, now: datetime) -> None:
        """Put an entry aside that breaks a step; it is left out of `unresolved_entries` from now on."""

    def papers_by_key(self, keys: Iterable[Key]) -> dict[Key, list[PaperId]]:
        """Papers (merged ones replaced by their survivor) known under each key; keys without any are left out."""

    def add_papers(self, papers: Sequence[NewPaper]) -> list[PaperId]:
        """New rows, ids in their order; an id is never used again. `public_id` gets a suffix (-2, -3 …) when it is
        taken."""

    def update_paper(self, paper: Paper, *, keys: Iterable[Key] = ()) -> None:
        """Write `paper` over its row (by id; public_id and first_seen stay as stored) and add further keys.

        One that was `old` or a `replacement` and no longer is, or had no title and gets one, has its first_seen from now
        on: until then nobody could be told of it.
        """

    def add_mentions(self, mentions: Iterable[Joined]) -> None:
        """Which paper an entry is, a later one for the same entry replaces it; and which papers it speaks of."""

    def merge_papers(self, loser: PaperId, survivor: PaperId, *, reason: str, now: datetime) -> None:
        """Two rows turn out to be one paper: mentions, keys, texts, signals, events, votes and shown items go to the
        survivor.

        Where both were shown to one subscriber, the survivor's item stays. The loser's row remains, pointing to
        the survivor, and `papers_by_id` of its id gives the survivor; what was shown of the loser stays noted under its id too.
        """

    def revive_paper(self, survivor: PaperId, names: Collection[str]) -> PaperId | None:
        """A paper that was merged into this one and has one of these public ids stands by itself again, without entries
        and keys, and with what was shown of it; None when there is none. Of several the oldest stands, the others now
        point to it.
        """

    def entries_of(self, papers: Iterable[PaperId]) -> dict[PaperId, list[StoredEntry]]:
        """All entries of each paper, oldest first (then by id)."""

    def mentions_of(self, paper: PaperId) -> list[tuple[StoredEntry, str]]:
        """Mentions of one paper with the reason of each."""

    def papers_by_id(self, papers: Iterable[PaperId]) -> dict[PaperId, Paper]:
        """Papers by id, with id, public_id, first_seen, sources and the newest signals; unknown ids are left out."""

    def paper_by_public_id(self, public_id: str) -> Paper | None:
        """The paper behind an address."""

    def papers_titled(self, words: Sequence[str], most: int) -> list[Paper]:
        """Papers whose title holds all these words (parts of words too, case does not matter), newest first."""

    def signals_at(self, paper: PaperId, at: datetime) -> dict[str, int]:
        """The signals of a paper as they stood then: of each source the newest, of these the largest."""

    def papers_seen_between(self, after: datetime, until: datetime) -> list[Paper]:
        """Papers first seen in (after, until], oldest first. Complete values as from `papers_by_id`.

        Merged and old ones are left out, and those without a title: they are news once they have one.
        """

    def untitled_papers_between(self, after: datetime, until: datetime) -> list[Paper]:
        """Papers first seen in (after, until] that are only spoken of so far, oldest first; merged ones left out."""

    def add_signals(self, values: Iterable[tuple[int, Mapping[str, int]]], *, now: datetime) -> None:
        """(entry id, its signals): stored for the entry's paper and source; equal to the last value: not stored again.

        Entries without a paper are passed over: `resolve` calls again once they have one.
        """

    def add_event(self, event: Event) -> bool:
        """False when this paper had an event of this kind and key before."""

    def divide_events(self, paper: PaperId, made: PaperId, events: Iterable[Event]) -> None:
        """`made` was taken out of `paper`: of the events that the whole had, each has those that are its own in `events`.

        Who was told one that is only the other's was told it of that one, and nobody of this.
        """

    def events_between(self, after: datetime, until: datetime) -> list[Event]:
        """Events in (after, until], oldest first."""

    def count_entries_and_papers(self) -> tuple[int, int]:
        """(entries, papers) stored; merged papers not counted."""

    def newest_entry_by_source(self) -> dict[str, datetime]:
        """First seen of each source's newest entry."""

    def new_papers_by_source(self, after: datetime, until: datetime) -> dict[str, int]:
        """Papers first seen in (after, until], old ones left out, counted for every source that mentions them."""

    def forget_resolution(self) -> None:
        """Before a rebuild: entries are no papers any more and remember which they were (`home`), identifiers and texts
        lead nowhere, no entry is in quarantine. Papers, decisions, what is only spoken of, and everything shown stay."""
