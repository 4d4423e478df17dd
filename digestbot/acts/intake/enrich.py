"""Ask other services about papers that lack something, and follow what becomes of papers that were sent.

Separate from discovery: it never brings a paper, and no digest waits for it. A round is bounded, one process at a time
asks a service, and its requests take their turn at the host with those of the poll. What comes back is stored as an
entry of an internal source (`enrich:arxiv`), so that composing, reasons and rebuild know it like any other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digestbot.acts import leases
from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.guarded_parse import storable
from digestbot.acts.intake.polite_fetch import SourceSetup, closed_until, fetch_politely
from digestbot.digest.selection.select import LOOK_BACK
from digestbot.model import Budget, Entry, Fetched, Paper, PaperId, ReadStatus, Request
from digestbot.papers.facts.freshness import archived_on_arrival
from digestbot.sources.providers import Provider, lacks
from digestbot.store import RESTORED, Enrichment, Poll, Store, Transaction
from digestbot.store.contract.enrichments import DONE, GIVEN_UP, KEPT, WANTED

log = logging.getLogger(__name__)

MOST = 200  #: papers one service is asked about in one round
MOST_ALONE = 5  #: of these such that brought nothing before: they are asked one by one
EVERY = timedelta(minutes=5)  #: between two rounds at one service
MOST_ROUNDS = 8  #: at once, where a cron job begins them seldom: a new library of 3,000 is asked about within two days
AFTER_FAILURE = timedelta(minutes=30)
LEASE = timedelta(minutes=10)
BUDGET_RESERVE = 0.2  #: share of a service's daily budget that lookups leave to polls
#: after each try that brought nothing; then the paper is given up at this service
AGAIN = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3))
FOLLOWED_EVERY = timedelta(days=7)
FOLLOWED_FOR = timedelta(weeks=26)
KEPT_DAYS = 30  #: every paper that somebody has is asked about once in so many, on a day of its own
SWEPT_EVERY = timedelta(hours=6)  #: how often is looked for papers that somebody has since
SWEPT_AT_ONCE = 2000  #: rows of one transaction
NOT_FOUND = 404
OVERLAP = timedelta(hours=1)  #: papers are seen a little before they are stored


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichReport:
    """What a round at one service brought."""

    provider: str
    asked: int = 0  #: papers
    found: int = 0  #: papers it said something new of
    more: bool = False  #: others were due and had no room
    error: str = ""
    budget: Budget | None = None  #: what the service still lets us spend


@dataclass(frozen=True, slots=True)
class _Batch:
    """The rows of one request."""

    rows: tuple[Enrichment, ...]
    request: Request


async def enrich(
    client: IntakeClient,
    providers: Sequence[Provider],
    *,
    every: timedelta = EVERY,
    on_progress: Callable[[int], None] = lambda _: None,
) -> tuple[EnrichReport, ...]:
    """Run a round at each of `providers`, the next one `every` later. `on_progress` gets the number of papers asked
    about with each answer.

    Rounds that nobody began since the last one are made up for, as many as MOST_ROUNDS: never more is asked than by one
    who begins a round whenever it is due. Its entries wait for `resolve`. What fails is in the report.
    """
    each = (_rounds(client, provider, every, on_progress) for provider in providers)
    return tuple(r for r in await asyncio.gather(*each) if r is not None)


def rounds_due(last: datetime | None, now: datetime, every: timedelta) -> int:
    """How many rounds may follow each other at once, the last having begun at `last`. Pure."""
    if last is None or not every:
        return 1
    return max(1, min(MOST_ROUNDS, (now - last) // every))


async def _rounds(
    client: IntakeClient, provider: Provider, every: timedelta, on_progress: Callable[[int], None]
) -> EnrichReport | None:
    """Run the rounds at a service that are due, as one report. Returns None when its pause is not over."""
    last = await asyncio.to_thread(_last_round, client.store, provider)
    whole: EnrichReport | None = None
    for left in reversed(range(rounds_due(last, client.clock(), every))):
        made = await _round(client, provider, every, on_progress, last=not left)
        if made is None:
            break
        had = whole or EnrichReport(provider=provider.name)
        whole = replace(
            made, asked=had.asked + made.asked, found=had.found + made.found, budget=made.budget or had.budget
        )
        if made.error or not made.more:
            break
    return whole


def _last_round(store: Store, provider: Provider) -> datetime | None:
    with store.reading() as tx:
        return tx.site.timestamp(provider.stored_as)


async def _round(
    client: IntakeClient, provider: Provider, every: timedelta, on_progress: Callable[[int], None], *, last: bool
) -> EnrichReport | None:
    """Run one round at a service. Returns None when its pause is not over. The `last` one leaves the service its pause."""
    if not await asyncio.to_thread(_begin, client.store, provider, client.owner, client.clock()):
        return None
    report, next_at = EnrichReport(provider=provider.name), client.clock() + every
    try:
        papers, batches, full = await asyncio.to_thread(_to_ask, client.store, provider, client.clock())
        pause = timedelta(0) if full and not last else every
        report, next_at = replace(report, more=full), client.clock() + pause
        for batch in batches:
            fetched, found = await _one(client, provider, batch, papers)
            on_progress(len(batch.rows))
            report = replace(
                report, asked=report.asked + len(batch.rows), found=report.found + found,
                budget=fetched.budget or report.budget,
            )  # fmt: skip
            now = client.clock()
            next_at = now + pause
            if stop := stopped(fetched, now):
                report, next_at = replace(report, error=stop.why), stop.until
                break
    finally:
        await asyncio.to_thread(_end, client, provider, report, next_at)
    if report.asked:
        log.info("looked up at %s: %d papers, %d with news%s", provider.name, report.asked, report.found,
                 f"; {report.error}" if report.error else "")  # fmt: skip
    return report


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a round ends early, and when the next may begin."""

    why: str
    until: datetime


