"""From a page's address to the source behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from rows import rows

from digestbot import plugins
from digestbot.acts.intake.discover import Discovered, discover
from digestbot.acts.intake.feed_lists import additions, as_list
from digestbot.acts.intake.guarded_parse import HERE
from digestbot.errors import DigestbotError
from digestbot.model import Fetched, ReadStatus, Request, Response
from digestbot.papers.exchange.opml import read_opml, write_opml
from digestbot.settings import SourceConfig
from digestbot.sources.known_sites import common_feeds, feeds_of, known_place
from digestbot.testing import samples

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
KINDS = plugins.Kinds(plugins.SOURCES)
RSS = b"<rss version='2.0'><channel><title>The Lab</title><item><title>One</title><guid>1</guid></item></channel></rss>"
PAGE = b"<!doctype html><html><head>%s</head><body>%s</body></html>"


def find(address: str, web: Mapping[str, bytes]) -> tuple[Discovered, list[str]]:
    asked: list[str] = []

    async def fetch(request: Request) -> Fetched:
        asked.append(request.url)
        if request.url not in web:
            return Fetched(request=request, status=ReadStatus.UNREADABLE, http_status=404, error="404 from the host")
        response = Response(url=request.url, body=web[request.url], fetched=NOW)
        return Fetched(request=request, status=ReadStatus.OK, response=response)

    return asyncio.run(discover(address, fetch, KINDS, now=NOW, reader=HERE)), asked


def test_a_feed_is_itself() -> None:
    found, asked = find("https://lab.org/f", {"https://lab.org/f": RSS})
    assert (found.kind, found.options, found.seen.result.title) == ("feed", {"url": "https://lab.org/f"}, "The Lab")
    assert asked == ["https://lab.org/f"]


def test_a_page_names_its_feed_and_not_that_of_its_comments() -> None:
    head = (
        b"<link rel='alternate' type='application/rss+xml' title='Lab &raquo; Comments' href='/comments/feed'>"
        b'<LINK href="/feed?a=1&amp;b=2" type="application/atom+xml" rel="Alternate">'
    )
    web = {
        "https://lab.org/blog": PAGE % (head, b""),
        "https://lab.org/feed?a=1&b=2": RSS,
        "https://lab.org/comments/feed": RSS,
    }
    found, _ = find("https://lab.org/blog", web)
    assert found.options == {"url": "https://lab.org/feed?a=1&b=2"}
    assert found.way == "the page names this feed"


def test_a_link_to_a_feed_in_the_text_will_do() -> None:
    web = {
        "https://j.org/": PAGE % (b"", b"<a class=x href=current/rss.xml>RSS</a>"),
        "https://j.org/current/rss.xml": RSS,
    }
    assert find("https://j.org/", web)[0].options == {"url": "https://j.org/current/rss.xml"}


def test_a_page_that_names_none_is_tried_where_feeds_usually_stand() -> None:
    web = {"https://lab.org/blog": PAGE % (b"", b""), "https://lab.org/atom.xml": RSS}
    found, asked = find("https://lab.org/blog", web)
    assert found.options == {"url": "https://lab.org/atom.xml"}
    assert asked[1] == "https://lab.org/blog/feed"
    assert len(asked) < 15


def test_what_is_not_readable_is_refused_with_everything_that_was_tried() -> None:
    with pytest.raises(
        DigestbotError, match=r"https://lab\.org/blog: this is a web page, not a feed; .*404 from the host"
    ):
        find("https://lab.org/blog", {"https://lab.org/blog": PAGE % (b"", b"")})


def test_a_page_that_is_not_there_is_not_searched_for_feeds() -> None:
    with pytest.raises(DigestbotError, match="404 from the host"):
        find("https://lab.org/blog", {"https://lab.org/feed": RSS})


def test_an_arxiv_listing_is_a_source_of_its_categories_and_asked_once() -> None:
    web = {"https://rss.arxiv.org/rss/cs.LG": samples.arxiv_rss(date(2026, 11, 23))}
    found, asked = find("https://arxiv.org/list/cs.LG/recent?show=50", web)
    assert (found.kind, found.options) == ("arxiv", {"categories": ["cs.LG"]})
    assert asked == ["https://rss.arxiv.org/rss/cs.LG"]


@rows(
    ("address", "place"),
    [
        ("https://arxiv.org/list/math.AG/new", ("arxiv", {"categories": ["math.AG"]})),
        ("https://rss.arxiv.org/rss/cs.LG+cs.CL", ("arxiv", {"categories": ["cs.LG", "cs.CL"]})),
        ("http://export.arxiv.org/rss/quant-ph", ("arxiv", {"categories": ["quant-ph"]})),
        ("https://huggingface.co/papers", ("huggingface", {})),
        ("https://huggingface.co/papers/date/2026-11-23", ("huggingface", {})),
        (
            "https://www.biorxiv.org/collection/cell-biology",
            ("biorxiv", {"server": "biorxiv", "categories": ["cell biology"]}),
        ),
        ("https://www.medrxiv.org/", ("biorxiv", {"server": "medrxiv"})),
        ("https://pubmed.ncbi.nlm.nih.gov/?term=crispr%5Btiab%5D&sort=date", ("pubmed", {"query": "crispr[tiab]"})),
        ("https://arxiv.org/abs/2611.00001", None),
        ("https://huggingface.co/papers/2611.00001", None),
        ("https://notarxiv.org/list/cs.LG", None),
        ("http://[", None),
    ],
)
def test_pages_we_know_have_a_source_of_their_own(address: str, place: object) -> None:
    assert known_place(address) == place


@pytest.mark.parametrize("piece", [b"<link ", b'<a href="', b"<a href='x' ", b"<link rel=alternate "])
def test_hostile_pages_take_no_time_and_name_few_feeds(piece: bytes) -> None:
    feeds_of(piece * 100_000, "https://lab.org/")
    many = b"".join(b"<a href='/%d/rss'>" % n for n in range(999))
    assert len(feeds_of(many, "https://lab.org/")) == 6


def test_common_places_are_beside_the_page_and_at_the_root() -> None:
    places = list(common_feeds("https://lab.org/people/ada"))
    assert places[0] == "https://lab.org/people/ada/feed"
    assert "https://lab.org/feed.xml" in places


CONFIGURED = (
    SourceConfig(name="ml", kind="arxiv", options={"categories": ["cs.LG", "cs.CL"], "url": ""}),
    SourceConfig(name="lab", kind="feed", options={"url": "https://lab.org/feed/"}, title="The Lab"),
    SourceConfig(name="daily", kind="huggingface", options={"url": ""}),
)


def test_a_list_adds_what_is_not_there_and_says_what_is() -> None:
    listed = read_opml(
        b"<opml><outline text='Work'><outline text='The Lab' xmlUrl='http://www.lab.org/feed'/>"
        b"<outline text='arXiv' xmlUrl='http://export.arxiv.org/rss/cs.CL+cs.LG'/><outline text='AI' xmlUrl='https://rss.arxiv.org/rss/cs.AI'/>"
        b"<outline text='Daily' xmlUrl='https://a.org/f'/></outline></opml>"
    )
    found = additions(listed, CONFIGURED, KINDS, file="feeds.opml")
    assert [s.why for s in found.skipped] == ["is there already: lab", "is there already: ml"]
    assert [(n.name, n.kind, n.options) for n in found.new] == [
        ("ai", "arxiv", {"categories": ["cs.AI"]}),
        ("daily-2", "feed", {"url": "https://a.org/f"}),
    ]
    assert found.new[1].remark == "Work / from feeds.opml"


def test_what_goes_out_as_a_list_comes_in_as_nothing_new() -> None:
    feeds, skipped = as_list(CONFIGURED, KINDS, now=NOW)
    assert [s.what for s in skipped] == ["daily"]
    back = additions(read_opml(write_opml("Papers", feeds).encode()), CONFIGURED, KINDS, file="x")
    assert back.new == ()
