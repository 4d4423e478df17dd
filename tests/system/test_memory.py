"""A process that rests holds nothing of yesterday's papers, however many days it ran."""

from __future__ import annotations

import functools
import gc
import platform
from collections.abc import Iterator
from pathlib import Path
from weakref import ref

import pytest

from benchmarks import month, rules
from digestbot import memo
from digestbot.acts import rounds
from digestbot.system import memory

CLOSED = 64  #: entries of a cache without a bound: one for each class or statement of ours


def functions() -> dict[str, tuple[int | None, int]]:
    """Every cache of ours that stands: its bound, and its entries."""
    kind, found = type(functools.lru_cache(str)), dict[str, tuple[int | None, int]]()
    for one in gc.get_objects():
        if isinstance(one, kind) and str(getattr(one, "__module__", "")).startswith("digestbot."):
            info = one.cache_info()
            found[f"{one.__module__}.{one.__qualname__}"] = info.maxsize, info.currsize
    return found


@pytest.fixture
def seldom() -> Iterator[None]:
    """No collection comes by itself."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A month of invented papers, twelve a day."""
    monkeypatch.setattr(month, "A_DAY", 12)
    monkeypatch.setattr(rules, "DATA", tmp_path / "none")


@pytest.mark.slow
@pytest.mark.usefixtures("small")
async def test_nothing_of_a_papers_text_outlives_its_round(tmp_path: Path) -> None:
    await month.played(tmp_path, 1)
    stand = {name: size for name, size in memo.sizes().items() if size}
    caches = {name: size for name, (_, size) in functions().items()}
    (tmp_path / "again").mkdir()
    await month.played(tmp_path / "again", 2)
    assert stand == {}
    assert {name: size for name, size in memo.sizes().items() if size} == {}
    assert {n: size for n, (most, size) in functions().items() if most is None and size > caches.get(n, 0) + 1} == {}


@pytest.mark.slow
@pytest.mark.usefixtures("small")
async def test_a_round_remembers_while_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    monkeypatch.setattr(rounds, "give_back", lambda: held.append(sum(memo.sizes().values())))
    await month.played(tmp_path, 1)
    memo.forget()
    assert len(held) == 2  # the poll, and the digests
    assert min(held) > 100


def test_every_cache_of_ours_has_a_bound_but_those_of_closed_lists() -> None:
    for name, (most, size) in functions().items():
        assert size <= CLOSED if most is None else most <= 16_384, name


class Lake:
    asked = 0

    @memo.once
    def depth(self) -> int:
        """In metres."""
        self.asked += 1
        return 12


def test_a_property_is_asked_once_of_each_value() -> None:
    one, other = Lake(), Lake()
    assert (one.depth, one.depth, one.asked) == (12, 12, 1)
    assert (other.asked, other.depth, other.asked) == (0, 12, 1)
    assert Lake.depth.__doc__ == "In metres."


def test_what_was_remembered_is_made_again_after_it_is_forgotten() -> None:
    calls: list[str] = []

    @memo.remembered(2)
    def made(word: str) -> str:
        calls.append(word)
        return word.upper()

    assert [made("a"), made("a")] == ["A", "A"]
    assert calls == ["a"]
    memory.give_back()
    assert made("a") == "A"
    assert calls == ["a", "a"]


def test_an_object_that_is_gone_is_no_longer_asked_to_forget() -> None:
    class Keeper:
        kept = 1

        def forget(self) -> None:
            self.kept = 0

        def answers(self) -> int:
            return self.kept

    keeper = Keeper()
    memo.until_forgotten(keeper)
    assert memo.sizes()[Keeper.__qualname__] == 1
    memo.forget()
    assert keeper.kept == 0
    del keeper
    gc.collect()
    assert Keeper.__qualname__ not in memo.sizes()


class Window:
    """Holds itself in a circle, as a window of papers does."""

    def __init__(self) -> None:
        self.ask = self.answer

    def answer(self) -> None:
        pass


def test_what_holds_itself_in_a_circle_is_gone_after_the_round(seldom: None) -> None:
    square = memo.remembered(2 * memory.WORTH_IT)(lambda number: number * number)
    for number in range(memory.WORTH_IT):
        square(number)
    window = Window()
    seen = ref(window)
    del window
    assert seen() is not None
    memory.give_back()
    assert seen() is None


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no arenas")
def test_threads_share_arenas_where_there_are_any() -> None:
    assert memory.share_arenas()
