"""Completeness: the ids of each listing day against those we have, and what was old when it came. Pure.

A source that lists its papers by days is read again until a day is done: after two equal polls of a full day, or at its
closing time. A reply may look fresh and hold yesterday's list, for one category of several; so the ids decide, and the
dates only where the ids leave it open. Seen in public reports: a category's old list under a new lastBuildDate, and
dates that stay a day behind the papers below them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import cast

from digestbot.model import Entry, Listing, ListingDay, ListingState
from digestbot.papers.facts.freshness import ARCHIVED_BY_DATE

EQUAL_POLLS = 2
APART = timedelta(minutes=10)  #: two polls closer than that are one: nothing had time to change
LATE = timedelta(hours=1)  #: a day that is not there an hour after it was due is stale
REACH = timedelta(days=7)  #: how far back a source's calendar is looked at, and what was announced is news
TOLD = timedelta(days=30)  #: how long a day that was missed and could not be recovered is spoken of
UNSEEN = timedelta(hours=6)  #: nobody looked in the last hours of a day: what came in them is not known
SOON = timedelta(minutes=15)  #: to the next poll of what is not done; twice as long after each that brought nothing
SEQUENCE = 10  #: numbers with one beginning: fewer are no sequence of the source's own
DENSE = 0.9  #: of the numbers between the first and the last: less is no sequence of the source's own

ASKED_AGAIN = ARCHIVED_BY_DATE  #: a past day is asked for as long as what it brings can be news

Key = tuple[str, date]  #: (part, listing day)

_NUMBER = re.compile(r"(.*?)(?<!\d)(\d+)(v\d+)?\Z")


@dataclass(frozen=True, slots=True)
class Batch:
    """The ids that a reply lists for one day of one part."""

    ids: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()  #: those that are in no other part: only the part's own list brings them


def batches(entries: Iterable[Entry], parts: Sequence[str], day_of: Callable[[Entry], date | None]) -> dict[Key, Batch]:
    """Group a reply by part and listing day. A paper in two categories is in both groups."""
    ids: dict[Key, set[str]] = {}
    own: dict[Key, set[str]] = {}
    for entry in entries:
        day, among = day_of(entry), _parts_of(entry, parts)
        for part in among if day else ():
            key = (part, cast("date", day))
            ids.setdefault(key, set()).add(listing_id(entry))
            own.setdefault(key, set()).update([listing_id(entry)] if len(among) == 1 else [])
    return {key: Batch(frozenset(ids[key]), frozenset(own[key])) for key in ids}


def _parts_of(entry: Entry, parts: Sequence[str]) -> list[str]:
    """`math` has math.AG below it."""
    return [p for p in parts if not p or any(c == p or c.startswith(f"{p}.") for c in entry.categories)]


def listing_id(entry: Entry) -> str:
    """What an entry is called in the ledger: the arXiv id, with the version of a replacement; else the DOI or its key."""
    arxiv, version = entry.identifiers.get("arxiv", ""), entry.identifiers.get("arxiv_version", "1")
    if arxiv:
        return arxiv if version == "1" else f"{arxiv}v{version}"
    return entry.identifiers.get("doi") or entry.native_key


def assign_to_days(
    found: Mapping[Key, Batch], known: Mapping[Key, Listing], due: ListingDay | None
) -> dict[Key, Batch]:
    """Reassign each batch to the day that it belongs to.

    A part's own ids that all stood in an earlier day are that day's, whatever date they bear; ids most of which are new
    under the date of a day that was done are of the day that is due.
    """
    made: dict[Key, Batch] = {}
    for (part, day), batch in found.items():
        last = _last_list_before(known, part, day)
        if last is not None and (batch.own or batch.ids) <= set(last.got):
            _add(made, (part, last.day), Batch(batch.ids & set(last.got), batch.own))
            batch = Batch(batch.ids - set(last.got))
        elif due and day < due.day and (part, due.day) not in found and _moved_on(batch, known.get((part, day))):
            day = due.day
        _add(made, (part, day), batch)
    return made


def _last_list_before(known: Mapping[Key, Listing], part: str, day: date) -> Listing | None:
    earlier = [row for (p, d), row in known.items() if p == part and d < day and row.got]
    return max(earlier, key=lambda row: row.day, default=None)


def _moved_on(batch: Batch, row: Listing | None) -> bool:
    return row is not None and row.done and bool(row.got) and 2 * len(batch.ids & set(row.got)) < len(batch.ids)


def _add(made: dict[Key, Batch], key: Key, batch: Batch) -> None:
    if batch.ids:
        before = made.get(key, Batch())
        made[key] = Batch(before.ids | batch.ids, before.own | batch.own)


def left_behind(found: Mapping[Key, Batch], part: str, day: date) -> bool:
    """Does the reply show this part's earlier list, and of the day only what other parts share with it?"""
    shown = found.get((part, day), Batch())
    return not shown.own and any(batch.own for (p, d), batch in found.items() if p == part and d < day)


def after_list(row: Listing, ids: frozenset[str], day: ListingDay, now: datetime) -> Listing:
    """Returns the row after a poll that listed these ids of its day: ids are only added."""
    got = set(row.got) | ids
    if len(got) > len(row.got):
        equal, changed = int(now >= day.full), now
    else:
        counts = now >= day.full and (row.equal_polls == 0 or now - row.updated >= APART)
        equal, changed = row.equal_polls + counts, row.changed or now
        if not counts:
            return row
    state = row.state if row.done else ListingState.FILLING
    return replace(
        row, got=tuple(sorted(got)), equal_polls=equal, changed=changed, updated=now, state=state,
        expected=None if row.expected is None else max(row.expected, len(got)),
    )  # fmt: skip


