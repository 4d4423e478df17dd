"""OpenAlex: what is asked, with and without a key; abstracts turned right side out; what stands and what does not."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from digestbot.model import Entry, ParseResult, PartialDate, ReadStatus, Response, Secret
from digestbot.sources import Source
from digestbot.sources.kinds.openalex import API, OpenAlexSource
from digestbot.testing import replies
from digestbot.testing.sources import SourceContract

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)


class TestOpenAlex(SourceContract):
    def source(self) -> Source:
        return OpenAlexSource.from_options({"query": "protein folding"})

    def replies(self) -> list[bytes]:
        return [replies.openalex(DAY)]


def read(body: Any, url: str = f"{API}?page=1", **options: Any) -> ParseResult:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return OpenAlexSource.from_options({"url": API} | options).parse(Response(url=url, body=data, fetched=NOW), NOW)


def work(**fields: Any) -> Entry:
    (entry,) = read(
        {"meta": {"count": 1}, "results": [{"id": "https://openalex.org/W1", "display_name": "T"} | fields]}
    ).entries
    return entry


def test_the_whole_look_back_is_asked_for_each_time() -> None:
    source = OpenAlexSource.from_options(
        {"filter": "primary_topic.field.id:17", "query": "protein folding", "look_back": 7}
    )
    (request,) = source.requests({"read": "2026-11-22"}, NOW)
    assert request.url.startswith(
        "https://api.openalex.org/works?filter=primary_topic.field.id%3A17%2Cfrom_publication_date%3A2026-11-16%2Ctype%3A%21paratext"
        "&search=protein+folding&sort=publication_date%3Adesc&per_page=100&select=id%2Cids%2C"
    )
    assert request.url.endswith("&page=1")


def test_a_key_allows_a_cursor_and_stands_in_no_address() -> None:
    source = OpenAlexSource.from_options({"query": "x", "api_key": Secret("k3y")})
    (request,) = source.requests({}, NOW)
    assert (request.secrets["api_key"].reveal(), "cursor=%2A" in request.url, "k3y" in repr(request)) == (
        "k3y",
        True,
        False,
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "needs a filter or a query"), ({"filter": "x"}, "'x' has no colon"), ({"query": ["x"]}, "query is a text")],
)
def test_a_mistake_in_the_options_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        OpenAlexSource.from_options(options)


def test_pages_are_counted_until_everything_has_come() -> None:
    page = read(replies.openalex(DAY, count=9))
    assert ([r.url for r in page.next_requests], page.expected) == ([f"{API}?page=2#got=5"], 9)
    assert read(replies.openalex(DAY, count=9), page.next_requests[0].url).next_requests == ()


def test_a_cursor_is_followed_with_the_key() -> None:
    (request,) = read(
        replies.openalex(DAY, count=9, cursor="IlsxNj="), f"{API}?cursor=%2A", api_key=Secret("k3y")
    ).next_requests
    assert (request.url, request.secrets) == (f"{API}?cursor=IlsxNj%3D#got=5", {"api_key": Secret("k3y")})


def test_no_more_than_the_newest_two_thousand_are_read() -> None:
    page = read(replies.openalex(DAY, count=90_000), f"{API}?page=20#got=1995")
    assert (page.expected, page.next_requests) == (2000, ())


@pytest.mark.parametrize(
    ("index", "text"),
    [({"We": [0, 2], "see": [1]}, "We see We"), ({"b": [9], "a": [4]}, "a b"), ({"x": [10**9]}, ""), ({"x": "no", "y": [None, 0]}, "y"), (None, ""), ([], ""),
     ({"<p>Cells\n": [0], "grow</p>": [1]}, "Cells grow")],
)  # fmt: skip
def test_an_abstract_is_turned_right_side_out(index: Any, text: str) -> None:
    assert work(abstract_inverted_index=index).summary == text


def test_an_arxiv_doi_is_the_arxiv_id_and_a_place_on_arxiv_is_no_identity() -> None:
    assert work(doi="https://doi.org/10.48550/arxiv.2611.00001").identifiers == {
        "arxiv": "2611.00001",
        "openalex": "W1",
    }
    place = {"landing_page_url": "http://arxiv.org/abs/2611.00002", "pdf_url": "https://arxiv.org/pdf/2611.00002"}
    entry = work(
        doi="https://doi.org/10.5555/A", primary_location=place, ids={"pmid": "https://pubmed.ncbi.nlm.nih.gov/77"}
    )
    assert (entry.identifiers, entry.same_as) == ({"doi": "10.5555/a", "pmid": "77", "openalex": "W1"}, ())


@pytest.mark.parametrize(
    ("day", "said"), [("2026-11-20", "2026-11-20"), ("2026-01-01", "2026"), (None, "2025"), ("soon", "2025")]
)
def test_the_first_of_january_stands_for_a_year(day: Any, said: str) -> None:
    assert work(publication_date=day, publication_year=2025).published == PartialDate(said)


def test_a_list_whose_pages_have_no_numbers_is_one_page_and_counted_only_when_that_is_all() -> None:
    listed = {"results": [{"id": "https://openalex.org/W1", "display_name": "T"}]}
    part, whole = (read({"meta": {"count": n}} | listed, f"{API}?search=x&per-page=1") for n in (523456, 1))
    assert (part.expected, part.next_requests, whole.expected) == (None, (), 1)


@pytest.mark.parametrize(
    ("fields", "title", "standing"),
    [({"display_name": "RETRACTED: On Cells", "is_retracted": True}, "On Cells", "retracted"),
     ({"display_name": "Retracted: On Cells", "is_retracted": True}, "On Cells", "retracted"),
     ({"display_name": "WITHDRAWN: On Cells"}, "On Cells", "withdrawn"),
     ({"display_name": "Retracted: On Cells"}, "Retracted: On Cells", "")],  # a notice
)  # fmt: skip
def test_the_mark_of_a_title_is_no_part_of_it(fields: dict[str, Any], title: str, standing: str) -> None:
    entry = work(**fields)
    assert (entry.title, entry.standing) == (title, standing)


def test_two_authors_of_one_name_are_two_and_a_name_as_printed_will_do() -> None:
    people = [{"author": {"id": "A1", "display_name": "Wei Wang"}}, {"author": {"id": "A2", "display_name": "Wei Wang"}},
              {"author": {"id": "A1", "display_name": "Wei Wang"}}, {"author": {"display_name": None}, "raw_author_name": "M. Cruz"}]  # fmt: skip
    assert work(authorships=people).authors == ("Wei Wang", "Wei Wang", "M. Cruz")


def test_a_retracted_work_does_not_stand() -> None:
    assert (work(is_retracted=True).standing, work(is_retracted=False).standing, work().standing) == (
        "retracted",
        "",
        "",
    )


def test_a_work_full_of_nothing_is_read() -> None:
    entry = work(
        display_name=None,
        doi=None,
        authorships=None,
        primary_location=None,
        best_oa_location=None,
        primary_topic=None,
        ids=None,
        language=None,
    )
    assert (entry.title, entry.authors, entry.identifiers, entry.link) == (
        "",
        (),
        {"openalex": "W1"},
        "https://openalex.org/W1",
    )


def test_one_work_alone_is_read_too() -> None:
    assert read({"id": "https://openalex.org/W9", "title": "Alone"}).entries[0].title == "Alone"


@pytest.mark.parametrize("body", [{"error": "Invalid filter", "message": "Unknown field"}, {"results": None}, [], "x"])
def test_what_is_no_list_of_works_is_unreadable(body: Any) -> None:
    assert read(body).status is ReadStatus.UNREADABLE


def test_the_words_of_an_error_are_told() -> None:
    assert read({"error": "Invalid filter", "message": "Unknown field"}).problems[0].where == "Unknown field"


def test_a_recorded_search_is_read_as_a_person_reads_it(shared_data: Path) -> None:
    (path,) = shared_data.rglob("openalex_search.json")
    result = read(json.loads(path.read_text())["body"])
    first = result.entries[0]
    assert (len(result.entries), first.title) == (5, "Attention mechanisms in computer vision: A survey")
    assert first.summary.startswith("Humans can naturally and effectively find salient regions in complex scenes.")
    assert (first.published, first.identifiers["doi"], first.authors[0]) == (
        PartialDate("2022-03-15"),
        "10.1007/s41095-022-0271-y",
        "Meng-Hao Guo",
    )
