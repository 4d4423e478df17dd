"""The contract of the full text; it stands with the others in `store.Transaction`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from digestbot.model.paper import Paper, PaperId
from digestbot.rules.index.fulltext_query import FulltextQuery


class FullText(Protocol):
    """Full text of papers. It only narrows: whoever searches asks the rule about what comes back."""

    def index_papers(self, most: int) -> int:
        """Bring up to `most` papers that changed into the index, the newest first; how many, 0 when all are in it."""

    def search_papers(self, need: FulltextQuery | None, *, before: PaperId | None, most: int) -> Sequence[Paper]:
        """Up to `most` papers that have what is needed (None: any paper) and whose id is below `before`, newest id
        first. At least all indexed ones that a rule with this need is true for; merged ones are left out."""
