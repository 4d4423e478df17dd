"""What words, identifiers and people decide about papers that are stored, and that it holds."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from databases import migrated

from digestbot.acts.papers.curate import merge, show, split
from digestbot.acts.upkeep.rebuild import rebuild
from digestbot.errors import NotFound
from digestbot.model import Entry, Paper, PartialDate
from digestbot.papers import cluster
from digestbot.sources.kinds.feed import FeedSource
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, entry, topic
from digestbot.testing.site import TestSite

TITLE = "A Table for Every Bit: Lookup Arithmetic for Two-Bit Language Models"
SOURCES = {"arxiv-cs": FeedSource("https://x.example/")}


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    return TestSite(store)


def papers(office: TestSite) -> list[Paper]:
    with office.store.reading() as tx:
        return tx.papers.papers_seen_between(office.now - timedelta(days=30), office.now)


def work(key: str, title: str = TITLE, year: str = "2026", **change: object) -> Entry:
    values: dict[str, object] = {
        "authors": ("Ines Okafor", "Tomasz Lindqvist"),
        "summary": "We do things with bits. " * 5,
    }
    return Entry(title=title, native_key=key, published=PartialDate(year), **values | change)  # type: ignore[arg-type]


def test_a_journals_copy_without_the_preprints_id_is_joined_by_title_and_authors(office: TestSite) -> None:
    office.entries(work("a", identifiers={"arxiv": "2611.00001"}))
    office.entries(work("b", authors=("T. Lindqvist", "I. Okafor"), identifiers={"doi": "10.5555/x"}), source="journal")
    (paper,) = papers(office)
    assert dict(paper.identifiers) == {"arxiv": "2611.00001", "doi": "10.5555/x"}


def test_a_preprint_with_another_title_is_perhaps_the_same_and_stays_apart(office: TestSite) -> None:
    office.entries(work("a", identifiers={"arxiv": "2611.00001"}))
    office.entries(
        work(
            "b",
            "Lookup Arithmetic for Two-Bit Language Models, a Table for Bits",
            "2027",
            identifiers={"doi": "10.5555/x"},
        )
    )
    first, second = papers(office)
    with office.store.reading() as tx:
        found = tx.papers.perhaps_same([p.id for p in (first, second) if p.id is not None])
    assert first.id is not None
    assert [other for other, _ in found[first.id]] == [second.id]


A = work("a", identifiers={"arxiv": "2611.00001"})
B = work("b", identifiers={"doi": "10.5555/x"})
FIRST = work("a", TITLE.replace("Arithmetic", "Attention"), identifiers={"arxiv": "2611.00001"})
LIKE_IT = work(
    "b", "Lookup Attention for Two-Bit Language Models, a Table for Bits", "2027", identifiers={"doi": "10.5555/x"}
)
BOTH = work("c", "Another title altogether", identifiers={"arxiv": "2611.00002", "doi": "10.5555/x"})


@pytest.mark.parametrize("order", list(permutations((A, B, BOTH))))
def test_what_words_joined_identifiers_take_apart_in_any_order(order: tuple[Entry, ...], tmp_path: object) -> None:
    store = migrated("sqlite://")
    office = TestSite(store)
    for one in order:
        office.entries(one)
    found = {frozenset(p.identifiers.items()) for p in papers(office)}
    store.close()
    assert found == {frozenset({("arxiv", "2611.00001")}), frozenset({("arxiv", "2611.00002"), ("doi", "10.5555/x")})}
    assert sorted(len(group) for group in cluster(order)) == [1, 2]


def test_a_further_doi_of_the_same_work_ties_what_comes_later(office: TestSite) -> None:
    office.entries(work("a", identifiers={"doi": "10.1101/2026.1"}, same_as=("doi:10.5555/x",)))
    office.entries(work("b", "Renamed beyond recognition", identifiers={"doi": "10.5555/x"}))
    (paper,) = papers(office)
    assert paper.same_as == ("doi:10.5555/x",)


def test_a_post_is_one_more_source_of_each_paper_it_speaks_of_and_no_paper_itself(office: TestSite) -> None:
    office.papers(1, 2)
    post = Entry(
        title="Two papers I liked",
        summary="Read them.",
        native_key="p",
        mentions=("arxiv:2611.00001", "arxiv:2611.00002v3"),
    )
    office.entries(post, source="blog")
    found = papers(office)
    assert [p.sources for p in found] == [("arxiv-cs", "blog")] * 2
    assert not [p for p in found if "liked" in p.title]


def test_a_long_overview_of_many_papers_is_a_paper_too(office: TestSite) -> None:
    ids = tuple(f"arxiv:2611.0000{n}" for n in range(1, 6))
    office.entries(Entry(title="The year in sparse attention", summary="words " * 300, native_key="p", mentions=ids))
    assert [p.title for p in papers(office)] == ["The year in sparse attention"]


def test_a_paper_that_was_only_spoken_of_is_news_once_it_has_a_title(office: TestSite) -> None:
    office.entries(Entry(title="Look at this", native_key="p", mentions=("arxiv:2611.00001",)), source="blog")
    assert office.titles(office.dispatch(office.person().next_slot)) == []
    office.now += timedelta(days=20)
    office.papers(1)
    (paper,) = papers(office)
    assert (paper.title, paper.first_seen) == ("A Study of Sparse Attention, Part 1", office.now)
    office.now += timedelta(days=1)
    assert office.titles(office.dispatch()) == [["2611.00001"]]


def test_two_that_are_perhaps_one_stand_on_one_card_and_count_as_shown(office: TestSite) -> None:
    office.entries(FIRST)
    office.entries(LIKE_IT)
    report = office.dispatch(office.person().next_slot)
    assert [len(ids) for ids in office.titles(report)] == [2]
    with office.store.reading() as tx:
        [digest] = tx.slots.digests_by_id([report.slots[-1].digest or 0]).values()
    [item] = digest.items()
    assert item.beside is not None
    assert {item.paper.id, item.beside.id} == {p.id for p in papers(office)}
    office.now += timedelta(days=1)
    assert office.titles(office.dispatch()) == []


def test_one_that_is_perhaps_what_was_sent_before_still_comes_and_says_so(office: TestSite) -> None:
    office.entries(FIRST)
    office.dispatch(office.person().next_slot)
    office.now += timedelta(hours=2)
    office.entries(LIKE_IT)
    office.now += timedelta(days=1)
    report = office.dispatch()
    with office.store.reading() as tx:
        [item] = next(iter(tx.slots.digests_by_id([report.slots[-1].digest or 0]).values())).items()
    assert "You had that one on" in item.note
    assert item.beside is not None
    assert item.beside.public_id == "2611.00001"


def test_what_was_merged_by_hand_stays_one_paper_through_a_rebuild_and_later_entries(office: TestSite) -> None:
    office.papers(1, 2)
    office.dispatch(office.person().next_slot)
    found = merge(office.store, "2611.00002", "2611.00001", now=office.now)
    assert (found.paper, [d.kind for d in found.decisions]) == ("2611.00001", ["must"])
    rebuild(office.store, SOURCES, now=office.now)
    office.papers(2, native_key="later", comment="v2 of the second")
    (paper,) = papers(office)
    assert paper.public_id == "2611.00001"
    office.now += timedelta(days=1)
    assert office.titles(office.dispatch()) == []


def test_what_was_split_by_hand_stays_two_papers_through_a_rebuild_and_later_entries(office: TestSite) -> None:
    office.entries(work("a"))
    office.entries(work("b"), source="journal")
    (whole,) = papers(office)
    ours, theirs = show(office.store, whole.public_id).entries
    left, taken = split(office.store, whole.public_id, [theirs.entry], now=office.now)
    assert (left.paper, [v.entry for v in taken.entries]) == (whole.public_id, [theirs.entry])
    before = papers(office)
    rebuild(office.store, SOURCES, now=office.now)
    assert papers(office) == before
    assert [v.entry for v in show(office.store, whole.public_id).entries] == [ours.entry]


def test_a_merge_undoes_a_split_and_a_split_undoes_a_merge(office: TestSite) -> None:
    office.papers(1, 2)
    whole = merge(office.store, "2611.00001", "2611.00002", now=office.now)
    _, second = split(office.store, whole.paper, [whole.entries[1].entry], now=office.now)
    rebuild(office.store, SOURCES, now=office.now)
    assert len(papers(office)) == 2
    merge(office.store, whole.paper, second.paper, now=office.now)
    rebuild(office.store, SOURCES, now=office.now)
    assert [p.public_id for p in papers(office)] == ["2611.00001"]


@pytest.mark.parametrize("taken", [1, 2])
def test_what_was_sent_as_two_papers_and_merged_is_not_sent_again_when_it_is_split(
    office: TestSite, taken: int
) -> None:
    office.entries(entry(1, identifiers={"arxiv": "2611.00001"}))
    office.entries(entry(2, identifiers={"doi": "10.5555/x"}, title="A wholly different journal title"))
    sent = {p.public_id for p in papers(office)}
    [titles] = office.titles(office.dispatch(office.person().next_slot))
    assert len(titles) == 2
    office.now += timedelta(days=1)
    office.entries(entry(1, identifiers={"arxiv": "2611.00001", "doi": "10.5555/x"}, native_key="both"))
    office.dispatch()
    voices = show(office.store, "2611.00001").entries
    left, out = split(office.store, "2611.00001", [voices[taken - 1].entry], now=office.now)
    assert {left.paper, out.paper} == sent == {p.public_id for p in papers(office)}
    office.now += timedelta(days=1)
    assert not [t for titles in office.titles(office.dispatch()) for t in titles]
    rebuild(office.store, SOURCES, now=office.now)
    assert {p.public_id for p in papers(office)} == sent


def test_a_split_must_leave_something_and_name_entries_of_the_paper(office: TestSite) -> None:
    office.papers(1)
    [voice] = show(office.store, "2611.00001").entries
    with pytest.raises(NotFound, match="nothing would be left"):
        split(office.store, "2611.00001", [voice.entry], now=office.now)
    with pytest.raises(NotFound, match="no entry 999 of this paper"):
        split(office.store, "2611.00001", [999], now=office.now)


def test_the_store_and_cluster_decide_alike(office: TestSite) -> None:
    entries = [entry(n) for n in range(6)] + [replace(entry(n), identifiers={}, native_key=f"t{n}") for n in range(3)]
    entries += [A, B, work("d", f"Comment on: {TITLE}"), work("e", "Editorial"), work("f", "Editorial", authors=())]
    office.entries(*entries)
    assert len(papers(office)) == len(cluster(entries))


LITTLE = "Journal of Ponds, Ahead of Print."
AGAIN = [
    (title, text, authors, when)
    for title in ("Editorial", "Weekly links", "Ponds", "Warm stone houses")
    for text in (LITTLE, "We do things with bits. " * 5)
    for authors in ((), ("Ines Okafor",), ("Tomasz Lindqvist",))
    for when in ("2026-11-20", "2026-11-24", "2026-11")
]


@pytest.mark.parametrize("seed", range(6))
def test_what_one_source_brings_again_is_the_same_to_the_store_and_to_cluster_in_any_order(
    office: TestSite, seed: int
) -> None:
    draw = random.Random(seed)
    entries = [
        work(f"{n}", title, when, summary=text, authors=authors, link=f"https://lab.example/{n % 30}")
        for n, (title, text, authors, when) in enumerate(draw.sample(AGAIN, 24))
    ]
    sources = [draw.choice(("arxiv-cs", "lab")) for _ in entries]
    for entry_, source in zip(entries, sources, strict=True):
        office.entries(entry_, source=source)
    groups = cluster(entries, sources)
    assert len(papers(office)) == len(groups)
    order = draw.sample(range(len(entries)), len(entries))
    moved = cluster([entries[at] for at in order], [sources[at] for at in order])
    assert {frozenset(order[at] for at in group) for group in moved} == {frozenset(group) for group in groups}


OTHER = "Graph Networks for Proteins at Scale"


def kinds(office: TestSite, day: int) -> list[tuple[str, str]]:
    """(paper, kind) of what the digest of that day tells."""
    office.now = NOW + timedelta(days=day)
    return [(i.paper.public_id, i.kind) for d in office.digests(office.dispatch()) for i in d.items()]


def says(office: TestSite, number: int, day: int, comment: str, **change: Any) -> None:
    office.now = NOW + timedelta(days=day) - timedelta(hours=3)
    office.papers(number, native_key=f"{number} on {day}", comment=comment, **change)


def parted(office: TestSite) -> None:
    voices = show(office.store, "2611.00001").entries
    split(office.store, "2611.00001", [v.entry for v in voices if v.title == OTHER], now=office.now)


@pytest.mark.parametrize("when", ["before", "while"])
def test_what_happened_to_one_of_two_that_were_merged_is_its_own_when_they_are_split(
    office: TestSite, when: str
) -> None:
    office.tuned(updates="all", topics=(topic("All", "study OR proteins"),), trending=0)
    says(office, 1, 0, "9 pages")
    says(office, 2, 0, "8 pages", title=OTHER)
    assert len(kinds(office, 0)) == 2
    office.now += timedelta(hours=1)
    if when == "while":
        merge(office.store, "2611.00001", "2611.00002", now=office.now)
    says(office, 2, 1, "Accepted at ISCA 2027", title=OTHER)
    assert [kind for _, kind in kinds(office, 1)] == ["accepted"]
    if when == "before":
        merge(office.store, "2611.00001", "2611.00002", now=office.now)
        assert kinds(office, 2) == []
    parted(office)
    assert kinds(office, 3) == []
    says(office, 1, 4, "Accepted at ICML 2027")
    rebuild(office.store, {}, now=office.now)
    assert kinds(office, 4) == [("2611.00001", "accepted")]
    says(office, 2, 5, "Accepted at ISCA 2027, Toronto", title=OTHER)
    assert kinds(office, 5) == []


def test_who_had_one_of_two_that_were_merged_is_not_told_what_happened_to_the_other(office: TestSite) -> None:
    office.tuned(updates="all", topics=(topic("One", "study"),), trending=0)
    says(office, 1, 0, "9 pages")
    says(office, 2, 0, "8 pages", title=OTHER)
    assert kinds(office, 0) == [("2611.00001", "new")]
    says(office, 2, 1, "Accepted at ISCA 2027", title=OTHER)
    merge(office.store, "2611.00001", "2611.00002", now=office.now)
    parted(office)
    assert kinds(office, 1) == []
