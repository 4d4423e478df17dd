"""Pages: what one poll of one source reads, page after page, and whether that was all there is.

A long list is read in stretches, each of which is written down before the next begins. What a source remembers of how
far it has read moves on only when all of what it told of has come: else the next poll asks for the same days again. A
source whose numbers never agree is believed the third time, and the ledger keeps that something may lack.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from digestbot.acts.asking import SourceSetup, ask, take
from digestbot.acts.listings import Recovered, ask_again, days_to_ask
from digestbot.acts.reading import read
from digestbot.model import Fetched, ParseResult, Problem, ReadStatus, Request, Response
from digestbot.sources import Listed
from digestbot.store import CUT, GAVE_UP, SourceRow, Store
from digestbot.transport import Transport

MOST_REQUESTS = 60  #: pages of one stretch
MOST_REPEATS = 3  #: pages in a row that bring nothing but what came before: a list that turns in a circle
MOST_SHORT = 3  #: polls in a row that brought less than was told
_REST, _SHORT = "rest", "short"  #: what we remember beside what the source does
_READ = "read"  #: how the names of what a source remembers of its days begin


@dataclass(slots=True)
class Reading:
    """What one stretch of one source has gathered so far."""

    pages: list[tuple[Response, ParseResult]] = field(default_factory=list)
    validators: dict[str, Any] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    failed: Fetched | None = None
    unchanged: int = 0
    fresh_until: datetime | None = None
    problems: list[Problem] = field(default_factory=list)
    again: list[Recovered] = field(default_factory=list)  #: past days that were asked for once more
    lists: list[ParseResult] = field(default_factory=list)  #: the first page of each list
    keys: set[str] = field(default_factory=set)  #: of the entries, each once
    before: Mapping[str, Any] = field(default_factory=dict)  #: of the stretches before: `got`, `expected`
    rest: tuple[str, ...] = ()  #: pages that are left for the next stretch
    repeats: int = 0  #: pages in a row that brought nothing else
    known: Mapping[str, Any] = field(default_factory=dict)  #: validators of the last poll, by address

    @property
    def expected(self) -> int | None:
        """How many papers all lists say there are; None when one of them does not say."""
        told = [first.expected for first in self.lists if first.expected is not None]
        if self.before:
            told = [self.before["expected"]] if self.before.get("expected") is not None else []
        elif len(told) < len(self.lists):
            return None
        return max(0, sum(told) - sum(page.left_out for _, page in self.pages)) if told else None

    @property
    def got(self) -> int:
        """How many of them came, in this stretch and those before."""
        aside = sum(len(page.broken) for _, page in self.pages)
        return len(self.keys) + aside + int(self.before.get("got", 0))

    @property
    def circles(self) -> bool:
        """Did its pages repeat each other?"""
        return self.repeats >= MOST_REPEATS


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What lacked in a poll, as far as it can be told."""

    lacks: bool = False
    times: int = 0  #: polls in a row
    problems: tuple[Problem, ...] = ()
    mark: str = ""  #: for the ledger

    def state(self, state: dict[str, Any], reading: Reading) -> dict[str, Any]:
        """What is remembered: how far the source was read only when nothing lacks, or has lacked too often."""
        if not reading.pages and reading.failed is not None:
            return state  # the next poll goes on here
        stays = (self.lacks and self.times < MOST_SHORT) or bool(reading.rest)
        for _, result in reading.pages:
            state |= {name: value for name, value in result.state.items() if not (stays and name.startswith(_READ))}
        state.pop(_REST, None)
        state.pop(_SHORT, None)
        if reading.rest:
            state[_REST] = {"urls": list(reading.rest), "got": reading.got, "expected": reading.expected}
        elif self.lacks and stays:
            state[_SHORT] = self.times
        return state


def shortfall(row: SourceRow, reading: Reading) -> Shortfall:
    """Did all come that the source told of? A poll that failed says itself that it is not done."""
    if reading.rest or reading.failed is not None or not reading.pages:
        return Shortfall()
    cut = any(page.cut for _, page in reading.pages)
    few = reading.expected is not None and reading.got < reading.expected
    if not (cut or few or reading.circles):
        return Shortfall()
    times = int(row.state.get(_SHORT, 0)) + 1
    told = f"{reading.got} of {reading.expected} came" if few else "the reply ends before its end"
    hint = "the same days are asked for again" if times < MOST_SHORT else f"asked {times} times: it is left at that"
    mark = CUT if (cut or reading.circles) and not few else f"{GAVE_UP}: {told}" if few and times >= MOST_SHORT else ""
    return Shortfall(lacks=True, times=times, problems=(Problem(what=told, hint=hint),) if few else (), mark=mark)


