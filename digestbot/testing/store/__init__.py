"""The suite every store has to pass: subclass `StoreContract` and say how yours is opened.

class TestMine(StoreContract):
    @pytest.fixture
    def store(self):
        opened = MyStore(...)   # migrated and empty
        yield opened
        opened.close()

It holds what the docstrings in `digestbot.store` promise, one test a promise and one file an aggregate. What two
workers do to each other at once is not in here: it takes threads, and a database that allows two writers.
"""

from __future__ import annotations

import pytest

_PARTS = (
    "enrichments full_text outbox paper_lookup papers people quarantine "
    "resolution returned slots source_log tokens transactions votes"
).split()
pytest.register_assert_rewrite(*(f"{__name__}.{part}" for part in _PARTS))

# after the line above, or their asserts say nothing
from digestbot.testing.store.enrichments import EnrichmentsContract, VectorsContract  # noqa: E402
from digestbot.testing.store.full_text import FullTextContract  # noqa: E402
from digestbot.testing.store.outbox import OutboxContract  # noqa: E402
from digestbot.testing.store.paper_lookup import PaperLookupContract  # noqa: E402
from digestbot.testing.store.papers import PapersContract  # noqa: E402
from digestbot.testing.store.people import PeopleContract, PeopleOfThePageContract  # noqa: E402
from digestbot.testing.store.quarantine import QuarantineContract  # noqa: E402
from digestbot.testing.store.resolution import ResolutionContract  # noqa: E402
from digestbot.testing.store.returned import ReturnedContract  # noqa: E402
from digestbot.testing.store.slots import SlotsContract  # noqa: E402
from digestbot.testing.store.source_log import SourceLogContract  # noqa: E402
from digestbot.testing.store.tokens import ConfirmationsContract, TokensContract  # noqa: E402
from digestbot.testing.store.transactions import TransactionContract  # noqa: E402
from digestbot.testing.store.votes import PicksContract, VotesContract  # noqa: E402


class StoreContract(
    PapersContract,
    PaperLookupContract,
    ResolutionContract,
    PeopleContract,
    PeopleOfThePageContract,
    QuarantineContract,
    ReturnedContract,
    SlotsContract,
    OutboxContract,
    SourceLogContract,
    FullTextContract,
    TokensContract,
    ConfirmationsContract,
    EnrichmentsContract,
    VectorsContract,
    VotesContract,
    PicksContract,
    TransactionContract,
):
    """What `store.Store` and everything below it promise."""


__all__ = [
    "ConfirmationsContract",
    "EnrichmentsContract",
    "FullTextContract",
    "OutboxContract",
    "PaperLookupContract",
    "PapersContract",
    "PeopleContract",
    "PeopleOfThePageContract",
    "PicksContract",
    "QuarantineContract",
    "ResolutionContract",
    "ReturnedContract",
    "SlotsContract",
    "SourceLogContract",
    "StoreContract",
    "TokensContract",
    "TransactionContract",
    "VectorsContract",
    "VotesContract",
]  # fmt: skip
