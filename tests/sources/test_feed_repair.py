"""Feeds that make feedparser raise, and what stands in descriptions without being text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rows import rows

from digestbot.model import ParseResult, ReadStatus, Response
from digestbot.sources.formats.furniture import without_furniture
from digestbot.sources.kinds.arxiv import ArxivSource
from digestbot.sources.kinds.feed import FeedSource

NOW = datetime(2026, 11, 23, tzinfo=UTC)
RSS = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>J</title><link>https://j.example/</link>{}</channel></rss>'
)
ATOM = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:gml="http://www.opengis.net/gml"><title>J</title>{}</feed>'
#: feedparser has no place for a position outside of `georss:where`, and raises KeyError
RAISES = "<gml:posList>1 2 3</gml:posList>"


def read(document: str | bytes, source: FeedSource | ArxivSource | None = None) -> ParseResult:
    body = document if isinstance(document, bytes) else document.encode()
    return (source or FeedSource("https://j.example/feed")).parse(
        Response(url="https://j.example/feed", body=body, fetched=NOW), NOW
    )


@rows(
    ("reference", "sign"),
    [
        ("&#xD83D;&#xDC1F;", "🐟"), ("&#55357;&#56351;", "🐟"), ("&#xD83D;", ""), ("&#xDC1F;&#xD83D;", ""), ("&#0;", ""),
        ("&#xFFFE;", ""), ("&#1114112;", ""), ("&#99999999999999999999;", ""), ("&#xFFFFFFFFFFFF;", ""), ("&#8;", ""),
    ],
)  # fmt: skip
@rows("place", ["title", "description", "author", "guid", "dc:creator", "category"])
@rows("cdata", ["{}", "<![CDATA[{}]]>"], ids=["plain", "cdata"])
def test_a_reference_to_no_character_costs_nothing_but_itself(
    reference: str, sign: str, place: str, cdata: str
) -> None:
    said = cdata.format(f"Odd {reference} pond")
    item = f"<item><title>One</title><link>https://j.example/1</link><{place}>{said}</{place}></item>"
    result = read(RSS.format(item + "<item><title>Good</title></item>"))
    assert (result.status, len(result.entries), result.entries[1].title) == (ReadStatus.PARTIAL, 2, "Good")
    wanted = f"Odd {sign} pond" if sign else "Odd pond"
    entry = result.entries[0]
    shown = {"title": entry.title, "description": entry.summary, "author": "".join(entry.authors),
             "dc:creator": "".join(entry.authors), "category": "".join(entry.categories)}  # fmt: skip
    assert place == "guid" or shown[place].replace("  ", " ") in (wanted, "One")


def test_arxivs_own_feed_is_read_around_a_bad_reference_too() -> None:
    item = "<item><title>{}</title><guid>oai:arXiv.org:2611.0000{}v1</guid><description>arXiv:2611.0000{}v1 Announce Type: new Abstract: x</description></item>"
    result = read(RSS.format(item.format("Odd &#xD83D;", 1, 1) + item.format("Good", 2, 2)), ArxivSource(["cs.LG"]))
    assert [entry.identifiers["arxiv"] for entry in result.entries] == ["2611.00001", "2611.00002"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("shell", "item"), [(RSS, "item"), (ATOM, "entry")])
def test_an_item_that_makes_feedparser_raise_is_put_aside_alone(shell: str, item: str, encoding: str) -> None:
    items = [f"<{item}><title>Item {n}</title>{RAISES if n in (3, 8) else ''}</{item}>" for n in range(1, 11)]
    result = read(shell.format("".join(items)).encode(encoding))
    assert [entry.title for entry in result.entries] == [f"Item {n}" for n in range(1, 11) if n not in (3, 8)]
    assert (result.status, [broken.position for broken in result.broken]) == (ReadStatus.PARTIAL, [3, 8])
    assert b"Item 3" in result.broken[0].data
    assert [problem.where for problem in result.problems] == ["entry 3", "entry 8"]
    assert result.title == "J"


def test_a_feed_of_bad_items_alone_puts_all_of_them_aside() -> None:
    result = read(RSS.format("".join(f"<item><title>Item {n}</title>{RAISES}</item>" for n in range(300))))
    assert (len(result.broken), result.entries) == (300, ())


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ('<p>Before.</p><svg width="16"><g><title></title><path d="M2.53"></path></g></svg><p>After.</p>', "<p>Before.</p> <p>After.</p>"),
        ("a<script>var x = '<p>no</p>' < 3;</script>b", "a b"),
        ('a<div class="sharedaddy sd-sharing-enabled"><div><a href="#">Tweet</a></div></div>b', "a b"),
        ('a<form action="x"><input type="email"><button>Subscribe</button></form>b', "a b"),
        ('a<div class="subscription-widget-wrap-editor"><div class="subscription-widget">Thanks</div></div>b', "a b"),
        ("a<svg/>b", "a b"),
        ("a<script>never ends, and <b>this</b>", "a never ends, and <b>this</b>"),
        ('<div class="shared-task">The shared task</div>', '<div class="shared-task">The shared task</div>'),
        ("a formula a<b and b>c", "a formula a<b and b>c"),
        ("<p>nothing to drop</p>", "<p>nothing to drop</p>"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_dropped_whole(html: str, left: str) -> None:
    assert without_furniture(html) == left


@pytest.mark.parametrize("item", [b"", b"<item><title>One</title></item>"])
def test_an_encoding_of_no_name_costs_nothing(item: bytes) -> None:
    body = (
        b'<?xml version="1.0" encoding="u\xf7f-8"?><rss version="2.0"><channel><title>J</title>'
        + item
        + b"</channel></rss>"
    )
    assert [e.title for e in read(body).entries] == ["One"] * bool(item)


def test_a_document_without_items_that_makes_feedparser_raise_is_told() -> None:
    found = read(RSS.format(RAISES))
    assert (found.status, found.entries) == (ReadStatus.UNREADABLE, ())
    assert "feedparser gave up" in found.problems[0].what
