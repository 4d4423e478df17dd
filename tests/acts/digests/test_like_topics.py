"""Topics that are made of papers instead of a rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digestbot.acts.answers.backtest import backtest, doubts
from digestbot.acts.answers.explain import explain
from digestbot.acts.people.sync import sync
from digestbot.model import Topic
from digestbot.settings.likes import Liked, of_file, of_names
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, subscriber, topic
from digestbot.testing.site import DESK, TestSite

DAY = timedelta(days=1)
THEMES = (
    "state space model scan recurrence", "protein folding structure residue", "football league ranking season",
    "whale song hydrophone ocean", "compiler register allocation loop", "galaxy cluster redshift survey",
)  # fmt: skip
LIKED = tuple(f"arxiv:2610.0000{n}" for n in (1, 2, 3))


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    """Three papers of one theme stand in the record, and six papers of each of six themes have come."""
    site = TestSite(store)
    site.now = NOW - 20 * DAY
    wanted = topic("Mine", "like 2610.00001, 2610.00002, 2610.00003", like=LIKED)
    site.tuned(topics=(wanted,), trending=0)
    for n in (1, 2, 3):
        entry = {"arxiv": f"2610.0000{n}"}
        site.papers(
            n, title=f"Selective scan {n} for state space models", summary="A recurrence of a state space model by a scan.",
            identifiers=entry, native_key=f"{n}",
        )  # fmt: skip
    site.now = NOW - DAY / 2
    for number in range(36):
        theme = THEMES[number % 6]
        site.papers(100 + number, title=f"{theme.title()} {number}", summary=f"We study {theme} at length.")
    return site


def mine(office: TestSite) -> Topic:
    return office.person().topics[0]


def test_what_is_like_the_named_papers_comes_and_says_by_which_words(office: TestSite) -> None:
    [digest] = office.digests(office.dispatch(NOW))
    [section] = digest.sections
    assert {i.paper.title.rpartition(" ")[0] for i in section.items} == {THEMES[0].title()}
    assert len(section.items) == 6
    item = section.items[0]
    assert {"scan", "state", "space"} & {reason.text.casefold() for reason in item.reasons}
    assert {part.name for part in item.score_parts} == {"like these", "new"}
    assert sum(part.points for part in item.score_parts) == pytest.approx(item.score, abs=0.003)
    assert section.note == "like 2610.00001, 2610.00002, 2610.00003"


def test_explain_says_how_like_them_a_paper_is_and_what_moved_it(office: TestSite) -> None:
    office.dispatch(NOW)
    came = explain(office.store, DESK, "2611.00100", office.person(), now=NOW)
    missed = explain(office.store, DESK, "2611.00101", office.person(), now=NOW)
    assert (came.verdict, missed.verdict) == ("queued", "no_match")
    assert came.topics[0].clause.value is True
    assert "of 0.8: " in came.topics[0].clause.saw
    assert "scan ▲" in came.topics[0].clause.saw.casefold() or "space ▲" in came.topics[0].clause.saw.casefold()
    assert missed.topics[0].clause.value is False


def test_the_named_papers_themselves_are_no_news(office: TestSite) -> None:
    found = explain(office.store, DESK, "2610.00001", office.person(), now=NOW)
    assert [answer.clause.saw for answer in found.topics] == ["it is one of these papers itself"]


def test_it_is_backtested_like_a_rule_and_a_threshold_lets_fewer_through(office: TestSite) -> None:
    strict = replace(mine(office), threshold=0.99)
    found = backtest(office.store, office.person(), [strict], rules={}, since=30 * DAY, now=NOW)
    assert sum(day.now for day in found.days) == 6
    assert not found.gained
    assert sum(day.then for day in found.days) + len(found.lost) == 6


def test_papers_that_are_not_in_the_record_yet_are_put_there_and_doubted_until_they_have_a_text(
    store: SqlStore,
) -> None:
    site = TestSite(store)
    liked = of_names(["2610.00007", "10.1000/182", "https://arxiv.org/abs/2610.00009v2"])
    person = subscriber(topics=(topic("Mine", "like", like=liked.keys),))
    sync(store, [person], [], liked=liked.entries, now=NOW)
    [(ref, name, what)] = doubts(store, [site.person()], rules={}, now=NOW)
    assert (ref, name) == ("reader", "Mine")
    assert what == (
        "3 of its 3 papers are not in the record yet (arxiv:2610.00007, arxiv:2610.00009, doi:10.1000/182): "
        "the next poll asks for them"
    )
    with store.reading() as tx:
        untitled = tx.papers.untitled_papers_between(NOW - DAY, NOW)
    assert sorted(next(iter(p.identifiers)) for p in untitled) == ["arxiv", "arxiv", "doi"]
    assert [c.state for c in site.dispatch(NOW).slots] == ["empty"]


def test_a_bibtex_file_names_the_papers_with_their_abstracts(store: SqlStore) -> None:
    liked = of_file(
        """@article{a, title = {Selective scan for state space models}, abstract = {A scan.}, eprint = {2610.00001},
        archivePrefix = {arXiv}}
        @article{b, title = {A recurrence without an identifier}, author = {Ines Okafor}, year = 2020}
        @article{c, title = {Third of these about scans}, doi = {10.1000/3}}"""
    )
    assert liked.keys == ("arxiv:2610.00001", "title:A recurrence without an identifier", "doi:10.1000/3")
    site = TestSite(store)
    sync(store, [subscriber(topics=(topic("Mine", "like", like=liked.keys),))], [], liked=liked.entries, now=NOW)
    assert doubts(store, [site.person()], rules={}, now=NOW) == []


@pytest.mark.parametrize(
    ("liked", "error", "warning"),
    [
        (of_names(["2610.00007", "the one on scans", "10.1000/1", "10.1000/2"]),
         '"the one on scans" is no arXiv id, DOI, PMID or address of a paper', ""),
        (of_names(["2610.00007"]), "", "one paper says little; three to ten are a topic"),
        (of_file("not a library"), "holds no paper with a title or an identifier", ""),
        (of_names(["pmid:31452104", "10.1000/1", "hep-th/9901001"]), "", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_papers_is_said(liked: Liked, error: str, warning: str) -> None:
    assert (liked.errors, liked.warnings) == ((error,) * bool(error), (warning,) * bool(warning))
