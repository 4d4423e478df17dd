"""The project's founding document, read as any saved page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digestbot.model import ParseResult, PartialDate, ReadStatus
from digestbot.sources.kinds.page import PageSource
from digestbot.transport.file import read_file

READ = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
#: every address of the text, in its order, as a reader would copy it: without the sentence's dot or bracket
ADDRESSES = [
    "https://github.com/SewoongLab/PLeaS-Merging",
    "https://github.com/mila-iqia/spr",
    "https://baai-agents.github.io/Cradle/",
    "https://github.com/osmanberke/Deep-SSVEP-BCI",
    "https://gui-agent.github.io/grounding-leaderboard",
    "https://sites.google.com/view/pearl-preference",
    "https://vankouf.github.io/DSONet/",
    "https://github.com/ScalingIntelligence/Archon",
    "https://github.com/minju0821/musical_instrument_retrieval",
    "https://github.com/guangyliu/EISL",
    "https://github.com/google/jaxite/tree/main/jaxite_word",
    "https://github.com/wqzustc/High-Performance-Tensor-Processing-Engines",
    "https://github.com/nishadsinghi/sc-genrm-scaling",
    "https://github.com/yingweima2022/SWE-Reasoner",
    "https://scalingintelligence.stanford.edu/pubs/codemonkeys",
    "https://github.com/xiaoman-liu/NCPP",
    "https://github.com/MoE-Inf/awesome-moe-inference/",
    "https://github.com/microsoft/T-MAC",
    "https://github.com/yoshitomo-matsubara/hnd-ghnd-object-detectors",
    "https://github.com/abbasiReza/super-pipeline",
    "https://github.com/chakkritte/EEEA-Net",
    "https://github.com/Scientific-Computing-Lab-NRCN/MPI-rigen",
    "https://github.com/Infini-AI-Lab/Kinetics",
    "https://cybench.github.io",
    "https://github.com/Floating-LY/HARMONY1",
    "https://github.com/Imbernoulli/SURGE",
    "https://github.com/pavlyhalim/GPPerf",
]


@pytest.fixture(scope="module")
def page(shared_data: Path) -> ParseResult:
    response = read_file(shared_data / "seed" / "daily-papers.txt", READ).response
    assert response is not None
    return PageSource(response.url).parse(response, READ)


def test_all_93_papers_are_read_without_a_problem(page: ParseResult) -> None:
    assert (page.status, len(page.entries), page.problems) == (ReadStatus.OK, 93, ())


def test_every_paper_has_its_own_title_and_an_abstract(page: ParseResult) -> None:
    assert len({entry.title for entry in page.entries}) == 93
    assert all(24 <= len(entry.title) <= 179 for entry in page.entries)
    assert all(1387 <= len(entry.summary) <= 1917 for entry in page.entries)


def test_first_and_last_title_stand_where_they_stand_in_the_text(page: ParseResult) -> None:
    assert page.entries[0].title == "PLeaS -- Merging Models with Permutations and Least Squares"
    assert page.entries[1].title == "Data-Efficient Reinforcement Learning with Self-Predictive Representations"
    assert page.entries[0].summary.startswith("The democratization of machine learning systems")
    assert page.entries[91].summary.startswith("Analytical framework for predicting")
    assert page.entries[92].title == "Optimizing Distributed Training on Frontier for Large Language Models"


def test_the_listing_day_gets_the_year_it_was_read_in(page: ParseResult) -> None:
    assert page.listed == PartialDate("2026-06-06")
    assert {entry.announced for entry in page.entries} == {PartialDate("2026-06-06")}


def test_nothing_is_said_of_when_the_papers_were_published(page: ParseResult) -> None:
    assert {entry.published for entry in page.entries} == {None}


def test_the_curators_are_named_although_their_space_is_missing(page: ParseResult) -> None:
    assert page.curators == "AK and the research community"


def test_every_address_of_the_text_is_a_link_as_a_reader_would_copy_it(page: ParseResult) -> None:
    assert [link.href for entry in page.entries for link in entry.links] == ADDRESSES


def test_addresses_of_code_hosts_are_code(page: ParseResult) -> None:
    code = [link.href for entry in page.entries for link in entry.links if link.rel == "code"]
    assert code == [address for address in ADDRESSES if address.startswith("https://github.com/")]


def test_two_papers_that_begin_with_the_same_sentence_have_keys_of_their_own(page: ParseResult) -> None:
    assert len({entry.native_key for entry in page.entries}) == 93
