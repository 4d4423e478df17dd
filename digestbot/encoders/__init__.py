"""The contract of sentence encoders: texts become vectors (embeddings), so that papers of like meaning are near each other.

An encoder is an extra. Whatever it does wrong is a value: it costs the ranking what it would have gained, and nothing else. What
becomes of the vectors is decided in `ranking.meaning`; when papers are encoded, in `acts.papers.encode`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

LONGEST = 4000  #: characters of a text that are read; encoders read some hundred words anyway
DIMENSIONS = range(8, 4097)  #: of a vector: what a paper costs in the database is bounded


@dataclass(frozen=True, slots=True)
class Encoded:
    """One vector for each text, or why there are none."""

    vectors: Sequence[Sequence[float]] = ()
    error: str = ""


def readable(text: str) -> str:
    """Returns what an encoder is given of a text: its beginning, in characters that UTF-8 has; "-" of nothing, which some refuse."""
    return text[:LONGEST].encode(errors="replace").decode().strip() or "-"


class Encoder(Protocol):
    """Makes vectors of texts. One instance for one event loop."""

    @property
    def name(self) -> str:
        """The model and where it is. Vectors of encoders of one name can be compared."""

    async def encode(self, texts: Sequence[str]) -> Encoded:
        """One vector of finite numbers for each text, all of one length within DIMENSIONS, in the order of the texts.

        Of a text the first LONGEST characters are read. Within a minute; never an exception.
        """
