"""The contract of the store: small Protocols by aggregate under one transaction.

All times are aware UTC. All methods are synchronous and are called in threads; a Store is safe to use from many
threads and processes at once, a Transaction by one thread only. `now` is always an argument. A change is a
compare-and-set where two workers could meet: False, or a missing id in the answer, means that somebody else was
faster, and is no error. Anything the database does wrong comes out as a `errors.StoreError`.

`digestbot.testing.store` holds the suite every implementation has to pass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from digestbot.model.digest import Digest
from digestbot.model.paper import Entry, Paper, PaperId
from digestbot.model.people import Subscriber, SubscriberId, Topic
from digestbot.store.contract.enrichments import Enrichment, Enrichments
from digestbot.store.contract.finding import Finding
from digestbot.store.contract.ledger import Ledger
from digestbot.store.contract.outbox import Outbox
from digestbot.store.contract.quarantine import Quarantine
from digestbot.store.contract.texts import Texts
from digestbot.store.contract.tokens import Tokens
from digestbot.store.contract.votes import Votes
from digestbot.store.rows import (
    CUT,
    GAVE_UP,
    RESTORED,
    Added,
    Decided,
    Edition,
    Event,
    Joined,
    Key,
    Near,
    NewPaper,
    Poll,
    PutAside,
    ShownItem,
    SlotRow,
    SourceRow,
    StoredEntry,
    TokenRow,
)  # fmt: skip

__all__ = [
    "CUT", "GAVE_UP", "RESTORED", "Added", "Decided", "Edition", "Enrichment", "Enrichments", "Event", "Joined", "Key", "Ledger",
    "Near", "NewPaper", "Outbox", "Papers", "People", "Poll", "PutAside", "Quarantine", "ShownItem", "SlotRow", "Slots",
    "SourceRow", "Store", "StoredEntry", "Texts", "TokenRow", "Tokens", "Transaction", "Votes",
]  # fmt: skip


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


class People(Protocol):
    """Subscribers, their topics, and addresses we must not mail."""

    def sync(self, subscribers: Sequence[Subscriber], *, now: datetime) -> list[SubscriberId]:
        """Make the stored people those of the configuration, matched by `ref`; who has another address now.

        New ones join now. Changed addresses, names, schedules and preferences are taken over; where schedule or zone
        changed, next_slot becomes None. Topics have history: a topic whose name or query changed is in force since
        now, an unchanged one keeps its `since`. People who are no longer listed become `removed` (and their waiting
        deliveries cancelled by the caller); listed again, they are active again with their history. A pause set by
        command stays.
        """

    def all(self, *, removed: bool = False) -> list[Subscriber]:
        """Stored people in the order they joined, complete with topics and suppression."""

    def get(self, who: str | SubscriberId) -> Subscriber | None:
        """By ref, by address (case does not matter) or by id."""

    def topics_at(self, subscriber: SubscriberId, at: datetime) -> tuple[Topic, ...]:
        """The topics in force at `at`, in the order they have (or last had)."""

    def due(self, now: datetime, most: int) -> list[Subscriber]:
        """People whose next_slot has come (<= now) and who are not removed, longest due first."""

    def without_topics(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """When the last topic, mute ones aside, of each one that ended did so. Who never had one is left out."""

    def unplanned(self) -> list[Subscriber]:
        """People who are not removed and whose next_slot is None."""

    def planned_after(self, at: datetime) -> list[Subscriber]:
        """People who are not removed and whose next_slot is later than `at`."""

    def plan(self, subscriber: SubscriberId, next_slot: datetime, *, was: datetime | None) -> bool:
        """Set next_slot; False when it is no longer `was`."""

    def pause(self, subscriber: SubscriberId, *, until: datetime | None) -> None:
        """Paused until then (None: until resumed). Who is removed or has left stays so."""

    def resume(self, subscriber: SubscriberId) -> None:
        """Active again, from paused or left. Who is removed stays so: only `sync` lists them again."""

    def leave(self, subscriber: SubscriberId) -> None:
        """They unsubscribed: not mailed, and `sync` does not change that while they are listed."""

    def suppress(self, address: str, *, reason: str, now: datetime) -> None:
        """Never mail this address until lifted; kept as a hash, outlives the subscriber."""

    def lift(self, address: str, *, now: datetime) -> bool:
        """Mail it again; False when it was not suppressed."""


class Slots(Protocol):
    """Slots, digests, what was shown to whom, and editions."""

    def put(self, row: SlotRow) -> bool:
        """False when this subscriber's slot of this key is there already: somebody else has it.

        A covered one that was decided later than this one is replaced: the clock was ahead then.
        """

    def history(self, subscriber: SubscriberId, most: int) -> list[SlotRow]:
        """Newest first."""

    def last_done(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """`due` of each one's newest slot that was composed or found empty; a `now:` digest counts. Who never had one
        is left out."""

    def last_kept(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """`due` of each one's newest slot that was found empty, or whose digest was not released: what came until then
        has been told, or is on its way."""

    def released(self, subscriber: SubscriberId) -> set[str]:
        """Keys of the slots whose digest was released."""

    def last_decided(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, datetime]:
        """When the newest of these slots was decided: what came until then that decision had before it. A slot may be
        decided long after it was due, and what is polled in its own round comes after its due time."""

    def add_digest(self, digest: Digest) -> int:
        """Store it with its items (place mail and more) and give its id. Call inside the transaction of `put`.

        Raises StoreError when an item (subscriber, paper, kind) was there before: a paper once.
        """

    def get(self, digests: Iterable[int]) -> dict[int, Digest]:
        """As they were composed; the papers' texts are those of today. Unknown ids are left out."""

    def digest_of(self, subscriber: SubscriberId, key: str) -> int | None:
        """The id of the digest of a slot."""

    def digests_of_paper(self, subscriber: SubscriberId, paper: PaperId) -> list[int]:
        """Ids of the digests that showed them this paper, oldest first; released ones left out."""

    def digests(self, subscribers: Iterable[SubscriberId], most: int) -> dict[SubscriberId, list[Digest]]:
        """The newest digests of each, newest first; released ones left out. Who has none is left out."""

    def release(self, digest: int) -> list[PaperId]:
        """Give its papers back: they may come with the next digest. The stored form keeps what it showed."""

    def shown(self, subscribers: Iterable[SubscriberId]) -> dict[SubscriberId, list[ShownItem]]:
        """Everything each has been shown, in mail or as more, oldest first. Who was shown nothing is left out."""

    def put_edition(self, edition: Edition) -> None:
        """Write an open edition anew or close it. A closed one never changes: then nothing is written."""

    def edition(self, day: str) -> Edition | None:
        """The edition of a day."""

    def editions(self, *, after: datetime, until: datetime) -> list[Edition]:
        """Editions with `closes` in (after, until], oldest first."""

    def latest_editions(self, most: int) -> list[Edition]:
        """Newest first, open ones too."""


