"""Keep account of a source's listing days: what a poll means for them, and which days to ask for again.

The decisions are in `papers.facts.listing_days`; this module reads and writes around them. Sources without listing days are
left alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from digestbot.acts.intake.client import IntakeClient
from digestbot.model import (
    Entry,
    Fetched,
    Listing,
    ListingDay,
    ListingState,
    ParseResult,
    PartialDate,
    Problem,
    ReadStatus,
    Request,
    Response,
)
from digestbot.papers.facts import listing_days as completeness
from digestbot.papers.facts.freshness import archived_on_arrival
from digestbot.papers.facts.listing_days import ASKED_AGAIN, LATE, REACH, Batch, Key, listing_id, without_version
from digestbot.sources import Listed, Source, as_listed
from digestbot.store import Store, Transaction

MOST_PAGES = 60  #: of one past day
AHEAD = timedelta(days=2)  #: no list is of a later day than that
SLIP = timedelta(hours=1)  #: a clock may be put back that far, and nothing comes of it
BEFORE = timedelta(days=5)  #: the days before a missed one too, over a long weekend: their ids tell old lists


@dataclass(frozen=True, slots=True, kw_only=True)
class PollAnswer:
    """What one poll said about listing days."""

    results: Sequence[ParseResult] = ()
    status: ReadStatus = ReadStatus.UNREACHABLE

    @property
    def unchanged(self) -> bool:
        """The same bytes as last time."""
        return self.status is ReadStatus.UNCHANGED


@dataclass(slots=True, kw_only=True)
class RecoveredDay:
    """A past day to ask for once more, and what came of it."""

    day: date
    missed: tuple[str, ...]
    pages: list[tuple[Response, ParseResult]] = field(default_factory=list)
    whole: bool = False  #: all of it answered

    @property
    def entries(self) -> list[Entry]:
        """The entries of all pages of the poll."""
        return [entry for _, result in self.pages for entry in result.entries]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingDays:
    """The listing days of one source as they stand at one moment."""

    name: str
    source: Listed
    rows: Mapping[Key, Listing]
    since: datetime  #: the source's first poll: what was listed before is not ours to have
    begin: datetime  #: from then on each day that was due has a line: the last poll, a week ago at the latest
    now: datetime

    @classmethod
    def of(cls, tx: Transaction, name: str, source: Listed, now: datetime) -> ListingDays:
        """Reads the stored days, and adds a line for each day that has become due since."""
        last = next((poll.at for poll in tx.source_log.polls_of(name, 1)), now)
        begin = min(now - REACH, last)  # the machine may have been off for longer
        rows = _stored(tx, name, source, begin, now)
        ledger = cls(
            name=name, source=source, rows=rows, since=tx.source_log.first_poll_of(name) or now, begin=begin, now=now
        )
        return ledger.after(PollAnswer()) if rows else ledger

    @property
    def days(self) -> dict[date, ListingDay]:
        """Returns the days due since `begin` and the first poll, with days that came earlier or out of turn."""
        due = self.source.due(self.begin, self.now)
        every = [*due, *map(self.source.listing_day, {day for _, day in self.rows} - {d.day for d in due})]
        return {d.day: d for d in sorted(every, key=lambda d: d.day) if d.closes > self.since and d.opens <= self.now}

    @property
    def current(self) -> ListingDay | None:
        """The day the source should show now."""
        due = [d for d in self.source.due(self.now - REACH, self.now) if d.closes > self.since]
        return due[-1] if due else None

    def after(self, answer: PollAnswer) -> ListingDays:
        """Returns the days after a poll. Without an answer only time counts: days close, or are missed."""
        entries = [entry for result in answer.results for entry in result.entries]
        found = completeness.batches(entries, self.source.parts, self.source.day_of)
        if not self.rows and not found:
            return self  # nothing tells that this source lists by days
        found = completeness.assign_to_days(found, self.rows, self.current)
        days = self.days | {day: self.source.listing_day(day) for _, day in found}
        rows = dict(self.rows)
        for day in (d for d in days.values() if d.closes > self.since):
            for part in self.source.parts:
                rows[part, day.day] = self._line(part, day, found, answer)
        return replace(self, rows=rows)

    def _line(self, part: str, day: ListingDay, found: Mapping[Key, Batch], answer: PollAnswer) -> Listing:
        """The line of one part and day after a poll."""
        fresh = Listing(source=self.name, part=part, day=day.day, state=ListingState.FILLING, updated=self.now)
        row, ids = self.rows.get((part, day.day), fresh), found.get((part, day.day), Batch()).ids
        same_list = answer.unchanged and row.got and self._is_current(day) and row.state is not ListingState.STALE
        if ids or same_list:
            row = completeness.after_list(row, ids, day, self.now)
        if not answer.status.failed and self._is_missing(row, part, day, found):
            nothing = row.expected == 0 if answer.unchanged else not any(p == part for p, _ in found)
            row = completeness.after_missing_list(row, day, self.now, nothing=nothing)
        return completeness.close_if_done(row, day, self.now)

    def _is_current(self, day: ListingDay) -> bool:
        return self.current is not None and day.day == self.current.day

    def _is_missing(self, row: Listing, part: str, day: ListingDay, found: Mapping[Key, Batch]) -> bool:
        """Should the source show this day's list now, and shows none or an older one?

        Once a day is over, what is shown says nothing of it: the empty list of a weekend is not that of Friday. A list
        of a later day, now or by an earlier poll, shows that the source is not behind.
        """
        if not self._is_current(day) or self.now >= day.closes:
            return False
        later = any(p == part and d > day.day for p, d in (*found, *self.rows))
        return completeness.left_behind(found, part, day.day) or not (row.got or later)

    def recovered(self, answers: Sequence[RecoveredDay], known: Collection[str] = frozenset()) -> ListingDays:
        """Returns the days after past days were asked for again. `known`: ids of papers that came before."""
        rows, seen = dict(self.rows), {*known, *self._of_their_days(answers)}
        for answer in sorted(answers, key=lambda answer: answer.day, reverse=True):
            # what changed since that day was announced later, too: the latest day that has a paper is its day
            late = {
                without_version(name)
                for e in self.held_back(answer)
                if without_version(name := listing_id(e)) not in seen
            }
            seen |= late
            found = completeness.batches(answer.entries, self.source.parts, self._day_in(answer, late))
            for key, row in self.rows.items():
                if row.day == answer.day and row.checked is None:
                    ids = found.get(key, Batch()).ids
                    rows[key] = completeness.after_recovery(row, ids, self.now, whole=answer.whole)
        return replace(self, rows=rows)

    def _of_their_days(self, answers: Sequence[RecoveredDay]) -> set[str]:
        """Returns the papers that a list or an answer has on the day of their submission: they were not held back."""
        listed = {without_version(one) for row in self.rows.values() for one in row.got}
        for answer in answers:
            listed |= {without_version(listing_id(e)) for e in answer.entries if self.source.day_of(e) == answer.day}
        return listed

    def held_back(self, answer: RecoveredDay) -> list[Entry]:
        """Returns the papers of an answer that are older than its day: moderation may have held them back until then."""
        return [e for e in answer.entries if completeness.held_back(e, self.source.day_of(e), answer.day)]

    def _day_in(self, answer: RecoveredDay, late: Collection[str]) -> Callable[[Entry], date | None]:
        def day_of(entry: Entry) -> date | None:
            return answer.day if without_version(listing_id(entry)) in late else self.source.day_of(entry)

        return day_of

    def days_to_recover(self) -> list[RecoveredDay]:
        """The days to ask for once more."""
        days = completeness.days_to_ask(self.rows.values(), lambda day: self.source.listing_day(day).closes, self.now)
        return [RecoveredDay(day=day, missed=self._missed(day)) for day in days]

    def _missed(self, day: date) -> tuple[str, ...]:
        return tuple(r.part for r in self.rows.values() if r.day == day and r.state is ListingState.MISSED)

    def wait(self, every: timedelta) -> timedelta:
        """How long until the next poll."""
        return completeness.next_wait(self.rows.values(), self.days, every, self.now)

    def stale(self) -> list[Problem]:
        """Returns a problem for each part whose current list is overdue."""
        if self.current is None or self.now < self.current.opens + LATE:
            return []
        rows = (self.rows.get((part, self.current.day)) for part in self.source.parts)
        return [self._behind(row) for row in rows if row and row.state is ListingState.STALE]

    def _behind(self, row: Listing) -> Problem:
        before = [r for r in self.rows.values() if r.part == row.part and r.day < row.day and r.got]
        # what was recovered, or came with other parts' lists only, this part never showed
        earlier = max((r.day for r in [r for r in before if r.equal_polls] or before), default=None)
        what = f"{row.part} shows" if row.part else "it shows"
        last = f"the list of {earlier:%A} {earlier.day} {earlier:%B}" if earlier else "an earlier list"
        return Problem(
            what=f"{what} {last}; that of {row.day:%A} is due",
            hint="it is polled again soon, and what was missed is asked for afterwards",
        )


def days_to_recover(store: Store, name: str, source: Listed, now: datetime) -> list[RecoveredDay]:
    """Returns past days that were missed, or not counted again since they ended."""
    with store.reading() as tx:
        return ListingDays.of(tx, name, source, now).days_to_recover()


async def fetch_past_day(
    source: Source, asked: RecoveredDay, ask: Callable[[Request], Awaitable[Fetched]], client: IntakeClient
) -> RecoveredDay:
    """Reads one past day page after page. A day that fails is tried again by a later poll."""
    assert isinstance(source, Listed)  # only those have days
    waiting = deque(source.recover(asked.day, asked.missed, client.clock()))
    for _ in range(MOST_PAGES if waiting else 0):
        fetched = await ask(waiting.popleft())
        if fetched.response is None:
            return asked
        result = await client.reader.read(source, fetched.response, client.clock())
        asked.pages.append((fetched.response, result))
        waiting.extend(result.next_requests)
        if not waiting:
            asked.whole = all(r.status in (ReadStatus.OK, ReadStatus.EMPTY) for _, r in asked.pages)
            return asked
    return asked


def record_listing_days(
    tx: Transaction, name: str, source: Listed, answer: PollAnswer, again: Iterable[RecoveredDay], now: datetime
) -> ListingDays:
    """Stores what a poll means for the source's listing days, and returns them."""
    before, again = ListingDays.of(tx, name, source, now), list(again)
    stored = _stored(tx, name, source, before.begin, now)
    ledger = before.after(answer).recovered(again, _known(tx, [e for day in again for e in before.held_back(day)]))
    tx.source_log.put_listings(row for key, row in ledger.rows.items() if stored.get(key) != row)
    return ledger


