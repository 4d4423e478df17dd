"""Answers that are remembered while a round works, and forgotten at its end.

Many steps of one round ask the same about the same title, name or paper; the next round asks about others. Kept until newer ones
push them out they would fill the memory of a process that rests for the other twenty-three hours. Answers about strangers'
texts can be of any size, so they are remembered here and nowhere else: each cache is bounded in entries, and all of them
together in weight by what one round reads.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, cast, overload
from weakref import WeakValueDictionary

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class Forgetful(Protocol):
    """What keeps answers in a way of its own."""

    def forget(self) -> None:
        """Drop them all: they can be made again."""

    def answers(self) -> int:
        """How many it keeps."""


class _Cached(Protocol):
    def cache_clear(self) -> None: ...

    def cache_info(self) -> tuple[int, int, int | None, int]: ...


_functions: list[tuple[str, _Cached]] = []
_others: WeakValueDictionary[int, Forgetful] = WeakValueDictionary()  #: by id: not all can be hashed


def remembered(most: int) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """Remember the last `most` answers of a pure function until `forget`."""

    def kept(act: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        made = lru_cache(maxsize=most)(act)
        _functions.append((f"{act.__module__}.{act.__qualname__}", made))
        return cast(Callable[Asked, Answer], made)

    return kept


class once(Generic[Answer]):
    """A property that is asked once of each value: `functools.cached_property` without the lock of Python 3.11, which costs
    more than most of what it guards. Two threads may both ask; their answers are the same."""

    def __init__(self, ask: Callable[[Any], Answer]) -> None:
        self._ask, self._name, self.__doc__ = ask, ask.__name__, ask.__doc__

    @overload
    def __get__(self, value: None, owner: type) -> once[Answer]: ...

    @overload
    def __get__(self, value: object, owner: type) -> Answer: ...

    def __get__(self, value: object | None, owner: type) -> once[Answer] | Answer:
        if value is None:
            return self
        answer = value.__dict__[self._name] = self._ask(value)
        return answer


def until_forgotten(keeper: Forgetful) -> None:
    """Let `forget` reach this object too, for as long as it lives."""
    _others[id(keeper)] = keeper


def forget() -> int:
    """Forget every answer; how many there were. Safe beside a round that works: it makes its answers again."""
    dropped = sum(sizes().values())
    for _, function in _functions:
        function.cache_clear()
    for keeper in tuple(_others.values()):
        keeper.forget()
    return dropped


def sizes() -> dict[str, int]:
    """How many answers are remembered, by the function that made them."""
    found = {name: function.cache_info()[3] for name, function in _functions}
    for keeper in tuple(_others.values()):
        name = type(keeper).__qualname__
        found[name] = found.get(name, 0) + keeper.answers()
    return found