def after_missing_list(row: Listing, day: ListingDay, now: datetime, *, nothing: bool) -> Listing:
    """The line after a poll that did not show its day's list. `nothing`: the source had nothing of any day."""
    if row.done:
        return row
    if nothing:  # a valid list without papers: a holiday, or a small category
        return replace(row, state=ListingState.FILLING, expected=0, updated=now)
    late = row.got or now >= day.opens + LATE  # what it got stood in other parts' lists
    state = ListingState.STALE if late else ListingState.FILLING
    return replace(row, state=state, expected=None, equal_polls=0, updated=now)


def close_if_done(row: Listing, day: ListingDay, now: datetime) -> Listing:
    """Close the row after two equal polls of a full day or at its closing time; without any list it becomes missed.

    How many there were nobody can say of a day that was not looked at again until shortly before its end.
    """
    row = _ended(row, day, now)
    return replace(row, expected=None) if is_end_unseen(row, day, now) and not row.missing else row


def is_end_unseen(row: Listing, day: ListingDay, now: datetime) -> bool:
    """Has the day ended with no poll since long before its end?"""
    return row.done and row.checked is None and now >= day.closes and day.closes - row.updated > UNSEEN


def _ended(row: Listing, day: ListingDay, now: datetime) -> Listing:
    if row.done or row.state is ListingState.MISSED:
        return row
    if row.got and row.equal_polls >= EQUAL_POLLS and not row.missing:
        return _closed(row)
    if now < day.closes:
        return row
    seen = row.state is ListingState.FILLING and (row.got or row.expected == 0)
    return _closed(row) if seen else replace(row, state=ListingState.MISSED)


def _closed(row: Listing) -> Listing:
    """A source that gives no number of its own has as many as it listed."""
    expected = len(row.got) if row.expected is None else row.expected
    return replace(row, state=ListingState.CLOSED, expected=expected)


def after_recovery(row: Listing, ids: frozenset[str], now: datetime, *, whole: bool) -> Listing:
    """The line after its day was asked for once more, with what that brought. `whole`: nothing of the answer lacked."""
    known = {without_version(one) for one in row.got}
    got = (*row.got, *(one for one in ids if without_version(one) not in known))
    row = replace(row, got=tuple(sorted(got)), updated=now, changed=now if len(got) > len(row.got) else row.changed)
    if not whole:
        return replace(row, tries=row.tries + 1)
    return replace(row, state=ListingState.CLOSED, expected=max(len(got), row.expected or 0), checked=now)


def held_back(entry: Entry, day: date | None, asked: date) -> bool:
    """Is a paper in the answer for a past day older than what that day announced, and yet called new?

    A moderator held it, or something about it was changed; who knows it already is told by the caller.
    """
    return entry.announced is None and entry.announce_type == "new" and day is not None and day < asked


def days_to_ask(rows: Iterable[Listing], closes: Callable[[date], datetime], now: datetime) -> list[date]:
    """The days to ask for once more, oldest first: over, not checked yet, at most two weeks ago."""
    return sorted({
        row.day for row in rows
        if row.checked is None and closes(row.day) <= now and row.day >= (now - ASKED_AGAIN).date()
        and now >= row.updated + SOON * (2 ** min(row.tries, 6)) * bool(row.tries)
    })  # fmt: skip


def next_wait(rows: Iterable[Listing], days: Mapping[date, ListingDay], every: timedelta, now: datetime) -> timedelta:
    """How long to wait until the next poll: less than `every` while something that is full is not done."""
    waits: list[timedelta] = [
        SOON * (2 ** _doublings(_begun(row, days[row.day]), now))
        for row in rows
        if not row.done and row.state is not ListingState.MISSED and row.day in days and now >= days[row.day].full
    ]
    return min([every, *waits])


def _begun(row: Listing, day: ListingDay) -> datetime:
    """Returns the start of waiting: when the day was full, was found stale, or its ids last changed."""
    due = day.full + LATE if row.state is ListingState.STALE else day.full
    return max(row.changed or due, due)


def _doublings(since: datetime, now: datetime) -> int:
    """Waits of 15, 30, 60 … minutes, one after the other since then: which is the next."""
    return min(max(int((now - since) / SOON + 1).bit_length() - 1, 0), 8)


def missing_ids(ids: Sequence[str]) -> list[str]:
    """Returns the ids missing between the first and the last, where a source numbers papers consecutively."""
    found: dict[str, set[int]] = {}
    width: dict[str, int] = {}
    for one in ids:
        if split := _NUMBER.match(one):
            found.setdefault(split[1], set()).add(int(split[2]))
            width[split[1]] = len(split[2]) if split[2].startswith("0") else width.get(split[1], 0)
    return [
        f"{head}{number:0{width[head]}d}"
        for head, numbers in found.items()
        if len(numbers) >= SEQUENCE and len(numbers) >= DENSE * (max(numbers) - min(numbers) + 1)
        for number in range(min(numbers), max(numbers))
        if number not in numbers
    ]


def without_version(one: str) -> str:
    """Returns the id without its version."""
    return re.sub(r"(?<=\d)v\d+\Z", "", one)