def stopped(fetched: Fetched, now: datetime) -> Stop | None:
    """Whether a service is to be left alone after this reply: it cannot answer, or its budget runs out. Pure."""
    if fetched.status in (ReadStatus.LATER, ReadStatus.UNREACHABLE):  # the service, not the question
        until = max(now + AFTER_FAILURE, closed_until(fetched) or now)
        return Stop(fetched.error or str(fetched.status), until)
    budget = fetched.budget
    if budget is None or not budget.limit or budget.left >= BUDGET_RESERVE * budget.limit:
        return None
    why = f"{budget.left:.4g} of {budget.limit:.4g} US dollars are left, and kept for polls"
    return Stop(why, max(now + EVERY, budget.resets or now + AFTER_FAILURE))


def _begin(store: Store, provider: Provider, owner: str, now: datetime) -> bool:
    with store.transaction() as tx:
        return leases.take(tx, provider.stored_as, owner=owner, now=now, lease=LEASE) is None


def _end(client: IntakeClient, provider: Provider, report: EnrichReport, next_at: datetime) -> None:
    """Release the service's lease until `next_at`, with a line in the poll log for a round that asked something."""
    with client.store.transaction() as tx:
        tx.leases.give_back_lease(provider.stored_as, owner=client.owner, next_at=next_at)
        if report.asked:
            status = ReadStatus.LATER if report.error else ReadStatus.OK
            said = report.error or (_left(report.budget) if report.budget else "")
            tx.source_log.add_poll(
                Poll(
                    source=provider.stored_as,
                    at=client.clock(),
                    status=status,
                    got=report.asked,
                    new=report.found,
                    error=said,
                )
            )


def _left(budget: Budget) -> str:
    of = f" of {budget.limit:.4g}" if budget.limit else ""
    until = f" until {budget.resets:%H:%M} UTC" if budget.resets else ""
    return f"{budget.left:.4g}{of} US dollars left{until}"


