"""Poll the sources that are due, and store what they said.

For each source: requests, polite fetches, parsing, one decision, one transaction with replies, entries, signals, the line
of the poll log and the source's row. A process that dies before that transaction has changed nothing: the next poll asks
again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digestbot.acts.faults.quarantine_rows import broken_item
from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.guarded_parse import storable
from digestbot.acts.intake.listing_days import ListingDays, PollAnswer, record_listing_days
from digestbot.acts.intake.paging import EarlierChunk, read_chunk
from digestbot.acts.intake.polite_fetch import SourceSetup, take_lease
from digestbot.acts.intake.poll_decision import (
    CLOCK_SLIP,
    PageToStore,
    PollDecision,
    PollFacts,
    decide,
    poll_status,
    poll_time,
)
from digestbot.errors import StoreRefused
from digestbot.model import Entry, Problem, ReadStatus
from digestbot.papers.identity.decisions import reissues
from digestbot.sources import as_listed
from digestbot.store import RESTORED, Key, Poll, SourceRow, Store, Transaction

log = logging.getLogger(__name__)

AT_ONCE = 16  #: sources polled side by side
MAX_CHUNKS = 5  #: of pages, each stored before the next: a list that never ends is left then


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """How one poll of one source went."""

    source: str
    status: ReadStatus
    entries: int = 0
    new: int = 0  #: entries not seen before
    updated: int = 0  #: entries whose source said something else about them before
    older: int = 0  #: of the new ones: too old to be news, so they are recorded and mailed to nobody
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
    client: IntakeClient,
    setups: Sequence[SourceSetup],
    *,
    only: Collection[str] = (),
    run: str = "",
    on_progress: Callable[[SourceReport], None] = lambda _: None,
) -> PollReport:
    """Poll the sources that are due, or those named in `only` whether due or not.

    `on_progress` is called with the report of each source as it ends.
    """
    began = client.clock()
    rows = await asyncio.to_thread(_rows, client.store)
    chosen = [s for s in setups if (s.name in only if only else is_due(rows.get(s.name), began))]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(setup: SourceSetup) -> SourceReport:
        async with gate:
            row = rows.get(setup.name) or SourceRow(name=setup.name, kind=setup.kind)
            report = await _poll_source(client, setup, row, run)
        on_progress(report)
        return report

    reports = await asyncio.gather(*(one(setup) for setup in chosen))
    return PollReport(sources=tuple(reports), seconds=(client.clock() - began).total_seconds())


def _rows(store: Store) -> dict[str, SourceRow]:
    with store.reading() as tx:
        return {row.name: row for row in tx.source_log.sources()}


def is_due(row: SourceRow | None, now: datetime) -> bool:
    """Whether a source is to be polled now: its time has come, or it was never polled."""
    if row is None or row.next_poll is None or row.next_poll <= now:
        return True
    return row.last_poll is not None and row.last_poll > now + CLOCK_SLIP  # the clock was ahead, and was put back


async def _poll_source(client: IntakeClient, setup: SourceSetup, row: SourceRow, run: str) -> SourceReport:
    lease = _lease(setup)
    busy = await client.write(lambda tx: take_lease(tx, lease, client.owner, client.clock()))
    if busy is not None:
        problem = Problem(what="another digestbot is polling this source now", hint="its result will stand in `status`")
        return SourceReport(source=setup.name, status=ReadStatus.LATER, problems=(problem,), next_poll=busy)
    try:
        return await _poll_chunks(client, setup, row, run)
    except BaseException:  # else the write of the last chunk has released it
        await client.write(lambda tx: tx.leases.give_back_lease(lease, owner=client.owner, next_at=client.clock()))
        raise


def _lease(setup: SourceSetup) -> str:
    return f"source:{setup.name}"


async def _poll_chunks(client: IntakeClient, setup: SourceSetup, row: SourceRow, run: str) -> SourceReport:
    """Read chunk after chunk and store each before the next."""
    report: SourceReport | None = None
    earlier, known = EarlierChunk(), row
    for chunk in range(1, MAX_CHUNKS + 1):
        progress = await read_chunk(client, setup, row, earlier)
        facts = PollFacts(
            setup=setup, row=row, progress=progress, at=client.clock(), last_chunk=chunk == MAX_CHUNKS
        )  # fmt: skip
        after, some = await _store_poll(client, facts, run)
        log.info("polled %s: %s, %d entries, %d new", setup.name, some.status, some.entries, some.new)
        report = some if report is None else _with_more(report, some)
        if not progress.rest:
            break
        # all chunks are of one poll: what was known before it is what counts
        row, earlier = replace(after, last_poll=known.last_poll, last_ok=known.last_ok), progress.onward
    assert report is not None  # there is a first chunk
    return report


def _with_more(report: SourceReport, more: SourceReport) -> SourceReport:
    """One report of a poll that was stored chunk by chunk."""
    return replace(
        more, entries=report.entries + more.entries, new=report.new + more.new, updated=report.updated + more.updated,
        older=report.older + more.older,
        problems=(*report.problems, *more.problems), kind=report.kind or more.kind,
    )  # fmt: skip


async def _store_poll(client: IntakeClient, facts: PollFacts, run: str) -> tuple[SourceRow, SourceReport]:
    """Store everything; without the entries that no database takes, when one of them stops the others."""
    facts = replace(facts, at=poll_time(facts.row.last_poll, facts.results, facts.at))
    entries = sum(len(result.entries) for result in facts.results)
    try:
        return await client.write(lambda tx: _write(tx, client, facts, run), entries=entries)
    except (StoreRefused, ValueError, TypeError, AttributeError):
        facts.progress.pages = [(response, storable(result)) for response, result in facts.progress.pages]
        return await client.write(lambda tx: _write(tx, client, facts, run), entries=entries)


def _write(tx: Transaction, client: IntakeClient, facts: PollFacts, run: str) -> tuple[SourceRow, SourceReport]:
    """Everything one chunk brought, in one transaction, which ends the source's lease with the last chunk."""
    name, at = facts.setup.name, facts.at
    decision = decide(replace(facts, days=_listing_days(tx, facts), restored=tx.site.timestamp(RESTORED)))
    stored = _store_pages(tx, name, decision, at, first=facts.row.last_poll is None)
    if stored.new or stored.updated:
        client.on_entries(tx)
    row = replace(decision.row, newest=at) if stored.new else decision.row
    tx.source_log.write_source(row)
    tx.source_log.add_poll(
        Poll(source=name, at=at, status=decision.status, run=run, got=facts.progress.got, new=stored.new,
             expected=decision.expected, problems=len(decision.problems), error=decision.log_error)
    )  # fmt: skip
    if not facts.unfinished:
        tx.leases.give_back_lease(_lease(facts.setup), owner=client.owner, next_at=client.clock())
    return row, SourceReport(
        source=name, status=decision.status, entries=stored.came, new=stored.new, updated=stored.updated,
        older=min(stored.older, stored.new), expected=facts.progress.expected, problems=decision.problems, next_poll=row.next_poll,
        kind=next((result.kind for result in facts.results if result.kind), ""),
    )  # fmt: skip


