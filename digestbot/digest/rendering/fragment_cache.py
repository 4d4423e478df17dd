"""Bounded caches of rendered fragments, keyed by the value they were rendered from. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

KEPT = 2048  #: entries; the cards of one paper take about 10 kB
Made = TypeVar("Made")


class BoundedCache(Generic[Made]):
    """A dict from a frozen value to what was rendered from it; the oldest entry goes when it is full.

    Caches compare by identity, so that one can be the key of another at no cost.
    """

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._made: dict[Hashable, Made] = {}
        self.get = self._made.get  #: bound once: the hot path makes no call of ours

    def put(self, value: Hashable, made: Made) -> Made:
        """Store `made` under `value` and return it; drop the oldest entries while the cache is full."""
        while len(self._made) >= self._most:
            self._made.pop(next(iter(self._made), None), None)  # another thread may have removed it
        self._made[value] = made
        return made

    def clear(self) -> None:
        """Drop every entry."""
        self._made.clear()

    def __len__(self) -> int:
        return len(self._made)


class IdentityCache(Generic[Made]):
    """A cache for large values that come again as the same object: hashing a paper takes longer than joining its card."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._made: BoundedCache[BoundedCache[Made]] = BoundedCache(most)
        self._near: dict[
            int, tuple[Hashable, BoundedCache[Made]]
        ] = {}  # keeps the object alive, so that its id stays its own

    def of(self, value: Hashable) -> BoundedCache[Made]:
        """The cache of `value` itself: what was rendered from it, by kind. The caller reads and adds to it."""
        near = self._near.get(id(value))
        if near is not None and near[0] is value:
            return near[1]
        made = self._made.get(value)
        if made is None:
            made = self._made.put(value, BoundedCache())
        if len(self._near) >= self._most:
            self._near.clear()
        self._near[id(value)] = (value, made)
        return made

    def clear(self) -> None:
        """Drop every entry."""
        self._near.clear()
        self._made.clear()

    def __len__(self) -> int:
        return len(self._made)
