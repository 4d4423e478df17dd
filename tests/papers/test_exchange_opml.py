"""Lists of feeds, as real programs write them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from cost import Cost
from hypothesis import given
from hypothesis import strategies as st

from digestbot.papers.exchange.opml import FeedList, Outline, read_opml, same_feed, write_opml


def of(body: str) -> FeedList:
    return read_opml(f'<?xml version="1.0"?><opml version="2.0"><body>{body}</body></opml>'.encode())


def test_a_bare_ampersand_and_html_inside_an_attribute_cost_nothing() -> None:
    read = of(
        '<outline text="News & Views" xmlUrl="https://a.org/f?x=1&y=2"/>'
        '<outline text="B" description="<p>by <a href="https://b.org" rel="me">us</a></p>" xmlUrl="https://b.org/f"/>'
    )
    assert [(f.title, f.url) for f in read.feeds] == [
        ("News & Views", "https://a.org/f?x=1&y=2"),
        ("B", "https://b.org/f"),
    ]


def test_folders_may_be_nested_and_the_attribute_written_in_any_case() -> None:
    read = of('<outline text="Lab"><outline text="AI"><outline TITLE="x" XMLURL="http://a.org/f"/></outline></outline>')
    assert read.feeds == (Outline(url="http://a.org/f", title="x", folders=("Lab", "AI")),)


def test_one_feed_named_twice_is_one_and_https_wins() -> None:
    read = of('<outline xmlUrl="http://www.A.org/f/"/><outline text="A" xmlUrl="https://a.org/f"/>')
    assert [(f.title, f.url) for f in read.feeds] == [("A", "https://a.org/f")]
    assert [s.why for s in read.skipped] == ["stands in the list twice"]


def test_what_is_no_feed_is_named_with_the_way_on() -> None:
    read = of(
        '<outline text="Other" type="include" url="https://a.org/list.opml"/><outline text="Page" htmlUrl="https://b.org/"/>'
        '<outline text="Old" xmlUrl="javascript:alert(1)"/>'
    )
    assert [s.why for s in read.skipped] == [
        "is another list: import https://a.org/list.opml by itself",
        "names no feed: try `digestbot sources add https://b.org/`",
        "its address is no web address: javascript:alert(1)",
    ]


def test_a_feed_without_its_address_is_named_and_a_folder_is_not() -> None:
    read = of(
        '<outline text="Lakes" type="rss" xmlUrl=""/><outline type="rss" xmlUrl=""></outline>'
        '<outline text="Folder" xmlUrl="" htmlUrl=""><outline text="A" xmlUrl="https://a.org/f"/></outline>'
    )
    assert [(s.what, s.why) for s in read.skipped] == [
        ("Lakes", "its address is empty"), ("an outline without a name", "its address is empty"),
    ]  # fmt: skip
    assert [f.folders for f in read.feeds] == [("Folder",)]


def test_an_entity_bomb_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><opml><body><outline text="&b;"/></body></opml>'
    with pytest.raises(ValueError, match="declares entities"):
        read_opml(bomb)


def test_what_is_no_list_is_said_to_be_none() -> None:
    with pytest.raises(ValueError, match="no list of feeds"):
        read_opml(b"<rss><channel/></rss>")


@pytest.mark.parametrize("piece", ["<", "<!--", "<outline ", '<outline a="', "<outline x>", "<![CDATA[", "</", "&"])
def test_hostile_lists_take_no_time(piece: str) -> None:
    with Cost() as cost:
        read_opml(b"<opml>" + piece.encode() * (500_000 // len(piece)))
    assert cost.seconds < 3


@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_a_reason(data: bytes) -> None:
    for given_bytes in (data, b"<opml><outline xmlUrl='http://a.org'" + data):
        with suppress(ValueError):  # anything else fails the test
            read_opml(given_bytes)


WORD = st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn", "Cf", "Zs", "Zl", "Zp"), exclude_characters="<&"), min_size=1)  # fmt: skip


@given(st.lists(st.tuples(WORD, st.lists(WORD, max_size=3)), max_size=6))
def test_what_is_written_is_read_again(given_feeds: list[tuple[str, list[str]]]) -> None:
    feeds = [
        Outline(url=f"https://a.org/{at}?x=1&y=%22", title=title, home="https://a.org/", folders=tuple(folders))
        for at, (title, folders) in enumerate(given_feeds)
    ]
    read = read_opml(write_opml("Papers & co", feeds).encode())
    assert list(read.feeds) == feeds
    assert read.title == "Papers & co"


def test_two_addresses_of_one_feed_are_alike() -> None:
    assert same_feed("http://www.Example.org/Feed/") == same_feed("https://example.org/Feed")
    assert same_feed("https://example.org/Feed") != same_feed("https://example.org/feed")


def test_every_real_list_is_read_and_every_feed_of_it_found(shared_data: Path) -> None:
    files = [p for p in sorted((shared_data / "opml").rglob("*")) if p.is_file()]
    assert len(files) >= 140
    for path in files:
        data = path.read_bytes()
        read = read_opml(data)
        named = data.lower().count(b"xmlurl=") - data.lower().count(b'xmlurl=""')
        assert len(read.feeds) + sum("twice" in s.why for s in read.skipped) >= named, path
