"""DataCite: what is asked, page after page, and what a work says."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from digestbot.model import Entry, ParseResult, PartialDate, ReadStatus, Response
from digestbot.sources import Source
from digestbot.sources.formats.detect import kind_of
from digestbot.sources.kinds.datacite import API, DataCiteSource
from digestbot.testing import field_replies
from digestbot.testing.sources import SourceContract

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)
FIRST = f"{API}?page%5Bcursor%5D=1"


class TestDataCite(SourceContract):
    def source(self) -> Source:
        return DataCiteSource.from_options({"repository": "cern.zenodo"})

    def replies(self) -> list[bytes]:
        return [field_replies.datacite(DAY)]


def read(body: Any, url: str = FIRST) -> ParseResult:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return DataCiteSource(url=API).parse(Response(url=url, body=data, fetched=NOW), NOW)


def work(**fields: Any) -> Entry:
    row = {"id": "10.5555/a", "type": "dois", "attributes": {"doi": "10.5555/A", "titles": [{"title": "T"}]} | fields}
    return read({"data": [row]}).entries[0]


def test_papers_of_a_repository_whose_doi_was_made_since_are_asked_for() -> None:
    (request,) = DataCiteSource.from_options({"repository": "cern.zenodo", "types": ["Preprint", "Report"]}).requests(
        {"read": "2026-11-22"}, NOW
    )
    asked = parse_qs(urlsplit(request.url).query)
    assert asked["query"] == ["created:[2026-11-21 TO *] AND types.resourceTypeGeneral:(Preprint OR Report)"]
    assert (asked["client-id"], asked["page[cursor]"]) == (["cern.zenodo"], ["1"])
    (searched,) = DataCiteSource.from_options({"query": "glacier OR ice"}).requests({}, NOW)
    assert parse_qs(urlsplit(searched.url).query)["query"][0].startswith(
        "(glacier OR ice) AND created:[2026-11-18 TO *] AND "
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "needs a repository or a query"), ({"repository": "zenodo"}, "'zenodo' is none"), ({"query": "x", "types": ["Data) OR (x"]}, "types: "),
     ({"query": 3}, "query is a text")],
)  # fmt: skip
def test_a_mistake_in_the_options_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DataCiteSource.from_options(options)


def test_the_next_page_is_the_one_that_is_named_at_the_same_service() -> None:
    page = read(field_replies.datacite(DAY, f"{API}?page%5Bcursor%5D=MTYx", total=9))
    assert (page.next_requests[0].url, page.expected, page.state) == (f"{API}?page%5Bcursor%5D=MTYx#got=5", 9, {})
    last = read(field_replies.datacite(DAY, f"{API}?page%5Bcursor%5D=MTYy", total=9), page.next_requests[0].url)
    assert (last.next_requests, last.state) == ((), {"read": "2026-11-23"})
    assert (
        read(field_replies.datacite(DAY, "https://elsewhere.example/dois?page%5Bcursor%5D=2", total=9)).next_requests
        == ()
    )


def test_a_work_is_read_whole() -> None:
    entry = work(
        titles=[{"title": "Glaciers", "titleType": "AlternativeTitle"}, {"title": "On <i>ice</i>"}, {"title": "A study", "titleType": "Subtitle"}],
        creators=[{"name": "Okafor, Ines", "affiliation": ["ETH"]}, {"name": "Panel, The", "nameType": "Organizational"}, {"name": "x", "givenName": "Ada", "familyName": "Doe"}],
        descriptions=[{"descriptionType": "Methods", "description": "no"}, {"descriptionType": "Abstract", "description": "<p>We see.</p>"}],
        dates=[{"date": "2026-11-01", "dateType": "Created"}, {"date": "2026-11-20", "dateType": "Issued"}], created="2026-11-22T09:12:44Z",
        publisher="Zenodo", types={"resourceTypeGeneral": "Dataset"}, subjects=[{"subject": "ice"}], language="eng", rightsList=[{"rightsIdentifier": "cc-by-4.0"}],
        url="https://zenodo.org/records/1", relatedIdentifiers=[{"relationType": "IsVersionOf", "relatedIdentifierType": "DOI", "relatedIdentifier": "10.5555/B"},
                                                                {"relationType": "IsIdenticalTo", "relatedIdentifierType": "arXiv", "relatedIdentifier": "arXiv:2611.00001"},
                                                                {"relationType": "References", "relatedIdentifierType": "DOI", "relatedIdentifier": "10.5555/C"}],
    )  # fmt: skip
    assert (entry.title, entry.summary, entry.venue) == ("On ice: A study", "We see.", "Zenodo (data set)")
    assert (entry.authors, entry.affiliations) == (("Ines Okafor", "Panel, The", "Ada Doe"), ("ETH",))
    assert (entry.published, entry.announced) == (PartialDate("2026-11-20"), PartialDate("2026-11-22"))
    assert (entry.identifiers, entry.same_as) == ({"doi": "10.5555/a"}, ("doi:10.5555/b", "arxiv:2611.00001"))
    assert (entry.link, entry.language, entry.rights, entry.categories) == (
        "https://zenodo.org/records/1",
        "en",
        "cc-by-4.0",
        ("ice",),
    )


def test_arxivs_own_doi_is_the_arxiv_id_and_a_later_version_is_no_news() -> None:
    assert work(doi="10.48550/ARXIV.2611.00001").identifiers == {"arxiv": "2611.00001"}
    newer = work(
        relatedIdentifiers=[
            {"relationType": "IsNewVersionOf", "relatedIdentifierType": "DOI", "relatedIdentifier": "10.5555/b"}
        ]
    )
    assert (newer.announce_type, work().announce_type) == ("replace", "")


def test_a_work_full_of_nothing_is_read_and_one_without_a_doi_is_put_aside() -> None:
    fields = (
        "titles",
        "creators",
        "descriptions",
        "dates",
        "publisher",
        "types",
        "subjects",
        "relatedIdentifiers",
        "container",
        "url",
    )
    assert work(**dict.fromkeys(fields)).link == "https://doi.org/10.5555/a"
    page = read({"data": [{"id": "x", "type": "dois", "attributes": {}}]})
    assert (page.status, page.broken[0].position) == (ReadStatus.PARTIAL, 1)


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"title": "The resource you are looking for doesn't exist."}]},
        [],
        "x",
        {"data": [{"type": "clients"}]},
    ],
)
def test_what_is_no_list_of_works_is_unreadable(body: Any) -> None:
    assert read(body).status is ReadStatus.UNREADABLE


def test_one_work_alone_is_read_and_a_quiet_day_is_quiet() -> None:
    assert (
        read(
            {"data": {"id": "10.5555/a", "type": "dois", "attributes": {"titles": [{"title": "Alone"}]}}},
            f"{API}/10.5555/a",
        )
        .entries[0]
        .title
        == "Alone"
    )
    assert read({"data": [], "meta": {"total": 0}}).status is ReadStatus.EMPTY
    assert kind_of(Response(url="", body=field_replies.datacite(DAY), fetched=NOW)) == "datacite"
