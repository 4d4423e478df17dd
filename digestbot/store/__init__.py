"""The contract of the store: small Protocols by aggregate under one transaction.

All times are aware UTC. All methods are synchronous and are called in threads; a Store is safe to use from many
threads and processes at once, a Transaction by one thread only. `now` is always an argument. A change is a
compare-and-set where two workers could meet: False, or a missing id in the answer, means that somebody else was
faster, and is no error. Anything the database does wrong comes out as a `errors.StoreError`.

`digestbot.testing.store` holds the suite every implementation has to pass.
"""

from __future__ import annotations

from digestbot.store.contract.enrichments import Enrichment, Enrichments, Vectors
from digestbot.store.contract.full_text import FullText, Part
from digestbot.store.contract.leases import Breakers, Job, Jobs, Leases, QueueDepth
from digestbot.store.contract.outbox import Outbox
from digestbot.store.contract.papers import Papers
from digestbot.store.contract.people import People, PlannedSlot
from digestbot.store.contract.quarantine import Quarantine
from digestbot.store.contract.returned import Returned, ReturnedRow
from digestbot.store.contract.rows import (
    CUT,
    GAVE_UP,
    RESTORED,
    Added,
    Decided,
    DecisionKind,
    Edition,
    Event,
    Joined,
    Key,
    Near,
    NewPaper,
    Note,
    Poll,
    PutAside,
    ShownItem,
    SlotRow,
    SourceRow,
    Stage,
    StoredEntry,
    Suppression,
    TokenRow,
)
from digestbot.store.contract.site import Site
from digestbot.store.contract.slots import Slots
from digestbot.store.contract.source_log import SourceLog
from digestbot.store.contract.tokens import Confirmation, Confirmations, Consent, FormPurpose, Recent, Tokens
from digestbot.store.contract.transaction import Store, Transaction
from digestbot.store.contract.votes import Pick, Picks, Votes

__all__ = [
    "CUT",
    "GAVE_UP",
    "RESTORED",
    "Added",
    "Breakers",
    "Confirmation",
    "Confirmations",
    "Consent",
    "Decided",
    "DecisionKind",
    "Edition",
    "Enrichment",
    "Enrichments",
    "Event",
    "FormPurpose",
    "FullText",
    "Job",
    "Jobs",
    "Joined",
    "Key",
    "Leases",
    "Near",
    "NewPaper",
    "Note",
    "Outbox",
    "Papers",
    "Part",
    "People",
    "Pick",
    "Picks",
    "PlannedSlot",
    "Poll",
    "PutAside",
    "Quarantine",
    "QueueDepth",
    "Recent",
    "Returned",
    "ReturnedRow",
    "ShownItem",
    "Site",
    "SlotRow",
    "Slots",
    "SourceLog",
    "SourceRow",
    "Stage",
    "Store",
    "StoredEntry",
    "Suppression",
    "TokenRow",
    "Tokens",
    "Transaction",
    "Vectors",
    "Votes",
]  # fmt: skip