def _to_ask(store: Store, provider: Provider, now: datetime) -> tuple[Mapping[PaperId, Paper], list[_Batch], bool]:
    """Record new papers that lack something and sent papers to follow; return what is due at this service, and whether
    more is than one round asks about."""
    _keep(store, provider, now)
    with store.reading() as tx:  # in the first round much: nobody who writes waits for it
        last = tx.site.timestamp(provider.stored_as)
        since = last - OVERLAP if last else now - LOOK_BACK
        fresh = [*tx.papers.papers_seen_between(since, now), *tx.papers.untitled_papers_between(since, now)]
    wanted = [p.id for p in fresh if p.id is not None and _is_wanted(p, provider)]
    with store.transaction() as tx:
        tx.enrichments.want_papers(wanted, provider.name, now=now)
        tx.enrichments.watch_papers(provider.name, provider.schemes, since=now - LOOK_BACK, now=now, most=MOST)
        tx.site.set_timestamp(provider.stored_as, at=now)
        due = tx.enrichments.due_rows(provider.name, now, MOST)
        papers = tx.papers.papers_by_id(row.paper for row in due)
        useful = [row for row in due if _is_useful(row, papers.get(row.paper), provider)]
        tx.enrichments.write_rows(replace(row, state=DONE) for row in set(due) - set(useful))
    return papers, list(_batches(useful, papers, provider)), len(due) >= MOST


def _keep(store: Store, provider: Provider, now: datetime) -> None:
    """From now on ask about papers that somebody has, at once and then once a month: what becomes of them is told."""
    swept = f"kept:{provider.name}"
    with store.reading() as tx:
        last = tx.site.timestamp(swept)
        if last is not None and timedelta(0) <= now - last < SWEPT_EVERY:
            return
        papers = tx.enrichments.unkept_papers(provider.name, provider.schemes)
    for at in range(0, len(papers), SWEPT_AT_ONCE):
        some = papers[at : at + SWEPT_AT_ONCE]
        with store.transaction() as tx:
            asked = {
                row.paper: row.asked
                for rows in tx.enrichments.rows_of_papers(some).values()
                for row in rows
                if row.provider == provider.name
            }
            tx.enrichments.write_rows(
                Enrichment(
                    paper=paper, provider=provider.name, state=KEPT, asked=last,
                    next_at=max(now, own_day(paper, since=last, at=now)) if last else now,
                )
                for paper in some
                for last in [asked.get(paper)]
            )  # fmt: skip
    with store.transaction() as tx:
        tx.site.set_timestamp(swept, at=now)


def _is_wanted(paper: Paper, provider: Provider) -> bool:
    return lacks(paper) and not paper.replacement and provider.can_ask(paper)


def _is_useful(row: Enrichment, paper: Paper | None, provider: Provider) -> bool:
    """Does the paper still lack something, or is it followed?"""
    return paper is not None and provider.can_ask(paper) and (row.state != WANTED or lacks(paper))


def _batches(rows: Sequence[Enrichment], papers: Mapping[PaperId, Paper], provider: Provider) -> Iterator[_Batch]:
    """Puts many papers into a request. A paper that brought nothing before goes alone, so that it fails no other."""
    named = [(row, name) for row in rows if (name := provider.name_of(papers[row.paper])) is not None]
    together = [(row, name) for row, name in named if not row.tries]
    for at in range(0, len(together), provider.most):
        some = together[at : at + provider.most]
        yield _Batch(tuple(row for row, _ in some), provider.by_ids([name for _, name in some]))
    for row, name in [(row, name) for row, name in named if row.tries][:MOST_ALONE]:
        yield _Batch((row,), provider.by_ids([name]))
    if provider.by_title is not None:
        for row in [row for row in rows if provider.name_of(papers[row.paper]) is None][:MOST_ALONE]:
            yield _Batch((row,), provider.by_title(papers[row.paper]))


async def _one(
    client: IntakeClient, provider: Provider, batch: _Batch, papers: Mapping[PaperId, Paper]
) -> tuple[Fetched, int]:
    """Sends one request and stores the answer. Returns the reply and the number of papers with something new."""
    setup = SourceSetup(name=provider.stored_as, kind=provider.name, source=provider.source)
    fetched = await fetch_politely(client, setup, batch.request)
    if fetched.status in (ReadStatus.LATER, ReadStatus.UNREACHABLE):
        return fetched, 0
    entries: Sequence[Entry] | None = None
    if fetched.response is not None:
        result = storable(await client.reader.read(provider.source, fetched.response, client.clock()))
        entries = result.entries if result.status is not ReadStatus.UNREADABLE else None
    elif fetched.http_status == NOT_FOUND:
        entries = ()  # a single work that the service does not have
    return fetched, await asyncio.to_thread(_write, client.store, provider, batch.rows, papers, entries, client.clock())


