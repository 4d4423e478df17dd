"""Zotero: a library's version, pages, and what an item says."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from digestbot.model import Entry, ParseResult, PartialDate, ReadStatus, Request, Response, Secret
from digestbot.sources import Source
from digestbot.sources.formats.detect import kind_of
from digestbot.sources.kinds.zotero import API, ZoteroSource
from digestbot.sources.known_sites import known_place
from digestbot.testing import field_replies
from digestbot.testing.http_server import Reply, Site, running
from digestbot.testing.sources import SourceContract
from digestbot.transport.http import HttpTransport

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)
ITEMS = f"{API}/groups/2493/items/top?limit=100&start=0"


class TestZotero(SourceContract):
    def source(self) -> Source:
        return ZoteroSource.from_options({"library": "groups/2493", "api_key": Secret("k3y")})

    def replies(self) -> list[bytes]:
        return [field_replies.zotero(DAY)]


def read(body: Any, url: str = ITEMS, **headers: str) -> ParseResult:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return ZoteroSource("groups/2493").parse(Response(url=url, headers=said, body=data, fetched=NOW), NOW)


def item(**fields: Any) -> Entry:
    row = {
        "key": "ABCD2345",
        "library": {"type": "user", "id": 9},
        "data": {"itemType": "journalArticle", "title": "T"} | fields,
    }
    return read([row]).entries[0]


def test_the_whole_library_is_asked_for_at_first_and_then_what_changed() -> None:
    source = ZoteroSource.from_options(
        {"library": "https://www.zotero.org/groups/2493/samplers", "api_key": Secret("k3y")}
    )
    (first,) = source.requests({}, NOW)
    assert first.url == f"{API}/groups/2493/items/top?format=json&v=3&sort=dateAdded&direction=desc&limit=100&start=0"
    assert (first.secrets, first.headers) == ({"key": Secret("k3y")}, {})
    (later,) = source.requests({"version of groups/2493/": 77}, NOW)
    assert later.url == f"{first.url}&since=77"
    assert later.headers == {"If-Modified-Since-Version": "77"}
    (other,) = ZoteroSource.from_options({"library": "users/9", "collection": "ABCD2345"}).requests(
        {"version of groups/2493/": 77}, NOW
    )
    assert other.url.startswith(f"{API}/users/9/collections/ABCD2345/items/top?")
    assert "since" not in other.url


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "needs a library"), ({"library": "2493"}, "they look like users/311682"), ({"library": "users/me"}, "'users/me' is none"),
     ({"library": "users/9", "collection": "My papers"}, "collection: 'My papers'")],
)  # fmt: skip
def test_a_mistake_in_the_options_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ZoteroSource.from_options(options)


def test_pages_follow_and_the_version_of_the_first_is_kept_at_the_end() -> None:
    page = read(field_replies.zotero(DAY), total_results="9", last_modified_version="77")
    (following,) = page.next_requests
    assert (following.url, page.state, page.expected, page.left_out) == (
        f"{API}/groups/2493/items/top?limit=100&start=6#77",
        {},
        9,
        1,
    )
    last = read(field_replies.zotero(DAY), following.url, total_results="9", last_modified_version="80")
    assert (last.next_requests, last.state) == ((), {"version of groups/2493/": 77})


def test_nothing_new_is_a_quiet_day_and_keeps_the_version() -> None:
    quiet = read([], total_results="0", last_modified_version="81")
    assert (quiet.status, quiet.state) == (ReadStatus.EMPTY, {"version of groups/2493/": 81})


async def test_a_library_that_did_not_change_is_unchanged() -> None:
    site = Site(pages={"/items": Reply(status=304)})
    with running(site) as base:
        async with HttpTransport("", allow_private=True) as transport:
            asked = Request(url=f"{base}/items", headers={"If-Modified-Since-Version": "77"})
            assert (await transport.fetch(asked)).status is ReadStatus.UNCHANGED
            assert (await transport.fetch(Request(url=f"{base}/items"))).status is ReadStatus.UNREACHABLE
    assert site.asked[0].headers["if-modified-since-version"] == "77"


async def test_its_wish_to_be_left_alone_is_heard() -> None:
    with running(Site(pages={"/items": Reply(body=b"[]", headers={"Backoff": "9"})})) as base:
        async with HttpTransport("", allow_private=True) as transport:
            assert (await transport.fetch(Request(url=f"{base}/items"))).pause == 9.0


def test_an_item_is_read_whole() -> None:
    entry = item(
        title="On <i>C. elegans</i>", abstractNote="We see.", publicationTitle="J. Samples", date="November 20, 2026", DOI="10.5555/A",
        url="https://j.example/1", creators=[{"creatorType": "editor", "lastName": "Ed"}, {"creatorType": "author", "firstName": "Ines", "lastName": "Okafor"},
                                             {"creatorType": "author", "name": "The Group"}],
        extra="Citation Key: x\nPMID: 429\narXiv:2611.00001 [cs]", tags=[{"tag": "worms"}], dateAdded="2026-11-22T08:00:00Z", language="en-US",
    )  # fmt: skip
    assert (entry.title, entry.summary, entry.venue, entry.language) == (
        "On C. elegans",
        "We see.",
        "J. Samples",
        "en-us",
    )
    assert (entry.authors, entry.categories) == (("Ines Okafor", "The Group"), ("worms",))
    assert (entry.published, entry.announced) == (PartialDate("2026-11-20"), PartialDate("2026-11-22"))
    assert entry.identifiers == {"doi": "10.5555/a", "pmid": "429", "arxiv": "2611.00001", "zotero": "users/9/ABCD2345"}
    assert (entry.link, entry.native_key) == ("https://j.example/1", "ABCD2345")


@pytest.mark.parametrize(
    ("fields", "known"),
    [({"itemType": "preprint", "archiveID": "arXiv:2611.00002"}, ("arxiv", "2611.00002")), ({"url": "https://arxiv.org/abs/2611.00003v2"}, ("arxiv", "2611.00003")),
     ({"extra": "DOI: 10.5555/b"}, ("doi", "10.5555/b")), ({"url": "https://openreview.net/forum?id=aB_1"}, ("openreview", "aB_1"))],
)  # fmt: skip
def test_identifiers_are_found_where_zotero_puts_them(fields: dict[str, Any], known: tuple[str, str]) -> None:
    assert known in item(**fields).identifiers.items()


def test_a_thesis_says_so_and_an_item_full_of_nothing_is_read() -> None:
    assert item(itemType="thesis", university="Uppsala").venue == "Uppsala (dissertation)"
    empty = item(**dict.fromkeys(("title", "creators", "tags", "date", "extra", "url", "DOI", "dateAdded")))
    assert (empty.title, empty.link, empty.authors) == ("", "", ())


@pytest.mark.parametrize("body", [{"error": "x"}, [1, 2], "x", [{"a": 1}], {}])
def test_what_is_no_list_of_items_is_unreadable(body: Any) -> None:
    assert read(body).status is (ReadStatus.EMPTY if body == [1, 2] else ReadStatus.UNREADABLE)


def test_a_refused_key_is_told_with_what_helps() -> None:
    assert "api_key_file" in ZoteroSource("users/9").refused(403, "403 from api.zotero.org: Forbidden")
    assert ZoteroSource("users/9").refused(500, "") == ""


def test_its_replies_and_its_libraries_are_known() -> None:
    assert kind_of(Response(url="", body=field_replies.zotero(DAY), fetched=NOW)) == "zotero"
    assert known_place("https://www.zotero.org/groups/2493/samplers/library") == ("zotero", {"library": "groups/2493"})
