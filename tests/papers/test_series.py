"""Entries of one reply that have one title and are several works stay several; one listed twice stays one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rows import rows

from digestbot.model import Entry, PartialDate
from digestbot.papers.identity.candidate_index import CandidateIndex
from digestbot.papers.identity.decisions import decide, record
from digestbot.papers.identity.series import with_series_marked
from digestbot.sources.values.fields import unique_keys

TEXT = (
    "We measured {} ponds from November to March and found ice on nine of them, two weeks later than our parents did."
)
NOTICE = Entry(title="Notice", link="https://j.example/notices", published=PartialDate("2026-11-20T09:12:00Z"))
LONG = "Spectroscopic classifications of optical transients with the old telescope"


class Read:
    """The replies of one source, one after the other."""

    def __init__(self) -> None:
        self._index, self._seen, self._papers = CandidateIndex(), set[Entry](), set[int]()

    def reply(self, *entries: Entry) -> int:
        """How many papers there are after it."""
        given = [replace(entry, native_key=entry.native_key or entry.link) for entry in entries]
        for entry in unique_keys(with_series_marked(given)):
            if replace(entry, serial=False) not in self._seen:
                facts = record(entry, "lab")
                [home, *_] = decide(facts, self._index.candidates_for(facts)).join or (len(self._papers) + 1,)
                self._index.add_record(home, facts)
                self._papers.add(home)
            self._seen.add(replace(entry, serial=False))
        return len(self._papers)


def four(entry: Entry, **told: list[Any]) -> list[Entry]:
    return [replace(entry, **{name: values[n] for name, values in told.items()}) for n in range(4)]


GUIDS = {"native_key": ["a", "b", "c", "d"]}
PAGES = {"link": [f"https://j.example/n/{n}" for n in range(4)]}
PLACES = {"link": [f"https://j.example/notices#n{n}" for n in range(4)]}
SHORT = {"summary": [f"Room {n} is closed." for n in range(4)]}
TEXTS = {"summary": [TEXT.format(n) for n in range(4)]}
DAYS = {"published": [PartialDate(f"2026-11-{n}") for n in range(10, 14)]}
HOURS = {"published": [PartialDate(f"2026-11-20T1{n}:00:00Z") for n in range(4)]}
PEOPLE = {"authors": [(f"Ana {name}",) for name in ("Cruz", "Lind", "Okafor", "Ito")]}
DOIS = {"identifiers": [{"doi": f"10.5555/n{n}"} for n in range(4)]}
ONE_DOI = {"identifiers": [{"doi": "10.5555/n0"}, {}, {}, {}]}
SIGNED, UNDATED = replace(NOTICE, authors=("Ana Cruz",)), replace(NOTICE, published=None)


@rows(
    "four_of_a_title",
    [
        four(NOTICE, **SHORT), four(NOTICE, **TEXTS), four(NOTICE, **HOURS), four(NOTICE, **PEOPLE), four(SIGNED, **SHORT),
        four(SIGNED, **PAGES), four(SIGNED, **PLACES), four(SIGNED, **PAGES, **HOURS), four(UNDATED, **PAGES), four(UNDATED, **TEXTS),
        four(UNDATED, **DAYS), four(NOTICE, **PAGES, **SHORT), four(SIGNED, **GUIDS, **SHORT), four(UNDATED, **GUIDS, **PEOPLE),
        four(NOTICE, **PAGES, **DOIS), four(SIGNED, **PAGES, **ONE_DOI), four(replace(SIGNED, link=""), **GUIDS, **SHORT),
        four(replace(NOTICE, summary=TEXT), **PAGES, **DAYS), four(replace(SIGNED, title=LONG), **PAGES, **DAYS, **TEXTS),
    ],
)  # fmt: skip
def test_works_of_one_title_that_stand_together_are_as_many_papers_from_day_to_day(
    four_of_a_title: list[Entry],
) -> None:
    source = Read()
    assert [source.reply(*four_of_a_title[:3]) for _ in range(2)] == [3, 3]
    new = four_of_a_title[3]
    assert [source.reply(new, *four_of_a_title[:3]), source.reply(new, *four_of_a_title[:2])] == [4, 4]


@pytest.mark.parametrize(
    "once_more",
    [
        four(replace(NOTICE, title=LONG), **PAGES), four(replace(NOTICE, title=LONG), **GUIDS), four(NOTICE, **GUIDS),
        four(replace(NOTICE, summary=TEXT), **PAGES),
        four(NOTICE, link=[f"https://j.example/notices?utm_source={n}" for n in range(4)]),
    ],
)  # fmt: skip
def test_a_work_that_is_listed_several_times_is_one_paper(once_more: list[Entry]) -> None:
    assert Read().reply(*once_more) == 1


def test_one_of_a_series_under_another_guid_is_the_one_it_was() -> None:
    source, first = Read(), four(SIGNED, **GUIDS, **PAGES, **SHORT)
    assert source.reply(*first) == source.reply(*(replace(e, native_key=f"new {e.native_key}") for e in first)) == 4


def test_a_second_work_of_a_title_is_not_the_one_that_stood_alone() -> None:
    source, (first, second, *_) = Read(), four(SIGNED, **PAGES, **SHORT)
    assert [source.reply(first), source.reply(second, first), source.reply(second)] == [1, 2, 2]
