"""What one source brings again under another name is that entry; the next of a series is another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest
from rows import rows

from digestbot.model import Entry, PartialDate
from digestbot.papers.identity.candidate_index import CandidateIndex
from digestbot.papers.identity.decisions import compare_records, decide, record
from digestbot.papers.identity.reissues import Said, reissue_keys
from digestbot.papers.identity.title_features import features_of

LONG = Entry(title="Heat flow through thin walls of old stone houses", link="https://lab.example/blog/heat", native_key="?p=7",
             published=PartialDate("2026-11-20T09:12:00Z"))  # fmt: skip
SHORT = replace(LONG, title="Ponds")
TEXT = (
    "We measured eleven ponds from November to March and found ice on nine of them, two weeks later than our parents did. "
    * 2
)
MOVED: dict[str, Any] = {"link": "https://lab.example/news/heat", "native_key": "urn:uuid:77"}
LATER = PartialDate("2026-11-24")


@rows(
    ("first", "change"),
    [
        (LONG, {"native_key": "urn:uuid:77", "published": LATER}),
        (LONG, {"native_key": "urn:uuid:77", "published": None}),
        (LONG, {**MOVED, "published": PartialDate("2026-11-20")}),
        (LONG, {**MOVED, "published": PartialDate("2026-11-20T11:12:00Z")}),
        (replace(LONG, published=None), MOVED),
        (replace(LONG, summary=TEXT), {**MOVED, "published": LATER}),
        (replace(LONG, summary=TEXT), {**MOVED, "published": None}),
        (LONG, {"title": "Updated: Heat flow through thin walls of old stone houses"}),
        (LONG, {"title": "How heat leaves old stone houses"}),
        (replace(LONG, summary=TEXT, published=None), {"title": "How heat leaves old stone houses"}),
        (replace(LONG, authors=("Ana Cruz",)), {"title": "Heat flow through thin walls of …"}),
        (SHORT, {"native_key": "urn:uuid:77"}),
        (replace(SHORT, published=None), {"native_key": "urn:uuid:77"}),
        (replace(SHORT, summary=TEXT), {"native_key": "urn:uuid:77", "published": LATER}),
        (SHORT, {"link": "https://lab.example/blog/heat;jsessionid=8AF7D"}),
        (SHORT, {"link": "https://lab.example/blog/heat?sid=8AF7D"}),
        (replace(SHORT, summary=TEXT), {"link": "https://lab.example/vol12/heat", "published": LATER}),
        (replace(SHORT, published=None), {"link": "https://lab.example/blog/heat#content"}),
        (replace(SHORT, authors=("Ana Cruz",)), {"native_key": "urn:uuid:77", "authors": ("Cruz, A.",)}),
        (SHORT, {**MOVED}),
        (replace(SHORT, title="Warm stone houses", published=PartialDate("2026-11-20")), MOVED),
        (replace(SHORT, title="Warm stone houses", published=None), MOVED),
        (replace(SHORT, published=None, authors=("Ana Cruz",)), MOVED),
        (replace(SHORT, published=None, summary="On ponds of the North."), MOVED),
        (replace(SHORT, published=PartialDate("2026-11"), authors=("Ana Cruz",)), MOVED),
        (replace(SHORT, published=PartialDate("2026"), summary="On ponds of the North."), MOVED),
        (replace(SHORT, title="Warm stone houses", published=PartialDate("2026-11")), MOVED),
        (replace(SHORT, authors=("Ana Cruz",), summary="On ponds of the North."), {**MOVED, "published": LATER}),
        (replace(SHORT, title="Warm stone houses", authors=("Ana Cruz", "Bo Lu")), {**MOVED, "published": LATER}),
        (replace(SHORT, title="Warm stone houses", summary=TEXT), {**MOVED, "published": LATER}),
        (replace(SHORT, title="Warm stone houses", summary=TEXT * 2), {**MOVED, "published": PartialDate("2027-03")}),
        (LONG, {**MOVED, "title": "UPDATE - Heat flow through thin walls of old stone houses"}),
        (SHORT, {"title": "[Updated] Ponds"}),
        (SHORT, {"identifiers": {"doi": "10.5555/ponds"}, "native_key": "urn:uuid:77"}),
        (replace(SHORT, summary=TEXT), {**MOVED, "identifiers": {"doi": "10.5555/ponds"}}),
        (
            replace(LONG, title="Heat flow & frost in walls of old houses"),
            {"title": "Heat Flow and Frost in Walls of Old Houses.", "native_key": "urn:uuid:77"},
        ),
        (replace(SHORT, summary=TEXT), {"native_key": "urn:uuid:77", "summary": "We counted again."}),
        (
            replace(SHORT, published=None, authors=("Ana Cruz", "Bo Lu"), summary=TEXT),
            {"native_key": "urn:uuid:77", "summary": "We counted again."},
        ),
        (LONG, {"link": "https://lab.example/news/heat", "published": LATER}),
        (replace(SHORT, title="Warm stone houses"), {"link": "https://lab.example/news/heat", "published": LATER}),
        (
            replace(SHORT, published=None, summary=TEXT),
            {"link": "https://lab.example/news/heat", "summary": "We counted again."},
        ),
        (replace(SHORT, title="Editorial", summary=TEXT), MOVED),
        (replace(SHORT, title="Weekly links", summary="Ten links about ice."), MOVED),
        (
            replace(
                SHORT,
                title="Editorial",
                summary="Ahead of Print.",
                authors=("Ana Cruz",),
                published=PartialDate("2026-11-20"),
            ),
            MOVED,
        ),
        (SHORT, {"identifiers": {"doi": "10.5555/ponds"}}),
        (replace(SHORT, identifiers={"doi": "10.5555/ponds"}), {"identifiers": {}}),
    ],
)
def test_what_a_source_brings_again_is_the_entry_it_was(first: Entry, change: dict[str, Any]) -> None:
    verdict = compare_records(record(replace(first, **change), "lab"), record(first, "lab"))
    assert verdict.answer == "same", verdict


@pytest.mark.parametrize("first", [replace(SHORT, title="Warm stone houses", authors=("Ana Cruz",), summary=TEXT),
                                   replace(SHORT, authors=("Ana Cruz",), summary="On ponds of the North.")])  # fmt: skip
def test_what_is_dated_anew_each_day_under_new_links_comes_once(first: Entry) -> None:
    index = CandidateIndex()
    index.add_record(1, record(first, "lab"))
    for day in range(21, 31):
        again = replace(
            first, link=f"https://lab.example/{day}", native_key=f"{day}", published=PartialDate(f"2026-11-{day}")
        )
        facts = record(again, "lab")
        assert decide(facts, index.candidates_for(facts)).join == (1,)
        index.add_record(1, facts)


BOILERPLATE = (
    "What the people of our group have read since last time; follow the link, and send us what we have missed so far. "
)
COLUMN = replace(SHORT, title="Notes from the north", authors=("Ana Cruz",), summary=BOILERPLATE)
WEEKLY = replace(SHORT, title="Weekly links", summary="Ten links about ice.")
NEXT: dict[str, Any] = {"native_key": "?p=8", "published": LATER, "summary": "Ten links about fire."}


@rows(
    ("first", "change"),
    [
        (WEEKLY, {**NEXT, "link": "https://lab.example/blog/fire"}),
        (WEEKLY, NEXT),
        (COLUMN, {**MOVED, "published": PartialDate("2026-11-27T09:12:00Z")}),
        (replace(COLUMN, authors=("Ana Cruz", "Bo Lu"), summary=""), {**MOVED, "published": PartialDate("2026-11-27")}),
        (replace(COLUMN, title="Ponds"), {**MOVED, "published": PartialDate("2026-11-27")}),
        (replace(COLUMN, published=PartialDate("2026-11")), {**MOVED, "published": PartialDate("2026-12")}),
        (replace(COLUMN, title="Sky notes", summary="", published=PartialDate("2026-11")), {**MOVED, "published": PartialDate("2026-12")}),
        (replace(WEEKLY, summary=""), {**NEXT, "summary": ""}),
        (replace(WEEKLY, title="What we have read in our lab this week", authors=("Ana Cruz",)), {**NEXT, "link": "https://lab.example/8"}),
        (replace(SHORT, title="Editorial", summary="Journal of Ponds, Ahead of Print.", published=PartialDate("2026-11-20")), MOVED),
        (replace(SHORT, link="https://lab.example/", summary=TEXT, published=PartialDate("2026-11-20")), {"native_key": "urn:uuid:77", "summary": "We counted again."}),
        (replace(SHORT, title="Editorial", published=None, summary=TEXT), {"link": "https://lab.example/news/heat", "summary": "We counted again."}),
        (replace(COLUMN, title="Weekly links"), {**MOVED, "published": PartialDate("2026-11-21")}),
        (replace(COLUMN, title="Our daily reading list"), {**MOVED, "published": PartialDate("2026-11-21")}),
        (replace(COLUMN, title="The Friday roundup", published=PartialDate("2026-11-20")), {**MOVED, "published": PartialDate("2026-11-21")}),
        (replace(SHORT, published=None), MOVED),
        (replace(SHORT, published=PartialDate("2026-11")), MOVED),
        (replace(SHORT, authors=("Ana Cruz",)), {**MOVED, "published": LATER}),
        (replace(SHORT, title="Our weekly photo", authors=("Ana Cruz",)), {**MOVED, "published": LATER}),
        (replace(SHORT, title="Editorial", authors=("Ana Cruz", "Bo Lu"), published=PartialDate("2026-11")), {**MOVED, "published": PartialDate("2026-12")}),
        (replace(SHORT, title="Editorial", published=PartialDate("2026-11-20")), MOVED),
        (LONG, {"title": "Ponds in cold nights of the north and south", "published": LATER}),
        (replace(LONG, published=None), {"title": "Ponds in cold nights of the north and south"}),
        (replace(SHORT, identifiers={"doi": "10.5555/ponds"}), {"identifiers": {"doi": "10.5555/lakes"}}),
    ],
)  # fmt: skip
def test_the_next_of_a_series_is_another_entry(first: Entry, change: dict[str, Any]) -> None:
    verdict = compare_records(record(replace(first, **change), "lab"), record(first, "lab"))
    assert verdict.answer != "same", verdict


def test_a_title_under_which_no_paper_is_found_may_be_another_of_the_same_entry() -> None:
    index, changed = CandidateIndex(), replace(SHORT, title="Updated: Ponds")
    index.add_record(1, record(SHORT, "lab"))
    facts = record(changed, "lab")
    assert decide(facts, index.candidates_for(facts)).join == (1,)


class SaidWithDays(Said):
    """Says the keys of days too where title and text tell enough: what is shared is to be the same without them."""

    def _told_by_text(self) -> bool:
        return False


def test_keys_of_days_beside_that_of_a_long_text_would_find_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    titles = ("Ponds", "Multi-agent ponds", "Multiagent ponds", "Heat-flow through thin walls of old stone houses",
              "Heatflow through thin walls of old stone houses", "Our weekly links about heat in old stone houses")  # fmt: skip
    said = product(titles, ("", TEXT[:117], TEXT * 2), ((), ("Ana Cruz",)), ("", "2026-11", "2026-11-20", "2026-11-24"))
    things = [
        Entry(title=title, summary=text, authors=people, published=PartialDate(day) if day else None, link=f"https://lab.example/{n}")
        for n, (title, text, people, day) in enumerate(said)
    ]  # fmt: skip

    def keys() -> Iterator[frozenset[str]]:
        for thing in things:
            yield frozenset(reissue_keys(thing, features_of(thing.title, thing.authors), "lab"))

    few = list(keys())
    monkeypatch.setattr("digestbot.papers.identity.reissues.Said", SaidWithDays)
    many = list(keys())
    assert [not a.isdisjoint(b) for a, b in combinations(few, 2)] == [
        not a.isdisjoint(b) for a, b in combinations(many, 2)
    ]
    assert sum(map(len, few)) < sum(map(len, many))
