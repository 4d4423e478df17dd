"""DBLP: new volumes by a venue's feed, their papers by the search, and a person's list."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from digestbot.model import Entry, ParseResult, PartialDate, ReadStatus, Response
from digestbot.sources import Source
from digestbot.sources.formats.detect import kind_of
from digestbot.sources.kinds.dblp import SEARCH, DblpSource
from digestbot.sources.known_sites import known_place
from digestbot.testing import field_replies
from digestbot.testing.sources import SourceContract

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)
PERSON = "https://dblp.org/pid/1/0.xml#since=2026-11-20"


class TestDblpVenue(SourceContract):
    def source(self) -> Source:
        return DblpSource.from_options({"venue": "conf/jsc"})

    def replies(self) -> list[bytes]:
        return [field_replies.dblp(DAY)]


class TestDblpPerson(SourceContract):
    def source(self) -> Source:
        return DblpSource.from_options({"author": "1/0"})

    def replies(self) -> list[bytes]:
        return [field_replies.dblp_person(DAY)]


def read(body: Any, url: str = SEARCH) -> ParseResult:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return DblpSource(url=SEARCH).parse(Response(url=url, body=data, fetched=NOW), NOW)


def hit(**info: Any) -> Entry:
    found = {"result": {"hits": {"@total": "1", "hit": {"info": {"key": "conf/jsc/A26", "title": "T."} | info}}}}
    return read(found, f"{SEARCH}?q=x&f=0#came=2026-11-22").entries[0]


def test_feeds_of_venues_and_lists_of_people_are_asked_for() -> None:
    source = DblpSource.from_options(
        {
            "venue": ["https://dblp.org/db/conf/icml/index.html", "journals/jmlr"],
            "author": "https://dblp.org/pid/61/3234-34.html",
        }
    )
    assert [r.url for r in source.requests({"read": "2026-11-22"}, NOW)] == [
        "https://dblp.org/feed/streams/conf/icml.rss#since=2026-11-21", "https://dblp.org/feed/streams/journals/jmlr.rss#since=2026-11-21",
        "https://dblp.org/pid/61/3234-34.xml#since=2026-11-21"]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "needs a venue or an author"), ({"venue": "ICML"}, "venue: 'ICML' is none of DBLP's"), ({"author": "Ada Doe"}, "author: 'Ada Doe'"),
     ({"venue": [3]}, "venue is a list")],
)  # fmt: skip
def test_a_mistake_in_the_options_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DblpSource.from_options(options)


def test_each_new_volume_of_a_feed_is_asked_for_its_papers() -> None:
    feed = field_replies.dblp_feed(
        ("db/conf/jsc/jsc2026", date(2026, 11, 22)), ("db/conf/jsc/jsc2025", date(2025, 11, 1))
    )
    result = read(feed, "https://dblp.org/feed/streams/conf/jsc.rss#since=2026-11-20")
    (request,) = result.next_requests
    assert parse_qs(urlsplit(request.url).query)["q"] == ["toc:db/conf/jsc/jsc2026.bht:"]
    assert (urlsplit(request.url).fragment, result.state) == ("came=2026-11-22", {})
    quiet = read(field_replies.dblp_feed(), "https://dblp.org/feed/streams/conf/jsc.rss#since=2026-11-20")
    assert (quiet.status, quiet.state) == (ReadStatus.EMPTY, {"read": "2026-11-23"})


def test_the_papers_of_a_volume_came_with_it_page_after_page() -> None:
    page = read(field_replies.dblp(DAY, total=9), f"{SEARCH}?q=toc:db/conf/jsc/jsc2026.bht:&h=5&f=0#came=2026-11-22")
    assert {entry.announced for entry in page.entries} == {PartialDate("2026-11-22")}
    (following,) = page.next_requests
    assert following.url == f"{SEARCH}?q=toc:db/conf/jsc/jsc2026.bht:&h=5&f=5#came=2026-11-22"
    assert read(field_replies.dblp(DAY, total=9), following.url.replace("f=5", "f=4")).state == {"read": "2026-11-23"}


def test_a_record_is_read_whole() -> None:
    entry = hit(
        title="Locks &amp; Keys.", authors={"author": [{"@pid": "1", "text": "Wei Wang 0001"}, {"@pid": "2", "text": "Ada Doe"}]}, venue=["ICLR", "CoRR"],
        year="2026", ee=["https://openreview.net/forum?id=aB_1", "https://doi.org/10.48550/arXiv.2611.00001"], doi="10.48550/ARXIV.2611.00001",
    )  # fmt: skip
    assert (entry.title, entry.authors, entry.venue, entry.published) == (
        "Locks & Keys",
        ("Wei Wang", "Ada Doe"),
        "ICLR",
        PartialDate("2026"),
    )
    assert entry.identifiers == {"openreview": "aB_1", "arxiv": "2611.00001", "dblp": "conf/jsc/A26"}
    assert (entry.link, len(entry.links), entry.native_key) == (
        "https://openreview.net/forum?id=aB_1",
        2,
        "conf/jsc/A26",
    )
    assert hit(authors={"author": {"text": "Ada Doe"}}).authors == ("Ada Doe",)


def test_volumes_and_data_are_left_out() -> None:
    rows = [
        {"info": {"key": "a", "title": "A.", "type": kind}}
        for kind in ("Editorship", "Journal Articles", "Data and Artifacts")
    ]
    page = read({"result": {"hits": {"@total": "3", "hit": rows}}})
    assert (len(page.entries), page.left_out) == (1, 2)


def test_of_a_person_what_changed_since_and_is_young() -> None:
    assert len(read(field_replies.dblp_person(DAY), PERSON).entries) == 5
    assert read(field_replies.dblp_person(date(2026, 11, 1)), PERSON).status is ReadStatus.EMPTY
    corrected = field_replies.dblp_person(DAY).replace(b"<year>2026</year>", b"<year>2011</year>")
    assert read(corrected, PERSON).entries == ()
    (first, *_) = read(field_replies.dblp_person(DAY), PERSON).entries
    assert (first.authors[0], first.announced, first.venue) == (
        "Ines Okafor",
        PartialDate("2026-11-23"),
        "J. Sample Comput.",
    )


@pytest.mark.parametrize(
    "body",
    [
        {"result": {"status": {"text": "Bad Request"}}},
        [],
        {},
        b"<html><title>dblp: too many requests</title></html>",
        b"<other/>",
    ],
)
def test_what_is_nothing_of_dblps_is_unreadable(body: Any) -> None:
    assert read(body).status is ReadStatus.UNREADABLE


def test_its_replies_and_its_pages_are_known() -> None:
    assert kind_of(Response(url="", body=field_replies.dblp(DAY), fetched=NOW)) == "dblp"
    assert kind_of(Response(url="", body=field_replies.dblp_person(DAY), fetched=NOW)) == "dblp"
    assert known_place("https://dblp.org/db/conf/icml/index.html") == ("dblp", {"venue": "conf/icml"})
    assert known_place("https://dblp.org/pid/l/YannLeCun.html") == ("dblp", {"author": "l/YannLeCun"})
