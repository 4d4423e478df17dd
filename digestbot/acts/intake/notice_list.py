"""Read a list of notices (Retraction Watch) and keep what it says of papers we have. Rows of other papers leave no trace."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from digestbot.acts import leases
from digestbot.model import Entry, ReadStatus, Request
from digestbot.papers.facts.assemble import LOOKED_UP
from digestbot.papers.identity.identifiers import known_ids
from digestbot.sources.records.retraction_watch import NoList, notices
from digestbot.store import Poll, Store
from digestbot.system.files import text_lines
from digestbot.transport import Transport

log = logging.getLogger(__name__)

STORED_AS = f"{LOOKED_UP}retraction-watch"
EVERY = timedelta(days=7)
AFTER_FAILURE = timedelta(hours=6)
LEASE = timedelta(minutes=20)
AT_ONCE = 500  #: rows looked up in one statement
LARGEST = 256 * 1024 * 1024  #: bytes; the list has some 70 MB
LONGEST = 600.0  #: seconds of its download


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeList:
    """Where the list is."""

    where: str  #: a file, or an address
    network: Callable[[], AbstractAsyncContextManager[Transport]]  #: one that carries replies of LARGEST bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReport:
    """What a list said."""

    rows: int = 0  #: that name a paper
    known: int = 0  #: of papers that we have
    found: int = 0  #: of these what it had not said before
    error: str = ""


async def read_if_due(
    store: Store, listed: NoticeList, *, owner: str, clock: Callable[[], datetime]
) -> ListReport | None:
    """Read the list once a week; None while it is not due, or in another process's hand."""
    if not await asyncio.to_thread(_begin, store, owner, clock()):
        return None
    report = ListReport(error="it was not read to its end")
    try:
        report = await read_list(store, listed, clock=clock)
    finally:
        await asyncio.to_thread(_end, store, owner, report, clock())
    return report


async def read_list(store: Store, listed: NoticeList, *, clock: Callable[[], datetime]) -> ListReport:
    """Read the list now. Its entries wait for `resolve`."""
    if not listed.where.startswith(("https://", "http://")):
        return await asyncio.to_thread(_of_file, store, Path(listed.where), clock())
    async with listed.network() as network:
        fetched = await network.fetch(Request(url=listed.where))
    if fetched.response is None:
        return ListReport(error=fetched.error or str(fetched.status))
    lines = io.TextIOWrapper(io.BytesIO(fetched.response.body), encoding="utf-8", errors="replace", newline="")
    return await asyncio.to_thread(_keep, store, lines, clock())


def _of_file(store: Store, path: Path, now: datetime) -> ListReport:
    try:
        with text_lines(path) as lines:
            return _keep(store, lines, now)
    except OSError as error:
        return ListReport(error=f"{path}: {error.strerror or error}")


def _keep(store: Store, lines: Iterable[str], now: datetime) -> ListReport:
    """Line by line: the list is larger than what should be in memory at once."""
    rows = known = found = 0
    try:
        for some in _groups(notices(lines)):
            rows += len(some)
            with store.reading() as tx:
                papers = tx.papers.papers_by_key({key for entry in some for key in known_ids(entry)})
            ours = [entry for entry in some if any(key in papers for key in known_ids(entry))]
            known += len(ours)
            if ours:
                with store.transaction() as tx:
                    found += sum(one.fresh for one in tx.papers.add_entries(STORED_AS, ours, sha="", now=now))
    except NoList as error:
        return ListReport(rows=rows, known=known, found=found, error=str(error))
    return ListReport(rows=rows, known=known, found=found)


def _groups(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    every = iter(entries)
    while some := list(islice(every, AT_ONCE)):
        yield some


def _begin(store: Store, owner: str, now: datetime) -> bool:
    with store.transaction() as tx:
        return leases.take(tx, STORED_AS, owner=owner, now=now, lease=LEASE) is None


def _end(store: Store, owner: str, report: ListReport, now: datetime) -> None:
    log.info("read the list of notices: %d rows, %d of papers here, %d new", report.rows, report.known, report.found)
    with store.transaction() as tx:
        tx.leases.give_back_lease(STORED_AS, owner=owner, next_at=now + (AFTER_FAILURE if report.error else EVERY))
        status = ReadStatus.UNREADABLE if report.error else ReadStatus.OK
        tx.source_log.add_poll(
            Poll(source=STORED_AS, at=now, status=status, got=report.rows, new=report.found, error=report.error)
        )
