"""An identifier that entries of different titles share is their container's."""

from __future__ import annotations

import pytest

from digestbot.model import Entry, FrozenMap
from digestbot.sources.values.container_ids import without_container_ids
from digestbot.sources.values.fields import unique_keys

DOI = {"doi": "10.5555/journal"}


def entry(title: str, **known: str) -> Entry:
    return Entry(title=title, identifiers=FrozenMap(known or DOI))


def test_an_identifier_of_three_titles_is_none_of_them_and_says_so() -> None:
    entries, problems = without_container_ids(
        [entry("Birds"), entry("Fish"), entry("Newts"), entry("Own", doi="10.1/x")]
    )
    assert [dict(e.identifiers) for e in entries] == [{}, {}, {}, {"doi": "10.1/x"}]
    assert [problem.what for problem in problems] == ["doi 10.5555/journal stands at 3 entries of different titles"]


def test_other_identifiers_of_such_an_entry_stay() -> None:
    entries, _ = without_container_ids([entry(f"Paper {n}", doi="10.5555/journal", pmid=str(n)) for n in range(5)])
    assert [dict(e.identifiers) for e in entries] == [{"pmid": str(n)} for n in range(5)]


@pytest.mark.parametrize(
    ("titles", "own"),
    [
        (["Birds", "Fish"], False),
        (["Birds", "birds.", "BIRDS", "Birds"], True),
        (["Birds", "Fish", ""], False),
        (["Birds"], True),
    ],
)
def test_two_are_enough_where_there_are_no_others_and_versions_of_one_work_stay(titles: list[str], own: bool) -> None:
    entries, problems = without_container_ids([entry(title) for title in titles])
    assert all(bool(e.identifiers) is own for e in entries if e.title)
    assert bool(problems) is not own


def test_a_pair_under_one_identifier_among_others_stays() -> None:
    pair = [entry("A preprint"), entry("The same under another title"), entry("Other", doi="10.1/x")]
    assert without_container_ids(pair) == (pair, [])


def test_the_keys_of_items_under_one_guid_stay_from_day_to_day() -> None:
    old = [Entry(title=title, native_key="https://lab.example/") for title in ("One", "Two", "Three")]
    today = [Entry(title="Four", native_key="https://lab.example/"), *old]
    before = {entry.title: entry.native_key for entry in unique_keys(old)}
    after = {entry.title: entry.native_key for entry in unique_keys(today)}
    assert len(set(after.values())) == 4
    assert {title: after[title] for title in before} == before


def test_a_guid_of_one_item_and_its_repetition_stays_as_it_is() -> None:
    item = Entry(title="One", native_key="guid")
    assert [entry.native_key for entry in unique_keys([item, item])] == ["guid", "guid One"]
    assert [entry.native_key for entry in unique_keys([item, Entry(title="No guid")])] == ["guid", "title:No guid"]