async def read_pages(
    store: Store, transport: Transport, setup: SourceSetup, row: SourceRow, *, clock: Callable[[], datetime], owner: str
) -> Reading:
    """Fetch and parse page after page until there is no further one, one fails, or it is enough for one stretch."""
    before: Mapping[str, Any] = row.state.get(_REST) or {}
    reading = Reading(moved=dict(row.moved), before=before, known={} if before else row.validators)
    waiting = deque(_first_pages(setup, row, before, clock()))
    lists = len(waiting)
    for number in range(MOST_REQUESTS):
        if not waiting:
            break
        request = waiting.popleft()
        fetched = await ask(store, transport, setup, _prepared(request, reading), clock=clock, owner=owner)
        if fetched.fresh_until is not None:
            reading.fresh_until = max(fetched.fresh_until, reading.fresh_until or fetched.fresh_until)
        if fetched.status.failed:
            reading.failed = fetched
            break
        had = len(reading.pages)
        waiting.extend(await _take_in(setup, request, fetched, reading, clock()))
        if number < lists and not before:
            reading.lists += [page for _, page in reading.pages[had:]]
        if fetched.moved_to and not _unreadable(reading):  # a new place that says nothing useful is no new place
            reading.moved[request.url] = fetched.moved_to
        if reading.circles:
            reading.problems.append(Problem(what="its pages repeat each other: the rest was not asked for"))
            waiting.clear()
    reading.rest = tuple(request.url for request in waiting) if reading.failed is None else ()
    if reading.failed is None and isinstance(setup.source, Listed) and row.last_poll is not None:

        async def once_more(request: Request) -> Fetched:
            await asyncio.to_thread(take, store, f"source:{setup.name}", owner, clock())  # a long list of past days
            return await ask(store, transport, setup, request, clock=clock, owner=owner)

        asked = await asyncio.to_thread(days_to_ask, store, setup.name, setup.source, clock())
        reading.again = [await ask_again(setup.source, day, once_more, clock) for day in asked]
    return reading


def _first_pages(setup: SourceSetup, row: SourceRow, before: Mapping[str, Any], now: datetime) -> Iterable[Request]:
    """Where the last stretch ended, or from the beginning."""
    fresh = setup.source.requests(row.state, now)
    secrets = fresh[0].secrets if fresh else {}
    return [Request(url=url, secrets=secrets) for url in before["urls"]] if before else fresh


def _unreadable(reading: Reading) -> bool:
    return bool(reading.pages) and reading.pages[-1][1].status is ReadStatus.UNREADABLE


async def _take_in(
    setup: SourceSetup, request: Request, fetched: Fetched, reading: Reading, now: datetime
) -> tuple[Request, ...]:
    """Parse one reply into `reading`; further pages it names."""
    before = reading.known.get(request.url) or ["", "", ""]
    response = fetched.response
    sha = hashlib.sha256(response.body).hexdigest() if response is not None else before[2]
    if response is None or sha == before[2]:
        reading.unchanged += 1
        # A server may change its validators without changing the bytes: keep the newer (RFC 9111 4.3.4).
        reading.validators[request.url] = [fetched.etag or before[0], fetched.last_modified or before[1], sha]
        return ()
    result = await asyncio.to_thread(read, setup.source, response, now)
    reading.pages.append((response, result))
    keys = {entry.native_key for entry in result.entries}
    reading.repeats = reading.repeats + 1 if keys and keys <= reading.keys else 0
    reading.keys |= keys
    if result.status is not ReadStatus.UNREADABLE:  # else the next poll must get these bytes again, not a 304
        reading.validators[request.url] = [fetched.etag, fetched.last_modified, sha]
    return result.next_requests


def _prepared(request: Request, reading: Reading) -> Request:
    """The request with what we remember of its address: where it went, and its validators."""
    etag, last_modified, _ = reading.known.get(request.url) or ("", "", "")
    return replace(request, url=reading.moved.get(request.url, request.url), etag=etag, last_modified=last_modified)