def current_rows(rows: Iterable[Listing], parts: Mapping[str, Collection[str]], now: datetime) -> list[Listing]:
    """Returns the rows without parts that are no longer configured (`parts`, by source) and without future days, which a
    clock that was ahead has written."""
    return [r for r in rows if r.part in parts.get(r.source, (r.part,)) and not _to_come(r, now)]


def _to_come(row: Listing, now: datetime) -> bool:
    return row.day > (now + AHEAD).date() or (row.day > now.date() and row.updated > now + SLIP)


def _stored(tx: Transaction, name: str, source: Listed, begin: datetime, now: datetime) -> dict[Key, Listing]:
    since = min(begin, now - ASKED_AGAIN) - BEFORE
    rows = current_rows(tx.source_log.listings(since=since.date(), source=name), {name: source.parts}, now)
    return {(row.part, row.day): _in_time(row, now) for row in rows}


def _in_time(row: Listing, now: datetime) -> Listing:
    """Returns the row; one written by a clock that was ahead keeps only its ids."""
    if row.updated <= now + SLIP:
        return row
    changed = None if row.changed is None else min(row.changed, now)
    return Listing(source=row.source, part=row.part, day=row.day, state=ListingState.FILLING, got=row.got,
                   changed=changed, updated=now)  # fmt: skip


def _known(tx: Transaction, entries: Sequence[Entry]) -> set[str]:
    """Returns the listing ids of the entries whose papers are stored."""
    names = {without_version(listing_id(e)): list(e.identifiers.items()) for e in entries}
    found = tx.papers.papers_by_key(key for keys in names.values() for key in keys if key[0] != "arxiv_version")
    return {name for name, keys in names.items() if any(key in found for key in keys)}


def archived_entries(
    source: Source, result: ParseResult, entries: Sequence[Entry], *, read: datetime | None, now: datetime
) -> frozenset[int]:
    """Which of the entries are old as they come. Where an entry does not say when it was listed, its source may know.

    Not of what is called new and bears no day: it may have been held back since the day it would have been listed.
    """
    if (listed := as_listed(source)) is not None:
        days = [None if not e.announced and e.announce_type == "new" else listed.day_of(e) for e in entries]
        entries = [replace(e, announced=PartialDate.of(d)) if d else e for e, d in zip(entries, days, strict=True)]
    return archived_on_arrival(entries, now=now, previous_poll=read, listed=result.listed)
