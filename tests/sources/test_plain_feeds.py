"""The quick reader of plain feeds says what feedparser says; what it does not understand it leaves to feedparser."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sizes import size

from digestbot.model import ParseResult, Response
from digestbot.sources.formats import guarded_feedparser, plain_xml_feed
from digestbot.sources.formats.plain_xml_feed import parse_plain
from digestbot.sources.formats.xml_feed import entry_of, read_feed

PARTS = 12  #: of the corpora; the usual run reads every twelfth feed
LARGEST = 2_000_000
HEADS = (b"<rss", b"<feed", b"RDF")
SAMPLE = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">
<channel><title>Lakes</title><link>https://lakes.example/</link><atom:link href="https://lakes.example/rss" rel="self"/>
<managingEditor>ada@lakes.example</managingEditor><image><url>x.png</url><title>Not this</title><link>y</link></image>
%s</channel></rss>"""
ITEMS = (
    "<title>One</title><link>https://lakes.example/1?a=1&amp;amp;b=2</link><guid>https://lakes.example/1</guid>",
    "<title></title><title>Two</title><dc:title>Three</dc:title><guid isPermaLink='false'>2</guid><link>/2</link>",
    "<description>First</description><description>Second</description><content:encoded>Third</content:encoded>",
    "<content:encoded><![CDATA[<p>Long</p>]]></content:encoded><description>Short &amp; sweet</description>",
    "<dc:creator>Ada Meier</dc:creator><dc:creator>Bo Huber</dc:creator><author>Cy Ito</author><dc:date>2026-11-23</dc:date>",
    "<author>ada@lakes.example (Ada Meier)</author>",
    "<pubDate>Mon, 23 Nov 2026 07:00:00 GMT</pubDate><category domain='d'>Lakes</category><category>Lakes</category>",
    "<pubDate>when it was ready</pubDate>",
    "<title>Caf\u00c3\u00a9 \u0093quoted\u0094</title><dc:subject/><prism:doi>10.5555/1</prism:doi><unknown a='1'>x</unknown>",
    "<title>T <b>bold</b></title>",
    "<source url='https://x.example/'>Elsewhere</source><title>Behind</title><enclosure url='a.pdf' type='Application/PDF'/>",
    "<link rel='x' href='http:////lakes.example/3'/><link xml:base='https://b.example/'>4</link>",
)


def slowly(monkeypatch: pytest.MonkeyPatch, body: bytes) -> ParseResult:
    with monkeypatch.context() as patch:
        patch.setattr(guarded_feedparser, "parse_plain", lambda *_: None)
        return read(body)


def read(body: bytes) -> ParseResult:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    response = Response(url="https://lakes.example/rss", status=200, headers={}, body=body, fetched=now)
    return read_feed(body, response, entry_of)


def feeds(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size < LARGEST:
            body = path.read_bytes()
            body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
            if any(head in body[:3000] for head in HEADS):
                yield path, body


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("behind", ["", "<item><title>Last</title></item>"])
def test_an_item_is_read_as_feedparser_reads_it(monkeypatch: pytest.MonkeyPatch, item: str, behind: str) -> None:
    body = (SAMPLE % f"<item>{item}</item>{behind}").encode()
    assert read(body) == slowly(monkeypatch, body)


def test_most_of_the_samples_are_plain_and_what_nests_is_not() -> None:
    plain = [item for item in ITEMS if parse_plain((SAMPLE % f"<item>{item}</item>").encode(), {}) is not None]
    assert set(ITEMS) - set(plain) == {
        item for item in ITEMS if "<b>" in item or "@" in item or "ready" in item or "base" in item
    }


@pytest.mark.parametrize("head", ["text/xml; charset=iso-8859-1", "text/xml; charset='koi8-r'"])
def test_what_is_declared_as_another_encoding_is_left_to_feedparser(head: str) -> None:
    assert parse_plain((SAMPLE % "").encode(), {"content-type": head}) is None
    assert parse_plain((SAMPLE % "").encode().replace(b"utf-8", b"koi8-r"), {}) is None
    assert parse_plain((SAMPLE % "").encode(), {"content-type": "text/xml; charset=UTF-8"}) is not None


def test_a_document_that_declares_entities_is_left_to_feedparser() -> None:
    body = b"<!DOCTYPE rss [<!ENTITY a 'b'>]>" + (SAMPLE % "").encode().partition(b"?>")[2]
    assert parse_plain(body, {}) is None


@pytest.mark.slow
def test_every_plain_feed_of_the_corpora_is_read_as_feedparser_reads_it(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = list(feeds(shared_data))[:: size(PARTS, full=1)]
    plain = [(path, body) for path, body in tried if parse_plain(body, {}) is not None]
    assert len(plain) > len(tried) // 3
    other = [path for path, body in plain if read(body) != slowly(monkeypatch, body)]
    assert not other


def test_each_own_way_of_feedparser_is_known() -> None:
    from feedparser.api import StrictFeedParser

    own: Any = [name.removeprefix("_start_") for name in dir(StrictFeedParser) if name.startswith("_start_")]
    known = plain_xml_feed._FIELDS.keys() | plain_xml_feed._ODD | plain_xml_feed._SKIPPED | {"item", "entry"}
    ours = {"gml_", "georss"}  # below elements that are known
    assert not {name for name in own if name.lower() not in known and not name.startswith(tuple(ours))}
