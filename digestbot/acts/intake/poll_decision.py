"""Decide what one chunk of a poll means: its status, its problems, and the source's next row with its back-off. Pure.

`decide` takes everything that was read as one value and gives one value back; the caller only stores it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zlib import crc32

from digestbot.acts.intake.guarded_parse import complete_entries
from digestbot.acts.intake.listing_days import ListingDays, archived_entries
from digestbot.acts.intake.paging import PollProgress
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.model import Budget, Entry, Fetched, ParseResult, Problem, ReadStatus, Response
from digestbot.sources import as_listed
from digestbot.sources.values.poll_windows import READ
from digestbot.store import CUT, GAVE_UP, SourceRow

LONGEST_WAIT: Final = timedelta(hours=24)
MIN_BACKOFF: Final = timedelta(minutes=5)
#: after the first failures in a row to connect, or to read what came, whatever the source's interval: a laptop wakes
#: before its network, or in one whose log-in page answers for everybody
RECONNECT: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
GONE_WAIT: Final = timedelta(days=7)
MAX_AGE: Final = timedelta(hours=6)  #: the longest a server's max-age is believed
CLOCK_SLIP: Final = timedelta(hours=1)
DAYS_AHEAD: Final = timedelta(days=2)  #: no source lists papers of such a day
DAYS_END: Final = timedelta(days=1)
MAX_SHORT: Final = 3  #: polls in a row that brought less than was announced
_SHORT = "short"  #: the key of their number, beside the source's own state
_NOT_PAPERS = "not papers"  #: the key of what the last poll left out
_BUDGET = "budget"  #: the key of what a service still lets us spend


@dataclass(frozen=True, slots=True, kw_only=True)
class PollFacts:
    """Everything a decision rests on: the source before the poll, what came, and when."""

    setup: SourceSetup
    row: SourceRow  #: before the poll
    progress: PollProgress
    at: datetime  #: the time of the poll
    last_chunk: bool = False  #: pages that are left are not asked for any more
    days: ListingDays | None = None  #: the listing days after this poll; None where the source has none
    restored: datetime | None = None  #: when the store was restored from a backup

    @property
    def results(self) -> list[ParseResult]:
        """What each page said."""
        return [result for _, result in self.progress.pages]

    @property
    def unfinished(self) -> bool:
        """Further chunks of this poll follow."""
        return bool(self.progress.rest) and not self.last_chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class PageToStore:
    """One reply, its entries, and which of them were no news when they came."""

    response: Response
    result: ParseResult
    entries: tuple[Entry, ...]
    archived: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollDecision:
    """What is written after a poll."""

    status: ReadStatus
    error: str
    problems: tuple[Problem, ...]
    pages: tuple[PageToStore, ...]
    first_seen: datetime  #: of entries that are new
    row: SourceRow  #: as if nothing new came; `newest` is known when the entries are stored
    expected: int | None  #: entries the source announced, for the poll log
    log_error: str


def decide(facts: PollFacts) -> PollDecision:
    """What one chunk of a poll means."""
    status, error = poll_status(facts)
    stale = facts.days.stale() if facts.days else []
    if stale and status in (ReadStatus.OK, ReadStatus.UNCHANGED, ReadStatus.EMPTY):
        status, error = ReadStatus.STALE, "; ".join(problem.what for problem in stale)
    short = find_shortfall(facts)
    said = [problem for result in facts.results for problem in result.problems]
    problems = (*said, *facts.progress.problems, *short.problems, *stale)
    if error and not stale and not any(problem.what == error for problem in problems):
        problems += (Problem(what=error),)
    return PollDecision(
        status=status,
        error=error,
        problems=problems,
        pages=tuple(_pages(facts)),
        first_seen=_first_seen(facts),
        row=next_source_row(facts, status, error, short),
        expected=None if facts.unfinished else facts.progress.expected,
        log_error=short.mark or error,
    )


def _first_seen(facts: PollFacts) -> datetime:
    """Entries of the first poll after a restore may have been sent already: they count from the restore on."""
    before = facts.row.last_poll is None or (facts.restored is not None and facts.row.last_poll < facts.restored)
    return facts.restored if facts.restored and before else facts.at


def _pages(facts: PollFacts) -> Iterator[PageToStore]:
    source, pages = facts.setup.source, [(*page, facts.row.last_ok) for page in facts.progress.pages]
    for response, result, last_read in (*pages, *_past_pages(facts)):
        entries = complete_entries(result)
        archived = archived_entries(source, result, entries, read=last_read, now=facts.at)
        yield PageToStore(response=response, result=result, entries=entries, archived=archived)


def _past_pages(facts: PollFacts) -> Iterator[tuple[Response, ParseResult, datetime | None]]:
    """Pages of past days, each with the time the source was last read before that day."""
    source = as_listed(facts.setup.source)
    if source is None:
        return
    for day in facts.progress.again:
        opened = source.listing_day(day.day).opens
        yield from ((*page, min(facts.row.last_ok or opened, opened)) for page in day.pages)


def poll_time(last: datetime | None, results: Sequence[ParseResult], now: datetime) -> datetime:
    """The time a poll is stored under: `now`, unless our clock is behind.

    Before the last poll (`last`), either that one's clock was ahead or ours is behind. The source's dates tell: papers
    listed days after `now` show a clock that is behind, and their entries would look too old for every digest.
    """
    if last is None or now >= last - CLOCK_SLIP:
        return now
    dates = [d.earliest() for r in results for e in r.entries if (d := e.announced or e.published) is not None]
    later = [d for d in dates if now + DAYS_AHEAD < d <= last + DAYS_AHEAD]
    return max(now, min(last, max(later) + DAYS_END)) if later else now


def poll_status(facts: PollFacts) -> tuple[ReadStatus, str]:
    """One word for a poll of several pages, and a sentence where it failed."""
    results, failed = facts.results, facts.progress.failed
    bad = next((r for r in results if r.status is ReadStatus.UNREADABLE), None)
    if failed is not None or bad is not None:
        some_read = any(r.status is not ReadStatus.UNREADABLE for r in results)
        return _failure(failed, bad, some_read=some_read or (failed is None and facts.progress.unchanged > 0))
    for worst in (ReadStatus.PARTIAL, ReadStatus.STALE):
        if any(r.status is worst for r in results):
            return worst, ""
    if any(r.entries for r in results):
        return ReadStatus.OK, ""
    return (ReadStatus.EMPTY if results else ReadStatus.UNCHANGED), ""


def _failure(failed: Fetched | None, bad: ParseResult | None, *, some_read: bool) -> tuple[ReadStatus, str]:
    if failed is not None:
        return ReadStatus.PARTIAL if some_read else failed.status, failed.error
    error = bad.problems[0].what if bad is not None and bad.problems else ""
    return ReadStatus.PARTIAL if some_read else ReadStatus.UNREADABLE, error


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What is missing from a poll, as far as the numbers tell."""

    lacks: bool = False
    times: int = 0  #: polls in a row
    problems: tuple[Problem, ...] = ()
    mark: str = ""  #: for the poll log


