"""Poll: ask the sources that are due, and write down what they said.

For each source: requests → polite fetches → parse → one transaction with replies, entries, signals, the line of the
ledger and the source's row. A process that dies before that transaction has changed nothing: the next poll asks again.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from digestbot.acts.aside import broken_item
from digestbot.acts.asking import SourceSetup, ask, give_back, take
from digestbot.acts.listings import Answer, Recovered, account, ask_again, days_to_ask, old_of
from digestbot.acts.reading import read, sound, whole
from digestbot.errors import StoreRefused
from digestbot.model import Fetched, ParseResult, Problem, ReadStatus, Request, Response
from digestbot.sources import Listed
from digestbot.store import RESTORED, Poll, SourceRow, Store
from digestbot.transport import Transport

log = logging.getLogger(__name__)

AT_ONCE = 16  #: sources polled side by side
MOST_REQUESTS = 60  #: pages of one poll; more is a source that never ends
LONGEST_WAIT = timedelta(hours=24)
CLOCK_SLIP = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """How one poll of one source went."""

    source: str
    status: ReadStatus
    entries: int = 0
    new: int = 0  #: entries not seen before
    updated: int = 0  #: entries whose source said something else about them before
    expected: int | None = None
    problems: tuple[Problem, ...] = ()
    next_poll: datetime | None = None
    kind: str = ""  #: what the bytes were: "RSS 2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """How a round of polling went."""

    sources: tuple[SourceReport, ...] = ()
    seconds: float = 0.0

    @property
    def nothing_done(self) -> bool:
        """Sources were asked, and not one of them answered."""
        return bool(self.sources) and all(s.status.failed for s in self.sources)


@dataclass(slots=True)
class _Reading:
    """What one poll of one source has gathered so far."""

    pages: list[tuple[Response, ParseResult]] = field(default_factory=list)
    validators: dict[str, Any] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    failed: Fetched | None = None
    unchanged: int = 0
    fresh_until: datetime | None = None
    problems: list[Problem] = field(default_factory=list)
    again: list[Recovered] = field(default_factory=list)  #: past days that were asked for once more
    lists: list[ParseResult] = field(default_factory=list)  #: the first page of each list

    @property
    def expected(self) -> int | None:
        """How many papers all lists say there are; None when one of them does not say."""
        told = [first.expected for first in self.lists if first.expected is not None]
        if not told or len(told) < len(self.lists):
            return None
        return max(0, sum(told) - sum(page.left_out for _, page in self.pages))


async def poll(
    store: Store,
    transport: Transport,
    setups: Sequence[SourceSetup],
    *,
    clock: Callable[[], datetime],
    owner: str,
    only: Collection[str] = (),
    run: str = "",
    heard: Callable[[SourceReport], None] = lambda _: None,
) -> PollReport:
    """Poll what is due, or the sources named in `only` whether due or not; `heard` is told of each as it ends."""
    began = clock()
    rows = await asyncio.to_thread(_rows, store)
    chosen = [s for s in setups if (s.name in only if only else _is_due(rows.get(s.name), began))]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(setup: SourceSetup) -> SourceReport:
        async with gate:
            row = rows.get(setup.name) or SourceRow(name=setup.name, kind=setup.kind)
            report = await _poll_one(store, transport, setup, row, clock=clock, owner=owner, run=run)
        heard(report)
        return report

    reports = await asyncio.gather(*(one(setup) for setup in chosen))
    return PollReport(sources=tuple(reports), seconds=(clock() - began).total_seconds())


def _rows(store: Store) -> dict[str, SourceRow]:
    with store.reading() as tx:
        return {row.name: row for row in tx.ledger.sources()}


def _is_due(row: SourceRow | None, now: datetime) -> bool:
    if row is None or row.next_poll is None or row.next_poll <= now:
        return True
    return row.last_poll is not None and row.last_poll > now + CLOCK_SLIP  # the clock was ahead, and was put back


async def _poll_one(
    store: Store,
    transport: Transport,
    setup: SourceSetup,
    row: SourceRow,
    *,
    clock: Callable[[], datetime],
    owner: str,
    run: str,
) -> SourceReport:
    turn = f"source:{setup.name}"
    busy = await asyncio.to_thread(take, store, turn, owner, clock())
    if busy is not None:
        problem = Problem(what="another digestbot is polling this source now", hint="its result will stand in `status`")
        return SourceReport(source=setup.name, status=ReadStatus.LATER, problems=(problem,), next_poll=busy)
    try:
        reading = await _read(store, transport, setup, row, clock=clock, owner=owner)
        return await asyncio.to_thread(_write_sound, store, setup, row, reading, clock(), run)
    finally:
        await asyncio.to_thread(give_back, store, turn, owner, clock())


async def _read(
    store: Store, transport: Transport, setup: SourceSetup, row: SourceRow, *, clock: Callable[[], datetime], owner: str
) -> _Reading:
    """Fetch and parse page after page until there is no further one, or one fails."""
    reading = _Reading(moved=dict(row.moved))
    waiting = deque(setup.source.requests(row.state, clock()))
    lists = len(waiting)
    for number in range(MOST_REQUESTS):
        if not waiting:
            break
        request = waiting.popleft()
        fetched = await ask(store, transport, setup, _prepared(request, row), clock=clock, owner=owner)
        if fetched.fresh_until is not None:
            reading.fresh_until = max(fetched.fresh_until, reading.fresh_until or fetched.fresh_until)
        if fetched.status.failed:
            reading.failed = fetched
            break
        before = len(reading.pages)
        waiting.extend(await _take_in(setup, request, fetched, row, reading, clock()))
        if number < lists:
            reading.lists += [page for _, page in reading.pages[before:]]
        if fetched.moved_to and not _unreadable(reading):  # a new place that says nothing useful is no new place
            reading.moved[request.url] = fetched.moved_to
    else:
        reading.problems.append(Problem(what=f"more than {MOST_REQUESTS} pages: the rest was left for the next poll"))
    if reading.failed is None and isinstance(setup.source, Listed) and row.last_poll is not None:

        async def once_more(request: Request) -> Fetched:
            await asyncio.to_thread(take, store, f"source:{setup.name}", owner, clock())  # a long list of past days
            return await ask(store, transport, setup, request, clock=clock, owner=owner)

        asked = await asyncio.to_thread(days_to_ask, store, setup.name, setup.source, clock())
        reading.again = [await ask_again(setup.source, day, once_more, clock) for day in asked]
    return reading


def _unreadable(reading: _Reading) -> bool:
    return bool(reading.pages) and reading.pages[-1][1].status is ReadStatus.UNREADABLE


async def _take_in(
    setup: SourceSetup, request: Request, fetched: Fetched, row: SourceRow, reading: _Reading, now: datetime
) -> tuple[Request, ...]:
    """Parse one reply into `reading`; further pages it names."""
    before = row.validators.get(request.url) or ["", "", ""]
    response = fetched.response
    sha = hashlib.sha256(response.body).hexdigest() if response is not None else before[2]
    if response is None or sha == before[2]:
        reading.unchanged += 1
        # A server may change its validators without changing the bytes: keep the newer (RFC 9111 4.3.4).
        reading.validators[request.url] = [fetched.etag or before[0], fetched.last_modified or before[1], sha]
        return ()
    result = await asyncio.to_thread(read, setup.source, response, now)
    reading.pages.append((response, result))
    if result.status is not ReadStatus.UNREADABLE:  # else the next poll must get these bytes again, not a 304
        reading.validators[request.url] = [fetched.etag, fetched.last_modified, sha]
    return result.next_requests


def _prepared(request: Request, row: SourceRow) -> Request:
    """The request with what we remember of its address: where it went, and its validators."""
    etag, last_modified, _ = row.validators.get(request.url) or ("", "", "")
    return replace(request, url=row.moved.get(request.url, request.url), etag=etag, last_modified=last_modified)


def _write_sound(
    store: Store, setup: SourceSetup, row: SourceRow, reading: _Reading, now: datetime, run: str
) -> SourceReport:
    """All of it; without the entries that no database takes, when one of them stops the others."""
    try:
        return _write(store, setup, row, reading, now, run)
    except (StoreRefused, ValueError, TypeError, AttributeError):
        reading.pages = [(response, sound(result)) for response, result in reading.pages]
        return _write(store, setup, row, reading, now, run)


def _write(
    store: Store, setup: SourceSetup, row: SourceRow, reading: _Reading, now: datetime, run: str
) -> SourceReport:
    """Everything one poll brought, in one transaction; the same write for every outcome."""
    results = [result for _, result in reading.pages]
    status, error = outcome(reading.failed, results, reading.unchanged)
    every, stale = setup.every, list[Problem]()
    with store.transaction() as tx:
        if isinstance(setup.source, Listed):
            answer = Answer(results=results, status=status)
            ledger = account(tx, setup.name, setup.source, answer, reading.again, now)
            every, stale = ledger.wait(setup.every), ledger.stale()
            if stale and status in (ReadStatus.OK, ReadStatus.UNCHANGED, ReadStatus.EMPTY):
                status, error = ReadStatus.STALE, "; ".join(p.what for p in stale)
        new = updated = got = 0
        restored = tx.ledger.marked(RESTORED)
        # what the first poll after a restore brings may have been sent already: it is known since the restore
        seen = restored if restored and (row.last_poll is None or row.last_poll < restored) else now
        pages = ((*page, row.last_ok) for page in reading.pages)
        for response, result, last_read in (*pages, *_past(setup, row, reading)):
            sha = tx.ledger.keep_reply(setup.name, response)
            tx.quarantine.put([broken_item(setup.name, sha, b) for b in result.broken], now=now)
            entries = whole(result)
            old = old_of(setup.source, result, entries, read=last_read, now=now)
            added = tx.papers.add_entries(setup.name, entries, sha=sha, now=seen, old=old)
            tx.papers.add_signals(
                ((a.id, e.signals) for a, e in zip(added, entries, strict=True) if e.signals), now=now
            )
            got += len(added)
            new += sum(a.fresh and not a.known_key for a in added)
            updated += sum(a.fresh and a.known_key for a in added)
        after = remembered(setup, row, reading, status, error, fresh=bool(new), every=every, now=now)
        tx.ledger.write_source(after)
        problems = (*(p for r in results for p in r.problems), *reading.problems, *stale)
        if error and not stale and not any(p.what == error for p in problems):
            problems += (Problem(what=error),)
        tx.ledger.add_poll(
            Poll(source=setup.name, at=now, status=status, run=run, got=got, new=new,
                 expected=reading.expected, problems=len(problems), error=error)
        )  # fmt: skip
    log.info("polled %s: %s, %d entries, %d new", setup.name, status, got, new)
    return SourceReport(
        source=setup.name, status=status, entries=got, new=new, updated=updated, expected=reading.expected,
        problems=problems, next_poll=after.next_poll, kind=next((r.kind for _, r in reading.pages if r.kind), ""),
    )  # fmt: skip


def _past(
    setup: SourceSetup, row: SourceRow, reading: _Reading
) -> Iterator[tuple[Response, ParseResult, datetime | None]]:
    """The pages of past days, with when their source was read before: not since such a day, as far as it lacked."""
    for day in reading.again:
        assert isinstance(setup.source, Listed)  # only those have days
        opened = setup.source.listing_day(day.day).opens
        yield from ((*page, min(row.last_ok or opened, opened)) for page in day.pages)


def outcome(failed: Fetched | None, results: Sequence[ParseResult], unchanged: int) -> tuple[ReadStatus, str]:
    """One word, and for failures a sentence, for a poll of several pages."""
    read = [r for r in results if r.status is not ReadStatus.UNREADABLE]
    bad = next((r for r in results if r.status is ReadStatus.UNREADABLE), None)
    error = failed.error if failed else (bad.problems[0].what if bad and bad.problems else "")
    if failed or bad:
        alone = failed.status if failed else ReadStatus.UNREADABLE
        return (ReadStatus.PARTIAL if read or (unchanged and not failed) else alone), error
    worst = next((s for s in (ReadStatus.PARTIAL, ReadStatus.STALE) if any(r.status is s for r in results)), None)
    if worst:
        return worst, ""
    if any(r.entries for r in results):
        return ReadStatus.OK, ""
    return (ReadStatus.EMPTY if results else ReadStatus.UNCHANGED), ""


def remembered(
    setup: SourceSetup,
    row: SourceRow,
    reading: _Reading,
    status: ReadStatus,
    error: str,
    *,
    fresh: bool,
    every: timedelta,
    now: datetime,
) -> SourceRow:
    """The source's row after this poll."""
    postponed = reading.failed is not None and reading.failed.after is not None and reading.failed.http_status is None
    failures = row.failures + (not postponed) if status.failed else 0
    state: dict[str, Any] = dict(row.state)
    for _, result in reading.pages:
        state |= dict(result.state)
    after = reading.failed.after if reading.failed else None
    return SourceRow(
        name=setup.name,
        kind=setup.kind,
        state=state,
        validators=_kept(row, reading),
        moved=reading.moved,
        status=status,
        failures=failures,
        failing_since=(row.failing_since or now) if status.failed else None,
        next_poll=next_poll(
            replace(setup, every=every) if not status.failed else setup,
            failures,
            status,
            after=after,
            fresh_until=reading.fresh_until,
            now=now,
        ),
        last_poll=now,
        last_ok=row.last_ok if status.failed else now,
        newest=now if fresh else row.newest,
        error=error if status.failed or status in (ReadStatus.PARTIAL, ReadStatus.STALE) else "",
    )


