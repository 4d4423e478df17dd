"""Meaning: what a sentence encoder's vectors add to a reader's own model. Pure; numpy, of the extra, is loaded on first use.

A paper's vector is stored as a code of one byte a number. A reader's model of meaning is the mean of the liked papers'
vectors (their centroid) less a part of that of the disliked ones; what it gives a paper is counted in spreads of the
background, and added to the weight of the words in spreads of its own. On the sets of `benchmarks/relevance` the sum is
better than either, at every number of votes.
"""

from __future__ import annotations

import struct
from array import array
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from digestbot.model import PaperId

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

MEANT: Final = 0.6  #: weight of one spread of meaning, beside one spread of the words
FEWEST = 20  #: papers of the background with a code, without which nothing is usual
_HEAD = struct.Struct("<f")
_HIGHEST = 127


def packed(vector: Sequence[float]) -> bytes:
    """A vector as one byte a number, after the size of its largest one."""
    largest = max(map(abs, vector), default=0.0)
    factor = _HIGHEST / largest if largest else 0.0
    return _HEAD.pack(largest / _HIGHEST) + array("b", [round(number * factor) for number in vector]).tobytes()


def matrix_of(codes: Sequence[bytes]) -> Matrix:
    """Codes of one length as rows of length one."""
    import numpy as np

    rows = np.frombuffer(b"".join(codes), np.uint8).reshape(len(codes), -1)[:, _HEAD.size :].view(np.int8)
    made: Any = rows.astype(np.float32)
    made /= np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-9)
    return made  # type: ignore[no-any-return]  # numpy's own


class Meanings:
    """The codes of a round's papers, for all readers. `sample`: papers that say what is usual."""

    def __init__(self, codes: Mapping[PaperId, bytes], sample: Collection[PaperId]) -> None:
        sizes = Counter(map(len, codes.values()))
        self._size = sizes.most_common(1)[0][0] if sizes else 0
        even = {paper: code for paper, code in codes.items() if len(code) == self._size}
        self._rows = {paper: row for row, paper in enumerate(even)}
        self._matrix = matrix_of(list(even.values())) if even else None
        self._sample = [self._rows[paper] for paper in sample if paper in self._rows]

    def fitted(self, liked: Sequence[bytes], disliked: Sequence[bytes], dislikes: float) -> Meaning | None:
        """The model of a reader by the codes of their papers; None where too little has a code."""
        up, down = ([code for code in codes if len(code) == self._size] for codes in (liked, disliked))
        if self._matrix is None or len(self._sample) < FEWEST or not (up or down):
            return None
        weights: Any = 0.0
        if up:
            weights = weights + matrix_of(up).mean(axis=0)
        if down:
            weights = weights - dislikes * matrix_of(down).mean(axis=0)
        usual = self._matrix[self._sample] @ weights
        middle, spread = float(usual.mean()), max(1e-6, float(usual.std()))
        liking, other = (
            (float((matrix_of(codes) @ weights).mean()) - middle) / spread if codes else 0.0 for codes in (up, down)
        )
        return Meaning(self._rows, (self._matrix @ weights - middle) / spread, liking, other)


class Meaning:
    """How like in meaning each paper is to what a reader liked, in spreads of what is usual."""

    def __init__(self, rows: Mapping[PaperId, int], values: Matrix, liked: float, others: float) -> None:
        self._rows, self._values = rows, values
        self.liked, self.others = liked, others  #: the mean of the papers that were voted on

    def of(self, papers: Sequence[PaperId | None]) -> list[float]:
        """The value of each paper; 0, as is usual, for one without a code."""
        rows, values = self._rows, self._values
        return [float(values[rows[paper]]) if paper in rows else 0.0 for paper in papers]  # type: ignore[index]  # in rows: no None
