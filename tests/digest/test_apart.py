"""Near-copies take no place of a topic from others: they go below, and say like what they are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import pytest

from digestbot.digest.selection.apart import apart
from digestbot.digest.selection.select import Asking, BestList, Had, Reach, Selection, select
from digestbot.model import Fate, Paper, PaperId, Span
from digestbot.testing.builders import NOW, paper, subscriber, topic

START = NOW - timedelta(days=7)
PAPERS = [(paper(n, title=f"Study {n}"), 10.0 - n) for n in range(1, 10)]
COPIES = {1, 2, 3, 5}  #: all of these are near-copies of each other


def near(one: Paper) -> Collection[PaperId]:
    return [PaperId(n) for n in COPIES - {one.id}] if one.id in COPIES else []


def chosen(limit: int | None = 3, most: int = 20, best: bool = False, count: int = 9) -> Selection:
    person = subscriber(topics=(topic("First", "a", limit=limit),), max_papers=most)
    reach = Reach(START, {"First": BestList(span=Span.WEEK, since=START)} if best else {})
    return select(
        person,
        [(person.topics[0], PAPERS[:count])],
        Had(),
        {},
        (),
        reach=reach,
        asking=Asking(lambda _, some: [()] * len(some), near),
    )


def numbers(selection: Selection, part: str) -> list[int | None]:
    return [item.paper.id for section in selection.sections for item in getattr(section, part)]


@pytest.mark.parametrize(("limit", "most"), [(3, 20), (None, 3)])
def test_two_stand_on_cards_and_the_third_leaves_its_place_to_another(limit: int | None, most: int) -> None:
    selection = chosen(limit, most)
    assert numbers(selection, "items") == [1, 2, 4]
    assert numbers(selection, "more") == [3, 5, 6, 7, 8, 9]  # none is lost, and they keep their order
    notes = [item.note for section in selection.sections for item in section.more]
    assert notes == ["Much like “Study 1” above.", "", "", "", "", ""]  # 5 has no room anyway
    assert selection.fates[PaperId(3)] is Fate.MORE_LIKE
    assert selection.fates[PaperId(5)] is (Fate.MORE_LIMIT if limit else Fate.MORE_MAX)


def test_it_goes_below_where_there_is_room_for_it_too() -> None:
    selection = chosen(None, 20, count=5)
    assert (numbers(selection, "items"), numbers(selection, "more")) == ([1, 2, 4], [3, 5])
    assert [selection.fates[PaperId(n)] for n in (3, 5)] == [Fate.MORE_LIKE, Fate.MORE_LIKE]


def test_a_best_list_has_others_in_the_place_of_a_third_and_may_bring_it_later() -> None:
    selection = chosen(4, best=True)
    assert (numbers(selection, "items"), numbers(selection, "more")) == ([1, 2, 4, 6], [])
    assert selection.held()[PaperId(3)] is Fate.BEST_LIKE
    assert selection.held()[PaperId(9)] is Fate.NOT_BEST


def test_no_more_is_asked_than_stands_on_cards() -> None:
    asked: list[int | None] = []

    def noted(one: Paper) -> Collection[PaperId]:
        asked.append(one.id)
        return near(one)

    assert list(apart(PAPERS, 3, noted).cards) == [0, 1, 3]
    assert asked == [1, 2, 3, 4]
    assert list(apart(PAPERS[:2], 3, noted).cards) == [0, 1]
    assert len(asked) == 4