class Transaction(Protocol):
    """One transaction over all aggregates: all of it or nothing."""

    @property
    def papers(self) -> Papers:
        """The Papers."""

    @property
    def texts(self) -> Texts:
        """The Texts."""

    @property
    def people(self) -> People:
        """The People."""

    @property
    def slots(self) -> Slots:
        """The Slots."""

    @property
    def outbox(self) -> Outbox:
        """The Outbox."""

    @property
    def ledger(self) -> Ledger:
        """The Ledger."""

    @property
    def tokens(self) -> Tokens:
        """The Tokens."""

    @property
    def quarantine(self) -> Quarantine:
        """The Quarantine."""

    @property
    def enrichments(self) -> Enrichments:
        """The Enrichments."""

    @property
    def votes(self) -> Votes:
        """The Votes."""


class Store(Protocol):
    """One database."""

    def migrate(self) -> None:
        """Bring the schema to ours. Raises StoreNewer for a database of a newer digestbot, StoreCorrupt for none."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Read and write. Commits at the end, rolls back on any exception. Writers wait for each other up to 30 s,
        then StoreBusy."""

    def reading(self) -> AbstractContextManager[Transaction]:
        """Read only, a consistent view; never waits for writers (SQLite: WAL)."""

    def close(self) -> None:
        """Give connections back."""
