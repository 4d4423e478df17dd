"""Poll: ask the sources that are due, and write down what they said.

For each source: requests → polite fetches → parse → one transaction with replies, entries, signals, the line of the
ledger and the source's row. A process that dies before that transaction has changed nothing: the next poll asks again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from digestbot.acts.faults.quarantine_rows import broken_item
from digestbot.acts.intake.guarded_parse import complete_entries, storable
from digestbot.acts.intake.listing_days import PollAnswer, archived_entries, record_listing_days
from digestbot.acts.intake.paging import EarlierChunk, PollProgress, Shortfall, find_shortfall, read_chunk
from digestbot.acts.intake.polite_fetch import SourceSetup, release_lease, take_lease
from digestbot.errors import StoreRefused
from digestbot.model import Fetched, ParseResult, Problem, ReadStatus, Response
from digestbot.sources import Listed
from digestbot.store import RESTORED, Poll, SourceRow, Store
from digestbot.transport import Transport

log = logging.getLogger(__name__)

AT_ONCE = 16  #: sources polled side by side
MAX_CHUNKS = 5  #: of pages, each written down before the next: a list that never ends is left then
LONGEST_WAIT = timedelta(hours=24)
CLOCK_SLIP = timedelta(hours=1)
DAYS_AHEAD = timedelta(days=2)  #: no source lists papers of such a day
DAYS_END = timedelta(days=1)


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


async def poll(
    store: Store,
    transport: Transport,
    setups: Sequence[SourceSetup],
    *,
    clock: Callable[[], datetime],
    owner: str,
    only: Collection[str] = (),
    run: str = "",
    on_progress: Callable[[SourceReport], None] = lambda _: None,
) -> PollReport:
    """Poll what is due, or the sources named in `only` whether due or not; `on_progress` is told of each as it ends."""
    began = clock()
    rows = await asyncio.to_thread(_rows, store)
    chosen = [s for s in setups if (s.name in only if only else _is_due(rows.get(s.name), began))]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(setup: SourceSetup) -> SourceReport:
        async with gate:
            row = rows.get(setup.name) or SourceRow(name=setup.name, kind=setup.kind)
            report = await _poll_one(store, transport, setup, row, clock=clock, owner=owner, run=run)
        on_progress(report)
        return report

    reports = await asyncio.gather(*(one(setup) for setup in chosen))
    return PollReport(sources=tuple(reports), seconds=(clock() - began).total_seconds())


def _rows(store: Store) -> dict[str, SourceRow]:
    with store.reading() as tx:
        return {row.name: row for row in tx.source_log.sources()}


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
    busy = await asyncio.to_thread(take_lease, store, turn, owner, clock())
    if busy is not None:
        problem = Problem(what="another digestbot is polling this source now", hint="its result will stand in `status`")
        return SourceReport(source=setup.name, status=ReadStatus.LATER, problems=(problem,), next_poll=busy)
    try:
        report: SourceReport | None = None
        before, known = EarlierChunk(), row
        for chunk in range(1, MAX_CHUNKS + 1):
            progress = await read_chunk(store, transport, setup, row, before, clock=clock, owner=owner)
            left = chunk == MAX_CHUNKS and bool(progress.rest)
            after, some = await asyncio.to_thread(_write_sound, store, setup, row, progress, clock(), run, left=left)
            report = some if report is None else _with_more(report, some)
            if not progress.rest:
                break
            # all chunks are of one poll: what was known before it is what counts
            row, before = replace(after, last_poll=known.last_poll, last_ok=known.last_ok), progress.onward
        assert report is not None  # there is a first chunk
        return report
    finally:
        await asyncio.to_thread(release_lease, store, turn, owner, clock())


def _with_more(report: SourceReport, more: SourceReport) -> SourceReport:
    """One report of a poll that was written chunk by chunk."""
    return replace(
        more, entries=report.entries + more.entries, new=report.new + more.new, updated=report.updated + more.updated,
        problems=(*report.problems, *more.problems), kind=report.kind or more.kind,
    )  # fmt: skip


def _write_sound(
    store: Store, setup: SourceSetup, row: SourceRow, progress: PollProgress, now: datetime, run: str, *, left: bool
) -> tuple[SourceRow, SourceReport]:
    """All of it; without the entries that no database takes, when one of them stops the others."""
    try:
        return _write(store, setup, row, progress, now, run, left=left)
    except (StoreRefused, ValueError, TypeError, AttributeError):
        progress.pages = [(response, storable(result)) for response, result in progress.pages]
        return _write(store, setup, row, progress, now, run, left=left)


def _write(
    store: Store, setup: SourceSetup, row: SourceRow, progress: PollProgress, now: datetime, run: str, *, left: bool
) -> tuple[SourceRow, SourceReport]:
    """Everything one poll brought, in one transaction; the same write for every outcome."""
    results = [result for _, result in progress.pages]
    now = poll_time(row.last_poll, results, now)
    status, error = outcome(progress.failed, results, progress.unchanged)
    every, stale = setup.every, list[Problem]()
    with store.transaction() as tx:
        if isinstance(setup.source, Listed):
            answer = PollAnswer(results=results, status=status)
            ledger = record_listing_days(tx, setup.name, setup.source, answer, progress.again, now)
            every, stale = ledger.wait(setup.every), ledger.stale()
            if stale and status in (ReadStatus.OK, ReadStatus.UNCHANGED, ReadStatus.EMPTY):
                status, error = ReadStatus.STALE, "; ".join(p.what for p in stale)
        short = find_shortfall(row, progress, left=left)
        new = updated = came = 0
        restored = tx.site.timestamp(RESTORED)
        # what the first poll after a restore brings may have been sent already: it is known since the restore
        seen = restored if restored and (row.last_poll is None or row.last_poll < restored) else now
        pages = ((*page, row.last_ok) for page in progress.pages)
        for response, result, last_read in (*pages, *_past(setup, row, progress)):
            sha = tx.source_log.keep_reply(setup.name, response)
            tx.quarantine.add_items([broken_item(setup.name, sha, b) for b in result.broken], now=now)
            entries = complete_entries(result)
            old = archived_entries(setup.source, result, entries, read=last_read, now=now)
            added = tx.papers.add_entries(setup.name, entries, sha=sha, now=seen, old=old)
            tx.papers.add_signals(
                ((a.id, e.signals) for a, e in zip(added, entries, strict=True) if e.signals), now=now
            )
            came += len(added)
            new += sum(a.fresh and not a.known_key for a in added)
            updated += sum(a.fresh and a.known_key for a in added)
        after = next_source_row(setup, row, progress, status, error, short, fresh=bool(new), every=every, now=now)
        tx.source_log.write_source(after)
        problems = (*(p for r in results for p in r.problems), *progress.problems, *short.problems, *stale)
        if error and not stale and not any(p.what == error for p in problems):
            problems += (Problem(what=error),)
        tx.source_log.add_poll(
            Poll(source=setup.name, at=now, status=status, run=run, got=progress.got, new=new,
                 expected=None if progress.rest and not left else progress.expected, problems=len(problems), error=short.mark or error)
        )  # fmt: skip
    log.info("polled %s: %s, %d entries, %d new", setup.name, status, came, new)
    return after, SourceReport(
        source=setup.name, status=status, entries=came, new=new, updated=updated, expected=progress.expected,
        problems=problems, next_poll=after.next_poll, kind=next((r.kind for _, r in progress.pages if r.kind), ""),
    )  # fmt: skip


def poll_time(last: datetime | None, results: Sequence[ParseResult], now: datetime) -> datetime:
    """When this poll was, for what it writes down: `now`, unless the clock is behind.

    Before the last poll (`last`), either that one's clock was ahead or this one's is behind. A source's days tell: what is
    listed days after now shows a clock that is behind, and what came by it would be too old for every digest.
    """
    if last is None or now >= last - CLOCK_SLIP:
        return now
    dates = [d.earliest() for r in results for e in r.entries if (d := e.announced or e.published) is not None]
    later = [d for d in dates if now + DAYS_AHEAD < d <= last + DAYS_AHEAD]
    return max(now, min(last, max(later) + DAYS_END)) if later else now


def _past(
    setup: SourceSetup, row: SourceRow, progress: PollProgress
) -> Iterator[tuple[Response, ParseResult, datetime | None]]:
    """The pages of past days, with when their source was read before: not since such a day, as far as it lacked."""
    for day in progress.again:
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


def next_source_row(
    setup: SourceSetup,
    row: SourceRow,
    progress: PollProgress,
    status: ReadStatus,
    error: str,
    short: Shortfall,
    *,
    fresh: bool,
    every: timedelta,
    now: datetime,
) -> SourceRow:
    """The source's row after this poll."""
    postponed = (
        progress.failed is not None and progress.failed.after is not None and progress.failed.http_status is None
    )
    failures = row.failures + (not postponed) if status.failed else 0
    state = short.state(dict(row.state), progress)
    after = progress.failed.after if progress.failed else None
    return SourceRow(
        name=setup.name,
        kind=setup.kind,
        state=state,
        validators=_kept(row, progress, short),
        moved=progress.moved,
        status=status,
        failures=failures,
        failing_since=(row.failing_since or now) if status.failed else None,
        next_poll=next_poll(
            replace(setup, every=every) if not status.failed else setup,
            failures,
            status,
            after=after,
            fresh_until=progress.fresh_until,
            now=now,
        ),
        last_poll=now,
        last_ok=row.last_ok if status.failed else now,
        newest=now if fresh else row.newest,
        error=error if status.failed or status in (ReadStatus.PARTIAL, ReadStatus.STALE) else "",
    )


def _kept(row: SourceRow, progress: PollProgress, short: Shortfall) -> dict[str, Any]:
    """The validators of the addresses just asked: those of dates and cursors are never asked again.

    After a poll that broke off, or lacked something, they stay as they were. Else the next one would find the first page
    unchanged, and never come to the pages behind it.
    """
    broke_off = (
        progress.failed
        or progress.problems
        or progress.rest
        or short.lacks
        or any(r.status is ReadStatus.UNREADABLE for _, r in progress.pages)
    )
    return dict(row.validators) if broke_off else progress.validators


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
