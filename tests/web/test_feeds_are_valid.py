"""Every feed of the site in every format: valid by the validator's rules, and the same for parsers that are not ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import atoma
import fastfeedparser
import feedparser
import pytest
from asgi import Asked, asked
from feed_rules import complaints

from digestbot.acts.digests.dispatch import compose_extra
from digestbot.acts.people.find import all_subscribers
from digestbot.acts.people.sync import sync
from digestbot.model import Link, LinkRel
from digestbot.testing.builders import NOW, entry, subscriber

KINDS = ("feed.xml", "feed.atom", "feed.json")
PLACES = ("/", "/topics/attention/", "/topics/Attention_v1.2/", "/search", "/nothing", "/private/")
MORE = """
[[topics]]
name = "Attention_v1.2"
query = "attention"
"""
#: what strangers call papers, and write in them
ODD: tuple[dict[str, Any], ...] = (
    {"title": "Bounds for O(n<m) & ]]> in <b>bold</b>", "summary": "For a<b and c>d we show <script>alert(1)</script> & more."},
    {"title": "日本語 \u202e\x0b\x7f halves", "summary": "&nbsp;&eacute;&amp;amp; 𝔘nicode 🚀 \x1b[31m"},
    {"title": "", "summary": "", "authors": ()},
    {"title": "&lt;i&gt;E. coli&lt;/i&gt; &copy;", "authors": ("O'Brien & Sons <x@y.example>", "", " "), "categories": ("a\"b", "")},
    {"link": "https://a.example/ä path?q=“x”&y=<z>", "links": (Link(LinkRel.CODE, "javascript:alert(1)"), Link(LinkRel.PDF, "/relative.pdf"))},
)  # fmt: skip


class Fed:
    """A site with papers of all kinds, and somebody with a feed of their own."""

    def __init__(self, site: Asked) -> None:
        self.site = site
        site.bring("arxiv-cs", *(entry(n) for n in (1, 2, 3)))
        site.bring("journal", *(entry(10 + n, **odd) for n, odd in enumerate(ODD)), at=NOW + timedelta(minutes=1))
        person = subscriber("ada", id=None, name="Ada <& Co>")
        sync(site.app.store, [person], [("arxiv-cs", "arxiv"), ("journal", "feed")], now=NOW - timedelta(days=1))
        compose_extra(site.app.store, site.app.digest_settings, all_subscribers(site.app.store), now=site.app.clock())
        with site.app.store.transaction() as tx:
            site.app.linker.record(tx, all_subscribers(site.app.store)[0], None, now=NOW)
        self.own = urlsplit(site.app.linker.links(all_subscribers(site.app.store)[0]).feed).path

    def address(self, place: str, kind: str) -> str:
        """Its path, and the query."""
        asks = {"/search": "?q=ti%3A%22sparse+attention%22", "/nothing": "?q=nothinglikethis"}
        folder = {"/private/": self.own, "/search": "/", "/nothing": "/"}.get(place, quote(place))
        return f"{folder}{kind}{asks.get(place, '')}"


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fed]:
    with asked(tmp_path_factory.mktemp("fed"), MORE) as site:
        yield Fed(site)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", PLACES)
def test_a_feed_is_valid_by_the_rules_of_the_w3c_validator(fed: Fed, place: str, kind: str) -> None:
    address = fed.address(place, kind)
    answer = fed.site.get(address)
    assert answer.status == 200
    found = complaints(
        answer.body, answer.headers["content-type"], f"https://papers.example.org{address}", now=fed.site.app.clock()
    )
    assert found == []


@pytest.mark.parametrize("place", PLACES)
def test_three_parsers_read_the_same_papers_in_the_same_order(fed: Fed, place: str) -> None:
    rss, atom, made = (fed.site.get(fed.address(place, kind)).body for kind in KINDS)
    wanted = [(one["id"], one["title"], one["date_published"]) for one in json.loads(made)["items"]]
    assert bool(wanted) is (place != "/nothing")
    for data in (rss, atom):
        read = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
        assert not read.bozo
        assert [one.id for one in read.entries] == [one[0] for one in wanted]
        assert [_moment(*one.published_parsed[:6]) for one in read.entries] == [one[2] for one in wanted]
    of_rss, of_atom = atoma.parse_rss_bytes(rss), atoma.parse_atom_bytes(atom)
    assert [(i.guid, i.title, f"{i.pub_date:%Y-%m-%dT%H:%M:%SZ}") for i in of_rss.items] == wanted
    assert [(e.id_, e.title.value, f"{e.published:%Y-%m-%dT%H:%M:%SZ}") for e in of_atom.entries] == wanted
    for data in (rss, atom) if wanted else ():
        quick = fastfeedparser.parse(data)
        assert [(one.id, one.published.replace("+00:00", "Z")) for one in quick.entries] == [
            (w[0], w[2]) for w in wanted
        ]


def _moment(*parts: int) -> str:
    return f"{datetime(*parts):%Y-%m-%dT%H:%M:%SZ}"  # type: ignore[arg-type]


def test_what_an_abstract_says_is_read_back_whole_by_who_takes_a_description_for_html(fed: Fed) -> None:
    read = feedparser.parse(fed.site.get("/feed.xml").body)
    [odd] = [one for one in read.entries if one.title.startswith("Bounds")]
    assert odd.summary.startswith("For a&lt;b and c&gt;d we show")


def test_a_reader_that_sorts_by_date_shows_the_order_of_the_mail(fed: Fed) -> None:
    items = json.loads(fed.site.get(fed.address("/private/", "feed.json")).body)["items"]
    assert len(items) >= 3
    dates = [one["date_published"] for one in items]
    assert dates == sorted(set(dates), reverse=True)


def test_a_browser_gets_a_page_of_a_private_feed_too(fed: Fed) -> None:
    address = fed.address("/private/", "feed.atom")
    reader, browser = fed.site.get(address, accept="*/*"), fed.site.get(address, accept="text/html,*/*;q=0.8")
    assert browser.headers["content-type"].startswith("application/xml")
    assert browser.body == reader.body
    assert b'href="/feed.xsl"' in browser.body
    assert "script-src 'self'" in browser.headers["content-security-policy"]
    assert browser.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("kind", KINDS)
def test_a_private_feed_is_asked_for_again_as_every_other(fed: Fed, kind: str) -> None:
    address = fed.address("/private/", kind)
    first = fed.site.get(address)
    plain = first.headers["etag"].strip('"')
    for given in (f'"{plain}"', f'W/"{plain}"', f'"x", "{plain}"', f'"{plain}-gzip"', f'W/"{plain};gzip"', "*"):
        again = fed.site.get(address, if_none_match=given)
        assert (again.status, again.body) == (304, b""), given
    head = fed.site.get(address, "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(first.body)))
    assert fed.site.get(address, accept_encoding="gzip").headers["content-encoding"] == "gzip"
    assert fed.site.get(address.replace(kind, "feed.txt")).status == 404