def find_shortfall(facts: PollFacts) -> Shortfall:
    """Did everything come that the source announced? A poll that failed says itself that it is not done."""
    progress = facts.progress
    if facts.unfinished or progress.failed is not None or not progress.pages:
        return Shortfall()
    endless = bool(progress.rest)
    cut = endless or any(result.cut for result in facts.results)
    few = progress.expected is not None and progress.got < progress.expected
    if not (cut or few or progress.circles):
        return Shortfall()
    times = int(facts.row.state.get(_SHORT, 0)) + 1
    came = f"{progress.got} of {progress.expected} came"
    hint = "the same days are asked for again" if times < MAX_SHORT else f"asked {times} times: it is left at that"
    problems = [Problem(what=came, hint=hint)] if few else []
    if endless:
        problems.append(Problem(what="its list has no end: the rest was not asked for"))
    return Shortfall(lacks=True, times=times, problems=tuple(problems), mark=_shortfall_mark(few, times, came))


def _shortfall_mark(few: bool, times: int, came: str) -> str:
    if not few:
        return CUT
    return f"{GAVE_UP}: {came}" if times >= MAX_SHORT else ""


def next_source_row(facts: PollFacts, status: ReadStatus, error: str, short: Shortfall) -> SourceRow:
    """The source's row after this poll."""
    row, progress, at = facts.row, facts.progress, facts.at
    failures = row.failures + (not _is_postponed(progress.failed)) if status.failed else 0
    return SourceRow(
        name=facts.setup.name,
        kind=facts.setup.kind,
        state=_next_state(facts, short),
        validators=_next_validators(facts, short),
        moved=progress.moved,
        status=status,
        failures=failures,
        failing_since=(row.failing_since or at) if status.failed else None,
        next_poll=_next_poll(facts, status, failures),
        last_poll=at,
        last_ok=row.last_ok if status.failed else at,
        newest=row.newest,
        error=error if status.failed or status in (ReadStatus.PARTIAL, ReadStatus.STALE) else "",
    )


