"""feedparser without what it does in vain: what it reads stays what it was."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import feedparser
import pytest
from feedparser import mixin
from feedparser.util import FeedParserDict
from rows import rows
from sizes import size

from digestbot.sources.formats.quick_feedparser import ITS_OWN, as_feedparser_has_it

PARTS = 12  #: of the corpora
KEYS = (
    *FeedParserDict.keymap,
    "category",
    "enclosures",
    "license",
    "updated",
    "updated_parsed",
    "title",
    "links",
    "none",
)
HELD: tuple[dict[str, Any], ...] = (
    {},
    {"published": "a day", "published_parsed": (2026,), "summary": "s", "subtitle": "t", "id": "1", "href": "h"},
    {"updated": "a day", "updated_parsed": (2026,), "tags": [{"term": "x"}], "rights": "r", "title": "t"},
    {
        "links": [{"rel": "enclosure", "href": "e"}, {"rel": "license", "href": "l"}],
        "tags": [],
        "feed": 1,
        "entries": 2,
    },
)


def outcome(act: Callable[[FeedParserDict], Any], held: dict[str, Any]) -> tuple[Any, Any]:
    value = FeedParserDict(deepcopy(held))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            said = act(value)
        except (KeyError, AttributeError) as error:
            said = type(error)
    return said, dict(value)


@rows("held", HELD)
@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_found_written_and_copied_as_by_feedparsers_own_dict(key: str, held: dict[str, Any]) -> None:
    acts: list[Callable[[FeedParserDict], Any]] = [
        lambda d: d[key], lambda d: d.get(key), lambda d: d.get(key, "other"), lambda d: key in d, lambda d: d.__getattr__(key),
        lambda d: d.setdefault(key, "new"), lambda d: d.__setitem__(key, "new"), lambda d: deepcopy(d) == d,
        lambda d: type(deepcopy(d)),
    ]  # fmt: skip
    quick = [outcome(act, held) for act in acts]
    with as_feedparser_has_it():
        assert [outcome(act, held) for act in acts] == quick


def test_a_copy_shares_nothing_with_what_it_was_made_of() -> None:
    links = [FeedParserDict(href="a")]
    copied = deepcopy(FeedParserDict(links=links, type="text/html"))
    links[0]["href"] = "b"
    assert copied["links"][0]["href"] == "a"


@rows("base", ["", "https://lakes.example/feed/"])
@rows(
    "uri",
    [
        "",
        "a/b",
        "/a",
        "//host/a",
        "https://a.example/b",
        "https:///a.example/b",
        "http:////a",
        "feed:///x",
        "x:///",
        "#a",
        "?a=1",
    ],
)
def test_an_address_is_joined_as_by_feedparser(base: str, uri: str) -> None:
    quick = mixin._urljoin(base, uri)
    with as_feedparser_has_it():
        assert mixin._urljoin(base, uri) == quick


def parsed(body: bytes) -> Any:
    """What feedparser makes of it; the error that it raises, by its words: two of them are never equal."""
    try:
        found = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # it may raise anything
        return f"{type(error).__name__}: {error}"
    return {**found, "bozo_exception": str(found.get("bozo_exception"))}


@pytest.mark.slow
@pytest.mark.parametrize("part", range(size(1, full=PARTS)))
def test_feedparser_reads_every_real_feed_as_with_its_own_dict(shared_data: Path, part: int) -> None:
    paths = sorted(path for kind in ("xml", "rss", "atom") for path in shared_data.rglob(f"*.{kind}"))
    assert len(paths) > 3000
    bodies = {path: path.read_bytes() for path in paths[part::PARTS] if path.is_file()}
    quick = {path: parsed(body) for path, body in bodies.items()}
    with as_feedparser_has_it():
        differ = [str(path) for path, body in bodies.items() if parsed(body) != quick[path]]
    assert not differ


def test_the_feedparser_that_is_installed_has_the_dict_that_is_known() -> None:
    assert set(ITS_OWN) <= set(FeedParserDict.__dict__)
    assert all(FeedParserDict.__dict__[name] is not method for name, method in ITS_OWN.items())