def _kept(row: SourceRow, reading: _Reading) -> dict[str, Any]:
    """The validators of the addresses just asked: those of dates and cursors are never asked again.

    After a poll that broke off they stay as they were. Else the next one would find the first page unchanged, and
    never come to the pages behind it.
    """
    broke_off = reading.failed or reading.problems or any(r.status is ReadStatus.UNREADABLE for _, r in reading.pages)
    return dict(row.validators) if broke_off else reading.validators


def next_poll(
    setup: SourceSetup,
    failures: int,
    status: ReadStatus,
    *,
    after: datetime | None,
    fresh_until: datetime | None,
    now: datetime,
) -> datetime:
    """When to ask again: what the server asks for, else our interval, doubled for each failure up to a day.

    A server's max-age is honoured up to six hours, lest a careless cache setting hide a day's papers. Sources are
    spread over a twentieth of their interval by their name, so that not all of them are asked in one second.
    """
    spread = setup.every * (crc32(setup.name.encode()) % 1000 / 20_000)
    if status is ReadStatus.GONE:
        return now + timedelta(days=7)
    if status.failed:
        backoff: timedelta = min(setup.every * 2.0 ** min(max(failures - 1, 0), 10), LONGEST_WAIT)
        return max(after or now, now + max(backoff, timedelta(minutes=5)))
    fresh = min(fresh_until, now + timedelta(hours=6)) if fresh_until else now
    return max(now + setup.every + spread, fresh)
