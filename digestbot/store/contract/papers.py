"""The contract of entries and papers: how they are stored, joined, found and decided about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import Entry, Paper, PaperId
from digestbot.papers.identity.title_features import TitleFeatures
from digestbot.store.contract.rows import (
    Added,
    Decided,
    DecisionKind,
    Event,
    Joined,
    Key,
    Near,
    NewPaper,
    Stage,
    StoredEntry,
)


class PaperLookup(Protocol):
    """Find papers by identifiers and texts, and keep decisions about them."""

    def texts_near(self, words: Iterable[TitleFeatures]) -> Near:
        """Candidates for comparison: texts in the same blocks as the given texts, and those that `blocking.met`
        accepts, each with every paper it belongs to. Asking for several texts at once finds exactly what asking for
        each alone finds."""

    def identifiers_of(self, papers: Iterable[PaperId]) -> dict[PaperId, list[Key]]:
        """All identifiers of each paper. Papers without identifiers are left out."""

    def add_texts(self, found_by: Iterable[tuple[PaperId, TitleFeatures]]) -> None:
        """Let `texts_near` find each paper by its text. A block that has grown beyond twice `blocking.MOST` keeps the
        texts with the smallest numbers, so that the order of arrival does not matter."""

    def replace_keys(self, paper: PaperId, *, keys: Iterable[Key], words: Iterable[TitleFeatures]) -> None:
        """Make exactly these identifiers and texts lead to the paper."""

    def add_decisions(self, made: Iterable[Decided]) -> None:
        """Store decisions. An undone decision that is made again is in force again. The order of the two entries does
        not matter."""

    def undo_decisions(
        self, kind: DecisionKind, entries: Iterable[int], others: Iterable[int], *, now: datetime
    ) -> int:
        """End the decisions of this kind between entries of one set and entries of the other; returns how many."""

    def manual_decisions(self) -> list[tuple[Decided, PaperId | None, PaperId | None]]:
        """All `must` and `cannot` decisions in force, oldest first, with the papers of both entries. After a rebuild,
        an entry that still waits counts for its paper before the rebuild; None when it never had one."""

    def decisions_about(self, paper: PaperId) -> list[tuple[Decided, PaperId | None]]:
        """Decisions in force about one paper, oldest first, with the other paper, which may be the same one."""

    def perhaps_same(self, papers: Iterable[PaperId]) -> dict[PaperId, list[tuple[PaperId, str]]]:
        """For each paper those that are perhaps the same, with the reason, in both directions. Papers without any,
        and pairs that a person separated, are left out."""

    def orphaned_papers(self) -> list[tuple[PaperId, PaperId]]:
        """After a rebuild: papers without entries, each with the oldest paper that their entries belong to now."""


class Papers(PaperLookup, Protocol):
    """Entries, papers, and the mentions that join them."""

    def add_entries(
        self, source: str, entries: Sequence[Entry], *, sha: str, now: datetime, old: Collection[int] = (),
        again: Collection[int] = (),
    ) -> list[Added]:  # fmt: skip
        """Store entries that are new; returns one answer for each entry, in order.

        An entry is identified by (source, native_key, content). Content leaves out `signals` and `serial`: votes and
        neighbours change without the entry changing. Equal entries in one call are stored once. `old` holds positions
        in `entries` of those that were old when they came; entries that were stored before keep what they have.
        `again` holds positions of those whose source says how things stand: where it has said something else of the same
        key since, what it says once more is stored once more.
        """

    def unresolved_entries(self, most: int) -> list[StoredEntry]:
        """Entries that belong to no paper and are not in quarantine, oldest first.

        The caller holds a lock until its transaction ends, so that two processes never make one paper twice.
        """

    def first_waiting_entry(self) -> int | None:
        """The first that `unresolved_entries` would read, also where it cannot be read. Takes no lock."""

    def is_entry_waiting(self) -> bool:
        """Would `unresolved_entries` return any? Takes no lock."""

    def quarantine_entry(self, entry: int, *, stage: Stage, error: str, now: datetime) -> None:
        """Put an entry that breaks a step into quarantine; `unresolved_entries` no longer returns it."""

    def papers_by_key(self, keys: Iterable[Key]) -> dict[Key, list[PaperId]]:
        """Papers known under each key, merged ones replaced by their survivor. Keys without papers are left out."""

    def add_papers(self, papers: Sequence[NewPaper]) -> list[PaperId]:
        """Insert papers; returns their ids in order. An id is never used again. A `public_id` that is taken gets a
        suffix (-2, -3 …)."""

    def update_paper(self, paper: Paper, *, keys: Iterable[Key] = ()) -> None:
        """Write `paper` over its row (by id; public_id and first_seen stay as stored) and add keys.

        A paper that was `old` or a `replacement` and no longer is, or that gets its first title, has first_seen =
        now: until then nobody could be told of it.
        """

    def add_mentions(self, mentions: Iterable[Joined]) -> None:
        """Store which paper each entry is (a later mention of the same entry replaces an earlier one) and which
        papers it speaks of."""

    def merge_papers(self, loser: PaperId, survivor: PaperId, *, reason: str, now: datetime) -> None:
        """Join two papers: mentions, keys, texts, signals, events, votes and shown items of the loser go to the
        survivor.

        Where both were shown to one subscriber, the survivor's item stays. The loser's row stays and points to the
        survivor, so that `papers_by_id` of its id gives the survivor; what was shown under the loser's id stays noted
        under it too.
        """

    def revive_paper(self, survivor: PaperId, names: Collection[str]) -> PaperId | None:
        """Undo a merge: a paper that was merged into `survivor` and has one of these public ids stands by itself
        again, without entries and keys, with what was shown of it. None when there is no such paper. Of several, the
        oldest is revived and the others point to it."""

    def entries_of(self, papers: Iterable[PaperId]) -> dict[PaperId, list[StoredEntry]]:
        """All entries of each paper, oldest first, then by id."""

    def mentions_of(self, paper: PaperId) -> list[tuple[StoredEntry, str]]:
        """The mentions of one paper, each with its reason."""

    def papers_by_id(self, papers: Iterable[PaperId]) -> dict[PaperId, Paper]:
        """Papers by id, with id, public_id, first_seen, sources and the newest signals. Unknown ids are left out."""

    def paper_by_public_id(self, public_id: str) -> Paper | None:
        """The paper with this public id, or None."""

    def papers_titled(self, words: Sequence[str], most: int) -> list[Paper]:
        """Papers whose title contains all these words, newest first. Parts of words count, case does not."""

    def signals_at(self, paper: PaperId, at: datetime) -> dict[str, int]:
        """The signals of a paper at a moment: the newest value of each source, and of these the largest."""

    def signals_of_papers_at(self, papers: Collection[PaperId], at: datetime) -> dict[PaperId, dict[str, int]]:
        """The same for several papers. Papers without a signal until then are left out."""

    def papers_seen_between(self, after: datetime, until: datetime, *, newest: int | None = None) -> list[Paper]:
        """Complete papers first seen in (after, until], oldest first; with `newest` only so many, the last ones. Merged and old
        ones and those without a title are left out."""

    def sources_of_papers_between(self, after: datetime, until: datetime) -> dict[PaperId, set[str]]:
        """The sources that carry each of these papers."""

    def voted_papers_between(self, after: datetime, until: datetime) -> set[PaperId]:
        """Those of these papers that ever had a vote."""

    def news_seen_between(self, after: datetime, until: datetime) -> list[datetime]:
        """When each of these papers was first seen, without those that are new versions of older ones. Reads little of each."""

    def untitled_papers_between(self, after: datetime, until: datetime) -> list[Paper]:
        """Papers without a title first seen in (after, until], oldest first: so far they are only spoken of. Merged
        ones are left out."""

    def add_signals(self, values: Iterable[tuple[int, Mapping[str, int]]], *, now: datetime) -> None:
        """Store (entry id, signals) for the entry's paper and source. A value equal to the last one is not stored
        again.

        Entries without a paper are passed over: `resolve` calls this again once they have one.
        """

    def add_event(self, event: Event) -> bool:
        """Store an event; False when the paper has one of this kind and key already."""

    def divide_events(self, paper: PaperId, made: PaperId, events: Iterable[Event]) -> None:
        """After `made` was taken out of `paper`: give each of the two the events that are its own according to
        `events`.

        Keep each event with its own paper, and move "told to subscriber" along with it.
        """

    def events_between(self, after: datetime, until: datetime) -> list[Event]:
        """Events in (after, until], oldest first."""

    def events_of(self, papers: Iterable[PaperId], kinds: Iterable[str]) -> list[Event]:
        """All events of these kinds that happened to these papers, oldest first."""

    def count_entries_and_papers(self) -> tuple[int, int]:
        """(entries, papers) stored. Merged papers do not count."""

    def newest_entry_by_source(self) -> dict[str, datetime]:
        """When each source's newest entry was first seen."""

    def new_papers_by_source(self, after: datetime, until: datetime) -> dict[str, int]:
        """How many papers were first seen in (after, until], counted for every source that mentions them. Old ones do
        not count."""

    def count_new_papers(self, after: datetime, until: datetime) -> int:
        """How many papers were first seen in (after, until], each once. Old and merged ones do not count."""

    def forget_resolution(self) -> None:
        """Prepare a rebuild: entries belong to no paper and remember their former one (`home`), identifiers and texts
        lead nowhere, and no entry is in quarantine. Papers, decisions, papers that are only spoken of, and shown
        items stay."""