def _is_postponed(failed: Fetched | None) -> bool:
    """Nothing was asked: the host's lease is closed until an instant."""
    return failed is not None and failed.after is not None and failed.http_status is None


def _next_state(facts: PollFacts, short: Shortfall) -> dict[str, Any]:
    """The source's state. How far it was read moves on only when nothing is missing, or was missing too often."""
    progress, state = facts.progress, dict(facts.row.state)
    stays = (short.lacks and short.times < MAX_SHORT) or bool(progress.rest)
    for result in facts.results:
        state |= {name: value for name, value in result.state.items() if not (stays and name.startswith(READ))}
    if progress.failed is None and not progress.rest:
        state.pop(_SHORT, None)
    if short.lacks and stays:
        state[_SHORT] = short.times
    state.pop(_NOT_PAPERS, None)
    if said := "; ".join(result.not_papers for result in facts.results if result.not_papers):
        state[_NOT_PAPERS] = said[:200]
    if progress.budget is not None:
        state[_BUDGET] = _as_json(progress.budget)
    return state


def _as_json(budget: Budget) -> dict[str, Any]:
    return {"left": budget.left, "limit": budget.limit, "resets": budget.resets.isoformat() if budget.resets else None}


def budget_of(row: SourceRow) -> Budget | None:
    """What the source's service still let us spend at its last poll; None where it says nothing of it."""
    said = row.state.get(_BUDGET)
    if not isinstance(said, Mapping):
        return None
    resets = datetime.fromisoformat(said["resets"]) if said["resets"] else None
    return Budget(left=said["left"], limit=said["limit"], resets=resets)


def not_papers_of(row: SourceRow) -> str:
    """What its last poll left out because it is no paper: "2 dataset, 1 reference-entry"; "" where nothing was told."""
    return str(row.state.get(_NOT_PAPERS, ""))


def _next_validators(facts: PollFacts, short: Shortfall) -> dict[str, Any]:
    """The validators of the addresses just asked: those of dates and cursors are never asked again.

    After a poll that broke off, or lacked something, they stay as they were. Otherwise the next one would find the first
    page unchanged, and never come to the pages behind it.
    """
    progress = facts.progress
    unreadable = any(result.status is ReadStatus.UNREADABLE for result in facts.results)
    broke_off = progress.failed or progress.problems or progress.rest or short.lacks or unreadable
    return dict(facts.row.validators) if broke_off else progress.validators


def _next_poll(facts: PollFacts, status: ReadStatus, failures: int) -> datetime:
    failed = facts.progress.failed
    if failed is not None and failed.after is not None and _is_postponed(failed) and status.failed:
        return failed.after
    every = facts.setup.every
    if facts.days is not None and not status.failed:
        every = facts.days.wait(every)
    after = failed.after if failed is not None else None
    setup = replace(facts.setup, every=every)
    return next_poll(setup, failures, status, after=after, fresh_until=facts.progress.fresh_until, now=facts.at)


def next_poll(
    setup: SourceSetup,
    failures: int,
    status: ReadStatus,
    *,
    after: datetime | None,
    fresh_until: datetime | None,
    now: datetime,
) -> datetime:
    """When to ask again: when the server asks for it, else after our interval, doubled for each failure up to a day.

    A failed connection, or a page that is something else, is tried again after 1, 5 and 15 minutes first. A
    server's max-age is honoured up to six hours, lest a careless cache setting hide a day's papers. Sources are
    spread over a twentieth of their interval by their name, so that not all of them are asked in one second.
    """
    if status is ReadStatus.GONE:
        return now + GONE_WAIT
    if status.failed:
        return max(after or now, now + _backoff(setup.every, failures, status))
    spread = setup.every * (crc32(setup.name.encode()) % 1000 / 20_000)
    fresh = min(fresh_until, now + MAX_AGE) if fresh_until else now
    return max(now + setup.every + spread, fresh)


def _backoff(every: timedelta, failures: int, status: ReadStatus) -> timedelta:
    doubled = failures - 1
    if status in (ReadStatus.UNREACHABLE, ReadStatus.UNREADABLE):
        if failures <= len(RECONNECT):
            return RECONNECT[max(failures - 1, 0)]
        doubled -= len(RECONNECT)
    return max(min(every * 2.0 ** min(max(doubled, 0), 10), LONGEST_WAIT), MIN_BACKOFF)
