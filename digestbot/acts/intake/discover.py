"""Discover the source behind an address a person knows (feed autodiscovery). Asks the network, writes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from digestbot.acts.intake.guarded_parse import Reader
from digestbot.acts.intake.polite_fetch import advised
from digestbot.acts.intake.try_source import Inspected
from digestbot.errors import DigestbotError
from digestbot.model import Fetched, Problem, ReadStatus, Request, Secret
from digestbot.sources import Source
from digestbot.sources.formats.detect import kind_of
from digestbot.sources.formats.reply_body import is_html, opened
from digestbot.sources.known_sites import common_feeds, feeds_of, known_place
from digestbot.sources.recipes import Recipe

Fetch = Callable[[Request], Awaitable[Fetched]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """A source that was read."""

    kind: str
    options: Mapping[str, Any]
    seen: Inspected
    way: str  #: how it was found, for people


@dataclass(slots=True)
class _Search:
    """One search: the addresses that were asked, and why each failed."""

    fetch: Fetch
    kinds: Mapping[str, Any]
    now: datetime
    reader: Reader
    tried: list[str] = field(default_factory=list)

    async def place(self, address: str) -> Discovered | None:
        """Returns the source of a page we know, tried with the first request of a poll; None for other pages."""
        found = known_place(address)
        if found is None or found[0] not in self.kinds:
            return None
        kind, options = found
        return await self.known(kind, options, address, f"the page's papers come from kind {kind}")

    async def known(self, kind: str, options: Mapping[str, Any], address: str, way: str) -> Discovered | None:
        """Returns a source whose options are known, tried with the first request of a poll; None when nothing was read."""
        shown = {k: v for k, v in options.items() if not isinstance(v, Secret)}
        try:
            source: Source = self.kinds[kind].from_options({"url": "", **options})
        except ValueError as error:
            raise DigestbotError(str(error), where=address) from error
        fetched = advised(await self.fetch(source.requests({}, self.now)[0]), source)
        found = await self._read(kind, shown, source, fetched, address, way)
        if found is None or found.seen.result.entries or not found.seen.result.next_requests:
            return found
        # a search that only names its pages, a feed of volumes
        further = advised(await self.fetch(found.seen.result.next_requests[0]), source)
        return await self._read(kind, shown, source, further, address, way) or found

    async def feed(self, address: str, way: str) -> Discovered | Fetched:
        """Returns the source at the address itself, or the reply when that is no source."""
        fetched = await self.fetch(Request(url=address))
        if fetched.response is None:
            self.tried.append(f"{address}: {fetched.error or fetched.status}")
            return fetched
        address = fetched.moved_to or address
        kind = kind_of(fetched.response)
        source = self.kinds[kind].from_options({"url": address})
        return await self._read(kind, {"url": address}, source, fetched, address, way) or fetched

    async def _read(
        self, kind: str, options: Mapping[str, Any], source: Source, fetched: Fetched, address: str, way: str
    ) -> Discovered | None:
        if fetched.response is None:
            self.tried.append(f"{fetched.request.url}: {fetched.error or fetched.status}")
            return None
        result = await self.reader.read(source, fetched.response, self.now)
        if result.status is ReadStatus.UNREADABLE:
            self.tried.append(f"{fetched.request.url}: {_why(result.problems)}")
            return None
        seen = Inspected(input=address, kind=kind, status=result.status, result=result, problems=result.problems)
        return Discovered(kind=kind, options=options, seen=seen, way=way)


def _why(problems: Sequence[Problem]) -> str:
    return problems[0].what if problems else "nothing could be read there"


async def discover(
    address: str, fetch: Fetch, kinds: Mapping[str, Any], *, now: datetime, reader: Reader, recipe: Recipe | None = None
) -> Discovered:
    """The source of a page or a feed; that of a recipe where it can be read. Raises DigestbotError with everything that was
    tried when there is none."""
    search = _Search(fetch, kinds, now, reader)
    if recipe is not None and recipe.kind in kinds:
        way = f"the recipe {recipe.name}: {recipe.about}"
        if (found := await search.known(recipe.kind, recipe.options, address or recipe.name, way)) is not None:
            return found
    if not address:
        raise DigestbotError(
            "nothing could be read there now", where=recipe.name if recipe else "", fix=f"Tried {search.tried[0]}"
        )
    if known_place(address) and (found := await search.place(address)) is not None:
        return found
    first = await search.feed(address, "the address is a feed")
    if isinstance(first, Discovered):
        return first
    for candidate, way in _candidates(address, first):
        further = await search.feed(candidate, way)
        if isinstance(further, Discovered):
            return further
    raise DigestbotError(
        "no source could be read there", where=address,
        fix="Tried " + "; ".join(search.tried[:8]) + (" and others" if len(search.tried) > 8 else ""),
    )  # fmt: skip


def _candidates(address: str, first: Fetched) -> Iterator[tuple[str, str]]:
    """Yields further addresses to try. Only an existing page has a feed somewhere."""
    if first.response is None or not is_html(opened(first.response)):
        return
    at, named = first.response.url, []
    for feed in feeds_of(opened(first.response), at):
        named.append(feed)
        yield feed, "the page names this feed"
    for feed in common_feeds(at):
        if feed not in (*named, address):
            yield feed, "feeds often stand there"
