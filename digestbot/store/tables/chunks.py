"""Chunks: lists short enough for IN (…)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
CHUNK = 400  #: values of one IN (…): far below every database's limit


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists of at most CHUNK."""
    every = list(values)
    for at in range(0, len(every), CHUNK):
        yield every[at : at + CHUNK]
