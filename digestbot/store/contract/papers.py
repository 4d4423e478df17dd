"""The contract of entries and papers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from digestbot.model.paper import Entry, Paper, PaperId
from digestbot.store.contract.paper_lookup import Finding
from digestbot.store.contract.rows import (
    Added,
    Event,
    Joined,
    Key,
    NewPaper,
    StoredEntry,
)


class Papers(Finding, Protocol):
    """Entries, papers, and what joins them."""

    def add_entries(
        self, source: str, entries: Sequence[Entry], *, sha: str, now: datetime, old: Collection[int] = ()
    ) -> list[Added]:
        """Store what is not there yet; one answer for each entry, in order.

        Identity is (source, native_key, content), where content leaves out `signals`: votes change without the
        entry changing. An equal entry twice in one call is stored once. `old`: places in `entries` of those that are
        old as they come; what was stored before stays as it was.
        """

    def unresolved(self, most: int) -> list[StoredEntry]:
        """Entries that belong to no paper yet and are not in quarantine, oldest first.

        Whoever asks is alone with the question until its transaction ends: two must not make one paper twice.
        """

    def quarantine(self, entry: int, *, stage: str, error: str, now: datetime) -> None:
        """Put an entry aside that breaks a step; it is left out of `unresolved` from now on."""

    def find(self, keys: Iterable[Key]) -> dict[Key, list[PaperId]]:
        """Papers (merged ones replaced by their survivor) known under each key; keys without any are left out."""

    def create(self, papers: Sequence[NewPaper]) -> list[PaperId]:
        """New rows, ids in their order; an id is never used again. `public_id` gets a suffix (-2, -3 …) when it is
        taken."""

    def update(self, paper: Paper, *, keys: Iterable[Key] = ()) -> None:
        """Write `paper` over its row (by id; public_id and first_seen stay as stored) and add further keys.

        One that was `old` or a `replacement` and no longer is, or had no title and gets one, has its first_seen from now
        on: until then nobody could be told of it.
        """

    def join(self, mentions: Iterable[Joined]) -> None:
        """Which paper an entry is, a later one for the same entry replaces it; and which papers it speaks of."""

    def merge(self, loser: PaperId, survivor: PaperId, *, reason: str, now: datetime) -> None:
        """Two rows turn out to be one paper: mentions, keys, texts, signals, events, votes and shown items go to the
        survivor.

        Where both were shown to one subscriber, the survivor's item stays. The loser's row remains, pointing to
        the survivor, and `get` of its id gives the survivor; what was shown of the loser stays noted under its id too.
        """

    def revive(self, survivor: PaperId, names: Collection[str]) -> PaperId | None:
        """A paper that was merged into this one and has one of these public ids stands by itself again, without entries
        and keys, and with what was shown of it; None when there is none. Of several the oldest stands, the others now
        point to it.
        """

    def mentions(self, papers: Iterable[PaperId]) -> dict[PaperId, list[StoredEntry]]:
        """All entries of each paper, oldest first (then by id)."""

    def reasons(self, paper: PaperId) -> list[tuple[StoredEntry, str]]:
        """Mentions of one paper with the reason of each."""

    def get(self, papers: Iterable[PaperId]) -> dict[PaperId, Paper]:
        """Papers by id, with id, public_id, first_seen, sources and the newest signals; unknown ids are left out."""

    def by_public_id(self, public_id: str) -> Paper | None:
        """The paper behind an address."""

    def titled(self, words: Sequence[str], most: int) -> list[Paper]:
        """Papers whose title holds all these words (parts of words too, case does not matter), newest first."""

    def signals_at(self, paper: PaperId, at: datetime) -> dict[str, int]:
        """The signals of a paper as they stood then: of each source the newest, of these the largest."""

    def seen_between(self, after: datetime, until: datetime) -> list[Paper]:
        """Papers first seen in (after, until], oldest first. Complete values as from `get`.

        Merged and old ones are left out, and those without a title: they are news once they have one.
        """

    def untitled_between(self, after: datetime, until: datetime) -> list[Paper]:
        """Papers first seen in (after, until] that are only spoken of so far, oldest first; merged ones left out."""

    def add_signals(self, values: Iterable[tuple[int, Mapping[str, int]]], *, now: datetime) -> None:
        """(entry id, its signals): stored for the entry's paper and source; equal to the last value: not stored again.

        Entries without a paper are passed over: `resolve` calls again once they have one.
        """

    def add_event(self, event: Event) -> bool:
        """False when this paper had an event of this kind and key before."""

    def divide(self, paper: PaperId, made: PaperId, events: Iterable[Event]) -> None:
        """`made` was taken out of `paper`: of the events that the whole had, each has those that are its own in `events`.

        Who was told one that is only the other's was told it of that one, and nobody of this.
        """

    def events_between(self, after: datetime, until: datetime) -> list[Event]:
        """Events in (after, until], oldest first."""

    def counts(self) -> tuple[int, int]:
        """(entries, papers) stored; merged papers not counted."""

    def newest_by_source(self) -> dict[str, datetime]:
        """First seen of each source's newest entry."""

    def new_by_source(self, after: datetime, until: datetime) -> dict[str, int]:
        """Papers first seen in (after, until], old ones left out, counted for every source that mentions them."""

    def forget_resolution(self) -> None:
        """Before a rebuild: entries are no papers any more and remember which they were (`home`), identifiers and texts
        lead nowhere, no entry is in quarantine. Papers, decisions, what is only spoken of, and everything shown stay."""