def _write(
    store: Store,
    provider: Provider,
    rows: Sequence[Enrichment],
    papers: Mapping[PaperId, Paper],
    entries: Sequence[Entry] | None,
    now: datetime,
) -> int:
    """Entries and rows of one request in one transaction; `entries` is None where nothing readable came."""
    answers = {row.paper: provider.matching_entries(papers[row.paper], entries or ()) for row in rows}
    fallen = {id(e) for paper, found in answers.items() if _has_fallen(papers[paper]) for e in found}
    with store.transaction() as tx:
        by_time: dict[datetime, list[Entry]] = {}
        for paper, found in answers.items():
            if found:
                by_time.setdefault(_seen(tx, papers[paper], now), []).extend(found)
        added = [
            one
            for seen, some in by_time.items()
            for one in tx.papers.add_entries(
                provider.stored_as,
                some,
                sha="",
                now=seen,
                old=archived_on_arrival(some, now=now, previous_poll=None),
                again=_standing_again(some, fallen),
            )
        ]
        heard = entries is not None
        tx.enrichments.write_rows(
            after(row, papers[row.paper], found=bool(answers[row.paper]), heard=heard, now=now) for row in rows
        )
    return sum(a.fresh for a in added)


def _has_fallen(paper: Paper) -> bool:
    return bool(paper.standing or paper.notices)


def _standing_again(entries: Sequence[Entry], fallen: Collection[int]) -> list[int]:
    """Positions of entries that say how a paper stands, or that nothing is said of it any more: then the record may be
    word for word what it was before the notice. `fallen`: the `id()` of those about a paper of which something was said."""
    return [at for at, e in enumerate(entries) if id(e) in fallen or e.standing or e.notices]


def _seen(tx: Transaction, paper: Paper, now: datetime) -> datetime:
    """Returns when an answer counts as first seen. Soon after a restore it may have been told before: then the restore."""
    restored = tx.site.timestamp(RESTORED)
    if restored is None or now - restored > FOLLOWED_EVERY or paper.first_seen is None or paper.first_seen > restored:
        return now
    return restored


def after(row: Enrichment, paper: Paper, *, found: bool, heard: bool, now: datetime) -> Enrichment:
    """Returns the row after a question. `heard`: the service answered readably; `found`: it has the paper. Pure."""
    if heard:
        row = replace(row, asked=now)
    if heard and row.state != WANTED:
        return _followed(row, paper, now)
    if found:
        return replace(row, state=DONE, tries=0)
    if row.tries < len(AGAIN):
        return replace(row, tries=row.tries + 1, next_at=now + AGAIN[row.tries])
    if row.state != KEPT:
        return replace(row, state=GIVEN_UP)
    return replace(row, tries=0, next_at=own_day(row.paper, since=now, at=row.next_at))


def _followed(row: Enrichment, paper: Paper, now: datetime) -> Enrichment:
    """Every week for half a year, from then on every month."""
    if row.state != KEPT and paper.first_seen is not None and now - paper.first_seen <= FOLLOWED_FOR:
        return replace(row, tries=0, next_at=now + FOLLOWED_EVERY)
    return replace(row, state=KEPT, tries=0, next_at=own_day(row.paper, since=now, at=row.next_at))


def own_day(paper: PaperId, *, since: datetime, at: datetime) -> datetime:
    """The next day after `since` on which the turn of a paper comes, in the hour of `at`. Pure.

    Papers that came together are parted over the month, so that no day asks about all of them and what becomes of one
    is heard in the middle of the month on average. Those of one day keep one hour, so that they share their requests.
    """
    days = 1 + (paper - since.toordinal() - 1) % KEPT_DAYS
    return (since + timedelta(days=days)).replace(hour=at.hour, minute=0, second=0, microsecond=0)