def _listing_days(tx: Transaction, facts: PollFacts) -> ListingDays | None:
    """Record what the poll means for the source's listing days; None where it has none."""
    source = as_listed(facts.setup.source)
    if source is None:
        return None
    answer = PollAnswer(results=facts.results, status=poll_status(facts)[0])
    return record_listing_days(tx, facts.setup.name, source, answer, facts.progress.again, facts.at)


@dataclass(frozen=True, slots=True)
class _Stored:
    """How many entries were stored: all of them, new ones, and known ones that say something else."""

    came: int = 0
    new: int = 0
    updated: int = 0
    older: int = 0  #: of the new ones: archived as they came


def _store_pages(tx: Transaction, name: str, decision: PollDecision, at: datetime, *, first: bool) -> _Stored:
    stored = _Stored()
    for page in decision.pages:
        more = _store_page(tx, name, page, seen=decision.first_seen, at=at, first=first)
        stored = _Stored(
            stored.came + more.came, stored.new + more.new, stored.updated + more.updated, stored.older + more.older
        )
    return stored


def _store_page(tx: Transaction, name: str, page: PageToStore, *, seen: datetime, at: datetime, first: bool) -> _Stored:
    sha = tx.source_log.keep_reply(name, page.response)
    tx.quarantine.add_items([broken_item(name, sha, broken) for broken in page.result.broken], now=at)
    added = tx.papers.add_entries(name, page.entries, sha=sha, now=seen, old=page.archived)
    tx.papers.add_signals(
        ((a.id, entry.signals) for a, entry in zip(added, page.entries, strict=True) if entry.signals), now=at
    )
    fresh = [(a, entry) for a, entry in zip(added, page.entries, strict=True) if a.fresh]
    new = [entry for a, entry in fresh if not a.known_key]
    older = sum(a.fresh and not a.known_key and at in page.archived for at, a in enumerate(added))
    again = 0 if first else _brought_before(tx, name, new)
    return _Stored(len(added), len(new) - again, sum(a.known_key for a, _ in fresh), older)


def _brought_before(tx: Transaction, name: str, entries: Sequence[Entry]) -> int:
    """How many of these the source has brought under another guid or address."""
    keys = [_reissue_keys(entry, name) for entry in entries if not entry.identifiers]
    known = tx.papers.papers_by_key({pair for pairs in keys for pair in pairs})
    return sum(any(pair in known for pair in pairs) for pairs in keys)


def _reissue_keys(entry: Entry, name: str) -> list[Key]:
    try:
        return list(reissues(entry, name))
    except Exception:  # what cannot be read is put aside when it is resolved, and must not end the poll
        return []
