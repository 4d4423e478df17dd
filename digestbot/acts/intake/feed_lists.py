"""Compare OPML lists of feeds with the configuration, and write the configuration as such a list. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from digestbot.papers.exchange.opml import FeedList, Outline, Skipped, same_feed
from digestbot.settings import SourceConfig
from digestbot.settings.writing import NewSource, named
from digestbot.sources.known_sites import known_place
from digestbot.transport.reply_meaning import without_keys

FEEDS = ("feed", "arxiv")  #: kinds whose first request is a feed that any reader understands


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """Sources to add, and sources that are skipped, with the reason."""

    new: tuple[NewSource, ...]
    skipped: tuple[Skipped, ...]


def additions(listed: FeedList, sources: Sequence[SourceConfig], kinds: Collection[str], *, file: str) -> Additions:
    """The sources a list adds to those that are configured."""
    there = {_same(s.kind, s.options): s.name for s in sources}
    new, skipped = [], list(listed.skipped)
    for feed in listed.feeds:
        kind, options = _source(feed.url, kinds)
        if name := there.get(_same(kind, options)):
            skipped.append(Skipped(what=feed.title or feed.url, why=f"is there already: {name}"))
            continue
        remark = " / ".join((*feed.folders, f"from {file}"))
        wanted = feed.title or urlsplit(feed.url).hostname or "feed"
        new.append(NewSource(name=wanted, kind=kind, options=options, title=feed.title[:200], remark=remark))
    return Additions(new=tuple(named(new, [s.name for s in sources])), skipped=tuple(skipped))


def already(kind: str, options: Mapping[str, Any], sources: Iterable[SourceConfig]) -> str:
    """Returns the name of the source that asks the same, "" when there is none."""
    return next((s.name for s in sources if _same(s.kind, s.options) == _same(kind, options)), "")


def _source(url: str, kinds: Collection[str]) -> tuple[str, Mapping[str, Any]]:
    """arXiv's own feeds are better read by categories: then its calendar and its look-back help."""
    found = known_place(url)
    return found if found is not None and found[0] == "arxiv" and "arxiv" in kinds else ("feed", {"url": url})


def _same(kind: str, options: Mapping[str, Any]) -> tuple[Any, ...]:
    """Returns a key that is equal for two sources that ask the same."""
    if url := str(options.get("url") or ""):
        return ("url", same_feed(url))
    asked = {k: tuple(sorted(v)) if isinstance(v, list | tuple) else v for k, v in options.items() if v and k != "url"}
    return (kind, *sorted(asked.items(), key=lambda pair: pair[0]))


def as_list(
    sources: Sequence[SourceConfig], kinds: Mapping[str, Any], *, now: datetime
) -> tuple[list[Outline], list[Skipped]]:
    """The configured sources that are feeds, and those that are none."""
    feeds, skipped = [], []
    for source in sources:
        if source.kind not in FEEDS:
            skipped.append(Skipped(what=source.name, why=f"kind {source.kind} is no feed that others could read"))
            continue
        first = kinds[source.kind].from_options(source.options).requests({"looked_back": True}, now)[0]
        if (url := without_keys(first.url)) != first.url:
            skipped.append(Skipped(what=source.name, why="its address has a key in it, which is left out of the list"))
        feeds.append(Outline(url=url, title=source.title or source.name))
    return feeds, skipped
