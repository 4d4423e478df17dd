"""Europe PMC: what is asked, page after page; what a record of PubMed or a preprint server says."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from digestbot.model import Entry, ParseResult, PartialDate, ReadStatus, Response
from digestbot.sources import Source
from digestbot.sources.formats.detect import kind_of
from digestbot.sources.kinds.europepmc import API, EuropePmcSource
from digestbot.sources.known_sites import known_place
from digestbot.testing import field_replies
from digestbot.testing.sources import SourceContract

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)
FIRST = f"{API}?query=x&cursorMark=%2A"


class TestEuropePmc(SourceContract):
    def source(self) -> Source:
        return EuropePmcSource.from_options({"query": "attention"})

    def replies(self) -> list[bytes]:
        return [field_replies.europepmc(DAY)]


def read(body: Any, url: str = FIRST) -> ParseResult:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return EuropePmcSource(url=API).parse(Response(url=url, body=data, fetched=NOW), NOW)


def record(**fields: Any) -> list[Entry]:
    row = {"id": "42900001", "source": "MED", "title": "T."} | fields
    return list(read({"hitCount": 1, "resultList": {"result": [row]}}).entries)


def linked(*links: tuple[str, str, str, str]) -> dict[str, Any]:
    rows = [{"type": kind, "source": source, "id": own, "note": note} for kind, source, own, note in links]
    return {"commentCorrectionList": {"commentCorrection": rows}}


def test_what_was_first_indexed_since_the_last_poll_is_asked_for() -> None:
    source = EuropePmcSource.from_options({"query": "crispr OR cas9"})
    (request,) = source.requests({"read": "2026-11-22"}, NOW)
    asked = parse_qs(urlsplit(request.url).query)
    assert asked["query"] == ["(crispr OR cas9) AND (FIRST_IDATE:[2026-11-21 TO 2026-11-23])"]
    assert (asked["resultType"], asked["cursorMark"], asked["format"]) == (["core"], ["*"], ["json"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "needs a query"),
        ({"query": 3}, "query is a text"),
        ({"query": "x", "look_back": 99}, "look_back is a number"),
    ],
)
def test_a_mistake_in_the_options_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        EuropePmcSource.from_options(options)


def test_the_cursor_is_followed_until_everything_has_come() -> None:
    page = read(field_replies.europepmc(DAY, cursor="AoII=/2", total=9))
    assert (page.expected, page.state) == (9, {})
    (following,) = page.next_requests
    assert following.url == f"{API}?query=x&cursorMark=AoII%3D%2F2#got=5"
    last = read(field_replies.europepmc(DAY, cursor="AoIJ", total=9), following.url)
    assert (last.next_requests, last.state) == ((), {"read": "2026-11-23"})


def test_a_cursor_that_stands_still_ends_the_list() -> None:
    reply = field_replies.europepmc(DAY, cursor="same", total=99)
    assert read(reply, f"{API}?query=x&cursorMark=same#got=5").next_requests == ()


def test_a_search_that_finds_too_much_says_so_once() -> None:
    page = read(field_replies.europepmc(DAY, cursor="b", total=88_000))
    assert (page.expected, [p.what for p in page.problems]) == (2000, ["88,000 records found, 2,000 are read"])
    assert read(field_replies.europepmc(DAY, cursor="c", total=88_000), page.next_requests[0].url).problems == ()


def test_nothing_new_is_a_quiet_day() -> None:
    quiet = read({"version": "6.9", "hitCount": 0, "resultList": {"result": []}})
    assert (quiet.status, quiet.expected, quiet.state) == (ReadStatus.EMPTY, 0, {"read": "2026-11-23"})
    assert read({"version": "6.9", "hitCount": 0}).status is ReadStatus.EMPTY  # of a single record


@pytest.mark.parametrize(
    "body", [{"version": "6.9"}, {"errCode": 404, "errMsg": "Invalid page size"}, [], "x", {"hitCount": 4}]
)
def test_what_is_no_list_of_records_is_unreadable(body: Any) -> None:
    assert read(body).status is ReadStatus.UNREADABLE


def test_the_words_of_an_error_are_told() -> None:
    assert read({"errCode": 404, "errMsg": "Invalid page size"}).problems[0].where == "Invalid page size"


def test_an_article_is_read_whole() -> None:
    (entry,) = record(
        title="[On <i>C. elegans</i> and H<sub>2</sub>O.].", pmcid="PMC11000001", doi="10.5555/A", language="eng", license="cc by",
        abstractText="<h4>Objectives</h4>To <b>see</b>.<h4>Results</h4>It is seen.", firstPublicationDate="2026-11-20", firstIndexDate="2026-11-22",
        authorList={"author": [{"firstName": "Ines", "lastName": "Okafor", "fullName": "Okafor I"}, {"collectiveName": "The Group"}]},
        journalInfo={"journal": {"title": "Journal of Samples"}}, meshHeadingList={"meshHeading": [{"descriptorName": "Nematoda"}]},
        keywordList={"keyword": ["Worms"]},
        fullTextUrlList={"fullTextUrl": [{"availabilityCode": "S", "documentStyle": "pdf", "url": "https://x.example/paid.pdf"},
                                         {"availabilityCode": "OA", "documentStyle": "pdf", "url": "https://europepmc.org/articles/PMC11000001?pdf=render"}]},
    )  # fmt: skip
    assert (entry.title, entry.summary) == ("On C. elegans and H₂O", "Objectives: To see. Results: It is seen.")
    assert (entry.authors, entry.venue, entry.categories) == (
        ("Ines Okafor", "The Group"),
        "Journal of Samples",
        ("Nematoda", "Worms"),
    )
    assert (entry.published, entry.announced) == (PartialDate("2026-11-20"), PartialDate("2026-11-22"))
    assert entry.identifiers == {"pmid": "42900001", "pmcid": "PMC11000001", "doi": "10.5555/a"}
    assert [link.href for link in entry.links] == [
        "https://doi.org/10.5555/a",
        "https://europepmc.org/articles/PMC11000001?pdf=render",
    ]
    assert (entry.link, entry.native_key, entry.language) == (
        "https://europepmc.org/article/MED/42900001",
        "MED:42900001",
        "en",
    )


def test_a_preprint_has_its_server_and_joins_its_article_where_crossref_says_so() -> None:
    (entry,) = record(
        id="PPR179288", source="PPR", doi="10.1101/2026.11.20.123456", bookOrReportDetails={"publisher": "bioRxiv"},
        **linked(("Preprint of", "MED", "42900007", "CrossRef Pre-print loader"),
                 ("Preprint of", "MED", "42900008", "Link created based on a title-first author match done by Europe PMC")),
    )  # fmt: skip
    assert (entry.venue, entry.announce_type, entry.same_as) == ("bioRxiv", "", ("pmid:42900007",))
    assert entry.identifiers == {"doi": "10.1101/2026.11.20.123456", "epmc": "PPR179288"}
    (article,) = record(**linked(("Preprint in", "PPR", "PPR179288", "CrossRef Pre-print loader")))
    assert article.same_as == ("epmc:PPR179288",)


def test_a_later_version_of_a_preprint_is_no_news() -> None:
    (entry,) = record(id="PPR2", source="PPR", versionNumber=2)
    assert entry.announce_type == "replace"


def test_what_no_longer_stands_is_marked_and_a_notice_marks_what_it_retracts() -> None:
    (gone,) = record(
        title="RETRACTED: On cells.", pubTypeList={"pubType": ["Journal Article", "Retracted Publication"]}
    )
    assert (gone.title, gone.standing) == ("On cells", "retracted")
    (drawn,) = record(id="PPR3", source="PPR", pubTypeList={"pubType": ["Preprint", "Preprint-withdrawal"]})
    assert drawn.standing == "withdrawn"
    notice, marked = record(title="Retraction: On cells.", **linked(("Retraction of", "MED", "42900009", "")))
    assert (notice.standing, marked.identifiers, marked.standing) == ("", {"pmid": "42900009"}, "retracted")


def test_a_record_full_of_nothing_is_read_and_one_without_an_id_is_put_aside() -> None:
    fields = (
        "title",
        "abstractText",
        "authorList",
        "journalInfo",
        "pubTypeList",
        "commentCorrectionList",
        "fullTextUrlList",
        "keywordList",
    )
    (entry,) = record(**dict.fromkeys(fields))
    assert (entry.title, entry.authors, entry.venue) == ("", (), "")
    page = read({"hitCount": 2, "resultList": {"result": [{"id": "1", "source": "MED", "title": "A"}, {"title": "B"}]}})
    assert (page.status, len(page.entries), page.broken[0].position) == (ReadStatus.PARTIAL, 1, 2)


def test_one_record_alone_is_read_too() -> None:
    body = {"version": "6.9", "hitCount": 1, "result": {"id": "1", "source": "MED", "title": "Alone."}}
    assert read(body, "https://www.ebi.ac.uk/europepmc/webservices/rest/article/MED/1").entries[0].title == "Alone"


def test_its_replies_and_its_searches_are_known() -> None:
    assert kind_of(Response(url="", body=field_replies.europepmc(DAY), fetched=NOW)) == "europepmc"
    place = known_place("https://europepmc.org/search?query=malaria%20AND%20SRC:PPR")
    assert place == ("europepmc", {"query": "malaria AND SRC:PPR"})
