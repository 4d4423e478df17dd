"""The contract of one transaction over all aggregates, and of the store that opens it."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from typing import Protocol

from digestbot.store.contract.enrichments import Enrichments, Vectors
from digestbot.store.contract.full_text import FullText
from digestbot.store.contract.leases import Breakers, Jobs, Leases
from digestbot.store.contract.outbox import Outbox
from digestbot.store.contract.papers import Papers
from digestbot.store.contract.people import People
from digestbot.store.contract.quarantine import Quarantine
from digestbot.store.contract.returned import Returned
from digestbot.store.contract.site import Site
from digestbot.store.contract.slots import Slots
from digestbot.store.contract.source_log import SourceLog
from digestbot.store.contract.tokens import Confirmations, Tokens
from digestbot.store.contract.votes import Picks, Votes


class Transaction(Protocol):
    """One transaction over all aggregates: all of it or nothing."""

    @property
    def papers(self) -> Papers:
        """Entries and papers."""

    @property
    def full_text(self) -> FullText:
        """Full text search."""

    @property
    def people(self) -> People:
        """Subscribers and suppressed addresses."""

    @property
    def slots(self) -> Slots:
        """Slots, digests, editions."""

    @property
    def outbox(self) -> Outbox:
        """Deliveries on their way out: the outbox."""

    @property
    def source_log(self) -> SourceLog:
        """What sources said: rows of sources, replies, polls, listing days."""

    @property
    def leases(self) -> Leases:
        """Named leases: a host's turn, the daemon's place. They hold across processes."""

    @property
    def breakers(self) -> Breakers:
        """Circuit breakers of mail servers."""

    @property
    def site(self) -> Site:
        """What is one per site: its rules over time, and named timestamps."""

    @property
    def tokens(self) -> Tokens:
        """Tokens of links."""

    @property
    def quarantine(self) -> Quarantine:
        """What broke a step."""

    @property
    def enrichments(self) -> Enrichments:
        """What other services are asked."""

    @property
    def vectors(self) -> Vectors:
        """What the sentence encoder made of papers."""

    @property
    def returned(self) -> Returned:
        """Mails that came back."""

    @property
    def votes(self) -> Votes:
        """What people thought of papers."""

    @property
    def confirmations(self) -> Confirmations:
        """What people asked for by a form and confirm from their mailbox."""

    @property
    def picks(self) -> Picks:
        """What curators chose."""

    @property
    def jobs(self) -> Jobs:
        """The queue, where this database has one."""


class Store(Protocol):
    """One database."""

    def migrate(self) -> None:
        """Bring the schema to this version. Raises StoreNewer for a database of a newer digestbot, StoreCorrupt for a
        file that is no database."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Read and write; commits at the end, rolls back on any exception. Writers wait for each other up to 30 s,
        then StoreBusy is raised."""

    def reading(self) -> AbstractContextManager[Transaction]:
        """Read only, on a consistent snapshot; never waits for writers (SQLite: WAL)."""

    @property
    def commits(self) -> int:
        """How many transactions of this process this store has committed: what was read before may differ after."""

    def damage(self, seconds: float = math.inf) -> list[str]:
        """What the database's own check finds wrong with it; [] when it is whole, or when it is so large that the check
        is given up after `seconds`. Reads only, and on SQLite all of it."""

    def close(self) -> None:
        """Close all connections."""
