"""Feeds and pages as HTTP has them: asked again, by HEAD, packed, by other parsers; and the headers of every answer."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import feedparser
import pytest
from asgi import Asked, asked

from digestbot.errors import StoreBusy
from digestbot.testing.builders import NOW, entry
from digestbot.web.frame.kept import takes_gzip

FEEDS = ("/feed.xml", "/feed.atom", "/feed.json")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Asked]:
    with asked(tmp_path) as made:
        made.bring("arxiv-cs", *(entry(n) for n in (1, 2, 3)))
        yield made


@pytest.mark.parametrize("below", ["", "/topics/attention"])
def test_the_three_formats_hold_the_same_papers_in_one_order(site: Asked, below: str) -> None:
    rss, atom, made = (site.get(f"{below}{name}").body for name in FEEDS)
    ids = [item["id"] for item in json.loads(made)["items"]]
    assert len(ids) == 3
    for data in (rss, atom):
        read = feedparser.parse(data)
        assert not read.bozo
        assert [one.id for one in read.entries] == ids
        ElementTree.fromstring(data)
    assert feedparser.parse(atom).feed.link.startswith("https://papers.example.org/")
    links = ElementTree.fromstring(atom).findall("{http://www.w3.org/2005/Atom}link")
    assert {link.get("rel"): link.get("href") for link in links}[
        "self"
    ] == f"https://papers.example.org{below}/feed.atom"


def test_any_search_is_a_feed_and_an_empty_one_is_valid(site: Asked) -> None:
    assert len(feedparser.parse(site.get("/feed.atom?q=ti%3A%22Part+2%22").body).entries) == 1
    empty = site.get("/feed.atom?q=nothinglikethis")
    assert (empty.status, feedparser.parse(empty.body).bozo) == (200, False)
    assert site.get("/feed.atom?q=titel%3Ax").status == 400
    assert site.get("/topics/none/feed.xml").status == 404


@pytest.mark.parametrize("path", ["/", *FEEDS, "/archive", "/paper/2611.00001"])
def test_who_has_it_already_gets_304(site: Asked, path: str) -> None:
    first = site.get(path)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    plain = tag.strip('"')
    for asked_by in (tag, f"W/{tag}", f'"x", {tag}', f'"{plain}-gzip"', f'W/"{plain}-gzip"', f'"{plain};gzip"', "*"):
        again = site.get(path, if_none_match=asked_by)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag), asked_by
    assert site.get(path, if_modified_since=date).status == 304
    assert site.get(path, if_none_match='"other"', if_modified_since=date).status == 200, "the tag wins"
    assert site.get(path, if_modified_since="Mon, 01 Jan 2024 00:00:00 GMT").status == 200
    assert site.get(path, if_modified_since="no date").status == 200


@pytest.mark.parametrize("path", ["/", "/feed.xml"])
def test_head_and_gzip_are_the_same_answer_in_another_form(site: Asked, path: str) -> None:
    whole, head = site.get(path), site.get(path, "HEAD")
    assert (head.status, head.body, head.headers) == (200, b"", whole.headers)
    packed = site.get(path, accept_encoding="br, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == whole.body
    assert packed.headers["vary"] == whole.headers["vary"]
    assert "Accept-Encoding" in whole.headers["vary"]
    assert packed.headers["etag"] != whole.headers["etag"]
    assert site.get(path, accept_encoding="gzip", if_none_match=packed.headers["etag"]).status == 304


def test_a_browser_gets_a_page_of_a_feed_and_a_reader_the_feed(site: Asked) -> None:
    reader, browser = site.get("/feed.xml", accept="*/*"), site.get("/feed.xml", accept="text/html,*/*;q=0.8")
    assert reader.headers["content-type"].startswith("application/rss+xml")
    assert browser.headers["content-type"].startswith("application/xml")
    assert (reader.body, reader.headers["vary"]) == (browser.body, "Accept, Accept-Encoding, Sec-Fetch-Dest")
    sheet = ElementTree.fromstring(site.get("/feed.xsl").body)
    assert sheet.tag.endswith("}stylesheet")
    assert b'href="/feed.xsl"' in reader.body


@pytest.mark.parametrize("path", [*FEEDS, "/feed.xml?q=attention", "/topics/attention/feed.atom"])
def test_who_opens_a_feed_in_a_browser_reads_its_papers_on_a_page(site: Asked, path: str) -> None:
    page = site.get(path, accept="text/html,*/*;q=0.8", sec_fetch_dest="document")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "Sec-Fetch-Dest" in page.headers["vary"]
    assert page.text.count("<h3") == 3
    assert f"<pre>https://papers.example.org{path}</pre>" in page.text
    reader = site.get(path, sec_fetch_dest="empty")
    assert not reader.headers["content-type"].startswith("text/html")
    assert "Sec-Fetch-Dest" in reader.headers["vary"]


def test_no_search_takes_the_place_of_another_ones_page(site: Asked) -> None:
    site.get("/feed.xml?q=attention%23page")
    page = site.get("/feed.xml?q=attention", sec_fetch_dest="document")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.count("<h3") == 3


@pytest.mark.parametrize(
    ("header", "packs"),
    [
        ("gzip", True),
        ("*", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0.5", True),
        ("*;q=0", False),
    ],
)
def test_gzip_is_for_who_takes_it(header: str, packs: bool) -> None:
    assert takes_gzip(header) is packs


def test_what_did_not_change_keeps_its_tag_and_what_did_is_shown_at_once(site: Asked) -> None:
    before = site.get("/feed.xml")
    with site.app.store.transaction() as tx:
        tx.site.set_note("nothing of the feed", at=NOW, text="")
    assert site.get("/feed.xml").headers == before.headers
    site.bring("arxiv-cs", entry(4))
    after = site.get("/feed.xml")
    assert after.headers["etag"] != before.headers["etag"]
    assert b"Part 4" in after.body
    assert b"Part 4" in site.get("/").body


def test_an_answer_that_stands_reads_no_database(site: Asked) -> None:
    first = site.get("/")
    site.app.store.close()
    site.app.store.reading = None  # type: ignore[method-assign,assignment]  # whoever reads fails
    assert site.get("/") == first


def test_a_database_that_does_not_answer_is_503_and_not_our_fault(site: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy() -> None:
        raise StoreBusy("another process held the database for too long")

    monkeypatch.setattr(site.app.store, "reading", busy)
    answer = site.get("/")
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert "no-store" in answer.headers["cache-control"]
    assert site.get("/readyz").status == 503


@pytest.mark.parametrize("path", ["/", "/feed.xml", "/style.css", "/nope", "/u/x", "/search?q=x", "/feed.xsl"])
def test_every_answer_is_strict(site: Asked, path: str) -> None:
    headers = site.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers
    assert "strict-transport-security" not in headers, "not asked by TLS"
    private = path in ("/nope", "/u/x")
    assert ("no-store" in headers["cache-control"]) is private
    assert ("x-robots-tag" in headers) is private


def test_what_a_proxy_says_counts_only_from_ours(site: Asked) -> None:
    said = {"x_forwarded_proto": "https", "x_forwarded_for": "203.0.113.5"}
    assert "strict-transport-security" in site.get("/", client="10.1.2.3", **said).headers
    assert "strict-transport-security" not in site.get("/", client="192.0.2.7", **said).headers


def test_a_host_that_is_not_ours_is_refused(site: Asked) -> None:
    for host in (
        "papers.example.org",
        "PAPERS.example.org:443",
        "papers.lab",
        "127.0.0.1:8080",
        "localhost",
        "[::1]:80",
    ):
        assert site.get("/", host=host).status == 200, host
    for host in ("evil.example", "papers.example.org.evil.example", "", "192.0.2.1"):
        assert site.get("/", host=host).status == 400, host
    assert site.get("/healthz", host="172.17.0.2:8080").status == 200


def test_metrics_are_for_monitors_and_name_nobody(site: Asked) -> None:
    assert site.get("/metrics").status == 404
    told = site.get("/metrics", client="10.9.9.9")
    assert told.status == 200
    assert "digestbot_papers 3\n" in told.text
    assert 'digestbot_source_failures{source="arxiv-cs"} 0' in told.text
    assert all(line.startswith(("#", "digestbot_")) for line in told.text.splitlines())
    assert "@" not in told.text
    assert "http" not in told.text
    assert site.get("/readyz", host="anything").text == "ok\n"
