"""Shelf: what was made of a value, kept for the next one who needs it. Bounded. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

KEPT = 4096  #: values; the cards of a paper take about 10 kB
Made = TypeVar("Made")


class Shelf(Generic[Made]):
    """Value → what was made of it. A value that has changed is another value: frozen ones cannot change under their key.

    Two shelves are never equal: one is a quick key for another.
    """

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._made: dict[Hashable, Made] = {}
        self.get = self._made.get  #: the hot path: no call of ours between

    def put(self, value: Hashable, made: Made) -> Made:
        """Keep it; the oldest goes when there is no room."""
        while len(self._made) >= self._most:
            self._made.pop(next(iter(self._made), None), None)  # another thread may have taken it already
        self._made[value] = made
        return made

    def __len__(self) -> int:
        return len(self._made)


class NearShelf(Generic[Made]):
    """A shelf of big values that come again as the same object: hashing a paper takes longer than joining its card."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._made: Shelf[Shelf[Made]] = Shelf(most)
        self._near: dict[int, tuple[Hashable, Shelf[Made]]] = {}  # holds the object: its id is no other's

    def of(self, value: Hashable) -> Shelf[Made]:
        """What was made of it, by kind; to be read and added to."""
        near = self._near.get(id(value))
        if near is not None and near[0] is value:
            return near[1]
        made = self._made.get(value)
        if made is None:
            made = self._made.put(value, Shelf())
        if len(self._near) >= self._most:
            self._near.clear()
        self._near[id(value)] = (value, made)
        return made

    def __len__(self) -> int:
        return len(self._made)
