"""Pagination: read one poll of one source, page after page, and tell whether everything came.

A long list is read in chunks; each chunk is stored before the next is asked for. The watermark, how far a source was read,
moves on only when everything it announced has come: otherwise the next poll asks for the same days again. The third
time in a row that too little comes, the source is believed, and the poll log says that something may be missing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.listing_days import RecoveredDay, days_to_recover, fetch_past_day
from digestbot.acts.intake.polite_fetch import SourceSetup, fetch_politely, take_lease
from digestbot.model import Budget, Entry, Fetched, ParseResult, Problem, ReadStatus, Request, Response
from digestbot.sources import as_listed
from digestbot.store import SourceRow
from digestbot.transport.refusal import hidden, kept

MOST_REQUESTS = 60  #: pages of one chunk
MOST_REPEATS = 3  #: pages in a row that bring nothing but what came before: a list that turns in a circle
_RENEWED = 20  #: pages after which the turn of the source is taken anew: at arXiv's pace that is a minute


@dataclass(frozen=True, slots=True)
class EarlierChunk:
    """What earlier chunks of the same poll hand on: pages still to fetch, entries so far, entries announced."""

    rest: tuple[Request, ...] = ()
    got: int = 0
    expected: int | None = None  #: as it was told
    left_out: int = 0
    single: bool = True


@dataclass(slots=True)
class _Count:
    """What of one list came: its keys, and how many were put aside or left out."""

    keys: set[str] = field(default_factory=set)  #: of the entries, each once
    came: int = 0  #: entries, each once a page
    aside: int = 0  #: items that could not be read
    left_out: int = 0


@dataclass(slots=True)
class PollProgress:
    """What one chunk of one poll has gathered so far."""

    pages: list[tuple[Response, ParseResult]] = field(default_factory=list)
    validators: dict[str, Any] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    failed: Fetched | None = None
    unchanged: int = 0
    fresh_until: datetime | None = None
    budget: Budget | None = None  #: what the service still lets us spend
    problems: list[Problem] = field(default_factory=list)
    again: list[RecoveredDay] = field(default_factory=list)  #: past days that were asked for once more
    lists: list[ParseResult] = field(default_factory=list)  #: the first page of each list
    counts: dict[int, _Count] = field(default_factory=dict)  #: by list
    single: bool = True  #: one list: several may hold the same papers
    before: EarlierChunk = EarlierChunk()
    rest: tuple[Request, ...] = ()  #: pages that are left for the next chunk
    repeats: int = 0  #: pages in a row that brought nothing else
    known: Mapping[str, Any] = field(default_factory=dict)  #: validators of the last poll, by address

    @property
    def expected(self) -> int | None:
        """The number of papers that all lists announce; None when one of them announces none."""
        return None if self._told is None else max(0, self._told - self._left_out)

    @property
    def _told(self) -> int | None:
        if self.before.rest:
            return self.before.expected
        told = [first.expected for first in self.lists if first.expected is not None]
        return sum(told) if told and len(told) == len(self.lists) else None

    @property
    def _left_out(self) -> int:
        return sum(count.left_out for count in self.counts.values()) + self.before.left_out

    @property
    def got(self) -> int:
        """The number of papers that came, in this chunk and earlier ones; several lists count each by itself."""
        counts = self.counts.values()
        return sum(count.aside + (len(count.keys) if self.single else count.came) for count in counts) + self.before.got

    @property
    def onward(self) -> EarlierChunk:
        """What the next chunk has to know of this one."""
        return EarlierChunk(self.rest, self.got, self._told, self._left_out, self.single)

    @property
    def circles(self) -> bool:
        """Did the pages of its list repeat each other?"""
        return self.single and self.repeats >= MOST_REPEATS

    def count(self, number: int, result: ParseResult) -> None:
        """Counts one more page of a list."""
        if result.restarts:
            self.counts[number] = _Count()
            if self.single:
                self.before = replace(self.before, got=0, left_out=0)
        count = self.counts.setdefault(number, _Count())
        keys = {entry.native_key for entry in result.entries if not _of_another(entry)}
        self.repeats = self.repeats + 1 if keys and keys <= count.keys else 0
        count.keys |= keys
        count.came += len(keys)
        count.aside += len(result.broken)
        count.left_out += result.left_out


def _of_another(entry: Entry) -> bool:
    """A notice about another work is no item of this list; counting it would hide a missing one."""
    return bool(entry.standing) and not (entry.title or entry.link or entry.summary)


async def read_chunk(client: IntakeClient, setup: SourceSetup, row: SourceRow, earlier: EarlierChunk) -> PollProgress:
    """Fetch and parse page after page until there is no further one, one fails, or the chunk is full."""
    pages = deque(enumerate(earlier.rest or setup.source.requests(row.state, client.clock())))
    progress = _begin(row, earlier, len(pages))
    await _read_pages(client, setup, pages, progress, continued=bool(earlier.rest))
    if progress.failed is None:
        progress.rest = tuple(request for _, request in pages)
        progress.again = [] if progress.rest or row.last_poll is None else await _read_past_days(client, setup)
    return progress


def _begin(row: SourceRow, earlier: EarlierChunk, pages: int) -> PollProgress:
    """A poll of so many pages from the start, or where an earlier chunk stopped: then nothing is known of validators."""
    if earlier.rest:
        return PollProgress(moved=dict(row.moved), before=earlier, known={}, single=earlier.single)
    return PollProgress(moved=dict(row.moved), before=earlier, known=row.validators, single=pages < 2)


async def _read_pages(
    client: IntakeClient,
    setup: SourceSetup,
    pages: deque[tuple[int, Request]],
    progress: PollProgress,
    *,
    continued: bool,
) -> None:
    """Read one after another until none is left, one fails, or the chunk is full; `continued`: the lease is some age old."""
    first_pages = 0 if continued else len(pages)
    for number in range(MOST_REQUESTS):
        if not pages or progress.failed is not None:
            break
        if number % _RENEWED == 0 and (number or continued):
            await _renew_lease(client, setup)
        await _read_next(client, setup, pages, progress, first=number < first_pages)


async def _read_next(
    client: IntakeClient, setup: SourceSetup, pages: deque[tuple[int, Request]], progress: PollProgress, *, first: bool
) -> None:
    """Fetch the next page, parse it into `progress`, and add the further pages it names."""
    list_, request = pages.popleft()
    fetched = await fetch_politely(client, setup, _prepared(request, progress))
    if fetched.fresh_until is not None:
        progress.fresh_until = max(fetched.fresh_until, progress.fresh_until or fetched.fresh_until)
    progress.budget = fetched.budget or progress.budget
    if fetched.status.failed:
        progress.failed = fetched
        return
    had = len(progress.pages)
    pages.extend((list_, page) for page in await _parse_page(client, setup, list_, request, fetched, progress))
    if first:
        progress.lists += [page for _, page in progress.pages[had:]]
    if fetched.moved_to and not _unreadable(progress):  # a new place that says nothing useful is no new place
        progress.moved[request.url] = fetched.moved_to
    if progress.circles:
        progress.problems.append(Problem(what="its pages repeat each other: the rest was not asked for"))
        pages.clear()


async def _renew_lease(client: IntakeClient, setup: SourceSetup) -> None:
    await client.write(lambda tx: take_lease(tx, f"source:{setup.name}", client.owner, client.clock()))


async def _read_past_days(client: IntakeClient, setup: SourceSetup) -> list[RecoveredDay]:
    """Ask once more for the listing days that were missed; nothing for sources without listing days."""
    source = as_listed(setup.source)
    if source is None:
        return []

    async def fetch(request: Request) -> Fetched:
        await _renew_lease(client, setup)  # a list of past days is long
        return await fetch_politely(client, setup, request)

    days = await asyncio.to_thread(days_to_recover, client.store, setup.name, source, client.clock())
    return [await fetch_past_day(setup.source, day, fetch, client) for day in days]


def _unreadable(progress: PollProgress) -> bool:
    return bool(progress.pages) and progress.pages[-1][1].status is ReadStatus.UNREADABLE


async def _parse_page(
    client: IntakeClient, setup: SourceSetup, list_: int, request: Request, fetched: Fetched, progress: PollProgress
) -> tuple[Request, ...]:
    """Parse one reply into `progress`; further pages it names."""
    before = progress.known.get(request.url) or ["", "", ""]
    response = fetched.response
    sha = hashlib.sha256(response.body).hexdigest() if response is not None else before[2]
    if response is None or sha == before[2]:
        progress.unchanged += 1
        # A server may change its validators without changing the bytes: keep the newer (RFC 9111 4.3.4).
        progress.validators[request.url] = [fetched.etag or before[0], fetched.last_modified or before[1], sha]
        return ()
    result = await client.reader.read(setup.source, response, client.clock())
    response, result = _without_keys(request, response, result)
    progress.pages.append((response, result))
    progress.count(list_, result)
    if result.status is not ReadStatus.UNREADABLE:  # else the next poll must get these bytes again, not a 304
        progress.validators[request.url] = [fetched.etag, fetched.last_modified, sha]
    return result.next_requests


def _without_keys(request: Request, response: Response, result: ParseResult) -> tuple[Response, ParseResult]:
    """Removes keys from a refusal before it is shown or stored: a server may repeat the key it refuses."""
    values = kept(request) if result.status is ReadStatus.UNREADABLE else frozenset[str]()
    if not values:
        return response, result
    said = (replace(p, what=hidden(p.what, values), where=hidden(p.where, values)) for p in result.problems)
    body = hidden(response.body.decode("latin-1"), [v.encode().decode("latin-1") for v in values]).encode("latin-1")
    broken = tuple(replace(b, data=body[: len(b.data)], error=hidden(b.error, values)) for b in result.broken)
    return replace(response, body=body), replace(result, problems=tuple(said), broken=broken)


def _prepared(request: Request, progress: PollProgress) -> Request:
    """Returns the request with its new address, where it moved, and the validators of the last poll."""
    etag, last_modified, _ = progress.known.get(request.url) or ("", "", "")
    return replace(request, url=progress.moved.get(request.url, request.url), etag=etag, last_modified=last_modified)
