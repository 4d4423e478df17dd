"""Feeds out, read by parsers that are not ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.digest.feeds import Feed, atom, feed_item, json_feed, rss
from digestbot.testing.builders import NOW, paper

Write = Callable[[Feed], bytes]


def feed(*numbers: int, **change: Any) -> Feed:
    items = tuple(feed_item(paper(n), at=NOW, reason="Matched “attention” in title") for n in numbers)
    made = Feed(id="edition", title="Papers", home="https://papers.example.org/", self_url="", description="Papers",
                items=items, updated=NOW if items else None)  # fmt: skip
    return replace(made, **change)


@pytest.mark.parametrize(("write", "version"), [(rss, "rss20"), (atom, "atom10")])
def test_an_independent_parser_reads_every_item(write: Write, version: str) -> None:
    read = feedparser.parse(write(feed(1, 2)))
    assert (read.version, bool(read.bozo)) == (version, False)
    assert [e.title for e in read.entries] == [paper(1).title, paper(2).title]
    assert [e.link for e in read.entries] == [paper(1).link, paper(2).link]
    assert read.entries[0].published_parsed[:5] == (2026, 11, 23, 6, 30)
    assert len(read.entries[0].authors) == 5


def test_a_json_feed_has_what_the_specification_asks_for() -> None:
    read = json.loads(json_feed(feed(1)))
    assert read["version"] == "https://jsonfeed.org/version/1.1"
    (one,) = read["items"]
    assert {"id", "url", "title", "content_html", "date_published", "authors", "tags"} <= one.keys()
    assert all(isinstance(one[key], str) for key in ("id", "url", "content_html"))


def test_atom_has_what_rfc_4287_requires() -> None:
    space = "{http://www.w3.org/2005/Atom}"
    root = ElementTree.fromstring(atom(feed(1)))
    assert {f"{space}{name}" for name in ("id", "title", "updated", "author", "entry")} <= {child.tag for child in root}
    entry = root.find(f"{space}entry")
    assert entry is not None
    assert {f"{space}{name}" for name in ("id", "title", "updated", "content", "link")} <= {
        child.tag for child in entry
    }


@pytest.mark.parametrize("write", [rss, atom, json_feed])
def test_unchanged_content_gives_unchanged_bytes(write: Write) -> None:
    assert write(feed(1, 2)) == write(feed(1, 2))


@pytest.mark.parametrize("write", [rss, atom, json_feed])
def test_an_empty_feed_is_a_valid_feed(write: Write) -> None:
    made = write(feed())
    if write is json_feed:
        assert json.loads(made)["items"] == []
    else:
        assert not feedparser.parse(made).bozo


@pytest.mark.parametrize("write", [rss, atom, json_feed])
def test_a_new_version_is_the_same_item(write: Write) -> None:
    def ids(version: int) -> list[str]:
        item = feed_item(paper(1, version=version), at=NOW + timedelta(days=version), reason="")
        made = write(replace(feed(), items=(item,)))
        return [e["id"] for e in (json.loads(made)["items"] if write is json_feed else feedparser.parse(made).entries)]

    assert ids(1) == ids(2)


def test_an_excerpt_is_made_of_the_cards_sentences_and_breaks_off_in_none() -> None:
    text = "A long story begins. " * 30 + "We propose a method. It achieves much."
    [one] = json.loads(json_feed(replace(feed(), items=(feed_item(paper(1, summary=text), at=NOW, reason=""),))))[
        "items"
    ]
    assert len(one["summary"]) < 500
    assert one["summary"].endswith(".")
    assert "We propose a method." in one["summary"]


@given(st.text())
def test_no_character_breaks_a_feed(text: str) -> None:
    item = feed_item(paper(1, title=text, summary=text, authors=(text,), categories=(text,)), at=NOW, reason=text)
    odd = replace(feed(), items=(item,), title=text)
    ElementTree.fromstring(rss(odd))
    ElementTree.fromstring(atom(odd))
    json.loads(json_feed(odd))


def test_markup_of_a_paper_is_shown_and_not_obeyed() -> None:
    item = feed_item(paper(1, summary="<script>x</script>"), at=NOW, reason="")
    read = json.loads(json_feed(replace(feed(), items=(item,))))
    assert "<script>" not in read["items"][0]["content_html"]
